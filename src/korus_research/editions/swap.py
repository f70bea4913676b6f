"""Putting a finished folder in the place of another so that at no moment there is none that can be had back.

A rename can't replace a folder that holds something. Linux can exchange two names at once; elsewhere it takes two
renames, and the name that the old folder has between them tells the next start whose place it is to take again
(decisions 5 and 62).
"""

from __future__ import annotations

import ctypes
import errno
import os
import re
import shutil
from pathlib import Path

from korus_research.data.files import flush, output_errors

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_NOT_HERE = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EPERM)
_TEMPORARY = re.compile(r"\.(?P<kind>new|old)-(?P<name>\d{4}-\d{2})-(?P<pid>\d+)")


def temporary(parent: Path, name: str) -> Path:
    """Return the name beside `parent/name` under which this process prepares it."""
    return parent / f".new-{name}-{os.getpid()}"


def swap_in(new: Path, target: Path) -> None:
    """Give the folder `new`, somewhere below the parent of `target`, that name; what had it before is removed.

    OutputFolder where the file system refuses.
    """
    with output_errors(target.parent):
        if not target.exists():
            new.rename(target)
        else:
            if not exchange_names(new, target):
                _rename_in_turn(new, target)
            shutil.rmtree(new)
        flush(target.parent)


def exchange_names(one: Path, other: Path) -> bool:
    """Exchange two names in one step; return False where the system can't."""
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    if renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in _NOT_HERE:
        return False
    raise OSError(code, os.strerror(code), str(other))


def _rename_in_turn(new: Path, target: Path) -> None:
    old = target.with_name(f".old-{target.name}-{os.getpid()}")
    target.rename(old)
    new.rename(target)
    old.rename(new)  # only a whole edition may carry the name that `repair` puts back


def repair(parent: Path, name: str) -> None:
    """Put back what a killed run had moved away, and remove the temporary folders of processes that are gone.

    To be called with `locked(parent, name)`.
    """
    with output_errors(parent):
        for path in parent.iterdir():
            match = _TEMPORARY.fullmatch(path.name)
            if not match:
                continue
            # Nobody but the holder of the lock works on this name; other names belong to whoever is alive, and an
            # old edition of theirs may be the only one there is.
            if match["name"] == name and match["kind"] == "old" and not (parent / name).exists():
                path.rename(parent / name)
            elif match["name"] == name or (match["kind"] == "new" and not _alive(int(match["pid"]))):
                shutil.rmtree(path, ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
