"""Putting a finished folder in the place of another so that at no moment there is none, or half of one.

A rename can't replace a folder that holds something. Linux can exchange two names at once; elsewhere it takes two
renames, and a journal written before them tells the next start how to go on if it was interrupted between them.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from korus_research.errors import Busy, OutputFolder

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_NOT_HERE = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EPERM)
_TEMPORARY = re.compile(r"\.(?:new|old)-(?P<name>\d{4}-\d{2})-(?P<pid>\d+)")


@contextmanager
def locked(parent: Path, name: str, *, patient: bool = False) -> Iterator[None]:
    """Hold `parent/name` against every other run that would write it.

    Raises
    ------
    Busy
        Another process holds it. If `patient`, wait for it instead.
    OutputFolder
        `parent` can't be made or written.
    """
    path = parent / f".{name}.lock"
    with writing(parent):
        parent.mkdir(parents=True, exist_ok=True)
        descriptor = _lock(path, patient)
    try:
        yield
    finally:
        # While it is still held: whoever waits for this file finds that its name is gone and takes a new one.
        path.unlink(missing_ok=True)
        os.close(descriptor)


def _lock(path: Path, patient: bool) -> int:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX if patient else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 20).decode("ascii", "replace").strip() or "unknown"
            os.close(descriptor)
            raise Busy(
                f"Another run (process {holder}) is writing {path.parent / path.name[1:-5]}",
                do="Wait until it ends, or choose another --out",
            ) from None
        except OSError:
            os.close(descriptor)
            raise
        try:
            same = os.path.samestat(os.fstat(descriptor), path.stat())
        except FileNotFoundError:
            same = False
        if same:
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"{os.getpid()}\n".encode())
            return descriptor
        os.close(descriptor)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turn what the file system has to say about `folder` into one clear error.

    Raises
    ------
    OutputFolder
        No space, no permission, read-only, or a file where a folder should be.
    """
    try:
        yield
    except OSError as error:
        where = error.filename or folder
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            do = "Free some space (an edition takes about 10 MB while it is written), or choose another --out"
            raise OutputFolder(f"There is no space left for {where}", do=do) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENAMETOOLONG, errno.ELOOP):
            raise OutputFolder(f"{where} can't be written ({error.strerror})", do="Choose another --out") from error
        if error.errno in (errno.ENOTDIR, errno.EEXIST):
            raise OutputFolder(
                f"{where} is not a folder", expected="a folder, or a name that is free", do="Choose another --out"
            ) from error
        raise


def temporary(parent: Path, name: str) -> Path:
    """Return the name beside `parent/name` under which this process prepares it."""
    return parent / f".new-{name}-{os.getpid()}"


def put_in_place(new: Path, target: Path) -> None:
    """Give the folder `new`, somewhere below the parent of `target`, that name; what had it before is removed.

    Raises
    ------
    OutputFolder
        The file system refuses.
    """
    with writing(target.parent):
        if not target.exists():
            new.rename(target)
        elif exchange_names(new, target):
            shutil.rmtree(new)
        else:
            _rename_twice(new, target)
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


def _rename_twice(new: Path, target: Path) -> None:
    journal = _journal(target)
    old = target.parent / f".old-{target.name}-{os.getpid()}"
    steps = {"new": new.relative_to(target.parent).as_posix(), "old": old.name}
    write_whole(journal, json.dumps(steps).encode())
    target.rename(old)
    new.rename(target)
    journal.unlink()
    shutil.rmtree(old)


def repair(parent: Path, name: str) -> None:
    """Finish what a killed run left behind, and remove the temporary folders of processes that are gone.

    To be called with `locked(parent, name)`.
    """
    target = parent / name
    journal = _journal(target)
    with writing(parent):
        if journal.exists():
            steps = json.loads(journal.read_text(encoding="utf-8"))
            new, old = parent / steps["new"], parent / steps["old"]
            # The journal is written after the new folder was checked, so the new one is whole.
            whole = next((path for path in (new, old) if path.exists()), None)
            if whole is not None and not target.exists():
                whole.rename(target)
            journal.unlink()
        _forget_drafts(journal)
        for path in parent.iterdir():
            match = _TEMPORARY.fullmatch(path.name)
            # Nobody but the holder of the lock works on this name; other names belong to whoever is alive.
            if match and (match["name"] == name or not _alive(int(match["pid"]))):
                shutil.rmtree(path, ignore_errors=True)


def _journal(target: Path) -> Path:
    return target.parent / f".{target.name}.journal"


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that its name shows either what was there or all of `content`; nobody else may be writing it."""
    _forget_drafts(path)
    beside = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.rename(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    flush(path.parent)


def _forget_drafts(path: Path) -> None:
    for left in path.parent.glob(f".{path.name}-*"):
        left.unlink()


def flush_folders(folder: Path) -> None:
    """Have the names of all files below `folder` on the disk."""
    for path in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
        flush(path)


def flush(path: Path) -> None:
    """Have a file or the names in a folder on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
