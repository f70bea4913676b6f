"""Axes, hairlines, notes and line labels, the same in every chart."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from korus_research.show.theme.canvas import STRONG, narrow, smallest
from korus_research.show.theme.palette import AXIS, HAIRLINE, INK, LEADER, PAPER, QUIET
from korus_research.show.words.text import Words

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def month_ends(months: pd.Index[Any]) -> pd.DatetimeIndex:
    """Return the ends of an index of months, as timestamps for a time axis."""
    import pandas as pd

    return pd.PeriodIndex(months).to_timestamp(how="end")


def on_axis(day: date) -> float:
    """Return the coordinate of a day on a matplotlib time axis."""
    from matplotlib.dates import date2num

    return float(date2num(day))  # type: ignore[no-untyped-call]


def bare(ax: Axes, *, grid: str = "y") -> None:
    """Remove the top, right and left spines; draw a thin grid along `grid`."""
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)
    if grid:
        ax.grid(visible=True, axis=grid, zorder=0)  # type: ignore[arg-type]
    ax.set_axisbelow(True)


def log_axis(ax: Axes, ticks: Sequence[float]) -> None:
    """Make the vertical axis logarithmic, with labels at `ticks` only."""
    from matplotlib.ticker import FixedLocator, NullLocator, StrMethodFormatter

    ax.set_yscale("log")
    ax.yaxis.set_major_locator(FixedLocator(ticks))
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.yaxis.set_minor_locator(NullLocator())


def stress(ax: Axes, strong: Iterable[bool]) -> None:
    """Write tick labels in bold ink where `strong`, else in grey."""
    for label, bold in zip(ax.get_yticklabels(), strong, strict=False):  # an axis that shares its names has none
        label.set(color=INK if bold else QUIET, fontweight=STRONG if bold else 400)


def value_axis(ax: Axes) -> None:
    """Finish an axis of horizontal bars or points: a line at zero, a vertical grid, no tick marks at the names."""
    ax.axvline(0, color=AXIS, linewidth=0.8)
    bare(ax, grid="x")
    ax.tick_params(axis="y", length=0)


def beyond(ax: Axes, value: float, place: float, text: str, gap: float, **style: Any) -> None:
    """Write `text` past the end of a horizontal bar from zero to `value`, `gap` away from it."""
    x, side = (value + gap, "left") if value >= 0 else (value - gap, "right")
    ax.text(x, place, text, va="center", ha=side, **style)


def halo() -> list[Any]:
    """Return a white outline for text (`path_effects`), so that it stays legible on a line."""
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=3.4, foreground=PAPER)]


def mark_dates(ax: Axes, dates: list[tuple[date, str]]) -> None:
    """Draw labelled hairlines at dates; labels that would touch step down."""
    low, high = ax.get_xlim()
    last_x, step = float("-inf"), 0
    for day, label in sorted(dates):
        x = on_axis(day)
        if low <= x <= high:
            step = (step + 1) % 3 if (x - last_x) / (high - low) < 0.14 * (2.1 if narrow() else 1) else 0
            last_x = x
            _hairline(ax, x, label, 1 - 0.055 * step, ha="left", path_effects=halo())


def mark_in_force(ax: Axes, day: date) -> None:
    """Draw the hairline of entry into force on an axis of years, where a year's value stands at mid-year."""
    in_force_line(ax, day.year + (day.month - 1) / 12 - 0.5)


def in_force_line(ax: Axes, x: float, *, label: str = "") -> None:
    """Draw a dashed hairline at `x`, labelled at the top: entry into force, or `label`."""
    _hairline(ax, x, label or Words("show").label("in_force"), 1)


def _hairline(ax: Axes, x: float, label: str, y: float, **style: Any) -> None:
    ax.axvline(x, color=HAIRLINE, linewidth=0.7, linestyle=(0, (3, 2)), zorder=1)
    style |= {"fontsize": 8, "color": QUIET, "va": "bottom"}
    ax.annotate(label, (x, y), (3, 0), ax.get_xaxis_transform(), "offset points", **style)


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
    """Write `text` beside a point, `shift` points away, with a white outline unless `edge` is false."""
    shown = ax.annotate(text, at, xytext=shift, textcoords="offset points", fontsize=size, color=colour, **style)
    if edge:
        shown.set_path_effects(halo())


def year_ticks(ax: Axes, first: int, last: int, step: int, *, dates: bool = True) -> None:
    """Put ticks at the years from `first` to `last` that `step` divides."""
    while narrow() and (last - first) / step > 5:
        step *= 2
    years = [year for year in range(first, last + 1) if year % step == 0]
    places = [on_axis(date(year, 1, 1)) if dates else float(year) for year in years]
    ax.set_xticks(places, [str(year) for year in years])
    ax.minorticks_off()


def label_ends(
    ax: Axes, ends: Sequence[tuple[float, float, str, str]], *, x: float, strong: Container[str] = (), size: float = 9
) -> None:
    """Label lines at `x` in their colours, beside their last points; labels that would touch are moved apart.

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
