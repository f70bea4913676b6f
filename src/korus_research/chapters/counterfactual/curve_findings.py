"""The findings of the specification curve: what may be said of all specifications together."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from korus_research.chapters.counterfactual.declared import ENERGY
from korus_research.chapters.counterfactual.findings import BASIS, DATASETS, DECIMALS, noun_of
from korus_research.methods.series import FLOWS, Flow
from korus_research.methods.synthetic.simplex import ACCEPTED
from korus_research.show.finding import Findings
from korus_research.show.making import Maker

if TYPE_CHECKING:
    from korus_research.chapters.counterfactual.effects import Effects
    from korus_research.methods.synthetic.curve import Curve

SPREAD = "5th to 95th percentile of the specifications, no confidence interval"
SAME = 1e-9  # log points
MILLIONTHS = 1e6  # residuals are told in millionths: of a weight, or of the mean diagonal of the programme


def curve_findings(curve: Curve, effects: Effects) -> Findings:
    """Return the findings of the specification curve, with ids `counterfactual.curve.*`."""
    ends = [str(year) for year in sorted(curve.table["post_last"].unique())]
    years = (
        f"{effects.calendar.first_full} to {' or '.join([part for part in (', '.join(ends[:-1]), ends[-1]) if part])}"
    )
    maker = Maker(
        "counterfactual.curve",
        basis=BASIS,
        datasets=DATASETS,
        period=years,
        reason="the curve has no such specification",
        decimals=DECIMALS,
    )
    for flow in FLOWS:
        _spread(maker, curve, effects, flow)
        _joint(maker, curve, effects, flow)
        _by_energy(maker, curve, effects, flow)
    maker.add("fits", "how many units were fitted for the curve", curve.fits, "count")
    maker.add("specifications", "how many specifications the curve has", len(curve.table), "count")
    largest = MILLIONTHS * float(curve.table["kkt"].max())
    maker.add(
        "kkt", "the largest residual of the conditions of optimality, in millionths", largest, "index", decimals=2
    )
    label = "the residual of the conditions of optimality at which a run stops, in millionths"
    maker.add("kkt_accepted", label, MILLIONTHS * ACCEPTED, "index")
    return maker.findings(effects.spec.names)


def _spread(maker: Maker, curve: Curve, effects: Effects, flow: Flow) -> None:
    noun, rows, chance = noun_of(effects, flow), curve.of(flow), effects.spec.choices.chance
    low, high = (float(end) for end in rows["effect_percent"].quantile([0.05, 0.95]))
    label = f"the median effect on {noun} over all specifications"
    # The median in logarithms, as the joint test takes it.
    median = 100 * math.expm1(float(rows["effect_log"].median()))
    maker.add(f"{flow}.median", label, median, "percent", bounds=(low, high), interval=SPREAD)
    shares = {
        "positive": (f"with a positive effect on {noun}", rows["effect_log"] > 0),
        "main_above": (
            f"with an effect on {noun} below that of the main one",
            # The main one is in the curve too, where a larger batch may move its last digits.
            rows["effect_log"] < effects.main[flow].effect_log - SAME,
        ),
        "significant": (f"for {noun} with a p-value below {chance:.2f}", rows["p_value"] < chance),
    }
    for name, (words, chosen) in shares.items():
        label = f"the share of specifications {words}"
        maker.add(
            f"{flow}.{name}",
            label,
            100 * float(chosen.mean()),
            "percent",
            decimals=1 if name == "significant" else -1,
        )
    maker.add(f"{flow}.specifications", f"how many specifications there are for {noun}", len(rows), "count")
    label = f"how many specifications copy the past of {noun} exactly and have no p-value"
    maker.add(f"{flow}.exact", label, int(rows["p_value"].isna().sum()), "count")


def _joint(maker: Maker, curve: Curve, effects: Effects, flow: Flow) -> None:
    noun, joint, chance = noun_of(effects, flow), curve.joint(flow), effects.spec.choices.chance
    p, floor, placebos = (None, None, None) if joint is None else (joint.p_value, joint.p_floor, joint.placebos)
    maker.add(f"{flow}.p_value", f"the joint placebo p-value of the curve of {noun}", p, "probability")
    maker.add(f"{flow}.p_floor", f"the smallest joint p-value possible for {noun}", floor, "probability")
    label = f"the distance of the joint p-value of {noun} from {chance:.2f}"
    maker.add(f"{flow}.beyond_chance", label, None if p is None else chance - p, "probability")
    maker.add(f"{flow}.placebos", f"how many placebo units have a whole curve for {noun}", placebos, "count")


def _by_energy(maker: Maker, curve: Curve, effects: Effects, flow: Flow) -> None:
    """Add the median and the joint test of the specifications with energy exporters kept and of those without."""
    noun, rules = noun_of(effects, flow), effects.spec.choices.rules.values()
    for name, words, kept in (("energy_kept", "with", True), ("energy_out", "without", False)):
        joint = curve.joint(flow, [rule.id for rule in rules if (ENERGY not in rule.excludes) == kept])
        whose = f"of {noun}, specifications {words} energy exporters among the donors"
        median, p = (None, None) if joint is None else (joint.median_percent, joint.p_value)
        maker.add(f"{flow}.{name}.median", f"the median effect {whose}", median, "percent")
        maker.add(f"{flow}.{name}.p_value", f"the joint placebo p-value {whose}", p, "probability")
