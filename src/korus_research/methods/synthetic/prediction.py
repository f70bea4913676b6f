"""Prediction intervals for demeaned synthetic control: an inference that asks no other country to be a placebo.

Cattaneo, Feng and Titiunik (2021, Journal of the American Statistical Association 116(536)): the synthetic path errs
because its weights and level were fitted to few years, and because the year after differs from any fit. The first is
simulated: with the noise of the fit drawn anew, weights and level are those that fit no worse than the ones found, in
the neighbourhood of these (weights near zero rise only). The second is bounded by the residuals of the fit. Both at
half the chance of an error, so that together they hold at `level`.

As their software does with few years (scpi: u_order = e_order = 0, HC1, rho of type 2), residuals are taken to be
alike in all years: that a gap may grow with time after treatment is not part of it.
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

WIDEST_ZERO = 0.2  # a weight above is never taken for zero, as in scpi (rho_max)
COLLINEAR, FLOOR = 0.001, 0.05  # rho below the first says that donors are alike; then the second is the least it can be
POSITIVE = 1e-6  # weights that count as degrees of freedom
NORMAL = 1.34  # interquartile range of a normal variable over its standard deviation
RIDGE = 1e-7  # of the mean diagonal: makes the weights of a draw unique, moves no reach by what is printed
CLOSE = 1e-4  # how nearly the fit of a draw is as bad as allowed, relative to how bad that is: a reach to 5 digits
MOST_STEPS = 60
ROUNDING = 1e-12  # of the largest value: residuals below are none
FEWEST = 4  # years to fit: fewer have no quartiles


@dataclass(frozen=True)
class Prediction:
    """Intervals of one treated unit, one a window after treatment.

    Attributes
    ----------
    effect : array (windows,)
        Mean gap, in the unit of the outcome.
    fitted : array (windows, 2)
        How far weights and level may be off: the mean synthetic path less what it should be, with the sign by which
        the path has to be moved, low and high end.
    later : mapping of bound to (low, high)
        By how much a year after may differ from a path that is right. The mean over a window is given no smaller bound:
        the years' errors may be the same.
    """

    effect: Array
    fitted: Array
    later: Mapping[Bound, tuple[float, float]]

    def interval(self, bound: Bound | None) -> Array:
        """Return low and high end of the effects, shape (windows, 2); None leaves out the errors of later years."""
        low, high = (0.0, 0.0) if bound is None else self.later[bound]
        ends: Array = self.effect[:, None] - (self.fitted + np.array([low, high]))[:, ::-1]
        return ends


def predict(
    values: Array, pre: Years, posts: Sequence[Years], weights: Array, *, level: float, draws: int, seed: int
) -> Prediction:
    """Return prediction intervals for the first row of `values` with donors' `weights`, shape (units - 1,).

    `values` (units, years) hold the outcome, `pre` its columns before and each of `posts` those of a window after
    treatment; `draws` is how often the noise of the fit is drawn anew, by `seed`.

    Raises
    ------
    InvalidSpecification
        Fewer than `FEWEST` years to fit, no draw, a level outside (0, 1), weights that are none, a value that is not
        finite, a donor that never changes before treatment, or a fit without any error.
    NotConverged
        Weights of a draw that do not meet their optimality conditions.
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
    """Return the size of the noise of each year: HC1, the degrees of freedom being positive weights and the level."""
    years = len(residual)
    freedom = min(int((weights >= POSITIVE).sum()), years - 1)  # weights add up to one, the level is free
    size: Array = np.abs(residual - residual.mean()) * math.sqrt(years / (years - freedom))
    return size


def _localised(before: Array, residual: Array, weights: Array) -> Array:
    """Return the lower bound of each weight: itself if it is near zero, and zero if not.

    What is near is rho of type 2: size of the residuals over that of the donors' changes, and how many of each.
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
    lower[weights.argmax()] = 0.0  # there always is one that can give way
    return lower


def _reaches(before: Array, noise: Array, weights: Array, lower: Array, after: Array) -> Array:
    """Return by how much the synthetic mean may have to be moved, by draw, shape (2: down and up, windows, draws).

    A draw has noise G in what the fit adds up; allowed are changes d of the weights, and of the level, with
    d'Qd - 2G'd <= 0, Q being the second moments of what was fitted. The level is free, so that it is solved for by
    hand: with all demeaned, what is left for each end is to

        minimise d'Qd/2 - (G - m c)'d,   with m such that d'Qd - 2G'd - g^2 + m^2 = 0

    where c is the donors' change from before to after, with the sign of the end looked for, and g the mean noise.
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
    """Changes of the weights with which the noise drawn is fitted no worse: see `_reaches`."""

    factors: Array
    drawn: Array
    level: Array
    weights: Array
    lower: Array

    def farthest(self, changes: Array, draw: Years) -> tuple[Array, Array]:
        """Return for each row of `changes`, with the noise of `draw`, the d that goes farthest against it, and m.

        The square of m is found by false position (Illinois): the excess rises with it, in a line where no weight is
        at its bound.
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
        """Return the change of weights that minimises d'Qd/2 - linear'd, a row a problem."""
        start, share = self.lower - self.weights, 1.0 - float(self.lower.sum())
        ridge = RIDGE * float((self.factors**2).sum()) / len(self.factors)
        right = share * (linear - (start @ self.factors) @ self.factors.T)
        Q = LowRank(share * self.factors, np.full(len(linear), share**2 * ridge))
        solved, _ = simplex_weights(Q, right, np.ones(linear.shape, dtype=bool))
        return start + share * solved

    def excess(self, d: Array, draw: Years) -> Array:
        """Return d'Qd - 2G'd - g^2: how much worse the noise of each row's draw is fitted, the level being the best."""
        worse: Array = ((d @ self.factors) ** 2).sum(axis=1) - 2 * (self.drawn[draw] * d).sum(axis=1)
        return worse - self.level[draw] ** 2


def _later(residual: Array, tail: float) -> Mapping[Bound, tuple[float, float]]:
    """Return the bounds of the error of one year after, by each of the three ways to read the residuals.

    sub-gaussian: as far as an error with tails no fatter than the normal's goes at most with this chance. location-
    scale: quantiles of the residuals over their size. quantiles: of the residuals as they are.
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
