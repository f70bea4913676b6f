"""Agreements pooled, by other roads: every choice of distinct donors counted out, weights and spreads in plain pandas."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from korus_research.errors import NoDonors
from korus_research.methods.synthetic.donors import DonorPool, DonorRule
from korus_research.methods.synthetic.estimate import Counterfactual
from korus_research.methods.synthetic.estimators import Ridges, fit
from korus_research.methods.synthetic.pooled import Place, distinct_donors, place_of, pool
from korus_research.methods.synthetic.specification import Specification


def places(donors=("abc", "bcd", "abcd"), seed: int = 0) -> list[Place]:
    rng = np.random.default_rng(seed)
    return [Place(f"{k}", float(rng.normal()), tuple(own), rng.normal(size=len(own))) for k, own in enumerate(donors)]


def counted(several: list[Place]) -> list[tuple[int, ...]]:
    """Every choice in which no donor stands twice."""
    all_ = product(*(range(len(place.donors)) for place in several))
    named = ((c, [p.donors[k] for p, k in zip(several, c, strict=True)]) for c in all_)
    return [choice for choice, names in named if len(set(names)) == len(names)]


def test_every_distinct_choice_is_drawn_alike_often():
    several, draws = places(), 40_000
    expected = counted(several)
    drawn = pd.Series(map(tuple, distinct_donors(several, draws=draws, seed=1).tolist())).value_counts()
    assert set(drawn.index) == set(expected)
    share = 1 / len(expected)
    assert (drawn / draws - share).abs().max() < 5 * np.sqrt(share * (1 - share) / draws)  # five simulation errors


def test_the_pool_is_what_counting_every_choice_gives():
    several, draws = places(), 40_000
    choices = counted(several)
    pooled = pool(several, distinct_donors(several, draws=draws, seed=2), level=0.9)
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
    alike = [Place(name, 0.2, tuple(map(str, range(20))), common) for name in "ab"]
    pooled = pool(alike, distinct_donors(alike, draws=5000, seed=3), level=0.9)
    assert pooled.sensitivity.errors.mean() == pytest.approx(common.mean(), abs=0.002)
    assert pooled.sensitivity.p_value > 0.3, "as if the two were independent it would be far smaller"


def test_draws_are_the_same_for_the_same_seed_only():
    first, again, other = (distinct_donors(places(), draws=500, seed=seed) for seed in (4, 4, 5))
    assert (first == again).all()
    assert (first != other).any()


@pytest.mark.parametrize("donors", [("a", "a"), ("ab", "ab", "ab"), ("", "ab")])
def test_fewer_distinct_donors_than_places_is_one_clear_error(donors):
    with pytest.raises(NoDonors, match="no distinct placebos for"):
        distinct_donors(places(donors), draws=100, seed=0)


def test_donors_that_can_not_be_distinct_end_the_search():
    with pytest.raises(NoDonors, match="no distinct placebos"):  # four donors in all, yet two places share the only one
        distinct_donors(places(("a", "a", "bcd")), draws=100, seed=0)


def test_own_growth_is_the_spread_of_yearly_changes_before():
    rng = np.random.default_rng(6)
    years, units = range(2000, 2010), ["t", *"abcdef"]
    logs = pd.DataFrame(rng.normal(size=(10, 7)).cumsum(axis=0) * 0.1 + 3, index=list(years), columns=units)
    spec = Specification(
        "exports", "sc", "log", (2000, 2006), (2003,), (2008, 2009), DonorRule("r", "r", ()), 0.0, 2007
    )
    values = logs.to_numpy().T
    pre, post = spec.places(2000)
    fits = fit(values, pre, post, estimator="sc", ridges=Ridges(sc=1e-4, time=1e-6))
    found = Counterfactual(spec, DonorPool(np.exp(logs), {}), fits, values, np.ones_like(values), level=0.9)
    before = logs.loc[2000:2006].drop(index=2003)
    changes = before.diff()[before.index.to_series().diff() == 1]  # a gap of two years is no yearly change
    spread = changes.std()
    raw, scaled = (place_of("x", found, own_growth=own) for own in (False, True))
    assert raw.donors == scaled.donors == tuple("abcdef")
    assert raw.errors == pytest.approx(fits.effect[1:])
    assert scaled.errors == pytest.approx(fits.effect[1:] * spread["t"] / spread[list("abcdef")].to_numpy())
