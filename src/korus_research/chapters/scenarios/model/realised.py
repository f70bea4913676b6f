"""Realised duties (duty over imports for consumption) by economy and year, of the partner by month; its imports."""

from __future__ import annotations

import pandas as pd

from korus_research.methods.series import MONTHS_A_YEAR, WORLD, month_name, months_text


def realised(annual: pd.DataFrame, economies: pd.DataFrame, *, year: int) -> pd.Series | None:
    """Return the reporter's realised duty of a year by economy (duty over imports for consumption); None without it."""
    table = annual[annual["year"] == year].set_index("partner")
    if WORLD not in table.index:
        return None
    return by_economy(table, economies, world=WORLD, numerator="duty_usd", denominator="imports_usd")


def realised_others(annual: pd.DataFrame, *, year: int, partner: str) -> float | None:
    """Return the realised duty on all partners but one, or None."""
    table = annual[annual["year"] == year].set_index("partner")
    if not {WORLD, partner} <= set(table.index):
        return None
    pair = table.loc[[WORLD, partner], ["duty_usd", "imports_usd"]].to_numpy(dtype=float)
    duty, imports = pair[0] - pair[1]
    return float(duty / imports)


def realised_year(monthly: pd.DataFrame, *, year: int, partner: str) -> float | None:
    """Return the realised duty on a partner in a complete year, or None."""
    rows = monthly[(monthly["partner"] == partner) & (monthly["month"].str[:4] == str(year))]
    return float(rows["duty_usd"].sum() / rows["imports_usd"].sum()) if len(rows) == MONTHS_A_YEAR else None


def monthly_rates(monthly: pd.DataFrame, *, partner: str, first: int) -> pd.Series:
    """Return the realised duty on a partner by month (PeriodIndex), from January of `first` on."""
    rows = monthly[(monthly["partner"] == partner) & (monthly["month"] >= f"{first}-01")].sort_values("month")
    index = pd.PeriodIndex(rows["month"], freq="M")
    return pd.Series((rows["duty_usd"] / rows["imports_usd"]).to_numpy(dtype=float), index=index)


def latest_rate(monthly: pd.DataFrame, *, partner: str, after: int) -> tuple[float | None, str]:
    """Return the realised duty on a partner in the months known of the last year after `after`, and these months."""
    rows = monthly[(monthly["partner"] == partner) & (monthly["month"] > f"{after}-12")].sort_values("month")
    rows = rows[rows["month"].str[:4] == rows["month"].str[:4].max()]
    if rows.empty:
        return None, ""
    months = [pd.Period(month, "M") for month in rows["month"]]
    return float(rows["duty_usd"].sum() / rows["imports_usd"].sum()), months_text(months[0], months[-1])


def imports_change(trade: pd.DataFrame, *, partner: str, before: int) -> tuple[float | None, str]:
    """Return the change of imports from a partner, the last twelve months against a year before, and these months."""
    rows = trade[(trade["partner"] == partner) & (trade["flow"] == "imports")].sort_values("month")
    last, old = rows.tail(MONTHS_A_YEAR), rows[rows["month"].str[:4] == str(before)]
    if len(old) < MONTHS_A_YEAR or len(last) < MONTHS_A_YEAR or str(last["month"].iloc[-1]) <= f"{before}-12":
        return None, ""
    change = float(last["value_usd_mn"].sum() / old["value_usd_mn"].sum()) - 1
    return change, f"the 12 months to {month_name(last['month'].iloc[-1])}"


def by_economy(
    table: pd.DataFrame, economies: pd.DataFrame, *, world: str, numerator: str, denominator: str
) -> pd.Series:
    """Return ratios by economy; those without a row of their own get the ratio of the world less all that have one."""
    own = table[table.index.isin(economies["partner"].dropna())]
    columns = [numerator, denominator]
    rest = table.loc[world, columns].to_numpy(dtype=float) - own[columns].to_numpy(dtype=float).sum(axis=0)
    ratios = (own[numerator] / own[denominator]).reindex(economies["partner"])
    ratios.index = pd.Index(economies["iso3"])
    return ratios.fillna(float(rest[0] / rest[1])).astype(float)
