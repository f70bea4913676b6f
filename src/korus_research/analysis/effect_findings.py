"""The findings of the counterfactual: what chapter 03 may say."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from korus_research.analysis.finding import Finding, Findings, Unit
from korus_research.analysis.series import FLOWS, Flow

if TYPE_CHECKING:
    from korus_research.analysis.counterfactual import Counterfactual
    from korus_research.analysis.curve import Curve
    from korus_research.analysis.effects import Effects

BASIS = "Census basis: exports f.a.s., general imports customs value, nominal, annual"
DATASETS = ("goods_trade_monthly", "donor_status", "us_agreements")
CHANCE = 0.10  # the level at which sentences call an effect larger than chance


def effect_findings(effects: Effects) -> Findings:
    """Return every finding of the main specification and its variants, with ids `counterfactual.*`."""
    made: list[Finding] = []
    years = f"{effects.main['exports'].spec.post[0]} on"
    for name, label, share in (
        ("interval_level", "the level of the intervals", effects.main["exports"].level),
        ("chance_level", "the level below which a p-value counts as beyond chance", CHANCE),
    ):
        made.append(_finding(f"counterfactual.{name}", label, 100 * share, "percent", years, 0))
    for flow in FLOWS:
        _main(made, effects, flow)
        _variants(made, effects, flow)
        _agreements(made, effects, flow)
    made.append(_partner_agreements(effects))
    return Findings(tuple(made), effects.spec.names)


def curve_findings(curve: Curve, effects: Effects) -> Findings:
    """Return the findings of the specification curve, with ids `counterfactual.curve.*`."""
    made: list[Finding] = []
    years = f"{effects.calendar.first_full} on"
    for flow in FLOWS:
        noun = _noun(effects, flow)
        rows, joint = curve.of(flow), curve.joint(flow)
        share = 100 * float((rows["effect_log"] > 0).mean())
        key = f"counterfactual.curve.{flow}"
        spread = rows["effect_percent"].quantile([0.05, 0.95])
        made += [
            _finding(
                f"{key}.median",
                f"the median effect on {noun} over all specifications",
                joint.median_percent,
                "percent",
                years,
                low=float(spread.iloc[0]),
                high=float(spread.iloc[1]),
                interval="5th to 95th percentile of the specifications, no confidence interval",
            ),
            _finding(
                f"{key}.positive",
                f"the share of specifications with a positive effect on {noun}",
                share,
                "percent",
                years,
                0,
            ),
            _finding(
                f"{key}.p_value",
                f"the joint placebo p-value of the curve of {noun}",
                joint.p_value,
                "probability",
                years,
            ),
            _finding(
                f"{key}.p_floor", f"the smallest joint p-value possible for {noun}", joint.p_floor, "probability", years
            ),
            _finding(
                f"{key}.beyond_chance",
                f"the distance of the joint p-value of {noun} from {CHANCE:.2f}",
                CHANCE - joint.p_value,
                "probability",
                years,
            ),
            _finding(
                f"{key}.placebos",
                f"how many placebo units have a whole curve for {noun}",
                joint.placebos,
                "count",
                years,
            ),
            _finding(
                f"{key}.specifications", f"how many specifications there are for {noun}", len(rows), "count", years
            ),
            _finding(
                f"{key}.significant",
                f"the share of specifications for {noun} with a p-value below {CHANCE:.2f}",
                100 * float((rows["p_value"] < CHANCE).mean()),
                "percent",
                years,
                1,
            ),
        ]
    made.append(
        _finding("counterfactual.curve.fits", "how many units were fitted for the curve", curve.fits, "count", years)
    )
    made.append(
        _finding(
            "counterfactual.curve.specifications",
            "how many specifications the curve has",
            len(curve.table),
            "count",
            years,
        )
    )
    return Findings(tuple(made), effects.spec.names)


def _main(made: list[Finding], effects: Effects, flow: Flow) -> None:
    found = effects.main[flow]
    spec, noun = found.spec, _noun(effects, flow)
    years = f"{spec.post[0]} to {spec.post[1]}"
    key = f"counterfactual.{flow}"
    kind = f"{100 * found.level:.0f} percent, by inverting the placebo test over {len(found.pool.donors)} donors"
    inner, money = found.interval_percent, found.interval_usd_bn

    def add(name: str, label: str, value: float | None, unit: Unit, decimals: int = -1, period: str = years) -> None:
        made.append(_finding(f"{key}.{name}", label, value, unit, period, decimals))

    made.append(_effect(f"{key}.effect", f"the effect on {noun}", found.effect_percent, "percent", years, inner, kind))
    decimals = effects.scale.decimals
    label = f"the effect on {noun} a year"
    made.append(_effect(f"{key}.effect_usd", label, found.effect_usd_bn, "usd_bn", years, money, kind, decimals))
    points = found.effect_log * 100
    logs = None if found.interval_log is None else (100 * found.interval_log[0], 100 * found.interval_log[1])
    made.append(_effect(f"{key}.effect_log", f"the effect on {noun} in log points", points, "index", years, logs, kind))
    mean = found.paths.loc[spec.post_years] / 1000
    add("actual", f"the mean yearly {noun}", float(mean["actual"].mean()), "usd_bn", decimals)
    add("synthetic", f"the mean yearly synthetic {noun}", float(mean["synthetic"].mean()), "usd_bn", decimals)
    add("p_value", f"the placebo p-value for {noun}", found.p_value, "probability")
    add("p_floor", f"the smallest p-value possible for {noun}", found.p_floor, "probability")
    add(
        "beyond_chance",
        f"the distance of the placebo p-value of {noun} from {CHANCE:.2f}",
        CHANCE - found.p_value,
        "probability",
    )
    add("donors", f"how many donors there are for {noun}", len(found.pool.donors), "count")
    add("weighted", f"how many donors have weight for {noun}", found.weights.size, "count")
    add("rank", f"the rank of {noun} among placebos by size of the standardised effect", _rank(found), "rank")
    before = f"{spec.pre[0]} to {spec.pre[1]}"
    rmspe = found.fits.rmspe
    add("rmspe", f"the pre-period gap of {noun}, root mean square", 100 * float(rmspe[0]), "percent", 1, before)
    add(
        "rmspe_placebos",
        f"the median pre-period gap of the placebos for {noun}",
        100 * float(pd.Series(rmspe[1:]).median()),
        "percent",
        1,
        before,
    )
    ratios = found.rmspe_ratios
    add("rmspe_ratio", f"the gap of {noun} after over before entry into force", found.rmspe_ratio, "times", 1)
    add(
        "rmspe_ratio_p",
        f"the share of units with a gap after over before as large as that of {noun}",
        float((ratios >= ratios[0]).mean()),
        "probability",
    )
    without = effects.without_donor[flow]
    add(
        "without_donor_low",
        f"the smallest effect on {noun} when one donor is left out",
        float(without.min()),
        "percent",
    )
    add(
        "without_donor_high",
        f"the largest effect on {noun} when one donor is left out",
        float(without.max()),
        "percent",
    )
    earlier = effects.in_time[flow]
    period = f"{earlier.spec.post[0]} to {earlier.spec.post[1]}" if earlier else "before the agreement"
    add(
        "in_time",
        f"the effect on {noun} in a time before the agreement",
        earlier.effect_percent if earlier else None,
        "percent",
        -1,
        period,
    )
    add(
        "in_time_p",
        f"the placebo p-value for {noun} in a time before the agreement",
        earlier.p_value if earlier else None,
        "probability",
        -1,
        period,
    )


def _variants(made: list[Finding], effects: Effects, flow: Flow) -> None:
    noun = _noun(effects, flow)
    rows = effects.variants.loc[effects.variants["flow"] == flow]
    years = f"{effects.main[flow].spec.post[0]} on"
    for row in rows.loc[rows["choice"] != "main"].to_dict("records"):
        bounds = None if row["low"] != row["low"] else (float(row["low"]), float(row["high"]))
        made.append(
            _effect(
                f"counterfactual.{flow}.{row['choice']}.{row['value']}",
                f"the effect on {noun}, {row['label']}",
                float(row["effect_percent"]),
                "percent",
                years,
                bounds,
                "by inverting the placebo test",
            )
        )
    key = f"counterfactual.{flow}.variants"
    made += [
        _finding(
            f"{key}.low",
            f"the smallest effect on {noun} with one choice changed",
            float(rows["effect_percent"].min()),
            "percent",
            years,
        ),
        _finding(
            f"{key}.high",
            f"the largest effect on {noun} with one choice changed",
            float(rows["effect_percent"].max()),
            "percent",
            years,
        ),
        _finding(
            f"{key}.count",
            f"how many variants of the main specification there are for {noun}",
            len(rows) - 1,
            "count",
            years,
        ),
        _finding(
            f"{key}.significant",
            f"how many variants for {noun} have a p-value below {CHANCE:.2f}",
            int((rows["p_value"] < CHANCE).sum()),
            "count",
            years,
        ),
    ]


def _agreements(made: list[Finding], effects: Effects, flow: Flow) -> None:
    noun = _noun(effects, flow)
    table = effects.agreements
    rows = table.loc[(table["flow"] == flow) & table["effect_percent"].notna()]
    own = rows.loc[rows["id"] == effects.spec.treated.id, "effect_percent"]
    larger = int((rows["effect_percent"] > float(own.iloc[0])).sum())
    clear = rows["p_value"] < CHANCE
    key = f"counterfactual.{flow}.agreements"
    years = "each in its own years"
    made += [
        _finding(f"{key}.count", f"for how many US agreements {flow} are estimated", len(rows), "count", years),
        _finding(f"{key}.rank", f"the rank of the effect on {noun} among US agreements", larger + 1, "rank", years),
        _finding(
            f"{key}.median",
            f"the median effect of US agreements on {flow}",
            float(rows["effect_percent"].median()),
            "percent",
            years,
        ),
        _finding(
            f"{key}.clear",
            f"how many US agreements have a p-value below {CHANCE:.2f} for {flow}",
            int(clear.sum()),
            "count",
            years,
        ),
        _finding(
            f"{key}.clear_positive",
            f"how many US agreements have a positive effect on {flow} and a p-value below {CHANCE:.2f}",
            int((clear & (rows["effect_percent"] > 0)).sum()),
            "count",
            years,
        ),
    ]


def _partner_agreements(effects: Effects) -> Finding:
    """Return how many other agreements of the partner entered into force from the pre-period's end to the last year."""
    spec, days = effects.main["exports"].spec, effects.spec.partner_agreements
    first, last = spec.pre[1] + 1, spec.post[1]
    count = None if days is None else sum(first <= int(day[:4]) <= last for day in days)
    partner = effects.spec.names.get("partner", effects.spec.treated.label)
    return Finding(
        "counterfactual.partner_agreements",
        f"how many other agreements of {partner} entered into force from {first} to {last}",
        count,
        "count",
        f"{first} to {last}",
        "Dates of entry into force",
        ("partner_agreements",),
        reason="the data hold no list of them" if count is None else None,
    )


def _rank(found: Counterfactual) -> int:
    return round(found.p_value / found.p_floor)


def _noun(effects: Effects, flow: Flow) -> str:
    partner = effects.spec.names.get("partner", effects.spec.treated.label)
    adjective = effects.spec.names.get("reporter_adjective", "")
    return f"{adjective} goods {flow} {'to' if flow == 'exports' else 'from'} {partner}".strip()


def _effect(
    id_: str,
    label: str,
    value: float,
    unit: Unit,
    period: str,
    bounds: tuple[float, float] | None,
    interval: str,
    decimals: int = -1,
) -> Finding:
    low, high = bounds or (None, None)
    kind = interval if bounds else None
    return _finding(id_, label, value, unit, period, decimals, low=low, high=high, interval=kind)


def _finding(
    id_: str,
    label: str,
    value: float | None,
    unit: Unit,
    period: str,
    decimals: int = -1,
    *,
    low: float | None = None,
    high: float | None = None,
    interval: str | None = None,
) -> Finding:
    missing = value is None or not math.isfinite(value)
    return Finding(
        id_,
        label,
        None if missing else value,
        unit,
        period,
        BASIS,
        DATASETS,
        decimals=decimals,
        low=low,
        high=high,
        interval=interval,
        reason="the data do not reach far enough" if missing else None,
    )
