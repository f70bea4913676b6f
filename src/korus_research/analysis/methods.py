"""What each method says the agreement did, side by side: the estimates that the front page draws and speaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from korus_research.analysis.finding import Finding, Findings
from korus_research.analysis.series import FLOWS, Flow

Kind = Literal["test", "spread"]

# In the order of the figure: the finding of each flow, its name, and what its range is: effects that a placebo test
# does not reject, or the spread of specifications, which is no interval.
METHODS: tuple[tuple[str, str, Kind], ...] = (
    ("counterfactual.{}.effect", "Synthetic control (main)", "test"),
    ("counterfactual.{}.estimator.sdid", "Synthetic difference-in-differences", "test"),
    ("counterfactual.{}.estimator.did", "Difference-in-differences", "test"),
    ("counterfactual.curve.{}.median", "All specifications: the median", "spread"),
    ("gravity.{}.effect", "Gravity model", "test"),
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
    return tuple(
        MethodEstimate(flow, name, kind, findings[key.format(flow)])
        for flow in FLOWS
        for key, name, kind in METHODS
        if key.format(flow) in findings and findings[key.format(flow)].value is not None
    )


def method_findings(findings: Findings) -> Findings:
    """Return `methods.{flow}.lowest` and `.highest`: the least and the largest estimate of all methods, percent."""
    made = []
    for flow in FLOWS:
        own = [estimate.finding for estimate in by_method(findings) if estimate.flow == flow]
        for name, choose in (("lowest", min), ("highest", max)):
            extreme = choose(own, key=lambda f: f.value or 0.0) if own else None
            made.append(
                Finding(
                    f"methods.{flow}.{name}",
                    f"the {name} estimate of the effect on {flow}",
                    None if extreme is None else extreme.value,
                    "percent",
                    "" if extreme is None else extreme.period,
                    "" if extreme is None else extreme.basis,
                    () if extreme is None else extreme.datasets,
                    decimals=0,
                    reason="no method has an estimate" if extreme is None else None,
                )
            )
    return Findings(tuple(made), findings.names)
