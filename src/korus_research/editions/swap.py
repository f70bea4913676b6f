"""Editions put in each other's place whole, and what killed runs have left of them (`data/package/exchange.py`)."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import partial
from pathlib import Path

from korus_research.data.files import locked, output_errors
from korus_research.data.package.exchange import settle, swap_in as put_in, temporary
from korus_research.errors import Busy

MANIFEST = "manifest.json"  # written last, taken away first: a folder that has it is whole
_TEMPORARY = re.compile(r"\.(?P<kind>new|old)-(?P<name>\d{4}-\d{2}[\w-]*)")

__all__ = ["MANIFEST", "repair", "swap_in", "temporary"]

swap_in = partial(put_in, marker=MANIFEST)


def repair(parent: Path, name: str) -> None:
    """Finish or take back what killed runs have left of `name` and of all names that nobody holds.

    To be called with `locked(parent, name)`. Whether a run is alive is asked of its lock, never of a process number:
    the run may be in another container, or on another machine that shares the folder.
    """
    with output_errors(parent):
        left = {match["name"] for path in parent.iterdir() if (match := _TEMPORARY.fullmatch(path.name))}
        for other in sorted(left):
            if other == name:
                settle(parent, other, marker=MANIFEST)
                continue
            with suppress(Busy), locked(parent, other):
                settle(parent, other, marker=MANIFEST)
