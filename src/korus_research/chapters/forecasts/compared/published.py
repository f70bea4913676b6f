"""Published evaluations: which rows stand beside our estimates by the declared rules, and why the others do not."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import pandas as pd

from korus_research.chapters.forecasts.rules import AgreementRules, LeaveOut, Rules, Unfit
from korus_research.methods.series import MN_PER_BN


def judged_rows(published: pd.DataFrame, annual: pd.DataFrame, *, rules: Rules, own: AgreementRules) -> pd.DataFrame:
    """Return every row of `published_estimates` with whether it is comparable, and why not.

    `annual` is goods trade with the partner by complete year, columns exports and imports, USD million.

    Returns
    -------
    DataFrame: the columns of `published` and flow ("" where it is none), comparable, marked (repeats a forecast as a
    finding), percent (NaN where not comparable), why ("" where comparable).
    """
    if published.empty:
        return published.assign(flow="", comparable=False, marked=False, percent=math.nan, why="")
    return pd.DataFrame([_judged(row, annual, rules, own) for row in published.to_dict("records")])


def comparable_ranges(judged: pd.DataFrame) -> pd.DataFrame:
    """Return the comparable figures, one row a study and flow: study, year, flow, low, high, window, method."""
    chosen = judged[judged["comparable"]]
    keys = ["study", "year", "flow", "window", "method"]
    ranges = chosen.groupby(keys, sort=False)["percent"].agg(low="min", high="max").reset_index()
    return ranges.sort_values(["flow", "year", "study"], ignore_index=True)


def left_out(judged: pd.DataFrame) -> pd.DataFrame:
    """Return how many rows are left out for each reason: why, rows, studies; the most frequent first."""
    rows = judged[~judged["comparable"]]
    counted = rows.groupby("why", sort=False)["study"].agg(rows="size", studies="nunique").reset_index()
    return counted.sort_values(["rows", "why"], ascending=[False, True], ignore_index=True)


def _judged(row: dict[Any, Any], annual: pd.DataFrame, rules: Rules, own: AgreementRules) -> dict[Any, Any]:
    flow = own.flow(row["outcome"])
    rule = _first(rules.rule, row)
    percent, why = math.nan, rule.why if rule else rules.unfit.flow if flow is None else ""
    if flow is not None and not why:
        percent, why = _percent(row, annual[flow], rules.unfit, own)
    found = {"flow": flow or "", "comparable": not why, "marked": bool(rule and rule.marked)}
    return {**row, **found, "percent": percent, "why": why}


def _first(rules: Iterable[LeaveOut], row: dict[Any, Any]) -> LeaveOut | None:
    for rule in rules:
        kind = not rule.kinds or row["kind"] in rule.kinds
        method = not rule.methods or any(word in row["method"] for word in rule.methods)
        figure = rule.figure is None or rule.figure != math.isnan(row["estimate"])
        if kind and method and figure:
            return rule
    return None


def _percent(row: dict[Any, Any], annual: pd.Series[float], unfit: Unfit, own: AgreementRules) -> tuple[float, str]:
    """Return the figure as a percentage of what the flow would have been without it, and why not where it can't be."""
    if row["unit"] == "percent":
        return float(row["estimate"]), ""
    window = next((w for w in own.window if w.window == row["window"]), None)
    if window is None or not str(row["unit"]).startswith("USD bn"):
        return math.nan, unfit.unit
    years = list(range(window.after[0], window.after[1] + 1))
    if not set(years) <= set(annual.index):
        return math.nan, unfit.years
    level, amount = float(annual.loc[years].mean()) / MN_PER_BN, float(row["estimate"])
    return 100 * amount / (level - amount), ""
