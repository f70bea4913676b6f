"""What a revision of the statistics made of the duty: the month that it moved most, as first published and as now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from korus_research.chapters.tariffs.rates import all_months, rate, together


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
        found: pd.Period = (self.rates["now"] - self.rates["first"]).abs().idxmax()
        return found

    @property
    def turned(self) -> int:
        """Return in how many months the gap changed its sign."""
        return int((self.gaps["first"] * self.gaps["now"] < 0).sum())


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
