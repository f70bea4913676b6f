"""Whether two editions say the same: `python tools/compare_editions.py PUBLISHED MADE_NOW`.

Prints what differs and ends with 1 if anything does. Compared are

- the findings: text, unit, period and basis to the letter; values of accounting to a fraction of a cent and 12 digits
  (the order in which a processor adds is no difference), estimates (those with an interval) within 1e-6;
- the text of the HTML, with the alternative texts of its pictures;
- the tables, the data behind the figures and the claims, number by number within 1e-6, the rest to the letter;
- the parameters and the hashes of the data;
- whether README.md and the RO-Crate of each are true.

Not compared are bytes, pictures and library versions: they may differ from one machine to another.
"""

from __future__ import annotations

import argparse
import csv
import difflib
import json
import math
import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import zip_longest
from pathlib import Path
from typing import Any

from korus_research.editions.deposit import untruths
from korus_research.editions.edition import open_edition

PAGES, PDFS = ("report.html", "annex.html"), ("brief.pdf", "report.pdf", "annex.pdf")
ESTIMATE = 1e-6
# USD million: a tenth of a cent.
CENT = 1e-9
DIGITS = 1e-12
SHOWN = 40

_NUMBER = re.compile(r"[-−+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?", re.IGNORECASE)


def compare(published: Path, made: Path) -> list[str]:
    """Return what differs, one line each; nothing when both say the same."""
    for folder in (published, made):
        if not (folder / "manifest.json").is_file():
            return [f"{folder} holds no edition"]
    return [
        *_manifests(published, made),
        *_findings(_json(published / "findings.json"), _json(made / "findings.json")),
        *(line for name in PAGES for line in _texts(published / name, made / name)),
        *_tables(published, made),
        *_pdfs(published, made),
        *(f"{folder}: {line}" for folder in (published, made) for line in _untruths(folder)),
    ]


def _manifests(published: Path, made: Path) -> Iterator[str]:
    before, now = _json(published / "manifest.json"), _json(made / "manifest.json")
    for key in ("agreement", "as_of", "parameters", "left_out"):
        if before.get(key) != now.get(key):
            yield f"manifest: {key} was {before.get(key)}, is {now.get(key)}"
    for name in sorted(before["data"].keys() | now["data"].keys()):
        if before["data"].get(name) != now["data"].get(name):
            yield f"manifest: the data of {name} are others"


def _findings(before: list[dict[str, Any]], now: list[dict[str, Any]]) -> Iterator[str]:
    old, new = ({finding["id"]: finding for finding in findings} for findings in (before, now))
    yield from (f"finding {name} is gone" for name in sorted(old.keys() - new.keys()))
    yield from (f"finding {name} is new" for name in sorted(new.keys() - old.keys()))
    for name in sorted(old.keys() & new.keys()):
        estimate = old[name].get("interval") is not None
        for key in sorted(old[name].keys() | new[name].keys()):
            was, is_ = old[name].get(key), new[name].get(key)
            if not _same_value(was, is_, estimate=estimate):
                yield f"finding {name}: {key} was {was!r}, is {is_!r}"


def _same_value(was: Any, is_: Any, *, estimate: bool) -> bool:
    numbers = [x for x in (was, is_) if isinstance(x, int | float) and not isinstance(x, bool)]
    if len(numbers) < 2:
        return bool(was == is_)
    if estimate:
        return math.isclose(*numbers, rel_tol=ESTIMATE, abs_tol=ESTIMATE)
    return math.isclose(*numbers, rel_tol=DIGITS, abs_tol=CENT)


def _texts(published: Path, made: Path) -> Iterator[str]:
    for path in (published, made):
        if not path.is_file():
            yield f"{path} is missing"
            return
    yield from (f"{published.name}: {line}" for line in _diff(spoken(published), spoken(made)))


class _Spoken(HTMLParser):
    """Collects what a reader reads or hears, a line for each piece of text."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in ("style", "script")
        self.lines += [f"[{name}] {value}" for name, value in attrs if name in ("alt", "aria-label") and value]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("style", "script")

    def handle_data(self, data: str) -> None:
        if not self._silent and (text := " ".join(data.split())):
            self.lines.append(text)


def spoken(page: Path) -> list[str]:
    """Return the text of an HTML page, the alternative texts of pictures with it."""
    parser = _Spoken()
    parser.feed(page.read_text(encoding="utf-8"))
    parser.close()
    return parser.lines


def _tables(published: Path, made: Path) -> Iterator[str]:
    def names(folder: Path) -> set[str]:
        return {path.relative_to(folder).as_posix() for path in folder.rglob("*.csv")}

    yield from (f"{name} is gone" for name in sorted(names(published) - names(made)))
    yield from (f"{name} is new" for name in sorted(names(made) - names(published)))
    for name in sorted(names(published) & names(made)):
        rows = zip_longest(_rows(published / name), _rows(made / name))
        yield from (
            f"{name}, line {line}: was {was}, is {is_}"
            for line, (was, is_) in enumerate(rows, start=1)
            if not _same_row(was, is_)
        )


def _rows(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.reader(file)


def _same_row(was: list[str] | None, is_: list[str] | None) -> bool:
    if was is None or is_ is None or len(was) != len(is_):
        return False
    return all(map(_same_cell, was, is_))


def _same_cell(was: str, is_: str) -> bool:
    if was == is_:
        return True
    if not (_NUMBER.fullmatch(was) and _NUMBER.fullmatch(is_)):
        return False
    numbers = (float(cell.replace("−", "-")) for cell in (was, is_))
    return math.isclose(*numbers, rel_tol=ESTIMATE, abs_tol=ESTIMATE)


def _pdfs(published: Path, made: Path) -> Iterator[str]:
    # What the PDF says comes from the same text as the HTML; here only that there is one on both sides.
    for path in (folder / name for name in PDFS for folder in (published, made)):
        if not path.is_file() or not path.read_bytes().startswith(b"%PDF-"):
            yield f"{path} is missing or no PDF"


def _untruths(folder: Path) -> list[str]:
    edition = open_edition(folder)
    return untruths(edition) if edition else []


def _diff(before: list[str], now: list[str]) -> Iterator[str]:
    for line in difflib.unified_diff(before, now, lineterm="", n=0):
        if not line.startswith(("---", "+++", "@@")):
            yield f"{'was' if line[0] == '-' else 'is'}: {line[1:]}"


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("published", type=Path, help="folder of the published edition")
    parser.add_argument("made", type=Path, help="folder of the edition made now")
    chosen = parser.parse_args()
    differences = compare(chosen.published, chosen.made)
    print("\n".join(differences[:SHOWN]))
    if len(differences) > SHOWN:
        print(f"... and {len(differences) - SHOWN} more")
    if differences:
        sys.exit(f"{chosen.made} does not say what {chosen.published} says: {len(differences)} differences")
    print(f"{chosen.made} says what {chosen.published} says")


if __name__ == "__main__":
    main()
