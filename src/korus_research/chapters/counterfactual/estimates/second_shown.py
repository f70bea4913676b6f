"""Findings and rows of the second inference: its ranges and p-values beside those of the placebo test."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pandas as pd

from korus_research.chapters.counterfactual.estimates.variants import span
from korus_research.chapters.counterfactual.measures import Effects
from korus_research.methods.series import FLOWS, Flow
from korus_research.methods.synthetic.leave_two_out import LeaveTwoOut
from korus_research.methods.synthetic.prediction import BOUNDS
from korus_research.show.declared import Value
from korus_research.show.words.text import Words

WORDS = Words("counterfactual")


def second_findings(effects: Effects, flow: Flow) -> Iterator[Value]:
    """Yield the ends of the prediction interval and the p-values of the leave-two-out test of one flow."""
    found = effects.second[flow]
    low, high = (None, None) if found.predicted is None else found.predicted[effects.choices.prediction.bound]
    yield Value("predicted.low", low)
    yield Value("predicted.high", high)
    for place, name in _tested(effects).items():
        says = {"method": WORDS.label(f"methods.{name}")}
        yield Value(f"{place}.p_value", _p_value(found.two_out[name]), says=says, reason=WORDS.label("no_pairs"))


def both_findings(effects: Effects) -> Iterator[Value]:
    """Yield for which flows the leave-two-out test rejects chance, by the method declared first and the leading one."""
    years = span(*effects.window.post)
    for place, name in _tested(effects).items():
        found = {flow: _p_value(effects.second[flow].two_out[name]) for flow in FLOWS}
        beyond = [flow for flow, p in found.items() if p is not None and round(p, 2) < effects.choices.chance]
        known = None not in found.values()
        state = "neither" if not beyond else beyond[0] if len(beyond) == 1 else "both"
        says, reason = {"method": WORDS.label(f"methods.{name}")}, WORDS.label("no_pairs")
        yield Value(f"both.{place}", state if known else None, years, says=says, reason=reason)


def _tested(effects: Effects) -> dict[str, str]:
    """Return the methods of the leave-two-out test by the ids of their findings: declared first, and leading."""
    return {"two_out": effects.choices.first_method, "leading.two_out": effects.leading}


def _p_value(test: LeaveTwoOut | None) -> float | None:
    return None if test is None or math.isnan(test.p_value) else test.p_value


def second_frame(effects: Effects) -> pd.DataFrame:
    """Return both, a row a flow and inference: flow, inference, method, low, high (percent), p_value, pairs, size.

    `size` is how often the leave-two-out test at the level of chance may reject at the most where nothing happened.
    """
    rows: list[dict[str, object]] = []
    for flow in FLOWS:
        main, found = effects.main[flow], effects.second[flow]
        declared, *leading = found.two_out
        unknown = (math.nan, math.nan)
        ends = {"placebos": main.interval_percent or unknown}
        for bound, both in (found.predicted or dict.fromkeys((None, *BOUNDS), unknown)).items():
            ends[bound or "weights"] = both
        for inference, (low, high) in ends.items():
            rows.append({"flow": flow, "inference": inference, "method": declared, "low": low, "high": high})
        for name in (declared, *leading):
            about: dict[str, object] = {"flow": flow, "method": name}
            rows.append({**about, "inference": "rank", "p_value": effects.methods[flow, name].p_value})
            if (test := found.two_out[name]) is not None:
                about |= {"p_value": test.p_value, "pairs": test.pairs, "size": test.size(effects.choices.chance)}
            rows.append({**about, "inference": "two-out"})
    columns = ["flow", "inference", "method", "low", "high", "p_value", "pairs", "size"]
    return pd.DataFrame(rows, columns=columns)
