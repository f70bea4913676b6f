"""Cells of tables and lines about datasets, for both targets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from korus_research.publish.markup import typographic
from korus_research.publish.templates import words
from korus_research.show.contract import Column, Dataset, Table

_NUMBER = re.compile(r"^(?P<whole>[^\d]*\d[\d,]*)(?P<fraction>\.\d+)?(?P<tail>.*)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ShownCell:
    """One cell.

    `head` is true in the column of row headers. In a column aligned on the decimal point, `fraction` is the point and
    all after it (also a unit or note mark after a whole number), and `longest` the length of the longest one in the
    column; in other columns they are "" and None.
    """

    text: str
    tone: str
    href: str
    align: str
    head: bool
    fraction: str = ""
    longest: int | None = None

    @property
    def whole(self) -> str:
        """The text before the decimal point."""
        return self.text[: len(self.text) - len(self.fraction)]


def shown_rows(data: Table) -> list[tuple[ShownCell, ...]]:
    """Return the cells of a table, row by row in the order of its columns."""
    return list(zip(*(_cells(data, column) for column in data.columns), strict=True))


def _cells(data: Table, column: Column) -> list[ShownCell]:
    given = [row[column.key] for row in data.rows]
    cells = [(one, "", "") if isinstance(one, str) else (one.text, one.tone, one.href) for one in given]
    parts = [(typographic(text), tone, href) for text, tone, href in cells]
    head = column.key == data.row_header
    if column.align != "decimal":
        return [ShownCell(*part, column.align, head) for part in parts]
    fractions = [_fraction(text) for text, _, _ in parts]
    longest = max(map(len, fractions))
    return [ShownCell(*part, column.align, head, own, longest) for part, own in zip(parts, fractions, strict=True)]


def _fraction(text: str) -> str:
    match = _NUMBER.match(text)
    return (match["fraction"] or "") + match["tail"] if match else ""


def host(address: str | None) -> str:
    """Return the host of a URL as the text of a link: "census.gov"."""
    return re.sub(r"^www\.", "", urlsplit(address or "").netloc)


def dataset_lines(entry: Dataset) -> list[tuple[str, str]]:
    """Return the lines about a dataset as (name, text), without title, name, address and hash."""
    coverage = f"{entry.coverage}; " if entry.coverage else ""
    lines = [
        (words().holds, words().rows.format(coverage=coverage, rows=entry.rows, basis=entry.basis)),
        (words().source, entry.source),
        (words().vintage, entry.vintage),
        (words().terms, entry.licence),
    ]
    return [(key, typographic(text)) for key, text in lines if text]
