"""One specification for one flow: estimated, used to predict, and read for the contribution of each driver."""

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
from korus_research.methods.demand import equation as eq, prediction as pr
from korus_research.methods.demand.backtest import Backtest
from korus_research.methods.demand.specification import Plan, Specification
from korus_research.methods.series import Flow

# What a driver's own path is held against: the currency at its value before entry into force; demand growing as it did
# before; and that, moved by the change of growth that the other economies saw. And the equation's trend: none.
Held = Literal["value", "past", "both", "trend"]
PLAN = Path(__file__).with_name("drivers.toml")


@dataclass(frozen=True)
class Estimated:
    """One specification for one flow, its prediction after entry into force, and each driver's contribution to it.

    Only equations with a trend have its contribution.
    """

    flow: Flow
    specification: Specification
    equation: eq.Equation
    prediction: pr.Path
    contributions: Mapping[Held, pr.Path]


def load_plan(path: Path = PLAN) -> Plan:
    """Return the declared plan of the equations; InvalidParameter where the file does not fit."""
    return load_toml(path, Plan, raises=InvalidParameter)


def all_estimated(
    table: pd.DataFrame, wide: pd.DataFrame, plan: Plan, tried: Backtest, before: int, buyers: Mapping[Flow, str]
) -> dict[tuple[Flow, str], Estimated]:
    """Return the declared specifications that the figures allow, by flow and id; `buyers` are ISO 3166 codes.

    Import volumes may begin later than output: a specification on them is then left out, and the table shows so.
    """
    steps = range(before + 1, int(table.index[-1]) + 1)
    growth = [growth_table(wide, before=before, years=plan.benchmark.years, last=year) for year in steps]
    factors, found = tried.factors(), {}
    for flow, buyer in buyers.items():
        slower = {demand: np.array([slowdown(each, demand, buyer) for each in growth]) for demand in MEASURES}
        for s in plan.specifications:
            held = table[f"{s.demand}_{flow}"].dropna()
            if s.demand == "income" or (len(held) > 0 and int(held.index[0]) < plan.sample.first_year):
                found[flow, s.id] = _estimated(table, flow, s, plan, before, slower[s.demand], factors)
    return found


def _estimated(
    table: pd.DataFrame,
    flow: Flow,
    specification: Specification,
    plan: Plan,
    before: int,
    others: eq.Array,
    factors: Mapping[int, float],
) -> Estimated:
    """Return one specification estimated on the years to `before`.

    `others` is the change of the other economies' growth of demand, points a year, to each later year; `factors` widen
    the prediction of the main specification by horizon.
    """
    series, level = eq.series_of(table, flow, specification), plan.uncertainty.level
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
    predicted = pr.predict(equation, series, origin=before, last=series.last, level=level, rng=rng)
    if specification == plan.main:
        horizons = range(1, len(predicted.years) + 1)
        predicted = predicted.widened({h: factors.get(h, max(factors.values())) for h in horizons})
    amounts: dict[Held, pr.Path] = {}
    for held, path in _instead(series, others, plan.benchmark.years, before).items():
        driver: eq.Driver = "value" if held == "value" else "demand"
        amounts[held] = pr.contribution(equation, series, driver, path, origin=before, level=level)
    if specification.form == "growth" and specification.trend:
        amounts["trend"] = pr.trend_amount(equation, series, origin=before, last=series.last, level=level)
    return Estimated(flow, specification, equation, predicted, amounts)


def _instead(series: eq.Series, others: eq.Array, years: int, before: int) -> dict[Held, eq.Array]:
    """Return the alternative paths of the drivers in the years after `before`, logarithms."""
    steps, start = np.arange(1, series.last - before + 1), series.at(before)
    trend = (series.demand[start] - series.demand[start - years]) / years
    return {
        "value": np.full(len(steps), series.value[start]),
        "past": series.demand[start] + trend * steps,
        "both": series.demand[start] + (trend + others[: len(steps)] / 100) * steps,
    }


def leads_of(series: eq.Series, flow: Flow, plan: Plan, before: int) -> dict[eq.Driver, pr.Estimate]:
    """Return the coefficients of next year's growth of both drivers, with their intervals."""
    first, end = series.at(plan.sample.first_year), series.at(before)
    span, ahead = slice(first - 1, end), slice(first, end + 1)
    drivers = (np.diff(series.demand), np.diff(series.value))
    columns = [np.ones(span.stop - span.start), *(d[span] for d in drivers), *(d[ahead] for d in drivers)]
    design, outcome = np.column_stack(columns), np.diff(series.flow)[span]
    estimates = eq.least_squares(design, outcome)
    df, count = len(outcome) - design.shape[1], plan.uncertainty.replications
    rng = plan.generator(flow, len(plan.specifications))
    pool = eq.pool_of(outcome - design @ estimates, df)
    drawn = rng.choice(pool, (count, len(outcome))) * eq.spread_of(df, count, rng)[:, None]
    again = design @ estimates + drawn
    low, high = np.quantile((again @ np.linalg.pinv(design).T)[:, -2:], plan.uncertainty.ends, axis=0)
    return {n: (float(estimates[i - 2]), float(low[i]), float(high[i])) for i, n in enumerate(eq.DRIVERS)}
