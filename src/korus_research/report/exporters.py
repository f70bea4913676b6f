"""nbconvert exporters: executed notebooks -> one Markdown text (templates/korus) -> pandoc -> one HTML file or one PDF.

`jupyter nbconvert --to korus-pdf notebooks/01_flows.ipynb` and the whole report take the same road; the whole report is
just more than one notebook.
"""

from __future__ import annotations

import base64
import hashlib

from traitlets import default

from korus_research.report import blocks_html, blocks_typst, fonts, press
from korus_research.report.exporter import SUMMARY, KorusExporter, colophon, key_figure
from korus_research.report.gather import Block, Chapter
from korus_research.report.markup import Sheet, plain, raw
from korus_research.report.meta import ReportMeta
from korus_research.report.svg import share_glyphs


class KorusHTMLExporter(KorusExporter):
    """One self-contained, accessible HTML file that needs no script; a ledger brings a small one that filters it."""

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
        rows = colophon(meta)
        shown = body + meta.name_ko + meta.title + meta.standfirst + "".join(map(str, rows))
        style = fonts.font_face(shown) + (press.TEMPLATES / "report.css").read_text(encoding="utf-8")
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
        if not sheet.whole:
            string = blocks_typst.string
            return raw("typst", f"#masthead({string(meta.name or 'korus-research')}, {string(meta.edition)})")
        opening = raw("typst", self._cover(meta) + "[")
        if sheet.book.chapters[0].id == SUMMARY:
            return opening
        return opening + raw("typst", f"]\n{self._contents(sheet, meta)}")

    def _start(self, chapter: Chapter, sheet: Sheet, meta: ReportMeta) -> str:
        if sheet.whole and chapter == sheet.book.chapters[0] and chapter.id == SUMMARY:
            string = blocks_typst.string
            return raw("typst", f"#summary-heading(title: {string(chapter.title)}, name: {string(chapter.anchor)})")
        return blocks_typst.chapter_start(chapter, sheet)

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
            text += raw("typst", '#chapter(title: "References", name: "references", need: 60mm)\n#references[')
            text += "::: {#refs}\n:::" + raw("typst", "]")
        return text

    def _cover(self, meta: ReportMeta) -> str:
        string = blocks_typst.string
        return (
            f"#cover(title: {string(meta.title)}, subtitle: {string(meta.subtitle)}, name-ko: {string(meta.name_ko)}, "
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
