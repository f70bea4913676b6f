"""A message about a slow computation, in a notebook or on a terminal, after two seconds and until its end.

Not with tqdm: its bar leaves a widget in the saved notebook, which shows nothing when opened again and which no
exporter accepts.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

UNWATCHED = "KORUS_UNWATCHED"  # set where nobody is watching: in a report's kernels
AFTER, EVERY = 2.0, 0.5  # seconds

_FAR: ContextVar[list[str] | None] = ContextVar("far", default=None)


def told(done: int, total: int) -> None:
    """Update the message of the current computation with its progress, if there is one."""
    if (far := _FAR.get()) is not None:
        far[:] = [f"{done:,} of {total:,}"]


@contextmanager
def watched(what: str) -> Iterator[None]:
    """Show what is being computed and for how long; not within another one, nor where nobody is watching."""
    if _FAR.get() is not None or UNWATCHED in os.environ or (place := _place()) is None:
        yield
        return
    far: list[str] = []
    over, began, token = threading.Event(), time.monotonic(), _FAR.set(far)

    def tell() -> None:
        if over.wait(AFTER):
            return
        show = place()
        while not over.is_set():
            show(", ".join([f"Computing: {what}", *far, f"{time.monotonic() - began:.0f} s"]))
            over.wait(EVERY)
        show("")

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        _FAR.reset(token)
        over.set()
        teller.join()


def _place() -> Callable[[], Callable[[str], None]] | None:
    """Return what opens the message line of a cell or of a terminal, or None if nobody is watching."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if hasattr(shell, "kernel"):
        return _cell
    return _terminal if sys.stderr is not None and sys.stderr.isatty() else None


def _cell() -> Callable[[str], None]:
    from IPython.display import display

    handle: Any = display({"text/plain": ""}, raw=True, display_id=True)  # type: ignore[no-untyped-call]
    # At the end an output without content remains, which is not published.
    return lambda line: handle.update({"text/plain": line} if line else {}, raw=True)


def _terminal() -> Callable[[str], None]:
    def show(line: str) -> None:
        sys.stderr.write(f"\r{line}\x1b[K")
        sys.stderr.flush()

    return show
