"""Figures, tables, cards, scoreboard, datasets and formulas as Typst for pandoc's raw blocks.

The look is in templates/report.typ; here only its functions are called. Text goes in as Typst strings, which read
nothing into their characters, or as Markdown between an opening and a closing raw block.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from korus_research.publish.gather import Block, Chapter
from korus_research.publish.markup import Sheet, plain, raw
from korus_research.publish.table import Cell, cells, dataset_lines, fraction_widths, host

NOTHING = (None, "", "–", "-")
_LONG = re.compile(r"\S{20,}")


def _open(code: str) -> str:
    return raw("typst", code)


def string(text: object) -> str:
    """Return `text` as a Typst string literal."""
    # JSON's escapes are Typst's, but for \\uXXXX, which ensure_ascii=False avoids.
    return json.dumps(" ".join(str(text).split()), ensure_ascii=False)


def breakable(text: str) -> str:
    """Return `text` with places to break in what is too long for a column: addresses, file names, hashes."""
    return _LONG.sub(lambda match: re.sub(r"(?<=[/_.=&?-])(?=\w)", "\N{ZERO WIDTH SPACE}", match[0]), text)


def array(items: Iterable[str]) -> str:
    """Return Typst code items as an array; the trailing comma makes one item an array too."""
    return "(" + "".join(f"{item}, " for item in items) + ")"


def chapter_start(chapter: Chapter, sheet: Sheet) -> str:
    """Return the opening of a chapter: number, title, question."""
    return _open(
        f"#chapter(number: {string(chapter.number)}, title: {string(plain(chapter.title))}, "
        f"question: {string(plain(chapter.question))}, name: {string(chapter.anchor)}, "
        f"apart: {str(sheet.whole).lower()})"
    )


def chapter_end(chapter: Chapter, sheet: Sheet) -> str:
    """Return the end of a chapter."""
    return ""


def prose(block: Block, sheet: Sheet) -> str:
    """Return spoken sentences; answer, note and points are set by the template."""
    text = sheet.prepare(block.data["markdown"], block)
    role = block.data["role"]
    return text if role == "text" else f"{_open(f'#{role}[')}{text}{_open(']')}"


def figure(block: Block, sheet: Sheet) -> str:
    """Return a figure: finding as title, picture with its alt text, caption, source; it never breaks."""
    data = block.data
    path = f"figures/{data['id']}.svg"
    sheet.assets[path] = data["svg"].encode()
    sheet.assets[f"figures/{data['id']}.csv"] = data["data_csv"].encode()
    parts = [
        _open(
            f"#picture(label: {string(sheet.book.labels[block.anchor])}, name: {string(block.anchor)}, "
            f"path: {string(path)}, alt: {string(data['alt'])}, "
            f"wide: {str(data.get('width', 'wide') == 'wide').lower()}, "
            "title: ["
        ),
        sheet.inline(data["title"], block),
    ]
    for key in ("subtitle", "caption", "source"):
        if data.get(key):
            text = sheet.source(block) if key == "source" else sheet.inline(data[key], block)
            parts += [_open(f"], {key}: ["), text]
    parts += [_open("])")]
    return "\n\n".join(parts)


def table(block: Block, sheet: Sheet) -> str:
    """Return a table made from data: the header repeats on each page, numbers meet at the decimal point."""
    data = block.data
    sheet.assets[f"tables/{data['id']}.csv"] = data["data_csv"].encode()
    widths = fraction_widths(data)
    columns = array(
        f"(label: {string(c['label'])}, unit: {string(c.get('unit') or '')}, "
        f"align: {string(c.get('align') or 'left')}, "
        f"width: {_width(c.get('width'))})"
        for c in data["columns"]
    )
    rows = array(
        array(
            _cell(cell, column, data["row_header"], widths, sheet)
            for column, cell in zip(data["columns"], row, strict=True)
        )
        for row in cells(data)
    )
    parts = [
        _open(
            f"#tabular(label: {string(sheet.book.labels[block.anchor])}, name: {string(block.anchor)}, "
            f"columns: {columns}, rows: {rows}, title: ["
        ),
        sheet.inline(data["title"], block),
    ]
    if data.get("caption"):
        parts += [_open("], caption: ["), sheet.inline(data["caption"], block)]
    if data.get("notes"):
        parts += [_open("], notes: ["), "\n\n".join(sheet.inline(note, block) for note in data["notes"])]
    parts += [_open("], source: ["), sheet.source(block), _open("])")]
    return "\n\n".join(parts)


def formula(block: Block, sheet: Sheet) -> str:
    """Return a displayed formula; formulas.lua gives the equation its alt text."""
    alt = block.data["alt"].replace("\\", "\\\\").replace('"', '\\"')
    return f'::: {{.formula alt="{alt}"}}\n$${block.data["tex"].strip()}$$\n:::'


def cards(block: Block, sheet: Sheet) -> str:
    """Return the claims ledger, a card for each claim; compact claims are rows of a list."""
    parts: list[str] = []
    compact = False
    for card in block.data["cards"]:
        if card.get("compact"):
            parts += [] if compact else [_open("#claims-head()")]
            compact = True
            parts += _compact(card, block, sheet)
            continue
        anchor = sheet.target_of(card.get("link"))
        text = card.get("link_text") or sheet.book.labels.get(anchor, "More")
        parts += [
            _open(
                f"#claim(name: {string('claim-' + str(card['id']))}, number: {string(card['number'])}, "
                f"verdict: {string(card['verdict'])}, tone: {string(card['tone'])}, "
                f"said: {string(plain(card['said']))}, "
                f"source: {string(plain(card.get('source') or ''))}, "
                f"see: {_link('#' + anchor if anchor else '', sheet)}, "
                f"see-text: {string(text)}, measured: ["
            ),
            sheet.prepare(card["measured"], block),
        ]
        for key in ("basis", "why"):
            if card.get(key) not in NOTHING:
                parts += [_open(f"], {key}: ["), sheet.inline(card[key], block)]
        parts += [_open("])")]
    return "\n\n".join(parts)


def _compact(card: Mapping[str, Any], block: Block, sheet: Sheet) -> list[str]:
    """Return one row of the list: number, what was said and by whom, verdict, and what it rests on."""
    parts = [
        _open(
            f"#claim-row(name: {string('claim-' + str(card['id']))}, number: {string(card['number'])}, "
            f"verdict: {string(card['verdict'])}, tone: {string(card['tone'])}, said: {string(plain(card['said']))}, "
            f"who: {string(plain(card.get('who') or ''))}, measured: ["
        )
    ]
    if card.get("basis") not in NOTHING:
        parts += [sheet.prepare(card["measured"], block), _open("], basis: ["), sheet.inline(card["basis"], block)]
    if card.get("why") not in NOTHING:
        parts += [_open("], why: ["), sheet.inline(card["why"], block)]
    return [*parts, _open("])")]


def scoreboard(block: Block, sheet: Sheet) -> str:
    """Return the verdicts counted, each with the claims under it."""
    entries = array(
        f"(verdict: {string(e['verdict'])}, tone: {string(e['tone'])}, count: {string(e['count'])}, claims: "
        + array(
            f"(number: {string(c['number'])}, text: {string(plain(c['text']))}, link: {_link(c.get('href'), sheet)})"
            for c in e["claims"]
        )
        + ")"
        for e in block.data["entries"]
    )
    title = string(plain(block.data.get("title") or "Verdicts"))
    return _open(f"#scoreboard(name: {string('scoreboard-' + block.data['id'])}, title: {title}, entries: {entries})")


def datasets(block: Block, sheet: Sheet) -> str:
    """Return the table of datasets, an anchor for each."""
    entries = array(
        f"(title: {string(entry['title'])}, name: {string(entry['name'])}, "
        f"address: {string(entry.get('address') or '')}, "
        f"host: {string(host(entry.get('address')))}, lines: "
        + array(f"({string(key)}, {string(breakable(value))})" for key, value in dataset_lines(entry))
        + f", sha256: {string(entry['sha256'])})"
        for entry in block.data["entries"]
    )
    title = string(plain(block.data.get("title") or "Datasets"))
    return _open(
        f"#datasets(label: {string(sheet.book.labels[block.anchor])}, name: {string(block.anchor)}, title: {title}, "
        f"entries: {entries})"
    )


def numbers(sheet: Sheet) -> str:
    """Return nothing: in print the spoken numbers would fill pages; findings.json and the HTML hold them."""
    return ""


def _cell(cell: Cell, column: Mapping[str, Any], row_header: str, widths: Mapping[str, int], sheet: Sheet) -> str:
    text, fill = breakable(cell.text), '""'
    if column["key"] in widths:
        text, fill = cell.text, _fill(column, cell.fraction, widths)
    return (
        f"(text: {string(text)}, fill: {fill}, tone: {string(cell.tone)}, "
        f"head: {str(column['key'] == row_header).lower()}, link: {_link(cell.href, sheet)})"
    )


def _fill(column: Mapping[str, Any], fraction: str, widths: Mapping[str, int]) -> str:
    """Return the invisible figures that bring the decimal points of a column under each other."""
    missing = widths.get(str(column["key"]), 0) - len(fraction)
    if missing <= 0:
        return '""'
    return string("." + "0" * (missing - 1)) if not fraction else string("0" * missing)


def _width(width: Any) -> str:
    return "auto" if width is None else f"{float(width):g}fr"


def _link(href: str | None, sheet: Sheet) -> str:
    if not href:
        return "none"
    if href.startswith("#"):
        anchor = sheet.target_of(href)
        return f"label({string(anchor)})" if anchor else "none"
    return string(href)
