"""Claims that name their periods: a change between two, a level, a record; on each series that fits the wording.

Of a sector it is the Commission's domestic exports, held from before the agreement, and cars by Korean count. Neither
is the speaker's own series, so a claim tried on them is one that names its basis elsewhere.
"""

from __future__ import annotations

import math

import pandas as pd

from korus_research.chapters.claims.kinds.measured import Measured, of_series, span_of
from korus_research.chapters.claims.statements import Claim
from korus_research.chapters.comparators.measures import of as comparators_of
from korus_research.chapters.comparators.vintage import REPLACED, TRADE
from korus_research.chapters.flows.findings import basis_of
from korus_research.chapters.flows.measures import Series, of as flows_of
from korus_research.chapters.sectors.trade import PUBLISHED, domestic_exports
from korus_research.data.study import Study
from korus_research.methods.series import FLOWS, MN_PER_BN, month_name, percent_change
from korus_research.show.declared import basis_of as declared_basis
from korus_research.show.words.text import Words

WORDS = Words("claims")
SHARES = {
    "share-of-imports": (TRADE, REPLACED),
    "share-of-demand": (TRADE, "import_demand_annual"),
}
CARS = "cars"
FLOWS_MEANT = (*FLOWS, "deficit", "two-way")


def period_measures(claim: Claim, study: Study) -> list[Measured]:
    """Return a claim's change, level or record on each of its series, the stated one first; values in its unit."""
    return [_measured(claim, study, series) for series in claim.series]


def _measured(claim: Claim, study: Study, series: Series) -> Measured:
    what, first, last = claim.what, claim.first, str(claim.last)
    value = _level(study, what, last, series)
    before = None if first is None else _level(study, what, first, series)
    if claim.measure == "change":
        value, before = _change(claim, before, value), None
    elif claim.measure == "record":
        value = _over_record(study, what, last, series, value)
    period = " to ".join(_span(study, p, series) for p in (first, last) if p is not None)
    if what not in SHARES:
        return of_series(value, series, period, before=before)
    name = WORDS.label(f"shares.{what}", partner_adjective=study.names["partner_adjective"])
    basis = WORDS.label("basis.flow", series=name, period=period)
    return Measured(value, basis, period, basis_of("census_goods"), SHARES[what], before=before)


def _change(claim: Claim, before: float | None, after: float | None) -> float | None:
    if before is None or after is None:
        return None
    if claim.unit in {"usd_bn", "points"}:
        return after - before
    if before <= 0 or after <= 0:
        return None  # a ratio of a deficit to a surplus says nothing
    if claim.unit == "times":
        return after / before
    years = int(str(claim.last)[:4]) - int(str(claim.first)[:4]) if claim.yearly else 1
    return float(100 * ((after / before) ** (1 / years) - 1))


def _over_record(study: Study, what: str, last: str, series: Series, value: float | None) -> float | None:
    """Return the year's level over the highest of the years before it."""
    earlier = (_level(study, what, str(y), series) for y in flows_of(study).annual.index if y < int(last))
    highest = max((level for level in earlier if level is not None), default=None)
    return None if value is None or highest is None else value / highest


def _level(study: Study, what: str, period: str, series: Series) -> float | None:
    """Return exports, imports, deficit or both flows together in USD billion, or a share in percent."""
    if what in SHARES:
        return _share(study, what, period)
    exports, imports = (_flow(study, flow, period, series) for flow in FLOWS)
    if what in FLOWS:
        return exports if what == "exports" else imports
    if exports is None or imports is None:
        return None
    return imports - exports if what == "deficit" else exports + imports


def _flow(study: Study, flow: str, period: str, series: Series) -> float | None:
    flows = flows_of(study)
    if ".." not in period:
        return flows.level(flow, period, series)
    if series != "census_goods":
        return None  # quarters do not make these months
    first, last = period.split("..")
    months = flows.monthly[flow].loc[first:last].dropna()
    return float(months.sum()) / MN_PER_BN if len(months) == len(pd.period_range(first, last, freq="M")) else None


def _share(study: Study, what: str, period: str) -> float | None:
    year, shares = int(period), comparators_of(study).shares["imports"]
    if what == "share-of-demand":
        demand = study.load("import_demand_annual")
        total = demand[demand["iso3"] == study.agreement.partner.iso3].set_index("year")["imports_usd_mn"]
        shares = 100 * flows_of(study).annual["exports"] / total
    value = float(shares.get(year, math.nan))
    return None if math.isnan(value) else value


def _span(study: Study, period: str, series: Series) -> str:
    if ".." in period:
        return "\N{EN DASH}".join(month_name(end) for end in period.split(".."))
    return span_of(flows_of(study), period, series)


def sector_measures(claim: Claim, study: Study) -> list[Measured]:
    """Return a claim's change in percent, or its level in USD billion with the one it starts from."""
    what, partner = claim.what, study.agreement.partner.census_code
    if what == CARS:
        table = study.load("car_values")
        own = table[(table["partner"] == partner) & (table["flow"] == "exports") & (table["counted_by"] != "US")]
        series = own.set_index("year")["value_usd_mn"] / MN_PER_BN
        name = WORDS.label("sectors.cars", partner=study.names["partner"])
        basis, data = WORDS.label("sectors.cars_basis"), "car_values"
    else:
        series = domestic_exports(study.load("sector_exports_domestic"), PUBLISHED[what], partner)
        name = WORDS.label("sectors.domestic", sector=PUBLISHED[what].lower())
        basis, data = declared_basis("sectors.domestic.machinery.change"), "sector_exports_domestic"
    first, last = str(claim.first), str(claim.last)
    before, after = (_mean(series, period) for period in (first, last))
    mean = WORDS.label("sectors.mean", first=last[:4], last=last[-4:]) if ".." in last else last
    value, period = after, f"{first} to {mean}"
    if claim.unit == "percent":
        value = percent_change(before, after)
    said = WORDS.label("basis.flow", series=name, period=period)
    return [Measured(value, said, period, basis, (data,), before=None if claim.stated_before is None else before)]


def _mean(series: pd.Series[float], period: str) -> float | None:
    """Return the value of a year, or the mean of "2012..2015"; None unless every year is held."""
    years = range(int(period[:4]), int(period[-4:]) + 1)
    return float(series.loc[list(years)].mean()) if set(years) <= set(series.index) else None
