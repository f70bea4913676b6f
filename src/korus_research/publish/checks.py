"""What a block of a chapter must be before it is published; each failure names the chapter and the cell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from korus_research.errors import PublishFailed

if TYPE_CHECKING:
    from korus_research.publish.gather import Block

_FENCE = re.compile(r"^(`{3,}|~{3,})", re.MULTILINE)


def refuse(place: str, found: str, *, expected: str, do: str) -> PublishFailed:
    """Return the error that names a place in the report."""
    return PublishFailed(f"{place[:1].upper()}{place[1:]}: {found}", expected=expected, do=do)


def check_svg(block: Block) -> None:
    """Raise PublishFailed unless the picture stands by itself, its text drawn as paths."""
    svg = str(block.data["svg"])
    wrong = {
        r"<text\b": "holds text as text, which the PDF would lose",
        r"<script\b": "holds a script",
        r"on(?<=\son)\w+\s*=": "holds a script",
        r"""(?:href|src)\s*=\s*["'](?!#|data:)""": "loads something from elsewhere",
    }
    if "<svg" not in svg:
        wrong = {"": "is not an SVG"}
    for pattern, what in wrong.items():
        if re.search(pattern, svg):
            raise refuse(
                block.place,
                f"the picture of figure '{block.data['id']}' {what}",
                expected="a self-contained SVG with text as paths",
                do='Save it with rcParams["svg.fonttype"] = "path"',
            )


def check_table(block: Block) -> None:
    """Raise PublishFailed unless every column has a label, one heads the rows, and every row has all cells."""
    columns = [column["key"] for column in block.data["columns"]]
    wrong = ""
    if unlabelled := [column["key"] for column in block.data["columns"] if not str(column["label"]).strip()]:
        wrong = f"columns without a label: {', '.join(unlabelled)}"
    elif block.data["row_header"] not in columns:
        wrong = f"its row header '{block.data['row_header']}' is not a column"
    elif any(key not in row for row in block.data["rows"] for key in columns):
        wrong = "a row lacks a cell"
    if wrong:
        raise refuse(
            block.place,
            f"table '{block.data['id']}': {wrong}",
            expected="a label for every column, one of them the row header, and a cell for each in every row",
            do="Correct the table",
        )


def check_headings(block: Block, level: int) -> int:
    """Return the level of the last heading in the block; a skipped level is an error in both targets."""
    if _FENCE.search(block.data["markdown"]):
        return level
    for marks in re.findall(r"^(#{1,6})[ \t]+\S", block.data["markdown"], re.MULTILINE):
        if len(marks) == 1 or len(marks) > level + 1:
            raise refuse(
                block.place,
                f"a heading of level {len(marks)} after one of level {level}",
                expected="one heading of level 1 a chapter, its title, and no level skipped below it",
                do="Correct the heading",
            )
        level = len(marks)
    return level
