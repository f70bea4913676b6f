"""The counterfactual's answer, its lead figure, and who makes up the synthetic paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.chapters.counterfactual.energy import energy_findings
from korus_research.chapters.counterfactual.findings import DATASETS
from korus_research.chapters.counterfactual.measures import of as counterfactual_of
from korus_research.chapters.flows.measures import of as flows_of
from korus_research.chapters.summary.methods import method_findings
from korus_research.methods.series import FLOWS, MN_PER_BN, Flow
from korus_research.show.figure import Figure
from korus_research.show.sourcing import source_line
from korus_research.show.table import Cell, Column, Table, number
from korus_research.show.theme import EXPORTS, IMPORTS, INK, QUIET, bare, label_ends, mark_in_force
from korus_research.show.words.prose import Prose, say

if TYPE_CHECKING:
    import matplotlib.figure
    from matplotlib.axes import Axes

    from korus_research.chapters.counterfactual.effect_curve import EffectCurve
    from korus_research.chapters.counterfactual.effects import Effects
    from korus_research.data.study import Study
    from korus_research.methods.synthetic.estimate import Counterfactual

COLOURS: dict[Flow, str] = {"exports": EXPORTS, "imports": IMPORTS}
# Why a donor of the main specification is none under a stricter rule, in words.
REASONS = {
    "agreement": "Agreement",
    "any_agreement": "Older agreement",
    "energy": "Oil and gas",
    "sanctions": "Sanctions",
    "china_duties": "Additional US duties",
    "entrepot": "Trades others' goods on",
    "pharma_gold": "Medicines, gold",
    "competitor": "Competitor",
    "incomplete": "Missing or no trade",
}
LEFT_OUT_ELSEWHERE = ("competitor", "pharma_gold", "china_duties", "entrepot", "sanctions")
BAND_ROOM = 1.5  # a band may make an axis this much longer than the paths need; beyond, it is cut


def counterfactual_answer(study: Study) -> Prose:
    """Return the answer in two sentences: effects with intervals, and how many partners moved as much without one."""
    effects = counterfactual_of(study)
    moved = (
        "Among partners without a new agreement, {counterfactual.exports.larger} of {counterfactual.exports.donors} moved as much in exports (p = {counterfactual.exports.p_value}) and "
        "{counterfactual.imports.larger} of {counterfactual.imports.donors} in imports (p = {counterfactual.imports.p_value}): "
    )
    findings = effects.findings()
    # Of the two sentences on chance, that one is there whose findings are: of both flows, or of each.
    return say(
        findings | method_findings(findings),
        "Over {counterfactual.exports.effect@period}, US exports to {partner} were on average {counterfactual.exports.effect:abs} {counterfactual.exports.effect:above|below|away from} "
        f"the path that the main specification draws for a world without {{agreement}} ({_interval(effects, 'exports')}), and US imports from {{partner}} "
        f"{{counterfactual.imports.effect:abs}} {{counterfactual.imports.effect:above|below|away from}} theirs ({_interval(effects, 'imports')}).",
        f"{moved}{{methods.both.beyond_chance:both effects differ|neither effect differs|neither effect differs}} from zero at the {{counterfactual.chance_level}} level.",
        f"{moved}at the {{counterfactual.chance_level}} level the effect on exports {{methods.exports.beyond_chance:differs|does not differ|does not differ}} from zero, that on imports {{methods.imports.beyond_chance:differs|does not|does not}}.",
        role="answer",
        optional=True,
    )


def counterfactual_beside(study: Study, curve: EffectCurve) -> Prose:
    """Return what stands below the lead figure: what the brackets are, energy, who is compared with, all specifications."""
    effects = counterfactual_of(study)
    older = (
        "Kept among the partners compared although they have an older agreement ({counterfactual.older_agreements:count}): {older_agreements}.",
        "Without these the effect is {counterfactual.exports.rule.no-agreement-at-all:signed} on exports (p = {counterfactual.exports.rule.no-agreement-at-all.p}) "
        "and {counterfactual.imports.rule.no-agreement-at-all:signed} on imports (p = {counterfactual.imports.rule.no-agreement-at-all.p}).",
    )
    return say(
        (effects, curve, energy_findings(effects, flows_of(study))),
        "The brackets hold {counterfactual.interval_level} intervals: every effect that the placebo test does not reject, which treats each of these partners in its turn as if it had the agreement.",
        "With energy in them held at its value of the first full year, exports would have been {counterfactual.energy.held_pct:abs} {counterfactual.energy.held_pct:above|below|away from} their path, beside {counterfactual.exports.effect:signed} as they were.",
        *(older if effects.older_agreements else ()),
        "Over {counterfactual.curve.exports.specifications} combinations of choices for each flow, the median effect is {counterfactual.curve.exports.median:signed} on exports and "
        "{counterfactual.curve.imports.median:signed} on imports, and {counterfactual.curve.exports.main_above} of them give less than the main one for exports.",
        optional=True,
    )


def counterfactual_conclusions(study: Study, curve: EffectCurve) -> Prose:
    """Return what the main specification and the curve allow to be said of each flow, and what they leave possible."""
    effects = counterfactual_of(study)
    both: dict[Flow, tuple[str, str]] = {
        flow: (f"counterfactual.{flow}", f"counterfactual.curve.{flow}") for flow in FLOWS
    }
    possible = [
        f"{{{key}.effect:range}} for {flow}, or {{{key}.effect_usd:range}} a year"
        if effects.main[flow].interval_log is not None
        else f"no end that the placebos set for {flow} (estimate {{{key}.effect:signed}})"
        for flow, (key, _) in both.items()
    ]
    chance = [
        f"that on {flow} {{{key}.beyond_chance:differs|does not differ|does not differ}} from zero by the main specification and {{{whole}.beyond_chance:differs|does not|does not}} by all of them together"
        for flow, (key, whole) in both.items()
    ]
    single = [
        f"between {{{key}.variants.low:signed}} and {{{key}.variants.high:signed}} for {flow}"
        for flow, (key, _) in both.items()
    ]
    every = [f"from {{{whole}.median:range}} for {flow}" for flow, (_, whole) in both.items()]
    return say(
        (effects, curve),
        f"**Chance.** Of the two effects, {'; '.join(chance)}.",
        f"**What the test leaves possible.** It runs from {'; and from '.join(possible)}.",
        f"**Other choices.** With one changed at a time the estimate moves {' and '.join(single)}; over all specifications, without the twentieth at either end, it runs {' and '.join(every)}.",
        role="points",
    )


def _interval(effects: Effects, flow: Flow) -> str:
    """Return the template of a flow's interval, or words for its absence."""
    known = effects.main[flow].interval_log is not None
    return f"{{counterfactual.{flow}.effect:range}}" if known else "no useful interval"


def actual_and_synthetic(study: Study) -> Figure:
    """Return two panels, exports and imports: the actual path and the synthetic one with the band of placebo gaps."""
    effects = counterfactual_of(study)
    scale = effects.scale
    main = effects.main["exports"]

    def draw() -> matplotlib.figure.Figure:
        import matplotlib.pyplot as plt

        figure, axes = plt.subplots(1, 2, figsize=(8.6, 3.1), layout="constrained")
        for ax, (flow, found) in zip(axes, effects.main.items(), strict=True):
            _path(ax, found, COLOURS[flow], scale.factor / MN_PER_BN)
            ax.set_title(flow.capitalize(), color=COLOURS[flow], pad=16)
            mark_in_force(ax, study.agreement.dates.in_force)
        axes[0].set_ylabel(scale.unit)
        for ax, (flow, found) in zip(axes, effects.main.items(), strict=True):
            last = found.paths.iloc[-1] * scale.factor / MN_PER_BN
            end = float(found.paths.index[-1])
            ends = [(end, float(last["actual"]), "actual", COLOURS[flow])]
            ends.append((end, float(last["synthetic"]), "synthetic", INK))
            if found.interval_log is not None:
                ends.append((end, float(last["low"]), "placebo band", QUIET))
            label_ends(ax, ends, x=end, strong=("actual",), size=8.5)
        return figure

    spec = main.spec
    between = range(spec.pre[1] + 1, spec.post[0])
    apart = (
        f" The shaded years ({_years(between)}) are in neither mean: entry into force was near or in them."
        if between
        else ""
    )
    level = f"{100 * main.level:.0f} percent"
    none = any(f.interval_log is None for f in effects.main.values())
    return Figure(
        id="counterfactual-paths",
        title=say(
            effects,
            "Over {counterfactual.exports.effect@period}, exports to {partner} were {counterfactual.exports.effect:abs} {counterfactual.exports.effect:above|below|away from} their synthetic path "
            "(p = {counterfactual.exports.p_value}), imports {counterfactual.imports.effect:abs} {counterfactual.imports.effect:above|below|away from} theirs (p = {counterfactual.imports.p_value})",
        ),
        subtitle=f"US goods trade with {study.names['partner']} by year, {scale.unit} (nominal): actual, and made of other partners",
        alt=say(
            effects,
            "Two panels, each with a solid line (actual), a dashed one (synthetic) and a band around that.",
            "Before, the lines are {counterfactual.exports.rmspe} apart for exports and {counterfactual.imports.rmspe} for imports (root mean square).",
            "After, exports average {counterfactual.exports.actual} a year against {counterfactual.exports.synthetic}, imports {counterfactual.imports.actual} against {counterfactual.imports.synthetic}.",
        ),
        caption=f"Synthetic paths are weighted averages of other partners, fitted on {spec.pre[0]} to {spec.pre[1]} and moved to the level of trade with {study.names['partner']}. "
        f"The band holds the gaps of {level} of the placebos in each year, scaled to the fit of {study.names['partner']}"
        + ("; there is none where the placebos set no useful interval" if none else "")
        + ("; where it leaves the panel it is cut." if any(_cut(f) for f in effects.main.values()) else ".")
        + apart,
        source=source_line(study, DATASETS, str(spec.post[1])),
        datasets=DATASETS,
        data=effects.to_frame(),
        draw=draw,
        made_by="korus_research.chapters.counterfactual.figures.actual_and_synthetic",
        last_period=str(spec.post[1]),
    )


def _path(ax: Axes, found: Counterfactual, colour: str, unit: float) -> None:
    from matplotlib.ticker import StrMethodFormatter

    paths, spec = found.paths * unit, found.spec
    years = paths.index.to_numpy(dtype=float)
    ax.fill_between(years, paths["low"], paths["high"], color="#000000", alpha=0.1, linewidth=0)
    ax.plot(years, paths["synthetic"], color=INK, linewidth=1.4, linestyle=(0, (4, 2)))
    ax.plot(years, paths["actual"], color=colour, linewidth=2.2)
    if spec.post[0] > spec.pre[1] + 1:
        ax.axvspan(spec.pre[1] + 0.5, spec.post[0] - 0.5, color="#8A8A8A", alpha=0.13, linewidth=0, zorder=0)
    ax.set_ylim(0, _top(found) * unit)
    bare(ax)
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}" if ax.get_ylim()[1] > 3 else "{x:g}"))
    ax.set_xlim(years[0], years[-1] + (years[-1] - years[0]) * 0.3)
    ticks = [y for y in range(int(years[0]), int(years[-1]) + 1) if y % 5 == 0]
    ax.set_xticks(ticks, [str(y) for y in ticks])


def _top(found: Counterfactual) -> float:
    """Return where a panel ends, in the unit of the paths: a band makes it no longer than `BAND_ROOM` allows."""
    need, band = float(found.paths[["actual", "synthetic"]].max().max()), float(found.paths["high"].max())
    return max(1.06 * need, min(1.04 * band, BAND_ROOM * need)) if band == band else 1.2 * need


def _cut(found: Counterfactual) -> bool:
    return float(found.paths["high"].max()) > _top(found)


def _years(years: range) -> str:
    return (
        str(years[0])
        if len(years) == 1
        else f"{years[0]} and {years[-1]}"
        if len(years) == 2
        else (f"{years[0]} to {years[-1]}")
    )


def weights_table(study: Study) -> Table:
    """Return the donors that make up the synthetic paths, with their weights in both."""
    import pandas as pd

    effects = counterfactual_of(study)
    weights = pd.DataFrame({flow: found.weights for flow, found in effects.main.items()}).fillna(0.0)
    order = weights.loc[weights.sum(axis=1).sort_values(ascending=False, kind="stable").index]
    rows: list[dict[str, Cell]] = [
        {"donor": effects.panel.name(str(code)), **{flow: _share(float(row[flow])) for flow in FLOWS}}
        for code, row in order.iterrows()
    ]
    spec = effects.main["exports"].spec
    pools = {flow: found.pool.donors for flow, found in effects.main.items()}
    data = pd.DataFrame(
        [
            {
                "partner": code,
                "name": effects.panel.name(code),
                "flow": flow,
                "weight": float(order[flow].get(code, 0.0)),
            }
            for flow, donors in pools.items()
            for code in donors
        ]
    )
    return Table(
        id="counterfactual-weights",
        title=say(
            effects,
            "The synthetic path of exports is made of {counterfactual.exports.weighted} of {counterfactual.exports.donors} donors, that of imports of "
            "{counterfactual.imports.weighted} of {counterfactual.imports.donors}",
        ),
        caption="Weights in the synthetic paths, percent; a dash is no weight. The CSV has every donor.",
        source=source_line(study, DATASETS, str(spec.post[1])),
        datasets=DATASETS,
        columns=[
            Column("donor", "Donor", align="left", width=2),
            *(Column(flow, f"Weight in {flow}", "percent") for flow in FLOWS),
        ],
        rows=rows,
        row_header="donor",
        data=data,
        made_by="korus_research.chapters.counterfactual.figures.weights_table",
        last_period=str(spec.post[1]),
        notes=(
            f"Donors: complete and positive trade from {spec.pre[0]} to {spec.post[1]}, on average more than "
            f"{spec.threshold / MN_PER_BN:g} billion dollars a year from {spec.pre[0]} to {spec.pre[1]}, and no reason against them.",
            *_doubtful(study),
        ),
    )


def _doubtful(study: Study) -> list[str]:
    """Return how much weight lies on donors that a stricter rule leaves out, and what one donor left out does, by flow."""
    effects = counterfactual_of(study)
    said = []
    for flow, found in effects.main.items():
        table = effects.status.table[effects.status.about(effects.spec.treated.partner)]
        told = []
        for code in LEFT_OUT_ELSEWHERE:
            named = set(table.loc[table["reason"] == code, "partner"].astype(str))
            weights = {str(p): float(w) for p, w in found.weights.items() if str(p) in named and w > 0}
            if weights:
                who = ", ".join(effects.panel.name(partner) for partner in weights)
                told.append(
                    f"{REASONS[code][:1].lower()}{REASONS[code][1:]} {100 * sum(weights.values()):.0f} percent ({who})"
                )
        without = effects.without_donor[flow]
        ends = [number(float(end), 0, signed=True) for end in (without.min(), without.max())]
        weights_said = f"donors that a stricter rule leaves out have these weights: {'; '.join(told)}. " if told else ""
        said.append(
            f"{flow.capitalize()}: {weights_said}With one donor left out at a time the effect lies between {ends[0]} and {ends[1]} percent."
        )
    return said


def _share(weight: float) -> str:
    return number(100 * weight, 1) if weight > 0 else "\N{EN DASH}"
