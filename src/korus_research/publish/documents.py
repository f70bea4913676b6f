"""The documents made from pandoc's output for a manuscript: a self-contained HTML page, a tagged PDF."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

from korus_research.data.cache.store import digest
from korus_research.errors import PublishFailed
from korus_research.publish.blocks import brief, typst
from korus_research.publish.blocks.page import page_of
from korus_research.publish.context import BRIEF
from korus_research.publish.converters import fonts
from korus_research.publish.converters.fragments import joined
from korus_research.publish.converters.piece import NO_CACHE, PieceCache
from korus_research.publish.converters.typst import compiled
from korus_research.publish.manuscript import Manuscript, PageManuscript, PrintManuscript
from korus_research.publish.report import Block

# Quotations in error messages: words in quotes, the key of a citation, characters that no font has.
_QUOTED = re.compile(r"«(.+?)»|(?<=@)[\w-]+|(?<=citation )[\w-]+|`(.+?)`|'(.+?)'")
_UNUSUAL = re.compile(r"[^\x00-\x7f«»]")
MANUSCRIPTS: dict[str, type[Manuscript]] = {"html": PageManuscript, "pdf": PrintManuscript}


def body_of(manuscript: Manuscript, known: PieceCache = NO_CACHE) -> str:
    """Return what pandoc makes of a manuscript, where `known` doesn't have it; errors as `joined`, with their place."""
    with _placed(manuscript):
        return joined(manuscript.target, manuscript.pieces, manuscript.cited, known)


def document(body: str, manuscript: Manuscript, known: PieceCache = NO_CACHE) -> bytes:
    """Return the document around `body`, which is what pandoc made of the manuscript.

    Raises
    ------
    PublishFailed
        The Korean fonts are missing, or Typst rejects the document.
    """
    if manuscript.target == "html":
        return page_of(body, manuscript.context, manuscript.meta, known)
    with _placed(manuscript):
        return _pdf(body, manuscript, known)


@contextmanager
def _placed(manuscript: Manuscript) -> Iterator[None]:
    """Add chapter and cell to errors of pandoc and Typst, which only quote the text."""
    try:
        yield
    except PublishFailed as error:
        said = f"{error.found} {error.do}"
        quoted = [
            *(match[1] or match[2] or match[3] or match[0] for match in _QUOTED.finditer(said)),
            *_UNUSUAL.findall(said),
        ]
        texts = [(block, _text(block)) for block in manuscript.context.report.blocks]
        place = next((block.place for word in quoted for block, text in texts if word in text), "")
        found = f"{place[:1].upper()}{place[1:]}: {error.found}" if place else error.found
        raise PublishFailed(found, expected=error.expected, do=error.do) from None


def _text(block: Block) -> str:
    return json.dumps(block.payload or block.data.model_dump(), ensure_ascii=False)


def _pdf(body: str, manuscript: Manuscript, known: PieceCache) -> bytes:
    """Return the tagged PDF (PDF/UA-1 and PDF/A-2a) that Typst makes of `body` and the pictures of the manuscript."""
    meta = manuscript.meta
    if manuscript.context.part == BRIEF:
        body = brief.unlinked(body)
    about = {key: getattr(meta, key) for key in ("title", "authors", "language", "edition")}
    about |= {"description": f"{meta.subtitle} {meta.edition}".strip(), "running": meta.title, "dated": meta.dated}
    setup = typst.code("setup.with", about).replace("#", "#show: ", 1)
    pictures = manuscript.drawings
    source, part = f'#import "report.typ": *\n{setup}\n\n{body}', manuscript.context.part
    drawings = digest(json.dumps({path: digest(content) for path, content in sorted(pictures.items())}))

    def make() -> bytes:
        return compiled(source, pictures, timestamp=meta.timestamp, font_paths=fonts.print_fonts(), part=part)

    return known.pdf(make, "pdf", source, drawings, meta.timestamp.isoformat(), part)
