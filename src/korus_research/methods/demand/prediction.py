"""What a demand equation predicts from a starting year on, and what a driver's path or the trend amounts to in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from korus_research.errors import InvalidParameter
from korus_research.methods.demand.equation import Array, Driver, Equation, Series, pool_of, spread_of


@dataclass(frozen=True)
class Prediction:
    """What an equation predicts from a starting year on, with the demand and currency that came; USD million.

    `central` is the path without shocks (the median); `low` and `high` hold draws of coefficients and shocks.
    """

    years: tuple[int, ...]
    central: Array
    low: Array
    high: Array

    def widened(self, factors: Mapping[int, float]) -> Prediction:
        """Return the prediction with both ends moved out, in logarithms, by the factor of each year's horizon."""
        by_year = np.array([factors[h] for h in range(1, len(self.years) + 1)])
        centre = np.log(self.central)
        low = np.exp(centre - by_year * (centre - np.log(self.low)))
        high = np.exp(centre + by_year * (np.log(self.high) - centre))
        return Prediction(self.years, self.central, low, high)


def predict(
    equation: Equation, series: Series, *, origin: int, last: int, level: float, rng: np.random.Generator
) -> Prediction:
    """Return the path predicted after `origin`, with an interval from coefficients and shocks drawn together."""
    span = slice(series.at(origin), series.at(last) + 1)
    demand, value, start = series.demand[span], series.value[span], float(series.flow[span.start])
    dollars = series.deflator[span][1:]
    pool = pool_of(equation.residuals, equation.df)
    spread = spread_of(equation.df, len(equation.draws), rng)
    # Year by year, so that an edition with more years draws the same shocks in the earlier ones.
    shocks = (rng.choice(pool, (len(demand) - 1, len(equation.draws))) * spread).T
    central = equation.path(start, demand, value)[0] + dollars
    drawn = equation.path(start, demand, value, equation.draws, shocks) + dollars
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return Prediction(tuple(range(origin + 1, last + 1)), np.exp(central), np.exp(low), np.exp(high))


@dataclass(frozen=True)
class Contribution:
    """What a driver's path, or the trend, amounts to, USD million by year: predicted, less predicted without it."""

    years: tuple[int, ...]
    central: Array
    low: Array
    high: Array


def contribution(
    equation: Equation, series: Series, driver: Driver, instead: Array, *, origin: int, level: float
) -> Contribution:
    """Return the contribution of a driver against the path `instead` (logarithms, the years after `origin`).

    The interval is that of the coefficients: a shock would be the same on both paths.
    """
    last = origin + len(instead)
    span = slice(series.at(origin), series.at(last) + 1)
    demand, value, start = series.demand[span], series.value[span], float(series.flow[span.start])
    other = {"demand": demand, "value": value}
    other[driver] = np.concatenate([other[driver][:1], instead])
    rows = np.vstack([equation.coefficients, equation.draws])
    dollars = series.deflator[span][1:]
    actual = np.exp(equation.path(start, demand, value, rows) + dollars)
    without = np.exp(equation.path(start, other["demand"], other["value"], rows) + dollars)
    gap = actual - without
    low, high = np.quantile(gap[1:], [(1 - level) / 2, (1 + level) / 2], axis=0)
    return Contribution(tuple(range(origin + 1, last + 1)), gap[0], low, high)


def trend_amount(equation: Equation, series: Series, *, origin: int, last: int, level: float) -> Contribution:
    """Return what the trend of an equation in growth amounts to, with the interval of the coefficients.

    Raises
    ------
    InvalidParameter
        The equation is in levels, where the constant is no trend, or has none.
    """
    if equation.specification.form != "growth" or not equation.specification.trend:
        raise InvalidParameter(
            f"The equation '{equation.specification.id}' has no trend",
            expected="an equation in growth with a constant",
            do="Choose another specification",
        )
    span = slice(series.at(origin), series.at(last) + 1)
    demand, value, start = series.demand[span], series.value[span], float(series.flow[span.start])
    rows = np.vstack([equation.coefficients, equation.draws])
    actual = np.exp(equation.path(start, demand, value, rows) + series.deflator[span][1:])
    steps = np.arange(1, len(demand))
    gap = actual * (1 - np.exp(-np.outer(equation.coefficient("const", rows), steps)))
    low, high = np.quantile(gap[1:], [(1 - level) / 2, (1 + level) / 2], axis=0)
    return Contribution(tuple(range(origin + 1, last + 1)), gap[0], low, high)
