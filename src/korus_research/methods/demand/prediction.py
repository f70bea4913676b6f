"""Predictions of a demand equation, and the contribution of a driver or the trend to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from korus_research.errors import InvalidParameter
from korus_research.methods.demand.equation import Array, Driver, Equation, Series, pool_of, spread_of
from korus_research.methods.series import MN_PER_BN

Estimate = tuple[float, float, float]  # central, low, high


@dataclass(frozen=True)
class Path:
    """A prediction or a contribution to it, in USD million by year with an interval.

    A prediction has the path without shocks as `central` (the median), and an interval from draws of coefficients and
    shocks. The interval of a contribution reflects the coefficients only: shocks are the same with and without it.
    """

    years: tuple[int, ...]
    central: Array
    low: Array
    high: Array

    def at(self, year: int | None) -> Estimate:
        """Return central, low and high of a year, USD billion; NaN if `year` is None."""
        if year is None:
            return (np.nan, np.nan, np.nan)
        central, low, high = (float(path[self.years.index(year)]) for path in (self.central, self.low, self.high))
        return central / MN_PER_BN, low / MN_PER_BN, high / MN_PER_BN

    def widened(self, factors: Mapping[int, float]) -> Path:
        """Return the path with its interval widened, in logarithms, by the factor of each year's horizon."""
        by_year = np.array([factors[h] for h in range(1, len(self.years) + 1)])
        centre = np.log(self.central)
        low = np.exp(centre - by_year * (centre - np.log(self.low)))
        high = np.exp(centre + by_year * (np.log(self.high) - centre))
        return Path(self.years, self.central, low, high)


def predict(
    equation: Equation, series: Series, *, origin: int, last: int, level: float, rng: np.random.Generator
) -> Path:
    """Return the path predicted after `origin`, given actual demand and exchange rates."""
    start, demand, value, dollars = series.ahead(origin, last)
    pool = pool_of(equation.residuals, equation.df)
    spread = spread_of(equation.df, len(equation.draws), rng)
    # Drawn year by year, so that an edition with more years has the same shocks in the earlier ones.
    shocks = (rng.choice(pool, (len(demand) - 1, len(equation.draws))) * spread).T
    central = equation.path(start, demand, value)[0] + dollars
    drawn = equation.path(start, demand, value, equation.draws, shocks) + dollars
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return Path(tuple(range(origin + 1, last + 1)), np.exp(central), np.exp(low), np.exp(high))


def contribution(
    equation: Equation, series: Series, driver: Driver, instead: Array, *, origin: int, level: float
) -> Path:
    """Return the contribution of a driver relative to the path `instead` (logarithms, years after `origin`)."""
    start, demand, value, dollars = series.ahead(origin, origin + len(instead))
    other = {"demand": demand, "value": value}
    other[driver] = np.concatenate([other[driver][:1], instead])
    rows = np.vstack([equation.coefficients, equation.draws])
    actual = np.exp(equation.path(start, demand, value, rows) + dollars)
    without = np.exp(equation.path(start, other["demand"], other["value"], rows) + dollars)
    return _amounts(actual - without, origin, level)


def trend_amount(equation: Equation, series: Series, *, origin: int, last: int, level: float) -> Path:
    """Return the contribution of the trend of an equation in growth; InvalidParameter in levels, or without a trend."""
    if equation.specification.form != "growth" or not equation.specification.trend:
        raise InvalidParameter(
            f"The equation '{equation.specification.id}' has no trend",
            expected="an equation in growth with a constant",
            do="Choose another specification",
        )
    start, demand, value, dollars = series.ahead(origin, last)
    rows = np.vstack([equation.coefficients, equation.draws])
    actual = np.exp(equation.path(start, demand, value, rows) + dollars)
    steps = np.arange(1, len(demand))
    return _amounts(actual * (1 - np.exp(-np.outer(equation.coefficient("const", rows), steps))), origin, level)


def _amounts(gap: Array, origin: int, level: float) -> Path:
    """Return a path of amounts: the first row of `gap` is the estimate, the others are draws."""
    low, high = np.quantile(gap[1:], [(1 - level) / 2, (1 + level) / 2], axis=0)
    return Path(tuple(range(origin + 1, origin + 1 + gap.shape[1])), gap[0], low, high)
