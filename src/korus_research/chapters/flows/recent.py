"""Imports of the latest months beside those from other partners: description of a swing that annual sums hide.

Months are compared with the same months a year before, which takes the season out; nothing takes out what was brought
forward or put off a year before. Values, not volumes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from korus_research.data.study import Study
from korus_research.errors import MissingPartner
from korus_research.methods.series import MN_PER_BN, MONTHS_A_YEAR, WORLD, monthly_flows, months_text

SPAN = 3  # months compared with the same months a year before
LARGE = 0.01  # of all imports in these months: partners that a comparison names


@dataclass(frozen=True)
class Recent:
    """Imports in the 12 months to the last one, where the total of the world reaches it.

    Attributes
    ----------
    months : Series
        The partner's imports by month, USD billion.
    growth : Series
        Percent change over the last `SPAN` months against the same a year before: the partner and others of at least
        `LARGE` of all imports, by code.
    others : float
        The same of all other partners together.
    index : DataFrame
        Imports in the 24 months to the last one, the mean of the first 12 being 100: columns partner and others.
    partner : str
        Census code.
    partner_names : mapping
        By code.
    industries : str
        Last month with imports from the partner by industry, "YYYY-MM"; empty where there is none.
    """

    months: pd.Series[float]
    growth: pd.Series[float]
    others: float
    index: pd.DataFrame
    partner: str
    partner_names: Mapping[str, str]
    industries: str

    @property
    def span_name(self) -> str:
        """The months compared with those of a year before, for a sentence: "June to August 2026"."""
        return months_text(self.months.index[-SPAN], self.months.index[-1])

    @property
    def extremes(self) -> tuple[tuple[pd.Period, float], tuple[pd.Period, float]]:
        """The lowest and the highest month with their imports, USD billion; the earlier first."""
        ordered = self.months.sort_values()
        first, second = sorted((ordered.index[k], float(ordered.iloc[k])) for k in (0, -1))
        return first, second

    @property
    def apart(self) -> bool:
        """Whether these two are `SPAN` months apart or more; else the change between them is that of a month or two."""
        (first, _), (second, _) = self.extremes
        return bool((second - first).n >= SPAN)

    @property
    def alike(self) -> tuple[str, ...]:
        """Names of the other large partners whose imports rose at least as fast, or fell no faster; fastest first."""
        beside = self.growth.drop(self.partner)
        found = beside[beside >= self.growth[self.partner]].sort_values(ascending=False)
        return tuple(self.partner_names[str(code)] for code in found.index)


def of_study(study: Study) -> Recent | None:
    """Return the latest months; None where the partner or the world lacks one of the last two years."""
    trade, partner = study.load("goods_trade_monthly"), study.agreement.partner.census_code
    try:
        own, world = (monthly_flows(trade, partner=code)["imports"].dropna() for code in (partner, WORLD))
    except MissingPartner:
        return None
    wanted = pd.period_range(end=own.index[-1], periods=2 * MONTHS_A_YEAR, freq="M")
    if not (wanted.isin(own.index).all() and wanted.isin(world.index).all()):
        return None
    months = own.loc[wanted[-MONTHS_A_YEAR:]] / MN_PER_BN
    growth, others = _growth(trade, wanted, partner)
    both = pd.DataFrame({"partner": own, "others": world - own}).loc[wanted]
    index = 100 * both / both.iloc[:MONTHS_A_YEAR].mean()
    industries = study.last_period("sector_duties_monthly", partner=partner)
    return Recent(months, growth, others, index, partner, study.partner_names, industries)


def _growth(trade: pd.DataFrame, wanted: pd.PeriodIndex, partner: str) -> tuple[pd.Series[float], float]:
    rows = trade[(trade["flow"] == "imports") & trade["month"].isin(wanted.astype(str))]
    table = rows.pivot(index="month", columns="partner", values="value_usd_mn").sort_index().dropna(axis="columns")
    now, before = table.iloc[-SPAN:].sum(), table.iloc[-SPAN - MONTHS_A_YEAR : -MONTHS_A_YEAR].sum()
    growth = 100 * (now / before.where(before > 0) - 1)
    large = (now >= LARGE * now[WORLD]) & (now.index != WORLD) | (now.index == partner)
    others = 100 * ((now[WORLD] - now[partner]) / (before[WORLD] - before[partner]) - 1)
    return growth[large].dropna(), float(others)
