"""Pieces of a manuscript that pandoc converts separately, without their raw blocks, and the cache of such pieces."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from korus_research.data.cache.store import Cache, Value, digest
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
    """Words with placeholders for raw blocks, and the contents of those.

    Pandoc would pass raw blocks through, but parse them first: nine tenths of the report are pictures. `title` is that
    of the chapter; `lists` says that the words have the place for the list of references.
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
        """Whether it may need the bibliography."""
        return self.lists or "@" in self.words

    def with_raw_blocks(self, fragment: str) -> str:
        """Return pandoc's output for the words with the raw blocks restored."""
        return _MARK.sub(lambda mark: self.raw_blocks[int(mark[1])], fragment)


def with_notes_inside(fragment: str, number: int, title: str) -> str:
    """Return an HTML fragment with its footnotes moved into the section, labeled with the chapter and with unique ids.

    Pandoc puts them at the end, and numbers them from 1 in every piece.
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
    """A cache of converted pieces and PDFs by their inputs; without `cache` it stores nothing.

    `publisher` is the digest of everything else that affects them: code, templates, libraries. With `refresh` nothing
    is read from the cache.
    """

    cache: Cache | None = None
    publisher: str = ""
    refresh: bool = False

    def get(self, *made_from: object) -> str | None:
        """Return the piece for these inputs, or None."""
        return self._read(bytes.decode, *made_from)

    def put(self, piece: str | bytes, *made_from: object) -> None:
        """Store the piece for these inputs, if the cache can be written."""
        if self.cache is not None:
            self.cache.put(self._key(*made_from), piece.encode() if isinstance(piece, str) else piece)

    def made(self, make: Callable[[], str], *made_from: object) -> str:
        """Return the piece for these inputs from the cache, or make and store it."""
        if (made := self.get(*made_from)) is None:
            self.put(made := make(), *made_from)
        return made

    def pdf(self, make: Callable[[], bytes], *made_from: object) -> bytes:
        """Return the PDF for these inputs from the cache, or make and store it."""
        if (made := self._read(_as_pdf, *made_from)) is None:
            self.put(made := make(), *made_from)
        return made

    def _read(self, parse: Callable[[bytes], Value], *made_from: object) -> Value | None:
        return None if self.refresh or self.cache is None else self.cache.read(self._key(*made_from), parse)

    def _key(self, *made_from: object) -> str:
        return f"piece-{digest(json.dumps([self.publisher, *made_from]))}"


NO_CACHE = PieceCache()
