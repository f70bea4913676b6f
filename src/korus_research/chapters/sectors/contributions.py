"""Contributions: how much of the change of a flow comes from each group of sectors; the parts add up to the whole."""

from __future__ import annotations

import pandas as pd


def contributions(values: pd.DataFrame, groups: pd.Series[str], *, first: int, last: int) -> pd.DataFrame:
    """Split the change of a sum between two years by groups of its parts.

    Parameters
    ----------
    values : DataFrame
        Years by code, any unit.
    groups : Series
        Group of each code.
    first, last : int
        Years of `values`.

    Returns
    -------
    DataFrame by group, sorted by change from the largest down: start, end, change (unit of `values`), growth (percent,
    NaN from zero) and points (change in percent of the whole in `first`: these add up to the growth of the whole).
    """
    ends = values.loc[[first, last]].T.groupby(groups.reindex(values.columns)).sum()
    ends.columns = pd.Index(["start", "end"])
    change = ends["end"] - ends["start"]
    made = ends.assign(
        change=change,
        growth=(100 * change / ends["start"]).where(ends["start"] > 0),
        points=100 * change / float(ends["start"].sum()),
    )
    return made.sort_values("change", ascending=False, kind="stable").rename_axis("group")
