"""A store of bytes under keys made from content: an entry is complete or absent, and never outdated.

Entries are files with a checksum that get their name in one step, so a process killed while writing leaves nothing that
is read later, and a damaged entry counts as absent. They are private: only their user can read them, and one owned by
another user counts as absent. When the store exceeds its bound, the least recently used entries are removed; the clock
decides nothing else. If the folder can't be written, nothing is kept, which costs time but no result. Only files with
names of the store are ever removed, in a folder that it has marked: the folder may be somebody's home.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from korus_research.data.files import hold
from korus_research.errors import InvalidParameter

Value = TypeVar("Value")

FOLDER = "KORUS_CACHE"
BOUND = "KORUS_CACHE_MB"
DEFAULT_MB = 500

TAG = "CACHEDIR.TAG"  # bford.info/cachedir: backups leave such folders out

_KEY = re.compile(r"[a-z]+-[0-9a-f]{64}")
_DRAFT = re.compile(r"\.[0-9a-f]{64}-[0-9a-f]{16}")
_MARK = b"Signature: 8a477f597d28d172789f06886806bc55\n# Results of korus-research; removing them costs time only.\n"
_CHECK = 32
_LEVEL = 1  # notebooks are mostly pictures; a higher level costs seconds per report and saves a tenth
_AS_THEY_ARE = getattr(os, "O_BINARY", 0)  # no newline conversion on Windows
_NOT_OF_A_LINK = getattr(os, "O_NOFOLLOW", 0)
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _AS_THEY_ARE


def digest(content: str | bytes) -> str:
    """Return the sha256 of text or bytes, in hexadecimal."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


class Cache:
    """Bytes by key in `folder`, which is created on the first write; at most `bound` bytes are kept."""

    def __init__(self, folder: Path, bound: int) -> None:
        self.folder = folder
        self.bound = bound

    @property
    def keeps(self) -> bool:
        """Whether anything can be stored; creates the folder."""
        try:
            _make_private(self.folder)
            self._mark()
        except OSError:
            return False
        return os.access(self.folder, os.W_OK)

    def get(self, key: str) -> bytes | None:
        """Return the value stored under `key`, or None if it is absent, damaged or another user's."""
        path = self._place(key)
        try:
            content = _read_own(path)
        except OSError:
            return None
        packed = content[_CHECK:]
        try:
            if _checksum(key, packed) != content[:_CHECK]:
                raise ValueError("checksum")
            value = zlib.decompress(packed)
        except (ValueError, zlib.error):
            with suppress(OSError):
                path.unlink()
            return None
        with suppress(OSError):  # the store may be read-only
            os.utime(path)
        return value

    def read(self, key: str, parse: Callable[[bytes], Value]) -> Value | None:
        """Return `parse` of the value stored under `key`; None if there is none, or if it fails: then it is removed.

        The checksum only proves that the value is as written, not that it has the expected form.
        """
        if (kept := self.get(key)) is None:
            return None
        try:
            return parse(kept)
        except Exception:  # whatever it holds instead
            with suppress(OSError):
                self._place(key).unlink()
            return None

    def put(self, key: str, value: bytes) -> bool:
        """Store `value` under `key`; return whether that was possible."""
        path = self._place(key)
        packed = zlib.compress(value, _LEVEL)
        beside = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
        try:
            _make_private(path.parent)
            self._mark()
            with os.fdopen(os.open(beside, _NEW, 0o600), "wb") as file:
                hold(file.fileno(), patient=True)  # tells `prune` that the writer is alive
                file.write(_checksum(key, packed) + packed)
            beside.replace(path)  # closed: Windows renames no open file
        except OSError:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
            return False
        return True

    def prune(self) -> None:
        """Remove abandoned drafts, and the least recently used entries beyond the bound."""
        entries, total = [], 0
        for path in self._files() if _read_or_none(self.folder / TAG) == _MARK else ():
            with suppress(OSError):  # another process may have removed it
                if path.name.startswith("."):
                    if _DRAFT.fullmatch(path.name) and _is_left(path):
                        path.unlink()
                    continue
                if not _KEY.fullmatch(f"{path.parts[-3]}-{path.name}") or path.is_symlink():
                    continue
                state = path.stat()
                entries.append((state.st_mtime_ns, state.st_size, path))
                total += state.st_size
        for _, size, path in sorted(entries):
            if total <= self.bound:
                break
            with suppress(OSError):
                path.unlink()
            total -= size

    def _place(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise ValueError(f"not a key: {key!r}")
        kind, _, number = key.partition("-")
        return self.folder / kind / number[:2] / number

    def _files(self) -> Iterator[Path]:
        yield from self.folder.glob("[a-z]*/[0-9a-f][0-9a-f]/*")

    def _mark(self) -> None:
        tag = self.folder / TAG
        if not tag.exists():
            with suppress(FileExistsError):
                descriptor = os.open(tag, _NEW, 0o600)
                with os.fdopen(descriptor, "wb") as file:
                    file.write(_MARK)


def _is_left(draft: Path) -> bool:
    """Return whether the writer of a draft is gone: its lock is free."""
    with draft.open("rb") as file:
        try:
            hold(file.fileno(), patient=False)
        except BlockingIOError:
            return False
    return True


def _read_or_none(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _checksum(key: str, packed: bytes) -> bytes:
    # Includes the key: a file moved to another name counts as damaged.
    return hashlib.sha256(key.encode() + packed).digest()


def _read_own(path: Path) -> bytes:
    """Return the content of a file of this user; OSError for a link, or a file of another user."""
    with os.fdopen(os.open(path, os.O_RDONLY | _NOT_OF_A_LINK | _AS_THEY_ARE), "rb") as file:
        if hasattr(os, "geteuid") and os.fstat(file.fileno()).st_uid != os.geteuid():
            raise PermissionError(f"{path} belongs to another user")
        return file.read()


def _make_private(folder: Path) -> None:
    missing = [folder, *folder.parents]
    for one in reversed([path for path in missing if not path.exists()]):
        one.mkdir(mode=0o700, exist_ok=True)


def open_cache() -> Cache:
    """Return the user's cache, with the folder `KORUS_CACHE` and the size `KORUS_CACHE_MB` if they are set.

    Without a home and `KORUS_CACHE` it stores nothing. InvalidParameter if the size is not a number of megabytes.
    """
    bound = bytes_of(BOUND, DEFAULT_MB)
    if named := os.environ.get(FOLDER):
        return Cache(Path(named), bound)
    from platformdirs import user_cache_path

    try:
        return Cache(user_cache_path("korus-research", appauthor=False), bound)
    except RuntimeError:  # a container's user without a name has no home
        return Cache(Path(os.devnull), bound)


def bytes_of(variable: str, default: int) -> int:
    """Return the bytes of an environment variable in megabytes; InvalidParameter if it is not a whole number."""
    asked = os.environ.get(variable, str(default))
    if not re.fullmatch(r"\d{1,7}", asked):
        raise InvalidParameter(f"{variable} is {asked!r}", expected="a number of megabytes", do=f"Set it to {default}")
    return int(asked) << 20
