"""The two flows: what studies expected and what evaluations found as percentages, and our estimates beside them.

Which published rows stand beside ours, and why the others do not, is said by the declared rules (decision 31). Every
interval of ours is compared with both ends of every forecast (decision 32).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any

import pandas as pd

from korus_research.chapters.forecasts.rules import AgreementRules, LeaveOut, Rules, Unfit
from korus_research.methods.series import FLOWS, MN_PER_BN
from korus_research.show.finding import Finding
from korus_research.show.words.text import Words

WORDS = Words("forecasts")
EXPECTED = ["study", "year", "flow", "low", "high", "usd_low", "usd_high", "base_year", "source"]
ESTIMATES = ["flow", "id", "label", "effect", "low", "high", "range", "kind", "period", "finding"]
SIDES = ("below", "includes", "above")
ALL_GOODS = "all"
EX_ANTE = "ex_ante"
_BN = {"USD bn": 1.0, "USD mn": 1 / MN_PER_BN}


def expected_flows(
    forecasts: pd.DataFrame, published: pd.DataFrame, annual: pd.DataFrame, *, rules: Rules, own: AgreementRules
) -> pd.DataFrame:
    """Return what studies expected of the two flows, the reference study first, then by year, newest first.

    A figure that stands in `forecasts` and in `published_estimates` is taken from the second, which names its table.
    `annual` is goods trade with the partner by complete year, columns exports and imports, USD million (Census basis).

    Returns
    -------
    DataFrame with study, year (of publication), flow, low, high (percent), usd_low, usd_high (USD billion, NaN where
    the study gives none), base_year (of dollars turned into percent, 0 for percentages as printed), source. Dollars
    without a declared base, or whose base year is not in `annual`, give no row.
    """
    repeats = tuple(word for rule in rules.rule if rule.marked for word in rule.methods)
    again = published["method"].map(lambda method: any(word in method for word in repeats)).astype(bool)
    ante = published[(published["kind"] == EX_ANTE) & ~again]
    ante = ante.rename(columns={"outcome": "metric", "source_address": "where"})
    ends = ante.groupby(["study", "year", "metric", "unit", "where"], sort=False)["estimate"]
    listed = ends.agg(low="min", high="max").reset_index()
    totals = forecasts[(forecasts["kind"] == EX_ANTE) & (forecasts["sector"] == ALL_GOODS)]
    years = {study: base.year for study, base in own.base.items()}
    rows = []
    for row in pd.concat([totals[list(listed.columns)], listed], ignore_index=True).to_dict("records"):
        flow, study = own.flow(row["metric"]), str(row["study"])
        if flow is None:
            continue
        about = {"study": study, "year": int(row["year"]), "flow": flow, "source": row["where"]}
        if row["unit"] == "percent":
            rows.append({**about, "low": row["low"], "high": row["high"], "base_year": 0})
        elif row["unit"] in _BN and years.get(study) in annual.index:
            low, high = (row[end] * _BN[row["unit"]] for end in ("low", "high"))
            level = float(annual[flow].loc[years[study]]) / MN_PER_BN
            percent = {"low": 100 * low / level, "high": 100 * high / level}
            rows.append({**about, **percent, "usd_low": low, "usd_high": high, "base_year": years[study]})
    table = pd.DataFrame(rows, columns=EXPECTED)
    table = table.loc[~_again(table)]
    order = table.assign(at=table["flow"].map(list(FLOWS).index), first=table["study"] == own.reference)
    order = order.sort_values(["at", "first", "year", "study"], ascending=[True, False, False, True])
    return order[EXPECTED].reset_index(drop=True)


def _again(table: pd.DataFrame) -> pd.Series[bool]:
    """Mark rows of a study that stands further down under another name: same publication number and flow."""
    number = table["study"].str.extract(r"Pub\.? (\d+)")[0].fillna(table["study"])
    return pd.Series(pd.DataFrame({"study": number, "flow": table["flow"]}).duplicated(keep="last"), index=table.index)


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
    """Return how many rows are left out for each reason: why, rows; the most frequent first."""
    counted = judged.loc[~judged["comparable"], "why"].value_counts().reset_index(name="rows")
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
    """Return a figure as a percentage of the flow without it, or NaN and the reason why there is none."""
    if row["unit"] == "percent":
        return float(row["estimate"]), ""
    window = own.window.get(row["window"])
    if window is None or not str(row["unit"]).startswith("USD bn"):
        return math.nan, unfit.unit
    years = list(range(window.after[0], window.after[1] + 1))
    if not set(years) <= set(annual.index):
        return math.nan, unfit.years
    level, amount = float(annual.loc[years].mean()) / MN_PER_BN, float(row["estimate"])
    return 100 * amount / (level - amount), ""


def our_estimates(findings: Mapping[str, Finding], *, rules: Rules, leading: str) -> pd.DataFrame:
    """Return our effects in percent with their ranges, in the declared order, by the method that leads first.

    From the findings of the counterfactual, and of gravity and the specification curve where the report has them.

    Returns
    -------
    DataFrame: flow, id, label, effect, low, high (percent; NaN without an interval), range ("interval" or "spread"),
    kind (what the range is), period, finding (its id). Estimates without a value are left out. "shown" is an interval
    that is held against no forecast.
    """
    rows = []
    order = sorted(rules.estimate, key=lambda rule: rule.method != leading)
    for flow, rule in product(FLOWS, order):
        key = rule.finding.format(flow=flow)
        label = WORDS.label("leads", method=rule.label) if rule.method == leading else rule.label
        if (f := findings.get(key)) is not None and f.value is not None:
            rows.append((flow, rule.id, label, f.value, f.low, f.high, rule.range, f.interval, f.period, key))
    return pd.DataFrame(rows, columns=ESTIMATES).astype({"effect": float, "low": float, "high": float})


def held_against(estimates: pd.DataFrame, expected: pd.DataFrame) -> pd.DataFrame:
    """Return every interval of ours held against both ends of every forecast of the same flow.

    Returns
    -------
    DataFrame: flow, estimate, label, study, end ("low" or "high"; one row where both are equal), forecast (percent),
    effect, low, high, side ("below" where the whole interval lies below the forecast, "above", or "includes").
    """
    rows = []
    for ours in estimates[(estimates["range"] == "interval") & estimates["low"].notna()].to_dict("records"):
        for theirs in expected[expected["flow"] == ours["flow"]].to_dict("records"):
            for end in ("low",) if theirs["low"] == theirs["high"] else ("low", "high"):
                forecast = float(theirs[end])
                about: dict[Any, Any] = {"estimate": ours["id"], "study": theirs["study"], "end": end}
                about |= {"forecast": forecast, "side": side(ours["low"], ours["high"], forecast)}
                rows.append({**ours, **about})
    columns = ["flow", "estimate", "label", "study", "end", "forecast", "effect", "low", "high", "side"]
    return pd.DataFrame(rows, columns=columns)


def side(low: float, high: float, forecast: float) -> str:
    """Return where an interval lies: "below" the forecast, "above" it, or "includes"."""
    return "below" if high < forecast else "above" if low > forecast else "includes"
