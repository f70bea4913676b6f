"""One specification for one flow: estimated, predicting, and read for what each driver amounts to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from korus_research.chapters.drivers.panel import MEASURES, growth_table, slowdown
from korus_research.data.toml import load_toml
from korus_research.errors import InvalidParameter
from korus_research.methods.demand import equation as eq
from korus_research.methods.demand.backtest import Backtest
from korus_research.methods.demand.bounds import BoundsTest, bounds_statistic, critical_values
from korus_research.methods.demand.prediction import Contribution, Prediction, contribution, predict, trend_amount
from korus_research.methods.demand.specification import Plan, Specification
from korus_research.methods.series import FLOWS, Flow

# What a driver's own path is held against: the currency at its value before entry into force; demand growing as it did
# before; and that, moved by the change of growth that the other economies saw. And the equation's trend: none.
Held = Literal["value", "past", "both", "trend"]


PLAN = Path(__file__).with_name("drivers.toml")


@dataclass(frozen=True)
class Estimated:
    """One specification for one flow: the equation, its prediction after entry into force, and the contributions."""

    flow: Flow
    specification: Specification
    equation: eq.Equation
    prediction: Prediction
    contributions: Mapping[Held, Contribution]

    def at(self, held: Held, year: int) -> tuple[float, float, float]:
        """Return a contribution in `year`: central, low and high, USD million. Only equations with a trend have its."""
        found = self.contributions[held]
        place = found.years.index(year)
        return float(found.central[place]), float(found.low[place]), float(found.high[place])

    def predicted(self, year: int) -> tuple[float, float, float]:
        """Return the flow that the equation predicts for `year`: central, low and high, USD million."""
        place, path = self.prediction.years.index(year), self.prediction
        return float(path.central[place]), float(path.low[place]), float(path.high[place])


def load_plan(path: Path = PLAN) -> Plan:
    """Return what is declared of the equations.

    Raises
    ------
    InvalidParameter
        The file can't be read or does not say what it must.
    """
    return load_toml(path, Plan, raises=InvalidParameter)


def all_estimated(
    table: pd.DataFrame, wide: pd.DataFrame, plan: Plan, tried: Backtest, before: int, buyers: Mapping[Flow, str]
) -> dict[tuple[Flow, str], Estimated]:
    """Return every declared specification that the figures allow, by flow and id; `buyers` has whose demand it is."""
    steps = range(before + 1, int(table.index[-1]) + 1)
    growth = [growth_table(wide, before=before, years=plan.benchmark.years, last=year) for year in steps]
    factors = tried.factors()
    slower = {
        (demand, flow): np.array([slowdown(each, demand, buyer) for each in growth])
        for demand in MEASURES
        for flow, buyer in buyers.items()
    }
    return {
        (flow, s.id): estimated_by(table, flow, s, plan, before=before, others=slower[s.demand, flow], factors=factors)
        for flow in FLOWS
        for s in plan.specifications
        if possible(table, flow, s, plan)
    }


def possible(table: pd.DataFrame, flow: Flow, specification: Specification, plan: Plan) -> bool:
    """Import volumes may begin later than output: a specification on them is then left out, and the table shows so."""
    held = table[f"{specification.demand}_{flow}"].dropna()
    return specification.demand == "income" or (len(held) > 0 and int(held.index[0]) < plan.sample.first_year)


def estimated_by(
    table: pd.DataFrame,
    flow: Flow,
    specification: Specification,
    plan: Plan,
    *,
    before: int,
    others: eq.Array,
    factors: Mapping[int, float],
) -> Estimated:
    """Return one specification estimated on the years to `before`, its prediction and what drivers amount to in it.

    `others` is the change of the other economies' growth of demand, points a year, to each later year; `factors` widen
    the prediction of the main specification by horizon.
    """
    series = eq.series_of(table, flow, specification)
    level = plan.uncertainty.level
    rng = plan.generator(flow, plan.specifications.index(specification))
    equation = eq.estimate(
        series,
        specification,
        first=plan.sample.first_year,
        last=before,
        without=plan.omitted(specification),
        slowest_return=plan.levels.slowest_return,
        replications=plan.uncertainty.replications,
        rng=rng,
    )
    prediction = predict(equation, series, origin=before, last=series.last, level=level, rng=rng)
    if specification == plan.main:
        reach = {h: factors.get(h, max(factors.values())) for h in range(1, len(prediction.years) + 1)}
        prediction = prediction.widened(reach)
    contributions: dict[Held, Contribution] = {
        held: contribution(equation, series, "value" if held == "value" else "demand", path, origin=before, level=level)
        for held, path in _instead(series, others, plan.benchmark.years, before).items()
    }
    if specification.form == "growth" and specification.trend:
        contributions["trend"] = trend_amount(equation, series, origin=before, last=series.last, level=level)
    return Estimated(flow, specification, equation, prediction, contributions)


def _instead(series: eq.Series, others: eq.Array, years: int, before: int) -> dict[Held, eq.Array]:
    """Return the paths that drivers are held against, logarithms, of the years after `before`.

    `others` is the change of the other economies' growth, points a year, averaged to each of these years.
    """
    steps, start = np.arange(1, series.last - before + 1), series.at(before)
    trend = (series.demand[start] - series.demand[start - years]) / years
    return {
        "value": np.full(len(steps), series.value[start]),
        "past": series.demand[start] + trend * steps,
        "both": series.demand[start] + (trend + others[: len(steps)] / 100) * steps,
    }


def leads_of(table: pd.DataFrame, flow: Flow, plan: Plan, before: int) -> dict[eq.Driver, tuple[float, float, float]]:
    """Return the coefficients of next year's growth of both drivers, with their intervals."""
    series = eq.series_of(table, flow, plan.main)
    first, end = series.at(plan.sample.first_year), series.at(before)
    span, ahead = slice(first - 1, end), slice(first, end + 1)
    drivers = (np.diff(series.demand), np.diff(series.value))
    columns = [np.ones(span.stop - span.start), *(d[span] for d in drivers), *(d[ahead] for d in drivers)]
    design = np.column_stack(columns)
    outcome = np.diff(series.flow)[span]
    estimates = eq.least_squares(design, outcome)
    residuals = outcome - design @ estimates
    df = len(outcome) - design.shape[1]
    rng = plan.generator(flow, len(plan.specifications))
    count = plan.uncertainty.replications
    drawn = rng.choice(eq.pool_of(residuals, df), (count, len(outcome))) * eq.spread_of(df, count, rng)[:, None]
    again = design @ estimates + drawn
    tail = (1 - plan.uncertainty.level) / 2
    low, high = np.quantile((again @ np.linalg.pinv(design).T)[:, -2:], [tail, 1 - tail], axis=0)
    names: tuple[eq.Driver, eq.Driver] = ("demand", "value")
    return {n: (float(estimates[i - 2]), float(low[i]), float(high[i])) for i, n in enumerate(names)}


def bounds_test(table: pd.DataFrame, flow: Flow, plan: Plan, before: int) -> BoundsTest:
    """Return the bounds test for a relation in levels, with critical values simulated for the sample."""
    series = eq.series_of(table, flow, plan.main)
    first = plan.sample.first_year
    count = before - first + 1
    statistic = bounds_statistic(series, plan.main, first=first, last=before)
    lower, upper = critical_values(count, 2, plan.bounds.level, plan.bounds.replications, plan.uncertainty.seed)
    return BoundsTest(statistic, lower, upper, count)
