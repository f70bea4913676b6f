"""Files written whole, names held against other processes, and what the file system refuses said plainly.

The lock is `flock`, by hand: filelock leaves its file behind, asks every 50 ms and doesn't say who holds it
(decision 62); where there is no `flock`, Windows' own (decision 127).
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
    """Hold `parent/name` against every other run that would write it; `option` is the command's for another place.

    Busy where another process holds it (if `patient`, wait for it instead), OutputFolder where `parent` can't be made
    or written.
    """
    path = parent / f".{name}.lock"
    with output_errors(parent, option=option):
        parent.mkdir(parents=True, exist_ok=True)
        descriptor = _lock(path, patient, option)
    try:
        yield
    finally:
        # While it is still held: whoever waits for this file finds that its name is gone and takes a new one. A shared
        # disk may refuse that; an empty file that nobody holds stops nobody.
        with suppress(OSError):
            path.unlink()
        os.close(descriptor)


def _lock(path: Path, patient: bool, option: str) -> int:
    while True:
        # Never through a link: what it leads to would be emptied.
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
    """Lock an open file until it is closed; where another holds it wait if `patient`, else BlockingIOError."""
    try:
        import fcntl
    except ImportError:
        _hold_on_windows(descriptor, patient)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX if patient else fcntl.LOCK_EX | fcntl.LOCK_NB)


def _hold_on_windows(descriptor: int, patient: bool) -> None:
    import msvcrt

    os.lseek(descriptor, _FAR, os.SEEK_SET)  # what is locked there nobody else can read
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
    """Turn what the file system refuses in `folder` into one clear error; errors about other places pass as they are.

    OutputFolder for no space, no permission, read-only, a file where a folder should be, and whatever else it says. An
    error that names no place, as of a write, is one of the disk where its number says so.
    """
    try:
        yield
    except OSError as error:
        named = Path(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else None
        ours = error.errno in _OF_A_DISK if named is None else _along(named, folder)
        if not ours and error.errno not in _NO_SPACE:
            raise
        if named is None and error.errno in _NO_SPACE:  # which of the two places was written to isn't told
            named = min((folder, Path(tempfile.gettempdir())), key=_free)
            ours = named == folder
        raise _refused(named or folder, error, ours=ours, option=option) from error


def temporary_folder() -> Path:
    """Return the folder for temporary files; OutputFolder where there is none, or next to no space in it."""
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


_FAR = 1 << 30  # of the bytes of a file the one that stands for the lock on Windows
_LOOK = 0.05  # seconds until a waiter on Windows looks again
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
    """Write a file so that its name shows either what was there or all of `content`; nobody else may be writing it.

    What is not `lasting` may be lost with the machine's power, which whoever reads it must notice.
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
        if error.filename is None:  # of a write; `output_errors` looks where there is no space
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error  # the name that was asked for
    if lasting:
        flush(path.parent)


def flush_folders(folder: Path) -> None:
    """Have the names of all files below `folder` on the disk."""
    for path in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
        flush(path)


def flush(path: Path) -> None:
    """Have a file or the names in a folder on the disk, as far as the file system can."""
    if os.name == "nt" and path.is_dir():  # Windows opens no folder
        return
    descriptor = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # SMB and some FUSE can't for a folder: there the rename itself is all that can be had.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF) or not path.is_dir():
            raise OSError(error.errno, error.strerror, str(path)) from None  # the system doesn't say of which
    finally:
        os.close(descriptor)
