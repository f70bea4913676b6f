"""Randomisation over comparable pairs: the rule by hand, the rank by definition, the interval by inverting the test."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from korus_research.data import open_catalog
from korus_research.errors import NotIdentified
from korus_research.methods.poisson.cube import Cube, agreements_of
from korus_research.methods.poisson.placebo import RandomisationTest, comparable_pairs, placebo_effects, relative_sizes
from korus_research.methods.poisson.ppml import Model

COUNTRIES = ("AAA", "BBB", "CCC", "DDD", "EEE", "FFF")


def world(seed: int, *, noise: float = 0.3, n: int = 6, years: int = 6) -> tuple[Cube, np.ndarray]:
    """Flows among n countries and an agreement between the last two that begins in the fourth year."""
    rng = np.random.default_rng(seed)
    logs = rng.normal(0, 0.3, (years, n, 1)) + rng.normal(0, 0.3, (years, 1, n)) + rng.normal(3, 0.5, (n, n))
    flows = np.exp(logs + noise * rng.normal(size=(years, n, n)))
    used = np.broadcast_to(~np.eye(n, dtype=bool), flows.shape).copy()
    agreements = np.zeros_like(flows)
    agreements[3:, n - 1, n - 2] = agreements[3:, n - 2, n - 1] = 1
    names = tuple(f"{k:03d}" for k in range(n)) if n > len(COUNTRIES) else COUNTRIES[:n]
    return Cube(names, tuple(range(2000, 2000 + years)), flows * used, used), agreements


def test_comparable_pairs_by_hand():
    cube, agreements = world(1)
    cube.flows[:] = 100.0 * cube.used
    cube.flows[:, 4, 2] = 9.0  # one direction is too small
    cube.flows[2, 3, 4] = 0.0  # a year without trade
    cube.used[4, 2, 3] = False  # a year that the panel does not hold
    found = comparable_pairs(cube, agreements, (1, 0), share=0.1, most=100)
    pairs = {(i, j) for i in range(2, 6) for j in range(i + 1, 6)}
    # neither those with a country of the studied pair, nor the one whose agreement begins, nor the three above
    assert set(found) == pairs - {(4, 5), (2, 4), (3, 4), (2, 3)}
    assert found == sorted(found)


def test_another_agreement_in_the_place_of_one_is_a_change():
    cube, agreements = world(1)
    cube.flows[:] = 100.0 * cube.used
    agreements[:, [2, 3], [3, 2]] = 7  # one agreement throughout
    agreements[:3, [2, 5], [5, 2]], agreements[3:, [2, 5], [5, 2]] = 7, 8  # another in its place
    found = comparable_pairs(cube, agreements, (1, 0), share=0.1, most=100)
    assert (2, 3) in found
    assert (2, 5) not in found


def test_relative_sizes_by_hand():
    cube, _ = world(1)
    cube.flows[:] = 100.0 * cube.used
    cube.flows[:, 1, 2], cube.flows[:, 2, 1], cube.flows[:, 0, 1] = 30.0, 90.0, 60.0
    assert relative_sizes(cube, (1, 0), [(1, 2), (2, 3)]) == pytest.approx([30 / 60, 100 / 60])


def test_of_too_many_pairs_the_nearest_in_size_are_kept():
    cube, agreements = world(1)
    cube.flows[:] = 100.0 * cube.used
    for size, (i, j) in ((110.0, (2, 3)), (95.0, (3, 4)), (300.0, (2, 4)), (50.0, (2, 5))):
        cube.flows[:, i, j] = cube.flows[:, j, i] = size
    everyone = comparable_pairs(cube, agreements, (0, 1), share=0.1, most=100)
    assert set(everyone) - set(comparable_pairs(cube, agreements, (0, 1), share=0.1, most=len(everyone) - 2)) == {
        (2, 4),
        (2, 5),
    }


def test_pairs_count_once_and_the_interval_is_the_test_inverted():
    rng = np.random.default_rng(3)
    for count in (20, 38, 60, 128):
        test = RandomisationTest(rng.normal(size=count), 2)
        assert test.floor == pytest.approx(1 / (count / 2 + 1))
        reach = test.reach(0.9)
        assert test.p_value(reach * (1 - 1e-9)) > 0.1
        assert test.p_value(reach * (1 + 1e-9)) <= 0.1


def test_rank_by_hand():
    test = RandomisationTest(np.array([-0.3, -0.1, 0.0, 0.2]))
    assert test.floor == pytest.approx(1 / 5)
    assert test.beyond(0.2) == 2  # -0.3 and 0.2 itself
    assert test.p_value(0.2) == pytest.approx(3 / 5)
    assert test.p_value(-0.5) == test.floor
    assert test.p_value(0.2, null=0.2) == 1
    assert test.reach(0.8) == pytest.approx(0.3)  # k = 1
    assert test.reach(0.6) == pytest.approx(0.2)  # k = 2
    with pytest.raises(NotIdentified, match="4 placebo estimates give no 95% interval"):
        test.reach(0.95)


@given(
    placebos=st.lists(st.floats(-1, 1), min_size=19, max_size=60),
    effect=st.floats(-2, 2),
    level=st.sampled_from([0.8, 0.9, 0.95]),
)
def test_interval_is_the_set_of_nulls_not_rejected(placebos, effect, level):
    test = RandomisationTest(np.array(placebos))
    reach = test.reach(level)
    assert test.p_value(effect, null=effect) > 1 - level
    for side in (-1, 1):
        # The bounds up to rounding of effect - (effect + reach), which may fall on either side of a placebo.
        inside, outside = effect + side * reach * (1 - 1e-9), effect + side * (reach + 1e-9)
        assert test.p_value(effect, null=inside) > 1 - level
        assert test.p_value(effect, null=outside) <= 1 - level + 1e-12


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 1000), null=st.floats(-0.8, 0.8))
def test_taking_an_effect_out_moves_the_estimate_by_it_and_the_placebos_hardly(seed, null):
    """Why the interval needs no re-estimation for each null: the studied pair keeps its dummies in every placebo fit.

    Among twelve countries the pair is a good part of its own country-year effects, so the bounds are wide here; on the
    panel itself they are those of the next test.
    """
    cube, agreements = world(seed, n=12)
    labels = (np.arange(6) >= 4).astype(np.int64)
    regimes = {(0, 1): labels, (1, 0): labels}
    pairs = comparable_pairs(cube, agreements, (0, 1), share=0.1, most=100)

    def estimate(flows: np.ndarray) -> tuple[float, np.ndarray]:
        model = Model(Cube(cube.countries, cube.years, flows, cube.used), agreements[None])
        fit = model.fit(regimes)
        return fit.effects[0, 1][1], placebo_effects(model, fit, regimes, labels, pairs)[1].to_numpy()

    less = cube.flows.copy()
    less[labels == 1, 0, 1] *= np.exp(-null)
    (before, placebos), (after, theirs) = estimate(cube.flows), estimate(less)
    assert before - after == pytest.approx(null, abs=0.05)
    assert np.abs(theirs - placebos).max() < 0.05
    assert abs(RandomisationTest(theirs).reach(0.9) - RandomisationTest(placebos).reach(0.9)) < 0.03


def test_on_the_panel_the_interval_hardly_depends_on_the_null():
    """An effect of half a log point taken out of the panel's own flows moves placebos by 1e-4: bounds four times that."""
    panel = open_catalog().load("gravity_panel")
    cube = Cube.from_frame(panel)
    numbers = agreements_of(panel, cube, {"EC (12) Enlargement": "EC/EU"})
    out = cube.place("USA", "KOR")
    labels = (np.array(cube.years) >= 2012).astype(np.int64)
    regimes = {out: labels, out[::-1]: labels}
    pairs = comparable_pairs(cube, numbers, out, share=0.1, most=100)
    in_force = (numbers > 0).astype(float)
    in_force[:, *out] = in_force[:, *out[::-1]] = 0

    def estimate(flows: np.ndarray) -> tuple[float, np.ndarray]:
        model = Model(Cube(cube.countries, cube.years, flows, cube.used), in_force[None])
        fit = model.fit(regimes)
        return fit.effects[out][1], placebo_effects(model, fit, regimes, labels, pairs)[1].to_numpy()

    before, placebos = estimate(cube.flows)
    for null in (-0.5, 0.5):
        less = cube.flows.copy()
        less[labels == 1, *out] *= np.exp(-null)
        after, theirs = estimate(less)
        assert before - after == pytest.approx(null, abs=5e-4)
        assert np.abs(theirs - placebos).max() < 5e-4
        assert abs(RandomisationTest(theirs).reach(0.9) - RandomisationTest(placebos).reach(0.9)) < 1e-4


def test_placebos_are_refits_with_the_dummy_on_the_other_pair():
    """Each directed pair's placebo is the effect a cold fit of the model with that pair's dummies gives."""
    cube, agreements = world(3, n=8)
    labels = (np.arange(6) >= 4).astype(np.int64)
    regimes = {(0, 1): labels, (1, 0): labels}
    model = Model(cube, agreements[None])
    main = model.fit(regimes)
    found = placebo_effects(model, main, regimes, labels, [(2, 3), (0, 5)])
    for i, j in ((2, 3), (0, 5)):
        cold = model.fit({**regimes, (i, j): labels, (j, i): labels})
        assert found.loc[(cube.countries[i], cube.countries[j]), 1] == pytest.approx(cold.effects[i, j][1], abs=1e-7)
        assert found.loc[(cube.countries[j], cube.countries[i]), 1] == pytest.approx(cold.effects[j, i][1], abs=1e-7)
