"""Reading executed notebooks: which blocks a report shows, in which order, under which numbers.

Anything that is neither plain Markdown nor one of our MIME types stops the build here, with its chapter and cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from korus_research.publish.checks import check_headings, check_svg, check_table, refuse

MIME = re.compile(r"application/vnd\.korus\.([a-z]+)\+json")
# What an output must have before anything is made of it. Text that a reader or a screen reader needs must not be empty.
REQUIRED: dict[str, tuple[str, ...]] = {
    "prose": ("role", "markdown"),
    "figure": ("id", "title", "alt", "source", "svg", "data_csv"),
    "table": ("id", "title", "source", "columns", "rows", "row_header", "data_csv"),
    "formula": ("tex", "alt"),
    "cards": ("id", "cards"),
    "scoreboard": ("id", "entries"),
    "datasets": ("id", "entries"),
    "findings": (),
}
PREFIX = {"figure": "fig-", "table": "tbl-", "datasets": "tbl-"}
WORD = {"figure": "Figure", "table": "Table", "datasets": "Table"}
_OPENING = re.compile(r"\A\s*#[ \t]+(?P<title>[^\n]+?)[ \t]*(?:\{[^}\n]*\})?[ \t]*(?:\n+|\Z)")
_QUESTION = re.compile(r"\A\*(?P<question>[^*\n]+)\*[ \t]*(?:\n+|\Z)")


@dataclass(frozen=True)
class Chapter:
    """One chapter as it stands in the report. `number` is empty for the summary, which has none."""

    id: str
    number: str
    title: str
    question: str

    @property
    def anchor(self) -> str:
        """Where links to the chapter go."""
        return f"ch-{self.id}"

    @property
    def reference(self) -> str:
        """How the text speaks of it: "Chapter 12", or its title where it has no number."""
        return f"Chapter\N{NO-BREAK SPACE}{self.number}" if self.number else self.title


@dataclass(frozen=True)
class Block:
    """One thing a chapter shows. `kind` is markdown or one of the contract's; `data` is the contract's JSON."""

    kind: str
    data: Mapping[str, Any]
    chapter: Chapter
    cell: int

    @property
    def place(self) -> str:
        """Where it stands, for messages."""
        return f"chapter {self.chapter.id}, cell {self.cell}"

    @property
    def anchor(self) -> str:
        """The id that references point at; empty for what can't be referred to."""
        return PREFIX[self.kind] + str(self.data["id"]) if self.kind in PREFIX else ""


@dataclass(frozen=True)
class Book:
    """All chapters of one publication, read and numbered."""

    chapters: tuple[Chapter, ...]
    blocks: tuple[Block, ...]
    labels: Mapping[str, str] = field(default_factory=dict)
    """Anchor to what the text calls it: {"fig-flows-levels": "Figure 3", "ch-claims": "Chapter 12"}."""
    findings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def of(self, chapter: Chapter) -> Iterator[Block]:
        """Iterate over the blocks of one chapter."""
        return (block for block in self.blocks if block.chapter == chapter)

    @property
    def datasets(self) -> tuple[str, ...]:
        """Names of all datasets that a figure or table of the book was made from, sorted."""
        return tuple(sorted({name for block in self.blocks for name in block.data.get("datasets", ())}))


def read_chapter(notebook: Mapping[str, Any], position: int = 1) -> tuple[Chapter, list[Block]]:
    """Return a chapter and what it shows, in order.

    Parameters
    ----------
    notebook : Mapping
        Executed, as nbformat 4 has it, with the metadata of docs/architecture.md. Without them the chapter is called by
        its first heading.
    position : int
        Its place in the report, the id of a chapter whose metadata have none.

    Raises
    ------
    PublishFailed
        An output that is not ours, an error output, printed text, a block without what it must have, or a heading that
        skips a level.
    """
    about = notebook["metadata"].get("korus", {})
    first = next((c["source"] for c in notebook["cells"] if c["cell_type"] == "markdown"), "")
    opening = _OPENING.match(first)
    body = first[opening.end() :] if opening else first
    question = _QUESTION.match(body)
    number = str(about.get("number", "")).lstrip("0")
    chapter = Chapter(
        id=str(about.get("chapter") or f"chapter-{position}"),
        number=number,
        title=str(opening["title"] if opening else about.get("title") or f"Chapter {position}"),
        question=str(question["question"] if question else about.get("question", "")),
    )
    blocks: list[Block] = []
    level, opened = 1, False
    for index, cell in enumerate(notebook["cells"], start=1):
        if cell["cell_type"] == "markdown":
            text = str(cell["source"])
            if opening and not opened:
                text = body[question.end() :] if question else body
                opened = True
            if text.strip():
                block = Block("markdown", {"markdown": text}, chapter, index)
                level = check_headings(block, level)
                blocks.append(block)
        elif cell["cell_type"] == "code":
            blocks += [shown for output in cell["outputs"] if (shown := _read_output(output, chapter, index))]
    return chapter, blocks


def gather(notebooks: Sequence[Mapping[str, Any]]) -> Book:
    """Return the book of `notebooks`, in the order given, with figures and tables numbered from 1 through all of it.

    Raises
    ------
    PublishFailed
        See `read_chapter`; also two blocks of one id, or one finding with two values.
    """
    chapters: list[Chapter] = []
    blocks: list[Block] = []
    for position, notebook in enumerate(notebooks, start=1):
        chapter, shown = read_chapter(notebook, position)
        chapters.append(chapter)
        blocks += shown
    labels: dict[str, str] = {}
    findings: dict[str, Mapping[str, Any]] = {}
    first_seen: dict[str, Block] = {}
    counts: dict[str, int] = {}
    for chapter in chapters:
        if chapter.anchor in labels:
            raise refuse(
                f"chapter {chapter.id}", "it is there twice", expected="each chapter once", do="Remove one of them"
            )
        labels[chapter.anchor] = chapter.reference
    for block in blocks:
        for finding in block.data.get("findings", ()):
            known = findings.setdefault(finding["id"], finding)
            if known["value"] != finding["value"]:
                raise refuse(
                    block.place,
                    f"'{finding['id']}' is {finding['value']} here and {known['value']} in an earlier block",
                    expected="one value for one finding in the whole report",
                    do="Run all chapters with the same parameters",
                )
        if not block.anchor:
            continue
        if block.anchor in first_seen:
            raise refuse(
                block.place,
                f"a second {block.kind} is called '{block.data['id']}' (the first: {first_seen[block.anchor].place})",
                expected="an id of its own for each figure and table",
                do="Rename one of them",
            )
        first_seen[block.anchor] = block
        word = WORD[block.kind]
        counts[word] = counts.get(word, 0) + 1
        labels[block.anchor] = f"{word}\N{NO-BREAK SPACE}{counts[word]}"
    return Book(tuple(chapters), tuple(blocks), labels, findings)


def _read_output(output: Mapping[str, Any], chapter: Chapter, cell: int) -> Block | None:
    place = f"chapter {chapter.id}, cell {cell}"
    kind = output.get("output_type")
    if kind == "stream":
        text = str(output.get("text", ""))
        if not text.strip():
            return None
        raise refuse(
            place,
            f"it prints text to {output.get('name', 'stdout')}: {_short(text)}",
            expected="only prose, figures, tables and the like made by korus_research",
            do="Show it with kr.say, or remove the print",
        )
    if kind == "error":
        raise refuse(
            place,
            f"it failed with {output.get('ename')}: {_short(str(output.get('evalue')))}",
            expected="an executed chapter without errors",
            do="Correct the chapter and run it again",
        )
    data = output.get("data", {})
    ours = [(match[1], data[mime]) for mime in data if (match := MIME.fullmatch(mime))]
    if len(ours) != 1 or ours[0][0] not in REQUIRED:
        raise refuse(
            place,
            f"an output of type {', '.join(sorted(data)) or 'none'}",
            expected=f"one of application/vnd.korus.{{{','.join(REQUIRED)}}}+json",
            do="End the cell with an object of korus_research, or with a semicolon",
        )
    name, payload = ours[0]
    for key in REQUIRED[name]:
        if payload.get(key) in (None, "", [], {}):
            raise refuse(
                place,
                f"a {name} '{payload.get('id', '')}' without {key}",
                expected=f"a {name} with {', '.join(REQUIRED[name])}",
                do="See docs/architecture.md, 'What a notebook shows'",
            )
    block = Block(name, payload, chapter, cell)
    if name == "figure":
        check_svg(block)
    if name == "table":
        check_table(block)
    return block


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else line[:77] + "..."
