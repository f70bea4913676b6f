"""What the chapter's findings amount to; what each is stands in `findings.toml`."""

from __future__ import annotations

from korus_research.data.study import Study
from korus_research.show.declared import Value, made
from korus_research.show.finding import Findings


def package_findings(study: Study) -> Findings:
    """Return how many tables the report rests on, and how many of them were read from copies."""
    tables = [study.catalog.describe(name) for name in study.catalog.names]
    copied = [t for t in tables if any(source.title.startswith("read from") for source in t.sources)]
    return made("appendix", [Value("datasets", len(tables)), Value("copied", len(copied))], study.names)
