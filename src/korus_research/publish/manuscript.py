"""The report as Markdown for one target, before pandoc: words, with figures and tables as raw blocks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from itertools import takewhile
from types import ModuleType
from typing import Any

from korus_research.publish.blocks import html, typst
from korus_research.publish.context import RenderContext
from korus_research.publish.converters.bibliography import cited_in
from korus_research.publish.converters.piece import Piece
from korus_research.publish.markup import Target, plain, raw
from korus_research.publish.meta import Provenance, ReportMeta
from korus_research.publish.report import Block, Chapter, Report
from korus_research.publish.templates import words

SUMMARY = "summary"


class Manuscript(ABC):
    """What the two manuscripts share: the order of the parts. One chapter by itself is not `whole`.

    Attributes
    ----------
    pieces : list of Piece
        The Markdown: a piece for each chapter, and one for what follows the last.
    cited : set of str
        Keys of the references that the pieces cite.

    Raises
    ------
    PublishFailed
        See `RenderContext.prepare` and `cited_in`.
    """

    target: Target
    parts: ModuleType

    def __init__(self, report: Report, meta: ReportMeta, provenance: Provenance, *, whole: bool = True) -> None:
        self.meta = meta
        complete = whole and not meta.left_out
        self.context = RenderContext(report, self.target, whole=whole, complete=complete, provenance=provenance)
        texts = [
            "".join([self._start(c), *(f"\n\n{self._show(block)}\n" for block in report.of(c)), self._end(c)])
            for c in report.chapters
        ]
        texts[:1] = [self._front() + "".join(texts[:1])]
        titles = [plain(chapter.title) for chapter in report.chapters] or [""]
        pieces = [Piece.of(text, title=title) for text, title in zip(texts, titles, strict=True)]
        self.cited = {key for piece in pieces for key in cited_in(piece.words)}
        self.pieces = [*pieces, Piece.of(self._back(), lists=bool(self.cited))]

    def _show(self, block: Block) -> str:
        if block.kind == "findings":  # carried for sentences and the list of numbers, not shown
            return ""
        if block.kind == "formula":  # formulas.lua gives it its alt text
            alt = block.data.alt.replace("\\", "\\\\").replace('"', '\\"')
            return f'::: {{.formula alt="{alt}"}}\n$${block.data.tex.strip()}$$\n:::'
        return str(getattr(self.parts, block.kind)(block, self.context))

    def _front(self) -> str:
        return ""

    def _start(self, chapter: Chapter) -> str:
        return str(self.parts.chapter_start(chapter, self.context))

    def _end(self, chapter: Chapter) -> str:
        return ""

    @abstractmethod
    def _back(self) -> str:
        """Return what follows the last chapter."""


class PageManuscript(Manuscript):
    """For the one HTML file."""

    target = "html"
    parts = html

    def _start(self, chapter: Chapter) -> str:
        return super()._start(chapter) if self.context.whole else raw("html", '<section class="chapter">')

    def _end(self, chapter: Chapter) -> str:
        return raw("html", "</section>")

    def _back(self) -> str:
        return html.numbers(self.context) + (html.references() if self.cited else "")


class PrintManuscript(Manuscript):
    """For the PDF that Typst sets. The spoken numbers would fill pages there; findings.json and the page list them."""

    target = "typst"
    parts = typst

    def _front(self) -> str:
        meta, house = self.meta, self.meta.name or "korus-research"
        if not self.context.whole:
            return raw("typst", f"#masthead({typst.string(house)}, {typst.string(meta.edition)})")
        about: dict[str, Any] = {"title": meta.title, "subtitle": meta.subtitle, "name-ko": meta.name_ko}
        about |= {"edition": meta.edition, "house": house, "standfirst": plain(meta.standfirst) or None}
        opening = raw("typst", typst.code("cover", about) + "[")
        if self.context.report.chapters[0].id == SUMMARY:
            return opening
        return opening + raw("typst", f"]\n{self._contents()}")

    def _start(self, chapter: Chapter) -> str:
        if self._opens(chapter):
            return typst.call("summary-heading", {"title": chapter.title, "name": chapter.anchor})
        return super()._start(chapter)

    def _end(self, chapter: Chapter) -> str:
        if self._opens(chapter):
            return raw("typst", "]") + raw("typst", self._contents())
        return ""

    def _opens(self, chapter: Chapter) -> bool:
        return self.context.whole and chapter == self.context.report.chapters[0] and chapter.id == SUMMARY

    def _show(self, block: Block) -> str:
        text = super()._show(block)
        return text.replace("#picture(", "#key-picture(", 1) if block is self._key_figure else text

    @cached_property
    def _key_figure(self) -> Block | None:
        """Return the figure for the title page: the summary's first, if before the summary's first section."""
        report = self.context.report
        shown = report.of(report.chapters[0]) if self._opens(report.chapters[0]) else ()
        opening = takewhile(lambda block: not (block.kind == "prose" and "## " in block.data.markdown), shown)
        return next((block for block in opening if block.kind == "figure"), None)

    def _back(self) -> str:
        if not self.cited:
            return ""
        title = typst.string(words().references)
        opening = f'#chapter(title: {title}, name: "references")\n#references['
        return raw("typst", opening) + "::: {#refs}\n:::" + raw("typst", "]")

    def _contents(self) -> str:
        chapters = self.context.report.chapters
        entries = [(c.number, plain(c.title), plain(c.question), c.anchor) for c in chapters]
        return f"#contents({typst.literal(entries)})\n#colophon({typst.literal(self.meta.colophon)})"
