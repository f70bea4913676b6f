"""Difference-in-differences, synthetic control and synthetic difference-in-differences, with all placebos.

One call fits the treated unit on all donors and every donor, in its turn, on the other donors (the treated unit is
never a donor): the placebo distribution costs one batch of small quadratic programmes. All three estimators are

    effect = (mean of the unit after - weighted mean before) - sum over donors of weight times the same

and differ in the weights only: even over donors and years (DiD); chosen over donors so that the demeaned pre-period
paths agree, even over years (demeaned synthetic control, Ferman and Pinto 2021; Doudchenko and Imbens 2016); chosen
over donors with a ridge and over years (SDID: Arkhangelsky, Athey, Hirshberg, Imbens and Wager 2021, algorithm 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from korus_research.analysis.counterfactual.simplex import Array, Dense, LowRank, simplex_weights
from korus_research.errors import InvalidSpecification, did_you_mean

Estimator = Literal["did", "sc", "sdid"]
ESTIMATORS: tuple[Estimator, ...] = ("did", "sc", "sdid")
Years = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Ridges:
    """How strongly weights are drawn to even ones: see `specifications.toml`, table `solver`."""

    sc: float
    time: float


@dataclass(frozen=True)
class UnitWeights:
    """Weights of units (columns) in the fit of each (rows), and the KKT residual of each row."""

    weights: Array
    kkt: Array


@dataclass(frozen=True)
class Fits:
    """Fits of a treated unit (row 0) and of each of its donors as a placebo (rows 1 to J).

    Attributes
    ----------
    effect : array (J + 1,)
        Mean gap after treatment, in the unit of the outcome.
    gap : array (J + 1, years)
        Outcome minus its synthetic path, all years; its time-weighted mean before treatment is zero.
    rmspe : array (J + 1,)
        Root mean squared deviation of the pre-period gap from its mean.
    weights : array (J + 1, J + 1)
        Weight of each unit (column) in the fit of each (row); the treated unit's column and the diagonal are zero.
    time_weights : array (J + 1, pre years)
    kkt : array (J + 1,)
        Largest KKT residual of the programmes of each row; zero for DiD, which solves none.
    """

    effect: Array
    gap: Array
    rmspe: Array
    weights: Array
    time_weights: Array
    kkt: Array

    @property
    def standardised(self) -> Array:
        """Effects over the pre-period RMSPE of their own row: what placebos are ranked by."""
        return self.effect / np.maximum(self.rmspe, np.finfo(float).tiny)


def fit(
    values: Array,
    pre: Years,
    post: Years,
    *,
    estimator: Estimator,
    ridges: Ridges,
    placebos: bool = True,
    known: UnitWeights | None = None,
) -> Fits:
    """Fit the first row of `values` on the others and, as `placebos`, each of the others on the rest.

    Parameters
    ----------
    values : array (units, years)
        The outcome; row 0 is the treated unit.
    pre, post : int arrays
        Columns of `values` before and after treatment; at least two before and one after.
    estimator : Estimator
        "did", "sc" or "sdid".
    ridges : Ridges
    known : UnitWeights, optional
        Weights of the same programmes, to be used again: those of synthetic control don't depend on `post`.

    Raises
    ------
    InvalidSpecification
        An unknown estimator, too few units or years, or a value that is not finite.
    NotConverged
        Weights that do not meet their optimality conditions.
    """
    _check(values, pre, post, estimator)
    units = len(values)
    rows = units if placebos else 1
    allowed = ~np.eye(rows, units, dtype=bool)
    allowed[:, 0] = False
    even = allowed / allowed.sum(axis=1, keepdims=True)
    chosen = UnitWeights(even, np.zeros(rows)) if estimator == "did" else known
    noise = _noise(values, pre, allowed) if estimator == "sdid" else np.zeros(rows)
    if chosen is None:
        before = values[:, pre]
        centred = before - before.mean(axis=1, keepdims=True)
        gram = centred @ centred.T
        if estimator == "sc":
            ridge = np.full(rows, ridges.sc * np.trace(gram) / units)
        else:
            ridge = np.sqrt(len(post)) * noise**2 * len(pre)
        chosen = UnitWeights(*simplex_weights(LowRank(centred, ridge), gram[:rows], allowed))
    weights, kkt = chosen.weights, chosen.kkt
    time_weights = np.full((rows, len(pre)), 1.0 / len(pre))
    if estimator == "sdid":
        time_weights, kkt_time = _time_weights(values, pre, post, allowed, ridges.time * noise)
        kkt = np.maximum(kkt, kkt_time)
    difference = values[:rows] - weights @ values
    gap = difference - (time_weights * difference[:, pre]).sum(axis=1, keepdims=True)
    rmspe = difference[:, pre].std(axis=1)
    return Fits(gap[:, post].mean(axis=1), gap, rmspe, weights, time_weights, kkt)


def _noise(values: Array, pre: Years, allowed: NDArray[np.bool_]) -> Array:
    """Return the standard deviation of the donors' pre-period changes from one year to the next, one for each row."""
    changes = np.diff(values[:, pre], axis=1)[:, np.diff(pre) == 1]
    count = allowed.sum(axis=1) * changes.shape[1]
    total = allowed @ changes.sum(axis=1)
    squares = allowed @ (changes**2).sum(axis=1)
    noise: Array = np.sqrt((squares - total**2 / count) / (count - 1))
    return noise


def _time_weights(
    values: Array, pre: Years, post: Years, allowed: NDArray[np.bool_], penalty: Array
) -> tuple[Array, Array]:
    """Return weights of pre-period years that make the donors' weighted past predict their mean after treatment."""
    donors = allowed.sum(axis=1)
    before, after = values[:, pre], values[:, post].mean(axis=1)
    past_mean = allowed @ before / donors[:, None]
    after_mean = allowed @ after / donors
    gram = np.einsum("ui,is,it->ust", allowed.astype(float), before, before)
    gram -= donors[:, None, None] * past_mean[:, :, None] * past_mean[:, None, :]
    cross = allowed @ (before * after[:, None]) - donors[:, None] * past_mean * after_mean[:, None]
    quadratic = gram + (donors * penalty**2)[:, None, None] * np.eye(len(pre))
    return simplex_weights(Dense(quadratic), cross, np.ones(cross.shape, dtype=bool))


def _check(values: Array, pre: Years, post: Years, estimator: str) -> None:
    if estimator not in ESTIMATORS:
        raise InvalidSpecification(
            f"'{estimator}' is not an estimator{did_you_mean(estimator, ESTIMATORS)}",
            expected="one of " + ", ".join(ESTIMATORS),
        )
    fewest = 1 if estimator == "did" else 3
    if len(values) < 4 or len(pre) < fewest or len(post) < 1:
        raise InvalidSpecification(
            f"{len(values) - 1} donors, {len(pre)} years before and {len(post)} after treatment",
            expected=f"at least 3 donors, {fewest} years before and 1 after",
            do="Choose wider windows or a rule that leaves more donors",
        )
    if not np.isfinite(values).all():
        raise InvalidSpecification(
            "The outcome has values that are not finite", expected="complete and positive flows of every unit"
        )
