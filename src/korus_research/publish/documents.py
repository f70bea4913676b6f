"""The two documents around what pandoc made of a manuscript: one self-contained page, one tagged PDF."""

from __future__ import annotations

import base64
import hashlib

from korus_research.publish.blocks import svg, typst
from korus_research.publish.converters import fonts
from korus_research.publish.converters.fragments import joined
from korus_research.publish.converters.pandoc import pandoc
from korus_research.publish.converters.piece import PieceCache
from korus_research.publish.converters.typst import compiled
from korus_research.publish.manuscript import Manuscript, PageManuscript, PrintManuscript
from korus_research.publish.markup import plain
from korus_research.publish.templates import environment, read, words

MANUSCRIPTS: dict[str, type[Manuscript]] = {"html": PageManuscript, "pdf": PrintManuscript}


def body_of(manuscript: Manuscript, known: PieceCache | None = None) -> str:
    """Return what pandoc makes of a manuscript, where `known` doesn't have it; errors as `joined`."""
    return joined(manuscript.target, manuscript.pieces, manuscript.cited, known)


def document(body: str, manuscript: Manuscript, known: PieceCache | None = None) -> bytes:
    """Return the document around `body`, which is what pandoc made of the manuscript.

    Raises
    ------
    PublishFailed
        The Korean fonts are missing, or Typst refuses the document.
    """
    return _page(body, manuscript, known) if manuscript.target == "html" else _pdf(body, manuscript)


def _page(body: str, manuscript: Manuscript, known: PieceCache | None) -> bytes:
    """Return an accessible HTML file that needs no script; a ledger brings a small one that filters it."""
    meta, context = manuscript.meta, manuscript.context
    body = context.link_numbers(body)
    contents = [(c.number, plain(c.title), c.anchor) for c in context.report.chapters]
    back = (("numbers", words().numbers), ("references", words().references))
    contents += [("", title, name) for name, title in back if f'id="{name}"' in body]
    shown = body + meta.name_ko + meta.title + meta.standfirst + "".join(map(str, meta.colophon))
    # The page's policy names the one script by its hash: nothing else can run.
    script = read("html/ledger.js") if 'class="filter"' in body else ""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    page = environment().get_template("page.html.j2")
    return page.render(
        meta=meta,
        whole=context.whole,
        script=script,
        script_hash=f"sha256-{digest}",
        description=f"{meta.subtitle} {meta.edition}.".strip(),
        style=fonts.font_face(shown, known) + fonts.figure_faces(body, known) + svg.style() + read("report.css"),
        standfirst=pandoc(meta.standfirst, "html") if meta.standfirst else "",
        contents=contents,
        body=body,
        colophon=meta.colophon,
    ).encode()


def _pdf(body: str, manuscript: Manuscript) -> bytes:
    """Return the tagged PDF (PDF/UA-1) that Typst makes of `body` and the pictures of the manuscript."""
    meta = manuscript.meta
    about = {key: getattr(meta, key) for key in ("title", "authors", "language", "edition")}
    about |= {"description": f"{meta.subtitle} {meta.edition}".strip(), "running": meta.title}
    setup = typst.code("setup.with", about).replace("#", "#show: ", 1)
    files = {name: read(name).encode() for name in ("report.typ", "words.toml")}
    drawn = ((path, content) for path, content in manuscript.context.assets.items() if path.endswith(".svg"))
    pictures = {path: svg.printed(content.decode()).encode() for path, content in drawn}
    return compiled(
        f'#import "report.typ": *\n{setup}\n\n{body}',
        files | pictures,
        timestamp=meta.timestamp,
        font_paths=[fonts.korean_fonts()],
    )
