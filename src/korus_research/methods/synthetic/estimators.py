"""Difference-in-differences, synthetic control and synthetic difference-in-differences, with all placebos.

One call fits the treated unit on all donors, and each donor in turn on the other donors (the treated unit is never a
donor): the placebo distribution costs one batch of small quadratic programs. All estimators are

    effect = (mean of the unit after - weighted mean before) - sum over donors of weight times the same

and differ only in the weights: uniform over donors and years (DiD); fitted over donors so that the demeaned pre-period
paths agree, uniform over years (demeaned synthetic control, Ferman and Pinto 2021; Doudchenko and Imbens 2016); fitted
over donors with a ridge and over years (SDID: Arkhangelsky, Athey, Hirshberg, Imbens and Wager 2021, algorithm 1).
"sc-cv" is synthetic control with the ridge that predicts the donors best when one year at a time is left out
(Doudchenko and Imbens 2016 choose penalties by placebos too); the treated unit is not used for that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from korus_research.errors import InvalidSpecification, unknown
from korus_research.methods.synthetic.simplex import Array, Dense, LowRank, Mask, simplex_weights

Estimator = Literal["did", "sc", "sc-cv", "sdid"]
ESTIMATORS: tuple[Estimator, ...] = ("did", "sc", "sc-cv", "sdid")
Years = NDArray[np.intp]
LARGEST = 1e100  # of an outcome in size: squares of what is larger overflow


@dataclass(frozen=True, slots=True)
class Ridges:
    """Ridge penalties, which draw weights towards uniform ones: see `specifications.toml`, table `solver`.

    `grid` has the penalties that "sc-cv" chooses from, as shares of the mean diagonal like `sc`. InvalidSpecification
    if one is negative: the program then has no solution.
    """

    sc: float
    time: float
    grid: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not min(self.sc, self.time, *self.grid) >= 0:
            raise InvalidSpecification(
                f"A ridge of {min(self.sc, self.time, *self.grid):g}", expected="zero or more", do="Correct it"
            )


@dataclass(frozen=True)
class Fits:
    """Fits of a treated unit (row 0) and of each of its donors as a placebo (rows 1 to J).

    Attributes
    ----------
    effect : array (J + 1,)
        Mean gap after treatment, in the unit of the outcome.
    gap : array (J + 1, years)
        Outcome minus synthetic path, all years; its time-weighted mean before treatment is zero.
    rmspe : array (J + 1,)
        Root mean squared deviation of the pre-period gap from its mean.
    weights : array (J + 1, J + 1)
        Weight of each unit (column) in the fit of each (row); the treated unit's column and the diagonal are zero.
    time_weights : array (J + 1, pre years)
    kkt : array (J + 1,)
        Largest KKT residual of the programs of each row; zero for DiD, which solves none.
    """

    effect: Array
    gap: Array
    rmspe: Array
    weights: Array
    time_weights: Array
    kkt: Array

    @property
    def standardised(self) -> Array:
        """Effects over the pre-period RMSPE of the same row, by which placebos are ranked."""
        return self.effect / np.maximum(self.rmspe, np.finfo(float).tiny)


def fit(values: Array, pre: Years, post: Years, *, estimator: Estimator, ridges: Ridges, placebos: bool = True) -> Fits:
    """Fit the first row of `values` on the others and, with `placebos`, each of the others on the rest.

    Parameters and errors are those of `fit_windows`.
    """
    return fit_windows(values, pre, [post], estimator=estimator, ridges=ridges, placebos=placebos)[0]


def fit_windows(
    values: Array,
    pre: Years,
    posts: Sequence[Years],
    *,
    estimator: Estimator,
    ridges: Ridges,
    placebos: bool = True,
) -> list[Fits]:
    """Fit one pre-period for several windows after treatment, in one batch of programs.

    `values` (units, years) has the outcome, the treated unit first; `pre` and each of `posts` are its columns before
    treatment and in a window after it. With `placebos` each donor is fitted too. Returns one result per window.

    Raises
    ------
    InvalidSpecification
        An unknown estimator, too few units or years, or a value that is not finite.
    NotConverged
        Weights that do not meet their optimality conditions.
    """
    units = len(values)
    rows = units if placebos else 1
    allowed = ~np.eye(rows, units, dtype=bool)
    allowed[:, :1] = False
    return fit_rows(values, pre, posts, np.arange(rows), allowed, estimator=estimator, ridges=ridges)


def fit_rows(
    values: Array,
    pre: Years,
    posts: Sequence[Years],
    rows: Years,
    allowed: Mask,
    *,
    estimator: Estimator,
    ridges: Ridges,
) -> list[Fits]:
    """Fit each unit `rows[k]` of `values` on the units where `allowed[k]` is true.

    The other parameters, the errors and the results, one per window, are those of `fit_windows`.
    """
    for post in posts:
        _check(values, pre, post, estimator)
    if not allowed.any(axis=1).all():
        raise InvalidSpecification(
            f"{int((~allowed.any(axis=1)).sum())} of {len(allowed)} units have no donor",
            expected="at least one for each",
            do="Leave these units out, or allow them others",
        )
    even_time = np.full((len(rows), len(pre)), 1.0 / len(pre))
    if estimator == "did":
        even = allowed / allowed.sum(axis=1, keepdims=True)
        chosen = [(even, even_time, np.zeros(len(rows)))] * len(posts)
    elif estimator in ("sc", "sc-cv"):
        strength = ridges.sc if estimator == "sc" else chosen_ridge(values, pre, ridges.grid)
        weights, kkt = _unit_weights(
            values, pre, rows, allowed, lambda gram: np.full(len(rows), strength * np.trace(gram) / len(values))
        )
        chosen = [(weights, even_time, kkt)] * len(posts)
    else:
        chosen = _sdid_weights(values, pre, posts, rows, allowed, ridges)
    return [_fits(values[rows], values, pre, post, *found) for post, found in zip(posts, chosen, strict=True)]


def _fits(own: Array, values: Array, pre: Years, post: Years, weights: Array, time_weights: Array, kkt: Array) -> Fits:
    difference = own - weights @ values
    gap = difference - (time_weights * difference[:, pre]).sum(axis=1, keepdims=True)
    rmspe = difference[:, pre].std(axis=1)
    return Fits(gap[:, post].mean(axis=1), gap, rmspe, weights, time_weights, kkt)


def _unit_weights(
    values: Array, pre: Years, rows: Years, allowed: Mask, ridge: Callable[[Array], Array]
) -> tuple[Array, Array]:
    """Return weights and KKT residuals of one program per entry of `ridge`, cycling through the rows of `allowed`."""
    before = values[:, pre]
    centred = before - before.mean(axis=1, keepdims=True)
    gram = centred @ centred.T
    penalty = ridge(gram)
    times = len(penalty) // len(allowed)
    linear = np.tile(gram[rows], (times, 1))
    return simplex_weights(LowRank(centred, penalty), linear, np.tile(allowed, (times, 1)), blocks=times)


def chosen_ridge(values: Array, pre: Years, grid: Sequence[float]) -> float:
    """Return the penalty in `grid` with the smallest error by `ridge_errors`."""
    if not grid:
        raise InvalidSpecification("'sc-cv' has no ridges to choose from", expected="a grid of them in `Ridges`")
    return float(grid[int(ridge_errors(values, pre, grid).argmin())])


def ridge_errors(values: Array, pre: Years, grid: Sequence[float]) -> Array:
    """Return the leave-one-year-out error of synthetic control for each penalty in `grid`.

    It is the root mean square over the donors and the pre-period years, each left out in turn; the treated unit (the
    first) is not used.
    """
    donors = values[1:]
    units = len(donors)
    allowed = ~np.eye(units, dtype=bool)
    squares = np.zeros(len(grid))
    for place in range(len(pre)):
        kept = np.delete(pre, place)
        weights, _ = _unit_weights(
            donors,
            kept,
            np.arange(units),
            allowed,
            lambda gram: np.repeat(np.asarray(grid) * np.trace(gram) / units, units),
        )
        difference = donors - weights.reshape(len(grid), units, units) @ donors
        gaps = difference[:, :, pre[place]] - difference[:, :, kept].mean(axis=2)
        squares += (gaps**2).mean(axis=1)
    return np.sqrt(squares / len(pre))


def left_out_errors(values: Array, pre: Years, *, estimator: Estimator, ridges: Ridges) -> Array:
    """Return the leave-one-year-out error of each unit: the root mean square of its gaps in pre-period years."""
    missed = [
        fit(values, np.delete(pre, place), pre[[place]], estimator=estimator, ridges=ridges).effect
        for place in range(len(pre))
    ]
    errors: Array = np.sqrt((np.stack(missed) ** 2).mean(axis=0))
    return errors


def _sdid_weights(
    values: Array, pre: Years, posts: Sequence[Years], rows: Years, allowed: Mask, ridges: Ridges
) -> list[tuple[Array, Array, Array]]:
    """Return unit weights, time weights and KKT residuals for each window."""
    noise = _noise(values, pre, allowed)
    penalty = np.concatenate([np.sqrt(len(post)) * noise**2 * len(pre) for post in posts])
    weights, kkt = _unit_weights(values, pre, rows, allowed, lambda _: penalty)
    time_weights, kkt_time = _time_weights(values, pre, posts, allowed, ridges.time * noise)
    split = [np.split(array, len(posts)) for array in (weights, time_weights, np.maximum(kkt, kkt_time))]
    return list(zip(*split, strict=True))


def _noise(values: Array, pre: Years, allowed: Mask) -> Array:
    """Return the standard deviation of the donors' year-to-year changes before treatment, one for each row."""
    changes = np.diff(values[:, pre], axis=1)[:, np.diff(pre) == 1]
    if not changes.shape[1]:
        raise InvalidSpecification(
            "No two years before treatment follow each other",
            expected="at least two that do: sdid measures the noise by changes from one year to the next",
            do="Leave out other years, or choose another estimator",
        )
    count = allowed.sum(axis=1) * changes.shape[1]
    total = allowed @ changes.sum(axis=1)
    squares = allowed @ (changes**2).sum(axis=1)
    noise: Array = np.sqrt((squares - total**2 / count) / (count - 1))
    return noise


def _time_weights(
    values: Array, pre: Years, posts: Sequence[Years], allowed: Mask, penalty: Array
) -> tuple[Array, Array]:
    """Return weights of pre-period years with which the donors' past predicts their mean after treatment.

    One row for each row of `allowed`, window after window.
    """
    donors = allowed.sum(axis=1)
    before = values[:, pre]
    past_mean = allowed @ before / donors[:, None]
    gram = np.einsum("ui,is,it->ust", allowed.astype(float), before, before)
    gram -= donors[:, None, None] * past_mean[:, :, None] * past_mean[:, None, :]
    quadratic = gram + (donors * penalty**2)[:, None, None] * np.eye(len(pre))
    crosses = []
    for post in posts:
        after = values[:, post].mean(axis=1)
        after_mean = allowed @ after / donors
        crosses.append(allowed @ (before * after[:, None]) - donors[:, None] * past_mean * after_mean[:, None])
    cross = np.concatenate(crosses)
    which = np.tile(np.arange(len(quadratic)), len(posts))
    return simplex_weights(Dense(quadratic, which), cross, np.ones(cross.shape, dtype=bool))


def _check(values: Array, pre: Years, post: Years, estimator: str) -> None:
    if estimator not in ESTIMATORS:
        raise unknown(InvalidSpecification, estimator, "an estimator", ESTIMATORS)
    places = np.concatenate([pre, post])
    if values.ndim != 2 or (places.size and not -1 < places.min() <= places.max() < values.shape[-1]):
        raise InvalidSpecification(
            f"An outcome of shape {values.shape} with years {places.min(initial=0)} to {places.max(initial=0)}",
            expected="units by years, and windows inside these years",
            do="Choose windows inside the data",
        )
    fewest = 1 if estimator == "did" else 3
    if len(values) < 4 or len(pre) < fewest or len(post) < 1:
        raise InvalidSpecification(
            f"{len(values) - 1} donors, {len(pre)} years before and {len(post)} after treatment",
            expected=f"at least 3 donors, {fewest} years before and 1 after",
            do="Choose wider windows or a rule that leaves more donors",
        )
    if not (np.abs(values) < LARGEST).all():
        raise InvalidSpecification(
            "The outcome has values that are not finite, or beyond what squares can hold",
            expected="logarithms or shares of complete and positive flows of every unit",
        )
