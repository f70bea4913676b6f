"""Poisson pseudo-maximum likelihood with exporter-year, importer-year and directional pair effects, for many fits.

Packages such as pyfixest fit one such model well. Randomization inference fits hundreds that differ in one pair each,
so this module reuses what they share (decision 139): flows as a cube (year, exporter, importer); pair effects
concentrated out at every step; the Hessian of the other effects computed once and reused from the solution of a similar
model (a chord iteration: it ends as exactly as with a new Hessian, since only the gradient determines the solution).

A dummy for one directed pair in some years is a separate pair effect in those years. Such dummies are therefore regimes
of the pair (`Regimes`) and cost nothing. Method: Correia, Guimaraes and Zylkin (2020), "Fast Poisson estimation with
high-dimensional fixed effects", Stata Journal 20(1); the algebra here is our own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from korus_research.errors import NotConverged, NotIdentified
from korus_research.methods.poisson.cube import Cube, Floats
from korus_research.methods.poisson.hessian import Hessian, Nearby, Regimes, check_variation, demeaned
from korus_research.methods.poisson.iterative import EXACT, LARGE, LOOSE, Iterative

STEPS = 200
TOLERANCE = 1e-8  # largest change of any effect or coefficient in the last step, in logs
FULL_NEWTON_AFTER = 25  # chord steps before the Hessian is recomputed


@dataclass(frozen=True)
class Fit:
    """A solution.

    Attributes
    ----------
    coefficients : array (K,)
        Coefficients of the dummies, in logs.
    exporter_year, importer_year : array (n, T)
        Effects up to a normalization, for a warm start.
    fitted : array (T, n, n)
        Fitted flows.
    effects : mapping of directed pair to mapping of label to float
        Each regime's pair effect minus that of label 0, in logs: the coefficient of its dummy.
    steps : int
        Number of steps.
    """

    coefficients: Floats
    exporter_year: Floats
    importer_year: Floats
    fitted: Floats
    effects: Mapping[tuple[int, int], Mapping[int, float]]
    steps: int


@dataclass
class Model:
    """A panel and its dummies, shared by the models of one run.

    Parameters
    ----------
    cube : Cube
    dummies : array (K, T, n, n)
        Variables in addition to the fixed effects, 0 or 1; in this project the average agreement.
    """

    cube: Cube
    dummies: Floats
    _y: Floats = field(init=False, repr=False)
    _sums: tuple[Floats, Floats, Floats] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        y = self.cube.flows * self.cube.used
        self._scale = float(y.sum()) / max(self.cube.observations, 1)
        self._y = y / self._scale
        self._there = self.cube.used.astype(float)
        self.dummies = self.dummies * self._there
        self._sums = (self._y.sum(2).T, self._y.sum(1).T, self._y.sum(0))

    def fit(self, regimes: Regimes | None = None, *, near: Fit | None = None, hessian: Hessian | None = None) -> Fit:
        """Solve the model with these regimes.

        Parameters
        ----------
        regimes : Regimes, optional
            Directed pairs with separate effects in some years.
        near, hessian : optional
            Solution of a model with fewer pairs in `regimes`, and its Hessian. Default: Newton's method from scratch.

        Raises
        ------
        NotIdentified
            A regime has no positive trade, or the agreement dummy does not vary.
        NotConverged
            After 200 steps an effect still changes by more than 1e-8.
        """
        regimes = regimes or {}
        self._check(regimes)
        chord: Hessian | Nearby | None = None
        if near is None or hessian is None:
            b = np.zeros(len(self.dummies))
            own, partner = self._settled(regimes, 15 if self._sums[0].size <= LARGE else 5)
            fitted, scales = self._fitted(own, partner, b, regimes)
        else:
            own, partner, b = near.exporter_year, near.importer_year, near.coefficients
            fitted, scales = self._fitted(own, partner, b, regimes)
            new = {place: labels for place, labels in regimes.items() if place not in near.effects}
            chord = Nearby(hessian, near.fitted / self._scale, fitted, self.dummies, new)
        for step in range(1, STEPS + 1):
            by = chord if chord and step < FULL_NEWTON_AFTER else self._newton(fitted, self.dummies, regimes)
            d_own, d_partner, d_b = by.solve(*self._gradient(fitted))
            largest = max(np.abs(d_own).max(), np.abs(d_partner).max(), np.abs(d_b).max(initial=0.0))
            damp = 1.0 if largest < 2 else 2 / largest
            own, partner, b = own + damp * d_own, partner + damp * d_partner, b + damp * d_b
            fitted, scales = self._fitted(own, partner, b, regimes)
            if largest < TOLERANCE:
                return Fit(b, own, partner, fitted * self._scale, _effects(scales, regimes), step)
        raise NotConverged(
            f"After {STEPS} steps an effect of the gravity model still moves by {largest:.1e}",
            expected=f"at most {TOLERANCE:g}",
            do="Remove countries with almost no trade from the panel",
        )

    def _newton(self, fitted: Floats, dummies: Floats, regimes: Regimes, exact: bool = False) -> Hessian | Iterative:
        """Return a solver for the Hessian: the matrix itself, or iterations if that would be large."""
        if self._sums[0].size <= LARGE:
            return Hessian(fitted, dummies, regimes)
        return Iterative(fitted, dummies, regimes, EXACT if exact else LOOSE)

    def hessian(self, fit: Fit, regimes: Regimes | None = None) -> Hessian:
        """Return the Hessian at a solution, in single precision, for similar models."""
        return Hessian(fit.fitted / self._scale, self.dummies, regimes or {}).light()

    def covariance(self, fit: Fit, dummies: Floats) -> Floats:
        """Return the covariance of (own dummies, `dummies`), clustered by symmetric pair.

        `dummies` (D, T, n, n) are the regimes of the fit as variables. The small-sample correction is G/(G-1), without
        one for parameters, as in Stata's ppmlhdfe (pyfixest: `ssc(k_adj=False, G_adj=True)`).
        """
        fitted = fit.fitted / self._scale
        x = np.concatenate([self.dummies, dummies * self._there])
        within = demeaned(x, fitted, {})
        empty = self._newton(fitted, x[:0], {}, exact=True)
        weighted = within * fitted
        own, partner, _ = empty.solve(weighted.sum(3).T, weighted.sum(2).T, np.zeros((0, len(x))))
        within -= demeaned(own.T[:, :, :, None] + partner.T[:, :, None, :], fitted, {})
        left = np.einsum("ktij,ltij->kl", within * fitted, within)
        check_variation(np.diag(left), np.einsum("ktij,tij->k", x**2, fitted))
        bread = np.linalg.inv(left)
        score = (within * (self._y - fitted)).sum(1)
        score = score + score.transpose(0, 2, 1)  # a cluster is a pair in both directions
        there = self.cube.used.any(0)
        clusters = np.triu(there | there.T, 1)
        s = score[:, clusters]
        count = int(clusters.sum())
        covariance: Floats = bread @ (s @ s.T) @ bread * count / (count - 1)
        return covariance

    def _check(self, regimes: Regimes) -> None:
        names = self.cube.countries
        for (i, j), labels in regimes.items():
            for label in {0, *np.unique(labels).tolist()}:
                if self._y[labels == label, i, j].sum() <= 0:
                    years = [year for year, of in zip(self.cube.years, labels, strict=True) if of == label]
                    when = f"in {', '.join(str(year) for year in years)}" if years else "in a year to compare with"
                    raise NotIdentified(
                        f"{names[i]} has no exports to {names[j]} {when} in the gravity panel",
                        expected="positive trade before and after the agreement",
                        do="Choose a pair that trades, or a later month of data",
                    )

    def _gradient(self, fitted: Floats) -> tuple[Floats, Floats, Floats]:
        rest = self._y - fitted
        return rest.sum(2).T, rest.sum(1).T, np.array([float((x * rest).sum()) for x in self.dummies])

    def _fitted(
        self, own: Floats, partner: Floats, b: Floats, regimes: Regimes
    ) -> tuple[Floats, dict[tuple[int, int], Floats]]:
        """Return fitted flows with optimal pair effects, and those of the regimes by year.

        Exponentials are taken of the effects, not of the cells, of which there are a hundred times as many.
        """
        fitted = np.exp(own).T[:, :, None] * np.exp(partner).T[:, None, :]
        fitted *= self._there
        for coefficient, x in zip(b, self.dummies, strict=True):
            fitted *= 1 + np.expm1(coefficient) * x
        sums = fitted.sum(0)
        scale = np.divide(self._sums[2], sums, out=np.zeros_like(sums), where=sums > 0)
        scales = {}
        for (i, j), labels in regimes.items():
            same = (labels[:, None] == labels[None, :]).astype(float)
            scales[i, j] = (same @ self._y[:, i, j]) / (same @ fitted[:, i, j])
        columns = {place: fitted[:, *place] * by_year for place, by_year in scales.items()}
        fitted *= scale
        for place, column in columns.items():
            fitted[:, *place] = column
        return fitted, scales

    def _settled(self, regimes: Regimes, rounds: int) -> tuple[Floats, Floats]:
        """Return effects after some rounds of iterative proportional fitting, as a start for Newton's method."""
        own, partner = np.zeros(self._sums[0].shape), np.zeros(self._sums[1].shape)
        nothing = np.zeros(len(self.dummies))
        for _ in range(rounds):
            for axis, effect, target in ((2, own, self._sums[0]), (1, partner, self._sums[1])):
                fitted, _ = self._fitted(own, partner, nothing, regimes)
                sums = fitted.sum(axis).T
                ratio = np.divide(target, sums, out=np.ones_like(sums), where=(sums > 0) & (target > 0))
                np.add(effect, np.log(ratio), out=effect)
        return own, partner


def _effects(scales: Mapping[tuple[int, int], Floats], regimes: Regimes) -> dict[tuple[int, int], dict[int, float]]:
    """Return each regime's pair effect minus that of label 0."""
    found = {}
    for place, by_year in scales.items():
        labels = regimes[place]
        levels = dict(zip(labels.tolist(), np.log(by_year).tolist(), strict=True))
        found[place] = {label: levels[label] - levels[0] for label in sorted(levels) if label}
    return found
