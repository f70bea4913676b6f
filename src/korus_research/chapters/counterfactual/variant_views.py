"""The main specification beside its variants, and the agreement beside others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.chapters.counterfactual.figures import COLOURS
from korus_research.chapters.counterfactual.findings import DATASETS
from korus_research.chapters.counterfactual.measures import of as counterfactual_of
from korus_research.chapters.flows.tables import amount
from korus_research.methods.series import FLOWS
from korus_research.show.figure import Figure
from korus_research.show.sourcing import source_line
from korus_research.show.table import Cell, Column, Table, number
from korus_research.show.theme import INK, OTHERS, QUIET, STRONG, bare
from korus_research.show.words.prose import say

if TYPE_CHECKING:
    import matplotlib.figure
    import pandas as pd
    from matplotlib.axes import Axes

    from korus_research.data.study import Study

GROUPS = {
    "estimator": "Estimator",
    "rule": "Donors",
    "threshold": "Donors",
    "pre_first": "Window",
    "pre_last": "Window",
    "without": "Window",
    "post_last": "Window",
    "outcome": "Outcome",
}
NO_INTERVAL = "no interval"
WIDEST = 110.0  # percent that the axis of agreements shows to each side; a line that goes further ends in an arrow


def variants_table(study: Study) -> Table:
    """Return the effects with one choice of the main specification changed at a time."""
    effects = counterfactual_of(study)
    scale, table = effects.scale, effects.variants
    by_flow = {flow: table[table["flow"] == flow].set_index(["choice", "value"]) for flow in FLOWS}
    keys = list(dict.fromkeys(key for each in by_flow.values() for key in each.index))
    rows: list[dict[str, Cell]] = []
    for key in keys:
        label = next(str(each.at[key, "label"]) for each in by_flow.values() if key in each.index)
        row: dict[str, Cell] = {"variant": _named(key[0], label, effects.main["exports"].spec.rule.label)}
        for flow, each in by_flow.items():
            cells = dict(each.loc[key]) if key in each.index else {}
            row |= {
                f"{flow}_effect": _ranged(cells),
                f"{flow}_p": number(cells.get("p_value"), 2),
                f"{flow}_usd": amount(cells.get("effect_usd_bn"), scale, signed=True),
            }
        rows.append(row)
    spec = effects.main["exports"].spec
    level = f"{100 * effects.main['exports'].level:.0f} percent"
    columns = [Column("variant", "Choice changed", align="left", width=3.3)]
    for flow in FLOWS:
        columns += [
            Column(f"{flow}_effect", flow.capitalize(), "percent (interval)", align="right", width=1.8),
            Column(f"{flow}_p", "p", width=0.6),
            Column(f"{flow}_usd", "A year", scale.short, width=0.8),
        ]
    return Table(
        id="counterfactual-variants",
        title=say(
            effects,
            "With one choice changed at a time, the effect on exports lies between {counterfactual.exports.variants.low:signed} and {counterfactual.exports.variants.high:signed}, "
            "that on imports between {counterfactual.imports.variants.low:signed} and {counterfactual.imports.variants.high:signed}",
        ),
        caption=f"Effects of the main specification and its variants; in brackets the {level} interval by inverting the placebo test; p is the placebo p-value.",
        source=source_line(study, DATASETS, str(table_last(study))),
        datasets=DATASETS,
        columns=columns,
        rows=rows,
        row_header="variant",
        data=table,
        made_by="korus_research.chapters.counterfactual.variant_views.variants_table",
        last_period=str(table_last(study)),
        notes=(
            f"The main specification is synthetic control on logarithms, fitted from {spec.pre[0]} to {spec.pre[1]}, effect over {spec.post[0]} to {spec.post[1]}.",
            *_no_interval(study, table),
            "Shares of trade with the world depend on each other by construction: what one partner gains others must lose.",
        ),
    )


def _no_interval(study: Study, table: pd.DataFrame) -> list[str]:
    """Return the note on missing intervals, where one is missing."""
    if not table["low"].isna().any():
        return []
    return [
        f"\N{LEFT DOUBLE QUOTATION MARK}{NO_INTERVAL.capitalize()}\N{RIGHT DOUBLE QUOTATION MARK}: it would reach beyond a tenth and ten times the flow, since some placebos are copied so closely before that their gaps after set no bound; "
        f"or the placebos are too few; or {study.names['partner']} itself is copied so closely that an effect has nothing to be measured by, and then there is no p-value either."
    ]


def table_last(study: Study) -> int:
    """Return the last year that any variant uses."""
    effects = counterfactual_of(study)
    offsets = effects.spec.choices.curve.post_last
    return max(effects.main["exports"].spec.post[1], *(effects.calendar.year(offset) for offset in offsets))


def _named(choice: str, label: str, rule: str) -> str:
    if choice == "main":
        return f"Main specification (donors: {rule})"
    text = label.removeprefix("donors: ").removeprefix("donors ").removeprefix("outcome: ")
    return f"{GROUPS.get(choice, choice)}: {text}"


def _ranged(cells: dict[str, float]) -> str:
    value = cells.get("effect_percent")
    if value is None:
        return "\N{EN DASH}"
    low, high = cells["low"], cells["high"]
    inner = NO_INTERVAL if low != low else f"{number(low, 0, signed=True)} to {number(high, 0, signed=True)}"
    return f"{number(value, 0, signed=True)} ({inner})"


def other_agreements(study: Study) -> Figure:
    """Return the effects of this agreement and of other US agreements by the same code, with intervals."""
    effects = counterfactual_of(study)
    own = effects.spec.treated.id
    table = effects.agreements
    shown = table[table["effect_percent"].notna()]
    first = shown[shown["flow"] == "exports"].sort_values("effect_percent", kind="stable")["id"].tolist()
    order = [*(each for each in dict.fromkeys(shown["id"]) if each not in first), *first]

    def draw() -> matplotlib.figure.Figure:
        import matplotlib.pyplot as plt

        figure, axes = plt.subplots(1, 2, figsize=(8.6, 0.27 * len(order) + 1.0), sharey=True, layout="constrained")
        labels = dict(zip(shown["id"], shown["label"], strict=True))
        for ax, flow in zip(axes, FLOWS, strict=True):
            _forest(ax, shown[shown["flow"] == flow].set_index("id"), order, own, COLOURS[flow])
            ax.set_title(flow.capitalize(), color=COLOURS[flow], pad=6)
        axes[0].set_yticks(range(len(order)), [labels[each] for each in order])
        for tick, each in zip(axes[0].get_yticklabels(), order, strict=True):
            tick.set_fontweight(STRONG if each == own else "normal")
            tick.set_color(INK if each == own else QUIET)
        return figure

    spec = effects.main["exports"].spec
    length = effects.spec.choices.main.post[1] + 1
    last = str(int(max(spec.post[1], (shown["first_full"].max() + length - 1))))
    last = min(last, str(effects.calendar.last_year))
    unbounded = bool(shown["low"].isna().any())
    lacking = int((shown.groupby("id").size() < len(FLOWS)).sum())
    return Figure(
        id="counterfactual-agreements",
        title=say(
            effects,
            "Of {counterfactual.exports.agreements.count} US agreements, {counterfactual.exports.agreements.clear_positive:count} can be told from chance with exports above their path and "
            "{counterfactual.exports.agreements.clear_negative:count} below it; for imports, {counterfactual.imports.agreements.clear_positive:count} above and {counterfactual.imports.agreements.clear_negative:count} below",
        ),
        subtitle="Effect in percent of the synthetic level, the main specification of each agreement in its own years",
        alt=say(
            effects,
            "Two panels of dots with intervals, one line an agreement, {agreement} in colour.",
            "The median effect is {counterfactual.exports.agreements.median:signed} on exports and {counterfactual.imports.agreements.median:signed} on imports.",
            "With energy exporters among the donors, marked by ticks, it is {counterfactual.exports.agreements.energy_median:signed} and {counterfactual.imports.agreements.energy_median:signed}.",
        ),
        caption=f"Lines are {100 * effects.main['exports'].level:.0f} percent intervals"
        + ("; an arrow where one goes on." if bool((shown["high"] > WIDEST).any()) else ".")
        + (" Hollow dots have none: the placebos set no useful one." if unbounded else "")
        + " A tick is the effect with energy exporters kept among the donors."
        + (" Partners without complete data are left out." if lacking else "")
        + " The agreement's year stands beside its partner.",
        source=source_line(study, DATASETS, last),
        datasets=DATASETS,
        data=shown,
        draw=draw,
        made_by="korus_research.chapters.counterfactual.variant_views.other_agreements",
        last_period=last,
    )


def _forest(ax: Axes, rows: pd.DataFrame, order: list[str], own: str, colour: str) -> None:
    lowest = -100.0
    ax.set_xlim(lowest, WIDEST)
    ax.axvline(0, color="#8A8A8A", linewidth=0.8, zorder=1)
    known = rows[["effect_percent", "low", "high", "with_energy_percent"]].astype(float).to_dict(orient="index")
    for place, name in enumerate(order):
        if name not in known:
            continue
        row = known[name]
        tint = colour if name == own else OTHERS
        value, low, high = (row[key] for key in ("effect_percent", "low", "high"))
        if low == low:
            ax.plot([max(low, lowest), min(high, WIDEST)], [place, place], color=tint, linewidth=2 if name == own else 1.3, solid_capstyle="butt", zorder=2)  # fmt: skip
            if high > WIDEST:
                ax.plot(WIDEST * 0.985, place, marker=">", markersize=5, color=tint, zorder=3)
        face = tint if low == low else "#FFFFFF"
        x = min(value, WIDEST * 0.96)
        ax.scatter(x, place, s=52 if name == own else 34, color=face, edgecolor=tint, linewidth=1.4, zorder=4)
        kept = row["with_energy_percent"]
        if kept == kept:
            ax.plot(min(kept, WIDEST * 0.985), place, marker="|", markersize=11, color=INK, markeredgewidth=1.3, zorder=5)  # fmt: skip
    bare(ax, grid="x")
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(-0.7, len(order) - 0.3)
    ax.set_xticks([-100, -50, 0, 50, 100])
    ax.set_xlabel("percent", loc="left")
