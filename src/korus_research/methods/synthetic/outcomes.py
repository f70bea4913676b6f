"""What is explained, logarithms or shares, and how effects on it are told: in log points, with a p-value by rank."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from korus_research.errors import IncompletePanel
from korus_research.methods.synthetic.donors import DonorPool
from korus_research.methods.synthetic.simplex import Array
from korus_research.methods.synthetic.specification import Specification

EXACT = 1e-3  # log points: a unit copied more closely than that has no gap of its own to measure an effect by
SMALLEST_PATH = 0.05  # a synthetic share below a twentieth of the actual one is no path to compare with


def outcomes(pool: DonorPool, totals: pd.Series, spec: Specification) -> tuple[Array, Array]:
    """Return the outcome by unit and year and what one unit of it is in USD million.

    Raises IncompletePanel: shares are asked for and trade with the world lacks a year.
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


def effects_log(spec: Specification, effects: Array, outcome: Array, post: slice) -> Array:
    """Return effects, one a row of `outcome`, in log points: for shares, log of the actual over the synthetic one.

    A synthetic share below `SMALLEST_PATH` of the actual one is taken as that.
    """
    if spec.outcome == "log":
        return effects
    actual = outcome[:, post].mean(axis=1)
    path = np.where(keeps_a_path(effects, actual), actual - effects, SMALLEST_PATH * actual)
    result: Array = np.log(actual) - np.log(path)
    return result


def keeps_a_path(effects: Array, actual: Array) -> NDArray[np.bool_]:
    """Return where an effect leaves a share without it that is a path to compare with."""
    kept: NDArray[np.bool_] = actual - effects >= SMALLEST_PATH * actual
    return kept


def rank_p_value(standardised: Array, rmspe: Array) -> float:
    """Return the share of units with a standardised effect as large as the first; NaN where its own fit is `EXACT`."""
    if rmspe[0] < EXACT:
        return math.nan
    size = np.abs(standardised)
    return float((size >= size[0]).mean())
