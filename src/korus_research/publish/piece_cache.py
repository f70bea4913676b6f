"""Pieces of a publication that earlier runs made: what nothing has changed for isn't set again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from korus_research.errors import OutputFolder
from korus_research.run.dependencies import digest

if TYPE_CHECKING:
    from korus_research.data.cache.store import Cache


@dataclass(frozen=True)
class Shelf:
    """Pieces in a cache, and the digest of everything that takes part in making one: code, templates, libraries.

    With `forget` none is taken from there, and all are put there.
    """

    cache: Cache
    recipe: str
    forget: bool = False

    def get(self, *ingredients: object) -> str | None:
        """Return the piece made of `ingredients`, or None where it has to be made."""
        kept = None if self.forget else self.cache.get(self._key(ingredients))
        return None if kept is None else kept.decode()

    def put(self, piece: str, *ingredients: object) -> None:
        """Keep the piece made of `ingredients`, if the cache can be written: it can be made again."""
        with suppress(OutputFolder):
            self.cache.put(self._key(ingredients), piece.encode())

    def _key(self, ingredients: Sequence[object]) -> str:
        return f"piece-{digest(json.dumps([self.recipe, *ingredients]))}"
