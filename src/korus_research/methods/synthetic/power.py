"""What a placebo test can see: the effects it would find, and how likely an effect of some size is after it.

Every placebo shows one error that the estimate may have made. With an effect planted on each of these errors, of both
signs since the test is two-sided, the test that judges the partner is run as if the placebo were the partner: its rank
is taken among the others. How often it rejects is its power (Gelman and Carlin 2014, Perspectives on Psychological
Science 9(6), on asking this of the effect expected beforehand, not of the one found). Read with a flat prior, the same
errors around the estimate say how likely each size of the effect is. All is in log points.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from korus_research.errors import InvalidSpecification
from korus_research.methods.synthetic.simplex import Array

TIES = 1e-12  # log points: errors closer than this are equal, as in ranks they must be


@dataclass(frozen=True)
class Sensitivity:
    """One estimate and the errors that its placebos show.

    Attributes
    ----------
    effect : float
        The estimate, log points.
    errors : array (J,)
        What the placebos were estimated to have, in the size that it would have for the treated unit (standardised gap
        times the treated unit's own error), log points.
    level : float
        Level of the intervals; the test rejects at 1 - `level`, two-sided.
    groups : array of int (J,) or None
        Placebos with one number are no reference for one another: the two flows of one pair of countries, say.

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
        """How far from zero an estimate must lie to be rejected where each placebo is the treated unit, shape (J,).

        Infinite where the others are too few to reject anything at this level.
        """
        size = np.abs(self.errors)
        if self.groups is not None:
            found = np.empty_like(size)
            for group in np.unique(self.groups):
                own = self.groups == group
                found[own] = _beyond(np.sort(size[~own]), _rejecting((~own).sum(), self.level))
            return found
        ordered, rejecting = np.sort(size), _rejecting(size.size - 1, self.level)
        # Taking one away moves the order only above it: one of the largest leaves the next to be exceeded.
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
        """Return how often the test rejects where the true effect is `effect`: share of placebos and signs."""
        estimates, reaches = self.worlds(effect)
        return float((np.abs(estimates) > reaches + TIES).mean())

    def detectable(self, power: float) -> float | None:
        """Return the smallest effect that the test finds with `power`, of either sign; None if it finds none.

        Errors are read with both signs, so that what holds of an effect holds of its opposite.
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
        """Return the estimates that a true effect leads to and the half-width of the interval around each.

        Shape (2 J,) each: every placebo error, then every one with its sign turned.
        """
        return np.concatenate([effect + self.errors, effect - self.errors]), np.tile(self.reaches, 2)


def _rejecting(others: int, level: float) -> int:
    """Return the k such that beyond the k-th largest of `others` errors a p-value is at most 1 - `level`."""
    return math.floor((1 - level) * (others + 1) + 1e-9)


def _beyond(ordered: Array, place: int) -> float:
    """Return the `place`-th largest of sorted sizes; infinite for none."""
    return float(ordered[-place]) if 1 <= place <= ordered.size else math.inf
