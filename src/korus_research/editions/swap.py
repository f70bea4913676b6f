"""Replacing an edition as a whole, and repairing what killed runs left (`data/package/exchange.py`)."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import partial
from pathlib import Path

from korus_research.data.files import locked, output_errors
from korus_research.data.package.exchange import settle, swap_in as put_in, temporary
from korus_research.errors import Busy

MANIFEST = "manifest.json"  # written last, removed first: a folder that has it is complete
_TEMPORARY = re.compile(r"\.(?P<kind>new|old)-(?P<name>\d{4}-\d{2}[\w-]*)")

__all__ = ["MANIFEST", "repair", "swap_in", "temporary"]

swap_in = partial(put_in, marker=MANIFEST)


def repair(parent: Path, name: str) -> None:
    """Complete or undo what killed runs left of `name`, and of all other names that are not locked.

    Call it within `locked(parent, name)`. A run is alive if its lock is held; process numbers say nothing, since a run
    may be in another container, or on another machine that shares the folder.
    """
    with output_errors(parent):
        left = {match["name"] for path in parent.iterdir() if (match := _TEMPORARY.fullmatch(path.name))}
        for other in sorted(left):
            if other == name:
                settle(parent, other, marker=MANIFEST)
                continue
            with suppress(Busy), locked(parent, other):
                settle(parent, other, marker=MANIFEST)
