"""Agreements pooled, by other roads: every choice of distinct donors counted out, weights and spreads in plain pandas."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest

from korus_research.errors import NoDonors
from korus_research.methods.synthetic.donors import DonorPool
from korus_research.methods.synthetic.estimate import Counterfactual
from korus_research.methods.synthetic.estimators import Ridges, fit
from korus_research.methods.synthetic.pooled import SCALES, Draws, Place, distinct_donors, drawn_apart, pool
from korus_research.methods.synthetic.specification import DonorRule, Specification

RIDGES = Ridges(sc=1e-4, time=1e-6)
SPEC = Specification("exports", "sc", "log", (2000, 2006), (2003,), (2008, 2009), DonorRule("r", "r", ()), 0.0, 2007)


def estimated(logs: pd.DataFrame, estimator="sc") -> Counterfactual:
    """An estimate of logarithms by year (rows) and unit, the treated one first."""
    spec, values = replace(SPEC, estimator=estimator), logs.to_numpy().T
    fits = fit(values, *spec.places(2000), estimator=estimator, ridges=RIDGES)
    return Counterfactual(spec, DonorPool(np.exp(logs), {}), fits, values, np.ones_like(values), level=0.9)


def panel(units, seed=6) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    logs = rng.normal(size=(10, len(units))).cumsum(axis=0) * 0.1 + 3
    return pd.DataFrame(logs, index=list(range(2000, 2010)), columns=list(units))


def places(donors=("abcdefg", "bcdefgh", "abcdefgh"), seed: int = 0) -> list[Place]:
    """Places whose effects and errors are drawn, not estimated; the paths are."""
    rng, made = np.random.default_rng(seed), []
    for k, own in enumerate(donors):
        fitted = estimated(panel(["t", *own], seed=10 * seed + k))
        fits = replace(fitted.fits, effect=rng.normal(size=len(own) + 1))
        made.append(Place(f"{k}", replace(fitted, fits=fits)))
    return made


def undrawn(choice) -> Draws:
    return Draws(choice, np.full(choice.shape, np.nan))


def counted(several: list[Place]) -> list[tuple[int, ...]]:
    """Every choice in which no donor stands twice."""
    all_ = product(*(range(len(place.donors)) for place in several))
    named = ((c, [p.donors[k] for p, k in zip(several, c, strict=True)]) for c in all_)
    return [choice for choice, names in named if len(set(names)) == len(names)]


def test_every_distinct_choice_is_drawn_alike_often():
    several, draws = places(("abcd", "bcde", "abcde")), 40_000
    expected = counted(several)
    drawn = pd.Series(map(tuple, distinct_donors(several, draws=draws, seed=1).tolist())).value_counts()
    assert set(drawn.index) == set(expected)
    share = 1 / len(expected)
    assert (drawn / draws - share).abs().max() < 5 * np.sqrt(share * (1 - share) / draws)  # five simulation errors


def test_the_pool_is_what_counting_every_choice_gives():
    several, draws = places(), 40_000
    choices = counted(several)
    pooled = pool(several, undrawn(distinct_donors(several, draws=draws, seed=2)), "raw", level=0.9)
    precision = np.array([1 / np.mean([e**2 for e in place.errors]) for place in several])
    weights = precision / precision.sum()
    assert pooled.weights == pytest.approx(weights)
    found = pooled.sensitivity
    assert found.effect == pytest.approx(sum(w * p.effect for w, p in zip(weights, several, strict=True)))
    exact = [sum(w * p.errors[k] for w, p, k in zip(weights, several, c, strict=True)) for c in choices]
    share = np.mean(np.abs(exact) >= abs(found.effect))
    assert found.p_value == pytest.approx(share, abs=5 * np.sqrt(0.25 / draws))
    low, high = found.interval
    assert (low + high) / 2 == pytest.approx(found.effect)
    assert min(abs((high - low) / 2 - abs(e)) for e in exact) < 1e-12, "an end stands where a choice does"
    assert np.mean(np.abs(exact) <= (high - low) / 2 + 1e-12) >= 0.9 - 5 * np.sqrt(0.09 / draws)


def test_shocks_of_the_same_years_do_not_cancel_in_the_pool():
    # Two agreements of the same years and donors whose errors all move together: distinct donors keep that.
    rng = np.random.default_rng(3)
    common = 0.2 + 0.01 * rng.normal(size=20)
    one = places(["".join(chr(97 + k) for k in range(20))])[0].found
    found = replace(one, fits=replace(one.fits, effect=np.append(0.2, common)))
    alike = [Place(name, found) for name in "ab"]
    pooled = pool(alike, undrawn(distinct_donors(alike, draws=5000, seed=3)), "raw", level=0.9)
    assert pooled.sensitivity.errors.mean() == pytest.approx(common.mean(), abs=0.002)
    assert pooled.sensitivity.p_value > 0.3, "as if the two were independent it would be far smaller"


def test_draws_are_the_same_for_the_same_seed_only():
    first, again, other = (distinct_donors(places(), draws=500, seed=seed) for seed in (4, 4, 5))
    assert (first == again).all()
    assert (first != other).any()


@pytest.mark.parametrize("donors", [("abc", "abc", "abc", "abc"), ("abc", "abc", "abc", "abc", "bca")])
def test_fewer_distinct_donors_than_places_is_one_clear_error(donors):
    with pytest.raises(NoDonors, match="no distinct placebos for"):
        distinct_donors(places(donors), draws=100, seed=0)


def test_donors_that_can_not_be_distinct_end_the_search():
    with pytest.raises(NoDonors, match="no distinct placebos"):  # eight donors in all, yet four places share three
        distinct_donors(places(("abc", "abc", "abc", "abc", "defgh")), draws=100, seed=0)


def test_own_growth_is_the_spread_of_yearly_changes_before():
    logs = panel(["t", *"abcdef"])
    place = Place("x", estimated(logs))
    before = logs.loc[2000:2006].drop(index=2003)
    changes = before.diff()[before.index.to_series().diff() == 1]  # a gap of two years is no yearly change
    spread = changes.std()
    assert place.donors == tuple("abcdef")
    assert place.errors == pytest.approx(place.found.fits.effect[1:])
    assert place.scaled == pytest.approx(place.errors * spread["t"] / spread[list("abcdef")].to_numpy())


@pytest.mark.parametrize("estimator", ["did", "sc", "sdid"])
def test_drawn_donors_are_fitted_as_on_a_panel_without_the_others_of_the_draw(estimator):
    """Each again alone, by `fit` on a panel from which the agreement's partner and the others drawn were taken."""
    logs = [panel(["t", *"abcdefghij"], 1), panel(["t", *"bcdefghijk"], 2)]
    several = [Place(str(k), estimated(each, estimator)) for k, each in enumerate(logs)]
    choice = distinct_donors(several, draws=8, seed=5)
    found = drawn_apart(several, choice, fitted=8, ridges=RIDGES).apart
    for draw, row in enumerate(choice):
        codes = [place.donors[k] for place, k in zip(several, row, strict=True)]
        for k, each in enumerate(logs):
            others = [c for c in each.columns[1:] if c not in codes]
            alone = fit(each[[codes[k], *others]].to_numpy().T, *SPEC.places(2000), estimator=estimator, ridges=RIDGES)
            # The ridge of synthetic control is scaled by the mean over all rows given, which differ here.
            assert found[draw, k] == pytest.approx(alone.effect[0], abs=1e-3 if estimator == "sc" else 1e-9)


def test_by_own_growth_the_scale_of_an_agreement_changes_nothing_but_its_weight():
    """Gaps in units of own growth are pooled: by hand, the sum of gaps over growth against sums of drawn ones."""
    several = places()
    choice = distinct_donors(several, draws=300, seed=7)
    draws = Draws(choice, np.random.default_rng(8).normal(size=choice.shape))
    found = pool(several, draws, "scaled", level=0.9)
    own = np.array([place.spread[0] for place in several])
    spreads = np.array([[p.spread[1:][c] for p, c in zip(several, row, strict=True)] for row in choice])
    sums = (draws.apart / spreads).sum(axis=1)
    own_sum = sum(place.effect / place.spread[0] for place in several)
    assert found.sensitivity.p_value == pytest.approx((1 + (np.abs(sums) >= abs(own_sum)).sum()) / 301)
    assert found.sensitivity.effect == pytest.approx(own_sum / (1 / own).sum())
    assert found.weights == pytest.approx((1 / own) / (1 / own).sum())


def test_all_scales_weigh_places_to_one_and_too_few_donors_apart_are_one_clear_error():
    several = places()
    choice = distinct_donors(several, draws=50, seed=1)
    for scale in SCALES:
        assert pool(several, Draws(choice, np.zeros(choice.shape)), scale, level=0.9).weights.sum() == pytest.approx(1)
    with pytest.raises(NoDonors, match="no distinct placebos"):  # seven donors less three drawn are fewer than five
        drawn_apart(several, choice, fitted=8, ridges=RIDGES)
