"""Atomic writes, locks against other processes, and clear errors for what the file system refuses.

The lock is our own `flock`: filelock leaves its file behind, polls every 50 ms and does not say who holds it
(decision 62). Windows has its own lock (decision 127).
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from korus_research.errors import Busy, OutputFolder


@contextmanager
def locked(parent: Path, name: str, *, patient: bool = False, option: str = "--out") -> Iterator[None]:
    """Lock `parent/name` against other runs; `option` is the command-line option that names another place.

    Busy if another process holds the lock (`patient`: wait for it instead); OutputFolder if `parent` can't be created
    or written.
    """
    path = parent / f".{name}.lock"
    with output_errors(parent, option=option):
        parent.mkdir(parents=True, exist_ok=True)
        descriptor = _lock(path, patient, option)
    try:
        yield
    finally:
        # Removed while still locked: a process that waits for it notices and creates a new one. A shared disk may
        # refuse the removal; a file that nobody has locked blocks nobody.
        with suppress(OSError):
            path.unlink()
        os.close(descriptor)


def _lock(path: Path, patient: bool, option: str) -> int:
    while True:
        # Never through a symbolic link: its target would be truncated.
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o644)
        try:
            hold(descriptor, patient=patient)
        except BlockingIOError:
            holder = os.read(descriptor, 20).decode("ascii", "replace").strip() or "unknown"
            os.close(descriptor)
            raise Busy(
                f"Another run (process {holder}) is writing {path.parent / path.name[1:-5]}",
                do=f"Wait until it ends, or choose another {option}",
            ) from None
        except OSError:
            os.close(descriptor)
            raise
        try:
            if os.path.samestat(os.fstat(descriptor), path.stat()):
                os.ftruncate(descriptor, 0)
                os.write(descriptor, f"{os.getpid()}\n".encode())
                return descriptor
        except FileNotFoundError:
            pass
        except OSError:
            os.close(descriptor)
            raise
        os.close(descriptor)


def hold(descriptor: int, *, patient: bool) -> None:
    """Lock an open file until it is closed; if another process holds it, wait (`patient`) or raise BlockingIOError."""
    try:
        import fcntl
    except ImportError:
        _hold_on_windows(descriptor, patient)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX if patient else fcntl.LOCK_EX | fcntl.LOCK_NB)


def _hold_on_windows(descriptor: int, patient: bool) -> None:
    import msvcrt

    os.lseek(descriptor, _FAR, os.SEEK_SET)  # nobody else can read the locked byte
    try:
        while True:
            try:
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
            except OSError:
                if not patient:
                    raise BlockingIOError from None
                time.sleep(_LOOK)
            else:
                return
    finally:
        os.lseek(descriptor, 0, os.SEEK_SET)


@contextmanager
def output_errors(folder: Path, *, option: str = "--out") -> Iterator[None]:
    """Turn errors of the file system in `folder` into OutputFolder; errors about other places pass unchanged.

    An error that names no path, such as that of a write, is about `folder` if its number is one of a disk.
    """
    try:
        yield
    except OSError as error:
        named = Path(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else None
        ours = error.errno in _OF_A_DISK if named is None else _along(named, folder)
        if not ours and error.errno not in _NO_SPACE:
            raise
        if named is None and error.errno in _NO_SPACE:  # the error does not say which of the two places is full
            named = min((folder, Path(tempfile.gettempdir())), key=_free)
            ours = named == folder
        raise _refused(named or folder, error, ours=ours, option=option) from error


def temporary_folder() -> Path:
    """Return the folder for temporary files; OutputFolder if there is none, or almost no space in it."""
    do = "Free space there, or set TMPDIR"
    try:
        folder = Path(tempfile.gettempdir())
        free = _free(folder)
    except OSError as error:
        raise OutputFolder(f"There is no temporary folder ({error.strerror or error})", do=do) from None
    if free < _TEMPORARY_BYTES:
        expected = f"{_TEMPORARY_BYTES >> 20} MB"
        raise OutputFolder(f"The temporary folder {folder} has {free >> 10:,} kB left", expected=expected, do=do)
    return folder


def _free(folder: Path) -> int:
    return shutil.disk_usage(next(path for path in (folder, *folder.parents) if path.exists())).free


def _along(named: Path, folder: Path) -> bool:
    return named.is_relative_to(folder) or folder.is_relative_to(named)


_FAR = 1 << 30  # offset of the byte that is locked on Windows
_LOOK = 0.05  # seconds between two attempts on Windows
_TEMPORARY_BYTES = 10 << 20  # a report takes 1 to 5 MB there
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
_OF_A_DISK = (
    *_NO_SPACE,
    *(errno.EACCES, errno.EPERM, errno.EROFS, errno.ENAMETOOLONG, errno.ELOOP, errno.ENOTDIR, errno.EEXIST),
    *(errno.EISDIR, errno.EFBIG, errno.EIO, errno.ENOTSUP, errno.ENOLCK, errno.EXDEV, errno.ESTALE),
)


def _refused(where: Path, error: OSError, *, ours: bool, option: str) -> OutputFolder:
    if error.errno in _NO_SPACE:
        do = f"Free some space (an edition takes about 10 MB while it is written), or choose another {option}"
        elsewhere = "Free space there, or set TMPDIR"
        return OutputFolder(f"There is no space left for {where}", do=do if ours else elsewhere)
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        expected = "a folder, or a name that is free"
        where = next((path for path in (where, *where.parents) if path.exists() and not path.is_dir()), where)
        return OutputFolder(f"{where} is not a folder", expected=expected, do=f"Choose another {option}")
    if error.errno == errno.EISDIR:
        return OutputFolder(f"{where} is a folder", expected="a file, or a name that is free", do="Move it away")
    return OutputFolder(f"{where} can't be written ({error.strerror})", do=f"Choose another {option}")


def write_whole(path: Path, content: bytes, *, lasting: bool = True) -> None:
    """Replace a file atomically; no other process may be writing it.

    Without `lasting` it is not flushed to disk, and the reader must notice a file that a power failure damaged.
    """
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)  # left by a run that was killed
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            if lasting:
                os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        if error.filename is None:  # of a write; `output_errors` finds out which disk is full
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error  # the name that was asked for
    if lasting:
        flush(path.parent)


def flush_folders(folder: Path) -> None:
    """Flush the directory entries below `folder` to disk."""
    for path in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
        flush(path)


def flush(path: Path) -> None:
    """Flush a file or a folder's entries to disk, if the file system can."""
    if os.name == "nt" and path.is_dir():  # Windows opens no folder
        return
    descriptor = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # SMB and some FUSE file systems can't flush a folder.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF) or not path.is_dir():
            raise OSError(error.errno, error.strerror, str(path)) from None  # the system doesn't say of which
    finally:
        os.close(descriptor)
