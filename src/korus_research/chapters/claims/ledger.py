"""The ledger: what became of each claim, counted, as findings and as a table."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import pandas as pd

from korus_research.chapters.claims.kinds.measured import Condition, Measured, Odds
from korus_research.chapters.claims.statements import Claim, ClaimSource
from korus_research.show.declared import Result, Value, made
from korus_research.show.finding import Finding, Findings

VerdictWord = Literal["Right", "Only on another reading", "Wrong", "Can't be settled", "Not tested"]
VERDICTS: tuple[VerdictWord, ...] = get_args(VerdictWord)
RIGHT, READING, WRONG, OPEN, UNTESTED = VERDICTS
# Parts of the ids of findings that count each.
IDS = {RIGHT: "holds", READING: "depends", WRONG: "fails", OPEN: "not_identified", UNTESTED: "untestable"}
_UNSPOKEN = {("", UNTESTED), ("column.", READING)}  # counts that nothing asks for
Tried = tuple[tuple[Measured, bool], ...]  # values, and whether the claim is right on each


@dataclass(frozen=True)
class Verdict:
    """What became of one claim.

    Attributes
    ----------
    measured : Finding or None
        The measure on the default basis; None where the claim has no measure.
    tried : Tried
        Every basis on which there is a value; the default first.
    later : Tried
        The measure on the default series from the default baseline to the latest months known when it was said, and to
        the latest of this edition; told beside the verdict only.
    conditions : tuple of Condition
        Of a claim about causes: its premise and its falsification test.
    needs : str
        What a test would take, where the verdict is that these data allow none.
    beside : tuple of Finding
        Figures told with the verdict that are no test of the claim.
    excluded_on : int
        Of a claim about causes: on how many bases the interval holds no value that is as said.
    own_years : Tried
        Of a claim about expectations: the same comparisons over the years of this edition, where those are others.
    odds : Odds or None
        Of a claim about expectations: how likely the forecast was reached, and how often the rule gives each verdict.
    """

    source: ClaimSource
    claim: Claim
    word: VerdictWord
    band: tuple[float, float] | None = None
    measured: Finding | None = None
    tried: Tried = ()
    later: Tried = ()
    conditions: tuple[Condition, ...] = ()
    needs: str = ""
    beside: tuple[Finding, ...] = ()
    excluded_on: int = 0
    own_years: Tried = ()
    odds: Odds | None = None

    @property
    def value(self) -> float | None:
        """The measure on the default basis; None where there is none."""
        return self.measured.value if self.measured else None

    @property
    def first(self) -> Measured | None:
        """The first basis on which there is a value."""
        return self.tried[0][0] if self.tried else None

    @property
    def right_on(self) -> int:
        """On how many bases the claim is right."""
        return sum(right for _, right in self.tried)

    @property
    def on_ours(self) -> bool:
        """Whether the claim is of a measure that the data lack, and right on ours: it could not have been wrong."""
        return self.word == RIGHT and self.lopsided

    @property
    def lopsided(self) -> bool:
        """Whether the claim is of a measure that the data lack, so that it can be found right and not wrong."""
        return bool(self.claim.elsewhere)

    @property
    def freed_by(self) -> str:
        """The file of the lexicon that would let the claim be judged; empty where it is judged, or none would."""
        return self.claim.file if self.word == UNTESTED else ""

    @property
    def values(self) -> list[float]:
        """The measure on every basis with a value."""
        return [m.value for m, _ in self.tried if m.value is not None]


@dataclass(frozen=True)
class Ledger(Result):
    """All claims about one agreement with their verdicts, in the order they were made.

    `only_featured` says that the others were not judged: then nothing is said about how many there are.
    """

    verdicts: tuple[Verdict, ...]
    names: dict[str, str]
    only_featured: bool = False

    @cached_property
    def featured(self) -> tuple[Verdict, ...]:
        """Claims of featured sources, which stand first."""
        return tuple(v for v in self.verdicts if v.source.featured)

    @cached_property
    def public(self) -> tuple[Verdict, ...]:
        """All other claims."""
        return tuple(v for v in self.verdicts if not v.source.featured)

    FINDINGS = "ledger"

    def findings(self) -> Findings:
        """Return what each claim measures, and the counts."""
        own = tuple(v.measured for v in self.verdicts if v.measured is not None)
        return Findings(own, self.names) | super().findings()

    def to_frame(self) -> pd.DataFrame:
        """Return one row a claim: what was said and measured, by which way of counting, and the verdict."""
        return pd.DataFrame([_record(v) for v in self.verdicts])

    def bases_frame(self) -> pd.DataFrame:
        """Return one row a claim and basis: the value, and whether the claim is right on it."""
        rows = [
            (v.claim.number, v.claim.id, m.basis, m.value, v.claim.unit, right)
            for v in self.verdicts
            for m, right in v.tried
        ]
        return pd.DataFrame(rows, columns=["number", "id", "basis", "value", "unit", "right"])

    def __repr__(self) -> str:
        lines = [f"  {v.claim.number:>2} {v.word}: {v.claim.said}" for v in self.verdicts]
        return "\n".join([f"{len(lines)} claims", *lines])


def _record(v: Verdict) -> dict[str, object]:
    """Return a claim as the CSV has it; NaN where there is no number."""
    claim, source = v.claim, v.source
    low, high = v.band or (math.nan, math.nan)
    return {
        "number": claim.number,
        "id": claim.id,
        "source": source.id,
        "who": source.who,
        "speaker": source.speaker,
        "date": source.date.isoformat(),
        "dated": source.when,
        "data_through": source.data_through,
        "topic": claim.topic,
        "said": claim.said,
        "verdict": v.word,
        "measured": _number(v.value),
        "unit": claim.unit if claim.measure else "",
        "basis": v.first.basis if v.first else "",
        "stated": claim.stated,
        "stated_before": _number(claim.stated_before),
        "band_low": low,
        "band_high": high,
        "bases_tried": len(v.tried),
        "bases_right": v.right_on,
        "needs": v.needs,
        "file": v.freed_by,
        "reached_percent": _number(v.odds.reached if v.odds else None),
        "power_percent": _number(v.odds.power if v.odds else None),
        "address": "; ".join(page.url for page in source.pages),
    }


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def values(ledger: Ledger) -> Iterator[Value]:
    """Yield how many claims have each verdict: of all, of those of other speakers, and of those of the column."""
    if ledger.only_featured:
        return
    for prefix, verdicts in {"": ledger.verdicts, "public.": ledger.public, "column.": ledger.featured}.items():
        if prefix == "column." and not verdicts:
            continue
        counted = Counter(v.word for v in verdicts)
        yield Value(f"{prefix}total", len(verdicts))
        for word, id_ in IDS.items():
            if (prefix, word) not in _UNSPOKEN:
                yield Value(f"{prefix}{id_}", counted[word])
        if prefix != "column.":
            yield Value(f"{prefix}testable", len(verdicts) - counted[UNTESTED])
    yield Value("public.on_ours", sum(v.on_ours for v in ledger.public))
    yield Value("public.lopsided", sum(v.lopsided for v in ledger.public))
    yield Value("with_chance", sum(v.odds is not None for v in ledger.verdicts))
    yield Value("freed", sum(bool(v.freed_by) for v in ledger.verdicts))
    yield Value("public.speakers", len({v.source.who for v in ledger.public}))


def names(ledger: Ledger) -> Mapping[str, str]:
    """Return the names used in sentences about the ledger; of the column empty ones before it was written."""
    source = ledger.featured[0].source if ledger.featured else None
    about = ("who", "title", "when", "reference")
    return {**ledger.names, **{f"column_{key}": getattr(source, key) if source else "" for key in about}}


def measured_finding(claim: Claim, default: Measured, *, fine: bool) -> Finding:
    """Return what a claim measures on the default basis, two decimals where a hundredth counts (`fine`)."""
    value = Value(
        f"{claim.id}.measured",
        default.value,
        default.period,
        (default.low, default.high),
        says={"number": str(claim.number)},
        basis=default.statistics,
        tables=default.datasets,
        interval=default.statistics,
        decimals=2 if fine else -1,
        unit=claim.unit,
    )
    return next(iter(made("claims", [value], {}).values()))
