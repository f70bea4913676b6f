"""What each method says the agreement did, side by side: the estimates that the front page draws and speaks."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from korus_research.methods.series import FLOWS, Flow
from korus_research.show.finding import Finding, Findings

Kind = Literal["test", "spread"]

# In the order of the figure: the finding of each flow, its name, and what its range is: effects that a placebo test
# does not reject, or the spread of specifications, which is no interval. A name may hold values of findings.
METHODS: tuple[tuple[str, str, Kind], ...] = (
    ("counterfactual.{}.effect", "Synthetic control (main)", "test"),
    ("counterfactual.{}.rule.no-agreement", "The same, energy exporters kept", "test"),
    ("counterfactual.{}.estimator.sdid", "Synthetic difference-in-differences", "test"),
    ("counterfactual.{}.estimator.did", "Difference-in-differences", "test"),
    ("counterfactual.curve.{}.median", "All specifications: the median", "spread"),
    ("gravity.{}.effect", "Gravity model, all years", "test"),
    ("gravity.{}.last", "Gravity model, {gravity.last_year} against {gravity.reference}", "test"),
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
        MethodEstimate(flow, named, kind, findings[key.format(flow)])
        for flow in FLOWS
        for key, name, kind in METHODS
        if key.format(flow) in findings and findings[key.format(flow)].value is not None
        if (named := name_with(name, findings)) is not None
    )


def name_with(name: str, findings: Mapping[str, Finding]) -> str | None:
    """Return a name with the values of the findings it holds in braces; None where one of them is not there."""
    keys = [key for _, key, _, _ in string.Formatter().parse(name) if key]
    if any(key not in findings or findings[key].value is None for key in keys):
        return None
    for key in keys:
        name = name.replace(f"{{{key}}}", findings[key].text())
    return name


def method_findings(findings: Findings) -> Findings:
    """Return `methods.{flow}.lowest` and `.highest`: the least and the largest estimate of all methods, percent.

    `methods.count` is how many estimates there are of both flows.
    And what is found of the main estimate, of both flows at once where it reads the same: see `_read_together`.
    """
    made, count = _read_together(findings), float(len(by_method(findings)))
    made.append(Finding("methods.count", "point estimates of all methods", count, "count", "", "all methods", ()))
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


def _read_together(findings: Findings) -> list[Finding]:
    """Return where the main intervals lie beside the forecasts, and whether chance could give the effects.

    `methods.both.*` where both flows read the same, else one finding a flow: a sentence about both is then not there.
    """
    made = []
    for name, key, label in (
        ("side", "forecasts.{}.side", "where the main interval for {} lies beside the forecast"),
        ("beyond_chance", "counterfactual.{}.beyond_chance", "whether the main effect on {} can be told from chance"),
    ):
        own = {flow: findings[key.format(flow)] for flow in FLOWS if key.format(flow) in findings}
        if len(own) < len(FLOWS):
            continue
        read = {flow: _read(f"methods.{flow}.{name}", label.format(flow), found, name) for flow, found in own.items()}
        first = read[FLOWS[0]]
        if first.value is not None and len({found.value for found in read.values()}) == 1:
            made.append(replace(first, id=f"methods.both.{name}", label=label.format("both flows")))
        else:
            made += read.values()
    return made


def _read(id_: str, label: str, finding: Finding, name: str) -> Finding:
    """Return the sign that is read: no more than chance is no more than chance, whether just or by far."""
    sign = finding.direction if name == "side" else 1 if finding.direction > 0 else -1
    value = None if finding.value is None else float(sign)
    about = (finding.period, finding.basis, finding.datasets)
    return Finding(id_, label, value, "index", *about, reason=finding.reason)
