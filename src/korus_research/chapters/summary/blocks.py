"""What the summary speaks with: the findings of all chapters, and those of all methods together."""

from __future__ import annotations

from korus_research.chapters.summary.findings import names, values
from korus_research.show.declared import made
from korus_research.show.finding import Findings


def with_methods(findings: Findings) -> Findings:
    """Return the findings of the report and, of all methods, `summary.count`, `summary.<flow>.lowest` and `.highest`."""
    return findings | made("summary", values(findings), {**findings.names, **names(findings)})
