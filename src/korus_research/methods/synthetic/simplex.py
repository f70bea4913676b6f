"""Weights on the simplex: many small quadratic programs in one batch.

Synthetic control and synthetic difference-in-differences choose nonnegative weights that add up to one and minimize a
ridge-penalized sum of squares. A placebo run solves the same small problem for every donor, a specification curve does
so thousands of times; a general solver in a loop would spend its time on overhead. So problems are solved in batches:
by guessing the active set and correcting it by the resulting signs, and by an interior-point method if that does not
end (decisions 21, 82 and 140).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from korus_research.errors import NotConverged

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

# Duality gaps over the mean diagonal: at the first ones the active set is tried, at the last a problem is solved.
ROUGH = (1e-3, 1e-5, 1e-7, 1e-9)
GAP = 1e-14  # its root bounds the residual
PIVOTS = 10  # rounds of block pivoting from one guess of the active set
PIVOTS_OF_FEW = 25  # the same from a single positive weight
NEAR_WORST = 0.75  # in that case slacks of at least this share of the worst enter as well
ROUNDED = 1e-12  # a weight, or a slack over the mean diagonal, that is negative by less is zero
STATIONARY = 1e-9  # largest slack of a positive weight, over the mean diagonal, in a well-solved system
ACCEPTED = 1e-6  # largest KKT residual accepted; setting negligible weights to zero uses some of it
CENTRING = 0.05  # share of the duality gap that a step aims at
TO_BOUNDARY = 0.995  # share of the way to the nearest bound that a step may go
MAX_STEPS = 80
NEGLIGIBLE = 1e-8  # a smaller weight is set to zero: it changes no printed figure
TINY = float(np.finfo(float).tiny)


class Quadratic(Protocol):
    """The matrices Q of a batch of problems, in a form that can be solved quickly."""

    def scale(self) -> Array:
        """Mean diagonal of each Q, shape (problems,)."""

    def times(self, w: Array) -> Array:
        """Qw by problem, shape (problems, n)."""

    def solve(self, diagonal: Array, free: Mask, right: Array) -> Array:
        """Solve (Q + diag(diagonal)) x = right for the free variables; the others are zero.

        `right` and the result have shape (problems, columns, n).
        """

    def take(self, rows: Mask) -> Self:
        """Return the problems where `rows` is true."""

    def dense(self) -> Dense | None:
        """The matrices themselves, if one serves all problems or they are given; otherwise None."""


@dataclass(frozen=True)
class Dense:
    """Any symmetric positive definite Q: `matrices` (m, n, n), and the index `which` of each problem's matrix."""

    matrices: Array
    which: NDArray[np.intp]

    def scale(self) -> Array:
        """See `Quadratic`."""
        mean: Array = np.diagonal(self.matrices, axis1=1, axis2=2).mean(axis=1)[self.which]
        return mean

    def times(self, w: Array) -> Array:
        """See `Quadratic`."""
        if len(self.matrices) == 1:
            return np.asarray(w @ self.matrices[0], dtype=np.float64)
        return (self.matrices[self.which] @ w[:, :, None])[:, :, 0]

    def solve(self, diagonal: Array, free: Mask, right: Array) -> Array:
        """See `Quadratic`; all systems have the size of the largest one."""
        size = free.sum(axis=1)[:, None]
        most = np.arange(size.max(initial=0))
        order = np.argsort(~free, axis=1, kind="stable")[:, : len(most)]
        there, rows = most < size, np.arange(len(free))[:, None]
        K = self.matrices[self.which[:, None, None], order[:, :, None], order[:, None, :]]
        if diagonal.any():
            K[:, most, most] += np.broadcast_to(diagonal, free.shape)[rows, order]
        K = np.where(there[:, :, None] & there[:, None, :], K, np.eye(len(most)))
        columns = np.swapaxes(right, 1, 2)
        solved = np.zeros(columns.shape)
        solved[rows, order] = np.linalg.solve(K, columns[rows, order] * there[:, :, None])
        return np.swapaxes(solved, 1, 2)

    def take(self, rows: Mask) -> Dense:
        """See `Quadratic`."""
        return Dense(self.matrices, self.which[rows])

    def dense(self) -> Dense:
        """See `Quadratic`."""
        return self


@dataclass(frozen=True)
class LowRank:
    """Q = FF' + ridge I, with one F (n, k) for all problems and small k: donors by pre-period years.

    By the Woodbury identity each problem is a system of k equations, and all problems share one product.
    """

    factors: Array
    ridge: Array

    def scale(self) -> Array:
        """See `Quadratic`."""
        return float((self.factors**2).sum()) / len(self.factors) + self.ridge

    def times(self, w: Array) -> Array:
        """See `Quadratic`."""
        return (w @ self.factors) @ self.factors.T + self.ridge[:, None] * w

    def solve(self, diagonal: Array, free: Mask, right: Array) -> Array:
        """See `Quadratic`."""
        n, k = self.factors.shape
        inverse = np.where(free, 1.0 / (self.ridge[:, None] + np.where(free, diagonal, 1.0)), 0.0)
        small = (inverse @ self._outer).reshape(-1, k, k) + np.eye(k)
        direct = inverse[:, None, :] * right
        # One product for all problems: many small ones would take longer than solving the systems.
        onto = (direct.reshape(-1, n) @ self.factors).reshape(*right.shape[:2], k)
        inner = np.swapaxes(np.linalg.solve(small, np.swapaxes(onto, 1, 2)), 1, 2)
        back = (inner.reshape(-1, k) @ self.factors.T).reshape(right.shape)
        return direct - inverse[:, None, :] * back

    def take(self, rows: Mask) -> LowRank:
        """See `Quadratic`."""
        left = LowRank(self.factors, self.ridge[rows])
        left.__dict__["_outer"] = self._outer
        return left

    def dense(self) -> Dense | None:
        """See `Quadratic`: the one matrix, where the ridge is the same for all problems."""
        if not len(self.ridge) or np.ptp(self.ridge) > 0:
            return None
        matrix = self.factors @ self.factors.T + self.ridge[0] * np.eye(len(self.factors))
        return Dense(matrix[None], np.zeros(len(self.ridge), dtype=np.intp))

    @cached_property
    def _outer(self) -> Array:
        n, k = self.factors.shape
        return (self.factors[:, :, None] * self.factors[:, None, :]).reshape(n, k * k)


@dataclass(frozen=True)
class _Batch:
    """Problems that are solved together, with the rows of their weights in the result."""

    rows: NDArray[np.intp]
    Q: Quadratic
    q: Array
    free: Mask

    def take(self, rows: Mask) -> _Batch:
        return _Batch(self.rows[rows], self.Q.take(rows), self.q[rows], self.free[rows])


def simplex_weights(quadratic: Quadratic, linear: Array, allowed: Mask, *, blocks: int = 1) -> tuple[Array, Array]:
    """Minimise w'Qw/2 - q'w over the simplex, for a batch of problems.

    Given the set of positive weights, the weights are the exact solution of one linear system, and its signs say
    whether the set was right (block pivoting: Portugal, Judice and Vicente 1994). The first guess is the best single
    donor if `quadratic` has dense matrices, since few weights are then positive, and all donors otherwise. Remaining
    problems go to a feasible primal-dual interior-point method (Nocedal and Wright, Numerical Optimization, 2nd ed.,
    chapter 16.6), which is interrupted at some duality gaps to try the active set. Every step of all problems is one
    call of a batched linear solver.

    `quadratic` has Q of each problem (a Gram matrix plus a ridge), `linear` q, shape (problems, n), and `allowed` the
    weights that may differ from zero, at least one in each problem. `blocks` is the number of equal parts of the batch
    with similar problems in the same order: solutions of the first part are the starting guess for the others, without
    an effect on the result. Returns the weights, each row adding up to one, and the KKT residual of each, see
    `kkt_residual`. Raises NotConverged if one exceeds `ACCEPTED`.
    """
    weights = np.zeros(linear.shape)
    batch = _Batch(np.arange(len(linear)), quadratic, linear, allowed)
    if (dense := quadratic.dense()) is not None:
        found = _try(replace(batch, Q=dense), _best_alone(dense, linear, allowed), weights, PIVOTS_OF_FEW, NEAR_WORST)
    else:
        first = batch.rows < len(linear) // blocks
        found = np.zeros(len(linear), dtype=bool)
        found[first] = _try(batch.take(first), allowed[first], weights)
        found[~first] = _try(batch.take(~first), np.tile(weights[first] > 0, (blocks - 1, 1)), weights)
    _solve(batch.take(~found), weights)
    weights[weights < NEGLIGIBLE] = 0.0
    weights /= weights.sum(axis=1, keepdims=True)
    residual = kkt_residual(quadratic, linear, allowed, weights)
    if (bad := ~(residual <= ACCEPTED)).any():
        raise NotConverged(
            f"Weights are not optimal: {int(bad.sum())} of {len(linear)} problems have a KKT residual of up to "
            f"{float(residual.max()):.1e}",
            expected=f"at most {ACCEPTED:.0e}",
            do="Check the series for values that are not finite, or raise the ridge",
        )
    return weights, residual


def kkt_residual(quadratic: Quadratic, linear: Array, allowed: Mask, weights: Array) -> Array:
    """Return the KKT residual of weights, zero if and only if they solve the problem.

    With gradient g = Qw - q and multiplier m = w'g, it is the largest of |min(w_i, (g_i - m) / scale)|, where scale is
    the mean diagonal of Q (the natural residual of the complementarity conditions). Shapes as in `simplex_weights`.
    """
    gradient = quadratic.times(weights) - linear
    slack = gradient - (weights * gradient).sum(axis=1, keepdims=True)
    natural = np.abs(np.minimum(weights, slack / np.maximum(quadratic.scale(), TINY)[:, None]))
    result: Array = np.where(allowed, natural, np.abs(weights)).max(axis=1)
    return result


def _best_alone(Q: Dense, q: Array, free: Mask) -> Mask:
    """Return for each problem the single variable with the smallest objective."""
    alone = np.diagonal(Q.matrices, axis1=1, axis2=2)[Q.which] / 2 - q
    best: Mask = np.arange(q.shape[1]) == np.where(free, alone, np.inf).argmin(axis=1)[:, None]
    return best


def _solve(batch: _Batch, weights: Array) -> None:
    """Solve a batch by the interior-point method and write the solutions into their rows of `weights`."""
    w, s = _start(batch.Q, batch.q, batch.free)
    for enough in (*ROUGH, GAP):
        if not len(batch.rows):
            return
        w, s = _approached(batch, w, s, enough)
        left: Mask = ~_try(batch, w * batch.Q.scale()[:, None] > s, weights)
        batch, w, s = batch.take(left), w[left], s[left]
    weights[batch.rows] = w


def _approached(batch: _Batch, w: Array, s: Array, enough: float) -> tuple[Array, Array]:
    """Return weights and slacks with a duality gap of at most `enough`, starting from feasible ones."""
    found_w, found_s = np.empty_like(w), np.empty_like(s)
    left, Q, free = np.arange(len(w)), batch.Q, batch.free
    for _ in range(MAX_STEPS):
        gap = np.einsum("pn,pn->p", w, s)
        going = gap > enough * Q.scale()
        if not going.all():
            done = ~going
            found_w[left[done]], found_s[left[done]] = w[done], s[done]
            left, Q, free, w, s, gap = left[going], Q.take(going), free[going], w[going], s[going], gap[going]
            if not len(left):
                break
        w, s = _step(Q, w, s, gap, free)
    found_w[left], found_s[left] = w, s
    return found_w, found_s


@np.errstate(divide="ignore", invalid="ignore")
def _try(batch: _Batch, positive: Mask, weights: Array, pivots: int = PIVOTS, near: float = 0.0) -> Mask:
    """Try the active sets `positive` by block pivoting; write the weights of solved problems, return which are solved.

    In each of `pivots` rounds negative weights leave, and weights with a negative slack of at least `near` times the
    worst one enter: all of them if nearly all are right, only the worst ones if few weights are positive in the end.
    """
    solved = np.zeros(len(batch.rows), dtype=bool)
    left, nothing = np.arange(len(batch.rows)), np.zeros((1, 1))
    positive, scale = positive & batch.free, np.maximum(batch.Q.scale(), TINY)[:, None]
    for _ in range(pivots):
        keep: Mask = np.any(positive, axis=1)
        if not keep.all():
            left, batch, positive, scale = left[keep], batch.take(keep), positive[keep], scale[keep]
        if not len(left):
            break
        right = np.ones((len(left), 2, positive.shape[1]))
        right[:, 0] = batch.q
        right *= positive[:, None, :]
        try:
            alone, towards = np.moveaxis(batch.Q.solve(nothing, positive, right), 1, 0)
        except np.linalg.LinAlgError:  # without a ridge nothing says which of two equal donors has the weight
            break
        level = ((1.0 - alone.sum(axis=1)) / towards.sum(axis=1))[:, None]
        w = alone + level * towards
        slack = (batch.Q.times(w) - batch.q - level) / scale
        wrong = batch.free & (np.where(positive, w, slack) < -ROUNDED)
        stationary = np.where(positive, np.abs(slack), 0.0).max(axis=1) <= STATIONARY
        right_ones = stationary & ~wrong.any(axis=1)
        weights[batch.rows[right_ones]] = w[right_ones]
        solved[left[right_ones]] = True
        worst = np.where(positive, 0.0, slack * batch.free).min(axis=1, keepdims=True)
        positive = (positive ^ (wrong & (positive | (slack <= near * worst)))) & ~right_ones[:, None]
    return solved


def _start(Q: Quadratic, q: Array, free: Mask) -> tuple[Array, Array]:
    """Return uniform weights and slacks, a feasible starting point."""
    w = free / free.sum(axis=1, keepdims=True)
    gradient = Q.times(w) - q
    lowest = np.where(free, gradient, np.inf).min(axis=1, keepdims=True)
    spread = np.where(free, gradient - lowest, 0.0).max(axis=1, keepdims=True)
    s = np.where(free, gradient - lowest + 0.1 * spread + 1e-3 * Q.scale()[:, None], 0.0)
    return w, s


def _step(Q: Quadratic, w: Array, s: Array, gap: Array, free: Mask) -> tuple[Array, Array]:
    """Return the next iterate of each problem: a Newton step on the centered conditions, cut before the bounds."""
    target = (CENTRING * gap / free.sum(axis=1))[:, None]
    positive, slack = np.where(free, w, 1.0), np.where(free, s, 1.0)
    diagonal = s / positive
    force = np.where(free, target / positive - s, 0.0)
    newton, towards = np.moveaxis(Q.solve(diagonal, free, np.stack([force, free], axis=1)), 1, 0)
    dw = newton - (newton.sum(axis=1) / towards.sum(axis=1))[:, None] * towards
    ds = force - diagonal * dw
    quickest = np.maximum((-dw / positive).max(axis=1), (-ds / slack).max(axis=1))  # to zero: one over how many steps
    length = (TO_BOUNDARY / np.maximum(quickest, TO_BOUNDARY))[:, None]
    return w + length * dw, s + length * ds
