"""The shift-share of exports: its parts, and what is left by group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from korus_research.chapters.sectors.bars import ROW, ranked
from korus_research.chapters.sectors.measures import of as sectors_of
from korus_research.show.shown import Picture, figure
from korus_research.show.table import number
from korus_research.show.theme import EXPORTS, bare, halo, panels
from korus_research.show.words.text import Words

if TYPE_CHECKING:
    import matplotlib.figure
    from matplotlib.axes import Axes

    from korus_research.data.study import Study
    from korus_research.show.scale import Scale

WORDS = Words("sectors")
Sums = dict[str, "pd.Series[float]"]  # of the parts, by what is counted: all, all_without_energy


@figure("shift", tables=("sector_exports_annual", "sector_groups"))
def sector_shift(study: Study) -> Picture:
    """Return the shift-share of exports: its parts with and without energy, and the local shift by group."""
    sectors = sectors_of(study)
    end, scale = sectors.end, sectors.scale
    groups = sectors.shift_by_group("exports", end)
    sums = {
        name: sectors.shift("exports", end, energy=energy).sum()
        for name, energy in (("all", True), ("all_without_energy", False))
    }

    def draw() -> matplotlib.figure.Figure:
        drawn, (left, right) = panels(ROW * len(groups) + 0.75, columns=2, width_ratios=[1, 1.15])
        _parts(left, sums, scale)
        left.set_title(WORDS.label("shift_title"), color=EXPORTS, fontsize=9.5)
        ranked(right, sectors, "exports", groups["local"])
        right.set_ylim(len(groups) - 0.4, -0.6)
        right.set_title(WORDS.label("local_title"), color=EXPORTS, fontsize=9.5)
        for ax in (left, right):
            ax.set_xlabel(scale.unit, loc="left")
        return drawn

    rows = groups.assign(group_name=[sectors.name("exports", str(g)) for g in groups.index]).rename_axis("group")
    whole = pd.DataFrame(sums).T.rename_axis("group").assign(group_name="")
    data = pd.concat([rows, whole]).reset_index()
    return Picture(of=sectors, data=data, draw=draw, last=str(end), given={"year": str(end)})


def _parts(ax: Axes, sums: Sums, scale: Scale) -> None:
    """Draw the parts of the change side by side: filled with energy, outlined without."""
    names = WORDS.labels("shift_parts")
    values = [float(part[key]) * scale.factor for part in sums.values() for key in names]
    reach = max(*values, 0.0) - min(*values, 0.0)
    for place, key in enumerate(names):
        for kind, part in sums.items():
            value, y = float(part[key]) * scale.factor, place + (-0.19 if kind == "all" else 0.19)
            # An outline and not the pale colour, which on the right means other sectors.
            face = EXPORTS if kind == "all" else "white"
            ax.barh(y, value, height=0.34, color=face, edgecolor=EXPORTS, linewidth=0.9)
            shift, side = (0.035 * reach, "left") if value >= 0 else (-0.035 * reach, "right")
            text = number(value, scale.shown, signed=True)
            if key == "change":
                text = f"{text} {WORDS.labels('shift_sums')[kind]}"
            ax.text(value + shift, y, text, va="center", ha=side, fontsize=8, path_effects=halo())
    ax.axvline(0, color="#8A8A8A", linewidth=0.8)
    ax.set_yticks(range(len(names)), list(names.values()), fontsize=8.3)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_xlim(min(*values, 0.0) - 0.35 * reach, max(*values, 0.0) + 0.55 * reach)
    bare(ax, grid="x")
