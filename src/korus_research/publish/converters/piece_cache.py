"""What earlier runs made of pieces of a publication, so that a piece is made again only when something has changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from korus_research.data.cache.store import digest
from korus_research.errors import OutputFolder

if TYPE_CHECKING:
    from korus_research.data.cache.store import Cache


@dataclass(frozen=True)
class PieceCache:
    """Made pieces in a cache, by what they were made from.

    Attributes
    ----------
    cache : Cache
    publisher : str
        The digest of everything that takes part in making any piece: code, templates, libraries.
    refresh : bool
        Read none, and write all.
    """

    cache: Cache
    publisher: str
    refresh: bool = False

    def get(self, *made_from: object) -> str | None:
        """Return the piece made of `made_from`, or None where it has to be made."""
        kept = None if self.refresh else self.cache.get(self._key(made_from))
        return None if kept is None else kept.decode()

    def put(self, piece: str, *made_from: object) -> None:
        """Keep the piece made of `made_from`, if the cache can be written: it can be made again."""
        with suppress(OutputFolder):
            self.cache.put(self._key(made_from), piece.encode())

    def _key(self, made_from: Sequence[object]) -> str:
        return f"piece-{digest(json.dumps([self.publisher, *made_from]))}"
