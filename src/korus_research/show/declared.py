"""Findings declared as data: `findings.toml` of a chapter describes each, `findings.py` computes only its value.

basis = "..."                        holds for all findings below that do not say otherwise; so do
tables = ["goods_trade_monthly"]     tables, unit, decimals, interval, period, and missing: why there is no value

[names]                              names that the chapter's code gives to sentences: name = "what it is"
[single]
share = { label = "the count nearest to the allowance, over it", unit = "percent" }
[share."<partner>"]                  one declaration for many, below [share], which hands down to it: `<partner>` is any
label = "share of {who}"             one part of an id, and a name in the label; others come from `says` of the value
[mood]
label = "..."
states = ["open", "closed"]          a choice between named states instead of a number
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple, get_args

from korus_research.data.toml import Keys, read_toml
from korus_research.errors import InvalidFindings, did_you_mean
from korus_research.show.finding import Finding, Findings, Unit
from korus_research.show.words.file import folder

HANDED_DOWN = ("basis", "tables", "unit", "decimals", "interval", "period", "missing", "repeats")
OWN = ("label", "states")
LONGEST = 300  # letters of a repr that a card shows
_PART = re.compile(r"<(\w+)>")


class Value(NamedTuple):
    """The value of one finding in an edition: its id, without the chapter's name, and a number or a state.

    `period` and `tables` are those declared where they are left out; `bounds` are the interval, in the unit of the
    value, and count only where both ends are finite; `says` fills names in the label; `reason` says why a value is
    missing where the declared one does not fit; `repeats` is the id, without the chapter's name, of a finding that says
    the same in this edition; `basis`, `decimals` and `unit` are for what depends on the edition or the claim.
    """

    id: str
    value: float | str | None
    period: str | None = None
    bounds: tuple[float | None, float | None] = (None, None)
    says: Mapping[str, str] = {}
    reason: str | None = None
    repeats: str | None = None
    decimals: int | None = None
    basis: str | None = None
    tables: tuple[str, ...] | None = None
    interval: str | None = None
    unit: Unit | None = None

    def below(self, prefix: str, *, period: str | None = None, says: Mapping[str, str] = {}) -> Value:
        """Return the value with its id below `prefix`, and `period` and `says` where it has none of its own."""
        own = period if self.period is None else self.period
        return self._replace(id=f"{prefix}.{self.id}", period=own, says={**says, **self.says})


class Result:
    """Base class of what a chapter measures; its findings are declared in the folder of the chapter.

    `findings.py` beside the class has `values(result) -> Iterator[Value]` and, where sentences use more names than
    `result.names`, `names(result) -> Mapping[str, str]`. A second result of a chapter names another module as
    `FINDINGS`.
    """

    FINDINGS = "findings"

    def findings(self) -> Findings:
        """Return every finding of this result."""
        return self._findings

    def _repr_html_(self) -> str:
        head = html.escape(repr(self) if len(repr(self)) < LONGEST else type(self).__name__)
        return f"<p>{head}</p>{self.findings()._repr_html_()}"

    @cached_property
    def _findings(self) -> Findings:
        package = type(self).__module__.rpartition(".")[0]
        module = import_module(f"{package}.{self.FINDINGS}")
        names = module.names if hasattr(module, "names") else attrgetter("names")
        return made(package.rpartition(".")[2], module.values(self), names(self))


def made(chapter: str, values: Iterable[Value], names: Mapping[str, str | Sequence[str]]) -> Findings:
    """Return values as findings of a chapter, in their order, for sentences that use `names`.

    InvalidFindings where a value has no declaration, or is not of its kind.
    """
    about = declarations(chapter)
    return Findings(tuple(_made(chapter, value, about, names) for value in values), names)


def _made(chapter: str, given: Value, about: Declarations, names: Mapping[str, str | Sequence[str]]) -> Finding:
    declared, parts = about.of(given.id)
    state = given.value if isinstance(given.value, str) else None
    value = None if isinstance(given.value, str | None) or not math.isfinite(given.value) else float(given.value)
    if (state is not None) != ("states" in declared) and given.value is not None:
        raise InvalidFindings(
            f"'{chapter}.{given.id}' is given as {given.value!r}",
            expected=f"one of {', '.join(declared['states'])}" if "states" in declared else "a number",
            do=f"Correct chapters/{chapter}/findings.py or its declaration",
        )
    bounded = value is not None and all(end is None or math.isfinite(end) for end in given.bounds)
    low, high = given.bounds if bounded else (None, None)
    says = {**names, **parts, **given.says}
    period = given.period if given.period is not None else declared.get("period", "").format_map(says)
    says = {"period": period, **says}
    return Finding(
        id=f"{chapter}.{given.id}",
        label=declared["label"].format_map(says),
        value=value,
        unit="choice" if "states" in declared else given.unit or declared["unit"],
        period=period,
        basis=(declared.get("basis", "") if given.basis is None else given.basis).format_map(says),
        datasets=tuple(declared.get("tables", ()) if given.tables is None else given.tables),
        decimals=declared.get("decimals", -1) if given.decimals is None else given.decimals,
        low=low,
        high=high,
        interval=None if low is None else (given.interval or declared.get("interval", "")).format_map(says) or None,
        reason=None
        if value is not None or state is not None
        else (given.reason or declared.get("missing", "") or "").format_map(says) or None,
        repeats=f"{chapter}.{given.repeats}" if given.repeats else None,
        state=state,
        states=tuple(declared.get("states", ())),
    )


class Declarations:
    """The declarations of a chapter's findings, by id."""

    def __init__(self, path: Path, content: Mapping[str, Any]) -> None:
        self.path = path
        self.names: Mapping[str, str] = content.get("names", {})
        flat = {".".join(map(str, at)): own for at, said, own in _tables(content, {}) if "label" in said}
        self.keys = tuple(flat)
        self.exact = {key: about for key, about in flat.items() if "<" not in key}
        self.patterns = [(_pattern(key), about) for key, about in flat.items() if "<" in key]

    def of(self, id_: str) -> tuple[Mapping[str, Any], Mapping[str, str]]:
        """Return the declaration of an id, and the values of its `<parts>`; InvalidFindings without one."""
        if id_ in self.exact:
            return self.exact[id_], {}
        for pattern, about in self.patterns:
            if match := pattern.fullmatch(id_):
                return about, match.groupdict()
        raise InvalidFindings(
            f"{self.path.parent.name}/{self.path.name} declares no '{id_}'{did_you_mean(id_, self.exact)}",
            expected="a declaration of every finding that the chapter makes",
            do="Declare it, or correct its id in findings.py",
        )

    def __contains__(self, id_: str) -> bool:
        """Whether an id is declared; one with `<parts>` of its own is where it could match a declaration."""
        parts = id_.split(".")
        return any(
            len(own := key.split(".")) == len(parts)
            and all(a == b or "<" in a or "<" in b for a, b in zip(own, parts, strict=True))
            for key in self.keys
        )


def basis_of(id_: str) -> str:
    """Return the declared basis of a finding, by its full id ("flows.exports.end")."""
    chapter, _, rest = id_.partition(".")
    return str(declarations(chapter).of(rest)[0]["basis"])


def declarations(chapter: str) -> Declarations:
    """Return the declarations of a chapter's findings, read again when the file changes.

    InvalidFindings, with file, key and line, where the file is missing, is no TOML, or holds a key that can't be.
    """
    path = folder(chapter) / "findings.toml"
    try:
        state = path.stat()
    except OSError:
        raise InvalidFindings(f"chapters/{chapter}/findings.toml is not there", do="Add the file") from None
    return _read(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=64)
def _read(path: Path, _mtime: int, _size: int) -> Declarations:
    read = read_toml(path, InvalidFindings)
    for keys, found, expected in problems(read.content):
        raise read.error(keys, found, expected=expected)
    return Declarations(path, read.content)


def problems(content: Mapping[str, Any]) -> Iterator[tuple[Keys, str, str]]:
    """Yield the mistakes in a findings file: where, what was found, what was expected."""
    known, units = (*HANDED_DOWN, *OWN), get_args(Unit)
    if not isinstance(names := content.get("names", {}), dict):
        yield ("names",), f"is {names!r}"[:80], "a table"
        return
    for name, what in names.items():
        if not isinstance(what, str):
            yield ("names", name), f"is of type {type(what).__name__}", "what the name is, as a text"
    for where, key, value, about in (
        ((*at, key), key, value, about) for at, said, about in _tables(content, {}) for key, value in said.items()
    ):
        several, kind = key in ("tables", "states"), int if key == "decimals" else str
        if key == "unit" and value not in units:
            yield where, f"is '{value}'{did_you_mean(str(value), units)}", f"one of {', '.join(units)}"
        elif key not in known:
            yield where, f"is no key here{did_you_mean(key, known)}", f"one of {', '.join(known)}, or a table"
        elif several and not (isinstance(value, list) and all(isinstance(one, str) for one in value)):
            yield where, f"is {value!r}"[:80], "a list of texts"
        elif not several and not isinstance(value, kind):
            yield where, f"is {value!r}"[:80], "a whole number" if kind is int else "a text"
        elif key == "label" and "unit" not in about and "states" not in about:
            yield where, "is of a finding without a unit", "a unit of its own or of the tables above it, or states"
        elif key in ("label", "missing", "basis") and value.count("{") != value.count("}"):
            yield where, "has a brace that stands alone", "{ with }"


def _tables(
    table: Mapping[str, Any], above: Mapping[str, Any], at: Keys = ()
) -> Iterator[tuple[Keys, Mapping[str, Any], Mapping[str, Any]]]:
    """Yield each table but `names`: its keys, its own entries, and these with those inherited from tables above."""
    said = {key: value for key, value in table.items() if not isinstance(value, dict)}
    own = {**above, **said}
    yield at, said, own
    for key, child in table.items():
        if isinstance(child, dict) and (at or key != "names"):
            yield from _tables(child, {k: v for k, v in own.items() if k in HANDED_DOWN}, (*at, key))


def _pattern(key: str) -> re.Pattern[str]:
    parts = _PART.split(key)
    return re.compile("".join(f"(?P<{part}>[^.]+)" if n % 2 else re.escape(part) for n, part in enumerate(parts)))
