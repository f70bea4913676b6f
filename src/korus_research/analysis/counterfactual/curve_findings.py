"""The findings of the specification curve: what may be said of all specifications together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.analysis.counterfactual.findings import CHANCE, finding, noun_of
from korus_research.analysis.finding import Finding, Findings
from korus_research.analysis.series import FLOWS

if TYPE_CHECKING:
    from korus_research.analysis.counterfactual.curve import Curve
    from korus_research.analysis.counterfactual.effects import Effects


def curve_findings(curve: Curve, effects: Effects) -> Findings:
    """Return the findings of the specification curve, with ids `counterfactual.curve.*`."""
    made: list[Finding] = []
    years = f"{effects.calendar.first_full} on"
    for flow in FLOWS:
        noun = noun_of(effects, flow)
        rows, joint = curve.of(flow), curve.joint(flow)
        share = 100 * float((rows["effect_log"] > 0).mean())
        key = f"counterfactual.curve.{flow}"
        spread = rows["effect_percent"].quantile([0.05, 0.95])
        made += [
            finding(
                f"{key}.median",
                f"the median effect on {noun} over all specifications",
                joint.median_percent,
                "percent",
                years,
                low=float(spread.iloc[0]),
                high=float(spread.iloc[1]),
                interval="5th to 95th percentile of the specifications, no confidence interval",
            ),
            finding(
                f"{key}.positive",
                f"the share of specifications with a positive effect on {noun}",
                share,
                "percent",
                years,
                0,
            ),
            finding(
                f"{key}.main_above",
                f"the share of specifications with an effect on {noun} below that of the main one",
                100 * float((rows["effect_log"] < effects.main[flow].effect_log).mean()),
                "percent",
                years,
            ),
            finding(
                f"{key}.p_value",
                f"the joint placebo p-value of the curve of {noun}",
                joint.p_value,
                "probability",
                years,
            ),
            finding(
                f"{key}.p_floor", f"the smallest joint p-value possible for {noun}", joint.p_floor, "probability", years
            ),
            finding(
                f"{key}.beyond_chance",
                f"the distance of the joint p-value of {noun} from {CHANCE:.2f}",
                CHANCE - joint.p_value,
                "probability",
                years,
            ),
            finding(
                f"{key}.placebos",
                f"how many placebo units have a whole curve for {noun}",
                joint.placebos,
                "count",
                years,
            ),
            finding(
                f"{key}.specifications", f"how many specifications there are for {noun}", len(rows), "count", years
            ),
            finding(
                f"{key}.significant",
                f"the share of specifications for {noun} with a p-value below {CHANCE:.2f}",
                100 * float((rows["p_value"] < CHANCE).mean()),
                "percent",
                years,
                1,
            ),
        ]
    made.append(
        finding("counterfactual.curve.fits", "how many units were fitted for the curve", curve.fits, "count", years)
    )
    made.append(
        finding(
            "counterfactual.curve.specifications",
            "how many specifications the curve has",
            len(curve.table),
            "count",
            years,
        )
    )
    return Findings(tuple(made), effects.spec.names)
