"""Prediction intervals for demeaned synthetic control: inference without placebo countries.

Cattaneo, Feng and Titiunik (2021, Journal of the American Statistical Association 116(536)): the synthetic path has an
in-sample error, since weights and level are fitted to few years, and an out-of-sample error of the later year. The
first is simulated: with the noise of the fit drawn anew, weights and level range over those that fit no worse than the
estimates, in a neighborhood of these (weights near zero can only rise). The second is bounded by the residuals of the
fit. Each has half the error probability, so that together they hold at `level`.

As in their software with few years (scpi: u_order = e_order = 0, HC1, rho of type 2), residuals are homogeneous over
years: a gap that grows with time after treatment is not covered.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from korus_research.errors import InvalidSpecification
from korus_research.methods.synthetic.estimators import LARGEST, Years
from korus_research.methods.synthetic.simplex import NEGLIGIBLE, Array, LowRank, simplex_weights

Bound = Literal["sub-gaussian", "location-scale", "quantiles"]
BOUNDS: tuple[Bound, ...] = ("sub-gaussian", "location-scale", "quantiles")

WIDEST_ZERO = 0.2  # a larger weight is never treated as zero, as in scpi (rho_max)
COLLINEAR, FLOOR = 0.001, 0.05  # a rho below the first means collinear donors; it is then raised to the second
POSITIVE = 1e-6  # weights above count as degrees of freedom
NORMAL = 1.34  # interquartile range of a normal variable over its standard deviation
RIDGE = 1e-7  # of the mean diagonal: makes the weights of a draw unique without a visible effect
CLOSE = 1e-4  # relative tolerance of the constraint on the fit of a draw: five digits of the result
MOST_STEPS = 60
ROUNDING = 1e-12  # of the largest value: smaller residuals are zero
FEWEST = 4  # years to fit: fewer have no quartiles


@dataclass(frozen=True)
class Prediction:
    """Intervals of one treated unit, one per window after treatment.

    Attributes
    ----------
    effect : array (windows,)
        Mean gap, in the unit of the outcome.
    fitted : array (windows, 2)
        In-sample error: the correction of the mean synthetic path for errors of weights and level, low and high end.
    later : mapping of bound to (low, high)
        Out-of-sample error of one year. It is used for the mean over a window too, whose errors may be fully dependent.
    """

    effect: Array
    fitted: Array
    later: Mapping[Bound, tuple[float, float]]

    def interval(self, bound: Bound | None) -> Array:
        """Return low and high end of the effects, shape (windows, 2); None leaves out the out-of-sample error."""
        low, high = (0.0, 0.0) if bound is None else self.later[bound]
        ends: Array = self.effect[:, None] - (self.fitted + np.array([low, high]))[:, ::-1]
        return ends


def predict(
    values: Array, pre: Years, posts: Sequence[Years], weights: Array, *, level: float, draws: int, seed: int
) -> Prediction:
    """Return prediction intervals for the first row of `values` with donors' `weights`, shape (units - 1,).

    `values` (units, years) has the outcome; `pre` are its columns before treatment and each of `posts` those of a
    window after it; `draws` is the number of simulated fits, with `seed`.

    Raises
    ------
    InvalidSpecification
        Fewer than `FEWEST` years to fit, no draws, a level outside (0, 1), invalid weights, a value that is not finite,
        a donor that is constant before treatment, or a fit without residuals.
    NotConverged
        Weights of a draw do not meet their optimality conditions.
    """
    _check(values, pre, posts, weights, level, draws)
    own, donors = values[0], values[1:]
    before = donors[:, pre] - donors[:, pre].mean(axis=1, keepdims=True)
    residual = own[pre] - own[pre].mean() - weights @ before
    if not np.abs(residual).max() > ROUNDING * np.abs(values).max():
        raise InvalidSpecification(
            "The path before is copied without any error",
            expected="residuals, which the interval is made of",
            do="Leave it out: see the rule for exact fits",
        )
    after = np.stack([values[:, post].mean(axis=1) for post in posts]) - values[:, pre].mean(axis=1)
    tail = (1.0 - level) / 4.0
    noise = np.random.default_rng(seed).normal(size=(draws, len(pre))) * _spread(residual, weights)
    ends = _reaches(before, noise, weights, _localised(before, residual, weights), after[:, 1:])
    fitted = np.stack([np.quantile(ends[0], tail, axis=1), np.quantile(ends[1], 1.0 - tail, axis=1)], axis=1)
    return Prediction(after[:, 0] - after[:, 1:] @ weights, fitted, _later(residual, tail))


def _spread(residual: Array, weights: Array) -> Array:
    """Return the standard deviation of each year's noise: HC1, with positive weights and the level as parameters."""
    years = len(residual)
    freedom = min(int((weights >= POSITIVE).sum()), years - 1)  # weights add up to one, the level is free
    size: Array = np.abs(residual - residual.mean()) * math.sqrt(years / (years - freedom))
    return size


def _localised(before: Array, residual: Array, weights: Array) -> Array:
    """Return the lower bound of each weight: the weight itself if it is near zero, otherwise zero.

    The threshold is rho of type 2, from the size of the residuals relative to the donors' variation.
    """
    years, donors = before.shape[1], len(weights)
    sizes = before.std(axis=1, ddof=1)
    noise = float(residual.std())
    positive = int((weights >= POSITIVE).sum()) + 1
    rate = math.sqrt(math.log(donors + 1) * positive * math.log(years) / years)
    rho = min(noise * float(sizes.max()) / float(sizes.min()) ** 2 * rate, WIDEST_ZERO)
    if rho < COLLINEAR:
        rho = max(rho, min(noise / float(sizes.min()) * rate, WIDEST_ZERO))
        rho = rho if rho >= FLOOR else WIDEST_ZERO
    lower = np.where(weights < rho, weights, 0.0)
    lower[weights.argmax()] = 0.0  # at least one weight must be able to fall
    return lower


def _reaches(before: Array, noise: Array, weights: Array, lower: Array, after: Array) -> Array:
    """Return the correction of the synthetic mean by draw, shape (2: down and up, windows, draws).

    A draw has noise G in the moments of the fit; allowed are changes d of the weights, and of the level, with
    d'Qd - 2G'd <= 0, where Q are the second moments of the donors. The level is unconstrained and is concentrated out:
    with all series demeaned, each end remains to

        minimize d'Qd/2 - (G - m c)'d,   with m such that d'Qd - 2G'd - g^2 + m^2 = 0

    where c is the donors' change from before to after, with the sign of the end, and g the mean noise.
    """
    years, draws = before.shape[1], len(noise)
    allowed = _Allowed(before / math.sqrt(years), noise @ before.T / years, noise.mean(axis=1), weights, lower)
    signs, draw = np.repeat([-1.0, 1.0], draws), np.tile(np.arange(draws), 2)
    reaches = []
    for change in after:
        changes = signs[:, None] * change
        d, m = allowed.farthest(changes, draw)
        reaches.append((signs * (m - (changes * d).sum(axis=1)) - allowed.level[draw]).reshape(2, draws))
    return np.stack(reaches, axis=1)


@dataclass(frozen=True)
class _Allowed:
    """The changes of the weights that fit the simulated data no worse than the estimates: see `_reaches`."""

    factors: Array
    drawn: Array
    level: Array
    weights: Array
    lower: Array

    def farthest(self, changes: Array, draw: Years) -> tuple[Array, Array]:
        """Return, for each row of `changes` and the noise of `draw`, the extreme d and m.

        The square of m is found by the Illinois variant of false position: the excess increases with it, linearly as
        long as no weight is at its bound.
        """
        every = np.arange(len(self.drawn))
        most = -self.excess(self.moved(self.drawn, every), every)[draw]
        ends, values = np.stack([np.zeros_like(most), most]), np.stack([-most, most])
        found, root = np.zeros(changes.shape), np.zeros_like(most)
        left, last = np.arange(len(draw)), np.full(len(draw), -1)
        for _ in range(MOST_STEPS):
            (low, high), (below, above) = ends[:, left], values[:, left]
            square = low - below * (high - low) / (above - below)
            m = np.sqrt(square)
            d = self.moved(self.drawn[draw[left]] - m[:, None] * changes[left], draw[left])
            value = self.excess(d, draw[left]) + square
            found[left], root[left] = d, m
            side = (value > 0).astype(
                int
            )  # the end whose place the new point takes; twice the same: the other is halved
            ends[side, left], values[side, left] = square, value
            values[1 - side, left] /= np.where(side == last[left], 2.0, 1.0)
            last[left] = side
            left = left[np.abs(value) > CLOSE * most[left]]
            if not left.size:
                break
        return found, root

    def moved(self, linear: Array, draw: Years) -> Array:
        """Return the change of weights that minimizes d'Qd/2 - linear'd, one row per problem."""
        start, share = self.lower - self.weights, 1.0 - float(self.lower.sum())
        ridge = RIDGE * float((self.factors**2).sum()) / len(self.factors)
        right = share * (linear - (start @ self.factors) @ self.factors.T)
        Q = LowRank(share * self.factors, np.full(len(linear), share**2 * ridge))
        solved, _ = simplex_weights(Q, right, np.ones(linear.shape, dtype=bool))
        return start + share * solved

    def excess(self, d: Array, draw: Years) -> Array:
        """Return d'Qd - 2G'd - g^2, the increase of the loss in each row's draw at the optimal level."""
        worse: Array = ((d @ self.factors) ** 2).sum(axis=1) - 2 * (self.drawn[draw] * d).sum(axis=1)
        return worse - self.level[draw] ** 2


def _later(residual: Array, tail: float) -> Mapping[Bound, tuple[float, float]]:
    """Return the bounds of the out-of-sample error of one year by three assumptions about the residuals.

    sub-gaussian: a tail bound for errors with tails no heavier than the normal's. location-scale: quantiles of the
    standardised residuals. quantiles: quantiles of the residuals themselves.
    """
    mean = float(residual.mean())
    with np.errstate(divide="ignore"):
        size = math.exp(float(np.log((residual - mean) ** 2).mean()) / 2)
    lower, upper = np.quantile(residual - mean, [0.25, 0.75])
    spread = min(size, float(upper - lower) / NORMAL)
    half = math.sqrt(-2.0 * math.log(tail)) * spread
    ends = np.quantile(residual, [tail, 1.0 - tail])
    ratio = spread / size if size > 0 else 0.0
    return {
        "sub-gaussian": (mean - half, mean + half),
        "location-scale": (mean + ratio * float(ends[0] - mean), mean + ratio * float(ends[1] - mean)),
        "quantiles": (float(ends[0]), float(ends[1])),
    }


def _check(values: Array, pre: Years, posts: Sequence[Years], weights: Array, level: float, draws: int) -> None:
    if len(pre) < FEWEST or not all(len(post) for post in posts) or draws < 1 or not 0 < level < 1:
        raise InvalidSpecification(
            f"{len(pre)} years to fit, windows of {', '.join(str(len(post)) for post in posts) or 'no'} years, "
            f"{draws} draws and the level {level:g}",
            expected=f"at least {FEWEST} years to fit, one after, one draw, and a level between 0 and 1",
            do="Choose wider windows",
        )
    if values.ndim != 2 or len(values) < 2 or not (np.abs(values) < LARGEST).all():
        raise InvalidSpecification(
            f"An outcome of shape {values.shape}, or with values that are not finite",
            expected="a treated unit and at least one donor by years, finite, in logarithms or shares",
            do="Leave out units without complete and positive flows",
        )
    whole = weights.shape == (len(values) - 1,) and bool((weights >= -NEGLIGIBLE).all())
    if not whole or abs(float(weights.sum()) - 1.0) > POSITIVE:
        raise InvalidSpecification(
            f"{weights.size} weights that add up to {float(weights.sum()):g} for {len(values) - 1} donors",
            expected="one weight a donor, none negative, together one",
            do="Take the weights of synthetic control on the same donors",
        )
    if not (values[1:, pre].var(axis=1) > 0).all():
        raise InvalidSpecification(
            "A donor never changes before treatment",
            expected="donors with a path of their own",
            do="Leave that donor out",
        )
