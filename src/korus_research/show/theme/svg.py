"""Matplotlib figures as SVG: text that stays text and is large enough, its outlines, and tooltips."""

from __future__ import annotations

import io
import re
import textwrap
from html import escape
from typing import TYPE_CHECKING

from korus_research.show.theme.canvas import narrow, smallest
from korus_research.show.theme.palette import AXIS, HAIRLINE, OTHERS, PAPER, QUIET
from korus_research.show.theme.tips import names, tipped

if TYPE_CHECKING:
    import matplotlib.figure
    from matplotlib.axes import Axes
    from matplotlib.text import Text

EDGE = f"paint-order: stroke; stroke: {PAPER.lower()}; stroke-width: 3; stroke-linejoin: round"
FAMILY = "NanumGothic, 'DejaVu Sans', sans-serif"
LONGEST = 20  # letters of a name on a narrow figure's axis before it goes on in the next line
MANY = 2000  # letters of a path
FAINT = {OTHERS, AXIS, HAIRLINE}  # for marks: letters need more contrast

_TITLE = re.compile(r"(?<=<title>)[^<]*(?=</title>)")
_EDGED = re.compile(r'<g id="edged-\d+">')
_FAMILY = re.compile(r"font-family: [^;\"]*;? ?")
_ID = re.compile(r' id="([^"]*)"')
_LINKED = re.compile(r'#([\w.-]+)(?=["\)])')
_LONG = re.compile(r"-?\d+\.\d{3,}")
_ONLY_LINES = re.compile(r'<path d="[ML\d.\s-]*" ')
_LEVEL = re.compile(r' transform="rotate\(-?0 [^)]*\)"')
_LEFT_OUT = re.compile(r"\s*<metadata>.*?</metadata>|\s*<!--.*?-->|<!DOCTYPE.*?>\s*", re.DOTALL)


def saved(figure: matplotlib.figure.Figure, title: str) -> str:
    """Return a figure as SVG, laid out once; text with path effects (`theme.halo`) keeps its outline.

    The edge is a style of the text: matplotlib would draw the outline of each letter as curves. Colours are those of a
    light page, the ground is transparent, and nothing is smaller than `smallest()`.
    """
    from matplotlib.text import Text

    texts = figure.findobj(Text)
    edged = [text for text in texts if text.get_path_effects()]
    kept = [(text, text.get_path_effects(), text.get_gid()) for text in edged]
    for number, text in enumerate(edged):
        text.set_path_effects([])
        text.set_gid(f"edged-{number}")
    drawn = io.StringIO()
    try:
        fitted(figure, texts)
        _laid_out(figure)
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None, "Title": title})
        marks = tipped(figure)
    finally:
        for text, effects, gid in kept:
            text.set_path_effects(effects)
            text.set_gid(gid)
    return titled(_plain(drawn.getvalue(), marks), title)


def titled(svg: str, title: str) -> str:
    """Return an SVG made by `saved` with another title."""
    return _TITLE.sub(lambda _: escape(title, quote=False), svg, count=1)


def fitted(figure: matplotlib.figure.Figure, texts: list[Text]) -> None:
    """Make text large and dark enough to read, and wrap long names on the axis of a narrow figure."""
    from matplotlib.colors import to_hex

    for ax in figure.axes if narrow() else ():
        named, labels = names(ax.yaxis), ax.get_yticklabels()
        if max(map(len, named.values()), default=0) > LONGEST:
            looks = [(label.get_fontweight(), label.get_color()) for label in labels]
            ax.set_yticks(list(named), _folded(ax, list(named.values())))
            for label, (weight, colour) in zip(ax.get_yticklabels(), looks, strict=True):
                label.set(fontweight=weight, color=colour)
    for text in texts:
        text.set_fontsize(max(float(text.get_fontsize()), smallest()))
        if to_hex(text.get_color()).upper() in FAINT:
            text.set_color(QUIET)


def _folded(ax: Axes, named: list[str]) -> list[str]:
    """Return the names on an axis wrapped, where there is room for several lines, else as they are."""
    folded = [textwrap.fill(name, LONGEST) for name in named]
    row = ax.get_position().height * ax.figure.figure.get_figheight() * 72 / len(named)
    deepest = max(name.count("\n") for name in folded) + 1
    return folded if deepest * smallest() * 1.1 < row else named


def _laid_out(figure: matplotlib.figure.Figure) -> None:
    """Lay out a figure for SVG. By itself matplotlib would draw it twice: once for the layout, once to write it."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    FigureCanvasSVG(figure)  # text is as wide as in what is written
    figure.set_dpi(72)
    if (engine := figure.get_layout_engine()) is not None:
        engine.execute(figure)
        figure.set_layout_engine(None)


def _plain(svg: str, marks: str) -> str:
    """Return matplotlib's SVG stripped, with text outlines, and with tooltips below the marks."""
    svg = _LEFT_OUT.sub("", svg)
    svg = _EDGED.sub(f'<g style="{EDGE}">', svg)
    # Numbered by place: matplotlib's hold a hash of all digits of the layout, and the last is not always the same.
    given = set(_ID.findall(svg))
    linked = (name for name in dict.fromkeys(_LINKED.findall(svg)) if name in given)  # colours look like links
    ids = {name: f"i{number}" for number, name in enumerate(linked, start=1)}
    svg = _ID.sub(lambda found: f' id="{ids[found[1]]}"' if found[1] in ids else "", svg)
    svg = _LINKED.sub(lambda found: f"#{ids.get(found[1], found[1])}", svg)
    svg = re.sub(r"<[^/][^>]*>", lambda tag: _tag(tag[0]), svg)
    svg = svg.replace("<svg ", f'<svg xml:space="preserve" font-family="{FAMILY}" ', 1)
    svg = svg.replace("butt}", "butt} path, use {pointer-events: none}", 1)  # what is below them answers
    return svg.replace("</defs>\n", f"</defs>\n{marks}", 1)


def _tag(tag: str) -> str:
    """Return a shorter tag: coordinates in hundredths of a point, or tenths in long paths."""
    digits = 1 if len(tag) > MANY else 2
    tag = _LONG.sub(lambda found: f"{float(found[0]):.{digits}f}".rstrip("0").rstrip("."), tag)
    if tag.startswith("<text"):
        tag = _LEVEL.sub("", _FAMILY.sub("", tag))
    return (
        tag.replace("\nL ", " ").replace("\n", " ").replace(' "', '"')
        if _ONLY_LINES.match(tag)
        else " ".join(tag.split())
    )
