"""What a placebo test can see, by other roads: by hand, rank by rank, on a grid, and against the normal formula."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest

from korus_research.errors import InvalidSpecification
from korus_research.methods.synthetic.power import Sensitivity


def ranked(errors, groups, effect: float, level: float) -> float:
    """Power as the words of the method say it: plant the effect, rank among the others, reject at a small p-value."""
    rejections = []
    for sign in (1, -1):
        for k, error in enumerate(errors):
            others = pd.Series([abs(e) for e, g in zip(errors, groups, strict=True) if g != groups[k]])
            p_value = (1 + (others >= abs(effect + sign * error)).sum()) / (len(others) + 1)
            rejections.append(p_value <= 1 - level + 1e-9)
    return float(np.mean(rejections))


def test_three_placebos_by_hand():
    # At the level 0.5 an estimate must exceed the larger of the two others: 0.3, 0.3 and 0.2.
    found = Sensitivity(0.2, np.array([0.1, -0.2, 0.3]), 0.5)
    assert found.reaches.tolist() == [0.3, 0.3, 0.2]
    # Planted 0.25: 0.35, 0.05 and 0.55 with the errors as they are, 0.15, 0.45 and -0.05 with the sign turned.
    assert found.power(0.25) == pytest.approx(3 / 6)
    # Around 0.2: 0.3, 0.0, 0.5, 0.1, 0.4, -0.1; at least 0.3 are three of six.
    assert found.at_least(0.3) == pytest.approx(3 / 6)
    assert found.at_least(0.05) == pytest.approx(4 / 6)


@pytest.mark.parametrize("paired", [False, True])
@pytest.mark.parametrize("count", [9, 10, 28, 40])
def test_power_is_the_share_of_small_ranks(count, paired):
    rng = np.random.default_rng(count)
    errors = rng.standard_t(2, count) * 0.1
    groups = np.arange(count) // (2 if paired else 1)
    found = Sensitivity(0.1, errors, 0.9, groups if paired else None)
    for effect in (0.0, 0.1, 0.35, 1.0):
        assert found.power(effect) == ranked(errors, groups, effect, 0.9)
        assert found.power(-effect) == found.power(effect)


@pytest.mark.parametrize("share", [0.5, 0.8])
def test_the_detectable_effect_is_where_a_grid_first_finds_it(share):
    for seed in range(20):
        errors = np.random.default_rng(seed).standard_t(2, 31) * 0.1
        found = Sensitivity(0.0, errors, 0.9)
        size = found.detectable(share)
        grid = np.arange(0, 3, 0.002)
        first = grid[[found.power(x) >= share for x in grid]][0]
        assert size <= first <= size + 0.002 + 1e-9  # the grid's step


def test_the_interval_holds_what_the_test_does_not_reject():
    for seed in range(20):
        errors, effect = np.random.default_rng(seed).standard_t(3, 28) * 0.1, 0.2
        low, high = Sensitivity(effect, errors, 0.9).interval
        for null in np.linspace(-1, 1, 401):
            kept = Sensitivity(effect - null, errors, 0.9).p_value > 0.1 + 1e-9
            assert kept == (low <= null <= high), (seed, null)


def test_many_normal_errors_give_the_textbook_formulas():
    # Quantiles of the normal, so that no chance is left; the tolerance is their spacing in the tails.
    normal = NormalDist(0, 0.1)
    errors = np.array([normal.inv_cdf((k + 0.5) / 20_000) for k in range(20_000)])
    found = Sensitivity(0.2, errors, 0.9)
    z = NormalDist().inv_cdf
    assert found.detectable(0.8) == pytest.approx(0.1 * (z(0.95) + z(0.8)), abs=1e-3)
    assert found.power(0.15) == pytest.approx(1 - NormalDist(0.15, 0.1).cdf(0.1 * z(0.95)), abs=1e-3)
    assert found.power(0.0) == pytest.approx(0.1, abs=1e-3)
    assert found.at_least(0.262) == pytest.approx(1 - NormalDist(0.2, 0.1).cdf(0.262), abs=1e-3)


def test_too_few_placebos_find_nothing():
    found = Sensitivity(0.5, np.full(9, 0.1), 0.9)  # eight others: the smallest p-value is 1/9
    assert found.power(10.0) == 0
    assert found.detectable(0.8) is None
    assert Sensitivity(0.5, np.full(8, 0.1), 0.9).interval is None
    assert Sensitivity(0.5, np.linspace(0.1, 0.2, 10), 0.9).detectable(0.8) is not None


@pytest.mark.parametrize(
    ("errors", "groups"),
    [([], None), ([0.1, np.nan], None), ([0.1, 0.2], [0]), ([[0.1], [0.2]], None)],
)
def test_what_gives_no_sensitivity_is_refused(errors, groups):
    with pytest.raises(InvalidSpecification, match="placebo errors"):
        Sensitivity(0.1, np.array(errors), 0.9, None if groups is None else np.array(groups))
