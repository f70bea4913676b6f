"""The bounds test for a relation in levels, with critical values simulated for the sample size.

Pesaran, Shin and Smith (2001), case III (constant, no trend). Their bounds are asymptotic, and Narayan's (2005) begin
at 30 observations; for fewer they are simulated here, for the regression that is run. `lower` assumes that demand and
the currency's value are stationary, `upper` that they are random walks; in between the test is inconclusive.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from korus_research.methods.demand.equation import Array, Series, regressors_of
from korus_research.methods.demand.specification import Plan, Specification

_BATCH = 5_000


@dataclass(frozen=True)
class BoundsTest:
    """F statistic for the hypothesis that no level is in the equation, with its critical values."""

    statistic: float
    lower: float
    upper: float
    observations: int


def bounds_test(series: Series, plan: Plan, *, last: int) -> BoundsTest:
    """Return the test on the years to `last`, with critical values simulated for the sample."""
    first = plan.sample.first_year
    statistic, count = bounds_statistic(series, plan.main, first=first, last=last), last - first + 1
    ends = critical_values(count, 2, plan.bounds.level, plan.bounds.replications, plan.uncertainty.seed)
    return BoundsTest(statistic, *ends, count)


def bounds_statistic(series: Series, specification: Specification, *, first: int, last: int) -> float:
    """Return the F statistic of the three lagged levels in the equation in levels."""
    span = series.span(first, last)
    before = slice(span.start - 1, span.stop - 1)
    _, fixed = regressors_of(series, specification.model_copy(update={"form": "growth", "trend": True}), span)
    levels = np.column_stack([series.flow[before], series.demand[before], series.value[before]])
    return float(_statistic(fixed, levels, np.diff(series.flow)[before]))


def _statistic(fixed: Array, levels: Array, outcome: Array) -> Array:
    whole = np.concatenate([fixed, levels], axis=-1)
    df = whole.shape[-2] - whole.shape[-1]
    # The levels come last, so their columns of Q are what they explain beyond the other regressors.
    q = np.linalg.qr(whole)[0]
    explained = np.squeeze(np.swapaxes(q, -1, -2) @ outcome[..., None], -1)
    left = outcome - np.squeeze(q @ explained[..., None], -1)
    added = np.sum(explained[..., fixed.shape[-1] :] ** 2, axis=-1)
    f: Array = added / levels.shape[-1] / (np.sum(left**2, axis=-1) / df)
    return f


@cache
def critical_values(
    observations: int, regressors: int, level: float, replications: int, seed: int, *, short_run: bool = True
) -> tuple[float, float]:
    """Return the lower and upper bound of the F statistic at `level`, simulated under no relation.

    The flow is a random walk; the regressors are white noise (lower bound) or random walks (upper bound), all
    independent and standard normal, as in the published tables. `short_run` includes the regressors' current changes,
    as in our equation; the published simulations leave them out.
    """
    found = []
    for integrated in (False, True):
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(observations, regressors, int(integrated))))
        values: list[Array] = []
        for start in range(0, replications, _BATCH):
            rows = min(_BATCH, replications - start)
            noise = rng.standard_normal((rows, observations + 1, regressors + 1))
            paths = np.cumsum(noise, axis=1)
            if not integrated:
                paths[..., 1:] = noise[..., 1:]
            changes, constant = np.diff(paths, axis=1), np.ones((rows, observations, 1))
            fixed = np.concatenate([constant, changes[..., 1:]], axis=-1) if short_run else constant
            values.append(_statistic(fixed, paths[:, :-1], changes[..., 0]))
        found.append(float(np.quantile(np.concatenate(values), 1 - level)))
    return found[0], found[1]
