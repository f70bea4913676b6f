"""Conversion of the pieces of a manuscript by pandoc, in parallel, with a cache."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from korus_research.errors import PublishFailed
from korus_research.publish.converters import bibliography, pandoc as converter
from korus_research.publish.converters.piece import NO_CACHE, Piece, PieceCache, with_notes_inside
from korus_research.publish.markup import Target
from korus_research.run.cores import default_jobs

Key = tuple[Target, str, bool, str]
# The separator that pandoc puts between blocks.
BETWEEN: dict[Target, str] = {"html": "", "typst": "\n"}
# Citing two works takes pandoc 25 ms, and 95 ms if it must sort them by author (Unicode collation).
_SORT = re.compile(r"<sort>.*?</sort>", re.DOTALL)
_NAMED: dict[Target, re.Pattern[str]] = {
    "html": re.compile(r'\sid="([^"]+)"'),
    "typst": re.compile(r"^<([^<>\s]+)>$", re.MULTILINE),
}


def joined(target: Target, pieces: Sequence[Piece], cited: Collection[str], known: PieceCache = NO_CACHE) -> str:
    """Return the pieces of a manuscript converted by pandoc and joined, raw blocks included.

    `cited` are the keys of all cited references. The list of references needs all of them, and so does every piece if
    citations need letters to tell works apart; otherwise a piece gets those that it cites. `known` is the cache.

    Raises
    ------
    PublishFailed
        See `pandoc`; also an id that occurs in two pieces.
    """
    alike = bibliography.alike(cited)
    # By content: equal pieces are converted once.
    keys: list[Key] = [(target, piece.words, piece.lists, _references(piece, cited, alike)) for piece in pieces]
    made = {key: found for key in dict.fromkeys(keys) if (found := known.get(*key)) is not None}
    made |= _set([key for key in dict.fromkeys(keys) if key not in made], known, alike=alike)
    fragments = [made[key] for key in keys]
    if target == "html":
        pairs = enumerate(zip(fragments, pieces, strict=True), start=1)
        fragments = [with_notes_inside(fragment, number, piece.title) for number, (fragment, piece) in pairs]
    _check_names(fragments, _NAMED[target])
    return BETWEEN[target].join(piece.with_raw_blocks(one) for piece, one in zip(pieces, fragments, strict=True))


def _references(piece: Piece, cited: Collection[str], alike: bool) -> str:
    """Return the references for a piece as CSL JSON; "" if it has no citation."""
    if not piece.cites:
        return ""
    return bibliography.part(cited if piece.lists or alike else bibliography.cited_in(piece.words))


def _set(new: Sequence[Key], known: PieceCache, *, alike: bool) -> dict[Key, str]:
    """Return the conversion of each piece by pandoc, and store it in `known`."""
    if not new:
        return {}
    with tempfile.TemporaryDirectory(prefix="korus-") as folder, ThreadPoolExecutor(default_jobs()) as pool:
        unsorted = Path(folder) / "unsorted.csl"
        unsorted.write_text(_SORT.sub("", converter.STYLE.read_text(encoding="utf-8")), encoding="utf-8")

        def through_pandoc(number: int, key: Key) -> str:
            target, text, lists, references = key
            cited = Path(folder) / f"cited-{number}.json" if references else None
            if cited:
                cited.write_text(references, encoding="utf-8")
            style = converter.STYLE if lists or alike else unsorted
            made = converter.pandoc(text, target, cited=cited, style=style, lists=lists, alike=alike)
            known.put(made, *key)
            return made

        # The longest first, so that no core waits for a long one started last.
        longest = sorted(new, key=lambda key: len(key[1]), reverse=True)
        tasks = {key: pool.submit(through_pandoc, number, key) for number, key in enumerate(longest)}
        try:
            return {key: task.result() for key, task in tasks.items()}
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _check_names(fragments: Iterable[str], pattern: re.Pattern[str]) -> None:
    seen: set[str] = set()
    for fragment in fragments:
        names = set(pattern.findall(fragment))
        if twice := sorted(names & seen):
            raise PublishFailed(
                f"The id '{twice[0]}' is used in two chapters",
                expected="a unique id for everything that can be referred to",
                do="Rename one of the headings, or give it another {#id}",
            )
        seen |= names
