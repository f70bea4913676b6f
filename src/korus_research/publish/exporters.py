"""nbconvert exporters: executed notebooks -> Markdown (`manuscript`) -> pandoc (`fragments`) -> one page or one PDF.

`jupyter nbconvert --to korus-pdf notebooks/01_flows.ipynb` and the whole report take the same road; the whole report is
just more than one notebook.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from typing import Any

from nbconvert.exporters.exporter import Exporter
from nbformat import NotebookNode
from traitlets import default

from korus_research.publish import blocks_typst, fonts
from korus_research.publish import converters as press
from korus_research.publish.fragments import Fragments
from korus_research.publish.gather import gather
from korus_research.publish.manuscript import Manuscript, PageManuscript, PrintManuscript
from korus_research.publish.markup import plain
from korus_research.publish.meta import ReportMeta
from korus_research.publish.piece_cache import Shelf
from korus_research.publish.single_chapter import executed, meta_of
from korus_research.publish.svg import share_glyphs


class KorusExporter(Exporter):
    """What the two exporters share: a manuscript, pandoc, and what the target makes of its text."""

    manuscript: type[Manuscript]
    export_from_notebook: str

    optimistic_validation = True

    def from_notebook_node(  # type: ignore[override]  # nbconvert says a notebook, and its own exporters return text
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str | bytes, dict[str, Any]]:
        """Return one chapter set as a document of its own, and nbconvert's resources.

        A notebook none of whose code cells has run is executed first.

        Raises
        ------
        PublishFailed
            See `gather`, `Fragments`, `press.pandoc` and `finish`.
        """
        about = dict(resources or {})
        nb = executed(nb, str(about.get("metadata", {}).get("path", "") or "."))
        return self.from_notebooks([nb], meta_of(nb), about, whole=False)

    def from_notebooks(
        self,
        notebooks: Sequence[NotebookNode],
        meta: ReportMeta,
        resources: dict[str, Any] | None = None,
        *,
        whole: bool = True,
    ) -> tuple[str | bytes, dict[str, Any]]:
        """Return the document made of `notebooks`, and nbconvert's resources with the files that belong beside it.

        Parameters
        ----------
        notebooks : sequence of NotebookNode
            Executed chapters, in order.
        meta : ReportMeta
            What the title page says.
        whole : bool
            False for one chapter alone: no contents, and references to other chapters become words.

        Raises
        ------
        PublishFailed
            See `from_notebook_node`.
        """
        resources = self._init_resources(resources)  # type: ignore[no-untyped-call]
        read = []
        for notebook in notebooks:
            ready, resources = super().from_notebook_node(notebook, resources)
            read.append(ready)
        manuscript = self.manuscript(gather(read), meta, whole=whole)
        output = self.finish(Fragments(manuscript).joined(), manuscript)
        resources["outputs"] = {**resources.get("outputs", {}), **manuscript.assets}
        return output, resources

    def finish(self, body: str, manuscript: Manuscript, shelf: Shelf | None = None) -> str | bytes:
        """Return the document around `body`, which is what pandoc made of the manuscript; `shelf` has pieces of it.

        Raises
        ------
        PublishFailed
            See `press.typst` and `fonts.font_face`.
        """
        raise NotImplementedError  # abstract: the metaclass of nbconvert's classes admits no ABC


class KorusHTMLExporter(KorusExporter):
    """One self-contained, accessible HTML file that needs no script; a ledger brings a small one that filters it."""

    manuscript = PageManuscript
    export_from_notebook = "korus-research HTML"
    output_mimetype = "text/html"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".html"

    def finish(self, body: str, manuscript: Manuscript, shelf: Shelf | None = None) -> str:
        """Return the page around `body`."""
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        meta, sheet = manuscript.meta, manuscript.sheet
        body = sheet.linked(body)
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
        shown = body + meta.name_ko + meta.title + meta.standfirst + "".join(map(str, meta.colophon))
        style = fonts.font_face(shown, shelf) + (press.TEMPLATES / "report.css").read_text(encoding="utf-8")
        # The page's policy names the one script by its hash: nothing else can run.
        script = (press.TEMPLATES / "ledger.js").read_text(encoding="utf-8") if 'class="filter"' in body else ""
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
        return page.render(
            meta=meta,
            whole=sheet.whole,
            script=script,
            script_hash=f"sha256-{digest}",
            description=f"{meta.subtitle} {meta.edition}.".strip(),
            style=style,
            standfirst=standfirst,
            contents=contents,
            body=share_glyphs(body),
            colophon=meta.colophon,
        )


class KorusPDFExporter(KorusExporter):
    """One tagged PDF (PDF/UA-1), set by Typst."""

    manuscript = PrintManuscript
    export_from_notebook = "korus-research PDF"
    output_mimetype = "application/pdf"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".pdf"

    def finish(self, body: str, manuscript: Manuscript, shelf: Shelf | None = None) -> bytes:
        """Return the PDF that Typst makes of `body` and the pictures of the manuscript."""
        meta, string = manuscript.meta, blocks_typst.string
        setup = (
            '#import "report.typ": *\n'
            f"#show: setup.with(title: {string(meta.title)}, authors: {blocks_typst.array(map(string, meta.authors))}, "
            f"language: {string(meta.language)}, description: {string(f'{meta.subtitle} {meta.edition}'.strip())}, "
            f"running: {string(meta.title)}, edition: {string(meta.edition)})\n\n"
        )
        pictures = {path: content for path, content in manuscript.assets.items() if path.endswith(".svg")}
        look = (press.TEMPLATES / "report.typ").read_bytes()
        return press.typst(
            setup + body,
            {"report.typ": look, **pictures},
            timestamp=meta.timestamp,
            font_paths=[fonts.korean_fonts()],
        )


EXPORTERS: dict[str, type[KorusExporter]] = {"html": KorusHTMLExporter, "pdf": KorusPDFExporter}
