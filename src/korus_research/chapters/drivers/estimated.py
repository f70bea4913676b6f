"""One specification for one flow: estimated, predicting, and read for what each driver amounts to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from korus_research.methods.demand import equation as eq
from korus_research.methods.demand.spec import DriversSpec, Plan, Specification, importer
from korus_research.methods.series import Flow

# What a driver's own path is held against: the currency at its value before entry into force; demand growing as it did
# before; and that, moved by the change of growth that the other economies saw. And the equation's trend: none.
Held = Literal["value", "past", "both", "trend"]


@dataclass(frozen=True)
class Estimated:
    """One specification for one flow: the equation, its prediction after entry into force, and the contributions."""

    flow: Flow
    specification: Specification
    equation: eq.Equation
    prediction: eq.Prediction
    contributions: Mapping[Held, eq.Contribution]

    def at(self, held: Held, year: int) -> tuple[float, float, float]:
        """Return a contribution in `year`: central, low and high, USD million. Only equations with a trend have its."""
        found = self.contributions[held]
        place = found.years.index(year)
        return float(found.central[place]), float(found.low[place]), float(found.high[place])


def possible(table: pd.DataFrame, flow: Flow, specification: Specification, plan: Plan) -> bool:
    """Import volumes may begin later than output: a specification on them is then left out, and the table shows so."""
    held = table[f"{specification.demand}_{flow}"].dropna()
    return specification.demand == "income" or (len(held) > 0 and int(held.index[0]) < plan.sample.first_year)


def estimated_by(
    table: pd.DataFrame,
    slower: Mapping[tuple[str, str], eq.Array],
    flow: Flow,
    specification: Specification,
    number: int,
    plan: Plan,
    spec: DriversSpec,
    factors: Mapping[int, float],
) -> Estimated:
    """Return one specification estimated on the years before, its prediction and what drivers amount to in it.

    `slower` holds, by measure and buyer, what `growth.slowdown` gives for each later year; `factors` widen the
    prediction of the main specification by horizon.
    """
    series = eq.series_of(table, flow, specification)
    level, before = plan.uncertainty.level, spec.before
    rng = plan.generator(flow, number)
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
    prediction = eq.predict(equation, series, origin=before, last=series.last, level=level, rng=rng)
    if specification == plan.main:
        reach = {h: factors.get(h, max(factors.values())) for h in range(1, len(prediction.years) + 1)}
        prediction = prediction.widened(reach)
    others = slower[specification.demand, importer(flow, spec)]
    instead = _instead(series, others, plan, spec)
    contributions: dict[Held, eq.Contribution] = {
        held: eq.contribution(
            equation, series, "value" if held == "value" else "demand", path, origin=before, level=level
        )
        for held, path in instead.items()
    }
    if specification.form == "growth" and specification.trend:
        contributions["trend"] = eq.trend_amount(equation, series, origin=before, last=series.last, level=level)
    return Estimated(flow, specification, equation, prediction, contributions)


def _instead(series: eq.Series, others: eq.Array, plan: Plan, spec: DriversSpec) -> dict[Held, eq.Array]:
    """Return the paths that drivers are held against, logarithms, of the years after `before`.

    `others` is the change of the other economies' growth, points a year, averaged to each of these years.
    """
    steps = np.arange(1, series.last - spec.before + 1)
    start, years = series.at(spec.before), plan.benchmark.years
    trend = (series.demand[start] - series.demand[start - years]) / years
    return {
        "value": np.full(len(steps), series.value[start]),
        "past": series.demand[start] + trend * steps,
        "both": series.demand[start] + (trend + others[: len(steps)] / 100) * steps,
    }


def leads_of(
    table: pd.DataFrame, flow: Flow, plan: Plan, spec: DriversSpec
) -> dict[eq.Driver, tuple[float, float, float]]:
    """Return the coefficients of next year's growth of both drivers, with their intervals."""
    series = eq.series_of(table, flow, plan.main)
    first = series.at(plan.sample.first_year)
    span = slice(first - 1, series.at(spec.before))
    ahead = slice(first, series.at(spec.before) + 1)
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
