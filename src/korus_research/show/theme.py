"""One look for all figures: colours with a role, type, grid, and marks that are the same in every chart."""

from __future__ import annotations

import importlib.util
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from korus_research.show.words.text import Words

if TYPE_CHECKING:  # for annotations here, and as `theme.Axes`, `theme.Figure` where views draw
    import matplotlib.axes
    import matplotlib.figure
    import pandas as pd

    Axes: TypeAlias = matplotlib.axes.Axes
    Figure: TypeAlias = matplotlib.figure.Figure

# Okabe and Ito's colour-blind safe palette; each colour has one role in the whole report.
EXPORTS = "#0072B2"
IMPORTS = "#D55E00"
BALANCE = "#3A3A3A"
COLOURS = {"exports": EXPORTS, "imports": IMPORTS}
PARTNER = "#0072B2"
OTHERS = "#A9A9A9"
INK = "#1C1C1C"
QUIET = "#5E5E5E"
GRID = "#E3E1DC"
PAPER = "#FFFFFF"
STRONG = 700


@contextmanager
def themed(salt: str) -> Iterator[None]:
    """Apply the theme while a figure is drawn and saved; `salt` makes the ids in its SVG the same every time."""
    import matplotlib as mpl
    import seaborn as sns

    family = _family()
    rc: dict[str, Any] = {
        "svg.hashsalt": salt,
        "svg.fonttype": "path",  # Typst without system fonts would lose text set as text
        "font.family": [family, "DejaVu Sans"],  # the second for the minus sign, which Nanum lacks
        "font.size": 9.5,
        "axes.labelsize": 9,
        **dict.fromkeys(("axes.labelcolor", "xtick.color", "ytick.color"), QUIET),
        "axes.edgecolor": "#8A8A8A",
        "axes.titlesize": 10,
        "axes.titleweight": STRONG,
        "axes.titlelocation": "left",
        "axes.unicode_minus": True,
        "xtick.major.size": 3,
        "ytick.major.size": 0,
        "grid.color": GRID,
        **dict.fromkeys(("axes.linewidth", "grid.linewidth"), 0.7),
        "lines.linewidth": 1.8,
        "lines.solid_capstyle": "round",
        **dict.fromkeys(("figure.facecolor", "axes.facecolor", "savefig.facecolor"), PAPER),
        "text.color": INK,
    }
    with mpl.rc_context():
        mpl.rcdefaults()  # no setting of the user's takes part (a matplotlibrc with LaTeX, another size)
        mpl.rcParams.update(sns.axes_style("white"))
        mpl.rcParams.update(rc)  # type: ignore[arg-type]
        yield


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
    ax.axvline(0, color="#8A8A8A", linewidth=0.8)
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
            step = (step + 1) % 3 if (x - last_x) / (high - low) < 0.14 else 0
            last_x, va = x, "bottom" if level >= 1 else "top"
            _hairline(ax, x, label, level - 0.055 * step, va=va, ha="left", path_effects=halo())


def mark_in_force(ax: Axes, day: date) -> None:
    """Draw the hairline of entry into force on an axis of years, where a year's value stands at mid-year."""
    in_force_line(ax, day.year + (day.month - 1) / 12 - 0.5)


def in_force_line(ax: Axes, x: float, *, zorder: float = 1) -> None:
    """Draw the dashed hairline of entry into force at `x`, named at the top."""
    _hairline(ax, x, Words("show").label("in_force"), 1.0, zorder, va="bottom")


def _hairline(ax: Axes, x: float, label: str, y: float, zorder: float = 1, **style: Any) -> None:
    ax.axvline(x, color="#777777", linewidth=0.7, linestyle=(0, (3, 2)), zorder=zorder)
    ax.text(x, y, f" {label}", transform=ax.get_xaxis_transform(), fontsize=8, color=QUIET, **style)


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


def panels(height: float, *, rows: int = 1, columns: int = 1, **options: Any) -> tuple[Figure, Any]:
    """Return a figure as wide as a page of the report and `height` inches high, and its axes."""
    import matplotlib.pyplot as plt

    return plt.subplots(rows, columns, figsize=(8.6, height), layout="constrained", **options)


def year_ticks(ax: Axes, first: int, last: int, step: int, *, dates: bool = True) -> None:
    """Put ticks at years divisible by `step` from `first` to `last`: none stands where there are no data."""
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
    per_point = ax.figure.dpi / 72
    at = float("-inf")
    low, high = ax.get_xlim()
    label_x = x + (0.03 * (high - low) if len(ends) > 3 else 0)  # room for leaders that slant where labels crowd
    for end_x, y, text, colour in sorted(ends, key=lambda end: end[1]):
        wanted = float(ax.transData.transform((x, y))[1])
        placed = max(wanted, at + (size + 2.5) * per_point)
        shift = (placed - wanted) / per_point
        at = placed
        if end_x < x or shift > 2:
            place = ax.transData.inverted().transform((0, placed))[1]
            ax.plot([end_x, label_x], [y, place], color="#BDBAB3", linewidth=0.5, zorder=1, clip_on=False)
        weight = STRONG if not strong or text in strong else 400
        style: dict[str, Any] = {"fontweight": weight, "va": "center", "ha": "left", "annotation_clip": False}
        note(ax, text, (label_x, y), (4, shift), size=size, colour=colour, **style)
