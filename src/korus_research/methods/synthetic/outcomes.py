"""Outcomes, logarithms or shares, and effects on them in log points with a p-value by rank.

One rule covers exact fits (decision 64): with more donors than years to fit, a unit may be fitted almost exactly by
chance, and any later gap is then many times its gap before. The treated unit has no p-value in that case, and such a
placebo is left out. Exactness is determined before treatment, so the ranks of the others stay valid.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from korus_research.errors import IncompletePanel, NoDonors
from korus_research.methods.synthetic.donors import FEWEST, DonorPool
from korus_research.methods.synthetic.panel import TradePanel
from korus_research.methods.synthetic.simplex import Array
from korus_research.methods.synthetic.specification import Specification

EXACT = 1e-3  # log points; a unit fitted more closely has no gap of its own to measure an effect against
SMALLEST_PATH = 0.05  # of the actual share; a smaller synthetic share is no basis for comparison


def outcomes(pool: DonorPool, totals: pd.Series, spec: Specification) -> tuple[Array, Array]:
    """Return the outcome by unit and year, and the value of one unit of it in USD million.

    Raises IncompletePanel for shares if trade with the world lacks a year.
    """
    values = pool.values.to_numpy().T
    if spec.outcome == "log":
        return np.log(values), np.ones_like(values)
    total = totals.reindex(pool.values.index).to_numpy(dtype=float)
    share = values / total
    if (bad := pool.values.index[~(total > 0)]).size:
        raise IncompletePanel(
            f"Trade with the world is missing in {', '.join(map(str, bad[:5]))}",
            expected=f"every month from {spec.pre[0]} to {spec.post[1]}, for an outcome in shares",
            do="Choose windows inside the data, or the outcome 'log'",
        )
    pre = spec.places(int(pool.values.index[0]))[0]
    mean = share[:, pre].mean(axis=1, keepdims=True)
    return share / mean, mean * total


def quarterly(panel: TradePanel, pool: DonorPool, spec: Specification) -> tuple[DonorPool, Array]:
    """Return the donors with trade in every quarter, and seasonally adjusted logarithms of flows by unit and quarter.

    Each quarter is measured from the unit's pre-treatment mean for that quarter of the year, so that seasonality is not
    fitted; means over whole years are unchanged.

    Raises IncompletePanel if the treated unit has a quarter without trade, NoDonors if fewer than `FEWEST` remain.
    """
    first, last = int(pool.values.index[0]), int(pool.values.index[-1])
    table = panel.quarters[spec.flow].reindex(range(4 * first, 4 * last + 4))[list(pool.values.columns)]
    whole = (table > 0).all()
    if not whole.iloc[0]:
        partner = panel.name(pool.treated)
        raise IncompletePanel(
            f"{spec.flow.capitalize()} with {partner} have a quarter without trade from {first} to {last}",
            expected="trade in every quarter",
            do="Choose years in place of quarters",
        )
    units = [str(code) for code in table.columns[whole]]
    if len(units) <= FEWEST:
        raise NoDonors(
            f"{len(units) - 1} donors have trade in every quarter from {first} to {last}",
            expected=f"at least {FEWEST}",
            do="Choose years in place of quarters",
        )
    dropped = {**pool.dropped, **{str(code): "incomplete" for code in table.columns[~whole]}}
    logs = np.log(table[units].to_numpy(dtype=float).T).reshape(len(units), -1, 4)
    pre = spec.places(first)[0]
    seasons = logs - logs[:, pre].mean(axis=1, keepdims=True)
    return DonorPool(pool.values[units], dropped), seasons.reshape(len(units), -1)


def effects_log(spec: Specification, effects: Array, outcome: Array, post: slice) -> Array:
    """Return effects, one per row of `outcome`, in log points: for shares the log of actual over synthetic share.

    The synthetic share is at least `SMALLEST_PATH` of the actual one.
    """
    if spec.outcome == "log":
        return effects
    actual = outcome[:, post].mean(axis=1)
    path = np.where(keeps_a_path(effects, actual), actual - effects, SMALLEST_PATH * actual)
    result: Array = np.log(actual) - np.log(path)
    return result


def keeps_a_path(effects: Array, actual: Array) -> NDArray[np.bool_]:
    """Return where the share without the effect is large enough to compare with."""
    return actual - effects >= SMALLEST_PATH * actual


@dataclass(frozen=True, slots=True)
class Exactness:
    """The rule for units fitted more closely than `below` (log points, or index points of a share).

    `left-out`: neither the treated unit nor a placebo is ranked. `ranked`: the rule of the first edition, by which such
    placebos count but such a treated unit does not.
    """

    rule: Literal["left-out", "ranked"] = "left-out"
    below: float = EXACT

    def exact(self, rmspe: Array) -> NDArray[np.bool_]:
        """Return which units are fitted that closely."""
        return rmspe < self.below

    def kept(self, rmspe: Array) -> NDArray[np.bool_]:
        """Return which units are ranked; the treated unit, the first, always is."""
        kept = np.ones(len(rmspe), dtype=bool) if self.rule == "ranked" else ~self.exact(rmspe)
        kept[0] = True
        return kept

    def p_value(self, standardised: Array, rmspe: Array) -> float:
        """Return the share of ranked units with an effect at least as large as the first; NaN if that is exact."""
        if self.exact(rmspe[:1])[0]:
            return math.nan
        size = np.abs(standardised[self.kept(rmspe)])
        return float((size >= size[0]).mean())

    def p_floor(self, rmspe: Array) -> float:
        """Return the smallest attainable p-value; NaN if the treated unit is exact.

        Ranked exact placebos exceed any effect of the treated unit, and so raise it.
        """
        if self.exact(rmspe[:1])[0]:
            return math.nan
        kept = self.kept(rmspe)
        return float((1 + (self.exact(rmspe) & kept).sum()) / kept.sum())


LEFT_OUT = Exactness()
