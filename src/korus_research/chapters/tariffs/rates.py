"""Realised duty rates: calculated duty over imports for consumption, month by month; a missing month stays missing.

Calculated duty is what rates imply at entry, not what was paid (decision 49).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from korus_research.errors import MissingFigures, MissingPartner

USD = ("imports_usd", "duty_usd")


def partner_months(duties: pd.DataFrame, partner: str) -> pd.DataFrame:
    """Return imports_usd (for consumption) and duty_usd of one partner by month (PeriodIndex "M"), US dollars.

    `duties` has month ("YYYY-MM"), partner (Census code) and these. A month that it lacks is NaN and is never filled.

    Raises
    ------
    MissingPartner
        No rows for `partner`.
    """
    rows = duties.loc[duties["partner"] == partner]
    if rows.empty:
        raise MissingPartner(
            f"The duty table has no rows for partner '{partner}'",
            expected="a Census code with imports and duty by month",
            do="List the codes with `korus partners`",
        )
    return all_months(rows)[partner]


def all_months(duties: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return what `partner_months` returns for every partner of the table, on the months of the whole table.

    MissingFigures where the table has no row, as before its first month.
    """
    if duties.empty:
        raise MissingFigures(
            "The data do not yet reach duties by partner and month",
            expected="a last month from which the tables of duties have data",
            do="Choose a later month as as_of",
        )
    wide = {column: duties.pivot(index="month", columns="partner", values=column).astype(float) for column in USD}
    held = pd.PeriodIndex(wide[USD[0]].index, freq="M")
    whole = pd.period_range(held.min(), held.max(), freq="M", name="month")
    full = {column: table.set_axis(held).reindex(whole) for column, table in wide.items()}
    return {str(code): pd.DataFrame({c: full[c][code] for c in USD}) for code in wide[USD[0]].columns}


def together(months: Mapping[str, pd.DataFrame], partners: Iterable[str]) -> pd.DataFrame:
    """Return the sum of several partners by month; a month in which one of them is missing is NaN."""
    first, *others = (months[code] for code in dict.fromkeys(partners))
    return sum(others, first)


def rate(months: pd.DataFrame) -> pd.Series[float]:
    """Return duty over imports, percent."""
    percent: pd.Series[float] = 100 * months["duty_usd"] / months["imports_usd"]
    return percent


def pooled(months: pd.DataFrame, first: pd.Period, last: pd.Period) -> float | None:
    """Return the rate of a span, all its duty over all its imports, percent; None unless every month of it is held."""
    wanted = pd.period_range(first, last, freq="M")
    span = months.reindex(wanted)
    if not len(wanted) or bool(span[list(USD)].isna().any().any()):
        return None
    return float(100 * span["duty_usd"].sum() / span["imports_usd"].sum())


def pooled_year(months: pd.DataFrame, year: int) -> float | None:
    """Return the rate of a calendar year, percent; None unless all its months are held."""
    return pooled(months, pd.Period(f"{year}-01", freq="M"), pd.Period(f"{year}-12", freq="M"))


@dataclass(frozen=True)
class Revision:
    """Rates of the partner and its gap to the other partners, percent and points, by month held in both publications.

    `rates` and `gaps` have the columns first and now.
    """

    rates: pd.DataFrame
    gaps: pd.DataFrame

    @property
    def month(self) -> pd.Period:
        """Return the month whose rate of the partner was revised most."""
        changes = (self.rates["now"] - self.rates["first"]).abs()
        return pd.PeriodIndex(changes.index)[int(changes.to_numpy().argmax())]


def revision(
    replaced: pd.DataFrame, held: Mapping[str, pd.DataFrame], partner: str, others: tuple[str, ...]
) -> Revision | None:
    """Return what the revision changed; None where no month was replaced.

    Parameters
    ----------
    replaced
        Month, partner, imports_usd, duty_usd as first published.
    held
        The same as now, by partner code and month.
    others
        The partners to whose rate together the gap is taken, in both publications.
    """
    if replaced.empty or not {partner, *others} <= set(replaced["partner"]):
        return None
    first = all_months(replaced)
    rates, gaps = {}, {}
    for name, months in (("first", first), ("now", held)):
        own = rate(months[partner])
        rates[name], gaps[name] = own, own - rate(together(months, others))
    both = [pd.DataFrame(columns).reindex(first[partner].index).dropna() for columns in (rates, gaps)]
    return Revision(*both)
