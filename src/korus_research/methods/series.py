"""Trade series of one partner: from long tables to months, complete years and 12-month sums."""

from __future__ import annotations

import math
from numbers import Integral
from typing import Literal

import pandas as pd

from korus_research.errors import MissingPartner

Flow = Literal["exports", "imports"]
FLOWS: tuple[Flow, ...] = ("exports", "imports")
WORLD = "0015"
MN_PER_BN = 1_000.0
USD_PER_BN = 1e9
MONTHS_A_YEAR = 12


def partner_code(partner: str | int) -> str:
    """Return a Census code as in the tables; a number, as YAML and papermill read it, lacks the leading zeros."""
    return f"{int(partner):04d}" if isinstance(partner, Integral) else str(partner)


def monthly_flows(trade: pd.DataFrame, *, partner: str | int) -> pd.DataFrame:
    """Exports, imports and balance of the reporter with one partner, by month.

    Parameters
    ----------
    trade : DataFrame
        Columns month ("YYYY-MM"), partner (Census Schedule C code), flow, value_usd_mn.
    partner : str or int
        Census code, "5800" for South Korea, "0015" for the world.

    Returns
    -------
    DataFrame indexed by month (PeriodIndex, "M") with columns exports, imports, balance in USD million.

    Raises
    ------
    MissingPartner
        No rows for `partner`.
    """
    partner = partner_code(partner)
    rows = trade.loc[trade["partner"] == partner]
    if rows.empty:
        raise MissingPartner(
            f"The trade table has no rows for partner '{partner}'",
            expected="a Census Schedule C code with data",
            do="List the codes with `korus partners`",
        )
    wide = rows.pivot(index="month", columns="flow", values="value_usd_mn").reindex(columns=list(FLOWS))
    wide.index = pd.PeriodIndex(wide.index, freq="M", name="month")
    wide.columns.name = None
    wide = wide.sort_index().astype(float)
    return wide.assign(balance=wide["exports"] - wide["imports"])


def complete_years(monthly: pd.DataFrame) -> pd.DataFrame:
    """Sum complete calendar years; years with a missing month are left out, never scaled up.

    Returns
    -------
    DataFrame indexed by year (int) with the columns of `monthly`, same unit.
    """
    index = pd.PeriodIndex(monthly.index)
    grouped = monthly.groupby(index.year)
    full = grouped.count().min(axis=1) == MONTHS_A_YEAR
    annual = grouped.sum().loc[full[full].index]
    annual.index = annual.index.rename("year")
    return annual


def trailing_year(monthly: pd.DataFrame) -> pd.DataFrame:
    """Sum the 12 months to each month; NaN if one of them is missing.

    Returns
    -------
    DataFrame on the full monthly range of `monthly`, same columns and unit.
    """
    index = pd.PeriodIndex(monthly.index)
    whole = monthly.reindex(pd.period_range(index.min(), index.max(), freq="M", name="month"))
    return whole.rolling(MONTHS_A_YEAR, min_periods=MONTHS_A_YEAR).sum()


def percent_change(before: float | None, after: float | None) -> float | None:
    """Return the change in percent of what was before; None where one of the two is missing, or there was nothing."""
    if not before or after is None or math.isnan(before) or math.isnan(after):
        return None
    return 100 * (after / before - 1)


def month_name(month: str | pd.Period) -> str:
    """Return `2026-07` as `July 2026`."""
    return pd.Period(month, freq="M").strftime("%B %Y")


def months_text(first: pd.Period, last: pd.Period) -> str:
    """Return `April to November 2025`, with both years if they differ; a single month as by `month_name`."""
    start = f"{first:%B}" if first.year == last.year else month_name(first)
    return month_name(last) if first == last else f"{start} to {month_name(last)}"
