"""What the summary speaks with: the findings of all chapters, and those of all methods together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from korus_research.chapters.summary.methods import ESTIMATED, by_method
from korus_research.methods.series import FLOWS
from korus_research.show.declared import Value, made
from korus_research.show.finding import Findings


def with_methods(findings: Findings) -> Findings:
    """Return the findings of the report and, of all methods, `summary.count`, `summary.<flow>.lowest` and `.highest`."""
    return findings | made("summary", _values(findings), {**findings.names, **_names(findings)})


def _values(findings: Findings) -> Iterator[Value]:
    """Yield how many estimates all methods give, and the least and the largest of each flow."""
    estimates = by_method(findings)
    yield Value("count", len(estimates))
    for flow in FLOWS:
        own = [estimate.finding for estimate in estimates if estimate.flow == flow]
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
