"""Agreements as data: one TOML a file, found by its name, validated when it is loaded."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from korus_research.errors import InvalidAgreement, UnknownAgreement, did_you_mean

if TYPE_CHECKING:
    from korus_research.data.agreements.model import Agreement, Commitment, Comparator, Event, Milestone, Party

    __all__ = [
        "Agreement",
        "Commitment",
        "Comparator",
        "Event",
        "Milestone",
        "Party",
        "list_agreements",
        "load_agreement",
    ]

HOME = Path(__file__).parent
MODEL = "src/korus_research/data/agreements/model.py"


def list_agreements() -> tuple[str, ...]:
    """Return the names of the agreements that come with the package, sorted."""
    return tuple(sorted(path.stem for path in HOME.glob("*.toml")))


def load_agreement(name: str | Path) -> Agreement:
    """Return the agreement `name`, or the one in the TOML file at the path `name`.

    Raises
    ------
    UnknownAgreement
        No agreement of that name; a close match is suggested.
    InvalidAgreement
        The file can't be read, is no TOML, or does not fit the model; the field is named.
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
    from pydantic import ValidationError

    from korus_research.data.agreements.model import Agreement

    content = _parse(path)
    try:
        agreement = Agreement.model_validate(content)
    except ValidationError as invalid:
        problem = invalid.errors(include_url=False)[0]
        raise InvalidAgreement(
            f"{path}: {_field(problem['loc'], content)} is {_shown(problem)}",
            expected=_expected(problem),
            do=f"Correct the file; the fields are described in {MODEL}",
        ) from None
    if path.parent == HOME and agreement.id != path.stem:
        raise InvalidAgreement(f"{path}: id is {agreement.id!r}", expected=f"{path.stem!r}, the name of the file")
    return agreement


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise InvalidAgreement(
            f"{path}: can't be read as TOML ({problem})", expected="a TOML file in UTF-8", do="Correct the file"
        ) from None


def _field(location: tuple[int | str, ...], content: dict[str, Any]) -> str:
    """Return `event 3 (2010-12-04) date` for ("event", 2, "date"), so that a reader finds the place in the file."""
    words: list[str] = []
    here: Any = content
    for step in location:
        if isinstance(step, int):
            here = here[step] if isinstance(here, list) and step < len(here) else None
            label = (
                next((str(here[k]) for k in ("id", "date", "name", "key") if k in here), "")
                if isinstance(here, dict)
                else ""
            )
            words.append(f"{step + 1}" + (f" ({label})" if label else ""))
        else:
            here = here.get(step) if isinstance(here, dict) else None
            words.append(step)
    return " ".join(words) or "the whole"


def _shown(problem: Any) -> str:
    if problem["type"] == "missing":
        return "missing"
    if problem["type"] == "extra_forbidden":
        return "no field of an agreement"
    value = problem["input"]
    return "inconsistent" if isinstance(value, dict) else repr(value)[:80]


def _expected(problem: Any) -> str:
    if problem["type"] == "extra_forbidden":
        from korus_research.data.agreements.model import Agreement

        fields = [info.alias or name for name, info in Agreement.model_fields.items()]
        return "a field of the model" + did_you_mean(str(problem["loc"][-1]), fields)
    if problem["type"] == "missing":
        return "a value"
    text = str(problem["msg"]).removeprefix("Value error, ").removeprefix("Input should ")
    return text.removeprefix("be ") if text != problem["msg"] else text


def __getattr__(name: str) -> Any:
    # Agreement and its parts are importable from here, but pydantic is imported only when one is asked for.
    if name in {"Agreement", "Comparator", "Commitment", "Event", "Milestone", "Party"}:
        from korus_research.data.agreements import model

        return getattr(model, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
