"""The leave-two-out placebo test: the treated unit against every pair of donors, all three fitted on the others.

Lei and Sudijono (2025, "Inference for Synthetic Controls via Refined Placebo Tests"): the placebo test ranks one gap
among J + 1. Here the treated unit is compared with every pair of donors, and wins if its gap is the largest of the
three, each fitted on the remaining donors. The p-value is the share of pairs that it does not win, out of J (J - 1) / 2
instead of J + 1. If units are exchangeable, its size is bounded by counting: a trio has at most one winner.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from korus_research.errors import InvalidSpecification
from korus_research.methods.synthetic.estimators import Estimator, Fits, Ridges, Years, fit_rows
from korus_research.methods.synthetic.outcomes import LEFT_OUT, Exactness
from korus_research.methods.synthetic.simplex import Array, Mask

FEWEST = 5  # donors: without a pair of them, three are left to fit on


@dataclass(frozen=True)
class LeaveTwoOut:
    """The result of the test.

    Attributes
    ----------
    losses : int
        Pairs with a donor whose gap is at least as large as the treated unit's.
    pairs : int
        Pairs that are compared.
    units : int
        Units, the treated one included.
    """

    losses: int
    pairs: int
    units: int

    @property
    def p_value(self) -> float:
        """Share of pairs that the treated unit does not win; NaN without a pair."""
        return self.losses / self.pairs if self.pairs else math.nan

    def size(self, level: float) -> float:
        """Return the largest probability of a p-value of at most `level` if units are exchangeable.

        The wins of s units that reach it can't exceed the number of trios with one of them.
        """
        n = self.units
        wins = math.comb(n - 1, 2) - math.floor(level * math.comb(n - 1, 2) + 1e-9)
        possible = [s for s in range(n + 1) if s * wins <= math.comb(n, 3) - math.comb(n - s, 3)]
        return max(possible) / n


def leave_two_out(
    values: Array, pre: Years, post: Years, *, estimator: Estimator, ridges: Ridges, exactness: Exactness = LEFT_OUT
) -> LeaveTwoOut:
    """Compare the first row of `values` with every pair of the others, by effects over the pre-period RMSPE.

    `values` (units, years), `pre` and `post` are as for `estimators.fit`. Trios with a unit that is fitted almost
    exactly are left out as `exactness` says, which changes nobody's donors.

    Raises InvalidSpecification with fewer than `FEWEST` donors; other errors as `estimators.fit`.
    """
    units = len(values)
    if units <= FEWEST:
        raise InvalidSpecification(
            f"{units - 1} donors to leave two of them out",
            expected=f"at least {FEWEST}",
            do="Choose a rule that leaves more donors, or the placebo test",
        )
    rows, allowed = trios(units)
    fits = fit_rows(values, pre, [post], rows, allowed, estimator=estimator, ridges=ridges)[0]
    return counted(*_compared(fits, exactness), units=units)


def trios(units: int) -> tuple[Years, Mask]:
    """Return the fitted unit of each row and its donors: rows of the treated unit, then of both donors of each pair.

    Shapes (3 pairs,) and (3 pairs, units). The units of a trio, and the treated unit, are never donors.
    """
    left, right = (place + 1 for place in np.triu_indices(units - 1, 1))
    pairs = len(left)
    rows = np.concatenate([np.zeros(pairs, dtype=np.intp), left, right])
    allowed = np.ones((3 * pairs, units), dtype=bool)
    allowed[:, 0] = False
    for gone in (left, right):
        allowed[np.arange(3 * pairs), np.tile(gone, 3)] = False
    return rows, allowed


def _compared(fits: Fits, exactness: Exactness) -> tuple[Array, Mask]:
    """Return absolute standardised effects, shape (3: treated, first, second; pairs), and which trios are compared."""
    exact = exactness.exact(fits.rmspe).reshape(3, -1)
    looked_at = exact[:1] if exactness.rule == "ranked" else exact
    compared: Mask = np.logical_not(looked_at.any(axis=0))
    return np.abs(fits.standardised).reshape(3, -1), compared


def counted(gaps: Array, compared: NDArray[np.bool_], *, units: int) -> LeaveTwoOut:
    """Return the test from absolute gaps, shape (3, pairs), of the treated unit and of both donors of each pair.

    `compared` says which pairs count; a tie is a loss. `units` is the number of units, the treated one included.
    """
    lost = gaps[0] <= gaps[1:].max(axis=0)
    return LeaveTwoOut(int((lost & compared).sum()), int(compared.sum()), units)
