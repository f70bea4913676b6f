"""The Hessian of the three-way Poisson model with pair effects concentrated out, reusable for similar models."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy

import numpy as np
from numpy.typing import NDArray

from korus_research.errors import NotIdentified
from korus_research.methods.poisson.cube import Flags, Floats

COLLINEAR = 1e-9  # smallest share of a dummy's variation that the fixed effects must leave

# For a directed pair (i, j), a label by year: years with the same label share a pair effect; label 0 is the reference.
Regimes = Mapping[tuple[int, int], NDArray[np.int64]]


class Hessian:
    """The Hessian of the profile likelihood (pair effects concentrated out) at fitted flows, ready to solve with.

    Parameters
    ----------
    fitted : array (T, n, n)
        Zero outside the estimation.
    dummies : array (K, T, n, n)
    regimes : Regimes
        Pairs with more than one effect.
    """

    def __init__(self, fitted: Floats, dummies: Floats, regimes: Regimes) -> None:
        years, n, _ = fitted.shape
        k = len(dummies)
        self.shape = (years, n, k)
        self._inverse: NDArray[np.float32] | None = None
        pair = fitted.sum(0)
        root = fitted * np.sqrt(np.divide(1.0, pair, out=np.zeros_like(pair), where=pair > 0))
        blocks = -(root[:, None] * root[None])  # (t, s, i, j)
        for (i, j), labels in regimes.items():
            blocks[:, :, i, j] = -_within(fitted[:, i, j], labels)
        each = np.arange(years)
        blocks[each, each] += fitted
        own, partner = blocks.sum(3).transpose(2, 0, 1), blocks.sum(2).transpose(2, 0, 1)
        cross = np.ascontiguousarray(blocks.transpose(2, 0, 3, 1))  # (i, t, j, s)
        within = demeaned(dummies, fitted, regimes)
        weighted = within * fitted
        x_own, x_partner = weighted.sum(3), weighted.sum(2)  # (K, t, i), (K, t, j)
        x_x = np.einsum("ktij,ltij->kl", weighted, within, optimize=True)

        # Normalization: each country's effect of its first year is fixed, and all of the largest importer's.
        free_own = _free(fitted.sum(2).T > 0)
        free_partner = _free(fitted.sum(1).T > 0)
        there = (fitted.sum(1) > 0).all(0)
        size = fitted.sum((0, 1)) * (there if there.any() else 1)
        free_partner[int(size.argmax())] = False
        self._free = (free_own.astype(float), free_partner.astype(float))
        own = own * free_own[:, :, None] * free_own[:, None, :]
        own[:, each, each] += ~free_own
        cross *= free_own[:, :, None, None] * free_partner[None, None, :, :]
        self._own = np.linalg.inv(own)
        x_own = x_own.transpose(2, 1, 0) * free_own[:, :, None]
        rows = np.concatenate([cross.reshape(n, years, -1), x_own], axis=2)
        self._rows = rows.reshape(n * years, -1)
        self._gain = (self._own @ rows).reshape(n * years, -1)
        split = n * years
        system = np.zeros((split + k, split + k))
        grid = system[:split, :split].reshape(n, years, n, years)
        grid[np.arange(n), :, np.arange(n), :] = partner * free_partner[:, :, None] * free_partner[:, None, :]
        side = (x_partner.transpose(0, 2, 1) * free_partner).reshape(k, split)
        system[split:, :split] = side
        system[:split, split:] = side.T
        system[split:, split:] = x_x
        system -= self._rows.T @ self._gain
        np.einsum("ii->i", system)[:split][~free_partner.reshape(-1)] = 1.0
        self._system = _checked(system, np.diag(x_x))

    def solve(self, own: Floats, partner: Floats, dummies: Floats) -> tuple[Floats, Floats, Floats]:
        """Return the Newton step of exporter-years (n, T), importer-years (n, T) and coefficients (K,).

        Each argument may have a trailing axis, for several right-hand sides at once.
        """
        years, n, k = self.shape
        more, split = own.shape[2:], n * years
        own, partner = own.reshape(n, years, -1), partner.reshape(n, years, -1)
        first = (self._own @ (own * self._free[0][:, :, None])).reshape(split, -1)
        right = np.concatenate(
            [(partner * self._free[1][:, :, None]).reshape(split, -1), dummies.reshape(k, own.shape[2])]
        )
        right = right - self._rows.T @ first
        second = np.linalg.solve(self._system, right) if self._inverse is None else self._inverse @ right
        step = (first - self._gain @ second).reshape(n, years, *more)
        return step, second[:split].reshape(n, years, *more), second[split:].reshape(k, *more)

    def light(self) -> Hessian:
        """Return a copy in single precision with an explicit inverse, for hundreds of chord steps.

        A step then costs a third. Its relative error of 1e-6 does not affect the result, since gradients are computed
        in double precision.
        """
        small = copy(self)
        small._inverse = np.linalg.inv(self._system).astype(np.float32)
        small._own, small._rows = self._own.astype(np.float32), self._rows.astype(np.float32)
        small._gain = self._gain.astype(np.float32)
        small._free = (self._free[0].astype(np.float32), self._free[1].astype(np.float32))
        return small


class Nearby:
    """The Hessian of a model with other regimes of a few pairs, as a low-rank update of a given one.

    Parameters
    ----------
    base : Hessian
    was, fitted : array (T, n, n)
        Fitted flows of `base`, and those of the new model with the old exporter-year and importer-year effects.
    dummies : array (K, T, n, n)
    regimes : Regimes
        Of the pairs that have a single effect in `base`.
    """

    def __init__(self, base: Hessian, was: Floats, fitted: Floats, dummies: Floats, regimes: Regimes) -> None:
        years, n, k = base.shape
        self._base, self._pairs, self._x = base, list(regimes), dummies
        columns = len(self._pairs) * years
        own, partner, x = np.zeros((n, years, columns)), np.zeros((n, years, columns)), np.zeros((k, columns))
        change = np.zeros((columns, columns))
        for number, ((i, j), labels) in enumerate(regimes.items()):
            at = slice(number * years, (number + 1) * years)
            own[i, :, at] = partner[j, :, at] = np.eye(years)
            x[:, at] = dummies[:, :, i, j]
            now, before = fitted[:, i, j], was[:, i, j]
            one = np.zeros(years, np.int64)
            change[at, at] = np.diag(now - before) - _within(now, labels) + _within(before, one)
        single = np.float32
        self._moved = base.solve(own.astype(single), partner.astype(single), x.astype(single))
        inner = np.eye(columns) + change @ self._seen(*self._moved)
        self._gain = np.linalg.solve(inner, change)

    def _seen(self, own: Floats, partner: Floats, x: Floats) -> Floats:
        """Return a step's change of the linear predictor in the changed cells, pair by pair."""
        return np.concatenate([own[i] + partner[j] + self._x[:, :, i, j].T @ x for i, j in self._pairs])

    def solve(self, own: Floats, partner: Floats, dummies: Floats) -> tuple[Floats, Floats, Floats]:
        """Return the step, as `Hessian.solve`."""
        step = self._base.solve(own.astype(np.float32), partner.astype(np.float32), dummies.astype(np.float32))
        weight = self._gain @ self._seen(*step)
        return tuple(part - moved @ weight for part, moved in zip(step, self._moved, strict=True))  # type: ignore[return-value]


def _checked(system: Floats, unexplained: Floats) -> Floats:
    """Return `system` if it is positive definite; `unexplained` is the variation of its dummies before the effects."""
    diagonal = np.einsum("ii->i", system)
    check_variation(diagonal[len(system) - len(unexplained) :], unexplained)
    diagonal *= 1 + 1e-12
    try:
        np.linalg.cholesky(system)
    except np.linalg.LinAlgError:
        raise NotIdentified(
            "The effects of the gravity model can't be told apart on this panel",
            expected="exporters and importers joined by trade in every year",
            do="Take more countries or a longer window",
        ) from None
    return system


def check_variation(left: Floats, variation: Floats) -> None:
    """Raise NotIdentified if the fixed effects leave almost nothing of a dummy's variation."""
    if (left <= COLLINEAR * variation).any():
        raise NotIdentified(
            "A dummy of the gravity model does not vary beside the fixed effects",
            expected="agreements that begin or end within the panel",
            do="Take a longer window",
        )


def _free(present: Flags) -> Flags:
    """Return which effects are free: all that are present except each country's first."""
    free = present.copy()
    free[np.arange(len(present)), present.argmax(1)] = False
    return free


def _within(fitted: Floats, labels: NDArray[np.int64]) -> Floats:
    """Return the block that concentrating out a pair's effects subtracts: outer products within its regimes."""
    same = labels[:, None] == labels[None, :]
    sums = same.astype(float) @ fitted
    scale = np.divide(1.0, sums, out=np.zeros_like(sums), where=sums > 0)
    block: Floats = same * np.outer(fitted, fitted) * scale[:, None]
    return block


def demeaned(x: Floats, weights: Floats, regimes: Regimes) -> Floats:
    """Return variables (K, T, n, n) minus their weighted mean within each pair, or each regime of a pair."""
    pair = weights.sum(0)
    sums = (x * weights).sum(1)
    mean = np.divide(sums, pair, out=np.zeros_like(sums), where=pair > 0)
    out: Floats = x - mean[:, None]
    for (i, j), labels in regimes.items():
        for label in np.unique(labels):
            years = labels == label
            weight = weights[years, i, j]
            if weight.sum() > 0:
                values = x[:, years, i, j]
                out[:, years, i, j] = values - ((values * weight).sum(1) / weight.sum())[:, None]
    return out
