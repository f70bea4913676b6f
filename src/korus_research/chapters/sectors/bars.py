"""Bars of changes by group of sectors, sorted: machinery and transport equipment dark, the rest pale."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from korus_research.chapters.sectors.trade import MACHINERY, TRANSPORT
from korus_research.methods.series import Flow
from korus_research.show.table import number
from korus_research.show.theme import EXPORTS, IMPORTS, INK, QUIET, STRONG, bare, halo

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from korus_research.chapters.sectors.measures import Sectors

COLOURS: dict[Flow, str] = {"exports": EXPORTS, "imports": IMPORTS}
PALE: dict[Flow, str] = {"exports": "#A9CDE4", "imports": "#EFBE9C"}
DARK = (MACHINERY, TRANSPORT)
ROW = 0.235  # inches a bar


def ranked(ax: Axes, sectors: Sectors, flow: Flow, changes: pd.Series[float]) -> None:
    """Draw changes by group, sorted, as bars from the top, each with its value beyond its end."""
    values = (changes * sectors.scale.factor).tolist()
    blocks = [sectors.block_of(flow, str(group)) for group in changes.index]
    reach = max(*values, 0.0) - min(*values, 0.0)
    for place, (value, block) in enumerate(zip(values, blocks, strict=True)):
        ax.barh(place, value, color=COLOURS[flow] if block in DARK else PALE[flow], height=0.68)
        shift, side = (0.025 * reach, "left") if value >= 0 else (-0.025 * reach, "right")
        text = number(value, sectors.scale.shown, signed=True)
        ax.text(value + shift, place, text, va="center", ha=side, fontsize=8, color=INK, path_effects=halo())
    ax.axvline(0, color="#8A8A8A", linewidth=0.8)
    ax.set_yticks(range(len(values)), [sectors.name(flow, str(group)) for group in changes.index], fontsize=8.3)
    for label, block in zip(ax.get_yticklabels(), blocks, strict=True):
        label.set_color(INK if block in DARK else QUIET)
        label.set_fontweight(STRONG if block in DARK else 400)
    ax.tick_params(axis="y", length=0)
    # Room for the values, which stand beyond the bars.
    ax.set_xlim(min(*values, 0.0) - (0.3 if min(values) < 0 else 0.02) * reach, max(*values, 0.0) + 0.24 * reach)
    bare(ax, grid="x")
