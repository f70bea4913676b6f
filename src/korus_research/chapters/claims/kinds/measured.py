"""The results of measuring a claim: values on bases, and conditions that a claim about causes must meet."""

from __future__ import annotations

from dataclasses import dataclass

from korus_research.chapters.claims.statements import Claim
from korus_research.chapters.flows.findings import basis_of
from korus_research.chapters.flows.measures import Flows, Series
from korus_research.show.finding import Finding
from korus_research.show.words.text import Words

WORDS = Words("claims")


@dataclass(frozen=True, slots=True)
class Measured:
    """A value by one way of counting; None where the data have none.

    `counted` says a count in words ("GM 13,150"). `theirs` names what it, or an estimate, is compared with: the limit,
    or a forecast. `forecast` is that in percent of what trade would have been, and `of_percent` the factor and shift
    that make such a percentage the value.
    """

    value: float | None
    basis: str
    period: str
    statistics: str
    datasets: tuple[str, ...]
    low: float | None = None
    high: float | None = None
    before: float | None = None
    forecast: float | None = None
    of_percent: tuple[float, float] = (1.0, 0.0)
    counted: str = ""
    theirs: str = ""

    @property
    def ends(self) -> list[float]:
        """The value and the ends of its interval, as far as there are any."""
        return [v for v in (self.value, self.low, self.high) if v is not None]

    def right(self, claim: Claim) -> bool:
        """Return whether the claim's word is right for the value or, where there is an interval, for all of it.

        Where the claim states the level it starts from, the word must be right for that too, or for the change.
        """
        word, ends = claim.admitted, self.ends
        if claim.stated_before is None:
            return bool(ends) and all(word.admits(v, claim.stated) for v in ends)
        if self.value is None or self.before is None:
            return False
        if word.of_change is not None:
            return word.admits(self.value - self.before, claim.stated - claim.stated_before)
        return word.admits(self.before, claim.stated_before) and all(word.admits(v, claim.stated) for v in ends)

    def excluded(self, claim: Claim) -> bool:
        """Return whether the word is right for no value of the interval; false without a value."""
        return bool(self.ends) and claim.admitted.excludes(min(self.ends), max(self.ends), claim.stated)


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of a claim about causes, in words, and whether it holds.

    `holds` is None where the figures can neither establish nor refute it. `told` are the findings that it is of.
    """

    says: str
    holds: bool | None
    premise: bool
    told: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class World:
    """How often the rule says right and wrong where the true effect is known, percent of simulated worlds."""

    key: str
    effect: float
    right: float
    wrong: float


@dataclass(frozen=True, slots=True)
class Odds:
    """The chance that the effect reaches the forecast, the power to detect one of that size (percent), and worlds.

    Read from the placebos of the estimate that decides, with a flat prior.
    """

    reached: float
    power: float
    forecast: float
    worlds: tuple[World, ...]


def of_series(value: float | None, series: Series, period: str, *, before: float | None = None) -> Measured:
    """Return a value of a series of flows on the basis that the series has."""
    basis = WORDS.label("basis.flow", series=WORDS.label(f"series.{series}"), period=period)
    table = "goods_trade_monthly" if series == "census_goods" else "goods_services_bop"
    return Measured(value, basis, period, basis_of(series), (table,), before=before)


def span_of(flows: Flows, period: str, series: Series) -> str:
    """Return a period of a series in words; the latest of some series are quarters."""
    return flows.span(period if series == "census_goods" or period.isdigit() else f"{series}:{period}")
