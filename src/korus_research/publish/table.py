"""The cells of a table as both targets need them: text, tone, link, and the parts that meet at the decimal point."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

_NUMBER = re.compile(r"^(?P<whole>[^\d]*\d[\d,]*)(?P<fraction>\.\d+)?(?P<tail>.*)$", re.DOTALL)


@dataclass(frozen=True)
class Cell:
    """One cell. `whole` + `fraction` is the text; `fraction` starts at the decimal point and holds what follows it."""

    text: str
    tone: str = ""
    href: str = ""

    @property
    def whole(self) -> str:
        """What stands before the decimal point."""
        return self.text[: len(self.text) - len(self.fraction)]

    @property
    def fraction(self) -> str:
        """The decimal point and what follows it; a unit or note sign after a whole number counts too."""
        match = _NUMBER.match(self.text)
        return (match["fraction"] or "") + match["tail"] if match else ""


def cells(data: Mapping[str, Any]) -> list[list[Cell]]:
    """Return the cells of a table of the contract, row by row in the order of its columns."""
    return [[_cell(row[column["key"]]) for column in data["columns"]] for row in data["rows"]]


def fraction_widths(data: Mapping[str, Any]) -> dict[str, int]:
    """Return, for each column aligned on the decimal, how many characters its longest fraction has."""
    widths = {}
    for index, column in enumerate(data["columns"]):
        if column.get("align") == "decimal":
            widths[str(column["key"])] = max((len(row[index].fraction) for row in cells(data)), default=0)
    return widths


def host(address: str | None) -> str:
    """Return the host of an address, as a link to it is called: "census.gov"."""
    return re.sub(r"^www\.", "", urlsplit(address or "").netloc)


def dataset_lines(entry: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what the list of datasets says about one, as (name, text), without its title, name, address and hash."""
    coverage = f"{entry['coverage']}; " if entry.get("coverage") else ""
    lines = [
        ("Holds", f"{coverage}{entry['rows']:,} rows. {entry['basis']}"),
        ("Source", entry["source"]),
        ("Vintage", entry["vintage"]),
        ("Terms", entry["licence"]),
    ]
    return [(key, str(text)) for key, text in lines if text]


def _cell(value: Any) -> Cell:
    if isinstance(value, Mapping):
        return Cell(str(value["text"]), str(value.get("tone") or ""), str(value.get("href") or ""))
    return Cell("" if value is None else str(value))
