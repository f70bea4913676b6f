"""What each method says the agreement did, side by side: the estimates that the front page draws and speaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from korus_research.methods.series import FLOWS, Flow
from korus_research.show.finding import Finding
from korus_research.show.words.sentence import keys_of
from korus_research.show.words.text import Words

Kind = Literal["test", "spread"]
WORDS = Words("summary")
ESTIMATED = "counterfactual.exports.beyond_chance"  # there where the chapter on the counterfactual is

# In the order of the figure: its key in the words, the finding of each flow, and what its range is: effects that a
# placebo test does not reject, or the spread of specifications, which is no interval.
METHODS: tuple[tuple[str, str, Kind], ...] = (
    ("main", "counterfactual.{}.effect", "test"),
    ("energy_kept", "counterfactual.{}.rule.no-agreement", "test"),
    ("sc_cv", "counterfactual.{}.method.sc-cv", "test"),
    ("sdid", "counterfactual.{}.method.sdid", "test"),
    ("did", "counterfactual.{}.method.did", "test"),
    ("sc_quarterly", "counterfactual.{}.method.sc-quarterly", "test"),
    ("sdid_quarterly", "counterfactual.{}.method.sdid-quarterly", "test"),
    ("curve", "counterfactual.curve.{}.median", "spread"),
    ("gravity", "gravity.{}.effect", "test"),
    ("gravity_adjusted", "gravity.{}.standard.adjusted", "test"),
)


@dataclass(frozen=True)
class MethodEstimate:
    """One method's effect on one flow, percent."""

    flow: Flow
    method: str
    kind: Kind
    finding: Finding


def by_method(findings: Mapping[str, Finding]) -> tuple[MethodEstimate, ...]:
    """Return the estimates that are among `findings` and have a value, by flow and in the order of `METHODS`."""
    names = WORDS.labels("methods")
    return tuple(
        MethodEstimate(flow, named, kind, findings[key.format(flow)])
        for flow in FLOWS
        for method, key, kind in METHODS
        if key.format(flow) in findings and findings[key.format(flow)].value is not None
        if (named := name_with(names[method], findings)) is not None
    )


def name_with(name: str, findings: Mapping[str, Finding]) -> str | None:
    """Return a name with the values of the findings it holds in braces; None where one of them is not there."""
    keys = keys_of(name)
    if any(key not in findings or findings[key].value is None for key in keys):
        return None
    for key in keys:
        name = name.replace(f"{{{key}}}", findings[key].text())
    return name
