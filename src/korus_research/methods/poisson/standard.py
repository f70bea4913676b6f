"""The benchmark for a pair's flows under an agreement: the last year before it, or that year adjusted for the past.

Placebo pairs, to which nothing happened, show how far flows move from a level, and whether earlier movements are
reversed (a slope of one: entirely, zero: not at all).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np
import pandas as pd

from korus_research.errors import NotIdentified
from korus_research.methods.poisson.cube import Floats
from korus_research.methods.poisson.placebo import RandomisationTest
from korus_research.methods.series import FLOWS, Flow

Standard = Literal["last", "adjusted", "mean"]
STANDARDS: tuple[Standard, ...] = get_args(Standard)
PAIR_FLOWS = 2  # placebo flows per pair, one in each direction, which are not independent


@dataclass(frozen=True)
class Standing:
    """Both flows by one benchmark: effects in logs, and the same for each placebo flow."""

    effects: Mapping[Flow, float]
    placebos: pd.Series

    @property
    def error(self) -> float:
        """Root mean square of the placebo effects, in logs: the error of the benchmark when nothing happened."""
        return float(np.sqrt((self.placebos**2).mean()))

    @cached_property
    def test(self) -> RandomisationTest:
        """The randomization test with these placebos, each pair counted once."""
        return RandomisationTest(self.placebos.to_numpy(), PAIR_FLOWS)


@dataclass(frozen=True)
class Past:
    """The persistence of placebo flows: later level = intercept + slope x earlier level, relative to the last year.

    `error` is the slope's standard error, clustered by pair.
    """

    intercept: float
    slope: float
    error: float


def past_of(later: Floats, earlier: Floats) -> Past:
    """Regress later on earlier levels; the two flows of a pair are adjacent.

    NotIdentified with fewer than two pairs, or if their earlier levels are all equal.
    """
    if later.shape != earlier.shape or len(later) < 2 * PAIR_FLOWS or not np.ptp(earlier) > 0:
        raise NotIdentified(
            f"{len(later)} later and {len(earlier)} earlier levels say nothing of how flows go on",
            expected="those of two pairs or more, whose past differs",
            do="Choose the last year before as the standard",
        )
    x = np.column_stack([np.ones(len(earlier)), earlier])
    bread = np.linalg.inv(x.T @ x)
    b = bread @ x.T @ later
    scores = (x * (later - x @ b)[:, None]).reshape(-1, PAIR_FLOWS, 2).sum(axis=1)
    pairs = len(scores)
    covariance = bread @ scores.T @ scores @ bread * pairs / (pairs - 1)
    return Past(float(b[0]), float(b[1]), float(np.sqrt(covariance[1, 1])))


def left_out(later: Floats, earlier: Floats) -> Floats:
    """Return each flow's later level minus its prediction from the other pairs."""
    x = np.column_stack([np.ones(len(earlier)), earlier])
    out = np.empty_like(later)
    for first in range(0, len(later), PAIR_FLOWS):
        own = np.zeros(len(later), dtype=bool)
        own[first : first + PAIR_FLOWS] = True
        b = np.linalg.lstsq(x[~own], later[~own], rcond=None)[0]
        out[own] = later[own] - x[own] @ b
    return out


def standings(
    later: Mapping[Flow, float], earlier: Mapping[Flow, float] | None, placebos: pd.DataFrame
) -> tuple[dict[Standard, Standing], Past | None]:
    """Return the studied flows relative to the last year before, and adjusted for their past if `earlier` is given.

    Parameters
    ----------
    later, earlier : mapping of flow to float
        Level under the agreement, and mean level of the years before the last one, relative to that year, in logs.
    placebos : DataFrame
        The same for each placebo flow, columns `later` and `earlier`; the flows of a pair in adjacent rows.
    """
    found: dict[Standard, Standing] = {"last": Standing(later, placebos["later"])}
    if earlier is None:
        return found, None
    after, before = placebos["later"].to_numpy(), placebos["earlier"].to_numpy()
    past = past_of(after, before)
    effects = {flow: later[flow] - past.intercept - past.slope * earlier[flow] for flow in FLOWS}
    found["adjusted"] = Standing(effects, pd.Series(left_out(after, before), placebos.index))
    return found, past


def least_error(found: Mapping[Standard, Standing], allowed: Sequence[Standard]) -> Standard:
    """Return the allowed benchmark with the smallest error on placebo flows; the first of equal ones."""
    return min((standard for standard in allowed if standard in found), key=lambda standard: found[standard].error)
