"""A store of results under keys made from content: whole or absent, never older than what it is asked for.

Entries are files that carry their own checksum and appear under their name in one step, so a process that is killed
while it writes leaves nothing that is read later, and a damaged entry counts as absent. What was used longest ago goes
first when the store outgrows its bound; the clock decides about nothing else.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from korus_research.data.files import output_errors
from korus_research.errors import InvalidParameter

FOLDER = "KORUS_CACHE"
BOUND = "KORUS_CACHE_MB"
DEFAULT_MB = 500

_KEY = re.compile(r"[a-z]+-[0-9a-f]{64}")
_CHECK = 32
_LEVEL = 1  # notebooks are mostly pictures; more effort costs seconds a report and saves a tenth


class Cache:
    """Bytes by key in `folder`, which is made when first written to; at most `bound` bytes of them stay."""

    def __init__(self, folder: Path, bound: int) -> None:
        self.folder = folder
        self.bound = bound

    def get(self, key: str) -> bytes | None:
        """Return what was put under `key`, or None where that is absent or damaged."""
        path = self._place(key)
        try:
            content = path.read_bytes()
        except OSError:
            return None
        packed = content[_CHECK:]
        try:
            if hashlib.sha256(packed).digest() != content[:_CHECK]:
                raise ValueError("checksum")
            value = zlib.decompress(packed)
        except (ValueError, zlib.error):
            with suppress(OSError):
                path.unlink()
            return None
        with suppress(OSError):  # a store that can only be read still serves
            os.utime(path)
        return value

    def put(self, key: str, value: bytes) -> None:
        """Keep `value` under `key`.

        Raises
        ------
        OutputFolder
            The folder can't be written.
        """
        path = self._place(key)
        packed = zlib.compress(value, _LEVEL)
        with output_errors(self.folder):
            path.parent.mkdir(parents=True, exist_ok=True)
            beside = path.with_name(f".{path.name}-{threading.get_ident()}-{os.getpid()}")
            try:
                with beside.open("wb") as file:
                    file.write(hashlib.sha256(packed).digest() + packed)
                beside.replace(path)
            except OSError:
                beside.unlink(missing_ok=True)
                raise

    def prune(self) -> None:
        """Remove drafts of processes that are gone, and what was used longest ago until the rest is within bounds."""
        entries, total = [], 0
        for path in self._files():
            with suppress(OSError):  # another run may have removed it
                if path.name.startswith("."):
                    if not Path(f"/proc/{path.name.rpartition('-')[2]}").exists():
                        path.unlink()
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
        kind, _, digest = key.partition("-")
        return self.folder / kind / digest[:2] / digest

    def _files(self) -> Iterator[Path]:
        for folder, _, names in os.walk(self.folder):
            yield from (Path(folder, name) for name in names)


def open_cache() -> Cache:
    """Return the user's cache: the folder and size (MB) of `KORUS_CACHE` and `KORUS_CACHE_MB`, or the usual ones.

    Raises
    ------
    InvalidParameter
        The size is not a number of megabytes.
    """
    asked = os.environ.get(BOUND, str(DEFAULT_MB))
    if not re.fullmatch(r"\d{1,7}", asked):
        raise InvalidParameter(f"{BOUND} is {asked!r}", expected="a number of megabytes", do=f"Set it to {DEFAULT_MB}")
    named = os.environ.get(FOLDER)
    if named:
        return Cache(Path(named), int(asked) << 20)
    from platformdirs import user_cache_path

    return Cache(user_cache_path("korus-research", appauthor=False), int(asked) << 20)
