"""A finding: a number or state that the report may speak, with its provenance.

A finding formats itself, so that no value is ever typed into a sentence, a title or a table note.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from korus_research.errors import UnknownFinding, did_you_mean
from korus_research.show.scale import Scale

Unit = Literal[
    "usd_bn", "percent", "points", "times", "rank", "count", "vehicles", "index", "year", "probability", "choice"
]
Style = Literal["", "abs", "signed", "number", "count", "range"]
STYLES: frozenset[str] = frozenset(get_args(Style))

SHOWN = 12  # findings that a card opens with
_WORDS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_SPOKEN = {"percent": " percent", "points": " percentage points", "times": " times", "vehicles": " vehicles"}
NO_FIGURE = "the data hold no figure for it"  # said where a finding gives no reason of its own
MINUS = "\N{MINUS SIGN}"
_DECIMALS = {"usd_bn": 1, "percent": 1, "points": 1, "times": 2, "probability": 2}  # none for the others


def ordinal(number: int) -> str:
    """Return 1 -> `1st`, 12 -> `12th`, 23 -> `23rd`."""
    suffix = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


def counted(number: int) -> str:
    """Return a count in words below ten: `none`, `one`, `12`."""
    return _WORDS[number] if number < len(_WORDS) else str(number)


@dataclass(frozen=True, slots=True)
class Finding:
    """One number, its unit and its provenance.

    Attributes
    ----------
    id : str
        Dotted name, `chapter.what.aspect`; never reused for another measure.
    label : str
        A noun phrase that names the measure ("US goods exports to Korea in 2016").
    value : float or None
        None where there is no figure; `reason` then says why.
    unit : Unit
        `usd_bn` is billions of US dollars (spoken in millions from three decimals on), `points` percentage points,
        `times` a ratio.
    period, basis : str
        What span and which statistical basis the number is of.
    datasets : tuple of str
        Names in the data package.
    low, high, interval
        Uncertainty and its kind; None for a count or an official total.
    repeats : str or None
        Id of a finding that says the same in this edition; sentences about this one are then left out.
    state, states
        Of the unit `choice`: which of the named states holds (None where that is not known), and all of them. Such a
        finding has no value and is published as words.
    """

    id: str
    label: str
    value: float | None
    unit: Unit
    period: str
    basis: str
    datasets: tuple[str, ...]
    decimals: int = -1
    low: float | None = None
    high: float | None = None
    interval: str | None = None
    reason: str | None = None
    repeats: str | None = None
    state: str | None = None
    states: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.unit == "choice") != bool(self.states) or (self.state is not None and self.state not in self.states):
            raise UnknownFinding(
                f"'{self.id}' is in the state '{self.state}'",
                expected=f"one of {', '.join(self.states) or 'the states that a choice declares'}",
                do="Correct the finding or its states in findings.toml",
            )
        if self.decimals < 0:
            object.__setattr__(self, "decimals", _DECIMALS.get(self.unit, 0))
        if self.value is not None:
            plain = float(self.value)  # numpy scalars compare to numpy booleans and do not serialise
            object.__setattr__(self, "value", plain if math.isfinite(plain) else None)
        if not self.known and not self.reason:
            object.__setattr__(self, "reason", NO_FIGURE)

    @property
    def known(self) -> bool:
        """Whether there is a value, or a state."""
        return self.value is not None or self.state is not None

    @property
    def rounded(self) -> float | None:
        """The value as a reader sees it; `-0.0` is 0."""
        return None if self.value is None else round(self.value, self.decimals) + 0.0

    @property
    def direction(self) -> int:
        """1, 0 or -1: the sign a reader would see (a ratio is compared with one). Missing values have none: 0."""
        if self.rounded is None:
            return 0
        neutral = 1.0 if self.unit == "times" else 0.0
        return (self.rounded > neutral) - (self.rounded < neutral)

    def text(self, style: Style = "") -> str:
        """Return the value as English text.

        `style` is "" (minus sign if negative), abs, signed, number (bare), count (none, one, ... nine in words) or
        range (both ends of the interval).
        """
        if self.state is not None:
            return self.state.replace("_", " ")
        if self.rounded is None:
            return "not available"
        if style == "range":
            if self.low is None or self.high is None:
                return "not available"
            low, high = (replace(self, value=end).text("signed") for end in (self.low, self.high))
            once = _SPOKEN[self.unit] if self.unit in ("percent", "points") else "\0"  # said after the second end
            return f"{low} to {high}".replace(once, "", 1)
        if style == "count" and self.rounded in range(len(_WORDS)):
            return counted(int(self.rounded))
        sign = MINUS if self.rounded < 0 else "+" if style == "signed" and self.rounded > 0 else ""
        scale = Scale(self.decimals) if self.unit == "usd_bn" else None
        shown, decimals = abs(self.rounded) * (scale.factor if scale else 1), scale.shown if scale else self.decimals
        number = f"{shown:.{decimals}f}" if self.unit == "year" else f"{shown:,.{decimals}f}"
        if style not in ("number", "count"):
            number = self._with_unit(number, scale)
        return number if style == "abs" else sign + number

    def _with_unit(self, number: str, scale: Scale | None) -> str:
        if scale:
            return f"${number} {'million' if scale.millions else 'billion'}"
        if self.unit == "rank":
            return ordinal(int(abs(self.rounded or 0)))
        if self.unit == "points" and number == "1":
            return f"{number} percentage point"
        return number + _SPOKEN.get(self.unit, "")

    def _repr_html_(self) -> str:
        return _listed([self], self.label)

    def without_value(self, reason: str = "it was taken away") -> Finding:
        """Return the finding without its value, for the reason given."""
        return replace(self, value=None, state=None, low=None, high=None, reason=reason)

    def to_json(self) -> dict[str, Any]:
        """Return the finding as JSON data, with its text; only a choice has `state` and `states`."""
        fields = {name: getattr(self, name) for name in self.__slots__}  # asdict copies deeply, ten times as slowly
        data = {**fields, "datasets": list(self.datasets), "states": list(self.states), "text": self.text()}
        return data if self.unit == "choice" else {k: v for k, v in data.items() if k not in ("state", "states")}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Finding:
        """Return the finding that `to_json` wrote."""
        kept = {k: v for k, v in data.items() if k != "text"}
        return cls(**{**kept, "datasets": tuple(kept["datasets"]), "states": tuple(kept.get("states", ()))})


@dataclass(init=False, repr=False, eq=False)  # so that results are remembered with them
class Findings(Mapping[str, Finding]):
    """Findings by id, and the names (partner, agreement, ...) that sentences about them use.

    A mapping is taken as it is; of a sequence UnknownFinding is raised where two that differ have one id.
    """

    names: Mapping[str, str | Sequence[str]]
    _by_id: Mapping[str, Finding]

    def __init__(
        self,
        findings: Iterable[Finding] | Mapping[str, Finding] = (),
        names: Mapping[str, str | Sequence[str]] | None = None,
    ) -> None:
        self.names = names or {}
        self._by_id = findings if isinstance(findings, Mapping) else _each_once(findings)

    def __getitem__(self, key: str) -> Finding:
        if key not in self._by_id:
            raise UnknownFinding(
                f"'{key}' is not a finding here{did_you_mean(key, self._by_id)}",
                expected=f"one of {len(self._by_id)} findings",
                do="List them with list(findings)",
            )
        return self._by_id[key]

    def __contains__(self, key: object) -> bool:
        return key in self._by_id

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_id)

    def __len__(self) -> int:
        return len(self._by_id)

    def __repr__(self) -> str:
        lines = [f"{len(self)} findings"] + [f"  {f.id} = {f.text()} ({f.period})" for f in self.values()]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return _listed([*self.values()], f"{len(self)} findings")

    def __or__(self, other: Findings) -> Findings:
        return Findings((*self.values(), *other.values()), {**self.names, **other.names})

    def to_json(self) -> list[dict[str, Any]]:
        """Return all findings as JSON data."""
        return [finding.to_json() for finding in self.values()]

    @classmethod
    def from_json(
        cls, data: Iterable[Mapping[str, Any]], names: Mapping[str, str | Sequence[str]] | None = None
    ) -> Findings:
        """Return the findings that `to_json` wrote, for sentences that use `names`."""
        return cls((Finding.from_json(item) for item in data), names)


def _each_once(findings: Iterable[Finding]) -> dict[str, Finding]:
    by_id: dict[str, Finding] = {}
    for finding in findings:
        if by_id.setdefault(finding.id, finding) != finding:
            raise UnknownFinding(
                f"Two different findings are called '{finding.id}'",
                expected="one value per id",
                do="Rename one of them",
            )
    return by_id


def _listed(findings: Sequence[Finding], head: str) -> str:
    """Return findings as an HTML table for JupyterLab: what each is, its value and range, its period and id."""

    def row(finding: Finding) -> str:
        known = finding.text() if finding.known else finding.reason or NO_FIGURE
        ends = f" ({finding.text('range')})" if finding.low is not None and finding.high is not None else ""
        cells = (finding.label, known + ends, finding.period)
        shown = "".join(f'<td style="text-align:left">{html.escape(cell)}</td>' for cell in cells)
        hint = html.escape(f"{finding.id} · {finding.basis}", quote=True)
        return f'<tr title="{hint}">{shown}</tr>'

    def table(rows: Sequence[Finding]) -> str:
        return f"<table><tbody>{''.join(map(row, rows))}</tbody></table>"

    rest = findings[SHOWN:]
    more = f"<details><summary>{len(rest)} more</summary>{table(rest)}</details>" if rest else ""
    body = f"<p><strong>{html.escape(head)}</strong></p>{table(findings[:SHOWN])}{more}"
    return f'<div class="mathjax_ignore">{body}</div>'
