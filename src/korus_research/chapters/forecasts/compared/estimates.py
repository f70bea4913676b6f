"""Our estimates beside the forecasts: which lie wholly below or above, and which include them.

Every interval is compared with both ends of every forecast (decision 32).
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import pandas as pd

from korus_research.chapters.forecasts.rules import Rules
from korus_research.methods.series import FLOWS
from korus_research.show.finding import Finding
from korus_research.show.words.text import Words

WORDS = Words("forecasts")
COLUMNS = ["flow", "id", "label", "effect", "low", "high", "range", "kind", "period", "finding"]
SIDES = ("below", "includes", "above")


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
    return pd.DataFrame(rows, columns=COLUMNS).astype({"effect": float, "low": float, "high": float})


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
                about: dict[Any, Any] = {
                    "estimate": ours["id"],
                    "study": theirs["study"],
                    "end": end,
                    "forecast": forecast,
                }
                rows.append({**ours, **about, "side": side(ours["low"], ours["high"], forecast)})
    columns = ["flow", "estimate", "label", "study", "end", "forecast", "effect", "low", "high", "side"]
    return pd.DataFrame(rows, columns=columns)


def side(low: float, high: float, forecast: float) -> str:
    """Return where an interval lies: "below" the forecast, "above" it, or "includes"."""
    return "below" if high < forecast else "above" if low > forecast else "includes"
