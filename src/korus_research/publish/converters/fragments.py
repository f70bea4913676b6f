"""The pieces of a manuscript through pandoc, side by side: what earlier runs have set is taken from the cache."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from korus_research.errors import PublishFailed
from korus_research.publish.converters import bibliography
from korus_research.publish.converters import pandoc as converter
from korus_research.publish.converters.piece import Piece, with_notes_inside
from korus_research.publish.converters.piece_cache import PieceCache
from korus_research.publish.markup import Target
from korus_research.run.cores import default_jobs

# As pandoc itself parts the blocks of a text.
BETWEEN: dict[Target, str] = {"html": "", "typst": "\n"}
_NAMED: dict[Target, re.Pattern[str]] = {
    "html": re.compile(r'\sid="([^"]+)"'),
    "typst": re.compile(r"^<([^<>\s]+)>$", re.MULTILINE),
}


class Fragments:
    """What pandoc makes of the pieces of a manuscript.

    Parameters
    ----------
    target : {"html", "typst"}
    pieces : sequence of Piece
    cited : collection of str
        Keys of the references that any of them cites.
    known : PieceCache, optional
        Without it every piece goes through pandoc.
    """

    def __init__(
        self, target: Target, pieces: Sequence[Piece], cited: Collection[str], known: PieceCache | None = None
    ) -> None:
        self._target = target
        self._pieces = pieces
        self._cited = bibliography.part(cited)
        self._cache = known
        # By what they are made of: two pieces of the same words are one.
        self._made = {key: known.get(*key) if known else None for key in map(self._key, pieces)}

    def joined(self) -> str:
        """Return the whole as pandoc sets it, raw blocks included.

        Raises
        ------
        PublishFailed
            See `pandoc`; also an id that is in two pieces.
        """
        self._make({key: piece for piece in self._pieces if self._made[key := self._key(piece)] is None})
        made = [self._made[self._key(piece)] or "" for piece in self._pieces]
        if self._target == "html":
            pairs = enumerate(zip(made, self._pieces, strict=True), start=1)
            made = [with_notes_inside(fragment, number, piece.title) for number, (fragment, piece) in pairs]
        _check_names(made, _NAMED[self._target])
        whole = (piece.with_raw_blocks(fragment) for piece, fragment in zip(self._pieces, made, strict=True))
        return BETWEEN[self._target].join(whole)

    def _make(self, new: dict[tuple[str | bool, ...], Piece]) -> None:
        if not new:
            return
        with (
            tempfile.TemporaryDirectory(prefix="korus-") as folder,
            ThreadPoolExecutor(max_workers=default_jobs()) as pool,
        ):
            cited = Path(folder) / "cited.json"
            cited.write_text(self._cited, encoding="utf-8")
            tasks = {key: pool.submit(self._pandoc, piece, cited) for key, piece in new.items()}
            try:
                self._made |= {key: task.result() for key, task in tasks.items()}
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _pandoc(self, piece: Piece, cited: Path) -> str:
        made = converter.pandoc(piece.words, self._target, cited=cited if piece.cites else None, lists=piece.lists)
        if self._cache:
            self._cache.put(made, *self._key(piece))
        return made

    def _key(self, piece: Piece) -> tuple[str | bool, ...]:
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
