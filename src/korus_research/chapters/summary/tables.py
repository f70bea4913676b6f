"""The effects by method, as numbers."""

from __future__ import annotations

import pandas as pd

from korus_research.chapters.summary.figures import ranges, rested_on
from korus_research.chapters.summary.methods import ESTIMATED, by_method
from korus_research.data.study import Study
from korus_research.show.finding import Findings
from korus_research.show.shown import Rows, table
from korus_research.show.words.text import Words

WORDS = Words("summary")


@table("methods")
def effects_table(study: Study, findings: Findings) -> Rows | None:
    """Return the effects by method with their ranges; None where this edition estimates none."""
    if ESTIMATED not in findings:
        return None
    shown, kinds = by_method(findings), WORDS.labels("kinds")
    rows, data = [], []
    for e in shown:
        found, about = e.finding, {"method": e.method, "flow": e.flow}
        estimate, interval = (found.text(style).removesuffix(" percent") for style in ("signed", "range"))
        known = interval if found.low is not None else WORDS.label("no_interval")
        rows.append({**about, "estimate": estimate, "range": known, "kind": kinds[e.kind], "years": found.period})
        numbers = {"estimate": found.value, "low": found.low, "high": found.high}
        data.append({**about, **numbers, "range_is": found.interval, "years": found.period, "finding": found.id})
    tables, last = rested_on(shown)
    return Rows(
        of=findings,
        rows=rows,
        data=pd.DataFrame(data),
        last=last,
        tables=tables,
        given=ranges(shown),
        findings=tuple(e.finding for e in shown),
    )
