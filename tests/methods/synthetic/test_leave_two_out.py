"""The leave-two-out placebo test: a toy by hand, one trio fitted alone, its bound counted, planted effects."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from korus_research.errors import InvalidSpecification
from korus_research.methods.synthetic.estimators import Ridges, fit
from korus_research.methods.synthetic.leave_two_out import LeaveTwoOut, counted, leave_two_out
from korus_research.methods.synthetic.outcomes import Exactness

RIDGES = Ridges(sc=1e-4, time=1e-6)
PRE, POST = np.arange(10), np.arange(10, 14)


def panel(seed: int, units: int = 9) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(units, 3)) @ rng.normal(size=(3, 14)).cumsum(axis=1) + 0.1 * rng.normal(size=(units, 14))


def test_a_hand_worked_toy() -> None:
    """Four donors with gaps 1, 2, 3, 9; the treated unit's is 2.5: it wins only the pair (1, 2). A tie is lost."""
    pairs = np.array(list(itertools.combinations([1.0, 2.0, 3.0, 9.0], 2))).T
    gaps = np.vstack([np.full(6, 2.5), pairs])
    found = counted(gaps, np.ones(6, dtype=bool), units=5)
    assert (found.losses, found.pairs, found.p_value) == (5, 6, pytest.approx(5 / 6))
    assert counted(np.vstack([np.full(6, 9.0), pairs]), np.ones(6, dtype=bool), units=5).losses == 3
    assert np.isnan(counted(gaps, np.zeros(6, dtype=bool), units=5).p_value)


@pytest.mark.parametrize("estimator", ["sc", "sdid", "did"])
def test_each_trio_is_as_if_fitted_alone(estimator) -> None:
    """Another road: a panel without the other two, one call of the plain estimator for each member of a trio."""
    values, lost = panel(3), 0
    for j, k in itertools.combinations(range(1, 9), 2):
        others = [u for u in range(1, 9) if u not in (j, k)]
        sizes = []
        for unit in (0, j, k):
            # The ridge is relative to all units' Gram matrix: so small that the difference is beyond rounding.
            alone = fit(
                values[[unit, *others]], PRE, POST, estimator=estimator, ridges=Ridges(1e-9, 1e-6), placebos=False
            )
            sizes.append(abs(alone.standardised[0]))
        lost += sizes[0] <= max(sizes[1:])
    found = leave_two_out(values, PRE, POST, estimator=estimator, ridges=Ridges(1e-9, 1e-6))
    assert (found.losses, found.pairs) == (lost, 28)


def test_a_planted_effect_wins_every_pair() -> None:
    values = panel(4)
    values[0, POST] += 50.0
    assert leave_two_out(values, PRE, POST, estimator="sc", ridges=RIDGES).p_value == 0.0


@pytest.mark.parametrize("level", [0.02, 0.05, 0.1, 0.3])
def test_no_table_of_wins_beats_the_bound(level: float) -> None:
    """Winners of trios drawn in any way: the share of units below the level never exceeds what is promised."""
    rng, n = np.random.default_rng(5), 8
    trios = list(itertools.combinations(range(n), 3))
    promised = LeaveTwoOut(0, 21, n).size(level)
    for _ in range(300):
        strength = rng.normal(size=n) * rng.choice([0.0, 1.0, 20.0])
        losses = np.zeros(n)
        for trio in trios:
            winner = max(trio, key=lambda unit: strength[unit] + rng.normal())
            for unit in trio:
                losses[unit] += unit != winner
        assert (losses / 21 <= level).mean() <= promised + 1e-12


def test_the_bound_on_a_ranking_is_kept_and_near_what_placebos_promise() -> None:
    """Of 28 units the plain test at 10 percent may reject for two; here three could, if trios allowed it."""
    assert LeaveTwoOut(0, 351, 28).size(0.10) == pytest.approx(3 / 28)
    assert LeaveTwoOut(0, 351, 28).size(0.0) == pytest.approx(1 / 28)


def test_trios_with_an_exact_copy_are_left_out() -> None:
    values = panel(6)
    values[3] = values[4] + 1.0  # each copies the other exactly, unless both are of the trio
    found = leave_two_out(values, PRE, POST, estimator="sc", ridges=RIDGES, exactness=Exactness(below=1e-2))
    assert found.pairs == 28 - 12
    ranked = leave_two_out(values, PRE, POST, estimator="sc", ridges=RIDGES, exactness=Exactness("ranked", 1e-2))
    assert ranked.pairs == 28


@pytest.mark.parametrize("donors", [1, 4])
def test_too_few_donors_are_one_clear_error(donors: int) -> None:
    with pytest.raises(InvalidSpecification, match=f"{donors} donors to leave two of them out"):
        leave_two_out(panel(0)[: donors + 1], PRE, POST, estimator="sc", ridges=RIDGES)


def test_too_few_years_are_one_clear_error() -> None:
    with pytest.raises(InvalidSpecification, match="2 years before"):
        leave_two_out(panel(0), np.arange(2), POST, estimator="sc", ridges=RIDGES)
