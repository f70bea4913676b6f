"""One look for all figures: colours with a role, type, grid, and marks that are the same in every chart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from matplotlib.axes import Axes

# Okabe and Ito's colour-blind safe palette; each colour has one role in the whole report.
EXPORTS = "#0072B2"
IMPORTS = "#D55E00"
BALANCE = "#3A3A3A"
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
    rc = {
        "svg.hashsalt": salt,
        "svg.fonttype": "path",  # Typst without system fonts would lose text set as text
        "font.family": [family, "DejaVu Sans"],  # the second for the minus sign, which Nanum lacks
        "font.size": 9.5,
        "axes.labelsize": 9,
        "axes.labelcolor": QUIET,
        "axes.edgecolor": "#8A8A8A",
        "axes.linewidth": 0.7,
        "axes.titlesize": 10,
        "axes.titleweight": STRONG,
        "axes.titlelocation": "left",
        "axes.unicode_minus": True,
        "xtick.color": QUIET,
        "ytick.color": QUIET,
        "xtick.major.size": 3,
        "ytick.major.size": 0,
        "grid.color": GRID,
        "grid.linewidth": 0.7,
        "lines.linewidth": 1.8,
        "lines.solid_capstyle": "round",
        "figure.facecolor": PAPER,
        "axes.facecolor": PAPER,
        "savefig.facecolor": PAPER,
        "text.color": INK,
    }
    with mpl.rc_context(), sns.axes_style("white"):
        mpl.rcParams.update(rc)
        yield


@cache
def _family() -> str:
    """Register the Nanum files of koreanize-matplotlib (found, not imported: importing it changes global state)."""
    import importlib.util
    from dataclasses import replace
    from pathlib import Path

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


def bare(ax: Axes, *, grid: str = "y") -> None:
    """Take away what carries no information: top, right and left frame; keep a thin grid along `grid`."""
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)
    if grid:
        ax.grid(visible=True, axis=grid, zorder=0)  # type: ignore[arg-type]
    ax.set_axisbelow(True)


def mark_dates(ax: Axes, dates: list[tuple[date, str]], *, level: float = 1.0) -> None:
    """Draw hairlines with short labels at dates, the labels stepping down where they would touch."""
    import matplotlib.dates as mdates

    low, high = ax.get_xlim()
    last_x, step = float("-inf"), 0
    for day, label in sorted(dates):
        x = float(mdates.date2num(day))  # type: ignore[no-untyped-call]
        if not low <= x <= high:
            continue
        step = (step + 1) % 3 if (x - last_x) / (high - low) < 0.14 else 0
        ax.axvline(x, color="#777777", linewidth=0.7, linestyle=(0, (3, 2)), zorder=1)
        ax.text(
            x,
            level - 0.055 * step,
            f" {label}",
            transform=ax.get_xaxis_transform(),
            fontsize=8,
            color=QUIET,
            va="bottom" if level >= 1 else "top",
            ha="left",
        )
        last_x = x


def label_line(ax: Axes, x: object, y: float, text: str, colour: str, *, dy: float = 0, weight: int | str = STRONG) -> None:
    """Write a series' name beside its last point, in its colour; no legend needed."""
    ax.annotate(
        text,
        (x, y),  # type: ignore[arg-type]
        xytext=(5, dy),
        textcoords="offset points",
        color=colour,
        fontsize=9,
        fontweight=weight,
        va="center",
        ha="left",
        annotation_clip=False,
    )


def spread(
    ends: list[tuple[float, str, str]], ax: Axes, height: float, gap: float = 0.055
) -> list[tuple[float, str, str, float]]:
    """Return line-end labels (value, text, colour, shift in points) moved apart where they would overlap.

    `height` is the span of the value axis; `gap` the least distance between labels as a share of it.
    """
    points = ax.get_window_extent().height * 72 / ax.figure.dpi
    placed: list[tuple[float, str, str, float]] = []
    at = float("-inf")
    for value, text, colour in sorted(ends):
        target = max(value, at + gap * height)
        placed.append((value, text, colour, (target - value) / height * points))
        at = target
    return placed
