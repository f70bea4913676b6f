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
    """A date on which the rate was to change."""

    month: pd.Period
    divided: bool  # whether the date divides the month
    goods: str  # whose duty steps; empty at entry into force


@dataclass(frozen=True)
class Step:
    """A step and its placebos."""

    date: StepDate
    before: float | None  # mean of the monthly rates, percent; None without both windows
    after: float | None
    in_time: pd.Series[float]  # the difference at the partner's other months, percentage points; their windows overlap
    in_space: pd.Series[float]  # the same difference at the same date for other partners, by code

    @property
    def change(self) -> float | None:
        """Return the difference of the two means, percentage points."""
        return None if self.before is None or self.after is None else self.after - self.before

    @property
    def low(self) -> float | None:
        """Return the change less the upper end of the middle 95 percent of `in_time`; None with too few months."""
        return self._end((1 + COVERAGE) / 2)

    @property
    def high(self) -> float | None:
        """Return the change less the lower end of it."""
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
    """Return the step of the partner's monthly rate (percent, on every month) at `date` with its placebos.

    `others` are the rates of other partners, one a column; no placebo's windows may touch the dates `avoid`.
    """
    found = difference(own, date.month, divided=date.divided)
    means = own.rolling(WINDOW, min_periods=WINDOW).mean()
    elsewhere = (means.shift(1 - WINDOW) - means.shift(1)).dropna()
    in_time = elsewhere[[not any(_touches(month, each) for each in avoid) for month in elsewhere.index]]
    pairs = {str(code): difference(rates, date.month, divided=date.divided) for code, rates in others.items()}
    in_space = pd.Series({code: pair[1] - pair[0] for code, pair in pairs.items() if pair}, dtype=float)
    before, after = found or (None, None)
    return Step(date, before, after, in_time, in_space)


def _touches(month: pd.Period, date: StepDate) -> bool:
    """Return whether the windows around `month` hold months from both sides of `date`, or the month it divides."""
    first, last = month - WINDOW, month + WINDOW - 1
    return bool(first <= date.month <= last) if date.divided else bool(first < date.month <= last)
