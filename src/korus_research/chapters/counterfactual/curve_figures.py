"""The specification curve: all effects in order of size, and below it the effects by choice."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns

from korus_research.chapters.counterfactual.effect_curve import EffectCurve
from korus_research.chapters.counterfactual.figures import TABLES
from korus_research.data.study import Study
from korus_research.methods.series import FLOWS, MN_PER_BN
from korus_research.methods.synthetic.specification import Specification
from korus_research.show.shown import Picture, Words, figure, number, theme

WORDS = Words("counterfactual")
POINTS = 480  # of the line of effects: more could not be told apart in print
DIGITS = {"effect_log": 6, "effect_percent": 4, "p_value": 4, "rmspe": 6, "kkt": 12}  # of the CSV, for its size
Rows = list[tuple[str, str, str]]  # choice, value as text in the table, label


@figure("curve", tables=TABLES)
def specification_curve(study: Study, curve: EffectCurve) -> Picture:
    """Return the curves of both flows above the choices of each specification."""
    table, rows = curve.curve.table, _rows(curve)
    ordered = {flow: curve.curve.of(flow) for flow in FLOWS}
    main = {flow: found.spec for flow, found in curve.effects.main.items()}
    low, high = _limits(table)
    chance = curve.effects.choices.chance

    def draw() -> theme.Figure:
        below = (0.34 if theme.narrow() else 0.19) * len(rows)
        drawn, axes = theme.panels(2.6 + below, rows=2, columns=2, height_ratios=[1.75, below], sharey="row")
        for column, flow in enumerate(FLOWS):
            top, bottom = axes[0][column], axes[1][column]
            _effects(top, ordered[flow], main[flow], theme.COLOURS[flow], chance)
            top.set_ylim(low, high)
            top.set_title(WORDS.label(f"flows.{flow}"), color=theme.COLOURS[flow], pad=6)
            _by_choice(bottom, ordered[flow], rows, theme.COLOURS[flow], (low, high))
        axes[0][0].set_ylabel(WORDS.label("percent"))
        wide = 22 if theme.narrow() else 60
        axes[1][0].set_yticks(range(len(rows)), [theme.wrapped(label, wide) for _, _, label in rows], fontsize=8)
        for ax in axes[1]:
            theme.stress(ax, (str(main["exports"].choices[choice]) == value for choice, value, _ in rows))
        return drawn

    cut = int(((table["effect_percent"] < low) | (table["effect_percent"] > high)).sum())
    return Picture(
        of=curve,
        data=table.sort_values(["flow", "effect_log"], kind="stable").round(DIGITS),
        draw=draw,
        last=str(int(table["post_last"].max())),
        given={
            "cut": str(cut or ""),
            "several": "effects" if cut > 1 else "",
            "exact": [flow for flow in FLOWS if ordered[flow]["p_value"].isna().any()],
        },
    )


def _rows(curve: EffectCurve) -> Rows:
    """Return a row for each value of each choice that the specifications differ in, from the bottom up."""
    rules, table, rows = curve.effects.choices.rules, curve.curve.table, []
    for choice in curve.effects.window.choices:
        values = table[choice].unique().tolist()
        order = [rule for rule in rules if rule in values] if choice == "rule" else sorted(values)
        for value in order if len(order) > 1 else ():
            label = rules[value].label if choice == "rule" else _label(choice, value)
            rows.append((choice, str(value), label))
    return rows[::-1]


def _label(choice: str, value: object) -> str:
    """Return the label of a value of a choice."""
    if choice in ("estimator", "outcome"):
        return WORDS.label(f"values.{value}")
    if choice == "without":
        return WORDS.label("curve.without", years=str(value).split(",") if value else [])
    shown = f"{float(str(value)) / MN_PER_BN:g}" if choice == "threshold_usd_mn" else str(value)
    return WORDS.label(f"curve.{choice}", value=shown)


def _limits(table: pd.DataFrame) -> tuple[float, float]:
    """Return the limits of the axis of effects, which leaves out the extreme hundredths."""
    by_flow = table.groupby("flow")["effect_percent"]
    return float(by_flow.quantile(0.01).min()) * 1.1 - 3, float(by_flow.quantile(0.985).max()) * 1.1 + 3


def _place(rows: pd.DataFrame, spec: Specification) -> int | None:
    """Return the position of the main specification in the curve; None where it is not part of it."""
    chosen = pd.Series(spec.choices).astype(str)
    found = (rows[chosen.index].astype(str) == chosen).all(axis=1).to_numpy().nonzero()[0]
    return int(found[0]) if found.size else None


def _effects(ax: theme.Axes, rows: pd.DataFrame, spec: Specification, colour: str, chance: float) -> None:
    effects = rows["effect_percent"].to_numpy()
    count = len(effects)
    kept = np.unique(np.linspace(0, count - 1, POINTS).astype(int))
    ax.axhline(0, color=theme.AXIS, linewidth=0.8, zorder=1)
    ax.plot(kept, effects[kept], color=colour, linewidth=1.8, zorder=3)
    clear = np.flatnonzero(rows["p_value"].to_numpy() < chance)
    if clear.size:
        many, marks = clear.size > 300, np.zeros(clear.size)
        ax.plot(clear, marks, "|", color=theme.INK, markersize=7, markeredgewidth=0.5, zorder=2, rasterized=many)
    median = float(np.median(effects))
    ax.axhline(median, color=colour, linewidth=0.9, linestyle=(0, (3, 2)), zorder=2)
    place = _place(rows, spec)
    if place is not None:
        ax.axvline(place, color=theme.INK, linewidth=0.7, zorder=2)
        ax.scatter(place, effects[place], s=34, color=theme.INK, zorder=4)
        left = place > count * 0.6
        shift, side = ((-6, 7), "right") if left else ((6, -7), "left")
        style: dict[str, Any] = {"ha": side, "va": "center", "fontweight": theme.STRONG}
        theme.note(ax, WORDS.label("main"), (place, effects[place]), shift, size=8.5, colour=theme.INK, **style)
    theme.bare(ax)
    ax.set_xlim(-0.01 * count, 1.01 * count)
    ax.set_xticks([0, count], list(WORDS.labels("ends").values()))
    smallest, largest = ax.get_xticklabels()
    smallest.set(horizontalalignment="left", color=theme.QUIET)
    largest.set(horizontalalignment="right", color=theme.QUIET)
    ax.tick_params(axis="x", length=0, labelsize=8)


def _by_choice(ax: theme.Axes, rows: pd.DataFrame, choices: Rows, colour: str, reach: tuple[float, float]) -> None:
    """Draw median and middle nine tenths of the effects of each choice, and the median in numbers."""
    ax.axvline(0, color=theme.AXIS, linewidth=0.8, zorder=1)
    made = pd.concat(
        rows.loc[rows[choice].astype(str) == value, ["effect_percent"]].assign(place=place)
        for place, (choice, value, _) in enumerate(choices)
    )
    sns.pointplot(
        made,
        x="effect_percent",
        y="place",
        orient="y",
        native_scale=True,
        estimator="median",
        errorbar=("pi", 90),
        color=colour,
        linestyle="none",
        markersize=5,
        markeredgewidth=1,
        err_kws={"linewidth": 2.2, "alpha": 0.45},
        ax=ax,
    )
    if not theme.narrow():
        for place, median in made.groupby("place")["effect_percent"].median().items():
            text, at = number(median, 0, signed=True), (1, float(str(place)))
            theme.note(ax, text, at, (3, 0), size=7.8, edge=False, xycoords=("axes fraction", "data"), va="center")
    for edge in range(1, len(choices)):
        if choices[edge][0] != choices[edge - 1][0]:
            ax.axhline(edge - 0.5, color=theme.AXIS, linewidth=0.6)
    theme.bare(ax, grid="x")
    ax.set_xlim(*reach)
    ax.set_ylim(-0.6, len(choices) - 0.4)
    ax.tick_params(axis="y", length=0)
    ax.set_ylabel("")
    ax.set_xlabel(WORDS.label("percent" if theme.narrow() else "medians"), loc="left")
