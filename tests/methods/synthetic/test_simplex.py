"""Weights on the simplex: closed forms, optimality by other roads, both forms of the matrix."""

from __future__ import annotations

from contextlib import suppress

import clarabel
import numpy as np
import pytest
from hypothesis import example, given, settings, strategies as st
from scipy import sparse

from korus_research.errors import NotConverged
from korus_research.methods.synthetic import simplex
from korus_research.methods.synthetic.simplex import Dense, LowRank, kkt_residual, simplex_weights

GAP = 1e-12  # how near to the least objective the general solver is asked to come


def problem(seed: int, n: int, k: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, k)), rng.normal(size=k)


def general_solver(quadratic: np.ndarray, linear: np.ndarray) -> np.ndarray:
    """The same problem by a solver for any convex programme."""
    n = len(linear)
    A = sparse.csc_matrix(np.vstack([np.ones(n), -np.eye(n)]))
    settings_ = clarabel.DefaultSettings()
    settings_.verbose = False
    settings_.tol_gap_abs = settings_.tol_gap_rel = settings_.tol_feas = GAP
    b = np.concatenate([[1.0], np.zeros(n)])
    cones = [clarabel.ZeroConeT(1), clarabel.NonnegativeConeT(n)]
    solver = clarabel.DefaultSolver(
        sparse.triu(sparse.csc_matrix(quadratic), format="csc"), -linear, A, b, cones, settings_
    )
    return np.array(solver.solve().x)


def test_without_the_bounds_binding_the_weights_are_least_squares_on_the_plane() -> None:
    """Two orthogonal donors at 0 and 1, target at 0.3: the weights are 0.7 and 0.3."""
    factors = np.array([[0.0], [1.0]])
    weights, _ = simplex_weights(LowRank(factors, np.array([1e-9])), np.array([[0.0, 0.3]]), np.ones((1, 2), bool))
    assert weights[0] == pytest.approx([0.7, 0.3], abs=1e-6)


def test_a_target_outside_the_hull_takes_the_nearest_vertex() -> None:
    factors = np.array([[0.0], [1.0]])
    weights, _ = simplex_weights(LowRank(factors, np.array([1e-9])), np.array([[0.0, 5.0]]), np.ones((1, 2), bool))
    assert weights[0] == pytest.approx([0.0, 1.0])


def test_a_large_ridge_makes_weights_even() -> None:
    factors, target = problem(1, 6, 4)
    weights, _ = simplex_weights(LowRank(factors, np.array([1e6])), (factors @ target)[None], np.ones((1, 6), bool))
    assert weights[0] == pytest.approx(np.full(6, 1 / 6), abs=1e-4)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(2, 30), k=st.integers(1, 12), ridge=st.sampled_from([1e-4, 1e-2, 1.0]))
@example(seed=330602, n=30, k=3, ridge=1e-4)  # ours is the better one, and the other 4e-5 away from it
def test_equal_to_a_general_solver(seed: int, n: int, k: int, ridge: float) -> None:
    factors, target = problem(seed, n, k)
    quadratic, linear = factors @ factors.T + ridge * np.eye(n), factors @ target
    allowed = np.ones((1, n), bool)
    ours, residual = simplex_weights(LowRank(factors, np.array([ridge])), linear[None], allowed)
    theirs = general_solver(quadratic, linear)

    def objective(w: np.ndarray) -> float:
        return float(w @ quadratic @ w / 2 - linear @ w)

    # Strictly convex with modulus `ridge`: an objective within `gap` of the least has weights within sqrt(2 gap / ridge).
    gap = GAP * max(1.0, abs(objective(theirs)))
    assert ours[0] == pytest.approx(theirs, abs=2 * np.sqrt(2 * gap / ridge))
    assert objective(ours[0]) <= objective(np.maximum(theirs, 0) / np.maximum(theirs, 0).sum()) + 1e-8
    assert residual[0] < 1e-6


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(3, 20), k=st.integers(1, 8))
def test_both_forms_of_the_matrix_and_any_batch_give_the_same_weights(seed: int, n: int, k: int) -> None:
    factors, _ = problem(seed, n, k)
    gram = factors @ factors.T
    ridges = np.linspace(0.01, 1.0, n)
    allowed = ~np.eye(n, dtype=bool)
    low, _ = simplex_weights(LowRank(factors, ridges), gram, allowed)
    dense, _ = simplex_weights(Dense(gram + ridges[:, None, None] * np.eye(n), np.arange(len(ridges))), gram, allowed)
    assert low == pytest.approx(dense, abs=1e-7)
    alone = [simplex_weights(LowRank(factors, ridges[[i]]), gram[[i]], allowed[[i]])[0][0] for i in range(n)]
    assert low == pytest.approx(np.array(alone), abs=1e-9)
    assert (low[~allowed] == 0).all()
    assert low.sum(axis=1) == pytest.approx(np.ones(n))


def test_the_residual_sees_weights_that_are_not_optimal() -> None:
    factors, target = problem(3, 8, 5)
    Q, q, allowed = LowRank(factors, np.array([0.01])), (factors @ target)[None], np.ones((1, 8), bool)
    weights, residual = simplex_weights(Q, q, allowed)
    moved = weights.copy()
    moved[0, weights[0].argmax()] -= 0.01
    moved[0, weights[0].argmin()] += 0.01
    assert kkt_residual(Q, q, allowed, moved)[0] > 1e-3 > residual[0]


def test_values_that_are_not_finite_are_an_error_not_an_answer() -> None:
    factors = np.ones((3, 2))
    with pytest.raises(NotConverged, match="KKT residual"):
        simplex_weights(LowRank(factors, np.array([0.1])), np.array([[np.nan, 0.0, 1.0]]), np.ones((1, 3), bool))


def every_face(quadratic: np.ndarray, linear: np.ndarray) -> np.ndarray:
    """The weights with the least objective among the optima on all faces of the simplex."""
    n, best = len(linear), (np.inf, np.zeros(0))
    for face in (np.flatnonzero([number >> i & 1 for i in range(n)]) for number in range(1, 2**n)):
        ones = np.ones((1, len(face)))
        bordered = np.block([[quadratic[np.ix_(face, face)], ones.T], [ones, np.zeros((1, 1))]])
        w = np.zeros(n)
        w[face] = np.linalg.solve(bordered, [*linear[face], 1.0])[:-1]
        if (w >= 0).all():
            best = min(best, (float(w @ quadratic @ w / 2 - linear @ w), w), key=lambda pair: pair[0])
    return best[1]


def as_good_as_the_best_face(weights: np.ndarray, quadratic: np.ndarray, linear: np.ndarray) -> bool:
    """Whether weights are the best of all faces as far as rounding tells: two exact roads part by eps times condition."""
    best = every_face(quadratic, linear)
    apart = max(1e-10, 16 * np.finfo(float).eps * np.linalg.cond(quadratic))
    worse = (weights @ quadratic @ weights - best @ quadratic @ best) / 2 - linear @ (weights - best)
    return bool(np.abs(weights - best).max() <= apart and worse <= 1e-12)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), k=st.integers(1, 6), ridge=st.sampled_from([1e-4, 1e-2, 1.0]))
@example(seed=254829, k=1, ridge=1e-4)  # apart by 1.2e-10, neither better
def test_equal_to_the_best_of_all_faces_to_rounding_whatever_a_batch_begins_from(
    seed: int, k: int, ridge: float
) -> None:
    factors, target = problem(seed, 7, k)
    linear = np.array([factors @ target, factors @ -target, factors @ target])
    ridges = np.array([ridge, 2 * ridge, 3 * ridge])
    found, _ = simplex_weights(LowRank(factors, ridges), linear, np.ones((3, 7), bool), blocks=3)
    for w, q, r in zip(found, linear, ridges, strict=True):
        assert as_good_as_the_best_face(w, factors @ factors.T + r * np.eye(7), q)


@pytest.mark.parametrize("same", [True, False])
def test_what_pivoting_leaves_the_interior_point_method_solves(monkeypatch, same) -> None:
    monkeypatch.setattr(simplex, "PIVOTS_OF_FEW", 1)
    monkeypatch.setattr(simplex, "PIVOTS", 0)
    factors, target = problem(5, 7, 4)
    ridges = np.array([0.01, 0.01 if same else 0.02])
    linear = np.array([factors @ target, factors @ -target])
    found, _ = simplex_weights(LowRank(factors, ridges), linear, np.ones((2, 7), bool))
    for w, q, ridge in zip(found, linear, ridges, strict=True):
        assert w == pytest.approx(every_face(factors @ factors.T + ridge * np.eye(7), q), abs=1e-6)  # no look at signs


@pytest.mark.parametrize("same", [True, False])
def test_pivoting_by_itself_finds_nearly_all(monkeypatch, same) -> None:
    """Without the method that it spares: the test above must not be the only road that is taken."""
    left: list[int] = []
    monkeypatch.setattr(simplex, "_solve", lambda batch, _: left.append(len(batch.rows)))
    for seed in range(20):
        factors, target = problem(seed, 7, 4)
        ridges = np.array([0.01, 0.01 if same else 0.02])
        linear = np.array([factors @ target, factors @ -target])
        with suppress(NotConverged):  # what is left has no weights here
            simplex_weights(LowRank(factors, ridges), linear, np.ones((2, 7), bool))
    assert sum(left) <= 2


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), k=st.integers(1, 6), ridge=st.sampled_from([1e-7, 1e-4, 1e-2]))
def test_few_positive_weights_are_the_best_of_all_faces_without_what_is_not_allowed(
    seed: int, k: int, ridge: float
) -> None:
    factors, target = problem(seed, 7, k)
    linear, allowed = np.array([factors @ target, factors @ -target]), np.ones((2, 7), bool)
    allowed[1, :2] = False
    found, _ = simplex_weights(LowRank(factors, np.full(2, ridge)), linear, allowed)
    quadratic = factors @ factors.T + ridge * np.eye(7)
    assert as_good_as_the_best_face(found[0], quadratic, linear[0])
    assert found[1, :2] == pytest.approx([0, 0])
    assert as_good_as_the_best_face(found[1, 2:], quadratic[2:, 2:], linear[1, 2:])
