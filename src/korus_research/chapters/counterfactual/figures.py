"""Figures of the counterfactual: actual and synthetic paths, placebos, and other agreements."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from korus_research.chapters.counterfactual.estimates.side_by_side import methods_frame
from korus_research.chapters.counterfactual.measures import of as counterfactual_of
from korus_research.data.study import Study
from korus_research.methods.series import FLOWS, MN_PER_BN
from korus_research.methods.synthetic.estimate import Counterfactual
from korus_research.show import theme
from korus_research.show.shown import Picture, figure
from korus_research.show.words.text import Words

WORDS = Words("counterfactual")
TABLES = ("goods_trade_monthly", "donor_status", "us_agreements")
BAND_ROOM = 1.5  # a band may make an axis this much longer than the paths need; beyond, it is cut
WIDE = 25.0  # standardised effects beyond are drawn at the edge: their fit before is nearly perfect
WIDEST = 110.0  # percent that the axis of agreements shows to each side; a line that goes further ends in an arrow
LOWEST = -100.0


@figure("paths", tables=TABLES)
def actual_and_synthetic(study: Study) -> Picture:
    """Return two panels, exports and imports: the actual path and the synthetic one with the band of placebo gaps."""
    effects = counterfactual_of(study)
    scale = effects.scale

    def draw() -> theme.Figure:
        drawn, axes = theme.panels(3.1, columns=2)
        for ax, (flow, found) in zip(axes, effects.main.items(), strict=True):
            _path(ax, found, theme.COLOURS[flow], scale.factor / MN_PER_BN)
            ax.set_title(WORDS.label(f"flows.{flow}"), color=theme.COLOURS[flow], pad=16)
            theme.mark_in_force(ax, study.agreement.dates.in_force)
        axes[0].set_ylabel(scale.unit)
        names = WORDS.labels("paths")
        for ax, (flow, found) in zip(axes, effects.main.items(), strict=True):
            last = found.paths.iloc[-1] * scale.factor / MN_PER_BN
            end = float(found.paths.index[-1])
            ends = [(end, float(last["actual"]), names["actual"], theme.COLOURS[flow])]
            ends.append((end, float(last["synthetic"]), names["synthetic"], theme.INK))
            if found.interval_log is not None:
                ends.append((end, float(last["low"]), names["band"], theme.QUIET))
            theme.label_ends(ax, ends, x=end, strong=(names["actual"],), size=8.5)
        return drawn

    return Picture(
        of=effects,
        data=effects.to_frame(),
        draw=draw,
        last=str(effects.window.post[1]),
        given={"cut": [flow for flow, found in effects.main.items() if _cut(found)]},
    )


def _path(ax: theme.Axes, found: Counterfactual, colour: str, unit: float) -> None:
    from matplotlib.ticker import StrMethodFormatter

    paths, spec = found.paths * unit, found.spec
    years = paths.index.to_numpy(dtype=float)
    ax.fill_between(years, paths["low"], paths["high"], color="#000000", alpha=0.1, linewidth=0)
    ax.plot(years, paths["synthetic"], color=theme.INK, linewidth=1.4, linestyle=(0, (4, 2)))
    ax.plot(years, paths["actual"], color=colour, linewidth=2.2)
    if spec.post[0] > spec.pre[1] + 1:
        ax.axvspan(spec.pre[1] + 0.5, spec.post[0] - 0.5, color="#8A8A8A", alpha=0.13, linewidth=0, zorder=0)
    ax.set_ylim(0, _top(found) * unit)
    theme.bare(ax)
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


@figure("methods", tables=TABLES)
def methods_side_by_side(study: Study) -> Picture:
    """Return the effects by each method with their ranges, the method that leads in colour."""
    effects = counterfactual_of(study)
    data = methods_frame(effects)
    order = list(effects.choices.methods)[::-1]

    def draw() -> theme.Figure:
        drawn, axes = theme.panels(0.3 * len(order) + 1.0, columns=2, sharey=True)
        for ax, flow in zip(axes, FLOWS, strict=True):
            rows = data[data["flow"] == flow].set_index("method")
            _forest(ax, rows, order, effects.leading, theme.COLOURS[flow])
            ax.set_title(WORDS.label(f"flows.{flow}"), color=theme.COLOURS[flow], pad=6)
        axes[0].set_yticks(range(len(order)), [WORDS.label(f"methods.{name}") for name in order])
        for tick, name in zip(axes[0].get_yticklabels(), order, strict=True):
            tick.set_fontweight(theme.STRONG if name == effects.leading else "normal")
        return drawn

    given = {key: data.loc[rows, "method"].tolist() for key, rows in _unlike(data).items()}
    return Picture(of=effects, data=data, draw=draw, last=str(effects.window.post[1]), given=given)


def _unlike(data: pd.DataFrame) -> dict[str, pd.Series]:
    """Return the rows whose line ends in an arrow, and those without one."""
    return {"arrows": data["high"] > WIDEST, "hollow": data["low"].isna()}


@figure("placebos", tables=TABLES)
def standardised_effects(study: Study) -> Picture:
    """Return the standardised effects of the partner and of every placebo, a row a flow."""
    effects, partner = counterfactual_of(study), study.names["partner"]
    frames = [
        found.placebos.assign(flow=flow, name=lambda t: [effects.panel.name(str(c)) for c in t.index]).reset_index()
        for flow, found in effects.main.items()
    ]
    data = pd.concat(frames, ignore_index=True)

    def draw() -> theme.Figure:
        drawn, axes = theme.panels(3.5, rows=2, sharex=True)
        for ax, (flow, found) in zip(axes, effects.main.items(), strict=True):
            _strip(ax, found, theme.COLOURS[flow], partner)
            ax.set_title(WORDS.label(f"flows.{flow}"), color=theme.COLOURS[flow], pad=4)
        axes[1].set_xlabel(WORDS.label("standardised"), loc="left")
        return drawn

    data["ranked"] = np.concatenate([found.kept for found in effects.main.values()])
    beyond = data.loc[data["ranked"] & (data["standardised"].abs() > WIDE), "name"].tolist()
    return Picture(of=effects, data=data, draw=draw, last=str(effects.window.post[1]), given={"beyond": beyond})


def _strip(ax: theme.Axes, found: Counterfactual, colour: str, partner: str) -> None:
    values = found.fits.standardised[found.kept]
    inside = np.clip(values, -WIDE, WIDE)
    heights = _stacked(inside)
    shown = np.abs(values) <= WIDE
    ax.scatter(inside[1:][shown[1:]], heights[1:][shown[1:]], s=30, color=theme.OTHERS, linewidth=0, zorder=2)
    for side, marker in ((-1, "<"), (1, ">")):
        out = ~shown & (np.sign(values) == side)
        out[0] = False
        ax.scatter(inside[out], heights[out], s=34, color=theme.OTHERS, marker=marker, linewidth=0, zorder=2)
    own = (float(inside[0]), float(heights[0]))
    ax.scatter(*own, s=64, color=colour, zorder=4)
    rank = math.ceil(found.level * values.size)
    if rank < values.size:
        bound = float(np.sort(np.abs(values[1:]))[rank - 1])
        for side in (-1, 1):
            if bound <= WIDE:
                ax.axvline(side * bound, color="#777777", linewidth=0.8, linestyle=(0, (1, 2)))
    theme.note(ax, partner, own, (7, 0), size=9, colour=colour, va="center", fontweight=theme.STRONG)
    ax.axvline(0, color="#8A8A8A", linewidth=0.8)
    theme.bare(ax, grid="x")
    ax.set_xlim(-WIDE * 1.04, WIDE * 1.04)
    ax.set_ylim(-0.7, max(3.5, float(heights.max()) + 0.8))
    ax.set_yticks([])
    ax.tick_params(axis="x", colors=theme.QUIET)


def _stacked(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a height for each dot: the first has the lowest to itself, others that would touch stand on each other."""
    apart = WIDE / 32
    heights = np.zeros(len(values))
    for k in range(1, len(values)):
        near = np.abs(values[1:k] - values[k]) < apart
        taken = set(heights[1:k][near])
        heights[k] = next(level for level in range(1, len(values) + 1) if level not in taken)
    return heights


@figure("agreements", tables=TABLES)
def other_agreements(study: Study) -> Picture:
    """Return the effects of this agreement and of other US agreements by the same code, with intervals."""
    effects = counterfactual_of(study)
    own, table = effects.agreement.id, effects.agreements
    shown = table[table["effect_percent"].notna()]
    first = shown[shown["flow"] == "exports"].sort_values("effect_percent", kind="stable")["id"].tolist()
    order = [*(each for each in dict.fromkeys(shown["id"]) if each not in first), *first]

    def draw() -> theme.Figure:
        drawn, axes = theme.panels(0.27 * len(order) + 1.0, columns=2, sharey=True)
        labels = dict(zip(shown["id"], shown["label"], strict=True))
        for ax, flow in zip(axes, FLOWS, strict=True):
            _forest(ax, shown[shown["flow"] == flow].set_index("id"), order, own, theme.COLOURS[flow])
            ax.set_title(WORDS.label(f"flows.{flow}"), color=theme.COLOURS[flow], pad=6)
        axes[0].set_yticks(range(len(order)), [labels[each] for each in order])
        for tick, each in zip(axes[0].get_yticklabels(), order, strict=True):
            tick.set_fontweight(theme.STRONG if each == own else "normal")
            tick.set_color(theme.INK if each == own else theme.QUIET)
        return drawn

    years = effects.choices.main.post[1]
    last = max(effects.window.post[1], int(shown["first_full"].max()) + years)
    flows = shown.groupby("id").size()
    return Picture(
        of=effects,
        data=shown,
        draw=draw,
        last=str(min(last, effects.calendar.last_year)),
        given={
            "arrows": shown.loc[shown["high"] > WIDEST, "label"].tolist(),
            "hollow": shown.loc[shown["low"].isna(), "label"].tolist(),
            "incomplete": flows.index[flows < len(FLOWS)].tolist(),
        },
    )


def _forest(ax: theme.Axes, rows: pd.DataFrame, order: list[str], own: str, colour: str) -> None:
    ax.set_xlim(LOWEST, WIDEST)
    ax.axvline(0, color="#8A8A8A", linewidth=0.8, zorder=1)
    columns = ["effect_percent", "low", "high", "with_energy_percent"]
    known = rows.reindex(columns=columns).astype(float).to_dict(orient="index")
    for place, name in enumerate(order):
        if name not in known:
            continue
        value, low, high, kept = known[name].values()
        tint, strong = (colour, True) if name == own else (theme.OTHERS, False)
        if low == low:
            ends = [max(low, LOWEST), min(high, WIDEST)]
            ax.plot(ends, [place] * 2, color=tint, linewidth=2 if strong else 1.3, solid_capstyle="butt", zorder=2)
            if high > WIDEST:
                ax.plot(WIDEST * 0.985, place, marker=">", markersize=5, color=tint, zorder=3)
        face, x = tint if low == low else "#FFFFFF", min(value, WIDEST * 0.96)
        ax.scatter(x, place, s=52 if strong else 34, color=face, edgecolor=tint, linewidth=1.4, zorder=4)
        if kept == kept:
            tick = min(kept, WIDEST * 0.985)
            ax.plot(tick, place, marker="|", markersize=11, color=theme.INK, markeredgewidth=1.3, zorder=5)
    theme.bare(ax, grid="x")
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(-0.7, len(order) - 0.3)
    ax.set_xticks([-100, -50, 0, 50, 100])
    ax.set_xlabel(WORDS.label("percent"), loc="left")
