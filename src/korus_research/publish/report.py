"""Executed notebooks read as one report: its blocks, their order and numbers.

Output that is neither Markdown nor of one of our MIME types is an error here, with chapter and cell.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from korus_research.data.cache.store import digest
from korus_research.data.toml import composed
from korus_research.errors import InvalidFigure, PublishFailed
from korus_research.publish.blocks.foreign import own_block
from korus_research.publish.templates import words
from korus_research.run.chapters import misfit, opening
from korus_research.show import contract

_PREFIX = {"figure": "fig-", "table": "tbl-", "datasets": "tbl-"}
_LABEL = {"figure": "figure", "table": "table", "datasets": "table"}


@dataclass(frozen=True)
class Chapter:
    """One chapter or section of a document. The brief has no `number`.

    `part` is the document, "" if the report is a single one; `belongs` has the anchors of the sections of the report
    that show findings of an annex chapter; `areas` assigns headings of the brief to areas of its pages.
    """

    id: str
    number: str
    title: str
    question: str
    part: str = ""
    belongs: tuple[str, ...] = ()
    areas: tuple[tuple[str, str], ...] = ()

    @property
    def place(self) -> str:
        """Its name in messages."""
        return f"{'section' if self.part == 'report' else 'chapter'} {self.id}"

    @property
    def anchor(self) -> str:
        """The target of links to the chapter."""
        return {"brief": self.id, "report": f"sec-{self.id}"}.get(self.part, f"ch-{self.id}")

    @property
    def reference(self) -> str:
        """Its name in the text: "Section 3", "Annex 12", "the brief", or its title if it has no number."""
        if self.part == "brief":
            return words().brief
        kind = {"report": words().section, "annex": words().annex}.get(self.part, words().chapter)
        return f"{kind}\N{NO-BREAK SPACE}{self.number}" if self.number else self.title


@dataclass(frozen=True)
class Block:
    """One output of a chapter: `data` is one of the contract's models, `payload` the JSON that it was read from.

    A Markdown cell is prose without findings.
    """

    data: Any
    chapter: Chapter
    cell: int
    payload: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def kind(self) -> str:
        """Its kind in the contract."""
        return str(self.data.kind)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of its content, without its place."""
        return digest(json.dumps(self.payload or self.data.model_dump()))

    @property
    def files(self) -> dict[str, bytes]:
        """The files beside the report, by relative path: the data of an exhibit, a picture."""
        kind, named = f"{self.kind}s", getattr(self.data, "id", "")
        held = {"csv": getattr(self.data, "data_csv", ""), "svg": getattr(self.data, "svg", "")}
        shown = held if self.kind in ("figure", "table") else {}
        return {f"{kind}/{named}.{ending}": text.encode() for ending, text in shown.items() if text}

    @property
    def place(self) -> str:
        """Its chapter and cell, for messages."""
        return f"{self.chapter.place}, cell {self.cell}"

    @property
    def anchor(self) -> str:
        """The target of references; "" if it can't be referred to."""
        return f"{_PREFIX[self.kind]}{self.data.id}" if self.kind in _PREFIX else ""


@dataclass(frozen=True)
class Report:
    """The chapters of a publication, or of one of its documents (`parts.arranged`), with numbered blocks."""

    chapters: tuple[Chapter, ...]
    blocks: tuple[Block, ...]
    labels: Mapping[str, str]  # by anchor: {"fig-flows-levels": "Figure 3", "ch-claims": "Chapter 12"}
    findings: Mapping[str, contract.Finding]  # all that any block carries, by id
    part: str = ""  # "brief", "report" or "annex"; "" where the publication is one document
    elsewhere: Mapping[str, str] = field(default_factory=dict)  # anchor to the document that has it
    moved: Mapping[str, str] = field(default_factory=dict)  # anchor of a chapter to that of the section with its blocks
    titles: Mapping[str, str] = field(default_factory=dict)  # of chapters and exhibits of all documents, by anchor

    def of(self, chapter: Chapter) -> Iterator[Block]:
        """Iterate over the blocks of one chapter."""
        return (block for block in self.blocks if block.chapter == chapter)


def refuse(place: str, found: str, *, expected: str, do: str) -> PublishFailed:
    """Return the error about a place in the report."""
    return PublishFailed(f"{place[:1].upper()}{place[1:]}: {found}", expected=expected, do=do)


def read_chapter(notebook: Mapping[str, Any], position: int = 1, *, own: bool = False) -> tuple[Chapter, list[Block]]:
    """Return the chapter of an executed notebook (metadata: docs/architecture.md) and its blocks, in order.

    `position` makes an id for a chapter without one in its metadata. With `own`, the notebook is a user's own and may
    have output of other libraries too (blocks/foreign.py).

    Raises
    ------
    PublishFailed
        An output that is not ours, an error output, printed text, a block that breaks the contract, or a raw cell.
    """
    about = notebook.get("metadata", {}).get("korus", {})
    title, question, rest = opening(notebook)
    name, number = str(about.get("chapter") or f"chapter-{position}"), str(about.get("number", "")).lstrip("0")
    chapter = Chapter(name, number, title or f"{words().chapter} {position}", question)
    blocks: list[Block] = []
    opened = False
    for index, cell in enumerate(notebook["cells"], start=1):
        if cell["cell_type"] == "markdown":
            text, opened = "".join(cell["source"]) if opened else rest, True
            if text.strip():
                blocks.append(Block(contract.Prose(role="text", markdown=text), chapter, index))
        elif cell["cell_type"] == "code":
            read = (
                _read_own(output, cell, chapter, (index, place)) if own else _read_output(output, chapter, index)
                for place, output in enumerate(cell.get("outputs", []), start=1)
            )
            blocks += filter(None, read)
        elif "".join(cell["source"]).strip():
            raise refuse(
                f"{chapter.place}, cell {index}",
                f"a {cell['cell_type']} cell, which would be in no document",
                expected="Markdown and code cells",
                do="Make it a Markdown cell, or remove it",
            )
    return chapter, blocks


def _usable(notebook: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a notebook with its text composed (NFC); PublishFailed if it does not conform to nbformat."""
    wrong = misfit(notebook)
    try:
        made = composed(notebook)
    except ValueError:
        wrong = wrong or "text"
    if wrong:
        found, expected = f"A notebook has no usable {wrong}", "JSON of nbformat 4"
        raise PublishFailed(found, expected=expected, do="Restore it, and run it again")
    return made


def read_report(notebooks: Sequence[Mapping[str, Any]], *, own: bool = False) -> Report:
    """Return the report of `notebooks`, in the given order, with figures and tables numbered from 1 throughout.

    `own` is as for `read_chapter`.

    Raises
    ------
    PublishFailed
        See `read_chapter`; also two chapters or blocks with one id, or a finding with two values.
    """
    read = [read_chapter(_usable(notebook), place, own=own) for place, notebook in enumerate(notebooks, start=1)]
    chapters, blocks = tuple(chapter for chapter, _ in read), tuple(block for _, shown in read for block in shown)
    return Report(chapters, blocks, labelled(chapters, blocks), _findings(blocks))


def _findings(blocks: Iterable[Block]) -> dict[str, contract.Finding]:
    """Return the findings in `blocks` by id; PublishFailed if one has two values or states."""
    findings: dict[str, contract.Finding] = {}
    for block in blocks:
        for finding in block.data.findings:
            now, then = (_says(each) for each in (finding, findings.setdefault(finding["id"], finding)))
            if now != then:
                raise refuse(
                    block.place,
                    f"'{finding['id']}' is {now} here and {then} in an earlier block",
                    expected="one value for one finding in the whole report",
                    do="Run all chapters with the same parameters",
                )
    return findings


def _says(finding: contract.Finding) -> float | str | None:
    state = finding.get("state")
    return finding["value"] if state is None else state


def labelled(chapters: Iterable[Chapter], blocks: Iterable[Block], *, prefix: str = "") -> dict[str, str]:
    """Return the labels of chapters, figures and tables, by anchor; numbers begin with `prefix`.

    PublishFailed if two chapters or exhibits have one id.
    """
    labels: dict[str, str] = {}
    first_seen, counts = dict[str, Block](), Counter[str]()
    for chapter in chapters:
        if chapter.anchor in labels:
            raise refuse(chapter.place, "it is there twice", expected="each chapter once", do="Remove one of them")
        labels[chapter.anchor] = chapter.reference
    for block in (block for block in blocks if block.anchor):
        if block.anchor in first_seen:
            raise refuse(
                block.place,
                f"a second {block.kind} is called '{block.data.id}' (the first: {first_seen[block.anchor].place})",
                expected="an id of its own for each figure and table",
                do="Rename one of them",
            )
        first_seen[block.anchor] = block
        kind = _LABEL[block.kind]
        counts[kind] += 1
        labels[block.anchor] = f"{getattr(words(), kind)}\N{NO-BREAK SPACE}{prefix}{counts[kind]}"
    return labels


def _read_output(output: Mapping[str, Any], chapter: Chapter, cell: int) -> Block | None:
    data, kind = output.get("data", {}), output.get("output_type")
    ours = [(match[1], data[mime]) for mime in data if (match := contract.MIME.fullmatch(mime))]
    if kind == "display_data" and not data:
        return None  # where it was told what is being computed
    if kind == "stream":
        text = _short(str(output.get("text", "")))
        if not text:
            return None
        found = f"it prints text to {output.get('name', 'stdout')}: {text}"
        expected = "only prose, figures, tables and the like made by korus_research"
        do = "Show it with kr.say, or remove the print"
    elif kind == "error":
        found = f"it failed with {output.get('ename')}: {_short(str(output.get('evalue')))}"
        expected = "an executed chapter without errors"
        do = "Correct the chapter and run it again"
    elif len(ours) == 1 and ours[0][0] in contract.MODELS:
        return _block(*ours[0], chapter, cell)
    else:
        found = f"an output of type {', '.join(sorted(data)) or 'none'}"
        expected = f"one of application/vnd.korus.{{{','.join(contract.MODELS)}}}+json"
        do = "End the cell with an object of korus_research, or with a semicolon"
    raise refuse(f"{chapter.place}, cell {cell}", found, expected=expected, do=do)


def _read_own(
    output: Mapping[str, Any], cell: Mapping[str, Any], chapter: Chapter, at: tuple[int, int]
) -> Block | None:
    """Return an output of a user's own notebook: ours as in every chapter, others as far as a page can show them."""
    data, number = output.get("data", {}), at[0]
    if output.get("output_type") == "error" or any(contract.MIME.fullmatch(mime) for mime in data):
        return _read_output(output, chapter, number)
    try:
        made = own_block(output, "".join(cell["source"]), *at)
    except (PublishFailed, InvalidFigure) as error:
        raise refuse(f"{chapter.place}, cell {number}", error.found, expected=error.expected, do=error.do) from None
    return None if made is None else Block(made, chapter, number)


def _block(kind: str, payload: Mapping[str, Any], chapter: Chapter, cell: int) -> Block:
    try:
        return Block(contract.read(kind, payload), chapter, cell, payload)
    except InvalidFigure as error:
        raise refuse(f"{chapter.place}, cell {cell}", error.found, expected=error.expected, do=error.do) from None


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else line[:77] + "..."
