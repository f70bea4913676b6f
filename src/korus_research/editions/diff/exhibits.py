"""Differences in the data of figures and tables, cell by cell, as far as rows can be matched."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from html import unescape

from korus_research.editions.diff.models import Cell, Exhibit

_TABLE = re.compile(
    r'<figure class="tabular[^"]*" id="tbl-([^"]+)".*?<caption>.*?<span class="label">.*?</span>(.*?)</span>', re.DOTALL
)
_FIGURE = re.compile(r'<div class="title" id="fig-([^"]+)-title">.*?</span>(.*?)</div>', re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_NUMBER, _WHOLE = re.compile(r"(-?[\d.]+(e[-+]?\d+)?|-?inf|)"), re.compile(r"\d+")
_NAMES = 6  # largest number of columns that identify a row


def exhibits(texts: Iterable[tuple[str, str, str]], before: str, now: str, *, cells: bool) -> Iterator[Exhibit]:
    """Yield the exhibits whose data differ.

    Parameters
    ----------
    texts : iterable of (name, data before, data now)
        The data as CSV.
    before, now : str
        The HTML pages of the two editions, with the titles.
    cells : bool
        Whether to list the differing cells.
    """
    had, has = titles(before), titles(now)
    for name, old, new in texts:
        if old != new:
            yield _compared(name, old, new, had.get(name, ""), has.get(name, ""), cells)


def titles(page: str) -> dict[str, str]:
    """Return the titles of the exhibits in a page as plain text, by "figures/NAME" and "tables/NAME"."""
    found = {f"tables/{name}": title for name, title in _TABLE.findall(page)}
    found |= {f"figures/{name}": title for name, title in _FIGURE.findall(page)}
    return {name: unescape(" ".join(_TAG.sub("", title).split())) for name, title in found.items()}


def traced(texts: Sequence[str]) -> dict[tuple[str, str], list[str | None]]:
    """Return the text of each cell in each state of an exhibit, for cells that differ between first and last.

    `texts` are the states as CSV, "" for a missing one. The result is by row and column. Rows have the names that
    `exhibits` gives them between the first and the last state. A cell is None in a state that lacks it, or in which
    these names don't identify the rows.
    """
    tables = [_parsed(text) for text in texts]
    names = _naming(tables[0], tables[-1])
    keyed = [_keyed(*table, names) if set(names) <= set(table[0]) else {} for table in tables]
    states = [rows if len(rows) == len(table[1]) else {} for table, rows in zip(tables, keyed, strict=True)]
    found = {}
    for key, row in states[-1].items():
        for column in (column for column in row if column not in names and column in states[0].get(key, {})):
            cell = [state.get(key, {}).get(column) for state in states]
            if cell[0] != cell[-1]:
                found[_named(key), column] = cell
    return found


def _parsed(text: str) -> tuple[list[str], list[list[str]]]:
    head, *rows = list(csv.reader(text.splitlines())) or [[]]
    return head, rows


def _named(key: tuple[str | int, ...]) -> str:
    return ", ".join(map(str, key))


def _compared(name: str, old: str, new: str, had: str, has: str, cells: bool) -> Exhibit:
    (old_head, old_rows), (new_head, new_rows) = _parsed(old), _parsed(new)
    both = [column for column in new_head if column in old_head]
    names = _naming((old_head, old_rows), (new_head, new_rows))
    was, is_ = (_keyed(head, rows, names) for head, rows in ((old_head, old_rows), (new_head, new_rows)))
    pairs = [(key, was[key], row) for key, row in is_.items() if key in was]
    kept = [column for column in both if column not in names]
    moved = [
        Cell(row=_named(key), column=column, before=then[column], now=row[column])
        for key, then, row in pairs
        for column in kept
        if then[column] != row[column]
    ]
    return Exhibit(
        name=name,
        before=had,
        now=has,
        compared=len(pairs) * len(kept),
        changed=len(moved),
        cells=tuple(moved) if cells else (),
        rows_new=len(is_.keys() - was.keys()),
        rows_gone=len(was.keys() - is_.keys()),
        columns=tuple(column for column in (*new_head, *old_head) if column not in both),
    )


def _naming(old: tuple[list[str], list[list[str]]], new: tuple[list[str], list[list[str]]]) -> list[str]:
    """Return the columns that identify the rows of both tables, none if there are no such: rows then go by position.

    Text columns come before whole numbers, such as years and codes; other numbers are values, not names.
    """
    tables, columns = (old, new), [column for column in new[0] if column in old[0]]
    cells = {c: [row[head.index(c)] for head, rows in tables for row in rows if len(row) == len(head)] for c in columns}
    texts = [c for c in columns if not all(_NUMBER.fullmatch(cell) for cell in cells[c])]
    whole = [c for c in columns if c not in texts and all(_WHOLE.fullmatch(cell) for cell in cells[c])]
    for count in range(1, _NAMES + 1):
        names = [*texts, *whole][:count]
        if all(len(_keyed(head, rows, names)) == len(rows) for head, rows in tables):
            return names
    return []


def _keyed(head: list[str], rows: list[list[str]], names: list[str]) -> dict[tuple[str | int, ...], dict[str, str]]:
    dicts = [dict(zip(head, row, strict=False)) for row in rows]
    return {tuple(row[name] for name in names) if names else (place,): row for place, row in enumerate(dicts, start=1)}
