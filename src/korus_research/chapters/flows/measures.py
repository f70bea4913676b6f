"""Bilateral flows: levels, changes and the balance, from every starting point.

Description only (docs/methods/flows.md). Census basis: exports f.a.s., general imports at customs value, nominal, not
seasonally adjusted. BOP basis: goods and services of BEA and Census, seasonally adjusted quarters, annual totals.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Literal, get_args

import pandas as pd

from korus_research.chapters.flows.recent import Recent, of_study
from korus_research.data.agreements import Agreement
from korus_research.data.study import Study, measured
from korus_research.errors import InvalidParameter, did_you_mean
from korus_research.methods.series import FLOWS, MN_PER_BN, complete_years, month_name, monthly_flows, trailing_year
from korus_research.show.declared import Result
from korus_research.show.scale import Scale, scale_of

Series = Literal["census_goods", "bop_goods", "bop_services", "bop_goods_services"]
PRIOR = "prior12"
LATEST = "latest12"
ENERGY_LATEST = "energy12"
HALF_A_YEAR = 6  # months
CELLS = (*FLOWS, "balance")
BOP_SERIES: tuple[Series, ...] = ("bop_goods", "bop_services", "bop_goods_services")


@dataclass(frozen=True)
class Flows(Result):
    """Bilateral trade with one partner.

    Attributes
    ----------
    agreement, baseline_year, study_names
        Whose trade is compared with which year, and the names that sentences of the study use.
    monthly, trailing, annual : DataFrame
        Months, sums of 12 months and complete calendar years; exports, imports, balance in USD million.
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
    recent : Recent or None
        The latest months of imports beside other partners'; None without two years of them.
    """

    agreement: Agreement
    baseline_year: int
    study_names: Mapping[str, str]
    monthly: pd.DataFrame
    trailing: pd.DataFrame
    annual: pd.DataFrame
    levels: pd.DataFrame
    spans: Mapping[str, str]
    energy: pd.DataFrame | None
    energy_elsewhere: bool
    prices: pd.Series | None
    recent: Recent | None

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
        year = min(self.agreement.evaluation_year, self.last_year)
        return year if year >= self.agreement.first_full_year else None

    @property
    def partial_year(self) -> int | None:
        """The calendar year partly under the agreement; None where it took effect in January."""
        day = self.agreement.dates.in_force
        return None if day.month == 1 else day.year

    @property
    def services_end(self) -> str:
        """The last quarter with services, "March 2024"; empty without them, or where they end within half a year."""
        span = self.spans.get(f"bop_services:{LATEST}", "").rpartition(" to ")[2]
        behind = span and (pd.Period(self.last_month, freq="M") - pd.Period(span, freq="M")).n > HALF_A_YEAR
        return span if behind else ""

    @property
    def latest_is_evaluation(self) -> bool:
        """Whether the latest 12 months are the evaluation year itself."""
        return self.last_month == f"{self.evaluation_year}-12"

    @cached_property
    def scale(self) -> Scale:
        """How amounts are written: by the smaller flow of the baseline year."""
        baseline = str(self.baseline_year)
        return scale_of(*(self.level(flow, baseline) for flow in FLOWS))

    @property
    def starts(self) -> tuple[str, ...]:
        """The starting points set side by side: years, and `prior12` where that is no calendar year itself."""
        years = tuple(map(str, self.agreement.baseline_years))
        return years if self.partial_year is None else (*years, PRIOR)

    @property
    def starts_before(self) -> tuple[str, ...]:
        """The starting points wholly before the agreement."""
        in_force = str(self.agreement.dates.in_force.year)
        return tuple(start for start in self.starts if start == PRIOR or start < in_force)

    def duty_changes(self, first: date, last: date) -> list[date]:
        """Return the days from the first to the last on which duties outside the agreement changed."""
        wide = (event.date for event in self.agreement.events if any(standing.wide for standing in event.standing))
        return [day for day in wide if first <= day <= last]

    def level(self, what: str, period: str | int, series: Series = "census_goods") -> float | None:
        """Return exports, imports or balance of `period` in USD billion, or None where the data have none.

        `period` is a year, or "prior12" or "latest12", the twelve months before entry into force and the newest.
        InvalidParameter for what can't be one of these.
        """
        period = str(period)
        for name, given, known in (("what", what, CELLS), ("series", series, get_args(Series))):
            if given not in known:
                found = f"{name} is {given!r}{did_you_mean(str(given), known)}"
                raise InvalidParameter(found, expected=f"one of {', '.join(known)}", do="Correct it")
        if period not in (PRIOR, LATEST) and re.fullmatch(r"\d{4}", period) is None:
            expected = f"a year such as 2016, '{PRIOR}' or '{LATEST}'"
            raise InvalidParameter(f"period is {period!r}", expected=expected, do="Sum other months from `monthly`")
        value = self._cells.get((series, period), {}).get(what)
        return None if value is None or value != value else value

    @cached_property
    def _cells(self) -> dict[tuple[str, str], dict[str, float]]:
        return self.levels.to_dict(orient="index")  # type: ignore[return-value]

    def change(self, what: str, start: str | int, end: str | int, series: Series = "census_goods") -> float | None:
        """Return the change from `start` to `end` in USD billion, or None where one of them is missing."""
        first, last = self.level(what, start, series), self.level(what, end, series)
        return None if first is None or last is None else last - first

    def deficit_ratio(self, start: str, end: str, series: Series = "census_goods") -> float | None:
        """Return the deficit of `end` as a multiple of that of `start`, or None unless both have one."""
        first, last = self.level("balance", start, series), self.level("balance", end, series)
        return last / first if first and last and first < 0 and last < 0 else None

    def span(self, period: str) -> str:
        """Return a period in words: `2011`, `the 12 months to July 2026`."""
        return self.spans.get(period, period)

    def grid(self, what: str) -> pd.DataFrame:
        """Change in USD billion, rows the starting points, columns the end periods.

        `latest12` is a column only where it is no calendar year that has one already.
        """
        starts = self.starts
        ends = [str(y) for y in self.annual.index if y >= self.agreement.first_full_year]
        ends += [] if f"{self.last_year}-12" == self.last_month else [LATEST]
        cells = {end: [self.change(what, start, end) for start in starts] for end in ends}
        return pd.DataFrame(cells, index=pd.Index(list(starts), name="baseline"), dtype=float)

    def to_frame(self) -> pd.DataFrame:
        """Return the monthly series with 12-month sums, USD million."""
        return self.monthly.join(self.trailing.add_suffix("_12m"))

    def __repr__(self) -> str:
        return (
            f"Flows({self.agreement.partner.short}: {self.monthly.index[0]} to {self.last_month}, "
            f"{len(self.monthly)} months, USD million)"
        )


@measured
def of(study: Study) -> Flows:
    """Return the bilateral flows with the partner.

    Raises MissingPartner: there are no goods trade figures with the partner.
    """
    a, partner = study.agreement, study.agreement.partner.census_code
    monthly = monthly_flows(study.load("goods_trade_monthly"), partner=partner)
    trailing, annual = trailing_year(monthly), complete_years(monthly)
    bop, prior = study.load("goods_services_bop"), pd.Period(a.dates.in_force, freq="M") - 1
    levels, spans = _levels(monthly, annual, trailing, bop.loc[bop["partner"] == partner], prior)
    energy = study.load("exports_energy_monthly")
    fuels = energy.loc[energy["partner"] == partner]
    split, spans[ENERGY_LATEST] = _energy(monthly, fuels)
    prices = study.load("consumer_prices")
    yearly = prices.loc[(prices["iso3"] == a.reporter.iso3) & (prices["month"] == 0)]
    return Flows(
        agreement=a,
        baseline_year=study.parameters.baseline_year,
        study_names=study.names,
        monthly=monthly,
        trailing=trailing,
        annual=annual,
        levels=levels,
        spans=spans,
        energy=split,
        energy_elsewhere=fuels.empty and not energy.empty,
        prices=None if yearly.empty else yearly.set_index("year")["index"].astype(float),
        recent=of_study(study),
    )


def _levels(
    monthly: pd.DataFrame, annual: pd.DataFrame, trailing: pd.DataFrame, bop: pd.DataFrame, prior: pd.Period
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return `Flows.levels` and `Flows.spans`; `bop` holds the partner's rows, `prior` ends the year before entry."""
    last = pd.PeriodIndex(monthly.index)[-1]
    cells: dict[tuple[str, str], dict[Any, Any]] = {
        ("census_goods", str(year)): row for year, row in (annual / MN_PER_BN).to_dict(orient="index").items()
    }
    spans = {PRIOR: f"the 12 months to {prior:%B %Y}", LATEST: f"the 12 months to {last:%B %Y}"}
    sums = (trailing / MN_PER_BN).to_dict(orient="index")
    for key, month in ((PRIOR, prior), (LATEST, last)):
        if month in sums:
            cells["census_goods", key] = sums[month]
    for series in BOP_SERIES:
        rows = bop.loc[bop["scope"] == series.removeprefix("bop_")]
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


def _energy(monthly: pd.DataFrame, rows: pd.DataFrame) -> tuple[pd.DataFrame | None, str]:
    """Return `Flows.energy` from the partner's exports of energy, and its latest 12 months in words."""
    if rows.empty:
        return None, ""
    fuels = rows.set_index(pd.PeriodIndex(rows["month"], freq="M"))["value_usd_mn"].sort_index()
    both = pd.DataFrame({"exports": monthly["exports"], "energy": fuels}).dropna() / MN_PER_BN
    table = complete_years(both)
    table.index = table.index.astype(str)
    last = pd.PeriodIndex(both.index)[-1]
    if last.month < 12:
        table.loc[ENERGY_LATEST] = trailing_year(both).loc[str(last)]
    return table.dropna().assign(other=lambda t: t["exports"] - t["energy"]), f"the 12 months to {month_name(last)}"
