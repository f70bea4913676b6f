"""Partial effects taken out of the flows of a pair: what a small pair, no effect and a sure effect must give."""

from __future__ import annotations

import numpy as np
import pytest

from korus_research.methods.equilibrium.baseline import Baseline
from korus_research.methods.equilibrium.effect import PartialEffect, taken_out
from korus_research.methods.equilibrium.pair import PairModel

GOODS = {"exports": 0.6, "imports": 0.9}


def model(between: float = 20.0) -> PairModel:
    """Three economies; A and B trade `between` with each other both ways."""
    flows = np.array([[900.0, between, 40.0], [between, 300.0, 30.0], [60.0, 20.0, 700.0]])
    return PairModel(Baseline(("A", "B", "C"), flows), "A", "B", 4.0, (3.0, 4.0, 8.0))


def sure(exports: float, imports: float) -> dict:
    return {flow: PartialEffect(b, b, b) for flow, b in (("exports", exports), ("imports", imports))}


def test_nothing_taken_out_changes_nothing():
    found = taken_out(model(), sure(0.0, 0.0), GOODS, draws=12, seed=1)
    for table in (found.changes, found.low, found.high):
        assert np.abs(table.to_numpy()).max() < 1e-9
    assert found.residual < 1e-10


def test_a_tiny_pair_moves_by_the_partial_effect_on_its_goods():
    found = taken_out(model(1e-4), sure(0.3, -0.2), GOODS, draws=6, seed=1)
    for flow, b in (("exports", 0.3), ("imports", -0.2)):
        share = GOODS[flow]
        assert found.flow(flow)[0] == pytest.approx(100 * (share * np.exp(-b) - share), abs=1e-3)


def test_a_sure_effect_ranges_over_the_elasticities_alone():
    found = taken_out(model(), sure(0.3, 0.1), GOODS, draws=30, seed=1)
    by_elasticity = found.by_elasticity["partner"]
    value, low, high = found.closures["additive"].change("B")
    assert list(by_elasticity.index) == [3.0, 4.0, 8.0]
    assert (value, low, high) == pytest.approx((by_elasticity[4.0], by_elasticity.min(), by_elasticity.max()), abs=1e-9)


def test_a_wider_interval_gives_a_wider_range_at_the_lower_level_of_the_two():
    narrow = {"exports": PartialEffect(0.2, 0.1, 0.3), "imports": PartialEffect(0.0, 0.0, 0.0, level=0.8)}
    wide = {**narrow, "exports": PartialEffect(0.2, -0.2, 0.6)}
    ends = [taken_out(model(), effects, GOODS, draws=300, seed=1).flow("exports") for effects in (narrow, wide)]
    assert ends[1][1] < ends[0][1] < ends[0][0] < ends[0][2] < ends[1][2]
    assert ends[0][0] == pytest.approx(ends[1][0])
