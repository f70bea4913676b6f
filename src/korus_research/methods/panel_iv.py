"""One slope in a panel with two-way fixed effects: least squares or one instrument, with few clusters.

Two-stage least squares after both sets of effects are projected out (Frisch, Waugh and Lovell), with standard errors
by cluster. With some thirty clusters these are too small, the more so if one cluster has most of the instrument's
variation. The interval therefore inverts the Anderson-Rubin test, which is valid with a weak instrument, with a wild
cluster bootstrap under the null (Cameron, Gelbach and Miller 2008; Davidson and MacKinnon 2010).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from korus_research.errors import InvalidPanel, InvalidSpecification, NotIdentified

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
FAR = 64  # standard errors from the estimate within which an end of the interval is searched
HALVINGS = 40


@dataclass(frozen=True)
class Panel:
    """Outcome, regressor and instrument (for least squares the regressor itself), with integer codes of the rows.

    Attributes
    ----------
    y, x, z : array (rows,)
    first, second, clusters : array of int (rows,)
        Consecutive codes from 0: of the two sets of effects, and of the clusters of errors.
    weights : array (rows,)
        Positive.
    """

    y: Floats
    x: Floats
    z: Floats
    first: Codes
    second: Codes
    clusters: Codes
    weights: Floats

    def project(self, columns: Floats) -> Floats:
        """Return an array (rows, columns) without both sets of effects, times the root of the weights."""
        both = np.column_stack([columns, np.eye(self.first.max() + 1)[self.first]]).astype(np.float64)
        total = np.bincount(self.second, self.weights)
        for place in range(both.shape[1]):
            both[:, place] -= (np.bincount(self.second, self.weights * both[:, place]) / total)[self.second]
        both *= np.sqrt(self.weights)[:, None]
        own, dummies = both[:, : columns.shape[1]], both[:, columns.shape[1] :]
        return own - dummies @ np.linalg.lstsq(dummies, own, rcond=None)[0]

    @cached_property
    def within(self) -> tuple[Floats, Floats, Floats]:
        """Outcome, regressor and instrument after projection."""
        rest = self.project(np.column_stack([self.y, self.x, self.z]))
        return rest[:, 0], rest[:, 1], rest[:, 2]

    def by_cluster(self, values: Floats) -> Floats:
        """Return sums by cluster."""
        return np.bincount(self.clusters, values).astype(np.float64)


@dataclass(frozen=True)
class Slope:
    """An estimated slope.

    `first_stage` is the cluster-robust F statistic of the instrument, NaN for least squares; `low` and `high` are the
    ends of the interval, infinite if unbounded on that side; `chance` is the bootstrap p-value of a zero slope.
    """

    value: float
    error: float
    rows: int
    clusters: int
    first_stage: float
    low: float
    high: float
    chance: float


def estimate(panel: Panel, *, level: float = 0.95, draws: int = 999, seed: int = 0) -> Slope:
    """Return the slope with its cluster-robust error and its interval at `level`.

    Raises
    ------
    NotIdentified
        The instrument (or the regressor) or the outcome does not vary within the effects, or there are fewer than three
        clusters.
    InvalidPanel
        No rows, columns of unequal length, a value that is not finite, or a weight that is not positive.
    InvalidSpecification
        A level that is not between 0 and 1, or no draws.
    """
    _check(panel, level, draws)
    y, x, z = panel.within
    count = int(panel.clusters.max()) + 1
    size = float(np.sqrt((z @ z) * (x @ x)))
    floor = 1e-12 * float(panel.weights.sum()) * float(np.ptp(panel.z)) ** 2
    flat = y @ y <= 1e-24 * float(panel.weights.sum()) * float(np.ptp(panel.y)) ** 2
    if count < 3 or flat or z @ z <= floor or abs(z @ x) <= 1e-9 * size:
        raise NotIdentified(
            f"{len(y)} rows of {count} clusters don't identify the slope",
            expected="an instrument and an outcome that vary within the effects, and at least three clusters",
            do="Leave out effects that hold all of its variation, or take more clusters",
        )
    value = float(z @ y / (z @ x))
    small = count / (count - 1)
    error = float(np.sqrt(small * np.sum(panel.by_cluster(z * (y - value * x)) ** 2)) / abs(z @ x))
    test = _Wild(panel, draws=draws, seed=seed)
    low, high = (test.end(value, error * side, 1 - level) for side in (-1, 1))
    return Slope(value, error, len(y), count, _first_stage(panel, small), low, high, test.chance(0.0))


def _check(panel: Panel, level: float, draws: int) -> None:
    columns = [panel.y, panel.x, panel.z, panel.weights, panel.first, panel.second, panel.clusters]
    alike = len({column.shape for column in columns}) == 1 and panel.y.ndim == 1 and panel.y.size > 0
    if not alike or not all(np.isfinite(column).all() for column in columns[:4]) or not (panel.weights > 0).all():
        raise InvalidPanel(
            f"A panel with columns of {', '.join(str(column.size) for column in columns)} values",
            expected="as many in each, at least one, all finite, and positive weights",
            do="Leave out rows that lack a value",
        )
    if not 0 < level < 1 or draws < 1:
        raise InvalidSpecification(
            f"The level {level:g} and {draws} draws", expected="a level between 0 and 1 and at least one draw"
        )


def slopes(panel: Panel) -> tuple[float, float]:
    """Return the slopes with the instrument and by least squares, without errors, for use on many panels."""
    y, x, z = panel.within
    return float(z @ y / (z @ x)), float(x @ y / (x @ x))


def _first_stage(panel: Panel, small: float) -> float:
    """Return the squared cluster-robust t-value of the instrument in the first stage."""
    _, x, z = panel.within
    if panel.z is panel.x:
        return float("nan")
    slope = z @ x / (z @ z)
    scores = panel.by_cluster(z * (x - slope * z))
    return float((slope * (z @ z)) ** 2 / (small * np.sum(scores**2)))


class _Wild:
    """The wild cluster bootstrap of the reduced form, `y - slope * x` on the instrument, under the null of no effect.

    Signs are drawn by cluster. A draw needs only how each cluster's residuals, with the effects projected out again,
    change each cluster's score: two square matrices, computed once for all slopes that are tried.
    """

    def __init__(self, panel: Panel, *, draws: int, seed: int) -> None:
        y, x, z = panel.within
        members = np.eye(panel.clusters.max() + 1)[panel.clusters]
        self.moved = [self._scores(panel, z, members, of) for of in (y, x)]
        self.own = panel.by_cluster(z * z)
        self.signs = np.random.default_rng(seed).choice([-1.0, 1.0], size=(members.shape[1], draws))

    @staticmethod
    def _scores(panel: Panel, z: Floats, members: Floats, of: Floats) -> Floats:
        again = panel.project(members * (of / np.sqrt(panel.weights))[:, None])
        return np.asarray(members.T @ (z[:, None] * again), dtype=np.float64)

    def chance(self, slope: float) -> float:
        """Return the p-value of a slope."""
        moved = self.moved[0] - slope * self.moved[1]
        found = self._statistic(moved.sum(axis=1, keepdims=True))[0]
        drawn = self._statistic(moved @ self.signs)
        # A draw with all signs equal is the sample itself, and rounding must not put it below.
        return float((1 + np.sum(drawn >= found * (1 - 1e-9))) / (1 + len(drawn)))

    def _statistic(self, scores: Floats) -> Floats:
        total = scores.sum(axis=0)
        rest = scores - self.own[:, None] * (total / self.own.sum())
        statistic: Floats = np.abs(total) / np.sqrt(np.sum(rest**2, axis=0))
        return statistic

    def end(self, value: float, step: float, chance: float) -> float:
        """Return the slope beyond `value`, in the direction of `step`, from which on slopes are rejected.

        With a weak instrument nearby slopes may be rejected and distant ones not: then there is no end. The search
        therefore starts far away.
        """
        far = float(FAR)
        if self.chance(value + far * step) > chance:
            return float(np.copysign(np.inf, step))
        while far > 1 and self.chance(value + far / 2 * step) <= chance:
            far /= 2
        near = 0.0 if far <= 1 else far / 2
        for _ in range(HALVINGS):
            middle = (near + far) / 2
            near, far = (middle, far) if self.chance(value + middle * step) > chance else (near, middle)
        return value + far * step


def codes(*keys: NDArray[np.str_] | NDArray[np.int_]) -> Codes:
    """Return integer codes that are equal for rows equal in all keys, such as an industry in a month."""
    found = np.zeros(len(keys[0]), dtype=np.intp)
    for key in keys:
        levels, places = np.unique(key, return_inverse=True)
        found = np.unique(found * len(levels) + places, return_inverse=True)[1]
    return found
