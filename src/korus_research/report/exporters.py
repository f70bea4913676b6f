"""nbconvert exporters: executed notebooks -> one Markdown text (templates/korus) -> pandoc -> one HTML file or one PDF.

`jupyter nbconvert --to korus-pdf notebooks/01_flows.ipynb` and the whole report take the same road; the whole report is
just more than one notebook.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

from nbconvert.exporters.exporter import Exporter
from nbconvert.exporters.templateexporter import TemplateExporter
from nbformat import NotebookNode
from traitlets import default

from korus_research.errors import PublishFailed
from korus_research.report import blocks_html, blocks_typst, fonts, press
from korus_research.report.gather import Block, Book, Chapter, gather
from korus_research.report.markup import Sheet, Target, plain, raw
from korus_research.report.meta import ReportMeta

SUMMARY = "summary"
_CITATION = re.compile(r"(?<![\w.\\])@[A-Za-z][\w:.-]*")
Provenance = Callable[[str], Mapping[str, Any]]


def catalog_provenance() -> Provenance:
    """Return a function that tells title, source, vintage, licence and sha256 of a dataset of the embedded package.

    A dataset that the package does not have is told by its name only.
    """
    from korus_research.data import open_catalog

    catalog = open_catalog()

    def describe(name: str) -> Mapping[str, Any]:
        if name not in catalog.names:
            return {}
        dataset = catalog.describe(name)
        source = dataset.sources[0].title if dataset.sources else ""
        facts = {key: getattr(dataset, key) for key in ("title", "vintage", "licence", "sha256")}
        return {**facts, "source": source}

    return describe


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
        return self.from_notebooks([nb], meta or _meta_of(nb), about, whole=whole)

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
        resources = self._init_resources(resources)
        read = []
        for notebook in notebooks:
            ready, resources = Exporter.from_notebook_node(self, notebook, resources)
            read.append(ready)
        book = gather(read)
        sheet = Sheet(
            book,
            self.target,
            whole=whole,
            left_out=frozenset(title.lower().replace(" ", "-") for title, _ in meta.left_out),
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


class KorusHTMLExporter(KorusExporter):
    """One self-contained, accessible HTML file without scripts."""

    target = "html"
    parts = blocks_html
    export_from_notebook = "korus-research HTML"
    output_mimetype = "text/html"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".html"

    def _start(self, chapter: Chapter, sheet: Sheet, meta: ReportMeta) -> str:
        return blocks_html.chapter_start(chapter, sheet) if sheet.whole else raw("html", '<section class="chapter">')

    def _end(self, chapter: Chapter, sheet: Sheet, meta: ReportMeta) -> str:
        return blocks_html.chapter_end(chapter, sheet)

    def _back(self, sheet: Sheet, meta: ReportMeta, cited: bool) -> str:
        text = blocks_html.numbers(sheet)
        if cited:
            opening = '<section class="chapter back" id="references" aria-labelledby="references-title">'
            text += raw("html", f'{opening}\n<h2 id="references-title">References</h2>')
            text += "::: {#refs}\n:::" + raw("html", "</section>")
        return text

    def _finish(self, body: str, sheet: Sheet, meta: ReportMeta) -> str:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        page = Environment(
            loader=FileSystemLoader(press.TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            keep_trailing_newline=True,
        ).get_template("page.html.j2")
        contents = [(c.number, plain(c.title), c.anchor) for c in sheet.book.chapters]
        contents += [
            ("", title, name)
            for name, title in (("numbers", "Numbers"), ("references", "References"))
            if f'id="{name}"' in body
        ]
        standfirst = press.pandoc(meta.standfirst, "html") if meta.standfirst else ""
        rows = colophon(meta)
        shown = body + meta.name_ko + meta.title + meta.standfirst + "".join(map(str, rows))
        style = fonts.font_face(shown) + (press.TEMPLATES / "report.css").read_text(encoding="utf-8")
        return page.render(
            meta=meta,
            whole=sheet.whole,
            description=f"{meta.subtitle} {meta.edition}.".strip(),
            style=style,
            standfirst=standfirst,
            contents=contents,
            body=body,
            colophon=rows,
        )


class KorusPDFExporter(KorusExporter):
    """One tagged PDF (PDF/UA-1), set by Typst."""

    target = "typst"
    parts = blocks_typst
    export_from_notebook = "korus-research PDF"
    output_mimetype = "application/pdf"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".pdf"

    def _front(self, sheet: Sheet, meta: ReportMeta) -> str:
        summary = sheet.whole and any(c.id == SUMMARY for c in sheet.book.chapters[:1])
        text = raw("typst", self._cover(sheet, meta) + "[")
        if not summary:
            text += raw("typst", "]") + (raw("typst", self._contents(sheet, meta)) if sheet.whole else "")
        return text

    def _start(self, chapter: Chapter, sheet: Sheet, meta: ReportMeta) -> str:
        if sheet.whole and chapter == sheet.book.chapters[0] and chapter.id == SUMMARY:
            string = blocks_typst.string
            return raw("typst", f"#summary-heading(title: {string(chapter.title)}, name: {string(chapter.anchor)})")
        return super()._start(chapter, sheet, meta)

    def _end(self, chapter: Chapter, sheet: Sheet, meta: ReportMeta) -> str:
        if sheet.whole and chapter == sheet.book.chapters[0] and chapter.id == SUMMARY:
            return raw("typst", "]") + raw("typst", self._contents(sheet, meta))
        return super()._end(chapter, sheet, meta)

    def _show(self, block: Block, sheet: Sheet) -> str:
        text = super()._show(block, sheet)
        return text.replace("#picture(", "#key-picture(", 1) if block is key_figure(sheet) else text

    def _back(self, sheet: Sheet, meta: ReportMeta, cited: bool) -> str:
        text = ""
        if cited:
            text += raw("typst", '#chapter(title: "References", name: "references")\n#references[')
            text += "::: {#refs}\n:::" + raw("typst", "]")
        return text

    def _cover(self, sheet: Sheet, meta: ReportMeta) -> str:
        string = blocks_typst.string
        subtitle = meta.subtitle
        return (
            f"#cover(title: {string(meta.title)}, subtitle: {string(subtitle)}, name-ko: {string(meta.name_ko)}, "
            f"edition: {string(meta.edition)}, house: {string(meta.name or 'korus-research')}, "
            f"standfirst: {string(plain(meta.standfirst)) if meta.standfirst else 'none'})"
        )

    def _contents(self, sheet: Sheet, meta: ReportMeta) -> str:
        string = blocks_typst.string
        entries = blocks_typst.array(
            f"({string(c.number)}, {string(plain(c.title))}, {string(plain(c.question))}, {string(c.anchor)})"
            for c in sheet.book.chapters
        )
        about = blocks_typst.array(f"({string(key)}, {string(value)})" for key, value in colophon(meta))
        return f"#contents({entries})\n#colophon({about})"

    def _finish(self, body: str, sheet: Sheet, meta: ReportMeta) -> bytes:
        string = blocks_typst.string
        setup = (
            '#import "report.typ": *\n'
            f"#show: setup.with(title: {string(meta.title)}, authors: {blocks_typst.array(map(string, meta.authors))}, "
            f"language: {string(meta.language)}, description: {string(f'{meta.subtitle} {meta.edition}'.strip())}, "
            f"running: {string(meta.title)}, edition: {string(meta.edition)})\n\n"
        )
        pictures = {path: content for path, content in sheet.assets.items() if path.endswith(".svg")}
        look = (press.TEMPLATES / "report.typ").read_bytes()
        return press.typst(
            setup + body,
            {"report.typ": look, **pictures},
            timestamp=meta.timestamp,
            font_paths=[fonts.korean_fonts()],
        )


def key_figure(sheet: Sheet) -> Block | None:
    """Return the figure for the title page: the first of the summary, if it stands before the summary's first section."""
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


def executed(notebook: NotebookNode, folder: str = ".") -> NotebookNode:
    """Return the notebook itself if any code cell of it has run, else a copy that nbclient has executed in `folder`.

    Raises
    ------
    PublishFailed
        A cell failed.
    """
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if not code or any(cell.execution_count is not None or cell.outputs for cell in code):
        return notebook
    import copy

    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    notebook = copy.deepcopy(notebook)
    try:
        NotebookClient(notebook, resources={"metadata": {"path": folder}}).execute()
    except CellExecutionError as error:
        name = notebook.metadata.get("korus", {}).get("chapter", "the notebook")
        raise PublishFailed(
            f"Chapter {name} failed with {error.ename}: {error.evalue}",
            expected="a notebook that runs from top to bottom",
            do="Run it in JupyterLab to see the failing cell",
        ) from None
    return notebook


def _meta_of(notebook: NotebookNode) -> ReportMeta:
    """Return what one chapter alone says about itself; its date is the last period that it shows."""
    book = gather([notebook])
    chapter = book.chapters[0]
    periods = [str(block.data.get("last_period", ""))[:7] for block in book.blocks]
    months = [p if re.fullmatch(r"\d{4}-\d\d", p) else f"{p[:4]}-12" for p in periods if re.match(r"\d{4}", p)]
    title = f"{chapter.number}. {plain(chapter.title)}" if chapter.number else plain(chapter.title)
    return ReportMeta(title=title, as_of=max(months, default="2000-01"), subtitle=plain(chapter.question))
