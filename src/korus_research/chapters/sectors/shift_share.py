"""Shift-share: a change in trade by sector, against what trade in the same sectors did elsewhere.

An identity and not a model: it adds up whatever caused the change. Common growth is what all sectors together did
elsewhere; the mix is what the partner's sectors did elsewhere beyond that; the local shift is what is left, the change
with this partner beyond that of the same sectors elsewhere (Dunn 1960, Esteban 1972).
"""

from __future__ import annotations

import pandas as pd

PARTS = ("common", "mix", "local")


def shift_share(
    start: pd.Series[float], end: pd.Series[float], elsewhere_start: pd.Series[float], elsewhere_end: pd.Series[float]
) -> pd.DataFrame:
    """Split the change of each sector into common growth, mix and local shift.

    Parameters
    ----------
    start, end : Series
        Trade with the partner by sector at both ends, any unit.
    elsewhere_start, elsewhere_end : Series
        Trade with all others in the same sectors, same unit and index; its sum at the start is positive.

    Returns
    -------
    DataFrame by sector: common, mix, local, change; the parts add up to the change exactly. A sector that nobody else
    had at the start has no growth elsewhere: its mix is zero and its change beyond common growth is local.
    """
    overall = float(elsewhere_end.sum() / elsewhere_start.sum()) - 1
    growth = (elsewhere_end / elsewhere_start.where(elsewhere_start > 0) - 1).fillna(overall)
    change = end - start
    common, mix = start * overall, start * (growth - overall)
    return pd.DataFrame({"common": common, "mix": mix, "local": change - common - mix, "change": change})
