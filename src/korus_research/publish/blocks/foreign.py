"""Outputs of other libraries in a user's own notebook: printed text, pandas tables, matplotlib pictures.

Chapters of the report have none (decision 129). A picture needs alternative text: `#| fig-alt: ...` as the first line
of its cell, as in Quarto, or in the metadata of its output. `#| fig-cap: ...` is its title.
"""

from __future__ import annotations

import base64
import binascii
import html
import io
import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any

from korus_research.errors import PublishFailed
from korus_research.publish.markup import escape
from korus_research.publish.templates import words
from korus_research.show import contract

PICTURES = ("image/svg+xml", "image/png", "image/jpeg")
LONGEST = 100_000  # characters of a text: more belongs into a file
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
# The default repr of an object, with a memory address that differs each time.
_ADDRESS = re.compile(r"[\[(]?<[^\n]*(?: at 0x[0-9a-f]+|Figure size)[\s\S]*>[\])]?")
_OPTION = re.compile(r"^#\|\s*([\w-]+)\s*:\s*(.*?)\s*$", re.MULTILINE)
_NUMBER = re.compile(r"[+\N{MINUS SIGN}-]?\$?[\d,]*\.?\d+(?:e[+-]?\d+)?%?|NaN|NaT|\.\.\.|", re.IGNORECASE)


def own_block(output: Mapping[str, Any], source: str, cell: int, place: int) -> contract.Prose | contract.Figure | None:
    """Return a stream or display output of a cell as a block; None if it shows nothing, such as stderr.

    `source` is the cell's code, `cell` its number and `place` that of the output in it.

    Raises
    ------
    PublishFailed
        A picture without alternative text or that can't be read, a text that is too long, or another kind of output;
        the error does not name the place.
    """
    if output.get("output_type") == "stream":
        return _text(output.get("text", "")) if output.get("name") != "stderr" else None
    data = output.get("data", {})
    for mime in PICTURES:
        if mime in data:
            return _picture(mime, _joined(data[mime]), _said(output, mime, source), cell, place)
    if "text/markdown" in data:
        return _prose(_joined(data["text/markdown"]))
    if "text/html" in data and (table := _pipes(_joined(data["text/html"]))):
        return _prose(table)
    if "text/plain" in data and not any("widget-view" in mime for mime in data):
        text = _joined(data["text/plain"])
        if "text/html" in data and text.startswith("<IPython."):  # no substitute for the HTML
            raise PublishFailed(
                "HTML that holds no table", expected="text, a table or a picture", do="Write it as Markdown"
            )
        return None if _ADDRESS.fullmatch(text) else _text(text)
    raise PublishFailed(
        f"an output of type {', '.join(sorted(data)) or 'none'}",
        expected=f"text, a table or a picture ({', '.join(PICTURES)})",
        do="Show it as one of these, or end the cell with a semicolon",
    )


def options(source: str) -> dict[str, str]:
    """Return the options `#| name: value` of a cell, without quotes."""
    return {name: value.strip("\"'") for name, value in _OPTION.findall(source)}


def _joined(value: Any) -> str:
    return "".join(value) if isinstance(value, list) else str(value)


def _prose(markdown: str) -> contract.Prose | None:
    return contract.Prose(role="text", markdown=markdown) if markdown.strip() else None


def _text(given: Any) -> contract.Prose | None:
    text = _ANSI.sub("", _joined(given)).strip("\n")
    if len(text) > LONGEST:
        raise PublishFailed(
            f"{len(text):,} characters of printed text",
            expected=f"at most {LONGEST:,}",
            do="Print less, or write it into a file",
        )
    fence = "`" * max(3, *(len(run) + 1 for run in ["", *re.findall(r"`+", text)]))
    return _prose(f"{fence}\n{text}\n{fence}" if text.strip() else "")


def _said(output: Mapping[str, Any], mime: str, source: str) -> dict[str, str]:
    about = output.get("metadata", {})
    inner = about.get(mime, {}) if isinstance(about.get(mime), Mapping) else {}
    said = {"fig-alt": str(inner.get("alt") or about.get("alt") or "")}
    return {**said, **{name: value for name, value in options(source).items() if value}}


def _picture(mime: str, content: str, said: Mapping[str, str], cell: int, place: int) -> contract.Figure:
    if not (alt := said["fig-alt"].strip()):
        raise PublishFailed(
            "a picture without alternative text",
            expected="a description for readers who cannot see it",
            do="Begin the cell with the line `#| fig-alt: what the picture shows`",
        )
    told = {"id": f"cell-{cell}" + (f"-{place}" if place > 1 else ""), "alt": alt, "width": "text"}
    told |= {"title": said.get("fig-cap") or words().own_picture.format(cell=cell)}
    told |= {"source": words().own_source.format(cell=cell)}
    svg = content if mime == "image/svg+xml" else _wrapped(mime, content)
    made: contract.Figure = contract.read("figure", {**told, "svg": svg})
    return made


def _wrapped(mime: str, content: str) -> str:
    """Return a bitmap wrapped in an SVG."""
    from PIL import Image

    encoded = "".join(content.split())
    try:
        with Image.open(io.BytesIO(base64.b64decode(encoded))) as picture:
            width, height = picture.size
    except (OSError, binascii.Error, ValueError):
        raise PublishFailed(
            "a picture that can't be read", expected=f"{mime} as the cell made it", do="Run the cell again"
        ) from None
    link = f'href="data:{mime};base64,{encoded}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<image width="{width}" height="{height}" {link}/></svg>'
    )


class _Table(HTMLParser):
    """The rows of the first table in some HTML: text, with the number of columns and rows that each cell spans."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[tuple[str, int, int]]] = []
        self.heads = 0
        self.after = ""
        self._in_head = self._open = self._done = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Start a head, a row or a cell."""
        about = dict(attrs)
        if self._done:
            return
        if tag == "thead":
            self._in_head = True
        elif tag == "tr":
            self.rows.append([])
            self.heads += self._in_head
        elif tag in ("td", "th") and self.rows:
            self.rows[-1].append(("", int(about.get("colspan") or 1), int(about.get("rowspan") or 1)))
            self._open = True

    def handle_endtag(self, tag: str) -> None:
        """End a table, a head or a cell."""
        self._done |= tag == "table"
        self._in_head &= tag != "thead"
        self._open &= tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        """Add text to a cell, or to the text below the table."""
        if self._open:
            text, *spans = self.rows[-1][-1]
            self.rows[-1][-1] = (text + data, spans[0], spans[1])
        elif self._done:
            self.after += data


def _pipes(markup: str) -> str:
    """Return the first table in some HTML as a Markdown table, with the text below it; "" without one."""
    read = _Table()
    read.feed(markup)
    grid = [row for row in _spread(read.rows) if row]
    if not grid or not (columns := max(map(len, grid))):
        return ""
    grid = [row + [""] * (columns - len(row)) for row in grid]
    heads, body = grid[: read.heads], grid[read.heads :]
    named = [" ".join(dict.fromkeys(filter(None, column))) for column in zip(*heads, strict=True)] or [""] * columns
    widths = [max(3, *(len(row[at]) for row in grid)) for at in range(columns)]
    numeric = [all(_NUMBER.fullmatch(row[at]) for row in body) for at in range(columns)]
    rule = [f"{'-' * width}:" if right else f":{'-' * width}" for width, right in zip(widths, numeric, strict=True)]
    lines = [_row(map(escape, named)), _row(rule), *(_row(map(escape, row)) for row in body)]
    below = " ".join(read.after.split())
    return "\n".join(lines) + (f"\n\n{escape(below)}" if below else "")


def _spread(rows: list[list[tuple[str, int, int]]]) -> Iterator[list[str]]:
    """Yield rows with a cell for each column; cells that span several are repeated."""
    below: dict[int, tuple[str, int]] = {}
    for row in rows:
        cells, shown = iter(row), list[str]()
        while True:
            if len(shown) in below:
                text, left = below.pop(len(shown))
                if left > 1:
                    below[len(shown)] = text, left - 1
                shown.append(text)
                continue
            found = next(cells, None)
            if found is None:
                break
            text = " ".join(html.unescape(found[0]).split())
            for _ in range(found[1]):
                if found[2] > 1:
                    below[len(shown)] = text, found[2] - 1
                shown.append(text)
        yield shown


def _row(cells: Any) -> str:
    return "| " + " | ".join(cells) + " |"
