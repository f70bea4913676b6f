"""The randomisation test on simulated panels: without an effect it rejects as often as it says, with one it covers it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from korus_research.methods.poisson.cube import Cube
from korus_research.methods.poisson.placebo import RandomisationTest, comparable_pairs, placebo_effects
from korus_research.methods.poisson.ppml import Model

SECTION = "Gravity: randomisation on simulated panels"
N, YEARS, AFTER, EFFECT, LEVEL = 9, 8, 2, 0.4, 0.9


def simulated(rng: np.random.Generator, planted: float) -> tuple[Model, list[tuple[int, int]], np.ndarray]:
    """A panel with country-year shocks, and errors of each pair with a variance and a persistence of its own.

    A third of the pairs has an agreement that begins within the panel; the studied pair (0, 1) has the planted effect.
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
    logs[labels == 1, 0, 1] += planted
    used = np.broadcast_to(~np.eye(N, dtype=bool), logs.shape).copy()
    cube = Cube(tuple(f"{k:03d}" for k in range(N)), tuple(range(YEARS)), np.exp(logs) * used, used)
    pairs = comparable_pairs(cube, agreements, (0, 1), share=0.1, most=100)
    return Model(cube, agreements[None]), pairs, labels


def replicated(count: int, planted: float, seed: int) -> list[tuple[float, RandomisationTest]]:
    """The estimate and its randomisation test on so many panels."""
    rng = np.random.default_rng(seed)
    results = []
    for _ in range(count):
        model, pairs, labels = simulated(rng, planted)
        regimes = {(0, 1): labels, (1, 0): labels}
        fit = model.fit(regimes)
        placebos = placebo_effects(model, fit, regimes, labels, pairs)[1].to_numpy()
        results.append((fit.effects[0, 1][1], RandomisationTest(placebos)))
    return results


@pytest.fixture(scope="module")
def replications(large) -> list[tuple[float, RandomisationTest]]:
    return replicated(400 if large else 40, EFFECT, 20120315)


def bounds(share: float, replications: list[tuple[float, RandomisationTest]]) -> tuple[float, float]:
    """What chance lets the share of rejections fall short of or exceed once in about a thousand times each.

    P-values are whole multiples of 1 / (placebos + 1), so that a test that is right rejects in up to one multiple less.
    """
    count = len(replications)
    step = 1 / (1 + min(len(test.placebos) for _, test in replications))
    low = max(0.0, share - step)
    return (
        max(0.0, low - 3.1 * math.sqrt(low * (1 - low) / count)),
        share + 3.1 * math.sqrt(share * (1 - share) / count),
    )


@pytest.mark.parametrize("share", [0.05, 0.1, 0.2])
def test_true_null_is_rejected_as_often_as_stated(replications, share, record):
    """The null that is true is the planted effect: its p-value is at most `share` in that share of panels."""
    found = float(np.mean([test.p_value(effect, null=EFFECT) <= share for effect, test in replications]))
    least, most = bounds(share, replications)
    record.measured(
        SECTION,
        f"P(p <= {share:g}) where the null is true",
        f"{found:.3f} of {len(replications):,} panels",
        bound=f"{least:.3f} to {most:.3f}",
        source="planted",
        holds=least <= found <= most,
    )


def test_interval_covers_the_planted_effect(replications, record):
    found = float(np.mean([abs(effect - EFFECT) <= test.reach(LEVEL) for effect, test in replications]))
    low, high = bounds(1 - LEVEL, replications)
    record.measured(
        SECTION,
        f"share of {LEVEL:.0%} intervals that cover the planted effect",
        f"{found:.3f} of {len(replications):,} panels",
        bound=f"{1 - high:.3f} to {1 - low:.3f}",
        source="planted",
        holds=1 - high <= found <= 1 - low,
    )


def test_a_large_effect_is_found(large, record):
    """A test that never rejects would pass the two above with few panels: four spreads of the errors must not escape.

    The largest spread of a pair's errors is 0.5 a year, over two years under the agreement and six before some 0.4.
    """
    planted = 1.6
    results = replicated(100 if large else 20, planted, 20150101)
    found = float(np.mean([test.p_value(effect) <= 1 - LEVEL for effect, test in results]))
    record.measured(
        SECTION,
        f"share of panels in which a planted effect of {planted:g} is told from none",
        f"{found:.3f} of {len(results):,} panels",
        bound="at least 0.8",
        source="planted",
        holds=found >= 0.8,
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
