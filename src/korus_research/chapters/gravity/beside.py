"""Where the gravity estimates and the synthetic control agree and where not, flow by flow.

The two are on different data against different standards, so that nothing tests their difference; what can be said is
whether they have the same sign, whether their intervals overlap, and how many of these include zero.
"""

from __future__ import annotations

from korus_research.chapters.gravity.terms import WHOLE
from korus_research.methods.series import FLOWS, Flow
from korus_research.show.finding import Finding, Findings
from korus_research.show.making import Maker

NO_ESTIMATE = "one of the two chapters has no such estimate"
NO_INTERVAL = "one of the two has no interval, or one too wide to say anything"


def beside_findings(gravity: Findings, counterfactual: Findings) -> Findings:
    """Return how `gravity.{flow}.effect` stands beside `counterfactual.{flow}.effect`, ids `gravity.beside.*`.

    `signs` is 1 where both estimates have the same sign, -1 where not; `overlap` is the overlap of the intervals in
    points, negative where they lie apart; `zero` is 1 where both intervals include zero, 0 where one does, -1 where
    neither; `gap` is the synthetic control less gravity, in points.
    """
    maker = Maker("gravity.beside", basis="two chapters' estimates, each on its own basis")
    for flow in FLOWS:
        _flow(maker, flow, gravity[f"gravity.{flow}.effect"], counterfactual[f"counterfactual.{flow}.effect"])
    return maker.findings(gravity.names)


def _flow(maker: Maker, flow: Flow, one: Finding, other: Finding) -> None:
    label = f"the effect on {flow} by gravity and by synthetic control"
    datasets = tuple(dict.fromkeys((*one.datasets, *other.datasets)))
    signs = gap = overlap = zero = None
    if one.value is not None and other.value is not None:
        signs = float(one.direction * other.direction)
        gap = other.value - one.value
        if None not in (one.low, one.high, other.low, other.high):
            overlap = min(one.high, other.high) - max(one.low, other.low)  # type: ignore[type-var,operator]
            zero = float(sum(low < 0 < high for low, high in ((one.low, one.high), (other.low, other.high))) - 1)  # type: ignore[operator]
    for key, what, value, unit, reason in (
        ("signs", "whether the signs are the same:", signs, "index", NO_ESTIMATE),
        ("gap", "the difference between", gap, "points", NO_ESTIMATE),
        ("overlap", "the overlap of the intervals of", overlap, "points", NO_INTERVAL),
        ("zero", "how many intervals include zero:", zero, "index", NO_INTERVAL),
    ):
        maker.add(
            f"{flow}.{key}",
            f"{what} {label}",
            value,
            unit,  # type: ignore[arg-type]
            one.period,
            datasets=datasets,
            decimals=WHOLE,
            reason=reason,
        )
