"""Poisson pseudo-maximum likelihood with exporter-year, importer-year and directional pair effects, many times over.

pyfixest fits one such model well. Randomisation inference fits hundreds that differ in one pair each, so this module
keeps what they share: flows as a cube (year, exporter, importer); pair effects solved for exactly at every step; the
Hessian of the other two sets of effects factored once and used again from the solution of a neighbouring model (a
chord iteration: the last step is as exact as with a new Hessian, because only the gradient decides where it ends).

A dummy that is one for one directed pair in some years is a pair effect of its own in those years. Such dummies are
therefore regimes of the pair (`Regimes`) and cost nothing. Method: Correia, Guimaraes and Zylkin (2020),
"Fast Poisson estimation with high-dimensional fixed effects", Stata Journal 20(1); the algebra here is our own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from korus_research.errors import NotConverged, NotIdentified

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

STEPS = 200
TOLERANCE = 1e-8  # largest change of any effect or coefficient in the last step, in logs
FULL_NEWTON_AFTER = 25  # chord steps before the Hessian is computed anew
COLLINEAR = 1e-9  # share of a dummy's variation that must be left beside the fixed effects


@dataclass(frozen=True)
class Cube:
    """Flows by exporter, importer and year.

    Attributes
    ----------
    countries, years : tuple
        Labels of the axes; both of the last two axes are `countries`.
    flows : array (T, n, n)
        Trade by year, exporter, importer, any unit; 0 where there is none.
    used : array of bool (T, n, n)
        Cells in the estimation: held by the panel, and in no effect without positive trade or with one cell only.
    """

    countries: tuple[str, ...]
    years: tuple[int, ...]
    flows: Floats
    used: Flags

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, value: str = "trade_usd_mn") -> Cube:
        """Return the cube of a panel with columns exporter, importer, year and `value`, one row a cell."""
        countries = tuple(sorted({*frame["exporter"].unique(), *frame["importer"].unique()}))
        years = tuple(sorted(int(year) for year in frame["year"].unique()))
        flows = cube_of(frame, value, countries, years)
        held = cube_of(frame.assign(held=1.0), "held", countries, years) > 0
        return cls(countries, years, flows, _estimable(flows, held))

    def place(self, exporter: str, importer: str) -> tuple[int, int]:
        """Return the indices of a directed pair; KeyError where a country is not in the cube."""
        index = {country: number for number, country in enumerate(self.countries)}
        return index[exporter], index[importer]

    @property
    def observations(self) -> int:
        """Cells in the estimation."""
        return int(self.used.sum())


def cube_of(frame: pd.DataFrame, value: str, countries: Sequence[str], years: Sequence[int]) -> Floats:
    """Return a column of a panel as an array (year, exporter, importer), 0 where the panel has no row."""
    n = len(countries)
    where = pd.Index(countries)
    cube = np.zeros((len(years), n, n))
    at = pd.Index(years).get_indexer(pd.Index(frame["year"]))
    cube[at, where.get_indexer(pd.Index(frame["exporter"])), where.get_indexer(pd.Index(frame["importer"]))] = frame[
        value
    ].to_numpy(float)
    return cube


def _estimable(flows: Floats, held: Flags) -> Flags:
    """Drop, until nothing changes, the cells of an effect that has no positive flow or a single cell.

    The first would send the effect to minus infinity (separation), the second fits its cell exactly.
    """
    used = held.copy()
    while True:
        y = flows * used
        keep = np.ones_like(used)
        for axis in (0, 1, 2):
            fine = (y.sum(axis) > 0) & (used.sum(axis) > 1)
            keep &= np.expand_dims(fine, axis)
        if (used & keep).sum() == used.sum():
            return used
        used = used & keep


# For a directed pair (i, j): a label by year. Years of one label share a pair effect; label 0 is the reference.
Regimes = Mapping[tuple[int, int], NDArray[np.int64]]


@dataclass(frozen=True)
class Fit:
    """A solution.

    Attributes
    ----------
    coefficients : array (K,)
        Of the dummies, in logs.
    exporter_year, importer_year : array (n, T)
        Effects up to a normalisation, for a warm start.
    fitted : array (T, n, n)
        Fitted flows.
    effects : mapping of directed pair to mapping of label to float
        Each regime's pair effect less that of label 0, in logs: the coefficient of that dummy.
    steps : int
        Steps taken.
    """

    coefficients: Floats
    exporter_year: Floats
    importer_year: Floats
    fitted: Floats
    effects: Mapping[tuple[int, int], Mapping[int, float]]
    steps: int


class Hessian:
    """The Hessian of the profile likelihood (pair effects solved out) at fitted flows, factored.

    Parameters
    ----------
    fitted : array (T, n, n)
        Zero outside the estimation.
    dummies : array (K, T, n, n)
    regimes : Regimes
        Pairs with more than one effect.
    """

    def __init__(self, fitted: Floats, dummies: Floats, regimes: Regimes) -> None:
        from scipy.linalg import cho_factor

        years, n, _ = fitted.shape
        k = len(dummies)
        self.shape = (years, n, k)
        self._inverse: Any = None
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

        # Normalisation: an effect is fixed at its country's first year, and the largest importer's in all years.
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
        diagonal = np.einsum("ii->i", system)
        diagonal[:split][~free_partner.reshape(-1)] = 1.0
        if (diagonal[split:] <= COLLINEAR * np.diag(x_x)).any():
            raise NotIdentified(
                "A dummy of the gravity model does not vary beside the fixed effects",
                expected="agreements that begin or end within the panel",
                do="Take a longer window",
            )
        diagonal *= 1 + 1e-12
        try:
            self._system = cho_factor(system, lower=True, overwrite_a=True, check_finite=False)
        except np.linalg.LinAlgError:
            raise NotIdentified(
                "The effects of the gravity model can't be told apart on this panel",
                expected="exporters and importers joined by trade in every year",
                do="Take more countries or a longer window",
            ) from None

    def solve(self, own: Floats, partner: Floats, dummies: Floats) -> tuple[Floats, Floats, Floats]:
        """Return the Newton step of exporter-years (n, T), importer-years (n, T) and coefficients (K,).

        Each argument may have one more axis at its end, for several right sides at once.
        """
        from scipy.linalg import cho_solve

        years, n, k = self.shape
        more, split = own.shape[2:], n * years
        own, partner = own.reshape(n, years, -1), partner.reshape(n, years, -1)
        first = (self._own @ (own * self._free[0][:, :, None])).reshape(split, -1)
        right = np.concatenate(
            [(partner * self._free[1][:, :, None]).reshape(split, -1), dummies.reshape(k, own.shape[2])]
        )
        right = right - self._rows.T @ first
        if self._inverse is None:
            second = cho_solve(self._system, right, check_finite=False, overwrite_b=True)
        else:
            second = self._inverse @ right
        step = (first - self._gain @ second).reshape(n, years, *more)
        return step, second[:split].reshape(n, years, *more), second[split:].reshape(k, *more)

    def light(self) -> Hessian:
        """Return the same in single precision with an explicit inverse, for hundreds of chord steps.

        A step then costs a third; its errors of one part in a million only make the next step a little longer, since
        gradients are taken in double precision.
        """
        from scipy.linalg import cho_solve

        small = copy(self)
        eye = np.eye(len(self._rows.T))
        small._inverse = cho_solve(self._system, eye, check_finite=False, overwrite_b=True).astype(np.float32)
        small._own, small._rows = self._own.astype(np.float32), self._rows.astype(np.float32)
        small._gain = self._gain.astype(np.float32)
        small._free = (self._free[0].astype(np.float32), self._free[1].astype(np.float32))
        return small


class Nearby:
    """The Hessian of a model that differs in the regimes of a few pairs, by a low-rank update of a factored one.

    Parameters
    ----------
    base : Hessian
    was, fitted : array (T, n, n)
        Fitted flows at which `base` was made, and those of the new model with the old exporter- and importer-years.
    dummies : array (K, T, n, n)
    regimes : Regimes
        Of the pairs that `base` took as having one effect.
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
        """Return what a step means for the changed cells, pair by pair."""
        return np.concatenate([own[i] + partner[j] + self._x[:, :, i, j].T @ x for i, j in self._pairs])

    def solve(self, own: Floats, partner: Floats, dummies: Floats) -> tuple[Floats, Floats, Floats]:
        """Return the step, as `Hessian.solve`."""
        step = self._base.solve(own.astype(np.float32), partner.astype(np.float32), dummies.astype(np.float32))
        weight = self._gain @ self._seen(*step)
        return tuple(part - moved @ weight for part, moved in zip(step, self._moved, strict=True))  # type: ignore[return-value]


def _free(present: Flags) -> Flags:
    """Return which effects vary: all that are present but each country's first."""
    free = present.copy()
    free[np.arange(len(present)), present.argmax(1)] = False
    return free


def _within(fitted: Floats, labels: NDArray[np.int64]) -> Floats:
    """Return the block that solving out a pair's effects subtracts: outer products within its regimes."""
    same = labels[:, None] == labels[None, :]
    sums = same.astype(float) @ fitted
    scale = np.divide(1.0, sums, out=np.zeros_like(sums), where=sums > 0)
    block: Floats = same * np.outer(fitted, fitted) * scale[:, None]
    return block


def demeaned(x: Floats, weights: Floats, regimes: Regimes) -> Floats:
    """Return variables (K, T, n, n) less their weighted mean within each pair, or each regime of a pair."""
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


@dataclass
class Model:
    """A panel and its dummies: what the models of one run share.

    Parameters
    ----------
    cube : Cube
    dummies : array (K, T, n, n)
        Variables beside the fixed effects, 0 or 1; in this project the average agreement.
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
            Directed pairs with an effect of their own in some years.
        near, hessian : optional
            Solution of a model with fewer pairs in `regimes`, and its Hessian. Without them: Newton's method from afar.

        Raises
        ------
        NotIdentified
            A regime has no positive trade, or the agreement dummy does not vary.
        NotConverged
            After 200 steps an effect still moves by more than 1e-8.
        """
        regimes = regimes or {}
        self._check(regimes)
        chord: Hessian | Nearby | None = None
        if near is None or hessian is None:
            b = np.zeros(len(self.dummies))
            own, partner = self._settled(regimes)
            fitted, scales = self._fitted(own, partner, b, regimes)
        else:
            own, partner, b = near.exporter_year, near.importer_year, near.coefficients
            fitted, scales = self._fitted(own, partner, b, regimes)
            new = {place: labels for place, labels in regimes.items() if place not in near.effects}
            chord = Nearby(hessian, near.fitted / self._scale, fitted, self.dummies, new)
        for step in range(1, STEPS + 1):
            by = chord if chord and step < FULL_NEWTON_AFTER else Hessian(fitted, self.dummies, regimes)
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
            do="Look for countries with next to no trade in the panel",
        )

    def hessian(self, fit: Fit, regimes: Regimes | None = None) -> Hessian:
        """Return the factored Hessian at a solution, in single precision, for neighbouring models."""
        return Hessian(fit.fitted / self._scale, self.dummies, regimes or {}).light()

    def covariance(self, fit: Fit, dummies: Floats) -> Floats:
        """Return the covariance of (own dummies, `dummies`), clustered by symmetric pair.

        `dummies` (D, T, n, n) are the regimes of the fit written as variables. The correction is G/(G-1) and none
        for parameters, as in Stata's ppmlhdfe: pyfixest's `ssc(k_adj=False, G_adj=True)`.
        """
        fitted = fit.fitted / self._scale
        x = np.concatenate([self.dummies, dummies * self._there])
        within = demeaned(x, fitted, {})
        empty = Hessian(fitted, x[:0], {})
        for k in range(len(within)):
            weighted = within[k] * fitted
            own, partner, _ = empty.solve(weighted.sum(2).T, weighted.sum(1).T, np.zeros(0))
            within[k] -= demeaned((own.T[:, :, None] + partner.T[:, None, :])[None], fitted, {})[0]
        bread = np.linalg.inv(np.einsum("ktij,ltij->kl", within * fitted, within, optimize=True))
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
        """Return fitted flows with the best pair effects, and those of the regimes by year.

        Exponentials are taken of the effects and not of the cells, of which there are a hundred times as many.
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

    def _settled(self, regimes: Regimes) -> tuple[Floats, Floats]:
        """Return effects after some rounds of proportional fitting, near enough for Newton's method."""
        own, partner = np.zeros(self._sums[0].shape), np.zeros(self._sums[1].shape)
        nothing = np.zeros(len(self.dummies))
        for _ in range(15):
            for axis, effect, target in ((2, own, self._sums[0]), (1, partner, self._sums[1])):
                fitted, _ = self._fitted(own, partner, nothing, regimes)
                sums = fitted.sum(axis).T
                ratio = np.divide(target, sums, out=np.ones_like(sums), where=(sums > 0) & (target > 0))
                np.add(effect, np.log(ratio), out=effect)
        return own, partner


def _effects(scales: Mapping[tuple[int, int], Floats], regimes: Regimes) -> dict[tuple[int, int], dict[int, float]]:
    """Return each regime's pair effect less that of label 0."""
    found = {}
    for place, by_year in scales.items():
        labels = regimes[place]
        levels = dict(zip(labels.tolist(), np.log(by_year).tolist(), strict=True))
        found[place] = {label: levels[label] - levels[0] for label in sorted(levels) if label}
    return found
