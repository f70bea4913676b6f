"""Weights on the simplex: many small quadratic programmes at once.

Synthetic control and synthetic difference-in-differences choose weights that are positive and add up to one, so as to
minimise a ridge-penalised sum of squares. A placebo run solves the same small problem for every donor, a specification
curve does so thousands of times; a general solver called in a loop spends its time on the calls.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from korus_research.errors import NotConverged

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

GAP = 1e-14  # duality gap at which a problem is solved, relative to the mean diagonal; its root bounds the residual
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

        `right` and the result have shape (problems, n, columns).
        """

    def take(self, rows: Mask) -> Self:
        """Return the problems where `rows` is true."""


@dataclass(frozen=True)
class Dense:
    """Any symmetric positive definite Q, array (problems, n, n)."""

    matrices: Array

    def scale(self) -> Array:
        """See `Quadratic`."""
        mean: Array = np.diagonal(self.matrices, axis1=1, axis2=2).mean(axis=1)
        return mean

    def times(self, w: Array) -> Array:
        """See `Quadratic`."""
        product: Array = np.einsum("bij,bj->bi", self.matrices, w)
        return product

    def solve(self, diagonal: Array, free: Mask, right: Array) -> Array:
        """See `Quadratic`."""
        K = np.where(free[:, :, None] & free[:, None, :], self.matrices, 0.0)
        index = np.arange(K.shape[1])
        K[:, index, index] += np.where(free, diagonal, 1.0)
        return np.asarray(np.linalg.solve(K, right * free[:, :, None]), dtype=np.float64)

    def take(self, rows: Mask) -> Dense:
        """See `Quadratic`."""
        return Dense(self.matrices[rows])


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
        product: Array = (w @ self.factors) @ self.factors.T + self.ridge[:, None] * w
        return product

    def solve(self, diagonal: Array, free: Mask, right: Array) -> Array:
        """See `Quadratic`."""
        k = self.factors.shape[1]
        inverse = np.where(free, 1.0 / (self.ridge[:, None] + np.where(free, diagonal, 1.0)), 0.0)
        small = (inverse @ self._outer).reshape(-1, k, k) + np.eye(k)
        direct = inverse[:, :, None] * right
        inner = np.linalg.solve(small, self.factors.T @ direct)
        solved: Array = direct - inverse[:, :, None] * (self.factors @ inner)
        return solved

    def take(self, rows: Mask) -> LowRank:
        """See `Quadratic`."""
        left = LowRank(self.factors, self.ridge[rows])
        left.__dict__["_outer"] = self._outer
        return left

    @cached_property
    def _outer(self) -> Array:
        n, k = self.factors.shape
        return (self.factors[:, :, None] * self.factors[:, None, :]).reshape(n, k * k)


def simplex_weights(quadratic: Quadratic, linear: Array, allowed: Mask) -> tuple[Array, Array]:
    """Minimise w'Qw/2 - q'w over the simplex, for a batch of problems.

    A feasible primal-dual interior-point method (Nocedal and Wright, Numerical Optimization, 2nd ed., chapter 16.6):
    every step of every problem is one call of a batched linear solver.

    `quadratic` holds Q of each problem (a Gram matrix plus a ridge), `linear` q, shape (problems, n), and `allowed`
    which weights may differ from zero, at least one in each problem. Returned are weights, each row adding up to one,
    and the KKT residual of each, see `kkt_residual`. Raises NotConverged where one stays above `ACCEPTED`.
    """
    weights = np.zeros(linear.shape)
    left = np.arange(len(linear))
    Q, q, free = quadratic, linear, allowed
    w, s = _start(Q, q, free)
    for _ in range(MAX_STEPS):
        gap = (w * s).sum(axis=1)
        done = gap <= GAP * Q.scale()
        weights[left] = w
        if done.all():
            break
        if done.any():
            keep = ~done
            left, Q, q, free, w, s, gap = left[keep], Q.take(keep), q[keep], free[keep], w[keep], s[keep], gap[keep]
        w, s = _step(Q, w, s, gap, free)
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
    positive = np.where(free, w, 1.0)
    diagonal = s / positive
    force = np.where(free, target / positive - s, 0.0)
    right: Any = np.stack([force, free.astype(float)], axis=2)
    solved = Q.solve(diagonal, free, right)
    newton, towards = solved[:, :, 0], solved[:, :, 1]
    dw = newton - (newton.sum(axis=1) / towards.sum(axis=1))[:, None] * towards
    ds = force - diagonal * dw
    with np.errstate(divide="ignore", invalid="ignore"):
        reach_w = np.where(dw < 0, -w / dw, np.inf).min(axis=1)
        reach_s = np.where(ds < 0, -s / ds, np.inf).min(axis=1)
    length = np.minimum(1.0, TO_BOUNDARY * np.minimum(reach_w, reach_s))[:, None]
    return w + length * dw, s + length * ds
