"""Figures for journals: widths with units, and the bytes of an SVG, PDF or PNG."""

from __future__ import annotations

import io
import logging
import re
from typing import TYPE_CHECKING, Any

from korus_research.errors import InvalidFigure
from korus_research.show.theme.canvas import SMALLEST, WIDE, smallest
from korus_research.show.theme.palette import PAPER
from korus_research.show.theme.svg import fitted, saved

if TYPE_CHECKING:
    import matplotlib.figure

FORMATS = ("svg", "pdf", "png")
INCHES = {"mm": 1 / 25.4, "cm": 1 / 2.54, "in": 1.0}
_LENGTH = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(mm|cm|in)\s*")
BOUNDS = (1.0, 40.0)  # inches


def inches(width: str) -> float:
    """Return a width such as "84 mm", "8.4 cm" or "3.3 in" in inches.

    InvalidFigure without a unit, or where no page is that wide.
    """
    match = _LENGTH.fullmatch(width) if isinstance(width, str) else None
    found = float(match[1]) * INCHES[match[2]] if match else 0.0
    if not BOUNDS[0] <= found <= BOUNDS[1]:
        raise InvalidFigure(
            f"The width of a figure is given as {width!r}",
            expected=f"a length with its unit, {', '.join(INCHES)}, from {BOUNDS[0]:g} to {BOUNDS[1]:g} inches",
            do='Give it as "84 mm" or "3.3 in"',
        )
    return found


def written(figure: matplotlib.figure.Figure, format: str, *, title: str, dpi: int) -> bytes:
    """Return the bytes of a themed figure in one of `FORMATS`, the same for the same data.

    Letters are in proportion to `smallest()`, which is what the smallest of them become.
    """
    from matplotlib.text import Text

    scale = smallest() / SMALLEST[WIDE]
    for text in figure.findobj(Text):
        text.set_fontsize(float(text.get_fontsize()) * scale)
    if format == "svg":
        return saved(figure, title).encode()
    fitted(figure, figure.findobj(Text))
    made = io.BytesIO()
    logging.getLogger("fontTools.subset").setLevel(logging.ERROR)  # it tells which of a font's tables it leaves out
    about: dict[str, Any] = {"Software": None} if format == "png" else {"CreationDate": None, "Title": title}
    figure.savefig(made, format=format, dpi=dpi, facecolor=PAPER, metadata=about)
    return made.getvalue()
