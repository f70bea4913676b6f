"""Decompositions of a change into parts that add up exactly; identities, nothing is estimated."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from korus_research.errors import MissingFigures


def contributions(values: pd.DataFrame, groups: pd.Series[str], *, first: int, last: int) -> pd.DataFrame:
    """Split the change of a sum between two years by groups of its parts; `values` are years by code, in any unit.

    Returns a table by group, largest change first: start, end, change (unit of `values`), growth (percent, NaN from
    zero) and points (change in percent of the total in `first`; they add up to its growth). MissingFigures if a year
    is not in the table, or a part has no group, without which the points would not add up.
    """
    _require(values, first, last, "The parts")
    group = groups.reindex(values.columns)
    if len(without := group.index[group.isna()]):
        found = f"No group is given for {', '.join(map(str, without[:5]))}{' and others' * (len(without) > 5)}"
        raise MissingFigures(found, expected="one for each part", do="Add it, or leave the part out of the figures")
    ends = values.loc[[first, last]].T.groupby(group).sum()
    ends.columns = pd.Index(["start", "end"])
    change = ends["end"] - ends["start"]
    made = ends.assign(
        change=change,
        growth=(100 * change / ends["start"]).where(ends["start"] > 0),
        points=100 * change / float(ends["start"].sum()),
    )
    return made.sort_values("change", ascending=False, kind="stable").rename_axis("group")


def shift_share(
    start: pd.Series[float], end: pd.Series[float], elsewhere_start: pd.Series[float], elsewhere_end: pd.Series[float]
) -> pd.DataFrame:
    """Split the change of each sector into common growth, mix and local shift (Dunn 1960, Esteban 1972).

    Common growth is that of all sectors together elsewhere, the mix the sector's growth elsewhere beyond it, and the
    local shift the rest: the change beyond that of the same sector elsewhere. It is an identity, whatever the cause.
    Both series have the same sectors and unit; the total elsewhere is positive.

    Returns common, mix, local and change by sector. A sector without trade elsewhere at the start has no mix: its
    change beyond common growth is local.
    """
    overall = float(elsewhere_end.sum() / elsewhere_start.sum()) - 1
    growth = (elsewhere_end / elsewhere_start.where(elsewhere_start > 0) - 1).fillna(overall)
    change = end - start
    common, mix = start * overall, start * (growth - overall)
    return pd.DataFrame({"common": common, "mix": mix, "local": change - common - mix, "change": change})


def log_mean_split(table: pd.DataFrame, factors: Sequence[str], whole: str, *, first: int, last: int) -> pd.DataFrame:
    """Split the change of a product between two years among its factors (logarithmic mean Divisia index).

    The logarithm of the whole is the sum of the logarithms of its factors, so log changes add up exactly. In the unit
    of the whole, each factor's part is its log change times the logarithmic mean of the two values, which adds up
    exactly too. `table` has positive values by year.

    Returns a row for each factor and one for the whole: log_points (100 times the log change), percent, amount (unit of
    the whole); NaN for a missing factor. MissingFigures if a year is not in the table, or one of its values is not
    positive.
    """
    _require(table, first, last, f"The factors of {whole}")
    if (least := float(table.loc[[first, last], [*factors, whole]].min().min())) <= 0:
        raise MissingFigures(f"A factor of {whole} is {least:g}", expected="positive values", do="Choose another span")
    ratio = (table.loc[last, [*factors, whole]] / table.loc[first, [*factors, whole]]).astype(float)
    logs = np.log(ratio)
    start, end = (float(table[whole].loc[year]) for year in (first, last))
    mean = start if end == start else (end - start) / np.log(end / start)
    return pd.DataFrame({"log_points": 100 * logs, "percent": 100 * (ratio - 1), "amount": mean * logs})


def _require(table: pd.DataFrame, first: int, last: int, what: str) -> None:
    for year in (first, last):
        if year not in table.index:
            held = f"{table.index[0]}-{table.index[-1]}" if len(table) else "none"
            raise MissingFigures(
                f"{what} of {year} are incomplete", expected=f"a year among {held}", do="Choose another span"
            )
