"""Names of methods that hold values of findings."""

from __future__ import annotations

from collections.abc import Mapping

from korus_research.show.finding import Finding
from korus_research.show.words.sentence import keys_of


def name_with(name: str, findings: Mapping[str, Finding]) -> str | None:
    """Return a name with the values of the findings it holds in braces; None where one of them is not there."""
    keys = keys_of(name)
    if any(key not in findings or findings[key].value is None for key in keys):
        return None
    for key in keys:
        name = name.replace(f"{{{key}}}", findings[key].text())
    return name
