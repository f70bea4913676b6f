"""Findings and rows of the second inference: its ranges and p-values beside those of the placebo test."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pandas as pd

from korus_research.chapters.counterfactual.measures import Effects
from korus_research.methods.series import FLOWS, Flow
from korus_research.methods.synthetic.prediction import BOUNDS
from korus_research.show.declared import Value
from korus_research.show.words.text import Words

WORDS = Words("counterfactual")


def second_findings(effects: Effects, flow: Flow) -> Iterator[Value]:
    """Yield the ends of the prediction interval and the p-values of the leave-two-out test of one flow."""
    found, chance = effects.second[flow], effects.choices.chance
    low, high = (None, None) if found.predicted is None else found.predicted[effects.choices.prediction.bound]
    yield Value("predicted.low", low)
    yield Value("predicted.high", high)
    for place, name in (("two_out", next(iter(effects.choices.methods))), ("leading.two_out", effects.leading)):
        test, says = found.two_out[name], {"method": WORDS.label(f"methods.{name}")}
        p_value = None if test is None or test.p_value != test.p_value else test.p_value
        reason = WORDS.label("no_pairs")
        yield Value(f"{place}.p_value", p_value, says=says, reason=reason)
        yield Value(f"{place}.beyond_chance", None if p_value is None else chance - p_value, says=says, reason=reason)


def second_frame(effects: Effects) -> pd.DataFrame:
    """Return both, a row a flow and inference: flow, inference, method, low, high (percent), p_value, pairs, size.

    `size` is how often the leave-two-out test at the level of chance may reject at the most where nothing happened.
    """
    rows: list[dict[str, object]] = []
    for flow in FLOWS:
        main, found = effects.main[flow], effects.second[flow]
        declared, *leading = found.two_out
        low, high = main.interval_percent or (math.nan, math.nan)
        rows.append({"inference": "placebos", "method": declared, "low": low, "high": high} | {"flow": flow})
        for bound, ends in (found.predicted or dict.fromkeys((None, *BOUNDS), (math.nan, math.nan))).items():
            rows.append(
                {"inference": bound or "weights", "method": declared, "low": ends[0], "high": ends[1], "flow": flow}
            )
        for name in (declared, *leading):
            p_value = effects.methods[flow, name].p_value
            rows.append({"inference": "rank", "method": name, "p_value": p_value, "flow": flow})
            test = found.two_out[name]
            told = {} if test is None else {"p_value": test.p_value, "pairs": test.pairs}
            told |= {} if test is None else {"size": test.size(effects.choices.chance)}
            rows.append({"inference": "two-out", "method": name, **told, "flow": flow})
    columns = ["flow", "inference", "method", "low", "high", "p_value", "pairs", "size"]
    return pd.DataFrame(rows, columns=columns)
