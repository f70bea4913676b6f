"""A figure: a matplotlib picture with all a reader needs around it, the same object for JupyterLab, HTML and PDF."""

from __future__ import annotations

import base64
import html
import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from korus_research.errors import InvalidFigure
from korus_research.show.finding import Finding
from korus_research.show.theme import PAPER
from korus_research.show.words.prose import Prose, in_jupyter

if TYPE_CHECKING:
    import matplotlib.figure
    import pandas as pd

FIGURE_MIME = "application/vnd.korus.figure+json"
ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
# In units of the letters: matplotlib scales them by 1/64 and by a hundredth of the font size (8 or 9 points here), so
# that this is some 3.4 points, half of it outside the letter.
_WIDTH = 2400
_EDGE = f"stroke: {PAPER}; stroke-width: {_WIDTH}; stroke-linejoin: round"
_EDGED = re.compile(r'<g id="edged-\d+">(?P<lines>(?:\s*<!--.*?-->|\s*<g .*?</g>)+)\s*</g>', re.DOTALL)
_LETTERS = re.compile(r"\s*<defs>.*?</defs>|\s*<!--.*?-->", re.DOTALL)


@dataclass(frozen=True)
class Figure:
    """One picture and its words.

    Parameters
    ----------
    id : str
        Stable, lower case with hyphens ("flows-levels").
    title : Prose
        States the finding, spoken from findings so that it is true for every edition.
    subtitle : str
        The measure and the unit.
    alt : Prose or str
        What the picture shows, for those who can't see it.
    caption : str
        How to read it; names the uncertainty where there is one.
    source : str
        Where the figures come from, with the last month shown.
    datasets : tuple of str
        Names in the data package.
    data : DataFrame
        What is drawn; published as CSV.
    draw : callable
        Returns the matplotlib figure; called once, when the picture is first needed.
    made_by : str
        Dotted name of the function that made it.

    Raises
    ------
    InvalidFigure
        Without alt text, title, source or datasets, or with an id that can't be an anchor.
    """

    id: str
    title: Prose
    subtitle: str
    alt: Prose | str
    caption: str
    source: str
    datasets: tuple[str, ...]
    data: pd.DataFrame
    draw: Callable[[], matplotlib.figure.Figure]
    made_by: str
    last_period: str
    width: Literal["wide", "text"] = "wide"
    extra_findings: tuple[Finding, ...] = field(default=())
    words: dict[str, Any] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        lacking = [
            name
            for name in ("title", "subtitle", "alt", "source", "datasets", "made_by")
            if not str(getattr(self, name)).strip("()")
        ]
        if lacking:
            raise InvalidFigure(
                f"Figure '{self.id}' has no {', '.join(lacking)}",
                expected="a title, subtitle, alt text, source and datasets",
                do="Give them where the figure is made",
            )
        if not ID.fullmatch(self.id):
            raise InvalidFigure(f"'{self.id}' can't be a figure's id", expected="words-in-lower-case", do="Rename it")

    @cached_property
    def _pictures(self) -> tuple[str, bytes]:
        import matplotlib.pyplot as plt

        from korus_research.show.theme import themed

        with themed(self.id):
            figure = self.draw()
            svg, png = saved(figure, str(self.title)), io.BytesIO()
            figure.set_layout_engine("none")  # all stands in its place: laying it out again takes half of the time
            figure.savefig(png, format="png", dpi=110, metadata={"Software": None})
            plt.close(figure)  # or a notebook shows it a second time, empty
        return svg, png.getvalue()

    @property
    def svg(self) -> str:
        """The picture as SVG text, glyphs as paths, the same bytes for the same data."""
        return self._pictures[0]

    @property
    def png(self) -> bytes:
        """The picture as PNG, for viewers that do not trust SVG."""
        return self._pictures[1]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings that title and alt text speak."""
        spoken = [
            *self.title.findings,
            *(self.alt.findings if isinstance(self.alt, Prose) else ()),
            *self.extra_findings,
        ]
        return tuple({f.id: f for f in spoken}.values())

    def __repr__(self) -> str:
        return f"Figure({self.id}: {self.title})"

    def to_json(self) -> dict[str, Any]:
        """Return the data that the publisher reads (docs/architecture.md)."""
        return {
            "kind": "figure",
            "id": self.id,
            "title": str(self.title),
            "subtitle": self.subtitle,
            "alt": str(self.alt),
            "caption": self.caption,
            "source": self.source,
            "datasets": list(self.datasets),
            "made_by": self.made_by,
            "last_period": self.last_period,
            "svg": self.svg,
            "data_csv": to_csv(self.data),
            "width": self.width,
            "findings": [f.to_json() for f in self.findings],
            "sentences": [
                {"template": s.template, "findings": [f.id for f in s.findings]}
                for prose in (self.title, self.alt)
                if isinstance(prose, Prose)
                for s in prose.sentences
            ],
            **({"words": self.words} if self.words else {}),
        }

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        png = base64.b64encode(self.png).decode("ascii")
        shown = (
            f"<figure><p><strong>{html.escape(str(self.title))}</strong><br>{html.escape(self.subtitle)}</p>"
            f'<img alt="{html.escape(str(self.alt), quote=True)}" style="max-width:100%" '
            f'src="data:image/png;base64,{png}">'
            f"<figcaption>{html.escape(self.caption)} {html.escape(self.source)}</figcaption></figure>"
        )
        return {FIGURE_MIME: self.to_json(), "text/html": in_jupyter(shown), "image/png": png, "text/plain": repr(self)}


def to_csv(frame: pd.DataFrame) -> str:
    """Return a frame as CSV text, without an index and with floats as a person would read them."""
    text: str = frame.to_csv(index=False, float_format="%.10g", lineterminator="\n")
    return text


def saved(figure: matplotlib.figure.Figure, title: str) -> str:
    """Return a figure as SVG; text with path effects (`theme.halo`) has a white edge behind its letters.

    The edge is an attribute of the letters: matplotlib would draw the outline of each letter as curves of its own, so
    that letters can't be shared, and the pictures of a report were four times as large.
    """
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
