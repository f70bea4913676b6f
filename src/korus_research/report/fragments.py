"""A manuscript as pandoc sets it, piece by piece: what is new goes through pandoc, the rest is remembered."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from korus_research.report import press
from korus_research.report.markup import CITATION, Target

if TYPE_CHECKING:
    from korus_research.report.manuscript import Manuscript
    from korus_research.report.shelf import Shelf

REFERENCES = Path(__file__).parent.parent / "data" / "references.json"
# As pandoc itself parts the blocks of a text.
BETWEEN: dict[Target, str] = {"html": "", "typst": "\n"}

_RAW_BLOCK = re.compile(
    r"^(?P<open>(?P<fence>`{3,})\{=\w+\})\n(?P<content>.*?)\n(?P=fence)\n", re.DOTALL | re.MULTILINE
)
_MARK = re.compile("\ue000(\\d+)\ue000")  # of the characters that Unicode leaves to private use
_NOTE = re.compile(r'(id="|href="#)(fn(?:ref)?)(\d+")')
_NOTES = '<section id="footnotes"'


@dataclass(frozen=True)
class Piece:
    """A part of the manuscript that is set by itself: its words, and the raw blocks that marks in them stand for.

    Pandoc hands raw blocks through as they are, but reads them first: nine tenths of the report are pictures.
    """

    words: str
    apart: tuple[str, ...]

    @property
    def cites(self) -> bool:
        """Whether the bibliography takes part in it."""
        return "@" in self.words or "{#refs}" in self.words

    @classmethod
    def of(cls, markdown: str) -> Piece:
        """Return the piece that `markdown` is."""
        apart: list[str] = []

        def mark(block: re.Match[str]) -> str:
            apart.append(block["content"])
            return f"{block['open']}\n\ue000{len(apart) - 1}\ue000\n{block['fence']}\n"

        return cls(_RAW_BLOCK.sub(mark, markdown), tuple(apart))

    def whole(self, fragment: str, number: int) -> str:
        """Return the fragment that pandoc made of the words with the raw blocks in it, and its notes named apart."""
        if _NOTES in fragment:
            fragment = fragment.replace(_NOTES, f'<section id="footnotes-{number}"', 1)
            fragment = _NOTE.sub(rf"\g<1>\g<2>-{number}-\g<3>", fragment)
        return _MARK.sub(lambda mark: self.apart[int(mark[1])], fragment)


class Fragments:
    """The pieces of a manuscript on their way through pandoc.

    Parameters
    ----------
    manuscript : Manuscript
    shelf : Shelf, optional
        Without it every piece goes through pandoc.
    """

    def __init__(self, manuscript: Manuscript, shelf: Shelf | None = None) -> None:
        self._target = manuscript.target
        self._shelf = shelf
        self._pieces = [Piece.of(markdown) for markdown in manuscript.pieces()]
        self._cited = _cited(self._pieces)
        self._known = [shelf.get(*self._ingredients(piece)) if shelf else None for piece in self._pieces]

    def joined(self) -> str:
        """Return the whole as pandoc sets it, raw blocks included.

        Raises
        ------
        PublishFailed
            See `press.pandoc`.
        """
        with (
            tempfile.TemporaryDirectory(prefix="korus-") as folder,
            ThreadPoolExecutor(max_workers=os.cpu_count()) as pool,
        ):
            cited = Path(folder) / "cited.json"
            cited.write_text(self._cited, encoding="utf-8")
            pairs = zip(self._pieces, self._known, strict=True)
            tasks = [pool.submit(self._set, piece, known, cited) for piece, known in pairs]
            made = [
                piece.whole(task.result(), i) for i, (piece, task) in enumerate(zip(self._pieces, tasks, strict=True))
            ]
        return BETWEEN[self._target].join(made)

    def _set(self, piece: Piece, known: str | None, cited: Path) -> str:
        if known is not None:
            return known
        made = press.pandoc(piece.words, self._target, cited=cited if piece.cites else None)
        if self._shelf:
            self._shelf.put(made, *self._ingredients(piece))
        return made

    def _ingredients(self, piece: Piece) -> tuple[str, ...]:
        return self._target, piece.words, self._cited if piece.cites else ""


def _cited(pieces: Iterable[Piece]) -> str:
    """Return the part of the bibliography that the pieces cite, as CSL JSON."""
    keys = {match[1].rstrip(".:") for piece in pieces for match in CITATION.finditer(piece.words)}
    references = json.loads(REFERENCES.read_text(encoding="utf-8"))
    return json.dumps([one for one in references if one["id"] in keys], ensure_ascii=False, sort_keys=True)
