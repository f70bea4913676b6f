"""The look that all figures share: `theme.panels(...)`, `theme.EXPORTS`. Exports what charts are drawn with."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from korus_research.show.theme.canvas import STRONG, narrow, panels, themed, wrapped
from korus_research.show.theme.marks import (
    bare,
    beyond,
    halo,
    in_force_line,
    label_ends,
    log_axis,
    mark_dates,
    mark_in_force,
    month_ends,
    note,
    on_axis,
    stress,
    value_axis,
    year_ticks,
)
from korus_research.show.theme.palette import *  # noqa: F403
from korus_research.show.theme.tips import tip, tip_at, tips

if TYPE_CHECKING:  # as `theme.Axes`, `theme.Figure` where views draw
    import matplotlib.axes
    import matplotlib.figure

    Axes: TypeAlias = matplotlib.axes.Axes
    Figure: TypeAlias = matplotlib.figure.Figure

__all__ = [  # noqa: F405, RUF022
    "STRONG",
    "AXIS", "BALANCE", "BAND", "COLOURS", "ENERGY_INK", "ENERGY_TINT", "EXPORTS", "EXPORTS_TINT",
    "GRID", "HAIRLINE", "IMPORTS", "INK", "LEADER", "OTHERS", "PAPER",
    "PARTNER", "QUIET", "SECURITY", "SERVICES", "TONES", "WASH",
    "narrow", "panels", "themed", "wrapped",
    "bare", "beyond", "halo", "in_force_line", "label_ends", "log_axis", "mark_dates", "mark_in_force",
    "month_ends", "note", "on_axis", "stress", "value_axis", "year_ticks",
    "tip", "tip_at", "tips",
]  # fmt: skip
