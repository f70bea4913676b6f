"""A finding with its sign turned: a sentence about it must turn too."""

from __future__ import annotations

from dataclasses import replace

from korus_research.show.finding import Finding


def sign_turned(finding: Finding) -> Finding:
    """Return the finding with its sign turned; a ratio as its reciprocal, a choice in its next state."""
    if finding.state is not None:
        states = finding.states
        return replace(finding, state=states[(states.index(finding.state) + 1) % len(states)])
    if finding.value is None:
        return finding
    if finding.unit == "times" and finding.value:
        return replace(finding, value=1 / finding.value)
    low, high = (None if end is None else -end for end in (finding.high, finding.low))
    return replace(finding, value=-finding.value, low=low, high=high)
