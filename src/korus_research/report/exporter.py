"""What the two nbconvert exporters share: reading, numbering, one Markdown text, one pandoc call."""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from nbconvert.exporters.exporter import Exporter
from nbconvert.exporters.templateexporter import TemplateExporter
from nbformat import NotebookNode
from traitlets import default

from korus_research.errors import PublishFailed
from korus_research.report import press
from korus_research.report.alone import executed, meta_of
from korus_research.report.gather import Block, Book, Chapter, gather
from korus_research.report.markup import Sheet, Target
from korus_research.report.meta import ReportMeta
from korus_research.report.provenance import Provenance, catalog_provenance

SUMMARY = "summary"
_CITATION = re.compile(r"(?<![\w.\\])@[A-Za-z][\w:.-]*")


class KorusExporter(TemplateExporter):
    """What the two exporters share: reading, numbering, one Markdown text, one pandoc call."""

    target: Target
    parts: ModuleType
    export_from_notebook: str

    optimistic_validation = True

    @default("template_name")
    def _template_name_default(self) -> str:
        return "korus"

    @default("template_file")
    def _template_file_default(self) -> str:
        return "index.md.j2"

    @default("extra_template_basedirs")
    def _extra_template_basedirs_default(self) -> list[str]:
        return [str(press.TEMPLATES)]

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[Any, dict[str, Any]]:
        """Return one chapter set as a document of its own, and nbconvert's resources.

        A notebook none of whose code cells has run is executed first.
        """
        about = dict(resources or {})
        place = str(about.get("metadata", {}).get("path", "") or ".")
        nb = executed(nb, place)
        meta = about.pop("korus_meta", None)
        whole = meta is not None
        return self.from_notebooks([nb], meta or meta_of(nb), about, whole=whole)

    def from_notebooks(
        self,
        notebooks: Sequence[NotebookNode],
        meta: ReportMeta,
        resources: dict[str, Any] | None = None,
        *,
        provenance: Provenance | None = None,
        whole: bool = True,
    ) -> tuple[Any, dict[str, Any]]:
        """Return the document made of `notebooks`, and nbconvert's resources with the files that belong beside it.

        Parameters
        ----------
        notebooks : sequence of NotebookNode
            Executed chapters, in order.
        meta : ReportMeta
            What the title page says.
        provenance : callable, optional
            Facts about a dataset by its name; default: the embedded data package.
        whole : bool
            False for one chapter alone: no contents, and references to other chapters become words.

        Raises
        ------
        PublishFailed
            See `gather`, `Sheet.prepare`, `press.pandoc` and `press.typst`.
        """
        book, resources = self.read(notebooks, resources)
        return self.from_book(book, meta, resources, provenance=provenance, whole=whole)

    def read(
        self, notebooks: Sequence[NotebookNode], resources: dict[str, Any] | None = None
    ) -> tuple[Book, dict[str, Any]]:
        """Return the book that `notebooks` make after nbconvert's preprocessors, and nbconvert's resources.

        Raises
        ------
        PublishFailed
            See `gather`.
        """
        resources = self._init_resources(resources)  # type: ignore[no-untyped-call]
        read = []
        for notebook in notebooks:
            ready, resources = Exporter.from_notebook_node(self, notebook, resources)
            read.append(ready)
        return gather(read), resources

    def from_book(
        self,
        book: Book,
        meta: ReportMeta,
        resources: dict[str, Any] | None = None,
        *,
        provenance: Provenance | None = None,
        whole: bool = True,
    ) -> tuple[Any, dict[str, Any]]:
        """Return the document made of a book that has been read, as `from_notebooks` does."""
        resources = self._init_resources(resources)  # type: ignore[no-untyped-call]
        sheet = Sheet(
            book,
            self.target,
            whole=whole,
            complete=whole and not meta.left_out,
            provenance=provenance or catalog_provenance(),
        )
        markdown = self._markdown(sheet, meta)
        references = press.REFERENCES if press.REFERENCES.is_file() else None
        if references is None and (cited := _CITATION.search(markdown)):
            raise PublishFailed(
                f"{cited[0]} is cited, but there is no bibliography",
                expected="data/references.json in the package",
                do="Restore the file, or take the citation out",
            )
        output = self._finish(press.pandoc(markdown, self.target, references=references), sheet, meta)
        resources["outputs"] = {**resources.get("outputs", {}), **sheet.assets}
        return output, resources

    def _markdown(self, sheet: Sheet, meta: ReportMeta) -> str:
        """Return the one Markdown text of the report, with figures and tables as raw blocks of the target."""
        cited = any(
            _CITATION.search(str(block.data.get(key, "")))
            for block in sheet.book.blocks
            for key in ("markdown", "caption", "source", "notes", "cards")
        )
        text: str = self.template.render(
            book=sheet.book,
            front=lambda: self._front(sheet, meta),
            start=lambda chapter: self._start(chapter, sheet, meta),
            show=lambda block: self._show(block, sheet),
            end=lambda chapter: self._end(chapter, sheet, meta),
            back=lambda: self._back(sheet, meta, cited),
        )
        return text

    def _show(self, block: Block, sheet: Sheet) -> str:
        if block.kind == "markdown":
            return sheet.prepare(block.data["markdown"], block)
        if block.kind == "findings":  # carried for the numbers that sentences and the list of numbers need, not shown
            return ""
        return str(getattr(self.parts, block.kind)(block, sheet))

    def _front(self, sheet: Sheet, meta: ReportMeta) -> str:
        return ""

    def _start(self, chapter: Chapter, sheet: Sheet, meta: ReportMeta) -> str:
        return str(self.parts.chapter_start(chapter, sheet)) if sheet.whole else ""

    def _end(self, chapter: Chapter, sheet: Sheet, meta: ReportMeta) -> str:
        return str(self.parts.chapter_end(chapter, sheet)) if sheet.whole else ""

    def _back(self, sheet: Sheet, meta: ReportMeta, cited: bool) -> str:
        raise NotImplementedError

    def _finish(self, body: str, sheet: Sheet, meta: ReportMeta) -> str | bytes:
        raise NotImplementedError


def key_figure(sheet: Sheet) -> Block | None:
    """Return the figure for the title page: the summary's first, if it stands before the summary's first section."""
    first = sheet.book.chapters[0]
    if not sheet.whole or first.id != SUMMARY:
        return None
    for block in sheet.book.of(first):
        if block.kind == "figure":
            return block
        if block.kind == "markdown" and "## " in block.data["markdown"]:
            return None
    return None


def colophon(meta: ReportMeta) -> list[tuple[str, str]]:
    """Return what "About this edition" says, as (name, value)."""
    rows = [
        ("Edition", meta.edition),
        ("Values", meta.vintage_note),
        ("Parameters", "; ".join(f"{name} = {value}" for name, value in meta.parameters)),
        *((f"Left out: {title}", reason) for title, reason in meta.left_out),
        ("Authors", ", ".join(meta.authors)),
        ("Made with", f"korus-research {meta.version}" if meta.version else ""),
    ]
    return [(key, value) for key, value in rows if value]
