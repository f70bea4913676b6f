"""Weights on the simplex: many small quadratic programs at once.

Synthetic control and synthetic difference-in-differences choose weights that are positive and add up to one, so as to
minimise a ridge-penalised sum of squares. A placebo run solves the same small problem for every donor, a specification
curve does so thousands of times; a general solver called in a loop spends its time on the calls. So they are solved in
batches: by guesses which weights are positive, corrected by the signs that follow, and by an interior-point method
where these corrections don't end (decisions 21, 82 and 140).
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

# Duality gaps over the mean diagonal: where the signs of weights are looked at, and where a problem is solved anyway.
ROUGH = (1e-3, 1e-5, 1e-7, 1e-9)
GAP = 1e-14  # its root bounds the residual
PIVOTS = 10  # changes of mind about which weights are positive before the next look
PIVOTS_OF_FEW = 25  # the same where they begin with one positive weight
NEAR_WORST = 0.75  # what else may become positive then: slacks of at least this share of the worst
ROUNDED = 1e-12  # a weight, or a slack over the mean diagonal, that is negative by less is zero
STATIONARY = 1e-9  # slack of a positive weight, over the mean diagonal, up to which a system was solved well
ACCEPTED = 1e-6  # KKT residual above which weights are refused; rounding a negligible weight to zero costs some of it
CENTRING = 0.05  # how much of the duality gap a step aims to leave
TO_BOUNDARY = 0.995  # a step stops this far on the way to the nearest bound
MAX_STEPS = 80
NEGLIGIBLE = 1e-8  # a weight below is zero: it moves no figure that is printed
TINY = float(np.finfo(float).tiny)


class Quadratic(Protocol):
    """The matrices Q of a batch of problems, in a form that solves quickly."""

    def scale(self) -> Array:
        """Mean diagonal of each Q, shape (problems,)."""

    def times(self, w: Array) -> Array:
        """Qw by problem, shape (problems, n)."""

    def solve(self, diagonal: Array, free: Mask, right: Array) -> Array:
        """Solve (Q + diag(diagonal)) x = right over the free variables; the others are zero.

        `right` and the result have shape (problems, columns, n).
        """

    def take(self, rows: Mask) -> Self:
        """Return the problems where `rows` is true."""

    def dense(self) -> Dense | None:
        """The matrices themselves, where one serves all problems or they were given."""


@dataclass(frozen=True)
class Dense:
    """Any symmetric positive definite Q: `matrices` (m, n, n), and `which` of them is that of each problem."""

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
        """See `Quadratic`; systems have as many equations as the problem with most free variables has of these."""
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
    """Q = FF' + ridge I, with one F (n, k) for all problems and k small: donors by pre-period years.

    The Woodbury identity leaves a system of k equations a problem, and what all problems share is one product.
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
        # One product for all problems: many small ones would take longer than the systems.
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
    """Problems that are solved side by side, and in which rows of the result their weights belong."""

    rows: NDArray[np.intp]
    Q: Quadratic
    q: Array
    free: Mask

    def take(self, rows: Mask) -> _Batch:
        return _Batch(self.rows[rows], self.Q.take(rows), self.q[rows], self.free[rows])


def simplex_weights(quadratic: Quadratic, linear: Array, allowed: Mask, *, blocks: int = 1) -> tuple[Array, Array]:
    """Minimise w'Qw/2 - q'w over the simplex, for a batch of problems.

    With the positive weights known, the weights are the exact solution of one linear system, and its signs say whether
    they were the right ones (block pivoting: Portugal, Judice and Vicente 1994). The first guess is the best single
    donor where one matrix serves all problems or each has its own, so that few weights are positive, and all donors
    elsewhere.
    What is left goes to a feasible primal-dual interior-point method (Nocedal and Wright, Numerical Optimization, 2nd
    ed., chapter 16.6) that stops now and then to look which weights are positive. Every step of every problem is one
    call of a batched linear solver.

    `quadratic` holds Q of each problem (a Gram matrix plus a ridge), `linear` q, shape (problems, n), and `allowed`
    which weights may differ from zero, at least one in each problem. `blocks` is the number of equal parts of the batch
    whose problems are alike, row by row: those of the first are tried first, and where that succeeds tell where the
    others' may start; the solution doesn't depend on it. Returned are weights, each row adding up to one, and the KKT
    residual of each, see `kkt_residual`. Raises NotConverged where one stays above `ACCEPTED`.
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
    """Return how far weights are from optimal: zero if and only if they solve the problem.

    With gradient g = Qw - q and multiplier m = w'g, the largest of |min(w_i, (g_i - m) / scale)|, where scale is the
    mean diagonal of Q (the natural residual of the complementarity conditions). Shapes as in `simplex_weights`.
    """
    gradient = quadratic.times(weights) - linear
    slack = gradient - (weights * gradient).sum(axis=1, keepdims=True)
    natural = np.abs(np.minimum(weights, slack / np.maximum(quadratic.scale(), TINY)[:, None]))
    result: Array = np.where(allowed, natural, np.abs(weights)).max(axis=1)
    return result


def _best_alone(Q: Dense, q: Array, free: Mask) -> Mask:
    """Return for each problem the one variable with which alone the objective is least."""
    alone = np.diagonal(Q.matrices, axis1=1, axis2=2)[Q.which] / 2 - q
    best: Mask = np.arange(q.shape[1]) == np.where(free, alone, np.inf).argmin(axis=1)[:, None]
    return best


def _solve(batch: _Batch, weights: Array) -> None:
    """Write the solution of each problem of a batch into its row of `weights`."""
    w, s = _start(batch.Q, batch.q, batch.free)
    for enough in (*ROUGH, GAP):
        if not len(batch.rows):
            return
        w, s = _approached(batch, w, s, enough)
        left: Mask = ~_try(batch, w * batch.Q.scale()[:, None] > s, weights)
        batch, w, s = batch.take(left), w[left], s[left]
    weights[batch.rows] = w


def _approached(batch: _Batch, w: Array, s: Array, enough: float) -> tuple[Array, Array]:
    """Return weights and slacks whose gap is at most `enough`, from others that are feasible."""
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
    """Write the weights of the problems of which `positive` tells, or nearly, which are; return which those are.

    In each of `pivots` rounds what is negative leaves, and enters what has a negative slack of at least `near` of the
    worst: all of them where nearly all are right, the worst alone where few are positive in the end.
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
    """Return even weights and slacks that make the first point feasible: only the gap is left to close."""
    w = free / free.sum(axis=1, keepdims=True)
    gradient = Q.times(w) - q
    lowest = np.where(free, gradient, np.inf).min(axis=1, keepdims=True)
    spread = np.where(free, gradient - lowest, 0.0).max(axis=1, keepdims=True)
    s = np.where(free, gradient - lowest + 0.1 * spread + 1e-3 * Q.scale()[:, None], 0.0)
    return w, s


def _step(Q: Quadratic, w: Array, s: Array, gap: Array, free: Mask) -> tuple[Array, Array]:
    """Return the next point of each problem: a Newton step on the centred conditions, short of the bounds."""
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
