"""Exports of road vehicles (HS 87) by year, around the raise of the allowance.

When the allowance was raised, a limit that had bound would have let exports jump. The test: the change of exports of
the chapter from the last year before to the first year after, beside the same change for every other partner. The
chapter holds parts too, and one year is short: the test has little power against small effects.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import pandas as pd

from korus_research.data.agreements.parts import Commitment
from korus_research.methods.series import MONTHS_A_YEAR, WORLD

EXPORT_CODE = "87"


@dataclass(frozen=True)
class Raise:
    """The raised allowance and exports around it."""

    day: date  # first of the higher allowance
    years: tuple[int, int]  # last before, first after
    change: float  # of the partner's exports between them, percent
    others: pd.Series[float]  # the same for other partners, by code

    @property
    def above(self) -> int:
        """Return how many other partners' exports changed by more."""
        return int((self.others > self.change).sum())

    @property
    def low(self) -> float:
        """Return the lower quartile of the others."""
        return float(self.others.quantile(0.25))

    @property
    def high(self) -> float:
        """Return their upper quartile."""
        return float(self.others.quantile(0.75))


def whole_years(table: pd.DataFrame, code: str) -> pd.DataFrame:
    """Return one sector of `sector_exports_annual`, US dollars by whole year and partner."""
    rows = table[(table["code"] == code) & (table["months"] == MONTHS_A_YEAR)]
    return rows.pivot(index="year", columns="partner", values="value_usd").astype(float)


def raised(exports: pd.DataFrame, terms: Sequence[Commitment], *, partner: str) -> Raise | None:
    """Return the first raise of the allowance with exports around it; None without one, or before they are held."""
    for earlier, later in pairwise(terms):
        day = later.from_
        years = day.year - 1, day.year + ((day.month, day.day) != (1, 1))
        if later.value <= earlier.value or not set(years) <= set(exports.index):
            continue
        change: pd.Series[float] = 100 * (exports.T[years[1]] / exports.T[years[0]] - 1)
        others = change.drop([partner, WORLD]).dropna()
        return Raise(day, years, float(change[partner]), others)
    return None
