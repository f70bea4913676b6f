"""How much a brief says: its words and numbers, the lines of the claims and what is drawn apart."""

from __future__ import annotations

import copy
import re

from lxml import html

APART = " | ".join(
    [".//template", ".//details", ".//*[local-name()='svg']"]
    + [
        f".//*[contains(concat(' ', @class, ' '), ' {name} ')]"
        for name in ("verdicts", "turn", "anchor", "tools", "files")
    ]
)
DAY = r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December) \d{1,2},"
# A year is no number to remember, nor the day of a date or the number of a figure.
NOT_COUNTED = re.compile(rf"{DAY}|\b(?:19|20)\d\d\b|\b(?:Figure|Table)\s+A?\d+")
NUMBER = re.compile(r"\d[\d,.]*\d|\d")


def said(page: html.HtmlElement) -> str:
    """Return the text of the brief in a report's page, on one line."""
    (brief,) = page.xpath("//section[contains(@class,'brief')]")
    kept = copy.deepcopy(brief)
    for part in kept.xpath(APART):
        part.drop_tree()
    for part in kept.iter():
        part.tail = f"{part.tail or ''} " if part.tag in ("li", "p", "h2", "h3", "div") else part.tail
    return " ".join(kept.text_content().split())


def budget(text: str) -> tuple[int, int]:
    """Return how many words and how many numbers a text has."""
    return len(text.split()), len(NUMBER.findall(NOT_COUNTED.sub(" ", text)))
