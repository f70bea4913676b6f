"""The randomisation test on simulated panels: without an effect it rejects as often as it says, with one it covers it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from korus_research.errors import NotIdentified
from korus_research.methods.poisson.cube import Cube
from korus_research.methods.poisson.placebo import RandomisationTest, comparable_pairs, placebo_effects
from korus_research.methods.poisson.ppml import Model
from korus_research.methods.poisson.standard import Standing, left_out

SECTION = "Gravity: randomisation on simulated panels"
N, YEARS, AFTER, EFFECT, LEVEL = 11, 8, 2, 0.4, 0.9


def simulated(
    rng: np.random.Generator, planted: float, lasting: float | None = None
) -> tuple[Model, list[tuple[int, int]], np.ndarray]:
    """A panel with country-year shocks, and errors of each pair with a variance and a persistence of its own.

    A third of the pairs has an agreement that begins within the panel; the studied pair (0, 1) has the planted effect.
    `lasting` is the persistence of all errors, 1 for pairs that never return to their past. Labels as in the chapter: 0
    the last year before, 1 the years under the agreement, 2 the years before the last one.
    """
    size = rng.normal(0, 0.3, (2, YEARS, N)).cumsum(axis=1)
    pair = rng.normal(3, 0.8, (N, N))
    spread, memory = rng.uniform(0.1, 0.5, (N, N)), rng.uniform(0, 0.9, (N, N))
    errors = np.zeros((YEARS, N, N))
    for t in range(YEARS):
        fresh = rng.normal(0, 1, (N, N)) * spread
        if lasting is not None:
            errors[t] = lasting * errors[t - 1] * (t > 0) + fresh / 2
        else:
            errors[t] = fresh if t == 0 else memory * errors[t - 1] + np.sqrt(1 - memory**2) * fresh
    agreements = np.zeros((YEARS, N, N))
    for i in range(N):
        for j in range(i + 1, N):
            if (i, j) != (0, 1) and rng.random() < 1 / 3:
                agreements[rng.integers(1, YEARS) :, [i, j], [j, i]] = 1
    labels = np.where(np.arange(YEARS) >= YEARS - AFTER, 1, 2)
    labels[YEARS - AFTER - 1] = 0
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
        results.append((fit.effects[0, 1][1], RandomisationTest(placebos, 2)))
    return results


@pytest.fixture(scope="module")
def replications(large) -> list[tuple[float, RandomisationTest]]:
    return replicated(400 if large else 40, EFFECT, 20120315)


def bounds(share: float, replications: list[tuple[float, RandomisationTest]]) -> tuple[float, float]:
    """What chance lets the share of rejections fall short of or exceed once in about a thousand times each.

    P-values are whole multiples of 1 / (placebos + 1), so that a test that is right rejects in up to one multiple less.
    """
    count = len(replications)
    step = 1 / (1 + min(test.units for _, test in replications))
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


def reach(test: RandomisationTest) -> float:
    """Half the interval; without end where a panel has too few placebos for one, since no null is rejected then."""
    try:
        return test.reach(LEVEL)
    except NotIdentified:
        return math.inf


def test_interval_covers_the_planted_effect(replications, record):
    found = float(np.mean([abs(effect - EFFECT) <= reach(test) for effect, test in replications]))
    endless = sum(math.isinf(reach(test)) for _, test in replications)
    low, high = bounds(1 - LEVEL, replications)
    record.measured(
        SECTION,
        f"share of {LEVEL:.0%} intervals that cover the planted effect",
        f"{found:.3f} of {len(replications):,} panels ({endless} of them with too few placebos for an end)",
        bound=f"{1 - high:.3f} to {1 - low:.3f}",
        source="planted",
        holds=1 - high <= found <= 1 - low,
    )


def test_a_large_effect_is_found(large, record):
    """A test that never rejects would pass the two above with few panels: four spreads of the errors must not escape.

    The largest spread of a pair's errors is 0.5 a year, over two years under the agreement against one before some 0.6.
    """
    planted = 2.4
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


@pytest.mark.parametrize(("lasting", "best"), [(1.0, "last"), (0.0, "mean")])
def test_the_placebo_error_finds_the_standard_that_errs_least(lasting, best, large, record):
    """Where pairs never return, the last year errs less than the mean of all; where nothing lasts, the mean does.

    The error of the studied pair, which the choice does not see, must be on the same side as that of the placebos.
    """
    rng = np.random.default_rng(20080915)
    chosen, own = [], {"last": [], "mean": []}
    for _ in range(100 if large else 12):
        model, pairs, labels = simulated(rng, 0.0, lasting)
        after = (labels == 1).astype(np.int64)
        errors = {}
        for name, of in (("last", labels), ("mean", after)):
            regimes = {(0, 1): of, (1, 0): of}
            fit = model.fit(regimes)
            errors[name] = Standing({}, placebo_effects(model, fit, regimes, of, pairs)[1]).error
            own[name].append(fit.effects[0, 1][1])
        chosen.append(min(errors, key=errors.__getitem__))
    found = float(np.mean([name == best for name in chosen]))
    squares = {name: float(np.sqrt(np.mean(np.square(effects)))) for name, effects in own.items()}
    record.measured(
        SECTION,
        f"share of panels in which the placebo error prefers the {best} ({'no return' if lasting else 'no persistence'})",
        f"{found:.3f} of {len(chosen):,} panels; the studied pair errs by {squares['last']:.2f} (last), "
        f"{squares['mean']:.2f} (mean)",
        bound="at least 0.75",
        source="planted",
        holds=found >= 0.75 and (squares["last"] < squares["mean"]) is (best == "last"),
    )


def test_adjusting_for_the_past_takes_back_a_planted_return():
    """Later levels that keep half of the earlier ones: each flow's own pair is no part of its prediction."""
    rng = np.random.default_rng(7)
    earlier = rng.normal(0, 0.4, 120)
    noise = rng.normal(0, 0.05, 120)
    rest = left_out(0.5 * earlier + 0.1 + noise, earlier)
    assert np.abs(rest - noise).max() < 0.05
