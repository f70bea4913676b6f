"""Which findings the chapters make, and which of them anything asks for.

Asked for is what is reached by its id (a sentence, a cell, a condition, a claim, another measure) and what a shown
paragraph, figure or table carries. Going through all findings, as the list at a chapter's end does, asks for none.

    python tests/support/findings_asked.py [FILE]    prints how many of each chapter nobody asks for; FILE gets their ids
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import ItemsView, Iterable, Iterator, ValuesView
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from chapter_objects import CHAPTERS, about, cells, shown

from korus_research.chapters.lacking import lacking
from korus_research.data.parameters import ReportParameters
from korus_research.show.blocks import Block
from korus_research.show.figure import Figure
from korus_research.show.finding import Finding, Findings
from korus_research.show.table import Table
from korus_research.show.words.prose import Prose

EDITIONS: tuple[dict[str, str], ...] = (
    {"agreement": "korus"},
    {"agreement": "korus", "as_of": "2017-11"},
    {"agreement": "korus", "as_of": "2016-12"},
    {"agreement": "colombia"},
)
# values() and items() reach every finding by its id: that is no question.
_WALKS = (ValuesView.__iter__.__code__, ItemsView.__iter__.__code__)


@dataclass
class Record:
    """Ids of findings that were made, and that were asked for."""

    made: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)

    def offenders(self) -> dict[str, list[str]]:
        """Ids that were made and not asked for, by the first part of the id."""
        found = defaultdict(list)
        for id_ in sorted(self.made - self.asked):
            found[id_.partition(".")[0]].append(id_)
        return dict(found)


@contextmanager
def recorded() -> Iterator[Record]:
    """Record what is made and asked for, in this process."""
    record = Record()
    make, get = Findings.__init__, Findings.__getitem__

    def made(self: Findings, *given: Any, **named: Any) -> None:
        make(self, *given, **named)
        record.made.update(self)

    def asked(self: Findings, key: str) -> Finding:
        caller = sys._getframe(1).f_code
        if caller not in _WALKS:
            record.asked.add(key)
        return get(self, key)

    with patch.object(Findings, "__init__", made), patch.object(Findings, "__getitem__", asked):
        yield record


def run_edition(record: Record, **parameters: Any) -> dict[str, list[Any]]:
    """Run the chapters of one edition in this process, each after those whose findings it reads; return what they show."""
    lacks = lacking(ReportParameters(**parameters).resolve())
    names = [name for name in CHAPTERS if about(name)["chapter"] not in lacks]
    # The summary speaks of every chapter, so it comes last; those of the second wave read what the first found.
    last = {name: ("findings_file" in cells(name, "code")[0]) + name.startswith("00_") for name in names}
    objects: dict[str, list[Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "findings.json"
        for name in sorted(names, key=lambda each: (last[each], each)):
            file.write_text(json.dumps(gathered(objects.values())), encoding="utf-8")
            given = {"findings_file": str(file)} if last[name] else {}
            objects[name] = shown(name, **parameters, **given)
    for item in (item for items in objects.values() for item in items if isinstance(item, Prose | Figure | Table)):
        record.asked.update(found.id for found in item.findings)
    return objects


def gathered(chapters: Iterable[list[Any]]) -> list[dict[str, Any]]:
    """The findings that chapters show, as the run gathers them for those that read them."""
    found: dict[str, dict[str, Any]] = {}
    for item in (item for items in chapters for item in items):
        carried = item.data.get("findings", ()) if isinstance(item, Block) else getattr(item, "findings", ())
        for each in carried:
            data = each.to_json() if isinstance(each, Finding) else each
            found.setdefault(data["id"], data)
    return list(found.values())


def unasked() -> dict[str, list[str]]:
    """Ids of findings that no chapter asks for in any of `EDITIONS`, by topic."""
    with recorded() as record:
        for edition in EDITIONS:
            run_edition(record, **edition)
    return record.offenders()


if __name__ == "__main__":
    offenders = unasked()
    for topic, ids in offenders.items():
        print(f"{topic:16} {len(ids):4}")
    print(f"{'all':16} {sum(map(len, offenders.values())):4}")
    if sys.argv[1:]:
        Path(sys.argv[1]).write_text(json.dumps(offenders, indent=1) + "\n", encoding="utf-8")
