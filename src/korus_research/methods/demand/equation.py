"""Demand equations: a trade flow on the importer's demand and the real value of the partner's currency.

    growth:  dln(flow) = a + b dln(demand) + c dln(value)
    levels:  dln(flow) = a + b dln(demand) + c dln(value) + r ln(flow)[-1] + g ln(demand)[-1] + d ln(value)[-1]

Estimated by least squares, with a residual bootstrap whose residual variance is drawn in every replication (recursive
and bias-corrected if last year's flow is a regressor). Samples are short: there is at most one lag, and every result
reports its degrees of freedom.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from korus_research.errors import MissingFigures
from korus_research.methods.demand.specification import Specification
from korus_research.methods.series import Flow

Array = npt.NDArray[np.float64]
Driver = Literal["demand", "value"]
DRIVERS: tuple[Driver, Driver] = ("demand", "value")
_GROWTH = ("d_demand", "d_value")
_LEVELS = ("flow", "demand", "value")


@dataclass(frozen=True)
class Series:
    """The series of an equation, in logarithms by year; `deflator` converts predictions to current dollars."""

    years: tuple[int, ...]
    flow: Array
    demand: Array
    value: Array
    deflator: Array

    def at(self, year: int) -> int:
        """Return the position of a year."""
        return year - self.years[0]

    @property
    def last(self) -> int:
        """The last year."""
        return self.years[-1]

    def span(self, first: int, last: int) -> slice:
        """Return the positions of a sample; MissingFigures if one of its years, or the year before, is missing."""
        if not self.years or first - 1 < self.years[0] or last > self.last:
            held = f"{self.years[0]}-{self.last}" if self.years else "no year"
            raise MissingFigures(
                f"The equation needs {first - 1}-{last}, and the data cover {held}",
                expected="every year of the sample and the one before it",
                do="Choose a partner with these years, or begin the sample later",
            )
        return slice(self.at(first), self.at(last) + 1)

    def ahead(self, origin: int, last: int) -> tuple[float, Array, Array, Array]:
        """Return the flow of `origin`, demand and value from `origin` to `last`, and the deflator after `origin`."""
        span = slice(self.at(origin), self.at(last) + 1)
        return float(self.flow[span.start]), self.demand[span], self.value[span], self.deflator[span][1:]


def series_of(table: pd.DataFrame, flow: Flow, specification: Specification) -> Series:
    """Return the series of a specification from `demand_table`, over consecutive years."""
    demand = table[f"{specification.demand}_{flow}"].dropna()
    rows = table.loc[demand.index]
    deflator = np.log(rows["deflator"].to_numpy(float)) if specification.outcome == "real" else np.zeros(len(rows))
    return Series(
        tuple(int(y) for y in rows.index),
        np.log(rows[flow].to_numpy(float)) - deflator,
        np.log(demand.to_numpy(float)),
        np.log(rows["real_value"].to_numpy(float)),
        deflator,
    )


@dataclass(frozen=True)
class Equation:
    """An estimated demand equation."""

    specification: Specification
    names: tuple[str, ...]  # const (with a trend), d_demand, d_value, and for levels flow, demand, value (of last year)
    coefficients: Array
    draws: Array  # one row per bootstrap replication, columns as `coefficients`
    residuals: Array  # of the years in the sample
    years: tuple[int, ...]
    sd: float  # of the residuals, corrected for degrees of freedom
    slowest_return: float  # slowest adjustment to the level per year that the bias correction leaves

    @property
    def unreturning(self) -> float:
        """Share of draws that adjust no faster than `slowest_return`, or not at all; 0 without levels."""
        if self.specification.form == "growth":
            return 0.0
        return float((self.coefficient("flow", self.draws) >= -self.slowest_return * (1 + 1e-9)).mean())

    @property
    def df(self) -> int:
        """Residual degrees of freedom."""
        return len(self.years) - len(self.names)

    def coefficient(self, name: str, draws: Array | None = None) -> Array:
        """Return a coefficient, one value per row of `draws` (default: the estimate); 0 if the equation lacks it."""
        rows = self.coefficients[None] if draws is None else draws
        return rows[:, self.names.index(name)] if name in self.names else np.zeros(len(rows))

    def elasticity(self, driver: Driver, draws: Array | None = None) -> Array:
        """Return the elasticity of the flow to a driver; in levels the long-run one (-g/r)."""
        if self.specification.form == "growth":
            return self.coefficient(f"d_{driver}", draws)
        return -self.coefficient(driver, draws) / self.coefficient("flow", draws)

    def path(self, start: float, demand: Array, value: Array, draws: Array | None = None, shocks: Any = 0.0) -> Array:
        """Return the log flow in the years after `start`, one row per draw.

        `demand` and `value` begin with the starting year. Without shocks the path is the median prediction.
        """
        c = {n: self.coefficient(n, draws) for n in ("const", *_GROWTH, *_LEVELS)}
        shock = np.broadcast_to(shocks, (len(c["const"]), len(demand) - 1))
        flow = np.full((len(shock), len(demand)), start)
        for t in range(len(demand) - 1):
            growth = (
                c["const"]
                + c["d_demand"] * (demand[t + 1] - demand[t])
                + c["d_value"] * (value[t + 1] - value[t])
                + c["flow"] * flow[:, t]
                + c["demand"] * demand[t]
                + c["value"] * value[t]
            )
            flow[:, t + 1] = flow[:, t] + growth + shock[:, t]
        return flow[:, 1:]


def estimate(
    series: Series,
    specification: Specification,
    *,
    first: int,
    last: int,
    without: Sequence[int] = (),
    slowest_return: float,
    replications: int,
    rng: np.random.Generator,
) -> Equation:
    """Estimate a specification on the years from `first` to `last`, except those in `without`.

    MissingFigures if a year, or the one before `first`, is missing, or fewer than five degrees of freedom remain.
    """
    span = series.span(first, last)
    before = slice(span.start - 1, span.stop - 1)
    names, fixed = regressors_of(series, specification, span)
    growth, lagged = np.diff(series.flow)[before], series.flow[before]
    kept = ~np.isin(np.arange(first, last + 1), list(without))
    own = specification.form == "levels"
    design = np.column_stack([fixed, lagged]) if own else fixed
    df = _degrees_of_freedom(int(kept.sum()), design.shape[1])
    estimates = least_squares(design[kept], growth[kept])
    residuals = growth - design @ estimates
    pool = pool_of(residuals[kept], df)
    # A year that is left out has its own dummy: in every replication its shock is the actual one.
    given = np.where(kept, 0.0, residuals)

    def again(truth: Array) -> Array:
        """Return the estimates on flows simulated with the coefficients `truth` and resampled residuals."""
        drawn = rng.choice(pool, (replications, len(growth))) * spread_of(df, replications, rng)[:, None] * kept + given
        if not own:
            outcome = (fixed @ truth + drawn)[:, kept]
            return outcome @ np.linalg.pinv(design[kept]).T
        flow = np.empty((replications, len(growth) + 1))
        flow[:, 0] = lagged[0]
        for t in range(len(growth)):
            flow[:, t + 1] = flow[:, t] + fixed[t] @ truth[:-1] + truth[-1] * flow[:, t] + drawn[:, t]
        body = np.broadcast_to(fixed[kept], (replications, int(kept.sum()), fixed.shape[1]))
        designs = np.concatenate([body, flow[:, :-1][:, kept, None]], axis=2)
        return least_squares(designs, np.diff(flow, axis=1)[:, kept])

    draws = again(estimates)
    if own:
        # In short samples least squares overstates the adjustment (Kilian 1998): draws are repeated from bias-corrected
        # estimates, and corrected themselves, as far as the flow still returns to its level.
        bias = draws.mean(axis=0) - estimates
        truth = _less(estimates[None], bias, slowest_return)[0]
        draws = _less(again(truth), bias, slowest_return)
    years = tuple(int(y) for y, keep in zip(range(first, last + 1), kept, strict=True) if keep)
    sd = float(np.sqrt(residuals[kept] @ residuals[kept] / df))
    return Equation(specification, names, estimates, draws, residuals[kept], years, sd, slowest_return)


def _degrees_of_freedom(years: int, coefficients: int) -> int:
    if years - coefficients < 5:
        raise MissingFigures(
            f"{years} years are left for {coefficients} coefficients",
            expected="at least five degrees of freedom",
            do="Take a longer sample",
        )
    return years - coefficients


def regressors_of(series: Series, specification: Specification, span: slice) -> tuple[tuple[str, ...], Array]:
    """Return the names of all coefficients, and the regressors other than the lagged flow (which comes last)."""
    before = slice(span.start - 1, span.stop - 1)
    columns: dict[str, Array] = {"const": np.ones(span.stop - span.start)} if specification.trend else {}
    columns |= {"d_demand": np.diff(series.demand)[before], "d_value": np.diff(series.value)[before]}
    if specification.form == "growth":
        return tuple(columns), np.column_stack(list(columns.values()))
    columns |= {"demand": series.demand[before], "value": series.value[before]}
    return (*columns, "flow"), np.column_stack(list(columns.values()))


def least_squares(design: Array, outcome: Array) -> Array:
    """Return least-squares coefficients; leading dimensions are separate problems."""
    q, r = np.linalg.qr(design)
    solved: Array = np.linalg.solve(r, np.swapaxes(q, -1, -2) @ outcome[..., None])
    return solved[..., 0]


def _less(estimates: Array, bias: Array, slowest: float) -> Array:
    """Return bias-corrected estimates; the correction is limited so that the flow (last column) still adjusts.

    Estimates without adjustment have no relation in levels and are not corrected.
    """
    room = np.where(estimates[:, -1] < -slowest, (-slowest - estimates[:, -1]) / max(-bias[-1], 1e-12), 0.0)
    return estimates - np.clip(room, 0.0, 1.0)[:, None] * bias


def pool_of(residuals: Array, df: int) -> Array:
    """Return residuals for resampling: centered, and scaled for the degrees of freedom."""
    centred = residuals - residuals.mean()
    wide: Array = centred * np.sqrt(len(residuals) / df)
    return wide


def spread_of(df: int, replications: int, rng: np.random.Generator) -> Array:
    """Draw a factor for the residual standard deviation of each replication, which few degrees of freedom estimate."""
    return np.sqrt(df / rng.chisquare(df, replications))
