"""The three estimators on toy panels and by other roads."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.optimize import minimize

from korus_research.errors import InvalidSpecification
from korus_research.methods.synthetic.estimators import ESTIMATORS, Ridges, chosen_ridge, fit, fit_rows, ridge_errors

RIDGES = Ridges(1e-4, 1e-6, (1e-3, 1e-1, 1.0))


def panel(seed: int, units: int = 9, years: int = 14) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(units, years)).cumsum(axis=1) * 0.1 + rng.normal(size=(units, 1))


PRE, POST = np.arange(9), np.arange(10, 14)


def test_did_is_the_difference_of_differences_of_means() -> None:
    values = panel(0)
    own = values[0, POST].mean() - values[0, PRE].mean()
    others = values[1:, POST].mean() - values[1:, PRE].mean()
    fits = fit(values, PRE, POST, estimator="did", ridges=RIDGES)
    assert fits.effect[0] == pytest.approx(own - others)
    third = values[3, POST].mean() - values[3, PRE].mean()
    rest = np.delete(values, [0, 3], axis=0)
    assert fits.effect[3] == pytest.approx(third - (rest[:, POST].mean() - rest[:, PRE].mean()))


# The ridge of "sc-cv" is chosen over the donors and scaled by all paths, so that who is treated may change it.
FIXED = [name for name in ESTIMATORS if name != "sc-cv"]


@pytest.mark.parametrize("estimator", FIXED)
def test_a_placebo_is_the_fit_of_that_unit_on_the_others_without_the_treated(estimator) -> None:
    values = panel(1)
    fits = fit(values, PRE, POST, estimator=estimator, ridges=RIDGES)
    order = [4, 1, 2, 3, 5, 6, 7, 8]
    alone = fit(values[order], PRE, POST, estimator=estimator, ridges=RIDGES, placebos=False)
    # SC scales its ridge by the mean diagonal over all rows given, which differ here by the treated unit.
    assert alone.effect[0] == pytest.approx(fits.effect[4], abs=2e-4 if estimator == "sc" else 1e-9)
    assert alone.effect.shape == (1,)


@pytest.mark.parametrize("estimator", FIXED)
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), level=st.floats(-5, 5), effect=st.floats(-1, 1))
def test_levels_and_common_shocks_cancel_and_an_effect_adds(estimator, seed: int, level: float, effect: float) -> None:
    values = panel(seed)
    base = fit(values, PRE, POST, estimator=estimator, ridges=RIDGES)
    moved = values + np.linspace(-1, 1, 14)
    moved[0] += level
    moved[0, POST] += effect
    found = fit(moved, PRE, POST, estimator=estimator, ridges=RIDGES)
    # A common shock changes the demeaned pre-period paths (SC, SDID) by the same for all: differences stay, the ridge
    # of SC is scaled by the paths, hence the tolerance.
    assert found.effect[0] - base.effect[0] == pytest.approx(effect, abs=1e-9 if estimator == "did" else 5e-3)


def test_a_unit_inside_the_hull_is_reproduced() -> None:
    values = panel(2)
    values[0] = 0.6 * values[1] + 0.4 * values[2] + 3.0
    fits = fit(values, PRE, POST, estimator="sc", ridges=Ridges(1e-9, 1e-6))
    assert fits.weights[0, 1:3] == pytest.approx([0.6, 0.4], abs=1e-3)
    assert fits.gap[0] == pytest.approx(np.zeros(14), abs=1e-3)


def test_the_gap_averages_to_the_effect_after_and_to_zero_before() -> None:
    for estimator in ESTIMATORS:
        fits = fit(panel(5), PRE, POST, estimator=estimator, ridges=RIDGES)
        assert fits.gap[:, POST].mean(axis=1) == pytest.approx(fits.effect)
        assert (fits.gap[:, PRE] * fits.time_weights).sum(axis=1) == pytest.approx(np.zeros(9), abs=1e-12)


def test_errors_of_left_out_years_are_those_of_a_general_solver() -> None:
    """Every year, donor and strength by SLSQP, one programme at a time."""
    values, pre, grid = panel(3, units=6, years=6), np.arange(6), (1e-2, 1.0)
    donors, squares = values[1:], np.zeros((2, 6, 5))
    for place in pre:
        kept = np.delete(pre, place)
        before = donors[:, kept] - donors[:, kept].mean(axis=1, keepdims=True)
        for unit in range(5):
            others = np.delete(np.arange(5), unit)
            for row, strength in enumerate(grid):
                ridge = strength * (before**2).sum() / 5

                def loss(w, unit=unit, others=others, before=before, ridge=ridge) -> float:
                    return ((before[unit] - w @ before[others]) ** 2).sum() + ridge * (w**2).sum()

                total = {"type": "eq", "fun": lambda w: w.sum() - 1}
                start, bounds = np.full(4, 0.25), [(0, 1)] * 4
                w = minimize(loss, start, bounds=bounds, constraints=total, method="SLSQP", tol=1e-12).x
                gap = donors[unit] - w @ donors[others]
                squares[row, place, unit] = (gap[place] - gap[kept].mean()) ** 2
    theirs = np.sqrt(squares.mean(axis=(1, 2)))
    assert ridge_errors(values, pre, grid) == pytest.approx(theirs, rel=1e-4)  # SLSQP stops at about 1e-6 of a weight
    assert chosen_ridge(values, pre, grid) == grid[int(theirs.argmin())]
    changed = np.vstack([values[0] * 5, donors])  # the treated unit has no say
    assert ridge_errors(changed, pre, grid) == pytest.approx(ridge_errors(values, pre, grid), rel=1e-12)


def test_the_ridge_of_sc_cv_is_a_fixed_one_once_chosen() -> None:
    values = panel(4)
    chosen = chosen_ridge(values, PRE, RIDGES.grid)
    found = fit(values, PRE, POST, estimator="sc-cv", ridges=RIDGES)
    assert found.effect == pytest.approx(fit(values, PRE, POST, estimator="sc", ridges=Ridges(chosen, 1e-6)).effect)
    with pytest.raises(InvalidSpecification, match="no ridges to choose from"):
        fit(values, PRE, POST, estimator="sc-cv", ridges=Ridges(1e-4, 1e-6))


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_two_exact_donors_and_donors_that_never_move_still_give_weights(estimator) -> None:
    """The same series twice, and a unit without any change: the ridge shares the weight, nothing fails."""
    values = panel(6)
    values[2] = values[1] + 1.0
    twins = fit(values, PRE, POST, estimator=estimator, ridges=RIDGES)
    assert np.isfinite(twins.effect).all()
    assert twins.weights[0, 1] == pytest.approx(twins.weights[0, 2], abs=1e-4)
    still = panel(6)
    still[1:] = still[1:, :1]
    found = fit(still, PRE, POST, estimator=estimator, ridges=RIDGES)
    assert found.effect[1:] == pytest.approx(np.zeros(8), abs=1e-12)
    assert found.weights.sum(axis=1) == pytest.approx(np.ones(9))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"estimator": "ols"}, "'ols' is not an estimator"),
        ({"pre": np.arange(2)}, "2 years before"),
        ({"values": panel(0)[:3]}, "2 donors"),
        ({"values": panel(0)[:2]}, "1 donors"),
        ({"values": panel(0)[:0]}, "shape|donors"),
        ({"values": panel(0)[0]}, "shape"),
        ({"pre": np.arange(30)}, "inside|0 to 29"),
        ({"post": np.arange(25, 30)}, "0 to 29"),
        ({"values": panel(0) * 1e200}, "beyond what squares can hold"),
        ({"values": np.where(panel(0) > 1e9, 1, np.nan)}, "not finite"),
    ],
)
def test_bad_input_is_one_clear_error(change, message: str) -> None:
    arguments = {"values": panel(0), "pre": PRE, "post": POST, "estimator": "sc", **change}
    with pytest.raises(InvalidSpecification, match=message):
        fit(arguments["values"], arguments["pre"], arguments["post"], estimator=arguments["estimator"], ridges=RIDGES)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_a_unit_without_a_donor_is_one_clear_error(estimator) -> None:
    allowed = np.zeros((2, 9), bool)
    allowed[0, 3] = True
    with pytest.raises(InvalidSpecification, match="1 of 2 units have no donor"):
        fit_rows(panel(0), PRE, [POST], np.arange(2), allowed, estimator=estimator, ridges=RIDGES)


def test_a_negative_ridge_is_refused() -> None:
    with pytest.raises(InvalidSpecification, match="A ridge of -1"):
        Ridges(1e-4, 1e-6, (1e-3, -1.0))
