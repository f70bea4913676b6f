"""Figures of the counterfactual: actual and synthetic paths, and placebos."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from korus_research.chapters.counterfactual.measures import Effects
from korus_research.chapters.counterfactual.measures import of as counterfactual_of
from korus_research.data.study import Study
from korus_research.methods.series import MN_PER_BN
from korus_research.methods.synthetic.estimate import Counterfactual
from korus_research.show import theme
from korus_research.show.shown import Picture, figure
from korus_research.show.words.text import Words

WORDS = Words("counterfactual")
TABLES = ("goods_trade_monthly", "donor_status", "us_agreements")
BAND_ROOM = 1.5  # a band may make an axis this much longer than the paths need; beyond, it is cut
WIDE = 25.0  # standardised effects beyond are drawn at the edge: their fit before is nearly perfect


@figure("paths", tables=TABLES)
def actual_and_synthetic(study: Study) -> Picture:
    """Return two panels: actual trade, the path by the leading method with its band, and that declared first."""
    effects = counterfactual_of(study)
    scale, led = effects.scale, effects.led

    def draw() -> theme.Figure:
        drawn, axes = theme.panels(3.1, columns=2)
        names = {name: WORDS.label(f"paths.{name}", **effects.names) for name in WORDS.labels("paths")}
        unit = scale.factor / MN_PER_BN
        for ax, (flow, found) in zip(axes, led.items(), strict=True):
            other = None if led[flow] is effects.main[flow] else effects.main[flow]
            _path(ax, found, other, theme.COLOURS[flow], unit, names)
            ax.set_title(WORDS.label(f"flows.{flow}"), color=theme.COLOURS[flow], pad=16)
            theme.mark_in_force(ax, study.agreement.dates.in_force)
        axes[0].set_ylabel(scale.unit)
        for ax, (flow, found) in zip(axes, led.items(), strict=True):
            last, end = found.paths.iloc[-1] * unit, float(found.paths.index[-1])
            ends = [(end, float(last["actual"]), names["actual"], theme.COLOURS[flow])]
            ends.append((end, float(last["synthetic"]), names["synthetic"], theme.INK))
            if found.interval_log is not None:
                ends.append((end, float(last["low"]), names["band"], theme.QUIET))
            theme.label_ends(ax, ends, x=end, strong=(names["actual"],), size=8.5)
        return drawn

    return Picture(
        of=effects,
        data=_paths(effects),
        draw=draw,
        last=str(effects.window.post[1]),
        given={"cut": [flow for flow, found in led.items() if _cut(found)]},
    )


def _paths(effects: Effects) -> pd.DataFrame:
    """Return the paths by the leading method, with that of the method declared first beside them, million USD."""
    frames = [
        found.paths.assign(flow=flow, declared=effects.main[flow].paths["synthetic"]).reset_index()
        for flow, found in effects.led.items()
    ]
    return pd.concat(frames, ignore_index=True)


def _path(
    ax: theme.Axes,
    found: Counterfactual,
    other: Counterfactual | None,
    colour: str,
    unit: float,
    names: Mapping[str, str],
) -> None:
    from matplotlib.ticker import StrMethodFormatter

    paths, spec = found.paths * unit, found.spec
    years = paths.index.to_numpy(dtype=float)
    ax.fill_between(years, paths["low"], paths["high"], color=theme.BAND, linewidth=0)
    if other is not None:
        thin: dict[str, Any] = {"color": theme.QUIET, "linewidth": 0.9, "linestyle": (0, (1, 1.5))}
        ax.plot(years, other.paths["synthetic"] * unit, label=names["declared"], **thin)
    dashed: dict[str, Any] = {"color": theme.INK, "linewidth": 1.6, "linestyle": (0, (4, 2))}
    ax.plot(years, paths["synthetic"], label=names["synthetic"], **dashed)
    ax.plot(years, paths["actual"], label=names["actual"], color=colour, linewidth=2.2)
    if spec.post[0] > spec.pre[1] + 1:
        ax.axvspan(spec.pre[1] + 0.5, spec.post[0] - 0.5, color=theme.WASH, linewidth=0, zorder=0)
    ax.set_ylim(0, _top(found) * unit)
    theme.bare(ax)
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}" if ax.get_ylim()[1] > 3 else "{x:g}"))
    ax.set_xlim(years[0], years[-1] + (years[-1] - years[0]) * 0.3)
    theme.year_ticks(ax, int(years[0]), int(years[-1]), 5, dates=False)


def _top(found: Counterfactual) -> float:
    """Return where a panel ends, in the unit of the paths: a band makes it no longer than `BAND_ROOM` allows."""
    need, band = float(found.paths[["actual", "synthetic"]].max().max()), float(found.paths["high"].max())
    return max(1.06 * need, min(1.04 * band, BAND_ROOM * need)) if band == band else 1.2 * need


def _cut(found: Counterfactual) -> bool:
    return float(found.paths["high"].max()) > _top(found)


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
                ax.axvline(side * bound, color=theme.HAIRLINE, linewidth=0.8, linestyle=(0, (1, 2)))
    theme.note(ax, partner, own, (7, 0), size=9, colour=colour, va="center", fontweight=theme.STRONG)
    ax.axvline(0, color=theme.AXIS, linewidth=0.8)
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
