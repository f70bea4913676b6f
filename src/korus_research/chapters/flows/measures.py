"""Bilateral flows: levels, changes, the balance and how all of them move with the year one starts from.

Description only (methods section 1). Census basis: exports f.a.s., general imports at customs value, nominal, not
seasonally adjusted. BOP basis: goods and services of BEA and Census, seasonally adjusted quarters, annual totals.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import pandas as pd

from korus_research.chapters.flows.findings import flow_findings
from korus_research.data.study import Study, measured
from korus_research.methods.series import FLOWS, MN_PER_BN, complete_years, month_name, monthly_flows, trailing_year
from korus_research.show.finding import Findings
from korus_research.show.scale import Scale, scale_of

Series = Literal["census_goods", "bop_goods", "bop_services", "bop_goods_services"]
PRIOR = "prior12"
LATEST = "latest12"
ENERGY_LATEST = "energy12"
CELLS = (*FLOWS, "balance")
_SCOPES: Mapping[str, Series] = {
    "goods": "bop_goods",
    "services": "bop_services",
    "goods_services": "bop_goods_services",
}


@dataclass(frozen=True, slots=True)
class FlowsSpec:
    """What is compared with what: the partner, the years, the month the agreement took effect and the names to use."""

    partner: str
    in_force: str
    baseline_year: int
    baseline_years: tuple[int, ...]
    evaluation_year: int
    first_full_year: int
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def partial_year(self) -> int | None:
        """The calendar year partly under the agreement; None where it took effect in January."""
        year, month = self.in_force.split("-")
        return None if month == "01" else int(year)


@dataclass(frozen=True)
class Flows:
    """Bilateral trade with one partner.

    Attributes
    ----------
    monthly, trailing : DataFrame
        Months; exports, imports, balance in USD million (`trailing`: sums of 12 months).
    annual : DataFrame
        Complete calendar years, USD million.
    levels : DataFrame
        Index (series, period): series as in `Series`, period a year ("2011"), `prior12` (the 12 months before the
        month of entry into force) or `latest12`; columns exports, imports, balance in USD billion.
    spans : mapping
        How to write each period that is not a year.
    energy : DataFrame or None
        Exports, of them mineral fuels (HS 27) and everything else, USD billion; index the complete years ("2013") and,
        where the chapters go beyond the last, `energy12`: their latest 12 months. None without such data.
    energy_elsewhere : bool
        Whether exports of energy are held for other partners, but not for this one.
    prices : Series or None
        Consumer price index of the reporter by year; None without such data.
    """

    spec: FlowsSpec
    monthly: pd.DataFrame
    trailing: pd.DataFrame
    annual: pd.DataFrame
    levels: pd.DataFrame
    spans: Mapping[str, str]
    energy: pd.DataFrame | None
    energy_elsewhere: bool
    prices: pd.Series | None

    @property
    def last_month(self) -> str:
        """Last month of the Census series."""
        return str(self.monthly.index[-1])

    @property
    def last_year(self) -> int:
        """Last complete calendar year of the Census series."""
        return int(self.annual.index[-1])

    @property
    def evaluation_year(self) -> int | None:
        """The agreement's evaluation year, or the last complete year before it; None before the first full year."""
        year = min(self.spec.evaluation_year, self.last_year)
        return year if year >= self.spec.first_full_year else None

    @property
    def latest_is_evaluation(self) -> bool:
        """Whether the latest 12 months are the evaluation year itself; showing both tells one thing twice."""
        return self.last_month == f"{self.evaluation_year}-12"

    @cached_property
    def scale(self) -> Scale:
        """How amounts are written: by the smaller flow of the baseline year."""
        baseline = str(self.spec.baseline_year)
        return scale_of(*(self.level(flow, baseline) for flow in FLOWS))

    @property
    def starts(self) -> tuple[str, ...]:
        """The starting points set side by side: years, and `prior12` where that is no calendar year itself."""
        years = tuple(map(str, self.spec.baseline_years))
        return years if self.spec.partial_year is None else (*years, PRIOR)

    @property
    def starts_before(self) -> tuple[str, ...]:
        """The starting points wholly before the agreement."""
        return tuple(start for start in self.starts if start == PRIOR or start < self.spec.in_force[:4])

    def level(self, what: str, period: str, series: Series = "census_goods") -> float | None:
        """Return exports, imports or balance of `period` in USD billion, or None where the data have none."""
        value = self._cells.get((series, period), {}).get(what)
        return None if value is None or value != value else value

    @cached_property
    def _cells(self) -> dict[tuple[str, str], dict[str, float]]:
        return self.levels.to_dict(orient="index")  # type: ignore[return-value]

    def change(self, what: str, start: str, end: str, series: Series = "census_goods") -> float | None:
        """Return the change from `start` to `end` in USD billion, or None where one of them is missing."""
        first, last = self.level(what, start, series), self.level(what, end, series)
        return None if first is None or last is None else last - first

    def span(self, period: str) -> str:
        """Return how to write a period: `2011`, `the 12 months to July 2026`."""
        return self.spans.get(period, period)

    def grid(self, what: str) -> pd.DataFrame:
        """Change in USD billion, rows the starting points, columns the end periods.

        `latest12` is a column only where it is no calendar year that has one already.
        """
        starts = self.starts
        ends = [str(y) for y in self.annual.index if y >= self.spec.first_full_year]
        ends += [] if f"{self.last_year}-12" == self.last_month else [LATEST]
        cells = {end: [self.change(what, start, end) for start in starts] for end in ends}
        return pd.DataFrame(cells, index=pd.Index(list(starts), name="baseline"), dtype=float)

    def to_frame(self) -> pd.DataFrame:
        """Return the monthly series with 12-month sums, USD million."""
        return self.monthly.join(self.trailing.add_suffix("_12m"))

    def findings(self) -> Findings:
        """Return what chapter 01 may say."""
        return self._findings

    @cached_property
    def _findings(self) -> Findings:
        return flow_findings(self)

    def __repr__(self) -> str:
        return (
            f"Flows({self.spec.names.get('partner', self.spec.partner)}: {self.monthly.index[0]} to {self.last_month}, "
            f"{len(self.monthly)} months, USD million)"
        )


def analyse_flows(
    trade: pd.DataFrame,
    bop: pd.DataFrame,
    *,
    spec: FlowsSpec,
    energy: pd.DataFrame | None = None,
    prices: pd.DataFrame | None = None,
) -> Flows:
    """Compile the flows with one partner.

    Parameters
    ----------
    trade : DataFrame
        month, partner, flow, value_usd_mn (Census goods).
    bop : DataFrame
        year, quarter (0 annual), partner, flow, scope, value_usd_mn (BOP basis); rows of other partners are ignored.
    energy : DataFrame, optional
        month, partner, value_usd_mn: exports of HS chapter 27.
    prices : DataFrame, optional
        year, month (0 annual average), iso3, index: consumer prices; only the reporter's annual rows are used.

    Raises
    ------
    MissingPartner
        `trade` has no rows for the partner.
    """
    monthly = monthly_flows(trade, partner=spec.partner)
    trailing = trailing_year(monthly)
    annual = complete_years(monthly)
    levels, spans = _levels(monthly, annual, trailing, bop, spec)
    energy_table, spans[ENERGY_LATEST] = _energy(monthly, energy, spec.partner)
    return Flows(
        spec=spec,
        monthly=monthly,
        trailing=trailing,
        annual=annual,
        levels=levels,
        spans=spans,
        energy=energy_table,
        energy_elsewhere=energy is not None and not energy.empty and spec.partner not in set(energy["partner"]),
        prices=_annual_prices(prices),
    )


def _levels(
    monthly: pd.DataFrame, annual: pd.DataFrame, trailing: pd.DataFrame, bop: pd.DataFrame, spec: FlowsSpec
) -> tuple[pd.DataFrame, dict[str, str]]:
    prior = pd.Period(spec.in_force, freq="M") - 1
    last = pd.PeriodIndex(monthly.index)[-1]
    cells: dict[tuple[str, str], dict[Any, Any]] = {
        ("census_goods", str(year)): row for year, row in (annual / MN_PER_BN).to_dict(orient="index").items()
    }
    spans = {PRIOR: f"the 12 months to {prior:%B %Y}", LATEST: f"the 12 months to {last:%B %Y}"}
    sums = (trailing / MN_PER_BN).to_dict(orient="index")
    for key, month in ((PRIOR, prior), (LATEST, last)):
        if month in sums:
            cells["census_goods", key] = sums[month]
    own = bop.loc[bop["partner"] == spec.partner]
    for scope, series in _SCOPES.items():
        rows = own.loc[own["scope"] == scope]
        if rows.empty:
            continue
        wide = rows.pivot(index=["year", "quarter"], columns="flow", values="value_usd_mn")
        wide = wide.reindex(columns=list(FLOWS)) / MN_PER_BN
        wide = wide.assign(balance=wide["exports"] - wide["imports"]).reset_index()
        years = wide.loc[wide["quarter"] == 0].set_index("year")[list(CELLS)]
        cells |= {(series, str(year)): row for year, row in years.to_dict(orient="index").items()}
        quarters = wide.loc[wide["quarter"] > 0].sort_values(["year", "quarter"]).tail(4)
        if len(quarters) == 4:
            cells[series, LATEST] = quarters[list(CELLS)].sum().to_dict()
            year, quarter = (int(quarters[name].iloc[-1]) for name in ("year", "quarter"))
            spans[f"{series}:{LATEST}"] = f"the four quarters to {month_name(f'{year}-{3 * quarter:02d}')}"
    levels = pd.DataFrame(cells).T
    levels.index = levels.index.set_names(["series", "period"])
    return levels, spans


def _energy(monthly: pd.DataFrame, energy: pd.DataFrame | None, partner: str) -> tuple[pd.DataFrame | None, str]:
    rows = None if energy is None else energy.loc[energy["partner"] == partner]
    if rows is None or rows.empty:
        return None, ""
    fuels = rows.set_index(pd.PeriodIndex(rows["month"], freq="M"))["value_usd_mn"].sort_index()
    both = pd.DataFrame({"exports": monthly["exports"], "energy": fuels}).dropna() / MN_PER_BN
    table = complete_years(both)
    table.index = table.index.astype(str)
    last = pd.PeriodIndex(both.index)[-1]
    if last.month < 12:
        table.loc[ENERGY_LATEST] = trailing_year(both).loc[str(last)]
    return table.dropna().assign(other=lambda t: t["exports"] - t["energy"]), f"the 12 months to {month_name(last)}"


def _annual_prices(prices: pd.DataFrame | None) -> pd.Series | None:
    if prices is None:
        return None
    rows = prices.loc[(prices["month"] == 0)]
    return None if rows.empty else rows.set_index("year")["index"].astype(float)


@measured
def of(study: Study) -> Flows:
    """Return the bilateral flows with the partner."""

    a, p = study.agreement, study.parameters
    spec = FlowsSpec(
        partner=a.partner.census_code,
        in_force=f"{a.dates.in_force:%Y-%m}",
        baseline_year=p.baseline_year,
        baseline_years=a.baseline_years,
        evaluation_year=a.evaluation_year,
        first_full_year=a.first_full_year,
        names=study.names,
    )
    prices = study.load("consumer_prices")
    return analyse_flows(
        study.load("goods_trade_monthly"),
        study.load("goods_services_bop"),
        spec=spec,
        energy=study.load("exports_energy_monthly"),
        prices=prices.loc[prices["iso3"] == a.reporter.iso3],
    )
