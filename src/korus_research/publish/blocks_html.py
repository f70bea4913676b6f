"""Figures, tables, cards, scoreboard, datasets and formulas as HTML for pandoc's raw blocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape as esc
from typing import Any

from korus_research.publish.gather import Block, Chapter
from korus_research.publish.markup import SIGNED, Sheet, plain, raw
from korus_research.publish.svg import inline_svg
from korus_research.publish.table import Cell, cells, dataset_lines, fraction_widths, host

# Shape and word, so that no verdict hangs on a colour. Tones are those of docs/architecture.md.
_RING = '<circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="2"/>'
MARKS = {
    "holds": '<circle cx="8" cy="8" r="7" fill="currentColor"/>',
    "depends": f'{_RING}<path d="M8 2a6 6 0 0 0 0 12z" fill="currentColor"/>',
    "fails": _RING,
    "untestable": '<path d="M2 8h12" stroke="currentColor" stroke-width="2"/>',
}
NOTHING = (None, "", "–", "-")


def _open(code: str) -> str:
    return raw("html", code)


def unbroken(text: str) -> str:
    """Return HTML text with signed amounts kept on one line: browsers break between + and $."""
    return SIGNED.sub(r'<span class="n">\g<0></span>', text)


def mark(tone: str) -> str:
    """Return the sign of a verdict, drawn so that it is alike in every font; the word beside it is what is read out."""
    shape = MARKS.get(tone, MARKS["untestable"])
    return f'<svg class="mark {tone}" viewBox="0 0 16 16" aria-hidden="true" focusable="false">{shape}</svg>'


def chapter_start(chapter: Chapter, sheet: Sheet) -> str:
    """Return the opening of a chapter: number, title, question."""
    number = f'<span class="no">{esc(chapter.number)}</span> ' if chapter.number else ""
    question = f'<p class="question">{esc(plain(chapter.question))}</p>' if chapter.question else ""
    return _open(
        f'<section class="chapter" id="{chapter.anchor}" aria-labelledby="{chapter.anchor}-title">\n'
        f'<h2 id="{chapter.anchor}-title">{number}{esc(plain(chapter.title))}</h2>\n{question}'
    )


def chapter_end(chapter: Chapter, sheet: Sheet) -> str:
    """Return the end of a chapter."""
    return _open("</section>")


def prose(block: Block, sheet: Sheet) -> str:
    """Return spoken sentences; answer, note and points are marked for the style sheet."""
    text = sheet.prepare(block.data["markdown"], block)
    role = block.data["role"]
    return text if role == "text" else f"::: {{.{role}}}\n{text}\n:::"


def figure(block: Block, sheet: Sheet) -> str:
    """Return a figure: finding as title, picture, caption, source, and the disclosure of where it comes from."""
    data, label = block.data, sheet.book.labels[block.anchor]
    svg = inline_svg(data["svg"], name=data["id"], alt=data["alt"])
    sheet.assets[f"figures/{data['id']}.svg"] = data["svg"].encode()
    sheet.assets[f"figures/{data['id']}.csv"] = data["data_csv"].encode()
    wide = " wide" if data.get("width", "wide") == "wide" else ""
    parts = [
        _open(
            f'<figure class="picture{wide}" id="{block.anchor}" aria-labelledby="{block.anchor}-title">\n'
            f'<div class="title" id="{block.anchor}-title"><span class="label">{label}</span>'
        ),
        sheet.inline(data["title"], block),
    ]
    if data.get("subtitle"):
        parts += [_open('</div>\n<div class="subtitle">'), sheet.inline(data["subtitle"], block)]
    # Focusable, since a narrow screen scrolls it sideways.
    paper = f'<div class="paper" role="region" aria-label="{label}, picture" tabindex="0">{svg}</div>'
    parts += [_open(f"</div>\n{paper}\n<figcaption>")]
    if data.get("caption"):
        parts += [sheet.inline(data["caption"], block)]
    parts += _source(block, sheet, [("CSV", f"figures/{data['id']}.csv"), ("SVG", f"figures/{data['id']}.svg")])
    parts += [_open("</figcaption>\n</figure>")]
    return "\n\n".join(parts)


def table(block: Block, sheet: Sheet) -> str:
    """Return a table in a region that scrolls by itself where the screen is narrow."""
    data, label = block.data, sheet.book.labels[block.anchor]
    sheet.assets[f"tables/{data['id']}.csv"] = data["data_csv"].encode()
    rows = "\n".join(_table_row(row, data["row_header"]) for row in _rows_html(data, sheet))
    head = "".join(
        f'<th scope="col" class="{_align(column)}">{esc(column["label"])}'
        + (f' <span class="unit">{esc(column["unit"])}</span>' if column.get("unit") else "")
        + "</th>"
        for column in data["columns"]
    )
    parts = [
        _open(
            f'<figure class="tabular" id="{block.anchor}" aria-label="{esc(label)}">\n'
            f'<div class="scroll" role="region" tabindex="0" aria-label="{esc(label)}: {esc(plain(data["title"]))}">\n'
            f'<table>\n<caption><span class="stay"><span class="label">{label}</span> '
            f"{unbroken(esc(plain(data['title'])))}</span></caption>\n"
            f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>\n</div>\n<figcaption>"
        )
    ]
    parts += [sheet.inline(text, block) for text in (data.get("caption"), *data.get("notes", ())) if text]
    parts += _source(block, sheet, [("CSV", f"tables/{data['id']}.csv")])
    parts += [_open("</figcaption>\n</figure>")]
    return "\n\n".join(parts)


def formula(block: Block, sheet: Sheet) -> str:
    """Return a displayed formula; formulas.lua gives the MathML its alt text."""
    alt = block.data["alt"].replace("\\", "\\\\").replace('"', '\\"')
    return f'::: {{.formula alt="{alt}"}}\n$${block.data["tex"].strip()}$$\n:::'


def cards(block: Block, sheet: Sheet) -> str:
    """Return the claims ledger: for each claim what was said, what was measured, on which basis, and the verdict.

    Compact claims are rows that open. Where there are any, controls to search and filter come first; they are hidden
    until the page's script shows them, and without it every claim is there.
    """
    shown = block.data["cards"]
    compact = [card for card in shown if card.get("compact")]
    parts = [
        _open(_controls(block) if compact else ""),
        _open(f'<div class="ledger" id="ledger-{esc(block.data["id"])}">'),
    ]
    for card in shown:
        parts += _card_start(card)
        parts += [_open('<div class="body"><div class="row"><p class="key">Measured</p>')]
        parts += [sheet.prepare(card["measured"], block)]
        for key, text in (("Basis", card.get("basis")), ("Why", card.get("why")), ("Said in", card.get("source"))):
            if text not in NOTHING:
                parts += [_open(f'</div>\n<div class="row"><p class="key">{key}</p>'), sheet.inline(text, block)]
        if anchor := sheet.target_of(card.get("link")):
            text = card.get("link_text") or sheet.book.labels.get(anchor, "More")
            parts += [
                _open(f'</div>\n<div class="row"><p class="key">See</p><p><a href="#{anchor}">{esc(text)}</a></p>')
            ]
        parts += [_open("</div></div>\n" + ("</details>" if card.get("compact") else "</article>"))]
    parts += [_open("</div>")]
    return "\n\n".join(part for part in parts if part.strip())


def _card_start(card: Mapping[str, Any]) -> list[str]:
    """Return the opening of a card, or of a row that opens: number, what was said, verdict."""
    name = f"claim-{card['id']}"
    number, said, tone = esc(str(card["number"])), esc(plain(card["said"])), card["tone"]
    about = f'data-speaker="{esc(card.get("speaker", ""))}" data-verdict="{esc(card["verdict"])}"'
    verdict = f"{mark(tone)} <span>{esc(card['verdict'])}</span>"
    if card.get("compact"):
        return [
            _open(
                f'<details class="card compact {tone}" id="{name}" {about}>\n<summary><span class="no">{number}</span> '
                f'<span class="said">{said} <span class="who">{esc(plain(card.get("who", "")))}</span></span> '
                f'<span class="verdict {tone}">{verdict}</span></summary>\n'
            )
        ]
    return [
        _open(
            f'<article class="card {tone}" id="{name}" aria-labelledby="{name}-title" {about}>\n'
            f'<h3 class="head" id="{name}-title"><span class="no">{number}</span> '
            f'<span class="said">{said}</span></h3>\n'
            f'<p class="verdict {tone}">{verdict}</p>\n'
        )
    ]


def _controls(block: Block) -> str:
    """Return the search field, the two lists and the count of a ledger, hidden until the script shows them."""
    cards, name = block.data["cards"], f"ledger-{esc(block.data['id'])}"
    speakers = dict.fromkeys(card["speaker"] for card in cards if card.get("speaker"))
    verdicts = dict.fromkeys(card["verdict"] for card in cards)

    def chosen(key: str, label: str, every: str, options: Iterable[str]) -> str:
        listed = "".join(f'<option value="{esc(o)}">{esc(o)}</option>' for o in options)
        return (
            f'<p><label for="{name}-{key}">{label}</label>'
            f'<select id="{name}-{key}" data-key="{key}"><option value="">{every}</option>{listed}</select></p>'
        )

    return (
        f'<div class="filter" role="search" aria-label="Claims" data-ledger="{name}" hidden>\n'
        f'<p><label for="{name}-text">Words</label><input id="{name}-text" type="search" autocomplete="off"></p>\n'
        f"{chosen('speaker', 'Who spoke', 'Everyone', speakers)}\n{chosen('verdict', 'Verdict', 'Any', verdicts)}\n"
        f'<p class="found" role="status">{len(cards)} of {len(cards)} claims</p>\n</div>'
    )


def scoreboard(block: Block, sheet: Sheet) -> str:
    """Return the verdicts counted, each with the claims under it."""
    rows = []
    for entry in block.data["entries"]:
        claims = []
        for claim in entry["claims"]:
            text = f'<span class="no">{esc(str(claim["number"]))}</span> {esc(plain(claim["text"]))}'
            anchor = sheet.target_of(claim.get("href"))
            claims.append(f'<li><a href="#{anchor}">{text}</a></li>' if anchor else f"<li>{text}</li>")
        empty = "" if claims else " none"
        listed = f"<ul>{''.join(claims)}</ul>" if claims else ""
        rows.append(
            f'<div class="entry {entry["tone"]}{empty}"><p class="verdict {entry["tone"]}">{mark(entry["tone"])} '
            f'<span class="count">{entry["count"]}</span> <span>{esc(entry["verdict"])}</span></p>{listed}</div>'
        )
    title = esc(plain(block.data.get("title") or "Verdicts"))
    name = f"scoreboard-{esc(block.data['id'])}"
    return _open(
        f'<div class="scoreboard" id="{name}" role="group" aria-labelledby="{name}-title">\n'
        f'<p class="title" id="{name}-title">{title}</p>\n' + "\n".join(rows) + "\n</div>"
    )


def datasets(block: Block, sheet: Sheet) -> str:
    """Return the table of datasets, an anchor for each."""
    label = sheet.book.labels[block.anchor]
    rows = []
    for entry in block.data["entries"]:
        lines = [(key, esc(text)) for key, text in dataset_lines(entry)]
        lines.append(("SHA-256", f'<code class="hash">{esc(entry["sha256"])}</code>'))
        facts = "".join(f"<dt>{key}</dt><dd>{text}</dd>" for key, text in lines)
        link = (
            f'<br><a href="{esc(entry["address"])}">{esc(host(entry["address"]))}</a>' if entry.get("address") else ""
        )
        rows.append(
            f'<tr id="data-{esc(entry["name"])}"><th scope="row">{esc(entry["title"])}<br>'
            f"<code>{esc(entry['name'])}</code>{link}</th><td><dl>{facts}</dl></td></tr>"
        )
    title = esc(plain(block.data.get("title") or "Datasets"))
    head = '<th scope="col">Dataset</th><th scope="col">What it holds and where it comes from</th>'
    return _open(
        f'<figure class="tabular records" id="{block.anchor}" aria-label="{esc(label)}">\n'
        f'<div class="scroll" role="region" tabindex="0" aria-label="{esc(label)}: {title}">\n<table>'
        f'<caption><span class="stay"><span class="label">{label}</span> {title}</span></caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n" + "\n".join(rows) + "\n</tbody></table></div></figure>"
    )


def numbers(sheet: Sheet) -> str:
    """Return the back matter that spoken numbers link to: what each is, of when, on which basis, from which data."""
    if not sheet.spoken:
        return ""
    rows = []
    for name, block in sheet.spoken.items():
        finding = sheet.book.findings[name]
        links = ", ".join(
            f'<a href="#data-{esc(d)}">{esc(d)}</a>' if f"data-{d}" in sheet.anchors else esc(d)
            for d in finding.get("datasets", ())
        )
        span = ""
        if finding.get("low") is not None and finding.get("high") is not None:
            bounds = f"{finding['low']:,.2f} to {finding['high']:,.2f}"
            span = f"<br><small>{bounds}, {esc(finding.get('interval') or 'interval')}</small>"
        where = f'<a href="#{block.chapter.anchor}">{esc(block.chapter.reference)}</a>'
        of_when = " · ".join(esc(str(finding[key])) for key in ("period", "basis") if finding.get(key))
        rows.append(
            f'<tr id="f-{esc(name)}"><th scope="row">{unbroken(esc(finding["text"]))}{span}</th>'
            f"<td>{esc(finding.get('label') or name)}<br><small>{of_when}</small><br><code>{esc(name)}</code></td>"
            f"<td>{links or '–'}<br><small>First in {where}</small></td></tr>"
        )
    head = "".join(f'<th scope="col">{word}</th>' for word in ("Number", "What it is", "Data"))
    return _open(
        '<section class="chapter back" id="numbers" aria-labelledby="numbers-title">\n'
        '<h2 id="numbers-title">Numbers spoken in this report</h2>\n'
        '<p class="question">Every underlined number in the text leads here, and from here to its data.</p>\n'
        '<figure class="tabular numbers" aria-label="Numbers spoken">\n'
        '<div class="scroll" role="region" tabindex="0" aria-label="Table of all numbers spoken in the text">\n'
        '<table><caption class="unseen">All numbers spoken in the text</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n" + "\n".join(rows) + "\n</tbody></table></div></figure></section>"
    )


def _source(block: Block, sheet: Sheet, files: list[tuple[str, str]]) -> list[str]:
    data, label = block.data, sheet.book.labels[block.anchor]
    facts = []
    for name in data.get("datasets", ()):
        about = sheet.provenance(name)
        title = esc(str(about.get("title") or name))
        link = f'<a href="#data-{esc(name)}">{title}</a>' if f"data-{name}" in sheet.anchors else title
        lines = [f"<dt>Dataset</dt><dd>{link} <code>{esc(name)}</code></dd>"]
        for key, word in (("source", "Source"), ("vintage", "Vintage"), ("licence", "Terms"), ("sha256", "SHA-256")):
            if value := about.get(key):
                shown = f'<code class="hash">{esc(str(value))}</code>' if key == "sha256" else esc(str(value))
                lines.append(f"<dt>{word}</dt><dd>{shown}</dd>")
        facts.append(f"<dl>{''.join(lines)}</dl>")
    made = "".join(
        f"<dt>{word}</dt><dd>{shown}</dd>"
        for word, shown in (
            ("Last period", esc(str(data.get("last_period") or ""))),
            ("Made by", f"<code>{esc(str(data['made_by']))}</code>" if data.get("made_by") else ""),
            ("Download", " ".join(f'<a href="{esc(path)}" download>{kind}</a>' for kind, path in files)),
        )
        if shown
    )
    return [
        _open('<div class="source"><span class="key">Source</span>'),
        sheet.source(block),
        _open(
            f'</div>\n<details class="trust"><summary>Data behind <span class="what">{label}</span></summary>\n'
            f"<div>{''.join(facts)}<dl>{made}</dl></div></details>"
        ),
    ]


def _align(column: Mapping[str, Any]) -> str:
    return "num" if column.get("align") in ("right", "decimal") else "txt"


def _rows_html(data: Mapping[str, Any], sheet: Sheet) -> list[list[tuple[str, str, str, str]]]:
    """Return (key, class, text as HTML, tone) for each cell of each row."""
    widths = fraction_widths(data)
    out = []
    for row in cells(data):
        line = []
        for column, cell in zip(data["columns"], row, strict=True):
            text = _cell_html(cell, widths.get(column["key"]), sheet)
            line.append((str(column["key"]), _align(column), text, cell.tone))
        out.append(line)
    return out


def _cell_html(cell: Cell, fraction: int | None, sheet: Sheet) -> str:
    if fraction is None:
        text = unbroken(esc(cell.text))
    else:
        width = f"{fraction - 0.6 if fraction else 0:g}ch"  # a decimal point is narrower than a figure
        rest = esc(cell.fraction)
        text = (
            f'{esc(cell.whole)}<span class="fr" style="min-width:{width}">{rest}</span>' if fraction else esc(cell.text)
        )
    href = cell.href
    if href.startswith("#"):
        anchor = sheet.target_of(href)
        href = f"#{anchor}" if anchor else ""
    return f'<a href="{esc(href)}">{text}</a>' if href else text


def _table_row(row: list[tuple[str, str, str, str]], header: str) -> str:
    line = ""
    for key, align, text, tone in row:
        classes = " ".join(filter(None, (align, tone and f"tone {tone}")))
        if key == header:
            line += f'<th scope="row" class="{classes}">{text}</th>'
        else:
            line += f'<td class="{classes}">{text}</td>'
    return f"<tr>{line}</tr>"
