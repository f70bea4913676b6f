"""Steps of the realised rate at the dates of the agreement, and the same difference where nothing was to happen.

A step is the mean of the 12 monthly rates after a date less that of the 12 before it; a month that the date divides is
in neither. The rate is an official figure: what is uncertain is how much of the difference would have come anyway, as
baskets change. So the same difference is taken at every other month whose windows touch no date of the agreement and no
added duty (placebos in time), and at the same date for other partners (placebos in space). A step of the rate is not an
effect on trade.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

WINDOW = 12
COVERAGE = 0.95
FEWEST_PLACEBOS = 20  # below that a 95 percent range has no meaning


@dataclass(frozen=True, slots=True)
class StepDate:
    """A date on which the rate was to change: the month, whether the date divides it, and whose duty steps.

    `goods` are empty at entry into force.
    """

    month: pd.Period
    divided: bool
    goods: str


@dataclass(frozen=True)
class Step:
    """A step and its placebos.

    Attributes
    ----------
    before, after, change : float or None
        Means of the monthly rates, percent, and their difference, percentage points; None without both windows.
    in_time : Series
        The same difference at other months of the partner, by month, percentage points; their windows overlap.
    in_space : Series
        The same difference at the same date for other partners, by code.
    low, high : float or None
        `change` less the upper and the lower end of the middle 95 percent of `in_time`.
    """

    date: StepDate
    before: float | None
    after: float | None
    in_time: pd.Series[float]
    in_space: pd.Series[float]

    @property
    def change(self) -> float | None:
        """Return the difference of the two means, percentage points."""
        return None if self.before is None or self.after is None else self.after - self.before

    @property
    def low(self) -> float | None:
        """Return the lower end of the interval."""
        return self._end((1 + COVERAGE) / 2)

    @property
    def high(self) -> float | None:
        """Return the upper end of the interval."""
        return self._end((1 - COVERAGE) / 2)

    @property
    def rank(self) -> int | None:
        """Return the place of the partner among all partners by the size of the fall; 1 is the largest fall."""
        if self.change is None or self.in_space.empty:
            return None
        return 1 + int((self.in_space <= self.change).sum())

    def _end(self, share: float) -> float | None:
        if self.change is None or len(self.in_time) < FEWEST_PLACEBOS:
            return None
        return self.change - float(np.quantile(self.in_time, share))


def difference(rates: pd.Series[float], month: pd.Period, *, divided: bool) -> tuple[float, float] | None:
    """Return the mean rates of the windows before and after `month`; None unless all of their months are held."""
    start = month + 1 if divided else month
    before = rates.reindex(pd.period_range(month - WINDOW, month - 1, freq="M"))
    after = rates.reindex(pd.period_range(start, start + WINDOW - 1, freq="M"))
    if before.isna().any() or after.isna().any():
        return None
    return float(before.mean()), float(after.mean())


def estimate_step(own: pd.Series[float], others: pd.DataFrame, date: StepDate, *, avoid: Sequence[StepDate]) -> Step:
    """Return the step of `own` at `date` with its placebos.

    Parameters
    ----------
    own : Series
        Monthly rate of the partner, percent, on every month.
    others : DataFrame
        Monthly rates of other partners, one a column; may be empty.
    avoid : sequence of StepDate
        Dates that no placebo's windows may touch: all steps, and added duties.
    """
    found = difference(own, date.month, divided=date.divided)
    means = own.rolling(WINDOW, min_periods=WINDOW).mean()
    elsewhere = (means.shift(1 - WINDOW) - means.shift(1)).dropna()
    in_time = elsewhere[[not any(_touches(month, each) for each in avoid) for month in elsewhere.index]]
    in_space = {
        str(code): pair[1] - pair[0]
        for code, rates in others.items()
        if (pair := difference(rates, date.month, divided=date.divided)) is not None
    }
    before, after = found if found is not None else (None, None)
    return Step(date, before, after, in_time, pd.Series(in_space, dtype=float))


def _touches(month: pd.Period, date: StepDate) -> bool:
    """Return whether the windows around `month` hold months from both sides of `date`, or the month it divides."""
    first, last = month - WINDOW, month + WINDOW - 1
    return bool(first <= date.month <= last) if date.divided else bool(first < date.month <= last)
