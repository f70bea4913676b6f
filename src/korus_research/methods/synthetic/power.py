"""The power of a placebo test, and the probability of an effect size given its result.

Every placebo shows one error that the estimate may have. An effect is added to each of these errors, of both signs
since the test is two-sided, and the test is run as if the placebo were the partner: it is ranked among the others. The
rejection rate is the power (Gelman and Carlin 2014, Perspectives on Psychological Science 9(6), on asking this for the
effect expected beforehand, not for the estimate). With a flat prior, the same errors around the estimate give the
probability of each effect size. All values are in log points.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from korus_research.errors import InvalidSpecification
from korus_research.methods.synthetic.simplex import Array

TIES = 1e-12  # log points: errors closer than this are ties


@dataclass(frozen=True)
class Sensitivity:
    """One estimate and the errors that its placebos show.

    Attributes
    ----------
    effect : float
        The estimate, log points.
    errors : array (J,)
        Placebo effects scaled to the treated unit (standardised gap times the treated unit's RMSPE), log points.
    level : float
        Level of the intervals; the test rejects at 1 - `level`, two-sided.
    groups : array of int (J,) or None
        Placebos with the same number are not compared with each other, such as the two flows of a pair of countries.

    Raises
    ------
    InvalidSpecification
        No placebo, an error or effect that is not finite, a level outside (0, 1), or groups of another length.
    """

    effect: float
    errors: Array
    level: float
    groups: NDArray[np.intp] | None = None

    def __post_init__(self) -> None:
        finite = bool(np.isfinite(self.errors).all()) and math.isfinite(self.effect)
        fits = self.groups is None or self.groups.shape == self.errors.shape
        if self.errors.ndim != 1 or not self.errors.size or not finite or not 0 < self.level < 1 or not fits:
            raise InvalidSpecification(
                f"{self.errors.size} placebo errors at the level {self.level:g} around an estimate of {self.effect:g}",
                expected="an estimate, at least one error, all finite, one group an error, and a level below 1",
                do="Leave the estimate out: without placebos nothing can be said of its power",
            )

    @cached_property
    def reaches(self) -> Array:
        """Critical values: how far from zero an estimate must be to reject if each placebo is treated, shape (J,).

        Infinite if the others are too few to reject at this level.
        """
        size = np.abs(self.errors)
        if self.groups is not None:
            found = np.empty_like(size)
            for group in np.unique(self.groups):
                own = self.groups == group
                found[own] = _beyond(np.sort(size[~own]), _rejecting((~own).sum(), self.level))
            return found
        ordered, rejecting = np.sort(size), _rejecting(size.size - 1, self.level)
        # Removing one of the errors shifts the critical rank only if that error is among the largest.
        own_out, other_out = _beyond(ordered, rejecting + 1), _beyond(ordered, rejecting)
        return np.where(size >= other_out, own_out, other_out) if rejecting >= 1 else np.full(size.shape, np.inf)

    @property
    def p_value(self) -> float:
        """Share of the errors, the estimate itself included, at least as far from zero as the estimate."""
        return (1 + int((np.abs(self.errors) >= abs(self.effect)).sum())) / (self.errors.size + 1)

    @property
    def interval(self) -> tuple[float, float] | None:
        """The effects that the test does not reject, log points; None with too few placebos for the level."""
        half = _beyond(np.sort(np.abs(self.errors)), _rejecting(self.errors.size, self.level))
        return (self.effect - half, self.effect + half) if math.isfinite(half) else None

    def power(self, effect: float) -> float:
        """Return the power at the true effect `effect`: the share of placebos and signs that reject."""
        estimates, reaches = self.worlds(effect)
        return float((np.abs(estimates) > reaches + TIES).mean())

    def detectable(self, power: float) -> float | None:
        """Return the smallest effect, of either sign, that the test detects with `power`; None if there is none.

        Errors are used with both signs, so the result is the same for an effect and its opposite.
        """
        # With an error e an effect t > 0 is rejected above reach - |e| by one sign; by the other above reach + |e|,
        # and below |e| - reach, where the error alone is rejected.
        size = np.abs(self.errors)
        above = np.sort(np.concatenate([self.reaches - size, self.reaches + size]))
        below = np.sort(size - self.reaches)
        tried = np.maximum(above[np.isfinite(above)], 0.0)
        rejected = (
            np.searchsorted(above, tried, side="right") + below.size - np.searchsorted(below, tried, side="right")
        )
        enough = tried[rejected >= power * above.size - TIES]
        return float(enough[0]) if enough.size else None

    def at_least(self, effect: float) -> float:
        """Return the chance that the true effect is `effect` or more, under a flat prior."""
        estimates, _ = self.worlds(self.effect)
        return float((estimates >= effect - TIES).mean())

    def worlds(self, effect: float) -> tuple[Array, Array]:
        """Return the estimates under a true effect and the half-width of the interval around each.

        Shape (2 J,) each: with every placebo error, then with every one negated.
        """
        return np.concatenate([effect + self.errors, effect - self.errors]), np.tile(self.reaches, 2)


def _rejecting(others: int, level: float) -> int:
    """Return k such that exceeding the k-th largest of `others` errors gives a p-value of at most 1 - `level`."""
    return math.floor((1 - level) * (others + 1) + 1e-9)


def _beyond(ordered: Array, place: int) -> float:
    """Return the `place`-th largest of sorted sizes; infinite if there is none."""
    return float(ordered[-place]) if 1 <= place <= ordered.size else math.inf
