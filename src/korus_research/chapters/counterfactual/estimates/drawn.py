"""Drawing an estimate: its path with the placebos' band, and its standardised effect among theirs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from korus_research.methods.synthetic.estimate import Counterfactual
from korus_research.show import theme

BAND_ROOM = 1.5  # a band may make an axis this much longer than the paths need; beyond, it is cut
WIDE = 25.0  # standardised effects beyond are drawn at the edge: their fit before is nearly perfect


def path_panel(
    ax: theme.Axes,
    found: Counterfactual,
    other: Counterfactual | None,
    colour: str,
    unit: float,
    names: Mapping[str, str],
) -> None:
    """Draw the actual path, the synthetic one with its band, and dotted that of an `other` estimate.

    `unit` is what one USD million is in the unit of the axis, `names` say what the lines are: actual, synthetic and,
    with another estimate, declared.
    """
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
    ax.set_ylim(0, top(found) * unit)
    theme.bare(ax)
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    ax.set_xlim(years[0], years[-1] + (years[-1] - years[0]) * 0.3)
    theme.year_ticks(ax, int(years[0]), int(years[-1]), 5, dates=False)


def top(found: Counterfactual) -> float:
    """Return where a panel ends, in the unit of the paths: a band makes it no longer than `BAND_ROOM` allows."""
    need, band = float(found.paths[["actual", "synthetic"]].max().max()), float(found.paths["high"].max())
    return max(1.06 * need, min(1.04 * band, BAND_ROOM * need)) if band == band else 1.2 * need


def cut(found: Counterfactual) -> bool:
    """Return whether the band leaves the panel."""
    return float(found.paths["high"].max()) > top(found)


def placebo_strip(ax: theme.Axes, found: Counterfactual, colour: str, partner: str) -> None:
    """Draw one dot a ranked unit along the standardised effect, the partner's larger, in colour and by name."""
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
    """Return a height for each dot: dots that would touch are stacked above the first dot's own level."""
    apart = WIDE / 32
    heights = np.zeros(len(values))
    for k in range(1, len(values)):
        near = np.abs(values[1:k] - values[k]) < apart
        taken = set(heights[1:k][near])
        heights[k] = next(level for level in range(1, len(values) + 1) if level not in taken)
    return heights
