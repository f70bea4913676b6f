"""Whether a page and its print say the same, block by block: what one says and the other does not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import lxml.html
from pdf_text import PdfText

from korus_research.publish.templates import words

# What only a page has: its head and tools, data behind exhibits, the list of numbers; and what both have in other letters:
# formulas, numbers of chapters and claims, the names of lines ("Source").
APART = (
    "//head|//script|//style|//template|//nav|//header|//footer|//noscript|//dialog|//button|//form|//section[@id='numbers']"
    "|//*[local-name()='svg']|//*[local-name()='math']|//*[@hidden]|//*[@role='search']|//body/p"
    + "".join(
        f"|//*[contains(concat(' ',normalize-space(@class),' '),' {name} ')]"
        for name in (
            "anchor",
            "tools",
            "turn",
            "colophon",
            "trust",
            "no",
            "key",
            "mark",
            "footnote-ref",
            "footnote-back",
        )
    )
)
BLOCKS = (
    "//p|//li|//h1|//h2|//h3|//h4|//h5|//td|//th|//dt|//dd|//figcaption|//caption|//summary"
    "|//div[@class='title']|//div[@class='subtitle']|//div[@class='source']"
    "|//span[@class='said']|//span[@class='who']|//span[contains(@class,'verdict')]|//*[contains(@class,'csl-entry')]"
)
# Contents, what claims and the brief have side by side, letters in pictures: a page has them in other blocks.
GRIDS = ("", "/Div", "/Figure")
KEYS = ("measured", "basis", "why", "said_in", "source", "see")


def bare(text: str) -> str:
    """Return the letters and signs of a text: where lines end, a space may stand or not."""
    return "".join(text.replace("\u00ad", "").replace("\u200b", "").replace("\u2060", "").split())


def page_blocks(path: Path) -> list[str]:
    """Return the text of each block of a page that has no block in it."""
    page = lxml.html.parse(str(path), lxml.html.HTMLParser(encoding="utf-8")).getroot()
    for element in page.xpath(APART):
        element.drop_tree()
    blocks = set(page.xpath(BLOCKS))
    return [bare(text) for block in page.xpath(BLOCKS) for text in _own(block, blocks) if bare(text)]


def _own(block: Any, blocks: set[Any]) -> Iterator[str]:
    """Iterate over the runs of text in a block between the blocks in it."""
    run: list[str] = [block.text or ""]
    for child in block:
        if child in blocks or child.xpath("|".join(f".{one}" for one in BLOCKS.split("|"))):
            yield "".join(run)
            run = []
        else:
            run.append(child.text_content())
        run.append(child.tail or "")
    yield "".join(run)


def print_blocks(path: Path, *, grids: bool = False) -> list[str]:
    """Return the text of each block of a PDF; with `grids` also of what has no block in a page."""
    keys = tuple(bare(f"{getattr(words(), key)}:") for key in KEYS)
    # Only print says on which page the report has it.
    blocks = [
        re.sub(r",page\d+(?=[;.])", "", bare(text))
        for kind, text in PdfText(path).blocks()
        if grids or kind not in GRIDS
    ]
    for key in keys:
        blocks = [block.removeprefix(key) for block in blocks]
    return [block for block in blocks if block]


def missing(said: Iterable[str], whole: Iterable[str]) -> list[str]:
    """Return the blocks of `said` that are nowhere in `whole`."""
    joined = "".join(whole)
    return [block for block in said if block not in joined]
