"""Findings on the agreement undone, all estimates of its effect together: no estimate is preferred to another."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from korus_research.chapters.scenarios.model import UNDONE
from korus_research.chapters.scenarios.terms import USED, side
from korus_research.methods.series import FLOWS
from korus_research.show.finding import Unit
from korus_research.show.making import Maker

if TYPE_CHECKING:
    from korus_research.chapters.scenarios.analyse import Scenarios
    from korus_research.chapters.scenarios.model import Outcome

LEAD = "scenarios.undone.flow.exports_least"  # the one that says why, where there is no estimate
TOGETHER = "from the lowest end of the estimates' ranges to the highest"


def add_undone(scenarios: Scenarios, maker: Maker, called: dict[str, str]) -> None:
    """Add the ends of all ranges and of all estimates, and how the estimates stand beside the duties put back."""
    spec = scenarios.spec
    keys = [key for key in UNDONE if key in scenarios.outcomes]
    found = [scenarios.outcomes[key] for key in keys]
    reason = scenarios.lacking.get("undone")
    # The same collection of findings; these rest on the tables of every estimate.
    maker = replace(maker, datasets=tuple(dict.fromkeys(name for key in keys or UNDONE for name in USED[key])))
    for who, code in (("reporter", spec.reporter), ("partner", spec.partner)):
        label = f"the change of {called[who]} real income with the agreement undone"
        lows = [float(o.low.at[code, "real_income"]) for o in found]  # type: ignore[arg-type]
        highs = [float(o.high.at[code, "real_income"]) for o in found]  # type: ignore[arg-type]
        _ends(maker, f"real_income.{who}", label, lows, highs, 3, "percent", reason)
        # A hundredth of a percent is a cent in a hundred dollars.
        low_cents, high_cents = [100 * end for end in lows], [100 * end for end in highs]
        _ends(maker, f"cents.{who}", f"{label}, cents in a hundred dollars", low_cents, high_cents, 1, "index", reason)
    for flow in FLOWS:
        label = f"the change of {called['reporter']} {flow} with the agreement undone"
        lows = [float(o.flows.at[flow, "low"]) for o in found]  # type: ignore[arg-type]
        highs = [float(o.flows.at[flow, "high"]) for o in found]  # type: ignore[arg-type]
        _ends(maker, f"flow.{flow}", label, lows, highs, 0, "percent", reason)
        points = [_point(o, flow) for o in found]
        for end, value in (("least", min(points, default=None)), ("most", max(points, default=None))):
            text = f"the {end} of the estimates of {label}"
            again = LEAD if reason and (flow, end) != ("exports", "least") else None
            maker.add(f"undone.flow.{flow}_{end}", text, value, "percent", decimals=0, reason=reason, repeats=again)
    holds = [side(float(o.flows.at["exports", "low"]), float(o.flows.at["exports", "high"]), 1) == 0 for o in found]  # type: ignore[arg-type]
    maker.add(
        "undone.open",
        "whether every estimate's range of exports holds zero, or none",
        None if not holds else 1.0 if all(holds) else 0.0 if any(holds) else -1.0,
        "index",
        reason=reason,
        repeats=LEAD if reason else None,
    )
    maker.add("undone.estimates", "estimates of the agreement's effect", float(len(found)), "count")
    back = scenarios.outcomes.get("mfn")
    if back is not None and found:
        opposite = float(sum(_point(o, "exports") * _point(back, "exports") < 0 for o in found))
        label = "estimates that move exports the other way than the duties before the agreement"
        both_used = tuple(dict.fromkeys((*maker.datasets, *USED["mfn"])))
        maker.add("undone.opposite", label, opposite, "count", datasets=both_used)


def _ends(
    maker: Maker,
    what: str,
    label: str,
    lows: list[float],
    highs: list[float],
    decimals: int,
    unit: Unit,
    reason: str | None,
) -> None:
    """Add both ends of the ranges together and the side of zero."""
    low, high = min(lows, default=None), max(highs, default=None)
    again = LEAD if reason else None
    for end, name, value in (("low", "lowest", low), ("high", "highest", high)):
        text = f"the {name} end of {label}"
        maker.add(
            f"undone.{what}_{end}", text, value, unit, decimals=decimals, basis=TOGETHER, reason=reason, repeats=again
        )
    where = None if low is None or high is None else side(low, high, decimals)
    maker.add(f"undone.{what}_side", f"the side of zero of {label}", where, "index", reason=reason, repeats=again)


def _point(outcome: Outcome, flow: str) -> float:
    return float(outcome.flows.at[flow, "percent"])  # type: ignore[arg-type]
