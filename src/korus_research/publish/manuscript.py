"""The report as Markdown for one target, before pandoc: words, with figures and tables as raw blocks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cached_property
from types import ModuleType

from korus_research.publish import blocks_html, blocks_typst
from korus_research.publish.bibliography import cited_in
from korus_research.publish.gather import Block, Book, Chapter
from korus_research.publish.markup import Sheet, Target, plain, raw
from korus_research.publish.meta import ReportMeta
from korus_research.publish.piece import Piece
from korus_research.publish.provenance import Provenance, catalog_provenance

SUMMARY = "summary"


class Manuscript(ABC):
    """What the two manuscripts share: the order of the parts.

    Parameters
    ----------
    book : Book
        What the chapters show, numbered.
    meta : ReportMeta
        What the title page says.
    provenance : callable, optional
        Facts about a dataset by its name; default: the embedded data package.
    whole : bool
        False for one chapter alone: no contents, and references to other chapters become words.

    Attributes
    ----------
    cited : set of str
        Keys of the references that the pieces cite.
    """

    target: Target
    parts: ModuleType

    def __init__(
        self, book: Book, meta: ReportMeta, *, provenance: Provenance | None = None, whole: bool = True
    ) -> None:
        self.meta = meta
        self.sheet = Sheet(
            book,
            self.target,
            whole=whole,
            complete=whole and not meta.left_out,
            provenance=provenance or catalog_provenance(),
        )
        self.cited: set[str] = set()

    @property
    def assets(self) -> Mapping[str, bytes]:
        """The files that belong beside the report, by relative path; complete once the pieces are written."""
        return self.sheet.assets

    def pieces(self) -> list[Piece]:
        """Return the Markdown: a piece for each chapter, and one for what follows the last; `cited` is known then.

        Raises
        ------
        PublishFailed
            See `Sheet.prepare` and `cited_in`.
        """
        book = self.sheet.book
        texts = [
            "".join([self._start(c), *(f"\n\n{self._show(block)}\n" for block in book.of(c)), self._end(c)])
            for c in book.chapters
        ]
        texts[:1] = [self._front() + "".join(texts[:1])]
        titles = [plain(chapter.title) for chapter in book.chapters] or [""]
        pieces = [Piece.of(text, title=title) for text, title in zip(texts, titles, strict=True)]
        self.cited = {key for piece in pieces for key in cited_in(piece.words)}
        return [*pieces, Piece.of(self._back(), lists=bool(self.cited))]

    def _show(self, block: Block) -> str:
        if block.kind == "markdown":
            return self.sheet.prepare(block.data["markdown"], block)
        if block.kind == "findings":  # carried for the numbers that sentences and the list of numbers need, not shown
            return ""
        return str(getattr(self.parts, block.kind)(block, self.sheet))

    def _front(self) -> str:
        return ""

    def _start(self, chapter: Chapter) -> str:
        return str(self.parts.chapter_start(chapter, self.sheet))

    def _end(self, chapter: Chapter) -> str:
        return str(self.parts.chapter_end(chapter, self.sheet))

    @abstractmethod
    def _back(self) -> str:
        """Return what follows the last chapter."""


class PageManuscript(Manuscript):
    """For the one HTML file."""

    target = "html"
    parts = blocks_html

    def _start(self, chapter: Chapter) -> str:
        return super()._start(chapter) if self.sheet.whole else raw("html", '<section class="chapter">')

    def _back(self) -> str:
        text = blocks_html.numbers(self.sheet)
        if self.cited:
            opening = '<section class="chapter back" id="references" aria-labelledby="references-title">'
            text += raw("html", f'{opening}\n<h2 id="references-title">References</h2>')
            text += "::: {#refs}\n:::" + raw("html", "</section>")
        return text


class PrintManuscript(Manuscript):
    """For the PDF that Typst sets."""

    target = "typst"
    parts = blocks_typst

    def _front(self) -> str:
        meta, string = self.meta, blocks_typst.string
        if not self.sheet.whole:
            return raw("typst", f"#masthead({string(meta.name or 'korus-research')}, {string(meta.edition)})")
        opening = raw("typst", self._cover() + "[")
        if self.sheet.book.chapters[0].id == SUMMARY:
            return opening
        return opening + raw("typst", f"]\n{self._contents()}")

    def _start(self, chapter: Chapter) -> str:
        if self._opens(chapter):
            string = blocks_typst.string
            return raw("typst", f"#summary-heading(title: {string(chapter.title)}, name: {string(chapter.anchor)})")
        return super()._start(chapter)

    def _end(self, chapter: Chapter) -> str:
        if self._opens(chapter):
            return raw("typst", "]") + raw("typst", self._contents())
        return super()._end(chapter)

    def _opens(self, chapter: Chapter) -> bool:
        return self.sheet.whole and chapter == self.sheet.book.chapters[0] and chapter.id == SUMMARY

    def _show(self, block: Block) -> str:
        text = super()._show(block)
        return text.replace("#picture(", "#key-picture(", 1) if block is self._key_figure else text

    @cached_property
    def _key_figure(self) -> Block | None:
        """Return the figure for the title page: the summary's first, if before the summary's first section."""
        book = self.sheet.book
        first = book.chapters[0]
        if not self.sheet.whole or first.id != SUMMARY:
            return None
        for block in book.of(first):
            if block.kind == "figure":
                return block
            if block.kind == "markdown" and "## " in block.data["markdown"]:
                return None
        return None

    def _back(self) -> str:
        if not self.cited:
            return ""
        opening = '#chapter(title: "References", name: "references")\n#references['
        return raw("typst", opening) + "::: {#refs}\n:::" + raw("typst", "]")

    def _cover(self) -> str:
        meta, string = self.meta, blocks_typst.string
        return (
            f"#cover(title: {string(meta.title)}, subtitle: {string(meta.subtitle)}, name-ko: {string(meta.name_ko)}, "
            f"edition: {string(meta.edition)}, house: {string(meta.name or 'korus-research')}, "
            f"standfirst: {string(plain(meta.standfirst)) if meta.standfirst else 'none'})"
        )

    def _contents(self) -> str:
        string = blocks_typst.string
        entries = blocks_typst.array(
            f"({string(c.number)}, {string(plain(c.title))}, {string(plain(c.question))}, {string(c.anchor)})"
            for c in self.sheet.book.chapters
        )
        about = blocks_typst.array(f"({string(key)}, {string(value)})" for key, value in self.meta.colophon)
        return f"#contents({entries})\n#colophon({about})"
