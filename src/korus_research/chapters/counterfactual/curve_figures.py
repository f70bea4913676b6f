"""The specification curve: every effect in order of size, and below it the effects that each choice gave."""

from __future__ import annotations

import numpy as np
import pandas as pd

from korus_research.chapters.counterfactual.effect_curve import EffectCurve
from korus_research.chapters.counterfactual.figures import TABLES
from korus_research.data.study import Study
from korus_research.methods.series import FLOWS, MN_PER_BN
from korus_research.methods.synthetic.specification import Specification
from korus_research.show import theme
from korus_research.show.shown import Picture, figure
from korus_research.show.table import number
from korus_research.show.words.text import Words

WORDS = Words("counterfactual")
POINTS = 480  # of the line of effects: more could not be told apart in print
CHOICES = ("estimator", "outcome", "pre_first", "pre_last", "without", "post_last", "rule", "threshold_usd_mn")
DIGITS = {"effect_log": 6, "effect_percent": 4, "p_value": 4, "rmspe": 6, "kkt": 12}  # of the CSV, for its size
Rows = list[tuple[str, str, str]]  # choice, value as text in the table, label


@figure("curve", tables=TABLES)
def specification_curve(study: Study, curve: EffectCurve) -> Picture:
    """Return the curves of both flows above the choices of each specification."""
    table, rows = curve.curve.table, _rows(curve)
    ordered = {flow: curve.curve.of(flow) for flow in FLOWS}
    main = {flow: found.spec for flow, found in curve.effects.main.items()}
    low, high = _limits(table)
    chance = curve.effects.spec.choices.chance

    def draw() -> theme.Figure:
        import matplotlib.pyplot as plt

        below = 0.19 * len(rows)
        size, parts = (8.6, 2.6 + below), [1.75, below]
        drawn, axes = plt.subplots(2, 2, figsize=size, height_ratios=parts, sharey="row", layout="constrained")
        for column, flow in enumerate(FLOWS):
            top, bottom = axes[0][column], axes[1][column]
            _effects(top, ordered[flow], main[flow], theme.COLOURS[flow], chance)
            top.set_ylim(low, high)
            top.set_title(WORDS.label(f"flows.{flow}"), color=theme.COLOURS[flow], pad=6)
            _by_choice(bottom, ordered[flow], rows, theme.COLOURS[flow], (low, high))
        axes[0][0].set_ylabel(WORDS.label("percent"))
        axes[1][0].set_yticks(range(len(rows)), [label for _, _, label in rows], fontsize=8)
        for label, (choice, value, _) in zip(axes[1][0].get_yticklabels(), rows, strict=True):
            own = _made_by(choice, value, main["exports"])
            label.set(color=theme.INK if own else theme.QUIET, fontweight=theme.STRONG if own else "normal")
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
    rules, table, rows = curve.effects.spec.choices.rules, curve.curve.table, []
    for choice in CHOICES:
        values = table[choice].unique().tolist()
        order = [rule for rule in rules if rule in values] if choice == "rule" else sorted(values)
        for value in order if len(order) > 1 else ():
            label = rules[value].label if choice == "rule" else _label(choice, value)
            rows.append((choice, str(value), label))
    return rows[::-1]


def _label(choice: str, value: object) -> str:
    """Return how a value of a choice is called beside its row."""
    if choice in ("estimator", "outcome"):
        return WORDS.label(f"values.{value}")
    if choice == "without":
        return WORDS.label("curve.without", years=str(value).split(",") if value else [])
    shown = f"{float(str(value)) / MN_PER_BN:g}" if choice == "threshold_usd_mn" else str(value)
    return WORDS.label(f"curve.{choice}", value=shown)


def _limits(table: pd.DataFrame) -> tuple[float, float]:
    """Return the ends of the effects' axis: wide enough for all but the farthest hundredths."""
    by_flow = table.groupby("flow")["effect_percent"]
    return float(by_flow.quantile(0.01).min()) * 1.1 - 3, float(by_flow.quantile(0.985).max()) * 1.1 + 3


def _place(rows: pd.DataFrame, spec: Specification) -> int | None:
    """Return where in the order the main specification stands; None if the curve does not hold it."""
    own = pd.Series(True, index=rows.index)
    for choice in CHOICES:
        own &= rows[choice].astype(str).map(lambda value, choice=choice: _made_by(choice, value, spec))
    found = own.to_numpy().nonzero()[0]
    return int(found[0]) if found.size else None


def _effects(ax: theme.Axes, rows: pd.DataFrame, spec: Specification, colour: str, chance: float) -> None:
    effects = rows["effect_percent"].to_numpy()
    count = len(effects)
    kept = np.unique(np.linspace(0, count - 1, POINTS).astype(int))
    ax.axhline(0, color="#8A8A8A", linewidth=0.8, zorder=1)
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
        ax.annotate(
            WORDS.label("main"),
            (place, effects[place]),
            xytext=(-6 if left else 6, 7 if left else -7),
            textcoords="offset points",
            ha="right" if left else "left",
            va="center",
            fontsize=8.5,
            fontweight=theme.STRONG,
            color=theme.INK,
            path_effects=theme.halo(),
        )
    theme.bare(ax)
    ax.set_xlim(-0.01 * count, 1.01 * count)
    ax.set_xticks([0, count], list(WORDS.labels("ends").values()))
    smallest, largest = ax.get_xticklabels()
    smallest.set(horizontalalignment="left", color=theme.QUIET)
    largest.set(horizontalalignment="right", color=theme.QUIET)
    ax.tick_params(axis="x", length=0, labelsize=8)


def _by_choice(ax: theme.Axes, rows: pd.DataFrame, choices: Rows, colour: str, reach: tuple[float, float]) -> None:
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
            color=theme.QUIET,
        )
    for edge in range(1, len(choices)):
        if choices[edge][0] != choices[edge - 1][0]:
            ax.axhline(edge - 0.5, color="#8A8A8A", linewidth=0.6)
    theme.bare(ax, grid="x")
    ax.set_xlim(*reach)
    ax.set_ylim(-0.6, len(choices) - 0.4)
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel(WORDS.label("medians"), loc="left")


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
