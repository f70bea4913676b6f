"""Planted effects in simulated panels: bias, size of the placebo test, coverage of its interval.

The treated unit is drawn at random from units of unequal variance that share two factors with unequal loadings, so that
no estimator's assumptions hold exactly, as in trade.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from korus_research.methods.synthetic.donors import DonorPool, DonorRule
from korus_research.methods.synthetic.estimate import Counterfactual
from korus_research.methods.synthetic.estimators import ESTIMATORS, Ridges, fit
from korus_research.methods.synthetic.specification import Specification

SECTION = "Counterfactual: simulated panels with planted effects"
UNITS, PRE, POST, EFFECT = 28, np.arange(11), np.arange(13, 20), 0.15
RIDGES = Ridges(sc=1e-4, time=1e-6)
LEVELS = (0.05, 0.10, 0.25)


def simulated(rng: np.random.Generator, effect: float) -> np.ndarray:
    years = 20
    factors = rng.normal(size=(2, years)).cumsum(axis=1) * 0.05
    loadings = rng.normal(1.0, 0.5, size=(UNITS, 2))
    spread = np.exp(rng.normal(math.log(0.05), 0.6, size=(UNITS, 1)))
    shocks = rng.normal(size=(UNITS, years)) * spread
    for t in range(1, years):
        shocks[:, t] += 0.5 * shocks[:, t - 1]
    values = rng.normal(2.0, 1.0, size=(UNITS, 1)) + loadings @ factors + shocks
    values[0, 11:] += effect
    return values


def estimated(values: np.ndarray, estimator: str) -> Counterfactual:
    """The result that the report reads p-value and interval from, on simulated logarithms."""
    years = list(range(2000, 2000 + values.shape[1]))
    units = ["t", *(f"d{k}" for k in range(1, UNITS))]
    rule = DonorRule("all", "all", ())
    window = (years[PRE[0]], years[PRE[-1]]), (), (years[POST[0]], years[POST[-1]])
    spec = Specification("exports", estimator, "log", *window, rule, 0.0, years[POST[0]] - 1)
    pool = DonorPool(pd.DataFrame(np.exp(values).T, index=years, columns=units), {})
    fits = fit(values, PRE, POST, estimator=estimator, ridges=RIDGES)
    return Counterfactual(spec, pool, fits, values, np.ones_like(values), level=0.9)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_planted_effects_placebo_size_and_coverage(record, large, estimator) -> None:
    replications = 4000 if large else 150
    rng = np.random.default_rng(20120315)
    effects, p_values, covered = [], [], []
    for _ in range(replications):
        values = simulated(rng, EFFECT)
        found = estimated(values, estimator)
        effects.append(found.effect_log)
        interval = found.interval_log
        if interval is not None:  # none is no claim, and is not counted as one that held
            covered.append(interval[0] <= EFFECT <= interval[1])
        values[0, 11:] -= EFFECT
        p_values.append(estimated(values, estimator).p_value)
    assert len(covered) > 0.9 * replications
    errors = np.array(effects) - EFFECT
    standard = errors.std(ddof=1) / math.sqrt(replications)
    record.measured(
        SECTION,
        f"{estimator}: mean error of a planted effect of {EFFECT} log points",
        f"{errors.mean():+.4f} ({replications} panels)" if large else f"{errors.mean():+.4f}",
        bound="within 3.5 simulation errors of 0" + (f" ({3.5 * standard:.4f})" if large else ""),
        source="planted",
        holds=abs(errors.mean()) <= 3.5 * standard,
    )
    for level in LEVELS:
        share = float((np.array(p_values) <= level).mean())
        slack = 3 * math.sqrt(level * (1 - level) / replications)
        record.measured(
            SECTION,
            f"{estimator}: share of placebo p-values at most {level:.2f} without an effect",
            f"{share:.3f}",
            bound=f"at most {level:.2f} plus simulation error",
            source="planted",
            holds=share <= level + slack,
        )
    coverage = float(np.mean(covered))
    slack = 3 * math.sqrt(0.9 * 0.1 / len(covered))
    record.measured(
        SECTION,
        f"{estimator}: coverage of the 90 percent interval",
        f"{coverage:.3f}",
        bound="at least 0.90 less simulation error",
        source="planted",
        holds=coverage >= 0.9 - slack,
    )
