"""The layout of the two pages of the brief; their design is in templates/brief.typ and styles/5_brief.css.

The storyboard assigns headings and exhibits, with all that follows them, to areas: `front` is the first page, `wide`
the top of the second, `left` and `right` its columns. Blocks before the first of these are in `front`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from korus_research.publish.blocks import html, typst
from korus_research.publish.context import RenderContext
from korus_research.publish.markup import plain, raw
from korus_research.publish.meta import ReportMeta
from korus_research.publish.report import Block, Chapter
from korus_research.publish.templates import words

AREAS = ("front", "wide", "left", "right")
COLUMNS = AREAS[2:]
_CITED = re.compile(r"#link\(<ref-[^>]+>\)\[([^\]]*)\]")


def pages(chapter: Chapter, context: RenderContext, meta: ReportMeta) -> str:
    """Return the brief as raw blocks of the target with Markdown between them."""
    areas: dict[str, list[Block]] = {area: [] for area in AREAS}
    above: list[Block] = []  # the kicker, above the title
    area = AREAS[0]
    for block in context.report.of(chapter):
        heading = _heading(block)
        area = dict(chapter.areas).get(heading or block.anchor, AREAS[0] if heading else area)
        (above if getattr(block.data, "role", "") == "kicker" else areas[area]).append(block)
    made = _page if context.target == "html" else _print
    return made(chapter, context, meta, above, areas)


def _heading(block: Block) -> str:
    """Return the text of a heading, "" for other blocks."""
    text = block.data.markdown if block.kind == "prose" else ""
    return text.strip().removeprefix("## ") if text.startswith("## ") else ""


def _page(
    chapter: Chapter, context: RenderContext, meta: ReportMeta, above: list[Block], areas: dict[str, list[Block]]
) -> str:
    """Return the brief for the HTML page: each heading begins a part of its area."""
    kicker = _joined(_shown(block, context) for block in above)
    name = chapter.anchor
    start = f'<section class="brief" id="{name}" aria-labelledby="{name}-title">'
    title = f'<h2 id="{name}-title">{html.unbroken(plain(meta.subtitle or chapter.title))}</h2>'
    parts = {area: _parts(area, blocks, context) for area, blocks in areas.items() if blocks}
    columns = [parts.pop(area) for area in COLUMNS if area in parts]
    if columns:
        columns = [raw("html", '<div class="columns">'), *columns, raw("html", "</div>")]
    opening = [raw("html", start), kicker, raw("html", title)]
    return _joined([*opening, *parts.values(), *columns, html.chapter_end(chapter, context)])


def _parts(area: str, blocks: list[Block], context: RenderContext) -> str:
    """Return an area of the page: each heading begins a part of it."""
    parts = [raw("html", f'<div class="{area}"><div class="part">')]
    for place, block in enumerate(blocks):
        if place and _heading(block):
            parts.append(raw("html", '</div><div class="part">'))
        parts.append(_shown(block, context))
    return _joined([*parts, raw("html", "</div></div>")])


def _print(
    chapter: Chapter, context: RenderContext, meta: ReportMeta, above: list[Block], areas: dict[str, list[Block]]
) -> str:
    """Return the brief for print, two A4 pages; columns have the narrow versions of pictures."""
    told = {area: _joined(_printed(block, context, area) for block in areas[area]) for area in AREAS}
    told |= {"kicker": _joined(_shown(block, context) for block in above)}
    about: dict[str, Any] = {"title": plain(meta.subtitle or chapter.title), "name": chapter.anchor}
    about |= {"published": meta.dated}
    about |= {"foot": [words().with_brief, f"{words().cite}: {meta.cite_as}", words().license_is]}
    return typst.call("brief", about, [(key, text) for key, text in told.items() if text])


def _printed(block: Block, context: RenderContext, area: str) -> str:
    """Return a block for print; a figure in a column has its narrow version."""
    text = _shown(block, context)
    if block.kind != "figure":
        return text
    text = text.replace("#picture(", "#brief-picture(", 1)
    if area not in COLUMNS:
        return text
    text = text.replace("wide: true", "wide: false", 1)
    if block.data.svg_narrow:
        path = f"figures/{block.data.id}.svg"
        narrow = path.replace(".svg", "-narrow.svg")
        context.assets[narrow] = block.data.svg_narrow.encode()
        text = text.replace(path, narrow, 1)
    return text


def _shown(block: Block, context: RenderContext) -> str:
    """Return a block as in the rest of the document."""
    blocks = html if context.target == "html" else typst
    return str(getattr(blocks, block.kind)(block, context))


def _joined(texts: Iterable[str]) -> str:
    return "".join(f"\n\n{text}\n" for text in texts)


def unlinked(body: str) -> str:
    """Return the Typst code of the separate brief, without links to references, which only the report lists."""
    return _CITED.sub(r"\1", body)
