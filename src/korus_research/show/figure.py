"""A figure: a matplotlib picture with all a reader needs around it, the same object for JupyterLab, HTML and PDF."""

from __future__ import annotations

import base64
import html
import io
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar

from korus_research.errors import InvalidFigure, OutputFolder
from korus_research.show.finding import Finding
from korus_research.show.theme import PAPER, themed
from korus_research.show.theme.canvas import SMALLEST, WIDE
from korus_research.show.theme.svg import saved
from korus_research.show.words.lab import place
from korus_research.show.words.prose import Prose, bundle, spoken_json

if TYPE_CHECKING:
    import matplotlib.figure
    import pandas as pd

T = TypeVar("T")
PICTURES = "KORUS_PICTURES"  # "svg": no PNG beside it, which takes a tenth of a report and nobody reads there
OWN = "notebook"  # what made a figure or table that is no chapter's
ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


@dataclass(frozen=True, kw_only=True)
class Described:
    """What figures and tables have in common: the words around them, their provenance, and their data as CSV.

    `id` is stable, in lower case with hyphens ("flows-levels"). `title` states the finding, spoken from findings so it
    is true for every edition; `caption` says how to read it, and names the uncertainty where there is one; `source`
    where the figures come from, with the last month shown. `datasets` are names in the data package, `made_by` is the
    dotted name of a function, `extra_findings` are shown but not spoken, `words` as in `Words.about`.
    """

    id: str
    title: Prose | str
    caption: str
    source: str
    datasets: tuple[str, ...]
    data: pd.DataFrame
    made_by: str
    last_period: str
    extra_findings: tuple[Finding, ...] = ()
    words: dict[str, Any] = field(default_factory=dict, compare=False)
    NEEDED: ClassVar[tuple[str, ...]] = ("title", "source", "datasets", "made_by")

    def __post_init__(self) -> None:
        kind = type(self).__name__
        needed = (name for name in self.NEEDED if name != "datasets" or self.made_by != OWN)  # which may have none
        if lacking := ", ".join(name for name in needed if not str(getattr(self, name)).strip("()[] ")):
            expected, do = f"each of {', '.join(self.NEEDED)}", f"Give it where the {kind.lower()} is made"
            raise InvalidFigure(f"{kind} '{self.id}' has no {lacking}", expected=expected, do=do)
        if not ID.fullmatch(self.id):
            found = f"'{self.id}' can't be a {kind.lower()}'s id"
            raise InvalidFigure(found, expected="words-in-lower-case", do="Rename it")

    @property
    def said(self) -> tuple[Prose | str, ...]:
        """The words that speak findings."""
        return (self.title,)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings that its words speak, and those shown."""
        spoken = [finding for prose in self.said if isinstance(prose, Prose) for finding in prose.findings]
        return tuple({finding.id: finding for finding in (*spoken, *self.extra_findings)}.values())

    def to_json(self) -> dict[str, Any]:
        """Return the data that the publisher reads (show/contract.py)."""
        plain = {name: getattr(self, name) for name in ("id", "caption", "source", "made_by", "last_period")}
        extra = {"extra": [finding.id for finding in self.extra_findings]} if self.words else {}
        return {
            "kind": type(self).__name__.lower(),
            **plain,
            "title": str(self.title),
            "datasets": list(self.datasets),
            "data_csv": to_csv(self.data),
            **spoken_json({**self.words, **extra}, *self.said, more=self.extra_findings),
        }

    def _html(self, data: Mapping[str, Any]) -> str:
        """Return its JSON as HTML."""
        raise NotImplementedError

    @property
    def html(self) -> str:
        """The figure or table with its words as HTML, as JupyterLab shows it."""
        return self._html(self.to_json())

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        data = self.to_json()
        return bundle(data, self._html(data), repr(self))


@dataclass(frozen=True, kw_only=True)
class Figure(Described):
    """One picture and its words; `draw` returns the matplotlib figure, once, when the picture is first needed.

    InvalidFigure without alt text, title, source or datasets, or with an id that can't be an anchor.
    """

    subtitle: str
    alt: Prose | str
    draw: Callable[[], matplotlib.figure.Figure]
    width: Literal["wide", "text"] = "wide"
    NEEDED = (*Described.NEEDED, "subtitle", "alt")

    @classmethod
    def of(
        cls,
        picture: matplotlib.figure.Figure,
        *,
        title: str,
        alt: str,
        source: str,
        subtitle: str = "",
        caption: str = "",
        id: str = "",
        data: pd.DataFrame | None = None,
        datasets: tuple[str, ...] = (),
    ) -> Figure:
        """Return a matplotlib figure of the user's with words around it, as in the report.

        `title` states what it shows, `alt` says it to those who can't see it, `source` is where its figures come from,
        `data` these figures, published as CSV. It is closed. It is shown in its own style, but laid out
        for SVG, with small letters enlarged and faint ones darkened. InvalidFigure without a title, alt text or source.
        """
        import pickle

        import matplotlib.pyplot as plt
        import pandas as pd

        if not hasattr(picture, "savefig"):
            found = f"{type(picture).__name__} in place of a figure of matplotlib"
            raise InvalidFigure(found, expected="a figure", do="Give the first thing that plt.subplots() returns")
        drawn = pickle.dumps(picture)  # each drawing takes it anew, as what lays it out changes it
        plt.close(picture)  # or a notebook shows it a second time
        return cls(
            id=id or named(title),
            title=title,
            subtitle=subtitle or title,
            alt=alt,
            caption=caption,
            source=source,
            datasets=datasets,
            data=pd.DataFrame() if data is None else data,
            made_by=OWN,
            last_period="",
            draw=lambda: pickle.loads(drawn),
        )

    @property
    def said(self) -> tuple[Prose | str, ...]:
        """Title and alt text."""
        return self.title, self.alt

    @cached_property
    def svg(self) -> str:
        """The picture as SVG text, the same bytes for the same data; letters are text, the ground transparent."""
        if "_both" in vars(self):
            return self._both[0]
        return self._drawn(lambda figure: saved(figure, str(self.title)))

    @cached_property
    def svg_narrow(self) -> str:
        """The same picture drawn for a narrow screen."""
        return self._drawn(lambda figure: saved(figure, str(self.title)), narrow=True)

    @property
    def png(self) -> bytes:
        """The picture as PNG, for viewers that do not show SVG."""
        return self._both[1]

    @cached_property
    def _both(self) -> tuple[str, bytes]:
        """The picture as SVG and as PNG: to draw and lay it out takes longer than to write it."""

        def written(figure: matplotlib.figure.Figure) -> tuple[str, bytes]:
            svg, made = saved(figure, str(self.title)), io.BytesIO()
            figure.savefig(made, format="png", dpi=110, facecolor=PAPER, metadata={"Software": None})
            return svg, made.getvalue()

        return self._drawn(written)

    def save(self, path: str | Path, *, width: str = "180 mm", font: float | None = None, dpi: int = 300) -> Path:
        """Write the picture alone to a file, drawn anew in the size that a journal asks for.

        Parameters
        ----------
        path : str or Path
            Ends in .svg, .pdf or .png; what is there is replaced.
        width : str
            With its unit: "84 mm", "3.3 in". Below 4.5 inches panels stand above one another.
        font : float, optional
            Points of the smallest letters; 8 where it is left out.
        dpi : int
            Dots an inch of a PNG.

        Returns
        -------
        Path
            Where it was written.

        Raises
        ------
        InvalidFigure
            Another ending, or a width without its unit.
        OutputFolder
            The folder is not there, or can't be written.
        """
        from korus_research.data.files import output_errors, write_whole
        from korus_research.show.theme.journal import FORMATS, inches, written

        target, format = Path(path), Path(path).suffix.lower().lstrip(".")
        if not 4 <= (letters := float(font or SMALLEST[WIDE])) <= 24 or not 30 <= dpi <= 2400 or font == 0:
            raise InvalidFigure(
                f"Letters of {font} points at {dpi} dots an inch",
                expected="font from 4 to 24 points, dpi from 30 to 2400",
                do="Correct them",
            )
        if not target.parent.is_dir():
            raise OutputFolder(
                f"There is no folder {target.parent}", expected="an existing folder", do="Create it first"
            )
        if format not in FORMATS:
            raise InvalidFigure(
                f"'{target.name}' does not name an image format",
                expected=f"a name that ends in {', '.join('.' + each for each in FORMATS)}",
                do="Rename it",
            )
        made = self._drawn(
            lambda figure: written(figure, format, title=str(self.title), dpi=dpi), width=inches(width), letters=letters
        )
        with output_errors(target.parent, option="path"):
            write_whole(target, made)
        return target

    def _drawn(
        self,
        save: Callable[[matplotlib.figure.Figure], T],
        *,
        narrow: bool = False,
        width: float | None = None,
        letters: float | None = None,
    ) -> T:
        import matplotlib.pyplot as plt

        with themed(f"{self.id}-narrow" if narrow else self.id, narrow=narrow, width=width, letters=letters):
            figure = self.draw()
            try:
                return save(figure)
            finally:
                plt.close(figure)  # or a notebook shows it a second time, empty

    def __repr__(self) -> str:
        return f"Figure({self.id}: {self.title})"

    def to_json(self) -> dict[str, Any]:
        """Return the data that the publisher reads (show/contract.py)."""
        return {**self._wide_json(), "svg_narrow": self.svg_narrow, "width": self.width}

    def _wide_json(self) -> dict[str, Any]:
        return {**super().to_json(), "subtitle": self.subtitle, "alt": str(self.alt), "svg": self.svg}

    @property
    def html(self) -> str:
        """The figure with its words as HTML, as JupyterLab shows it."""
        return self._html(self._wide_json())

    def _html(self, data: Mapping[str, Any]) -> str:
        return figure_html(data, self.title)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        if os.environ.get(PICTURES) == "svg":
            return super()._repr_mimebundle_()
        png = base64.b64encode(self.png).decode("ascii")  # first, since the drawing for it gives the SVG too
        return {**super()._repr_mimebundle_(), "image/png": png}


def figure_html(data: Mapping[str, Any], title: Prose | str) -> str:
    """Return the JSON of a figure as HTML; `title` may carry findings."""
    said = {key: html.escape(data[key]) for key in ("subtitle", "alt", "caption", "source")}
    picture = base64.b64encode(data["svg"].encode()).decode("ascii")
    return (
        f'<figure id="fig-{data["id"]}">{heading(data, title)}<p>{said["subtitle"]}</p>'
        f'<img alt="{said["alt"]}" style="max-width:100%;background:{PAPER}" '
        f'src="data:image/svg+xml;base64,{picture}">'
        f"<figcaption>{said['caption']} {said['source']}</figcaption></figure>"
    )


def heading(data: Mapping[str, Any], title: Prose | str) -> str:
    """Return the title of a figure or table as HTML, below the name by which sentences refer to it."""
    shown = title.html if isinstance(title, Prose) else html.escape(title)
    if not data["made_by"].startswith("korus_research.chapters."):  # no sentence refers to it
        return f"<strong>{shown}</strong>"
    return f"<small>{html.escape(place(data['kind'], data['id']))}</small><br><strong>{shown}</strong>"


def named(title: str) -> str:
    """Return an id made of a title: "own-", then its words in lower case with hyphens."""
    words = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    return f"own-{words}"[:60].rstrip("-")


def to_csv(frame: pd.DataFrame) -> str:
    """Return a frame as CSV text: without the index, floats with ten significant digits."""
    text: str = frame.to_csv(index=False, float_format="%.10g", lineterminator="\n")
    return text
