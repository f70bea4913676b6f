"""One look for all figures: colours with a role, type, grid, and marks that are the same in every chart."""

from __future__ import annotations

import importlib.util
import textwrap
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from korus_research.show.theme.palette import (
    AXIS,
    BALANCE,
    BAND,
    COLOURS,
    ENERGY_INK,
    ENERGY_TINT,
    EXPORTS,
    EXPORTS_TINT,
    FIXED_INK,
    FORECAST,
    GRID,
    HAIRLINE,
    IMPORTS,
    IMPORTS_TINT,
    INK,
    LEADER,
    OTHERS,
    PAPER,
    PARTNER,
    QUIET,
    SECURITY,
    SERVICES,
    TONES,
    WASH,
)
from korus_research.show.theme.tips import tip, tip_at, tips
from korus_research.show.words.text import Words

if TYPE_CHECKING:  # for annotations here, and as `theme.Axes`, `theme.Figure` where views draw
    import matplotlib.axes
    import matplotlib.figure
    import pandas as pd

    Axes: TypeAlias = matplotlib.axes.Axes
    Figure: TypeAlias = matplotlib.figure.Figure

STRONG = 700
# Inches. A wide figure is printed 156 mm wide: its 8 points become 7. A narrow one fills the 320 px that a screen of
# 360 has between its margins: 8.3 points are 11 px.
WIDE, NARROW = 7.0, 3.35
SMALLEST = {WIDE: 8.0, NARROW: 8.3}

_width: ContextVar[float] = ContextVar("width", default=WIDE)


__all__ = [
    "AXIS", "BALANCE", "BAND", "COLOURS", "ENERGY_INK", "ENERGY_TINT", "EXPORTS", "EXPORTS_TINT", "FIXED_INK",
    "FORECAST", "GRID", "HAIRLINE", "IMPORTS", "IMPORTS_TINT", "INK", "LEADER", "OTHERS", "PAPER", "PARTNER", "QUIET",
    "SECURITY", "SERVICES", "TONES", "WASH", "tip", "tip_at", "tips",
]  # fmt: skip


@contextmanager
def themed(salt: str, *, narrow: bool = False) -> Iterator[None]:
    """Apply the theme while a figure is drawn and saved; `salt` makes the ids in its SVG the same every time."""
    import matplotlib as mpl
    import seaborn as sns

    family = _family()
    rc: dict[str, Any] = {
        "svg.hashsalt": salt,
        "svg.fonttype": "none",  # text stays text: it can be searched, selected, copied
        "font.family": [family, "DejaVu Sans"],  # the second for the minus sign, which Nanum lacks
        "font.size": 8.5,
        "axes.labelsize": 8.5,
        **dict.fromkeys(("axes.labelcolor", "xtick.color", "ytick.color"), QUIET),
        "axes.edgecolor": AXIS,
        "axes.titlesize": 9,
        "axes.titleweight": STRONG,
        "axes.titlelocation": "left",
        "axes.unicode_minus": True,
        "xtick.major.size": 3,
        "ytick.major.size": 0,
        "grid.color": GRID,
        **dict.fromkeys(("axes.linewidth", "grid.linewidth"), 0.7),
        "lines.linewidth": 1.8,
        "lines.solid_capstyle": "round",
        **dict.fromkeys(("figure.facecolor", "axes.facecolor", "savefig.facecolor"), "none"),  # the page shows through
        "text.color": INK,
        "figure.constrained_layout.w_pad": 0.09,  # the half of a last tick's label that stands out
    }
    with mpl.rc_context():
        mpl.rcdefaults()  # no setting of the user's takes part (a matplotlibrc with LaTeX, another size)
        mpl.rcParams.update(sns.axes_style("white"))
        mpl.rcParams.update(rc)  # type: ignore[arg-type]
        token = _width.set(NARROW if narrow else WIDE)
        try:
            yield
        finally:
            _width.reset(token)


def narrow() -> bool:
    """Return whether the figure being drawn is the one for a narrow screen."""
    return _width.get() == NARROW


def smallest() -> float:
    """Return the smallest letters that the figure being drawn may have, in points."""
    return SMALLEST[_width.get()]


def wrapped(text: str, width: int, *, always: bool = False) -> str:
    """Return `text` in lines of at most `width` letters where the figure is narrow, or `always`."""
    return textwrap.fill(text, width) if always or narrow() else text


@cache
def _family() -> str:
    """Register the Nanum files of koreanize-matplotlib (found, not imported: importing it changes global state)."""
    from matplotlib import font_manager

    spec = importlib.util.find_spec("koreanize_matplotlib")
    if spec is None or not spec.submodule_search_locations:
        return "DejaVu Sans"
    manager = font_manager.fontManager
    for name, weight in (("NanumGothic.ttf", 400), ("NanumGothicBold.ttf", STRONG)):
        manager.addfont(Path(spec.submodule_search_locations[0]) / "fonts" / name)
        # The bold file calls itself semi-bold (600), which its fallback font has not: one weight for both.
        manager.ttflist[-1] = replace(manager.ttflist[-1], weight=weight)
    return "NanumGothic"


def month_ends(months: pd.Index[Any]) -> pd.DatetimeIndex:
    """Return the last moments of the months of an index, for a time axis."""
    import pandas as pd

    return pd.PeriodIndex(months).to_timestamp(how="end")


def on_axis(day: date) -> float:
    """Return where a day stands on a matplotlib time axis."""
    from matplotlib.dates import date2num

    return float(date2num(day))  # type: ignore[no-untyped-call]


def bare(ax: Axes, *, grid: str = "y") -> None:
    """Take away what carries no information: top, right and left frame; keep a thin grid along `grid`."""
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)
    if grid:
        ax.grid(visible=True, axis=grid, zorder=0)  # type: ignore[arg-type]
    ax.set_axisbelow(True)


def value_axis(ax: Axes) -> None:
    """Finish an axis of horizontal bars or points: a line at zero, a grid across it, no ticks beside the names."""
    ax.axvline(0, color=AXIS, linewidth=0.8)
    bare(ax, grid="x")
    ax.tick_params(axis="y", length=0)


def beyond(ax: Axes, value: float, place: float, text: str, gap: float, **style: Any) -> None:
    """Write `text` beyond the end of a horizontal bar from zero to `value`, `gap` away from it."""
    x, side = (value + gap, "left") if value >= 0 else (value - gap, "right")
    ax.text(x, place, text, va="center", ha=side, **style)


def halo() -> list[Any]:
    """Return a white edge for text (`path_effects`), so that a line under it does not strike it through."""
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=3.4, foreground=PAPER)]


def mark_dates(ax: Axes, dates: list[tuple[date, str]], *, level: float = 1.0) -> None:
    """Draw hairlines with short labels at dates, the labels stepping down where they would touch."""
    low, high = ax.get_xlim()
    last_x, step = float("-inf"), 0
    for day, label in sorted(dates):
        x = on_axis(day)
        if low <= x <= high:
            step = (step + 1) % 3 if (x - last_x) / (high - low) < 0.14 * WIDE / _width.get() else 0
            last_x, va = x, "bottom" if level >= 1 else "top"
            _hairline(ax, x, label, level - 0.055 * step, va=va, ha="left", path_effects=halo())


def mark_in_force(ax: Axes, day: date) -> None:
    """Draw the hairline of entry into force on an axis of years, where a year's value stands at mid-year."""
    in_force_line(ax, day.year + (day.month - 1) / 12 - 0.5)


def in_force_line(ax: Axes, x: float, *, zorder: float = 1) -> None:
    """Draw the dashed hairline of entry into force at `x`, named at the top."""
    _hairline(ax, x, Words("show").label("in_force"), 1.0, zorder, va="bottom")


def _hairline(ax: Axes, x: float, label: str, y: float, zorder: float = 1, **style: Any) -> None:
    ax.axvline(x, color=HAIRLINE, linewidth=0.7, linestyle=(0, (3, 2)), zorder=zorder)
    ax.annotate(label, (x, y), (3, 0), ax.get_xaxis_transform(), "offset points", fontsize=8, color=QUIET, **style)


def note(
    ax: Axes,
    text: str,
    at: tuple[Any, Any],
    shift: tuple[float, float],
    *,
    size: float = 8,
    colour: str = QUIET,
    edge: bool = True,
    **style: Any,
) -> None:
    """Write `text` beside a point, `shift` points of type away from it, with a white edge unless told otherwise."""
    shown = ax.annotate(text, at, xytext=shift, textcoords="offset points", fontsize=size, color=colour, **style)
    if edge:
        shown.set_path_effects(halo())


def panels(
    height: float, *, rows: int = 1, columns: int = 1, narrow: float = 0, narrow_columns: int = 1, **options: Any
) -> tuple[Figure, Any]:
    """Return a figure and its axes, as wide as a page of the report or, where that is wanted, as a phone.

    Parameters
    ----------
    height : float
        Height in inches of the wide drawing.
    rows, columns : int
        Panels; where the figure is narrow, columns are stacked into rows (the left column first) and the axes keep the
        shape of the wide drawing.
    narrow : float
        Height in inches of the narrow drawing; 0 keeps the height of a panel.
    narrow_columns : int
        Columns of the narrow drawing: more than one for small multiples, which keep the order in which they are read.
    options
        As for `matplotlib.pyplot.subplots`.
    """
    import matplotlib.pyplot as plt
    import numpy as np

    width, stacked = _width.get(), columns if _width.get() == NARROW else 1
    if stacked == 1:
        high = narrow or height if width == NARROW else height
        return plt.subplots(rows, columns, figsize=(width, high), layout="constrained", **options)
    squeeze, shared = options.pop("squeeze", True), options.pop("sharey", False)
    options.pop("width_ratios", None)
    if ratios := options.pop("height_ratios", None):
        options["height_ratios"] = list(ratios) * columns
    deep = -(-rows * columns // narrow_columns)
    high = narrow or height / rows * deep
    drawn, grid = plt.subplots(
        deep,
        narrow_columns,
        figsize=(width, high),
        layout="constrained",
        squeeze=False,
        sharey=shared is True,
        **options,
    )
    for spare in grid.ravel()[rows * columns :]:
        spare.remove()
    order = grid.ravel()[: rows * columns]
    axes = np.array(order).reshape((rows, columns) if narrow_columns > 1 else (columns, rows))
    axes = axes if narrow_columns > 1 else axes.T
    if shared == "row":
        for row in axes:
            for ax in row[1:]:
                ax.sharey(row[0])
    return drawn, axes.squeeze() if squeeze else axes


def year_ticks(ax: Axes, first: int, last: int, step: int, *, dates: bool = True) -> None:
    """Put ticks at years divisible by `step` from `first` to `last`: none stands where there are no data."""
    while narrow() and (last - first) / step > 5:
        step *= 2
    years = [year for year in range(first, last + 1) if year % step == 0]
    places = [on_axis(date(year, 1, 1)) if dates else float(year) for year in years]
    ax.set_xticks(places, [str(year) for year in years])
    ax.minorticks_off()


def label_ends(
    ax: Axes, ends: Sequence[tuple[float, float, str, str]], *, x: float, strong: Container[str] = (), size: float = 9
) -> None:
    """Write each line's name at `x`, beside its last point and in its colour, moved apart where two would touch.

    `ends` holds (x of the last point, y, name, colour); a thin leader joins a label that is not at its point. Works on
    any scale, because positions are measured on the laid-out figure.
    """
    if (engine := ax.figure.figure.get_layout_engine()) is not None:
        engine.execute(ax.figure.figure)  # so that points can be measured
    size, per_point = max(size, smallest()), ax.figure.dpi / 72
    at = float("-inf")
    low, high = ax.get_xlim()
    label_x = x + (0.03 * (high - low) if len(ends) > 3 else 0)  # room for leaders that slant where labels crowd
    for end_x, y, text, colour in sorted(ends, key=lambda end: end[1]):
        wanted = float(ax.transData.transform((x, y))[1])
        placed = max(wanted, at + (size + 3.5) * per_point)
        shift = (placed - wanted) / per_point
        at = placed
        if end_x < x or shift > 2:
            place = ax.transData.inverted().transform((0, placed))[1]
            ax.plot([end_x, label_x], [y, place], color=LEADER, linewidth=0.5, zorder=1, clip_on=False)
        weight = STRONG if not strong or text in strong else 400
        style: dict[str, Any] = {"fontweight": weight, "va": "center", "ha": "left", "annotation_clip": False}
        note(ax, text, (label_x, y), (4, shift), size=size, colour=colour, **style)
