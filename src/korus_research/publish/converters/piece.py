"""A part of a manuscript that goes through pandoc by itself: its words, with the raw blocks taken out.

What earlier runs made of such parts is kept, so that one is made again only when something has changed.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from korus_research.data.cache.store import Cache, digest
from korus_research.errors import OutputFolder
from korus_research.publish.templates import words

_RAW_BLOCK = re.compile(
    r"^(?P<open>(?P<fence>`{3,})\{=\w+\})\n(?P<content>.*?)\n(?P=fence)\n", re.DOTALL | re.MULTILINE
)
_MARK = re.compile("\ue000(\\d+)\ue000")  # of the characters that Unicode leaves to private use
_LAST_MARK = re.compile("\n(\ue000\\d+\ue000\n*)\\Z")
_NOTES = '<section id="footnotes"'
_NOTE = re.compile(r'(id="|href="#)(fn(?:ref)?)(\d+")')


@dataclass(frozen=True)
class Piece:
    """Words with marks in the place of raw blocks, and the contents of those.

    Pandoc hands raw blocks through as they are, but reads them first: nine tenths of the report are pictures. `title`
    is that of the chapter; `lists` is true where the words have the place for the list of references.
    """

    words: str
    raw_blocks: tuple[str, ...]
    title: str = ""
    lists: bool = False

    @classmethod
    def of(cls, markdown: str, *, title: str = "", lists: bool = False) -> Piece:
        """Return the piece that `markdown` is."""
        raw_blocks: list[str] = []

        def mark(block: re.Match[str]) -> str:
            raw_blocks.append(block["content"])
            return f"{block['open']}\n\ue000{len(raw_blocks) - 1}\ue000\n{block['fence']}\n"

        return cls(_RAW_BLOCK.sub(mark, markdown), tuple(raw_blocks), title, lists)

    @property
    def cites(self) -> bool:
        """Whether the bibliography may take part in it."""
        return self.lists or "@" in self.words

    def with_raw_blocks(self, fragment: str) -> str:
        """Return the fragment that pandoc made of the words with the raw blocks in their places."""
        return _MARK.sub(lambda mark: self.raw_blocks[int(mark[1])], fragment)


def with_notes_inside(fragment: str, number: int, title: str) -> str:
    """Return a fragment of HTML with its notes before the raw block that closes its section, named by the chapter.

    Pandoc puts them behind everything, and numbers them from 1 in every piece.
    """
    text, opening, notes = fragment.partition(_NOTES)
    if not opening:
        return fragment
    label = words().notes_to.format(chapter=title) if title else words().notes
    notes = f'<section id="footnotes-{number}" aria-label="{html.escape(label)}"{notes}'
    text, closed = _LAST_MARK.subn(lambda mark: f"\n{notes}{mark[1]}", text)
    text = text if closed else text + notes
    return _NOTE.sub(rf"\g<1>\g<2>-{number}-\g<3>", text)


def _as_pdf(content: bytes) -> bytes:
    if not (content.startswith(b"%PDF-") and content.rstrip().endswith(b"%%EOF")):
        raise ValueError("no PDF")
    return content


@dataclass(frozen=True)
class PieceCache:
    """Made pieces and PDFs in a cache, by what they were made from; with `refresh` none is read and all are written.

    `publisher` is the digest of everything that takes part in making any piece: code, templates, libraries.
    """

    cache: Cache
    publisher: str
    refresh: bool = False

    def get(self, *made_from: object) -> str | None:
        """Return the piece made of `made_from`, or None where it has to be made."""
        return None if self.refresh else self.cache.read(self._key(*made_from), bytes.decode)

    def put(self, piece: str, *made_from: object) -> None:
        """Keep the piece made of `made_from`, if the cache can be written: it can be made again."""
        with suppress(OutputFolder):
            self.cache.put(self._key(*made_from), piece.encode())

    def pdf(self, make: Callable[[], bytes], *made_from: object) -> bytes:
        """Return the PDF made of `made_from`; `make` makes it where it isn't there."""
        key = self._key(*made_from)
        if not self.refresh and (found := self.cache.read(key, _as_pdf)) is not None:
            return found
        made = make()
        with suppress(OutputFolder):
            self.cache.put(key, made)
        return made

    def _key(self, *made_from: object) -> str:
        return f"piece-{digest(json.dumps([self.publisher, *made_from]))}"
