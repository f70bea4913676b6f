"""Blocks of chapters as HTML for pandoc's raw blocks; each kind has a template in templates/html."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from functools import cache
from io import StringIO
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from korus_research.publish.blocks.cells import ShownCell, dataset_lines, host, shown_rows
from korus_research.publish.blocks.svg import pictures
from korus_research.publish.context import ANNEX, RenderContext
from korus_research.publish.markup import SIGNED, plain, raw
from korus_research.publish.report import Block, Chapter
from korus_research.publish.templates import environment

if TYPE_CHECKING:
    from jinja2 import Template

LONG = 28  # characters of a cell that a phone would break after each word
MOST_COPIED = 40_000  # characters of a figure's data in the page, for copying; larger data are only in its CSV
# Markdown inside a template, between control characters: the HTML around it becomes raw blocks.
_MARKDOWN = re.compile("\x02(.*?)\x03", re.DOTALL)


def chapter_start(chapter: Chapter, context: RenderContext) -> str:
    """Return the opening of a chapter: number, title, question."""
    return _rendered("chapter", chapter=chapter)


def chapter_end(chapter: Chapter, context: RenderContext) -> str:
    """Return the end of a chapter: links to the previous and the next one, and to the top of the page."""
    every = context.report.chapters if context.whole else ()
    place = every.index(chapter) if chapter in every else None
    before = every[place - 1] if place else None
    after = every[place + 1] if place is not None and place + 1 < len(every) else None
    return _rendered("chapter_end", before=before, after=after, whole=context.whole)


def prose(block: Block, context: RenderContext) -> str:
    """Return sentences; other roles than text are marked for the style sheet."""
    text, role = context.prepare(block.data.markdown, block), block.data.role
    return text if role == "text" else f"::: {{.{role}}}\n{text}\n:::"


def figure(block: Block, context: RenderContext) -> str:
    """Return a figure: finding as title, picture, caption, source, and a disclosure with its provenance."""
    data = block.data
    svg = Markup(pictures(data))  # checked by the contract
    tabbed = _tabbed(data.data_csv) if len(data.data_csv) <= MOST_COPIED else ""
    return _sourced(block, context, svg=svg, tabbed=tabbed)


def table(block: Block, context: RenderContext) -> str:
    """Return a table in a region that scrolls on narrow screens."""
    rows = [[_table_cell(cell, context) for cell in row] for row in shown_rows(block.data)]
    return _sourced(block, context, rows=rows, tabbed="")


def cards(block: Block, context: RenderContext) -> str:
    """Return the claims ledger: for each claim its text, what was measured on which basis, and the verdict."""
    shown = block.data.cards
    filters = {
        key: list(dict.fromkeys(filter(None, (getattr(card, key) for card in shown))))
        for key in ("speaker", "verdict", "topic")
    }
    about = {
        "ledger": f"ledger-{block.data.id}",
        "filters": {key: options for key, options in filters.items() if len(options) > 1},
        "filtered": any(card.compact for card in shown),
        "labels": context.report.labels,
    }
    return _rendered_block("cards", block, context, **about)


def datasets(block: Block, context: RenderContext) -> str:
    """Return the table of datasets, each with an anchor."""
    entries = [(entry, dataset_lines(entry)) for entry in block.data.entries]
    return _rendered_block("datasets", block, context, label=context.label(block), entries=entries)


def numbers(context: RenderContext) -> str:
    """Return the list of numbers, to which spoken numbers link: label, period, basis and data of each."""
    if not context.spoken:
        return ""
    spoken = [(context.report.findings[name], chapter) for name, chapter in context.spoken.items()]
    known = _of_numbers(context, context.spoken)
    return context.made(lambda: _rendered("numbers", spoken=spoken, **known), "numbers", repr(spoken), known["titles"])


def numbers_here(context: RenderContext, spoken: Iterable[str]) -> str:
    """Return the hidden entries of the list of numbers for the pop-overs of a page without the list, "" otherwise."""
    findings = [context.report.findings[name] for name in spoken]
    if context.part in ("", ANNEX) or not findings:
        return ""
    known = _of_numbers(context, (finding["id"] for finding in findings))
    template = "numbers_here.html.j2"
    made_from = (template, repr(findings), known["titles"])
    return context.made(lambda: _template(template).render(spoken=findings, **known), *made_from)


def _of_numbers(context: RenderContext, spoken: Iterable[str]) -> dict[str, Any]:
    names = {name for one in spoken for name in context.report.findings[one]["datasets"]}
    titles = {name: context.provenance(name).get("title") or name for name in sorted(names)}
    return {"titles": titles, "anchors": context.anchors, "href": context.href}


def references() -> str:
    """Return the place for the list of references, which pandoc fills."""
    return _rendered("references") + "::: {#refs}\n:::" + raw("html", "</section>")


def unbroken(text: str) -> Markup:
    """Return text as HTML with signed amounts kept on one line."""
    return Markup(SIGNED.sub(r'<span class="n">\g<0></span>', str(escape(text))))


def _tabbed(data: str) -> str:
    """Return CSV as tab-separated rows, which spreadsheets paste into columns."""
    return "\n".join("\t".join(row) for row in csv.reader(StringIO(data)))


def _sourced(block: Block, context: RenderContext, **given: Any) -> str:
    """Return a figure or table with the disclosure of its provenance."""
    return _rendered_block(
        block.kind,
        block,
        context,
        label=context.label(block),
        source=lambda: _markdown(context.source(block)),
        files=[(name.rpartition(".")[2].upper(), name) for name in block.files],
        provenance=[(name, context.provenance(name)) for name in block.data.datasets],
        **given,
    )


def _rendered_block(template: str, block: Block, context: RenderContext, /, **given: Any) -> str:
    return _rendered(
        template,
        data=block.data,
        anchor=block.anchor,
        anchors=context.anchors,
        anchor_of=context.anchor_of,
        href=context.href,
        inline=lambda text: _markdown(context.inline(text, block)),
        prepare=lambda text: _markdown(context.prepare(text, block)),
        **given,
    )


def _rendered(template: str, /, **given: Any) -> str:
    """Render a template: HTML in raw blocks, Markdown between them."""
    page = _template(f"{template}.html.j2").render(**given)
    # Jinja escapes quotes differently from Python's `html`, which is used elsewhere in the page.
    parts = _MARKDOWN.split(page.replace("&#39;", "&#x27;").replace("&#34;", "&quot;"))
    # re.split with a group returns HTML, Markdown, HTML, ...
    shown = [part if i % 2 else raw("html", part.strip("\n")) for i, part in enumerate(parts) if part.strip()]
    return "\n\n".join(shown)


@cache
def _template(name: str) -> Template:
    known = environment()
    known.filters |= {"plain": plain, "unbroken": unbroken, "host": host}
    return known.get_template(name)


def _markdown(text: str) -> Markup:
    return Markup(f"\x02{text}\x03")  # pandoc escapes it


def _table_cell(cell: ShownCell, context: RenderContext) -> SimpleNamespace:
    """Return a cell with its classes, its link within the publication, and the width of its fraction."""
    href = cell.href
    if href.startswith("#"):
        anchor = context.anchor_of(href)
        href = context.href(anchor) if anchor else ""
    # A decimal point is narrower than a digit.
    width = None if cell.longest is None else f"{cell.longest - 0.6:g}" if cell.longest else ""
    long = " long" if len(cell.text) > LONG else ""
    classes = f"{'txt' if cell.align == 'left' else 'num'}{long}{f' tone {cell.tone}' if cell.tone else ''}"
    shown = {"text": cell.text, "whole": cell.whole, "fraction": cell.fraction, "head": cell.head}
    return SimpleNamespace(**shown, href=href, width=width, classes=classes)


def verdicts(block: Block, context: RenderContext) -> str:
    """Return judged claims, one line each: the claim, the verdict, the deciding number."""
    return _rendered_block("verdicts", block, context, name=f"verdicts-{block.data.id}")
