"""Splits add up exactly, whatever is split."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from korus_research.errors import MissingFigures
from korus_research.methods.decomposition import (
    contributions,
    log_mean_split,
    shift_share,
)

# Trade is counted in whole dollars.
sizes = st.integers(0, 10**9).map(float)


@st.composite
def baskets(draw):
    count = draw(st.integers(1, 12))
    series = [pd.Series(draw(st.lists(sizes, min_size=count, max_size=count)), dtype=float) for _ in range(4)]
    if series[2].sum() <= 1:
        series[2] = series[2] + 1.0
    return series


@settings(max_examples=100, deadline=None)
@given(baskets())
def test_shift_share_always_adds_up(basket):
    parts = shift_share(*basket)
    start, end = basket[:2]
    # Growth elsewhere may be a factor of a million, and rounding goes with it.
    scale = 1e-9 * float(parts.abs().to_numpy().max() + 1)
    assert np.allclose(parts[["common", "mix", "local"]].sum(axis=1), end - start, atol=scale)
    assert np.isfinite(parts.to_numpy()).all()


@settings(max_examples=50, deadline=None)
@given(baskets(), st.floats(0.1, 5))
def test_a_partner_that_grows_as_all_others_has_no_local_shift(basket, factor):
    start, _, elsewhere, _ = basket
    parts = shift_share(start, start * factor, elsewhere + 1, (elsewhere + 1) * factor)
    assert np.allclose(parts[["mix", "local"]], 0, atol=1e-6 * float(start.max() + 1))


@settings(max_examples=50, deadline=None)
@given(baskets(), st.lists(st.sampled_from("abc"), min_size=12, max_size=12))
def test_contributions_always_add_up(basket, names):
    start, end = basket[0] + 1, basket[1]
    groups = pd.Series(names[: len(start)])
    table = contributions(pd.DataFrame([start, end], index=[1, 2]), groups, first=1, last=2)
    assert table["change"].sum() == pytest.approx(end.sum() - start.sum(), abs=1e-6)
    assert table["points"].sum() == pytest.approx(100 * (end.sum() / start.sum() - 1), abs=1e-6)


def test_a_part_without_a_group_is_one_clear_error():
    exports = pd.DataFrame({"87": [1.0, 2.0], "98": [5.0, 9.0]}, index=[2011, 2016])
    for groups in (pd.Series({"87": "cars"}), pd.Series({"87": "cars", "98": None})):
        with pytest.raises(MissingFigures, match="No group is given for 98"):
            contributions(exports, groups, first=2011, last=2016)


positive = st.floats(0.01, 100)


@given(st.lists(positive, min_size=4, max_size=4))
def test_the_factors_of_a_product_share_out_its_change(ends):
    table = pd.DataFrame({"volume": ends[:2], "share": ends[2:]}, index=[2011, 2016])
    table["exports"] = table["volume"] * table["share"]
    parts = log_mean_split(table, ["volume", "share"], "exports", first=2011, last=2016)["amount"]
    moved = table["exports"][2016] - table["exports"][2011]
    assert parts["exports"] == pytest.approx(moved, abs=1e-9)
    assert parts["volume"] + parts["share"] == pytest.approx(moved, abs=1e-9)


def test_a_year_that_is_not_held_is_one_clear_error():
    table = pd.DataFrame({"volume": [1.0, 2.0], "exports": [1.0, 2.0]}, index=[2011, 2012])
    with pytest.raises(MissingFigures, match="2016"):
        log_mean_split(table, ["volume"], "exports", first=2011, last=2016)
