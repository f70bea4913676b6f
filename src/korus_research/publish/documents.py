"""The two documents around what pandoc made of a manuscript: one self-contained page, one tagged PDF."""

from __future__ import annotations

from korus_research.publish.blocks import brief, svg, typst
from korus_research.publish.blocks.page import page_of
from korus_research.publish.context import BRIEF
from korus_research.publish.converters import fonts
from korus_research.publish.converters.fragments import joined
from korus_research.publish.converters.piece import PieceCache
from korus_research.publish.converters.typst import compiled
from korus_research.publish.manuscript import Manuscript, PageManuscript, PrintManuscript

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
    if manuscript.target == "html":
        return page_of(body, manuscript.context, manuscript.meta, known)
    return _pdf(body, manuscript)


def _pdf(body: str, manuscript: Manuscript) -> bytes:
    """Return the tagged PDF (PDF/UA-1 and PDF/A-2a) that Typst makes of `body` and the pictures of the manuscript."""
    meta = manuscript.meta
    if manuscript.context.part == BRIEF:
        body = brief.unlinked(body)
    about = {key: getattr(meta, key) for key in ("title", "authors", "language", "edition")}
    about |= {"description": f"{meta.subtitle} {meta.edition}".strip(), "running": meta.title}
    about |= {"published": meta.published_on}
    setup = typst.code("setup.with", about).replace("#", "#show: ", 1)
    drawn = ((path, content) for path, content in manuscript.context.assets.items() if path.endswith(".svg"))
    pictures = {path: svg.printed(content.decode()).encode() for path, content in drawn}
    return compiled(
        f'#import "report.typ": *\n{setup}\n\n{body}',
        pictures,
        timestamp=meta.timestamp,
        font_paths=fonts.print_fonts(),
        part=manuscript.context.part,
    )
