"""What the summary speaks with, the findings of all chapters and of all methods together, and the effects by method."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from korus_research.chapters.summary.figures import ranges, rested_on
from korus_research.chapters.summary.methods import ESTIMATED, by_method
from korus_research.data.study import Study
from korus_research.methods.series import FLOWS
from korus_research.show.declared import Value, made
from korus_research.show.finding import Findings
from korus_research.show.shown import Rows, table
from korus_research.show.words.text import Words

WORDS = Words("summary")


def with_methods(findings: Findings) -> Findings:
    """Return the findings of the report and of all methods: `summary.count`, `summary.<flow>.lowest` and so on."""
    return findings | made("summary", _values(findings), {**findings.names, **_names(findings)})


def _values(findings: Findings) -> Iterator[Value]:
    """Yield how many estimates all methods give, and the least and the largest of each flow."""
    estimates = by_method(findings)
    yield Value("count", len(estimates))
    for flow in FLOWS:
        own = [estimate.finding for estimate in estimates if estimate.flow == flow]
        if flow == "exports":  # of which the figure's title speaks
            yield Value(f"{flow}.count", len(own))
            yield Value(f"{flow}.above", sum(finding.direction > 0 for finding in own))
        for name, choose in (("lowest", min), ("highest", max)):
            if own:
                e = choose(own, key=lambda finding: finding.value or 0.0)
                yield Value(f"{flow}.{name}", e.value, e.period, basis=e.basis, tables=e.datasets)
            else:
                yield Value(f"{flow}.{name}", None)


def _names(findings: Findings) -> Mapping[str, str | Sequence[str]]:
    """Return the names that sentences of the summary use, those of the study apart."""
    key = "flows.exports.latest.change"
    again = findings[key].period if key in findings and findings[key].repeats else ""
    return {"estimated": "effects" if ESTIMATED in findings else "", "again": again}


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
