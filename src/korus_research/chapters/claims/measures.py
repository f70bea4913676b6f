"""The measures that claims map to: each gives its value on every basis of the fixed list, the default basis first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from korus_research.chapters.claims.model import Bases, Claim, ClaimSource, Word
from korus_research.chapters.context.measures import of as context_of
from korus_research.chapters.flows.findings import BOP, CENSUS
from korus_research.chapters.flows.measures import of as flows_of
from korus_research.errors import InvalidClaim

if TYPE_CHECKING:
    from korus_research.chapters.flows.measures import Flows, Series
    from korus_research.data.study import Study
    from korus_research.show.finding import Findings

_SERIES = {
    "census_goods": "Census goods",
    "bop_goods": "BOP goods",
    "bop_services": "BOP services",
    "bop_goods_services": "BOP goods and services",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """One value on one basis; None where the data hold none."""

    value: float | None
    basis: str
    period: str
    statistics: str
    datasets: tuple[str, ...]
    low: float | None = None
    high: float | None = None
    before: float | None = None

    def right(self, word: Word, stated: float, stated_before: float | None = None) -> bool:
        """Return whether `word` is right for the value or, where there is an interval, for all of it.

        Where the claim states the level it starts from, the word must be right for that too, or for the change.
        """
        if word.of_change is not None and stated_before is not None:
            if self.value is None or self.before is None:
                return False
            return word.admits(self.value - self.before, stated - stated_before)
        ends = [v for v in (self.value, self.low, self.high) if v is not None]
        right = bool(ends) and all(word.admits(v, stated) for v in ends)
        if stated_before is None:
            return right
        return right and self.before is not None and word.admits(self.before, stated_before)

    def excluded(self, word: Word, stated: float) -> bool:
        """Return whether `word` is right for no value of the interval; where there is no value, nothing is excluded."""
        ends = [v for v in (self.value, self.low, self.high) if v is not None]
        return bool(ends) and word.excludes(min(ends), max(ends), stated)


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that must hold before a claim about causes can be supported: in words, and whether it does.

    `holds` is None where the figures can neither establish nor refute it.
    """

    says: str
    holds: bool | None
    premise: bool


def measure(
    claim: Claim, source: ClaimSource, study: Study, bases: Bases, findings: Findings | None = None
) -> list[Measured]:
    """Return the claim's measure on each basis, the default first; values in the claim's unit.

    `findings` are those of the report's other chapters, which spare estimates that would come out the same.

    Raises
    ------
    InvalidClaim
        The claim names a flow, share or commitment that this study does not have.
    """
    match claim.measure:
        case "flow-change" | "deficit-ratio":
            return _flow(claim, study, bases)
        case "share":
            return share_measures(claim, study)
        case "commitment":
            return _commitment(claim, source, study)
        case "allowance":
            from korus_research.chapters.claims.vehicles import allowance_measures

            return allowance_measures(claim, study)
        case "driver":
            from korus_research.chapters.claims.drivers import driver_measures

            return driver_measures(claim, study)
        case "sector":
            from korus_research.chapters.claims.sectors import sector_measures

            return sector_measures(claim, study)
        case "change" | "level" | "record":
            from korus_research.chapters.claims.periods import period_measures

            return period_measures(claim, study, bases)
        case "expectation":
            from korus_research.chapters.claims.expectations import expectation_measures

            return expectation_measures(claim, study, findings)
        case _:
            return []


def _flow(claim: Claim, study: Study, bases: Bases) -> list[Measured]:
    flows, what = flows_of(study), str(claim.what)
    if what not in ("exports", "imports", "balance"):
        raise unknown(claim, "exports, imports or balance")
    default = str(study.parameters.baseline_year)
    starts = [default, *(str(y) for y in flows.agreement.baseline_years if str(y) != default), "prior12"]
    ends = [str(flows.evaluation_year) if end == "evaluation" else end for end in bases.ends]
    pairs = [(start, end) for end in ends for start in starts]
    # The bases of the list that fit the wording: "in 2016", "before the agreement", "in five years". The default stays.
    if claim.end is not None:
        pairs = pairs[: len(starts)] if claim.end == "evaluation" else pairs[len(starts) :]
    if claim.before_only:
        in_force = flows.agreement.dates.in_force.year
        pairs = [p for p in pairs if not p[0].isdigit() or int(p[0]) < in_force]
    if claim.span_years is not None:
        pairs = [p for p in pairs if p == pairs[0] or _years(*p) == claim.span_years]
    wanted = [s for s in bases.series if not (claim.goods_only and s == "bop_goods_services")]
    return [flow_measure(claim, flows, start, end, series) for series in wanted for start, end in pairs]


def _years(start: str, end: str) -> int | None:
    return int(end) - int(start) if start.isdigit() and end.isdigit() else None


def flow_measure(claim: Claim, flows: Flows, start: str, end: str, series: Series = "census_goods") -> Measured:
    """Return a claim's flow measure between two periods of one series."""
    what = str(claim.what)
    first, last = flows.level(what, start, series), flows.level(what, end, series)
    if claim.measure == "flow-change":
        value = None if first is None or last is None else last - first
    else:
        both = first is not None and last is not None and first < 0 and last < 0
        value = last / first if both and first and last else None
    to = flows.span(end if series == "census_goods" or end.isdigit() else f"{series}:{end}")
    data = "goods_trade_monthly" if series == "census_goods" else "goods_services_bop"
    period = f"{flows.span(start)} to {to}"
    return Measured(value, f"{_SERIES[series]}, {period}", period, BOP.get(series, CENSUS), (data,))


def share_measures(claim: Claim, study: Study) -> list[Measured]:
    """Return a claim's share in the evaluation year and, where it is another, in the last complete year."""
    context = context_of(study)
    code = study.agreement.partner.census_code if claim.what == "partner" else str(claim.what)
    if code not in context.shares.columns:
        raise unknown(claim, f"partner, or one of {', '.join(context.shares.columns)}")
    years = dict.fromkeys((context.evaluation_year, context.last_year))  # one year where they are the same
    return [
        Measured(
            context.share(code, year),
            f"Census goods, two-way trade, {year}",
            str(year),
            CENSUS,
            ("goods_trade_monthly",),
        )
        for year in years
    ]


def _commitment(claim: Claim, source: ClaimSource, study: Study) -> list[Measured]:
    found = [
        Measured(
            float(c.value),
            f"text of the agreement, in force on {source.date:%-d %B %Y}",
            f"{source.date:%-d %B %Y}",
            c.source,
            (),
        )
        for c in study.agreement.commitments_on(source.date, id=claim.what)
    ]
    if not found:
        raise unknown(claim, "a commitment of the agreement in force on the day of the claim")
    return found


def unknown(claim: Claim, expected: str) -> InvalidClaim:
    """Return the error for a claim whose `what` its measure does not know."""
    return InvalidClaim(
        f"Claim '{claim.id}' measures '{claim.what}'", expected=expected, do="Correct `what` in the claim's file"
    )
