"""The specification curve: every effect in order of size, and below it the effects that each choice gave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.chapters.counterfactual.figures import COLOURS
from korus_research.chapters.counterfactual.findings import DATASETS
from korus_research.chapters.counterfactual.measures import of as counterfactual_of
from korus_research.methods.series import FLOWS
from korus_research.show.figure import Figure
from korus_research.show.sourcing import source_line
from korus_research.show.table import number
from korus_research.show.theme import INK, QUIET, STRONG, bare, halo
from korus_research.show.words.prose import say

if TYPE_CHECKING:
    import matplotlib.figure
    import pandas as pd
    from matplotlib.axes import Axes

    from korus_research.chapters.counterfactual.effect_curve import EffectCurve
    from korus_research.data.study import Study
    from korus_research.methods.synthetic.specification import Specification

POINTS = 480  # of the line of effects: more could not be told apart in print
CHOICES = {
    "estimator": "",
    "outcome": "",
    "pre_first": "fitted from",
    "pre_last": "fitted to",
    "without": "",
    "post_last": "effect to",
    "rule": "",
    "threshold_usd_mn": "",
}
WORDS = {
    "did": "difference-in-differences",
    "sc": "synthetic control",
    "sdid": "synthetic DiD",
    "log": "logarithm",
    "share": "share in trade with the world",
}
DIGITS = {"effect_log": 6, "effect_percent": 4, "p_value": 4, "rmspe": 6, "kkt": 12}  # of the CSV, for its size
Rows = list[tuple[str, str, str]]  # choice, value as text in the table, label


def specification_curve(study: Study, curve: EffectCurve) -> Figure:
    """Return the curves of both flows above the choices of each specification."""
    table = curve.curve.table
    rows = _rows(study, table)
    ordered = {flow: curve.curve.of(flow) for flow in FLOWS}
    main = {flow: found.spec for flow, found in curve.effects.main.items()}

    def draw() -> matplotlib.figure.Figure:
        import matplotlib.pyplot as plt

        figure, axes = plt.subplots(
            2,
            2,
            figsize=(8.6, 2.6 + 0.19 * len(rows)),
            height_ratios=[1.75, 0.19 * len(rows)],
            sharey="row",
            layout="constrained",
        )
        low, high = _limits(table)
        for column, flow in enumerate(FLOWS):
            top, bottom = axes[0][column], axes[1][column]
            _effects(top, ordered[flow], main[flow], COLOURS[flow], chance)
            top.set_ylim(low, high)
            top.set_title(flow.capitalize(), color=COLOURS[flow], pad=6)
            _by_choice(bottom, ordered[flow], rows, COLOURS[flow], (low, high))
        axes[0][0].set_ylabel("percent")
        axes[1][0].set_yticks(range(len(rows)), [label for _, _, label in rows], fontsize=8)
        for label, (choice, value, _) in zip(axes[1][0].get_yticklabels(), rows, strict=True):
            own = _made_by(choice, value, main["exports"])
            label.set(color=INK if own else QUIET, fontweight=STRONG if own else "normal")
        return figure

    last = str(int(table["post_last"].max()))
    low, high = _limits(table)
    chance, exact = curve.effects.spec.choices.chance, bool(table["p_value"].isna().any())
    cut = int(((table["effect_percent"] < low) | (table["effect_percent"] > high)).sum())
    return Figure(
        id="counterfactual-curve",
        title=say(
            curve,
            "For exports {counterfactual.curve.exports.main_above} of the specifications give less than the main one, for imports {counterfactual.curve.imports.main_above}; "
            "the medians are {counterfactual.curve.exports.median:signed} and {counterfactual.curve.imports.median:signed}",
        ),
        subtitle="Effect in percent of the synthetic level: above, specifications by size of effect; below, the effects that each choice gave",
        alt=say(
            curve,
            "Two columns, exports and imports: a line of effects in order of size, above rows of dots with lines, one row a choice.",
            "{counterfactual.curve.exports.positive} of the effects on exports are positive and {counterfactual.curve.imports.positive} of those on imports.",
            "Of the specifications, {counterfactual.curve.exports.main_above} give less than the main one for exports and {counterfactual.curve.imports.main_above} for imports.",
            "{counterfactual.curve.exports.significant} and {counterfactual.curve.imports.significant} have a p-value of their own below the level of chance.",
        ),
        caption="Above, the dot and the vertical line are the main specification; the dashed line is the median. Below, the dot is the median of all specifications that make a choice, "
        "the line their middle nine tenths, which is no interval; choices of the main specification are bold. "
        f"Ticks on the zero line are specifications with a p-value of their own below {chance:.2f}; their number is no test, because specifications share data. "
        f"The joint test ranks the median of {study.names['partner']}, in units of the gap before, among those of the partners that are donors in every specification, each treated in its turn as if it had the agreement."
        + (f" {cut} effect{'s lie' if cut > 1 else ' lies'} beyond the panel." if cut else "")
        + (" Specifications that copy the past exactly have no p-value." if exact else ""),
        source=source_line(study, DATASETS, last),
        datasets=DATASETS,
        data=table.sort_values(["flow", "effect_log"], kind="stable").round(DIGITS),
        draw=draw,
        made_by="korus_research.chapters.counterfactual.curve_views.specification_curve",
        last_period=last,
    )


def _rows(study: Study, table: pd.DataFrame) -> Rows:
    """Return a row for each value of each choice that the specifications differ in, from the bottom up."""
    rules = counterfactual_of(study).spec.choices.rules
    rows: Rows = []
    for choice, name in CHOICES.items():
        values = table[choice].unique().tolist()
        order = [rule for rule in rules if rule in values] if choice == "rule" else sorted(values)
        for value in order if len(order) > 1 else ():
            if choice == "without":
                label = "without " + str(value).replace(",", " and ") if value else "crisis years kept"
            elif choice == "threshold_usd_mn":
                label = f"above {float(value) / 1000:g} billion dollars"
            elif choice in ("pre_first", "pre_last", "post_last"):
                label = f"{name} {value}"
            else:
                label = rules[value].label if choice == "rule" else WORDS.get(str(value), str(value))
            rows.append((choice, str(value), label))
    return rows[::-1]


def _limits(table: pd.DataFrame) -> tuple[float, float]:
    """Return the ends of the effects' axis: wide enough for all but the farthest hundredths."""
    by_flow = table.groupby("flow")["effect_percent"]
    return float(by_flow.quantile(0.01).min()) * 1.1 - 3, float(by_flow.quantile(0.985).max()) * 1.1 + 3


def _place(rows: pd.DataFrame, spec: Specification) -> int | None:
    """Return where in the order the main specification stands; None if the curve does not hold it."""
    import pandas as pd

    own = pd.Series(True, index=rows.index)
    for choice in CHOICES:
        own &= rows[choice].astype(str).map(lambda value, choice=choice: _made_by(choice, value, spec))
    found = own.to_numpy().nonzero()[0]
    return int(found[0]) if found.size else None


def _effects(ax: Axes, rows: pd.DataFrame, spec: Specification, colour: str, chance: float) -> None:
    import numpy as np

    effects = rows["effect_percent"].to_numpy()
    count = len(effects)
    kept = np.unique(np.linspace(0, count - 1, POINTS).astype(int))
    ax.axhline(0, color="#8A8A8A", linewidth=0.8, zorder=1)
    ax.plot(kept, effects[kept], color=colour, linewidth=1.8, zorder=3)
    clear = np.flatnonzero(rows["p_value"].to_numpy() < chance)
    if clear.size:
        ax.plot(clear, np.zeros(clear.size), "|", color=INK, markersize=7, markeredgewidth=0.5, zorder=2, rasterized=clear.size > 300)  # fmt: skip
    median = float(np.median(effects))
    ax.axhline(median, color=colour, linewidth=0.9, linestyle=(0, (3, 2)), zorder=2)
    place = _place(rows, spec)
    if place is not None:
        ax.axvline(place, color=INK, linewidth=0.7, zorder=2)
        ax.scatter(place, effects[place], s=34, color=INK, zorder=4)
        left = place > count * 0.6
        ax.annotate(
            "main",
            (place, effects[place]),
            xytext=(-6 if left else 6, 7 if left else -7),
            textcoords="offset points",
            ha="right" if left else "left",
            va="center",
            fontsize=8.5,
            fontweight=STRONG,
            color=INK,
            path_effects=halo(),
        )
    bare(ax)
    ax.set_xlim(-0.01 * count, 1.01 * count)
    ax.set_xticks([0, count], ["smallest effect", "largest effect"])
    smallest, largest = ax.get_xticklabels()
    smallest.set(horizontalalignment="left", color=QUIET)
    largest.set(horizontalalignment="right", color=QUIET)
    ax.tick_params(axis="x", length=0, labelsize=8)


def _by_choice(ax: Axes, rows: pd.DataFrame, choices: Rows, colour: str, reach: tuple[float, float]) -> None:
    """Draw a line a choice: the median of the effects that it made, their middle nine tenths, and the median in numbers."""
    ax.axvline(0, color="#8A8A8A", linewidth=0.8, zorder=1)
    for place, (choice, value, _) in enumerate(choices):
        made = rows.loc[rows[choice].astype(str) == value, "effect_percent"]
        if made.empty:
            continue
        low, median, high = (float(made.quantile(share)) for share in (0.05, 0.5, 0.95))
        ax.plot(
            [max(low, reach[0]), min(high, reach[1])], [place, place], color=colour, linewidth=2.2, alpha=0.45, zorder=2
        )
        ax.plot(median, place, "o", color=colour, markersize=5, zorder=3)
        ax.annotate(
            number(median, 0, signed=True),
            (1, place),
            xycoords=("axes fraction", "data"),
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            fontsize=7.8,
            color=QUIET,
        )
    for edge in range(1, len(choices)):
        if choices[edge][0] != choices[edge - 1][0]:
            ax.axhline(edge - 0.5, color="#8A8A8A", linewidth=0.6)
    bare(ax, grid="x")
    ax.set_xlim(*reach)
    ax.set_ylim(-0.6, len(choices) - 0.4)
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel("percent; on the right the median", loc="left")


def _made_by(choice: str, value: str, spec: Specification) -> bool:
    """Return whether a specification makes a choice."""
    own: dict[str, object] = {
        "estimator": spec.estimator,
        "outcome": spec.outcome,
        "pre_first": spec.pre[0],
        "pre_last": spec.pre[1],
        "without": ",".join(map(str, spec.without)),
        "post_last": spec.post[1],
        "rule": spec.rule.id,
        "threshold_usd_mn": spec.threshold,
    }
    return str(own[choice]) == value


__all__ = ["specification_curve"]
