"""Prediction intervals: each draw against a conic solver, bounds by hand, bad input."""

from __future__ import annotations

import clarabel
import numpy as np
import pytest
from scipy import sparse

from korus_research.errors import InvalidSpecification
from korus_research.methods.synthetic import prediction
from korus_research.methods.synthetic.estimators import Ridges, fit
from korus_research.methods.synthetic.prediction import BOUNDS, predict

PRE, POST = np.arange(9), np.arange(9, 14)


def panel(seed: int, donors: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """A panel and the weights of synthetic control of its first unit."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(donors + 1, 2)) @ rng.normal(size=(2, 14)).cumsum(axis=1)
    values += 0.2 * rng.normal(size=values.shape)
    found = fit(values, PRE, POST, estimator="sc", ridges=Ridges(1e-6, 1e-6), placebos=False)
    return values, found.weights[0, 1:]


def by_cone(values: np.ndarray, weights: np.ndarray, lower: np.ndarray, noise: np.ndarray) -> tuple[float, float]:
    """Both ends for one draw, with the level as a variable of its own, solved as a second-order cone programme."""
    donors, years = len(weights), len(PRE)
    Z = np.column_stack([values[1:, PRE].T, np.ones(years)])
    G = Z.T @ noise / years
    p = np.append(values[1:, POST].mean(axis=1), 1.0)
    F = Z / np.sqrt(years)
    # |Fd|^2 <= 2G'd is |(2Fd, 1 - 2G'd)| <= 1 + 2G'd.
    rows = [np.append(np.ones(donors), 0.0)[None], -np.eye(donors, donors + 1), -2 * G[None], -2 * F, 2 * G[None]]
    A = sparse.csc_matrix(np.vstack(rows))
    b = np.concatenate([[0.0], weights - lower, [1.0], np.zeros(years), [1.0]])
    cones = [clarabel.ZeroConeT(1), clarabel.NonnegativeConeT(donors), clarabel.SecondOrderConeT(years + 2)]
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    ends = []
    for sign in (-1.0, 1.0):
        solver = clarabel.DefaultSolver(sparse.csc_matrix((donors + 1,) * 2), sign * p, A, b, cones, settings)
        ends.append(-float(p @ np.array(solver.solve().x)))
    return ends[0], ends[1]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_each_draw_reaches_as_far_as_a_conic_solver_finds(seed: int) -> None:
    values, weights = panel(seed)
    before = values[1:, PRE] - values[1:, PRE].mean(axis=1, keepdims=True)
    residual = values[0, PRE] - values[0, PRE].mean() - weights @ before
    lower = prediction._localised(before, residual, weights)
    noise = np.random.default_rng(seed).normal(size=(8, len(PRE))) * prediction._spread(residual, weights)
    after = (values[1:, POST].mean(axis=1) - values[1:, PRE].mean(axis=1))[None]
    ours = prediction._reaches(before, noise, weights, lower, after)[:, 0]
    theirs = np.array([by_cone(values, weights, lower, each) for each in noise]).T
    # The conic solver stops at 1e-8 of the objective; ours where the fit is as bad as allowed to 1e-6.
    assert ours == pytest.approx(theirs, abs=1e-4 * np.abs(theirs).max())
    assert (ours[0] <= ours[1]).all()


def test_bounds_of_later_years_by_hand() -> None:
    """Residuals 1, -1, 1, -1, 2, -2 around zero: size is the geometric mean of their sizes, quantiles are their own."""
    later = prediction._later(np.array([1.0, -1.0, 1.0, -1.0, 2.0, -2.0]), 0.025)
    size = 4 ** (1 / 6)
    reach = np.sqrt(2 * np.log(40)) * min(size, 2.0 / 1.34)
    assert later["sub-gaussian"] == pytest.approx((-reach, reach))
    assert later["quantiles"] == pytest.approx((-1.875, 1.875))
    assert later["location-scale"] == pytest.approx((-1.875, 1.875))


def test_an_interval_holds_the_estimate_moves_with_it_and_widens_with_the_bound() -> None:
    values, weights = panel(4)
    found = predict(values, PRE, [POST], weights, level=0.9, draws=100, seed=1)
    alone, whole = found.interval(None)[0], found.interval("sub-gaussian")[0]
    assert whole[0] < alone[0] < found.effect[0] < alone[1] < whole[1]
    moved = values.copy()
    moved[0, POST] += 1.0
    again = predict(moved, PRE, [POST], weights, level=0.9, draws=100, seed=1)
    assert again.interval("quantiles") == pytest.approx(found.interval("quantiles") + 1.0)
    assert set(found.later) == set(BOUNDS)


def test_two_equal_donors_count_as_one() -> None:
    values, weights = panel(5)
    doubled = np.vstack([values, values[-1:]])
    split = np.append(weights, weights[-1] / 2)
    split[-2] /= 2
    one = predict(values, PRE, [POST], weights, level=0.9, draws=200, seed=1)
    two = predict(doubled, PRE, [POST], split, level=0.9, draws=200, seed=1)
    assert two.effect == pytest.approx(one.effect)
    assert np.isfinite(two.interval("sub-gaussian")).all()


def test_one_donor_leaves_the_level_to_err() -> None:
    """A single weight can't move: the reach is the noise of the level, whose quantiles are the normal's."""
    values = panel(6)[0][:2]
    found = predict(values, PRE, [POST], np.ones(1), level=0.9, draws=4000, seed=1)
    residual = values[0, PRE] - values[1, PRE]
    residual = residual - residual.mean()
    sd = np.sqrt((residual**2).sum() / (len(PRE) - 1) / len(PRE))
    # With one draw of the noise the level goes at most twice as far: the low end is twice the negative part.
    assert found.fitted[0] == pytest.approx([-2 * 1.96 * sd, 2 * 1.96 * sd], rel=0.06)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pre": np.arange(3)}, "3 years to fit"),
        ({"draws": 0}, "0 draws"),
        ({"level": 1.0}, "level 1"),
        ({"weights": np.ones(3)}, "3 weights"),
        ({"values": np.full((13, 14), np.nan)}, "finite"),
        ({"values": np.vstack([panel(0)[0][:-1], np.ones((1, 14))])}, "never changes"),
    ],
)
def test_bad_input_is_one_clear_error(change, message: str) -> None:
    values, weights = panel(0)
    given = {"values": values, "pre": PRE, "posts": [POST], "weights": weights, "level": 0.9, "draws": 10, "seed": 1}
    with pytest.raises(InvalidSpecification, match=message):
        predict(**{**given, **change})


def test_an_exact_copy_has_no_interval() -> None:
    values, _ = panel(0)
    values[0] = values[1] + 2.0
    with pytest.raises(InvalidSpecification, match="without any error"):
        predict(values, PRE, [POST], np.eye(12)[0], level=0.9, draws=10, seed=1)
