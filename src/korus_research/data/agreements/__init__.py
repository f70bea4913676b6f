"""Agreements as data: one TOML file each, found by name or path, validated on loading."""

from __future__ import annotations

import errno
import hashlib
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from korus_research.data.toml import load_toml
from korus_research.errors import InvalidAgreement, UnknownAgreement, did_you_mean

if TYPE_CHECKING:
    from korus_research.data.agreements.model import Agreement

    __all__ = ["Agreement", "OwnFile", "list_agreements", "load_agreement", "own_file", "to_fill"]

HOME = Path(__file__).parent
_DO = "Choose one of them, or begin a file of your own with `korus new agreement NAME`"
_MARK = re.compile(r"# ?FILL\b:?(.*)")


@dataclass(frozen=True)
class OwnFile:
    """The file of a user's own agreement: its content, and its `name` in an edition.

    The name is the agreement's id with ".toml", whatever the path of the file.
    """

    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        """The SHA-256 of the file, in hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


def list_agreements() -> tuple[str, ...]:
    """Return the names of the package's agreements, sorted."""
    return tuple(sorted(path.stem for path in HOME.glob("*.toml")))


def load_agreement(name: str | Path) -> Agreement:
    """Return the agreement of that name, or the one in the TOML file at that path.

    UnknownAgreement if there is none (a close match is suggested); InvalidAgreement if the file can't be read, is not
    TOML, or does not fit the model (the field and its line are named).
    """
    path = find_agreement(name)
    try:
        state = path.stat()
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    except OSError as problem:
        raise UnknownAgreement(
            f"{path.absolute()}: {(problem.strerror or 'unreadable').lower()}",
            expected="an agreement's TOML file",
            do=f"Give one of {', '.join(list_agreements())} or the path of a file",
        ) from None
    return _load(path.resolve(), state.st_mtime_ns, state.st_size)


def own_file(name: str | Path) -> OwnFile | None:
    """Return the file of a user's own agreement, None for one of the package's; errors as in `load_agreement`."""
    agreement, path = load_agreement(name), find_agreement(name)
    return None if path.resolve().parent == HOME else OwnFile(f"{agreement.id}.toml", path.read_bytes())


def to_fill(name: str | Path) -> list[tuple[int, str]]:
    """Return the line numbers of FILL marks in an agreement's file, with what is to be filled in.

    `korus new agreement` writes these marks as comments. Errors as in `load_agreement`.
    """
    own = own_file(name)
    lines = own.content.decode("utf-8-sig").splitlines() if own else []
    marks = ((number, _MARK.search(line)) for number, line in enumerate(lines, start=1))
    return [(number, mark[1].strip()) for number, mark in marks if mark]


def find_agreement(name: str | Path) -> Path:
    """Return the path of an agreement's file; `name` is a path if it ends in .toml or contains a folder.

    UnknownAgreement if no agreement of the package has that name.
    """
    known = list_agreements()
    if isinstance(name, Path) or name.endswith(".toml") or {os.sep, os.altsep} & set(name):
        path = Path(name)
        with suppress(RuntimeError):  # ~NAME of a user who isn't there
            path = path.expanduser()
        return path
    if name not in known:
        beside = [file for file in (name, f"{name}.toml") if Path(file).is_file()]
        do = f"Write ./{beside[0]} for the file in this folder" if beside else _DO
        meant = "" if beside else did_you_mean(name, known)
        raise UnknownAgreement(
            f"{name!r} is a folder" if name and Path(name).is_dir() else f"{name!r} is not an agreement{meant}",
            expected=f"one of {', '.join(known)}, or the path of a TOML file",
            do=do,
        )
    return HOME / f"{name}.toml"


@lru_cache(maxsize=16)
def _load(path: Path, _mtime: int, _size: int) -> Agreement:
    from korus_research.data.agreements.model import Agreement

    agreement = load_toml(path, Agreement, InvalidAgreement)
    if path.parent == HOME and agreement.id != path.stem:
        raise InvalidAgreement(f"{path}: id is {agreement.id!r}", expected=f"{path.stem!r}, the name of the file")
    return agreement


def __getattr__(name: str) -> Any:
    # Agreement is importable from here, but pydantic is imported only when it is asked for.
    if name == "Agreement":
        from korus_research.data.agreements.model import Agreement

        return Agreement
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
