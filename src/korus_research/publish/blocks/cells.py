"""Cells of tables and lines of datasets, as both targets need them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from korus_research.publish.templates import words
from korus_research.show.contract import Cell, Column, Dataset, Table

_NUMBER = re.compile(r"^(?P<whole>[^\d]*\d[\d,]*)(?P<fraction>\.\d+)?(?P<tail>.*)$", re.DOTALL)


@dataclass(frozen=True)
class ShownCell:
    """One cell.

    `head` is true in the column that heads the rows. `longest` is, in a column aligned on the decimal point, how many
    characters its longest fraction has, else None.
    """

    text: str
    tone: str
    href: str
    align: str
    head: bool
    longest: int | None

    @property
    def whole(self) -> str:
        """What stands before the decimal point."""
        return self.text[: len(self.text) - len(self.fraction)]

    @property
    def fraction(self) -> str:
        """The decimal point and what follows it; a unit or note sign after a whole number counts too."""
        return fraction(self.text)


def fraction(text: str) -> str:
    """Return the decimal point of a number and what follows it; empty for a text without a number."""
    match = _NUMBER.match(text)
    return (match["fraction"] or "") + match["tail"] if match else ""


def shown_rows(data: Table) -> list[list[ShownCell]]:
    """Return the cells of a table, row by row in the order of its columns."""
    texts = {column.key: [_cell(row[column.key]) for row in data.rows] for column in data.columns}
    longest = {
        column.key: max((len(fraction(cell.text)) for cell in texts[column.key]), default=0)
        for column in data.columns
        if column.align == "decimal"
    }

    def shown(cell: Cell, column: Column) -> ShownCell:
        head = column.key == data.row_header
        return ShownCell(cell.text, cell.tone, cell.href, column.align, head, longest.get(column.key))

    return [[shown(texts[column.key][index], column) for column in data.columns] for index in range(len(data.rows))]


def _cell(value: str | Cell) -> Cell:
    return Cell.model_construct(text=value) if isinstance(value, str) else value


def host(address: str | None) -> str:
    """Return the host of an address, as a link to it is called: "census.gov"."""
    return re.sub(r"^www\.", "", urlsplit(address or "").netloc)


def dataset_lines(entry: Dataset) -> list[tuple[str, str]]:
    """Return what the list of datasets says about one, as (name, text), without its title, name, address and hash."""
    coverage = f"{entry.coverage}; " if entry.coverage else ""
    lines = [
        (words().holds, words().rows.format(coverage=coverage, rows=entry.rows, basis=entry.basis)),
        (words().source, entry.source),
        (words().vintage, entry.vintage),
        (words().terms, entry.licence),
    ]
    return [(key, text) for key, text in lines if text]
