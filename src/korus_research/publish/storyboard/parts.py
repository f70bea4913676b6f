"""The documents of one run: the brief and the report have the blocks that the storyboard names, the annex the rest.

`storyboard/` has a file for the brief and one for each section, with its title and its blocks in order. A block is
named by its words ("flows.say.answer", "flows.formula.balance"), an exhibit by its anchor ("fig-flows-levels"), others
by kind and id ("cards-featured"); "## Title" is a heading of the section. Title and blocks may have conditions like the
words of a chapter: "[unless tariffs.saved.total] fig-products-use".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import takewhile
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from korus_research.data.toml import TomlFile, read_toml
from korus_research.publish.context import ANNEX, BRIEF, REPORT, anchors_of
from korus_research.publish.markup import plain
from korus_research.publish.report import Block, Chapter, Report, labelled, refuse
from korus_research.show import contract
from korus_research.show.finding import Finding, Findings
from korus_research.show.words.file import CONDITION, problems
from korus_research.show.words.text import chosen

STORYBOARD = Path(__file__).parent
DOCUMENTS = {"html": (REPORT, ANNEX), "pdf": (BRIEF, REPORT, ANNEX)}
_NAME = re.compile(r"(?P<number>\d+)_(?P<id>[a-z]+)")
_ONLY_HEADING = re.compile(r"\s*(?P<marks>#{2,6})[ \t][^\n]*\s*")


@dataclass(frozen=True)
class Section:
    """A file of the storyboard; the brief has no number, but areas of its pages for its headings."""

    id: str
    number: str
    title: str
    blocks: tuple[str, ...]
    areas: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the blocks, without conditions."""
        return tuple(CONDITION.sub("", block) for block in self.blocks)


@cache
def storyboard(folder: Path = STORYBOARD) -> tuple[Section, ...]:
    """Return the brief, then the sections of the report in order.

    InvalidFile if a file is not TOML, has no title or no list of blocks, or names a block of another one.
    """
    sections, seen = [], dict[str, str]()
    for path in sorted(folder.glob("*.toml"), key=lambda path: (path.stem != BRIEF, path.stem)):
        file, stem = read_toml(path), _NAME.fullmatch(path.stem)
        section = _read(file, stem["id"] if stem else path.stem, stem["number"] if stem else "")
        for block, name in zip(section.blocks, section.names, strict=True):
            if not name.startswith("#") and seen.setdefault(block, path.name) != path.name:
                found = f"names '{block}', which {seen[block]} has too"
                raise file.error(("blocks",), found, expected="each block in one place")
        sections.append(section)
    return tuple(sections)


class _File(BaseModel):
    """The content of a file of the storyboard."""

    model_config = ConfigDict(extra="forbid")

    title: str
    blocks: tuple[str, ...]
    areas: dict[str, str] = {}


def _read(file: TomlFile, name: str, number: str) -> Section:
    held = file.fitted(_File)
    for keys, found, expected in problems({"say": {"title": held.title, "blocks": "\n".join(held.blocks)}}):
        raise file.error(keys[1:], found, expected=expected)
    return Section(name, number, held.title, held.blocks, tuple(held.areas.items()))


def name_of(block: Block) -> str:
    """Return the name of a block in a storyboard, "" for text in the notebook itself."""
    data = block.data
    if block.anchor:
        return block.anchor
    if data.words:
        return f"{data.words.chapter}.{data.words.at}"
    return f"{block.kind}-{data.id}" if getattr(data, "id", "") else ""


def arranged(report: Report, sections: Sequence[Section]) -> dict[str, Report]:
    """Return the brief, the report (which begins with the brief) and the annex, each as a separate `Report`.

    Every block is in exactly one of report and annex. Labels are shared: "Figure 3" of the report, "Figure A3" of the
    annex; `elsewhere` gives the document of anchors in another one. References to a chapter without blocks in the annex
    go to the section with its first block. If none of the storyboard's blocks exists, the report is `report` itself.
    """
    given = {name: block for block in report.blocks if (name := name_of(block))}
    sections = [_here(section, report) for section in sections]
    shown = [block for section in sections for block in _section(section, given)]
    if not shown:
        return {REPORT: report}
    shown_in = {id(given[name]): section for section in sections for name in section.blocks if name in given}
    left = [block for block in report.blocks if id(block) not in shown_in]
    kept = _headed([replace(block, chapter=replace(block.chapter, part=ANNEX)) for block in left])
    homes = _homes(report, shown_in)
    kept = [replace(block, chapter=replace(block.chapter, belongs=homes.get(block.chapter.id, ()))) for block in kept]
    brief = [block for block in shown if block.chapter.part == BRIEF]
    parts = {REPORT: shown, ANNEX: kept} | ({BRIEF: brief} if brief else {})
    labels = labelled(_chapters(shown), shown) | labelled(_chapters(kept), kept, prefix="A")
    made = {name: Report(_chapters(blocks), tuple(blocks), labels, report.findings) for name, blocks in parts.items()}
    where = {name: anchors_of(one) for name, one in made.items()}
    moved = {f"ch-{chapter}": anchors[0] for chapter, anchors in homes.items() if f"ch-{chapter}" not in labels}
    labels |= {anchor: labels[place] for anchor, place in moved.items()}
    titles = {chapter.anchor: plain(chapter.title) for one in made.values() for chapter in one.chapters}
    titles |= {b.anchor: plain(b.data.title) for one in made.values() for b in one.blocks if b.anchor}
    places = {anchor: part for part in (ANNEX, REPORT) for anchor in where[part]}

    def told(name: str) -> Report:
        elsewhere = {anchor: part for anchor, part in places.items() if anchor not in where[name]}
        return replace(made[name], part=name, moved=moved, elsewhere=elsewhere, titles=titles)

    return {name: told(name) for name in made}


def _here(section: Section, report: Report) -> Section:
    """Return a section for this edition: the title and the blocks whose conditions hold.

    Conditions on missing findings do not hold, since the chapter that makes them may be left out.
    """
    said = (section.title, "\n".join(section.blocks))
    asked = [Finding.from_json(found) for id_, found in report.findings.items() if any(id_ in text for text in said)]
    title, blocks = (tuple(chosen(text, Findings(tuple(asked)), {})) for text in said)
    if not title:
        expected = "a line that stands wherever no other does, [unless ...]"
        raise refuse(f"section {section.id}", "it has no title", expected=expected, do="Add one to its file")
    return replace(section, title=" ".join(title), blocks=blocks)


def _section(section: Section, given: Mapping[str, Block]) -> Iterator[Block]:
    """Iterate over the blocks of a section that the edition has, without empty headings."""
    part = REPORT if section.number else BRIEF
    chapter = Chapter(section.id, section.number, section.title, "", part=part, areas=section.areas)
    blocks = []
    for name in section.blocks:
        if name.startswith("#"):
            blocks.append(Block(contract.Prose(role="text", markdown=name), chapter, 0))
        elif name in given:
            blocks.append(replace(given[name], chapter=chapter))
    yield from _headed(blocks)


def _headed(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks without headings that have nothing below them in their chapter."""
    kept: list[Block] = []
    for place, block in enumerate(blocks):
        heading = _heading(block)
        following = takewhile(lambda one: one.chapter == block.chapter, blocks[place + 1 :])  # noqa: B023
        if heading and not _anything(following, heading):
            continue
        kept.append(block)
    empty = {block.chapter for block in kept} - {block.chapter for block in kept if block.kind != "findings"}
    return [block for block in kept if block.chapter not in empty]


def _heading(block: Block) -> int:
    """Return the level of a block that is only a heading, 0 for others."""
    only = _ONLY_HEADING.fullmatch(block.data.markdown) if block.kind == "prose" else None
    return len(only["marks"]) if only else 0


def _anything(following: Iterable[Block], level: int) -> bool:
    for block in following:
        if (heading := _heading(block)) and heading <= level:
            return False
        if not heading and block.kind != "findings":
            return True
    return False


def _chapters(blocks: Iterable[Block]) -> tuple[Chapter, ...]:
    return tuple(dict.fromkeys(block.chapter for block in blocks))


def _homes(report: Report, told: Mapping[int, Section]) -> dict[str, tuple[str, ...]]:
    """Return the anchors of the sections that show blocks of each chapter, by its id, most blocks first."""
    counts: dict[str, Counter[str]] = {}
    for block in report.blocks:
        if section := told.get(id(block)):
            anchor = f"sec-{section.id}" if section.number else BRIEF
            counts.setdefault(block.chapter.id, Counter())[anchor] += 1
    return {chapter: tuple(anchor for anchor, _ in count.most_common()) for chapter, count in counts.items()}
