"""A manuscript as pandoc sets it, piece by piece: what is new goes through pandoc, the rest is remembered."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from korus_research.errors import PublishFailed
from korus_research.publish import bibliography
from korus_research.publish import converters as press
from korus_research.publish.piece import with_notes_inside
from korus_research.run.cores import default_jobs

if TYPE_CHECKING:
    from korus_research.publish.manuscript import Manuscript
    from korus_research.publish.markup import Target
    from korus_research.publish.piece import Piece
    from korus_research.publish.piece_cache import Shelf

# As pandoc itself parts the blocks of a text.
BETWEEN: dict[Target, str] = {"html": "", "typst": "\n"}
_NAMED: dict[Target, re.Pattern[str]] = {
    "html": re.compile(r'\sid="([^"]+)"'),
    "typst": re.compile(r"^<([^<>\s]+)>$", re.MULTILINE),
}


class Fragments:
    """The pieces of a manuscript on their way through pandoc.

    Parameters
    ----------
    manuscript : Manuscript
    shelf : Shelf, optional
        Without it every piece goes through pandoc.

    Raises
    ------
    PublishFailed
        See `Manuscript.pieces`.
    """

    def __init__(self, manuscript: Manuscript, shelf: Shelf | None = None) -> None:
        self._target = manuscript.target
        self._shelf = shelf
        self._pieces = manuscript.pieces()
        self._cited = bibliography.part(manuscript.cited)
        # By what they are made of: two pieces of the same words are one.
        self._known = {one: shelf.get(*one) if shelf else None for one in map(self._ingredients, self._pieces)}

    def joined(self) -> str:
        """Return the whole as pandoc sets it, raw blocks included.

        Raises
        ------
        PublishFailed
            See `press.pandoc`; also an id that is in two pieces.
        """
        new = {self._ingredients(piece): piece for piece in self._pieces}
        new = {key: piece for key, piece in new.items() if self._known[key] is None}
        with (
            tempfile.TemporaryDirectory(prefix="korus-") as folder,
            ThreadPoolExecutor(max_workers=default_jobs()) as pool,
        ):
            cited = Path(folder) / "cited.json"
            cited.write_text(self._cited, encoding="utf-8")
            tasks = {key: pool.submit(self._set, piece, cited) for key, piece in new.items()}
            try:
                self._known |= {key: task.result() for key, task in tasks.items()}
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        made = [self._known[self._ingredients(piece)] or "" for piece in self._pieces]
        if self._target == "html":
            pairs = enumerate(zip(made, self._pieces, strict=True), start=1)
            made = [with_notes_inside(fragment, number, piece.title) for number, (fragment, piece) in pairs]
        _check_names(made, _NAMED[self._target])
        filled = (piece.filled(fragment) for piece, fragment in zip(self._pieces, made, strict=True))
        return BETWEEN[self._target].join(filled)

    def _set(self, piece: Piece, cited: Path) -> str:
        made = press.pandoc(piece.words, self._target, cited=cited if piece.cites else None, lists=piece.lists)
        if self._shelf:
            self._shelf.put(made, *self._ingredients(piece))
        return made

    def _ingredients(self, piece: Piece) -> tuple[str | bool, ...]:
        return self._target, piece.words, piece.lists, self._cited if piece.cites else ""


def _check_names(fragments: Iterable[str], pattern: re.Pattern[str]) -> None:
    seen: set[str] = set()
    for fragment in fragments:
        names = set(pattern.findall(fragment))
        if twice := sorted(names & seen):
            raise PublishFailed(
                f"The id '{twice[0]}' is used in two chapters",
                expected="an id of its own for everything that can be referred to",
                do="Rename one of the headings, or give it another {#id}",
            )
        seen |= names
