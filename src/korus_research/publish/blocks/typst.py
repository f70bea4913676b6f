"""Blocks of chapters as Typst for pandoc's raw blocks.

The design is in templates/report.typ; here only its functions are called. Text is passed as Typst strings, which need
no escaping of markup, or as Markdown between an opening and a closing raw block.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from korus_research.publish.blocks.cells import ShownCell, dataset_lines, host, shown_rows
from korus_research.publish.context import REPORT, RenderContext
from korus_research.publish.markup import plain, raw
from korus_research.publish.report import Block, Chapter
from korus_research.publish.templates import words
from korus_research.show.contract import Card

NOTHING = ("", "–", "-")
HEAD = {"label", "unit", "align"}  # of a column
_LONG = re.compile(r"\S{20,}")
_QUOTED = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps would create an encoder for each text


class Code(str):
    """Typst code, which `literal` leaves unchanged."""

    __slots__ = ()


def string(text: object) -> str:
    """Return `text` as a Typst string literal."""
    # A JSON string is a Typst string, except for escapes by character number, which ensure_ascii=False avoids.
    return _QUOTED(" ".join(str(text).split()))


def literal(value: Any) -> str:
    """Return a value as Typst code: text, numbers, None, and lists and mappings of them; `Code` unchanged."""
    match value:
        case Code():
            return value
        case str():
            return string(value)
        case None:
            return "none"
        case bool() | int() | float():
            return str(value).lower()
        case Mapping():
            return "(" + "".join(f"{key}: {literal(one)}, " for key, one in value.items()) + ")"
    return "(" + "".join(f"{literal(one)}, " for one in value) + ")"


def call(function: str, arguments: Mapping[str, Any], content: Iterable[tuple[str, str]] = ()) -> str:
    """Return raw blocks that call a function of report.typ; `content` are arguments in Markdown, by name."""
    opening = code(function, arguments)[:-1]
    parts = []
    for name, markdown in content:
        parts += [raw("typst", f"{opening}, {name}: ["), markdown]
        opening = "]"
    return "\n\n".join([*parts, raw("typst", f"{opening})")])


def code(function: str, arguments: Mapping[str, Any]) -> str:
    """Return Typst code that calls a function of report.typ with these arguments (see `literal`)."""
    return f"#{function}(" + ", ".join(f"{name}: {literal(value)}" for name, value in arguments.items()) + ")"


def breakable(text: str) -> str:
    """Return `text` with line-break opportunities in long words: URLs, file names, hashes."""
    return _LONG.sub(lambda match: re.sub(r"(?<=[/_.=&?-])(?=\w)", "\N{ZERO WIDTH SPACE}", match[0]), text)


def chapter_start(chapter: Chapter, context: RenderContext) -> str:
    """Return the opening of a section of the report, or of a chapter of the annex."""
    about = {"number": chapter.number, "title": plain(chapter.title), "name": chapter.anchor}
    if chapter.part == REPORT:
        return call("section", about)
    return call("chapter", {**about, "question": plain(chapter.question)})


def prose(block: Block, context: RenderContext) -> str:
    """Return sentences; other roles than text are formatted by the template."""
    text, role = context.prepare(block.data.markdown, block), block.data.role
    return text if role == "text" else raw("typst", f"#{role}[") + text + raw("typst", "]")


def figure(block: Block, context: RenderContext) -> str:
    """Return a figure: finding as title, picture with alt text, caption, source, all on one page."""
    data, path = block.data, f"figures/{block.data.id}.svg"
    about = {"label": context.label(block), "name": block.anchor, "path": path, "alt": data.alt}
    words = _around(block, context, ("title", "subtitle", "caption"))
    return call("picture", {**about, "wide": data.width == "wide"}, words)


def _around(block: Block, context: RenderContext, keys: Iterable[str], *more: tuple[str, str]) -> list[tuple[str, str]]:
    """Return the given words around a picture or table, and its source line."""
    said = [(key, context.inline(text, block)) for key in keys if (text := getattr(block.data, key))]
    return [*said, *more, ("source", context.source(block))]


def table(block: Block, context: RenderContext) -> str:
    """Return a table: the header is repeated on each page, numbers are aligned at the decimal point."""
    data = block.data
    widths = [Code("auto" if column.width is None else f"{column.width:g}fr") for column in data.columns]
    columns = [
        {**column.model_dump(include=HEAD), "label": plain(column.label), "width": width}
        for column, width in zip(data.columns, widths, strict=True)
    ]
    rows = [[_cell(cell, context) for cell in row] for row in shown_rows(data)]
    about = {"label": context.label(block), "name": block.anchor, "columns": columns, "rows": rows}
    notes = "\n\n".join(context.inline(note, block) for note in data.notes)
    return call("tabular", about, _around(block, context, ("title", "caption"), *([("notes", notes)] if notes else [])))


def cards(block: Block, context: RenderContext) -> str:
    """Return the claims ledger: a card for each claim, a row for a compact one."""
    parts = [_claim(card, block, context) for card in block.data.cards]
    first = next((place for place, card in enumerate(block.data.cards) if card.compact), None)
    if first is not None:
        parts.insert(first, call("claims-head", {}))
    return "\n\n".join(parts)


def datasets(block: Block, context: RenderContext) -> str:
    """Return the table of datasets, each with an anchor."""
    entries = []
    for entry in block.data.entries:
        lines = [(key, breakable(value)) for key, value in dataset_lines(entry)]
        about = {"address": entry.address or "", "host": host(entry.address), "lines": lines, "sha256": entry.sha256}
        entries.append({"title": plain(entry.title), "name": entry.name, **about})
    title = plain(block.data.title or words().datasets)
    named = {"label": context.label(block), "name": block.anchor, "title": title}
    return call("datasets", {**named, "entries": entries})


def _claim(card: Card, block: Block, context: RenderContext) -> str:
    """Return a card, or a row of the list: the claim, its speaker, verdict and reasons."""
    about = {"name": f"claim-{card.id}", "number": card.number, "verdict": plain(card.verdict), "tone": card.tone}
    about |= {"said": plain(card.said), "deciding": plain(card.deciding)}
    if card.reason:
        facts = [("reason", card.reason), *([("why", card.why)] if card.compact else [])]
    else:
        facts = [("basis", card.basis), ("why", card.why)]
    content = [(key, context.inline(text, block)) for key, text in facts if text not in NOTHING]
    if not card.reason and card.basis not in NOTHING:  # what has no basis was not measured
        content.insert(0, ("measured", context.prepare(card.measured, block)))
    if card.source not in NOTHING:
        content.append(("source", context.inline(card.source, block)))
    if card.compact:
        who = "" if card.source.startswith(card.who) else plain(card.who)
        return call("claim-row", {**about, "who": who}, content)
    anchor = context.anchor_of(card.link)
    see = {
        "see": _link(f"#{anchor}" if anchor else None, context),
        "see-text": card.link_text or context.report.labels.get(anchor, words().more),
    }
    return call("claim", {**about, **see}, content)


def _cell(cell: ShownCell, context: RenderContext) -> dict[str, Any]:
    return {
        "text": breakable(cell.text) if cell.longest is None else cell.text,
        "fill": _fill(cell),
        "tone": cell.tone,
        "head": cell.head,
        "link": _link(cell.href, context),
    }


def _fill(cell: ShownCell) -> str:
    """Return the invisible digits that align the decimal points of a column."""
    missing = (cell.longest or 0) - len(cell.fraction)
    if missing <= 0:
        return ""
    return "0" * missing if cell.fraction else "." + "0" * (missing - 1)


def _link(href: str | None, context: RenderContext) -> str | None:
    if not href or not href.startswith("#"):
        return href or None
    anchor = context.anchor_of(href)
    address = context.href(anchor) if anchor else ""
    return Code(f"label({string(address[1:])})") if address.startswith("#") else address or None


def verdicts(block: Block, context: RenderContext) -> str:
    """Return judged claims, one line each: the claim, the verdict, the deciding number."""
    told = ("said", "verdict", "deciding")
    rows = [
        {"number": row.number, "tone": row.tone, "link": _link(row.href, context)}
        | {key: plain(getattr(row, key)) for key in told}
        for row in block.data.rows
    ]
    return call("verdict-rows", {"name": f"verdicts-{block.data.id}", "rows": rows})
