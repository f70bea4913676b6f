"""Text with a white edge in SVG: an attribute of its letters, not an outline drawn anew for each word.

matplotlib draws text that has path effects letter by letter as curves of its own, so that letters can't be shared: the
pictures of a report were four times as large.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from korus_research.show.theme import PAPER

if TYPE_CHECKING:
    import matplotlib.figure

# In units of the letters: matplotlib scales them by 1/64 and by a hundredth of the font size (8 or 9 points here), so
# that this is some 3.4 points, half of it outside the letter.
_WIDTH = 2400
_EDGE = f"stroke: {PAPER}; stroke-width: {_WIDTH}; stroke-linejoin: round"
_EDGED = re.compile(r'<g id="edged-\d+">(?P<lines>(?:\s*<!--.*?-->|\s*<g .*?</g>)+)\s*</g>', re.DOTALL)
_LETTERS = re.compile(r"\s*<defs>.*?</defs>|\s*<!--.*?-->", re.DOTALL)


def saved(figure: matplotlib.figure.Figure, title: str) -> str:
    """Return a figure as SVG; text with path effects (`theme.halo`) has a white edge behind its letters."""
    from matplotlib.text import Text

    edged = [text for text in figure.findobj(Text) if text.get_path_effects()]
    kept = [(text, text.get_path_effects(), text.get_gid()) for text in edged]
    for number, text in enumerate(edged):
        text.set_path_effects([])
        text.set_gid(f"edged-{number}")
    drawn = io.StringIO()
    try:
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None, "Title": title})
    finally:
        for text, effects, gid in kept:
            text.set_path_effects(effects)
            text.set_gid(gid)
    return _EDGED.sub(_twice, drawn.getvalue())


def _twice(text: re.Match[str]) -> str:
    # The edge of all letters first, then the letters: or the edge of each would cut into the one before it.
    lines = text["lines"]
    return f'<g style="{_EDGE}">{lines}</g>\n<g>{_LETTERS.sub("", lines)}</g>'
