"""The preference line by line: the duty at the rate that others paid on a line, against the duty paid on it.

Others are rich suppliers without an agreement. A duty paid says that the preference was not claimed, or that another
duty bore on the line: so the use found is a lower bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Preference:
    """The lines of one year on which others paid duty.

    `lines` has hs8, imports_usd, duty_usd, usual_pct, usual_usd (duty at the usual rate), saved_usd and used_usd
    (imports that paid less, in proportion), US dollars and percent.
    """

    year: int
    lines: pd.DataFrame
    imports: float  # on all lines, US dollars
    unknown: float  # on lines without a usual rate

    def by(self, column: str, ends: tuple[float, ...]) -> pd.DataFrame:
        """Return sums by group of `column`, a row a group from the lowest, indexed by its place.

        Columns lines, imports_usd, usual_usd, duty_usd, saved_usd, and use (percent of imports).
        """
        places = np.searchsorted(np.asarray(ends), self.lines[column].to_numpy(dtype=float), side="left")
        return _summed(self.lines, places).reindex(range(len(ends) + 1))

    def by_chapter(self) -> pd.DataFrame:
        """Return the same by chapter of the tariff, most saved first."""
        return _summed(self.lines, self.lines["hs8"].str[:2].to_numpy()).sort_values("saved_usd", ascending=False)

    @property
    def use(self) -> float:
        """Return the imports that paid less in proportion, percent of those on lines on which others paid."""
        return float(100 * self.lines["used_usd"].sum() / self.lines["imports_usd"].sum())


def _summed(lines: pd.DataFrame, by: np.ndarray[Any, Any]) -> pd.DataFrame:
    groups = lines.groupby(by)
    sums = groups[["imports_usd", "usual_usd", "duty_usd", "saved_usd", "used_usd"]].sum()
    return sums.assign(lines=groups.size(), use=100 * sums["used_usd"] / sums["imports_usd"])


def preference(table: pd.DataFrame, partner: str, least: float) -> Preference | None:
    """Return the lines of a partner on which others paid at least `least` percent; None where it has no line.

    `table` is `preference_lines`.
    """
    own = table[table["partner"] == partner]
    if own.empty:
        return None
    lines = own[own["usual_pct"] >= least].drop(columns=["partner", "year"]).reset_index(drop=True)
    usual = lines["usual_pct"] / 100 * lines["imports_usd"]
    share = (1 - lines["duty_usd"] / usual).clip(0, 1)
    lines = lines.assign(usual_usd=usual, saved_usd=usual - lines["duty_usd"], used_usd=share * lines["imports_usd"])
    unknown = float(own.loc[own["usual_pct"].isna(), "imports_usd"].sum())
    return Preference(int(own["year"].iloc[0]), lines, float(own["imports_usd"].sum()), unknown)
