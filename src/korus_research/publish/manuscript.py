"""The report as Markdown for one target, with figures and tables as raw blocks; the input of pandoc."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cached_property, partial
from types import ModuleType
from typing import Any

from korus_research.publish.blocks import brief, html, svg, typst
from korus_research.publish.context import ANNEX, BRIEF, REPORT, RenderContext
from korus_research.publish.converters.bibliography import cited_in
from korus_research.publish.converters.piece import NO_CACHE, Piece, PieceCache
from korus_research.publish.markup import Target, plain, raw
from korus_research.publish.meta import Provenance, ReportMeta
from korus_research.publish.report import Block, Chapter, Report
from korus_research.publish.templates import words

# Placeholder for ", page 9" until the report is typeset, with a private-use character.
PAGE = "\ue002{anchor}\ue002"


class Manuscript(ABC):
    """The common part of the two manuscripts. A single chapter is not `whole`.

    Attributes
    ----------
    pieces : list of Piece
        The Markdown: one piece per chapter, and one for the back matter.
    cited : set of str
        Keys of the references that the pieces cite.

    Raises
    ------
    PublishFailed
        See `RenderContext.prepare` and `cited_in`.
    """

    target: Target
    parts: ModuleType

    def __init__(
        self,
        report: Report,
        meta: ReportMeta,
        provenance: Provenance,
        *,
        whole: bool = True,
        spoken: dict[str, Chapter] | None = None,
        known: PieceCache = NO_CACHE,
    ) -> None:
        self.meta = meta
        complete = whole and not meta.left_out
        how: dict[str, Any] = {"provenance": provenance, "spoken": {} if spoken is None else spoken, "known": known}
        self.context = RenderContext(report, self.target, whole, complete, **how)
        for block in report.blocks:
            self.context.assets |= block.files
        texts = [self._kept(chapter) for chapter in report.chapters]
        texts[:1] = [self._front() + "".join(texts[:1])]
        titles = [plain(chapter.title) for chapter in report.chapters] or [""]
        pieces = [Piece.of(text, title=title) for text, title in zip(texts, titles, strict=True)]
        self.cited = {key for piece in pieces for key in cited_in(piece.words)}
        self.pieces = [*pieces, Piece.of(self._back(), lists=bool(self.cited) and self.context.part != BRIEF)]

    def _kept(self, chapter: Chapter) -> str:
        """Return the text of a chapter, that of an earlier run where nothing that it is made of has changed."""
        context = self.context
        if chapter.part == BRIEF:  # it tells of all chapters and of the edition
            return self._text(chapter)
        blocks = list(context.report.of(chapter))
        sources = {name: context.provenance(name) for block in blocks for name in getattr(block.data, "datasets", ())}
        spoken, context.spoken = context.spoken, {}

        def make() -> str:
            text = self._text(chapter)
            return f"{' '.join(context.spoken)}\n{text}"

        made = context.made(make, repr(chapter), [block.digest for block in blocks], repr(sources))
        names, _, text = made.partition("\n")
        context.spoken = spoken
        for name in names.split():
            spoken.setdefault(name, chapter)
        return text

    def _text(self, chapter: Chapter) -> str:
        """Return the Markdown of a chapter; the brief has its own layout."""
        if chapter.part == BRIEF:
            return brief.pages(chapter, self.context, self.meta) + self._after_brief()
        shown = (f"\n\n{self._show(block)}\n" for block in self.context.report.of(chapter))
        return "".join([self._start(chapter), *shown, self._end(chapter)])

    def _after_brief(self) -> str:
        return ""

    def _show(self, block: Block) -> str:
        if block.kind == "findings":  # data for sentences and the list of numbers, not displayed
            return ""
        if block.kind == "formula":  # formulas.lua gives it its alt text
            alt = block.data.alt.replace("\\", "\\\\").replace('"', '\\"')
            return f'::: {{.formula alt="{alt}"}}\n$${block.data.tex.strip()}$$\n:::'
        return str(getattr(self.parts, block.kind)(block, self.context))

    def _front(self) -> str:
        return ""

    def _start(self, chapter: Chapter) -> str:
        return str(self.parts.chapter_start(chapter, self.context)) + self._belongs(chapter)

    def _belongs(self, chapter: Chapter) -> str:
        """Return the line that says where the report shows the findings of a chapter of the annex."""
        labels, mark = self.context.report.labels, PAGE if self.target == "typst" else ""
        places = [f"[{labels[a]}{mark.format(anchor=a)}]({self.context.href(a)})" for a in chapter.belongs]
        return f"\n\n{words().in_the_report.format(places='; '.join(places))}\n\n" if places else ""

    def _end(self, chapter: Chapter) -> str:
        return ""

    @property
    def drawings(self) -> Mapping[str, bytes]:
        """The picture files of the document, by path; an HTML page embeds them."""
        return {}

    @abstractmethod
    def _back(self) -> str:
        """Return the back matter."""


class PageManuscript(Manuscript):
    """The manuscript of the HTML page."""

    target = "html"
    parts = html

    def _start(self, chapter: Chapter) -> str:
        return super()._start(chapter) if self.context.whole else raw("html", '<section class="chapter">')

    def _end(self, chapter: Chapter) -> str:
        return html.chapter_end(chapter, self.context)

    def _back(self) -> str:
        numbers = html.numbers(self.context) if self.context.part in ("", ANNEX) else ""
        return numbers + (html.references() if self.cited else "")


class PrintManuscript(Manuscript):
    """The manuscript of the PDF. It has no list of numbers, which would take pages; findings.json and the page have."""

    target = "typst"
    parts = typst

    @cached_property
    def drawings(self) -> Mapping[str, bytes]:
        """The pictures adapted for Typst, by path."""
        drawn = {path: content.decode() for path, content in self.context.assets.items() if path.endswith(".svg")}
        return {path: self._printed(drawing).encode() for path, drawing in drawn.items()}

    def _printed(self, drawing: str) -> str:
        return self.context.known.made(partial(svg.printed, drawing), "printed", drawing)

    def _front(self) -> str:
        meta, house = self.meta, self.meta.name or "korus-research"
        if not self.context.whole:
            return raw("typst", f"#masthead({typst.string(house)}, {typst.string(meta.edition)})")
        if self._is_brief(next(iter(self.context.report.chapters), None)):
            return ""
        title = words().annex_to.format(title=meta.title) if self.context.part == ANNEX else meta.title
        about: dict[str, Any] = {"title": title, "subtitle": meta.subtitle, "name-ko": meta.name_ko}
        about |= {"edition": meta.edition, "house": house, "standfirst": plain(meta.standfirst) or None}
        return raw("typst", typst.code("cover", about) + f"[]\n{self._contents()}")

    def _after_brief(self) -> str:
        return raw("typst", self._contents()) if self.context.part == REPORT else ""

    def _is_brief(self, chapter: Chapter | None) -> bool:
        return chapter is not None and chapter.part == BRIEF

    def _back(self) -> str:
        if not self.cited or self.context.part == BRIEF:
            return ""
        title = typst.string(words().references)
        opening = f'#chapter(title: {title}, name: "references")\n#references['
        return raw("typst", opening) + "::: {#refs}\n:::" + raw("typst", "]")

    def _contents(self) -> str:
        chapters = [chapter for chapter in self.context.report.chapters if not self._is_brief(chapter)]
        entries = [(c.number, plain(c.title), plain(c.question), c.anchor) for c in chapters]
        return f"#contents({typst.literal(entries)})\n#colophon({typst.literal(self.meta.colophon)})"
