"""One slope in a panel with two sets of effects: least squares or one instrument, with few clusters.

Two-stage least squares after both sets of effects are projected out (Frisch, Waugh and Lovell), standard errors by
cluster. With some thirty clusters those are too small, more so where one of them has most of the instrument's
variation; so the interval is that of the test by Anderson and Rubin, which a weak instrument leaves right, with the
wild bootstrap by cluster under the hypothesis (Cameron, Gelbach and Miller 2008; Davidson and MacKinnon 2010).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from korus_research.errors import InvalidPanel, InvalidSpecification, NotIdentified

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
FAR = 64  # how many standard errors from the estimate an end of the interval is looked for
HALVINGS = 40


@dataclass(frozen=True)
class Panel:
    """Outcome, regressor, instrument (the regressor itself for least squares), and integer codes of rows.

    Attributes
    ----------
    y, x, z
        One value a row.
    first, second, clusters
        Codes from 0 without holes: of the two sets of effects, and of what errors may be alike within.
    weights
        Positive, one a row.
    """

    y: Floats
    x: Floats
    z: Floats
    first: Codes
    second: Codes
    clusters: Codes
    weights: Floats

    def project(self, columns: Floats) -> Floats:
        """Return columns (rows by columns) without both sets of effects, times the root of the weights."""
        both = np.column_stack([columns, np.eye(self.first.max() + 1)[self.first]]).astype(np.float64)
        total = np.bincount(self.second, self.weights)
        for place in range(both.shape[1]):
            both[:, place] -= (np.bincount(self.second, self.weights * both[:, place]) / total)[self.second]
        both *= np.sqrt(self.weights)[:, None]
        own, dummies = both[:, : columns.shape[1]], both[:, columns.shape[1] :]
        return own - dummies @ np.linalg.lstsq(dummies, own, rcond=None)[0]

    @cached_property
    def within(self) -> tuple[Floats, Floats, Floats]:
        """Outcome, regressor and instrument so projected."""
        rest = self.project(np.column_stack([self.y, self.x, self.z]))
        return rest[:, 0], rest[:, 1], rest[:, 2]

    def by_cluster(self, values: Floats) -> Floats:
        """Return the sums of a value a row by cluster."""
        return np.bincount(self.clusters, values).astype(np.float64)


@dataclass(frozen=True)
class Slope:
    """What a unit of the regressor does to the outcome.

    `first_stage` is the F of the instrument by cluster, NaN for least squares; `low` and `high` are the ends of the
    interval, infinite where the data set none on that side; `chance` is the bootstrap's p-value of no slope.
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
    """Return the slope with its error by cluster and its interval of the given level.

    Raises
    ------
    NotIdentified
        The instrument (or the regressor) or the outcome does not vary within the effects, or there are fewer than three
        clusters.
    InvalidPanel
        No row, columns of unequal length, a value that is not finite, or a weight that is not positive.
    InvalidSpecification
        A level that is not between 0 and 1, or no draw.
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
            expected="an instrument and an outcome that vary within the effects, and three clusters or more",
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
    """Return the slope with the instrument and by least squares, without their errors: for many panels."""
    y, x, z = panel.within
    return float(z @ y / (z @ x)), float(x @ y / (x @ x))


def _first_stage(panel: Panel, small: float) -> float:
    """Return the squared t-value of the instrument by cluster in the first stage."""
    _, x, z = panel.within
    if panel.z is panel.x:
        return float("nan")
    slope = z @ x / (z @ z)
    scores = panel.by_cluster(z * (x - slope * z))
    return float((slope * (z @ z)) ** 2 / (small * np.sum(scores**2)))


class _Wild:
    """The wild bootstrap of the reduced form: of `y - slope * x` on the instrument, under the hypothesis of none.

    Signs are drawn by cluster. All that a draw needs is how each cluster's residuals, once the effects are projected
    out again, move each cluster's score: two square matrices, made once for all slopes that are tried.
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
        # Where all signs agree the draw is the sample itself, which rounding must not put below it.
        return float((1 + np.sum(drawn >= found * (1 - 1e-9))) / (1 + len(drawn)))

    def _statistic(self, scores: Floats) -> Floats:
        total = scores.sum(axis=0)
        rest = scores - self.own[:, None] * (total / self.own.sum())
        statistic: Floats = np.abs(total) / np.sqrt(np.sum(rest**2, axis=0))
        return statistic

    def end(self, value: float, step: float, chance: float) -> float:
        """Return the slope beyond `value`, in the direction of `step`, from which on slopes are refused.

        Where an instrument is weak, slopes near may be refused and those far away not: then there is no such end. So it
        is looked for from far away.
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
    """Return integer codes of rows that agree in all keys: "imports from one partner", "an industry in a month"."""
    found = np.zeros(len(keys[0]), dtype=np.intp)
    for key in keys:
        levels, places = np.unique(key, return_inverse=True)
        found = np.unique(found * len(levels) + places, return_inverse=True)[1]
    return found
