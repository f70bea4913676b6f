"""The findings of the counterfactual: what chapter 03 may say."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from korus_research.analysis.finding import Finding, Findings, Unit
from korus_research.analysis.series import FLOWS, Flow

if TYPE_CHECKING:
    from korus_research.analysis.counterfactual.effects import Effects
    from korus_research.analysis.counterfactual.estimate import Counterfactual

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
        made.append(finding(f"counterfactual.{name}", label, 100 * share, "percent", years, 0))
    for flow in FLOWS:
        _main(made, effects, flow)
        _variants(made, effects, flow)
        _agreements(made, effects, flow)
    clear = sum(found.p_value < CHANCE for found in effects.main.values())
    label = f"how many of the effects on both flows have a p-value below {CHANCE:.2f}"
    made.append(finding("counterfactual.clear", label, clear, "count", _span(*effects.main["exports"].spec.post)))
    made.append(_partner_agreements(effects))
    return Findings(tuple(made), effects.spec.names)


def _main(made: list[Finding], effects: Effects, flow: Flow) -> None:
    found = effects.main[flow]
    spec, noun = found.spec, noun_of(effects, flow)
    years = _span(*spec.post)
    key = f"counterfactual.{flow}"
    kind = f"{100 * found.level:.0f} percent, by inverting the placebo test over {len(found.pool.donors)} donors"
    inner, money = found.interval_percent, found.interval_usd_bn

    def add(name: str, label: str, value: float | None, unit: Unit, decimals: int = -1, period: str = years) -> None:
        made.append(finding(f"{key}.{name}", label, value, unit, period, decimals))

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
    add("larger", f"how many placebos have a standardised effect as large as {noun}", _rank(found) - 1, "count")
    before = _span(*spec.pre)
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
    gap = 100 * found.paths["actual"].div(found.paths["synthetic"]).sub(1)
    for name, year in (("gap_before", spec.treated_from - 1), ("gap_first", spec.post[0]), ("gap_last", spec.post[1])):
        add(name, f"the gap between actual and synthetic {noun} in {year}", float(gap[year]), "percent", -1, f"{year}")
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
    period = _span(*earlier.spec.post) if earlier else "before the agreement"
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
    noun = noun_of(effects, flow)
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
        finding(
            f"{key}.low",
            f"the smallest effect on {noun} with one choice changed",
            float(rows["effect_percent"].min()),
            "percent",
            years,
        ),
        finding(
            f"{key}.high",
            f"the largest effect on {noun} with one choice changed",
            float(rows["effect_percent"].max()),
            "percent",
            years,
        ),
        finding(
            f"{key}.count",
            f"how many variants of the main specification there are for {noun}",
            len(rows) - 1,
            "count",
            years,
        ),
        finding(
            f"{key}.significant",
            f"how many variants for {noun} have a p-value below {CHANCE:.2f}",
            int((rows["p_value"] < CHANCE).sum()),
            "count",
            years,
        ),
    ]


def _agreements(made: list[Finding], effects: Effects, flow: Flow) -> None:
    table = effects.agreements
    rows = table.loc[(table["flow"] == flow) & table["effect_percent"].notna()]
    clear = rows["p_value"] < CHANCE
    key = f"counterfactual.{flow}.agreements"
    years = "each in its own years"
    made += [
        finding(f"{key}.count", f"how many US agreements are estimated for {flow}", len(rows), "count", years),
        finding(
            f"{key}.median",
            f"the median effect of US agreements on {flow}",
            float(rows["effect_percent"].median()),
            "percent",
            years,
        ),
        finding(
            f"{key}.clear",
            f"how many US agreements have a p-value below {CHANCE:.2f} for {flow}",
            int(clear.sum()),
            "count",
            years,
        ),
        finding(
            f"{key}.by_chance",
            f"how many US agreements would have such a p-value by chance for {flow}",
            len(rows) * CHANCE,
            "count",
            years,
        ),
        finding(
            f"{key}.clear_positive",
            f"how many US agreements have a positive effect on {flow} and a p-value below {CHANCE:.2f}",
            int((clear & (rows["effect_percent"] > 0)).sum()),
            "count",
            years,
        ),
        finding(
            f"{key}.clear_negative",
            f"how many US agreements have a negative effect on {flow} and a p-value below {CHANCE:.2f}",
            int((clear & (rows["effect_percent"] < 0)).sum()),
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
        f"how many other agreements of {partner} entered into force",
        count,
        "count",
        f"{first} to {last}",
        "Dates of entry into force",
        ("partner_agreements",),
        reason="the data hold no list of them" if count is None else None,
    )


def _span(first: int, last: int) -> str:
    return f"{first}" if first == last else f"{first} to {last}"


def _rank(found: Counterfactual) -> int:
    return round(found.p_value / found.p_floor)


def noun_of(effects: Effects, flow: Flow) -> str:
    """Return what a flow is called in labels: `US goods exports to Korea`."""
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
    return finding(id_, label, value, unit, period, decimals, low=low, high=high, interval=kind)


def finding(
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
    """Return a finding on the basis of the counterfactual; without a value it says that the data end too early."""
    missing = value is None or not math.isfinite(value)
    # Tenths of a percent would be false precision beside intervals of many percent.
    decimals = 0 if unit == "percent" and decimals < 0 else decimals
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
