"""Concentration: how far a flow rests on few sectors."""

from __future__ import annotations

import pandas as pd

TOP = 5
WHOLE = 100.0


def herfindahl(values: pd.Series[float]) -> float:
    """Return the Herfindahl index of non-negative values: the sum of squared shares in percent, at most 10,000."""
    shares = WHOLE * values / float(values.sum())
    return float((shares**2).sum())


def top_share(values: pd.Series[float], count: int = TOP) -> float:
    """Return the share of the `count` largest values in their sum, percent."""
    return float(WHOLE * values.nlargest(count).sum() / values.sum())
