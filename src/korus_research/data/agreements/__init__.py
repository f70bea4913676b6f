"""Agreements as data: one TOML a file, found by its name, validated when it is loaded."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from korus_research.data.toml import load_toml
from korus_research.errors import InvalidAgreement, UnknownAgreement, did_you_mean

if TYPE_CHECKING:
    from korus_research.data.agreements.model import Agreement

    __all__ = ["Agreement", "list_agreements", "load_agreement"]

HOME = Path(__file__).parent


def list_agreements() -> tuple[str, ...]:
    """Return the names of the agreements that come with the package, sorted."""
    return tuple(sorted(path.stem for path in HOME.glob("*.toml")))


def load_agreement(name: str | Path) -> Agreement:
    """Return the agreement `name`, or the one in the TOML file at the path `name`.

    UnknownAgreement where there is none of that name (a close match is suggested), InvalidAgreement where the file
    can't be read, is no TOML, or does not fit the model (the field is named).
    """
    path = _find(name)
    try:
        state = path.stat()
    except OSError as problem:
        raise UnknownAgreement(
            f"{path}: {(problem.strerror or 'unreadable').lower()}",
            expected="an agreement's TOML file",
            do=f"Give one of {', '.join(list_agreements())} or the path of a file",
        ) from None
    return _load(path.resolve(), state.st_mtime_ns, state.st_size)


def _find(name: str | Path) -> Path:
    if isinstance(name, Path) or name.endswith(".toml"):
        return Path(name)
    known = list_agreements()
    if name not in known:
        raise UnknownAgreement(
            f"{name!r} is not an agreement{did_you_mean(name, known)}",
            expected=f"one of {', '.join(known)}",
            do="Choose one of them, or add a TOML file in src/korus_research/data/agreements/",
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
