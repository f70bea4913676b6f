"""The findings of the counterfactual: what chapter 03 may say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from korus_research.methods.series import FLOWS, MN_PER_BN, Flow
from korus_research.show.finding import Findings, Unit
from korus_research.show.making import Maker

if TYPE_CHECKING:
    from korus_research.chapters.counterfactual.effects import Effects

BASIS = "Census basis: exports f.a.s., general imports customs value, nominal, annual"
DATASETS = ("goods_trade_monthly", "donor_status", "us_agreements")
REACH = "the data do not reach far enough"
EXACT_FIT = "its path before is copied exactly, so that an effect has nothing to be measured by"
NO_POOL = "too few donors or years are left"
# Tenths of a percent would be false precision beside intervals of many percent.
DECIMALS: dict[Unit, int] = {"percent": 0}


def effect_findings(effects: Effects) -> Findings:
    """Return every finding of the main specification and its variants, with ids `counterfactual.*`."""
    maker = Maker("counterfactual", basis=BASIS, datasets=DATASETS, reason=REACH, decimals=DECIMALS)
    main, chance = effects.main["exports"], effects.spec.choices.chance
    years = span_of(*main.spec.post)
    maker.add("interval_level", "the level of the intervals", 100 * main.level, "percent", years)
    maker.add("chance_level", "the level below which a p-value counts as beyond chance", 100 * chance, "percent", years)
    for flow in FLOWS:
        _main(maker, effects, flow)
        _checks(maker, effects, flow)
        _in_time(maker, effects, flow)
        _variants(maker, effects, flow)
        _agreements(maker, effects, flow)
    label = "how many donors have an older agreement with the reporter"
    maker.add("older_agreements", label, len(effects.older_agreements), "count", span_of(*main.spec.pre))
    _partner_agreements(maker, effects)
    return maker.findings({**effects.spec.names, "older_agreements": listed(effects.older_agreements)})


def _main(maker: Maker, effects: Effects, flow: Flow) -> None:
    found, chance = effects.main[flow], effects.spec.choices.chance
    spec, noun = found.spec, noun_of(effects, flow)
    years, decimals = span_of(*spec.post), effects.scale.decimals
    kind = f"{100 * found.level:.0f} percent, by inverting the placebo test over {len(found.pool.donors)} donors"
    logs = None if found.interval_log is None else (100 * found.interval_log[0], 100 * found.interval_log[1])

    def add(name: str, label: str, value: float, unit: Unit, decimals: int = -1, period: str = years) -> None:
        maker.add(f"{flow}.{name}", label, value, unit, period, decimals=decimals, reason=EXACT_FIT)

    def effect(
        name: str, label: str, value: float, unit: Unit, bounds: tuple[float, float] | None, places: int
    ) -> None:
        maker.add(f"{flow}.{name}", label, value, unit, years, decimals=places, bounds=bounds, interval=kind)

    effect("effect", f"the effect on {noun}", found.effect_percent, "percent", found.interval_percent, -1)
    label = f"the effect on {noun} a year"
    effect("effect_usd", label, found.effect_usd_bn, "usd_bn", found.interval_usd_bn, decimals)
    effect("effect_log", f"the effect on {noun} in log points", found.effect_log * 100, "index", logs, -1)
    mean = found.paths.loc[spec.post_years].mean() / MN_PER_BN
    add("actual", f"the mean yearly {noun}", float(mean["actual"]), "usd_bn", decimals)
    add("synthetic", f"the mean yearly synthetic {noun}", float(mean["synthetic"]), "usd_bn", decimals)
    add("p_value", f"the placebo p-value for {noun}", found.p_value, "probability")
    add("p_floor", f"the smallest p-value possible for {noun}", found.p_floor, "probability")
    label = f"the distance of the placebo p-value of {noun} from {chance:.2f}"
    add("beyond_chance", label, chance - found.p_value, "probability")
    add("donors", f"how many donors there are for {noun}", len(found.pool.donors), "count")
    add("weighted", f"how many donors have weight for {noun}", found.weights.size, "count")
    larger = found.p_value / found.p_floor - 1
    add("larger", f"how many placebos have a standardised effect as large as {noun}", larger, "count")


def _checks(maker: Maker, effects: Effects, flow: Flow) -> None:
    found = effects.main[flow]
    spec, noun = found.spec, noun_of(effects, flow)
    years, before = span_of(*spec.post), span_of(*spec.pre)
    rmspe, ratios = found.fits.rmspe, found.rmspe_ratios

    def add(name: str, label: str, value: float, unit: Unit, decimals: int = -1, period: str = years) -> None:
        maker.add(f"{flow}.{name}", label, value, unit, period, decimals=decimals, reason=EXACT_FIT)

    add("rmspe", f"the pre-period gap of {noun}, root mean square", 100 * float(rmspe[0]), "percent", 1, before)
    median = 100 * float(pd.Series(rmspe[1:]).median())
    add("rmspe_placebos", f"the median pre-period gap of the placebos for {noun}", median, "percent", 1, before)
    nothing = float("nan") if found.exact else 1.0
    label = f"the gap of {noun} after over before entry into force"
    add("rmspe_ratio", label, nothing * found.rmspe_ratio, "times", 1)
    label = f"the share of units with a gap after over before as large as that of {noun}"
    add("rmspe_ratio_p", label, nothing * float((ratios >= ratios[0]).mean()), "probability")
    gap = 100 * found.paths["actual"].div(found.paths["synthetic"]).sub(1)
    for name, year in (("gap_before", spec.treated_from - 1), ("gap_first", spec.post[0]), ("gap_last", spec.post[1])):
        label = f"the gap between actual and synthetic {noun} in {year}"
        add(name, label, float(gap[year]), "percent", -1, f"{year}")
    without = effects.without_donor[flow]
    for end, value in (("low", without.min()), ("high", without.max())):
        label = f"the {'smallest' if end == 'low' else 'largest'} effect on {noun} when one donor is left out"
        add(f"without_donor_{end}", label, float(value), "percent")


def _in_time(maker: Maker, effects: Effects, flow: Flow) -> None:
    """Add the placebos in time, each with and without energy exporters among the donors."""
    noun, first = noun_of(effects, flow), effects.in_time[flow]
    when = {"in_time": "before entry into force", "before_signature": "before the year of signature"}
    for name, words in when.items():
        found = first if name == "in_time" else effects.before_signature[flow]
        same = name != "in_time" and found is not None and first is not None and found.spec == first.spec
        kept = None if found is None else effects.with_energy(found)
        period = words if found is None else span_of(*found.spec.post)
        for suffix, each, donors in (("", found, ""), ("_energy", kept, ", energy exporters among the donors")):
            again = f"counterfactual.{flow}.in_time{suffix}" if same else None
            label = f"the effect on {noun} in a time {words}{donors}"
            value = None if each is None else each.effect_percent
            maker.add(f"{flow}.{name}{suffix}", label, value, "percent", period, repeats=again)
            label = f"the placebo p-value for {noun} in a time {words}{donors}"
            p = None if each is None else each.p_value
            why = REACH if each is None else EXACT_FIT
            again = f"counterfactual.{flow}.in_time{suffix}_p" if same else None
            maker.add(f"{flow}.{name}{suffix}_p", label, p, "probability", period, reason=why, repeats=again)


def _variants(maker: Maker, effects: Effects, flow: Flow) -> None:
    noun, chance = noun_of(effects, flow), effects.spec.choices.chance
    rows = effects.variants.loc[effects.variants["flow"] == flow]
    for row in rows.loc[rows["choice"] != "main"].to_dict("records"):
        bounds = None if row["low"] != row["low"] else (float(row["low"]), float(row["high"]))
        id_, label = f"{flow}.{row['choice']}.{row['value']}", f"the effect on {noun}, {row['label']}"
        kind = "by inverting the placebo test"
        own = str(row["years"])
        maker.add(id_, label, float(row["effect_percent"]), "percent", own, bounds=bounds, interval=kind)
        label = f"the placebo p-value for {noun}, {row['label']}"
        maker.add(f"{id_}.p", label, float(row["p_value"]), "probability", own, reason=EXACT_FIT)
    years = f"{effects.main[flow].spec.post[0]} to {max(int(each[-4:]) for each in rows['years'])}"
    low, high = float(rows["effect_percent"].min()), float(rows["effect_percent"].max())
    maker.add(f"{flow}.variants.low", f"the smallest effect on {noun} with one choice changed", low, "percent", years)
    maker.add(f"{flow}.variants.high", f"the largest effect on {noun} with one choice changed", high, "percent", years)
    label = f"how many variants of the main specification there are for {noun}"
    maker.add(f"{flow}.variants.count", label, len(rows) - 1, "count", years)
    label = f"how many variants for {noun} have a p-value below {chance:.2f}"
    clear = int((rows["p_value"] < chance).sum())
    maker.add(f"{flow}.variants.significant", label, clear, "count", years)


def _agreements(maker: Maker, effects: Effects, flow: Flow) -> None:
    table, chance = effects.agreements, effects.spec.choices.chance
    rows = table.loc[(table["flow"] == flow) & table["effect_percent"].notna()]
    clear, positive = rows["p_value"] < chance, rows["effect_percent"] > 0
    whose, kept = f"US agreements for {flow}", "with energy exporters among the donors"
    told, count = f"have a p-value below {chance:.2f}", "how many"
    by_chance = chance * int(rows["p_value"].notna().sum())
    energy, energy_clear = rows["with_energy_percent"].median(), (rows["with_energy_p"] < chance).sum()
    values: tuple[tuple[str, str, float, Unit], ...] = (
        ("count", f"{count} {whose} are estimated", len(rows), "count"),
        ("median", f"the median effect of {whose}", rows["effect_percent"].median(), "percent"),
        ("clear", f"{count} {whose} {told}", clear.sum(), "count"),
        ("by_chance", f"{count} {whose} would {told} by chance", by_chance, "count"),
        ("clear_positive", f"{count} {whose} {told} and a positive effect", (clear & positive).sum(), "count"),
        ("clear_negative", f"{count} {whose} {told} and a negative effect", (clear & ~positive).sum(), "count"),
        ("energy_median", f"the median effect of {whose} {kept}", energy, "percent"),
        ("energy_clear", f"{count} {whose} {told} {kept}", energy_clear, "count"),
    )
    for name, label, value, unit in values:
        maker.add(f"{flow}.agreements.{name}", label, float(value), unit, "each in its own years", reason=NO_POOL)


def _partner_agreements(maker: Maker, effects: Effects) -> None:
    """Add how many other agreements of the partner entered into force from the pre-period's end to the last year."""
    spec, days = effects.main["exports"].spec, effects.spec.partner_agreements
    first, last = spec.pre[1] + 1, spec.post[1]
    partner = effects.spec.names.get("partner", effects.spec.treated.label)
    maker.add(
        "partner_agreements",
        f"how many other agreements of {partner} entered into force",
        None if days is None else sum(first <= int(day[:4]) <= last for day in days),
        "count",
        f"{first} to {last}",
        basis="Dates of entry into force",
        datasets=("partner_agreements",),
        reason="the data hold no list of them",
    )


def span_of(first: int, last: int) -> str:
    """Return years as findings name their period."""
    return f"{first}" if first == last else f"{first} to {last}"


def listed(names: tuple[str, ...]) -> str:
    """Return names as a sentence lists them: `Canada, Israel and Mexico`."""
    return " and ".join([part for part in (", ".join(names[:-1]), *names[-1:]) if part])


def noun_of(effects: Effects, flow: Flow) -> str:
    """Return what a flow is called in labels: `US goods exports to Korea`."""
    partner = effects.spec.names.get("partner", effects.spec.treated.label)
    adjective = effects.spec.names.get("reporter_adjective", "")
    return f"{adjective} goods {flow} {'to' if flow == 'exports' else 'from'} {partner}".strip()
