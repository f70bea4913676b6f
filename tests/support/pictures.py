"""Figures as they are drawn, for tests that look at lines and marks."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt

from korus_research.show.figure import Figure
from korus_research.show.theme import themed


def drawn(figure: Figure) -> Any:
    """Return the picture of a figure, laid out and closed."""
    with themed("test"):
        picture = figure.draw()
        picture.canvas.draw()
    plt.close(picture)
    return picture
