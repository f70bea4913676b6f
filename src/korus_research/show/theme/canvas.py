"""The canvas of all figures: fonts, lines, grid, and two widths, of a page of the report and of a phone."""

from __future__ import annotations

import importlib.util
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from korus_research.show.theme.palette import AXIS, GRID, INK, QUIET

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STRONG = 700
# Inches. A wide figure is printed 156 mm wide: its 8 points become 7. A narrow one fills the 320 px that a screen of
# 360 has between its margins: 8.3 points are 11 px.
WIDE, NARROW = 7.0, 3.35
SMALLEST = {WIDE: 8.0, NARROW: 8.3}
STACKED = 4.5  # inches: what is narrower stands as on a phone

_WIDTH: ContextVar[float] = ContextVar("width", default=WIDE)
_LETTERS: ContextVar[float | None] = ContextVar("letters", default=None)


@contextmanager
def themed(
    salt: str, *, narrow: bool = False, width: float | None = None, letters: float | None = None
) -> Iterator[None]:
    """Apply the theme while a figure is drawn and saved; `salt` makes the ids in its SVG the same every time.

    `width` is one of a journal's, in inches, in place of that of a page or a phone; `letters` the smallest, in points.
    """
    import matplotlib as mpl

    family = _family()
    rc: dict[str, Any] = {
        "svg.hashsalt": salt,
        "pdf.fonttype": 42,  # journals refuse Type 3
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
        # seaborn's "white": its import alone would take a second of a first figure
        **dict.fromkeys(("xtick.bottom", "ytick.left"), False),
        **{"axes.axisbelow": True, "patch.force_edgecolor": True, "patch.edgecolor": "w"},
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
        mpl.rcParams.update(rc)  # type: ignore[arg-type]
        tokens = _WIDTH.set(width or (NARROW if narrow else WIDE)), _LETTERS.set(letters)
        try:
            yield
        finally:
            _WIDTH.reset(tokens[0])
            _LETTERS.reset(tokens[1])


def narrow() -> bool:
    """Return whether the figure is being drawn for a narrow screen."""
    return _WIDTH.get() < STACKED


def smallest() -> float:
    """Return the smallest font size allowed in the figure being drawn, points."""
    return _LETTERS.get() or SMALLEST[NARROW if narrow() else WIDE]


def wrapped(text: str, width: int, *, always: bool = False) -> str:
    """Return `text` wrapped at `width` letters where the figure is narrow, or `always`."""
    return textwrap.fill(text, width) if always or narrow() else text


@cache
def _family() -> str:
    """Register the Nanum fonts of koreanize-matplotlib (found, not imported: its import changes global state)."""
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


def panels(height: float, *, rows: int = 1, columns: int = 1, narrow: float = 0, **options: Any) -> tuple[Figure, Any]:
    """Return a figure and its axes, in the width of the report's page or of a phone.

    Parameters
    ----------
    height : float
        Height in inches of the wide drawing.
    rows, columns : int
        Panels; where the figure is narrow, columns are stacked into rows (the left column first) and the axes keep the
        shape of the wide drawing.
    narrow : float
        Height in inches of the narrow drawing; 0 keeps the height of a panel.
    options
        As for `matplotlib.pyplot.subplots`.
    """
    import matplotlib.pyplot as plt

    width, on_phone = _WIDTH.get(), _WIDTH.get() < STACKED
    scale = width / (NARROW if on_phone else WIDE)
    if not on_phone or columns == 1:
        high = scale * (narrow or height if on_phone else height)
        return plt.subplots(rows, columns, figsize=(width, high), layout="constrained", **options)
    squeeze, shared, deep = options.pop("squeeze", True), options.pop("sharey", False), rows * columns
    options.pop("width_ratios", None)
    if ratios := options.pop("height_ratios", None):
        options["height_ratios"] = list(ratios) * columns
    options |= {"figsize": (width, scale * (narrow or height / rows * deep)), "layout": "constrained"}
    drawn, stacked = plt.subplots(deep, 1, squeeze=False, sharey=shared is True, **options)
    axes = stacked.reshape(columns, rows).T
    for first, *others in axes if shared == "row" else ():
        for ax in others:
            ax.sharey(first)
    return drawn, axes.squeeze() if squeeze else axes
