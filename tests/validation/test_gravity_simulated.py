"""The randomisation test on simulated panels: without an effect it rejects as often as it says, with one it covers it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from korus_research.analysis.gravity.cube import Cube
from korus_research.analysis.gravity.placebo import RandomisationTest, comparable_pairs, placebo_effects
from korus_research.analysis.gravity.ppml import Model

SECTION = "Gravity: randomisation on simulated panels"
N, YEARS, AFTER, EFFECT, LEVEL = 9, 8, 2, 0.4, 0.9


def simulated(rng: np.random.Generator) -> tuple[Model, list[tuple[int, int]], np.ndarray]:
    """A panel with country-year shocks, and errors of each pair with a variance and a persistence of its own.

    A third of the pairs has an agreement that begins within the panel; the studied pair (0, 1) has a planted effect.
    """
    size = rng.normal(0, 0.3, (2, YEARS, N)).cumsum(axis=1)
    pair = rng.normal(3, 0.8, (N, N))
    spread, memory = rng.uniform(0.1, 0.5, (N, N)), rng.uniform(0, 0.9, (N, N))
    errors = np.zeros((YEARS, N, N))
    for t in range(YEARS):
        fresh = rng.normal(0, 1, (N, N)) * spread
        errors[t] = fresh if t == 0 else memory * errors[t - 1] + np.sqrt(1 - memory**2) * fresh
    agreements = np.zeros((YEARS, N, N))
    for i in range(N):
        for j in range(i + 1, N):
            if (i, j) != (0, 1) and rng.random() < 1 / 3:
                agreements[rng.integers(1, YEARS) :, [i, j], [j, i]] = 1
    labels = (np.arange(YEARS) >= YEARS - AFTER).astype(np.int64)
    logs = size[0][:, :, None] + size[1][:, None, :] + pair + 0.2 * agreements + errors
    logs[labels == 1, 0, 1] += EFFECT
    used = np.broadcast_to(~np.eye(N, dtype=bool), logs.shape).copy()
    cube = Cube(tuple(f"{k:03d}" for k in range(N)), tuple(range(YEARS)), np.exp(logs) * used, used)
    pairs = comparable_pairs(cube, agreements, (0, 1), share=0.1, most=100)
    return Model(cube, agreements[None]), pairs, labels


@pytest.fixture(scope="module")
def replications(large) -> list[tuple[float, RandomisationTest]]:
    rng = np.random.default_rng(20120315)
    results = []
    for _ in range(400 if large else 40):
        model, pairs, labels = simulated(rng)
        regimes = {(0, 1): labels, (1, 0): labels}
        fit = model.fit(regimes)
        placebos = placebo_effects(model, fit, regimes, labels, pairs)[1].to_numpy()
        results.append((fit.effects[0, 1][1], RandomisationTest(placebos)))
    return results


def bound(share: float, count: int) -> float:
    """A share of `count` draws that chance exceeds once in about a thousand times."""
    return share + 3.1 * math.sqrt(share * (1 - share) / count)


@pytest.mark.parametrize("share", [0.05, 0.1, 0.2])
def test_true_null_is_rejected_no_more_often_than_stated(replications, share, record):
    """The null that is true is the planted effect: its p-value is at most `share` in at most that share of panels."""
    found = float(np.mean([test.p_value(effect, null=EFFECT) <= share for effect, test in replications]))
    most = bound(share, len(replications))
    what = f"P(p <= {share:g}) where the null is true"
    record.measured(
        SECTION,
        what,
        f"{found:.3f} of {len(replications):,} panels",
        bound=f"at most {most:.3f}",
        source="planted",
        holds=found <= most,
    )


def test_interval_covers_the_planted_effect(replications, record):
    found = float(np.mean([abs(effect - EFFECT) <= test.reach(LEVEL) for effect, test in replications]))
    least = 1 - bound(1 - LEVEL, len(replications))
    what = f"share of {LEVEL:.0%} intervals that cover the planted effect"
    record.measured(
        SECTION,
        what,
        f"{found:.3f} of {len(replications):,} panels",
        bound=f"at least {least:.3f}",
        source="planted",
        holds=found >= least,
    )


def test_estimate_is_unbiased(replications, record):
    effects = np.array([effect for effect, _ in replications])
    spread = float(effects.std() / math.sqrt(len(effects)))
    gap = float(effects.mean() - EFFECT)
    record.measured(
        SECTION,
        "mean estimate less the planted effect, in standard errors of the mean",
        f"{gap / spread:+.2f}",
        bound="within 3.3",
        source="planted",
        holds=abs(gap) <= 3.3 * spread,
    )
