"""Replace one folder by another so that a complete one can be recovered at any moment.

A rename can't replace a folder that is not empty. Linux can exchange two names in one step; elsewhere it takes two
renames, and the name of the old folder in between tells the next run where to restore it (decisions 5, 62 and 119).
A folder is complete if it has its `marker`, a file that is written last and removed first. A data package is staged
beside its place and then swapped in.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from korus_research.data.catalog import Catalog, open_catalog
from korus_research.data.files import flush, flush_folders, locked, output_errors
from korus_research.data.schema import DESCRIPTOR
from korus_research.errors import DamagedData

if TYPE_CHECKING:
    from korus_research.data.package.compile import Compiled

OPTION = "--data"
DO = "The package stays as it was; see docs/refresh.md"
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_NOT_HERE = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EPERM, errno.EXDEV)


def temporary(parent: Path, name: str) -> Path:
    """Return the path beside `parent/name` where the holder of its lock prepares the new folder."""
    return parent / f".new-{name}"


def swap_in(new: Path, target: Path, *, marker: str) -> None:
    """Put the folder `new` (on the same file system) in the place of `target`, and remove the old one.

    OutputFolder if the file system refuses.
    """
    with output_errors(target.parent):
        if not target.exists():
            new.rename(target)
        else:
            if not exchange_names(new, target):
                _rename_in_turn(new, target, marker)
            shutil.rmtree(new, ignore_errors=True)
        flush(target.parent)


def exchange_names(one: Path, other: Path) -> bool:
    """Exchange two names atomically; return False if the system can't."""
    if sys.platform != "linux":
        return False
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    if renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in _NOT_HERE:
        return False
    raise OSError(code, os.strerror(code), str(other))


def _rename_in_turn(new: Path, target: Path, marker: str) -> None:
    old = target.with_name(f".old-{target.name}")
    try:
        target.rename(old)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy_aside(target, old, marker)
    try:
        new.rename(target)
    except OSError:
        with suppress(OSError):  # else the next start does it
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _copy_aside(target: Path, old: Path, marker: str) -> None:
    """Copy a folder that can't be renamed (in a lower layer of an overlay, as in an image) to `old`, and remove it."""
    copied = temporary(target.parent, target.name) / "old"
    shutil.copytree(target, copied, symlinks=True)
    flush_folders(copied)
    copied.rename(old)
    (target / marker).unlink(missing_ok=True)
    shutil.rmtree(target)


def settle(parent: Path, name: str, *, marker: str) -> None:
    """Complete or undo what a killed run left of `name`; call it while holding the lock of `name`."""
    target, old = parent / name, parent / f".old-{name}"
    if old.exists() and not (target / marker).exists():  # the only one there is
        shutil.rmtree(target, ignore_errors=True)
        old.rename(target)
    for path in (old, temporary(parent, name)):
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Lock a package against other writers, and repair what a killed run left of it.

    Busy if another process holds the lock, OutputFolder if the parent folder can't be written.
    """
    with locked(folder.parent, folder.name, option=OPTION), output_errors(folder.parent, option=OPTION):
        settle(folder.parent, folder.name, marker=DESCRIPTOR)
        yield


def stage(compiled: Compiled, folder: Path) -> Catalog:
    """Write the compiled package into the new folder `folder`, and return its catalog.

    DamagedData if a file differs from its descriptor, OutputFolder if the folder can't be written.
    """
    from korus_research.data.package.write import LIMIT, write_package

    with output_errors(folder, option=OPTION):
        shutil.copytree(compiled.base.folder, folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    write_package(compiled.package, compiled.files, folder)
    catalog = open_catalog(folder)
    if (total := sum(catalog.describe(name).bytes for name in catalog.names)) > LIMIT:
        raise DamagedData(f"the package would have {total:,} bytes", expected=f"at most {LIMIT:,}", do=DO)
    for dataset in map(catalog.describe, catalog.names):
        # Changed tables were checked against their schema when compiled; the others need only their hash.
        if sha256(dataset.path.read_bytes()).hexdigest() != dataset.sha256:
            found = f"{dataset.path}: the file has another sha256 than the package says"
            raise DamagedData(found, expected=dataset.sha256[:12], do=DO)
    return catalog


def adopt(staged: Path, folder: Path) -> None:
    """Put the package `staged` in the place of `folder`; call it within `held(folder)`."""
    flush_folders(staged)
    swap_in(staged, folder, marker=DESCRIPTOR)
