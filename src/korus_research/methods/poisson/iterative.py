"""The Newton step of the three-way Poisson model without its matrix: preconditioned conjugate gradients on the cube.

With n countries and T years the dense Hessian has (2 n T)^2 entries and factoring it costs (n T)^3; a product with it
costs a few passes over the cells, a hundredth on a panel of a million rows. The preconditioner is block-diagonal by
country, with pair effects concentrated out; the rest takes some ten steps. Hestenes and Stiefel (1952), "Methods of
conjugate gradients"; inexact Newton steps as in Correia, Guimaraes and Zylkin (2020), whose inner tolerance is loose as
long as the outer step is large.
"""

from __future__ import annotations

import numpy as np

from korus_research.errors import NotConverged
from korus_research.methods.poisson.cube import Floats
from korus_research.methods.poisson.hessian import Regimes, check_variation, demeaned

LARGE = 1_500  # country-years above which the dense Hessian costs more than the iterations
ROUNDS = 1_000
EXACT = 1e-12  # relative residual of an exact solution
LOOSE = 1e-2  # that of a Newton step, since the next one corrects the rest
Vector = tuple[Floats, Floats, Floats]  # exporter-years (n, T), importer-years (n, T), coefficients (K,)


class Iterative:
    """Solves with the Hessian of the profile likelihood at fitted flows; parameters as `Hessian`."""

    def __init__(self, fitted: Floats, dummies: Floats, regimes: Regimes, tolerance: float = LOOSE) -> None:
        self._mu, self._regimes, self._tolerance = fitted, regimes, tolerance
        pair = fitted.sum(0)
        self._per_pair = np.divide(1.0, pair, out=np.zeros_like(pair), where=pair > 0)
        self._sums = (fitted.sum(2).T, fitted.sum(1).T)
        weighted = demeaned(dummies, fitted, regimes)
        weighted *= fitted
        self._x = (weighted.sum(3).transpose(0, 2, 1), weighted.sum(2).transpose(0, 2, 1))
        self._x_x = np.einsum("ktij,ltij->kl", weighted, dummies)
        variation = np.einsum("tij,ktij->k", fitted, dummies**2)
        check_variation(np.diag(self._x_x), variation)
        self._inverses = (
            _inverses(fitted.transpose(1, 0, 2), self._per_pair, self._sums[0]),
            _inverses(fitted.transpose(2, 0, 1), self._per_pair.T, self._sums[1]),
        )

    def solve(self, own: Floats, partner: Floats, dummies: Floats) -> Vector:
        """Return the step of exporter-years, importer-years and coefficients; NotConverged above the tolerance.

        Each argument may have one more axis at its end, as in `Hessian.solve`: these right sides are solved in turn.
        """
        if own.ndim > 2:
            each = [self.solve(own[..., k], partner[..., k], dummies[..., k]) for k in range(own.shape[-1])]
            steps, back, along = (np.stack(part, axis=-1) for part in zip(*each, strict=True))
            return steps, back, along
        left: Vector = (own, partner, dummies)
        found: Vector = (np.zeros_like(own), np.zeros_like(partner), np.zeros_like(dummies))
        towards = self._preconditioned(left)
        direction, size = towards, _inner(left, towards)
        goal = self._tolerance**2 * size
        for _ in range(ROUNDS):
            if size <= goal:
                return found
            product = self._product(direction)
            length = size / _inner(direction, product)
            found = _plus(found, length, direction)
            left = _plus(left, -length, product)
            towards = self._preconditioned(left)
            before, size = size, _inner(left, towards)
            direction = _plus(towards, size / before, direction)
        raise NotConverged(
            f"After {ROUNDS} rounds a step of the gravity model is {(size / goal) ** 0.5:.0f} times its tolerance away",
            expected="exporters and importers joined by trade in every year",
            do="Take more countries or a longer window",
        )

    def _product(self, step: Vector) -> Vector:
        """Return the Hessian times a step: sums of weighted cells minus their pair means."""
        own, partner, b = step
        mu = self._mu
        down = np.einsum("tij,it->ij", mu, own)
        down += np.einsum("tij,jt->ij", mu, partner)
        mean = down * self._per_pair
        out = self._sums[0] * own + np.matmul(mu, partner.T[:, :, None])[:, :, 0].T
        back = self._sums[1] * partner + np.matmul(own.T[:, None, :], mu)[:, 0, :].T
        out -= np.einsum("tij,ij->it", mu, mean)
        back -= np.einsum("tij,ij->jt", mu, mean)
        for (i, j), labels in self._regimes.items():  # these pairs have a mean for each label
            line = mu[:, i, j]
            values = own[i] + partner[j]
            same = (labels[:, None] == labels[None, :]).astype(float)
            sums = same @ line
            means = np.divide(same @ (line * values), sums, out=np.zeros_like(sums), where=sums > 0)
            change = line * (mean[i, j] - means)
            out[i] += change
            back[j] += change
        own_x, partner_x = self._x
        out += np.tensordot(b, own_x, 1)
        back += np.tensordot(b, partner_x, 1)
        along = np.tensordot(own_x, own, 2) + np.tensordot(partner_x, partner, 2) + self._x_x @ b
        return out, back, along

    def _preconditioned(self, left: Vector) -> Vector:
        by_own, by_partner = self._inverses
        scale = np.diag(self._x_x) if len(left[2]) else left[2]
        return (by_own @ left[0][:, :, None])[:, :, 0], (by_partner @ left[1][:, :, None])[:, :, 0], left[2] / scale


def _inverses(lines: Floats, per_pair: Floats, sums: Floats) -> Floats:
    """Return the inverse of each country's block of years (n, T, T), its mean, which pair effects absorb, fixed."""
    blocks = -((lines * per_pair[:, None, :]) @ lines.transpose(0, 2, 1))
    years = sums.shape[1]
    each = np.arange(years)
    blocks[:, each, each] += np.where(sums > 0, sums, 1.0)
    return np.asarray(np.linalg.inv(blocks + sums.mean(axis=1)[:, None, None] / years))


def _plus(one: Vector, length: float, other: Vector) -> Vector:
    return one[0] + length * other[0], one[1] + length * other[1], one[2] + length * other[2]


def _inner(one: Vector, other: Vector) -> float:
    return float(sum(np.vdot(a, b) for a, b in zip(one, other, strict=True)))
