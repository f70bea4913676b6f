"""Claims about flows between two periods, shares of trade, and what the agreement's text says."""

from __future__ import annotations

from korus_research.chapters.claims.kinds.measured import Measured, of_series, span_of
from korus_research.chapters.claims.lexicon import load_lexicon
from korus_research.chapters.claims.statements import Claim, ClaimSource
from korus_research.chapters.comparators.vintage import REPLACED, TRADE
from korus_research.chapters.context.measures import of as context_of
from korus_research.chapters.flows.findings import basis_of
from korus_research.chapters.flows.measures import PRIOR, Flows, Series, of as flows_of
from korus_research.data.period import day_text
from korus_research.data.study import Study
from korus_research.show.words.text import Words

WORDS = Words("claims")
MEASURES = ("flow-change", "deficit-ratio", "share")


def flow_measures(claim: Claim, study: Study) -> list[Measured]:
    """Return a claim's change or ratio on every basis of the list that fits its wording, the default first."""
    flows, bases, default = flows_of(study), load_lexicon().bases, str(study.parameters.baseline_year)
    starts = dict.fromkeys((default, *map(str, flows.agreement.baseline_years), PRIOR))
    # A year that has not ended has no figure: nothing is judged by it.
    evaluation = str(flows.evaluation_year or flows.agreement.first_full_year)
    ends = [evaluation if end == "evaluation" else end for end in bases.ends if claim.end in (None, end)]
    pairs = [(start, end) for end in ends for start in starts]
    # The bases of the list that fit the wording: "in 2016", "before the agreement", "in five years". The default stays.
    if claim.before_only:
        in_force = str(flows.agreement.dates.in_force.year)
        pairs = [p for p in pairs if p[0] == PRIOR or p[0] < in_force]
    if claim.span_years is not None:
        pairs = [p for p in pairs if p == pairs[0] or _years(*p) == claim.span_years]
    wanted = [s for s in bases.series if not (claim.goods_only and s == "bop_goods_services")]
    return [flow_measure(claim, flows, start, end, series) for series in wanted for start, end in pairs]


def _years(start: str, end: str) -> int | None:
    return int(end) - int(start) if start.isdigit() and end.isdigit() else None


def flow_measure(claim: Claim, flows: Flows, start: str, end: str, series: Series = "census_goods") -> Measured:
    """Return a claim's flow measure between two periods of one series."""
    if claim.measure == "flow-change":
        value = flows.change(claim.what, start, end, series)
    else:
        value = flows.deficit_ratio(start, end, series)
    return of_series(value, series, f"{flows.span(start)} to {span_of(flows, end, series)}")


def share_measures(claim: Claim, study: Study) -> list[Measured]:
    """Return a claim's share in the evaluation year and, where it is another, in the last complete year."""
    context = context_of(study)
    code = study.agreement.partner.census_code if claim.what == "partner" else claim.what
    years = dict.fromkeys((context.evaluation_year, context.last_year))  # one year where they are the same
    statistics, tables = basis_of("census_goods"), (TRADE, REPLACED)
    return [
        Measured(context.share(code, year), WORDS.label("basis.two_way", year=f"{year}"), f"{year}", statistics, tables)
        for year in years
    ]


def commitment_measures(claim: Claim, source: ClaimSource, study: Study) -> list[Measured]:
    """Return what the agreement's text says on the day of the claim."""
    day, commitments = day_text(source.date), study.agreement.commitments_on(source.date, id=claim.what)
    return [Measured(float(c.value), WORDS.label("basis.text", day=day), day, c.source, ()) for c in commitments]
