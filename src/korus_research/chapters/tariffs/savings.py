"""Duty not levied: what the actual imports would have borne at a rate without the agreement, less what they bore.

Two readings of that rate (decision 30). One is the partner's own realised rate before the agreement: it keeps the
basket of that year. The other follows the basket: in each industry the rate borne that year by partners without an
agreement. Neither is the duty on the very lines that came in: no basket by chapter or industry exists before 2013. And
both value the trade that took place, some of it perhaps only under the agreement: a saving of duty is no gain of
anyone's.

Where duties began later that spared the partner (steel in 2018), the rate of the others holds a policy that is not the
agreement. Their rate in that industry is held at that of the last whole year before; what it was as levied is kept
beside it. The partner's own duty is as levied throughout, so the reading is low by what it paid of such duties itself
(on aluminium, from which it was not exempt for long).
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass

import pandas as pd

from korus_research.chapters.tariffs.rates import USD, pooled, pooled_year, rate
from korus_research.methods.series import MONTHS_A_YEAR

KEYS = ["year", "partner", "code"]


@dataclass(frozen=True)
class Savings:
    """Duty not levied."""

    # Realised rates before the agreement, percent: `before` (last full year before entry into force, the default),
    # `prior` (12 months before the month of entry into force), `earlier` (the year before `before`).
    base_rates: Mapping[str, float]
    # Duty not levied against the default base rate, US dollars, from the first whole month under the agreement; NaN in
    # a month without figures.
    monthly: pd.Series[float]
    # By whole year: imports_usd, duty_usd, rate (percent), base_usd (duty not levied against the default base rate),
    # matched_rate (percent: the rate of partners without an agreement, industry by industry, on the partner's basket,
    # exempt industries held), matched_usd (duty not levied against it), margin (matched_rate less rate, points), and
    # levied_rate, levied_usd, levied_margin: the same with no industry held; NaN where the industries are not held.
    annual: pd.DataFrame

    def between(self, first: pd.Period, last: pd.Period, base: float, months: pd.DataFrame) -> float:
        """Return the duty not levied over a span against `base` percent, US dollars, over the months held."""
        span = months.loc[first:last].dropna()
        return float((base / 100 * span["imports_usd"] - span["duty_usd"]).sum())


def savings(months: pd.DataFrame, industries: pd.DataFrame, *, in_force: pd.Period, divided: bool) -> Savings | None:
    """Return the savings; None where the partner's duty of the year before entry into force is not held.

    Parameters
    ----------
    months : DataFrame
        The partner's imports_usd and duty_usd by month.
    industries : DataFrame
        Of `by_industry`, by (year, code), whole years, exempt industries held.
    in_force : Period
        Month of entry into force; `divided` says that it is not the first day.
    """
    base = pooled_year(months, in_force.year - 1)
    if base is None:
        return None
    prior = pooled(months, in_force - MONTHS_A_YEAR, in_force - 1)
    rates = {"before": base, "prior": prior, "earlier": pooled_year(months, in_force.year - 2)}
    span = months.loc[in_force + 1 if divided else in_force :]
    monthly = base / 100 * span["imports_usd"] - span["duty_usd"]
    known = {key: value for key, value in rates.items() if value is not None}
    return Savings(known, monthly, _annual(months, industries, base))


def _annual(months: pd.DataFrame, industries: pd.DataFrame, base: float) -> pd.DataFrame:
    held = months.dropna()
    year = pd.PeriodIndex(held.index).year
    sums = held.groupby(year).sum()[held.groupby(year).size() == MONTHS_A_YEAR].rename_axis("year")
    sums["rate"] = rate(sums)
    sums["base_usd"] = base / 100 * sums["imports_usd"] - sums["duty_usd"]
    for name, margin in (("matched", "margin"), ("levied", "levied_margin")):
        would = duty_at(industries, f"{name}_rate").reindex(sums.index)
        sums[f"{name}_rate"] = 100 * would / sums["imports_usd"]
        sums[f"{name}_usd"] = would - sums["duty_usd"]
        sums[margin] = sums[f"{name}_rate"] - sums["rate"]
    return sums


def with_duties(imports: pd.DataFrame, duties: pd.DataFrame) -> pd.DataFrame:
    """Return `sector_imports_annual` and `sector_duties_annual` in one: year, partner, code, imports_usd, duty_usd."""
    both = imports.merge(duties[[*KEYS, "duty_usd"]], on=KEYS, validate="one_to_one")
    return both.rename(columns={"value_usd": "imports_usd"})[[*KEYS, *USD]]


def by_industry(trade: pd.DataFrame, *, partner: str, matched: Collection[str], period: str = "year") -> pd.DataFrame:
    """Return the partner's industries with the rate of the matched partners, from trade as `with_duties` returns it.

    Returns
    -------
    DataFrame by (period, code): imports_usd, duty_usd, rate, levied_rate (the matched partners', percent) and
    matched_rate, which is the same until some of it is held (`holding`). An industry from which the matched partners
    sent nothing has the partner's own rate: no saving.
    """
    own = trade[trade["partner"] == partner].set_index([period, "code"])[list(USD)].astype(float)
    group = trade[trade["partner"].isin(matched)].groupby([period, "code"])[list(USD)].sum()
    rates, theirs = (rate(sums[sums["imports_usd"] > 0]).reindex(own.index) for sums in (own, group))
    levied = theirs.fillna(rates)
    return own.assign(rate=rates, levied_rate=levied, matched_rate=levied)


def held_rates(table: pd.DataFrame, exempt: Mapping[str, int]) -> dict[str, float]:
    """Return the rate at which each exempt industry is held: the matched partners' in the last whole year before.

    `table` is of `by_industry`; `exempt` has the last whole year before the duties that spared the partner, by
    industry.
    """
    rates = table["levied_rate"]
    return {code: float(rates.loc[(year, code)]) for code, year in exempt.items() if (year, code) in rates.index}


def holding(table: pd.DataFrame, rates: Mapping[tuple[Hashable, str], float]) -> pd.DataFrame:
    """Return the table of `by_industry` with the matched rate held where `rates` has one, by (period, code)."""
    found = [rates.get(key) for key in table.index]
    return table.assign(matched_rate=pd.Series(found, table.index, dtype=float).fillna(table["matched_rate"]))


def duty_at(table: pd.DataFrame, rates: str) -> pd.Series[float]:
    """Return the duty on the partner's imports at a column of rates by period, US dollars."""
    would: pd.Series[float] = (table[rates].fillna(0) / 100 * table["imports_usd"]).groupby(level=0).sum()
    return would


def rate_parts(table: pd.DataFrame, first: int, last: int) -> pd.DataFrame:
    """Split the change of the realised rate between two years by industry into rates and basket; adds up exactly.

    Returns
    -------
    From `by_industry`, a DataFrame by code: `rates` (mean weight times change of the industry's rate) and `basket`
    (mean rate less the overall mean, times change of its weight), percentage points. Their sum is the change of the
    overall rate.
    """
    weights, rates, overall = [], [], []
    for year in (first, last):
        of_year = table.xs(year, level="year")
        weights.append(of_year["imports_usd"] / of_year["imports_usd"].sum())
        rates.append(of_year["rate"])
        overall.append(float(100 * of_year["duty_usd"].sum() / of_year["imports_usd"].sum()))
    codes = weights[0].index.union(weights[1].index)
    # An industry that was not traded in one of the years has no rate there: its other rate leaves it no change of rate.
    r0, r1 = (r.reindex(codes) for r in rates)
    r0, r1 = r0.fillna(r1).fillna(0.0), r1.fillna(r0).fillna(0.0)
    w0, w1 = (w.reindex(codes).fillna(0.0) for w in weights)
    middle = sum(overall) / 2
    return pd.DataFrame({"rates": (w0 + w1) / 2 * (r1 - r0), "basket": (w1 - w0) * ((r0 + r1) / 2 - middle)})
