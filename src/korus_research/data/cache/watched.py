"""What is being computed, told to who waits in a notebook or at a terminal, after two seconds, and gone at the end.

Not by tqdm: its bar leaves a widget in the notebook that is saved, which shows nothing when it is opened again and
which no exporter takes.
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

UNWATCHED = "KORUS_UNWATCHED"  # set where nobody looks: in a report's kernels
AFTER, EVERY = 2.0, 0.5  # seconds

_FAR: ContextVar[list[str] | None] = ContextVar("far", default=None)


def told(done: int, total: int) -> None:
    """Tell how far what is being computed has come, if anybody is told of it."""
    if (far := _FAR.get()) is not None:
        far[:] = [f"{done:,} of {total:,}"]


@contextmanager
def watched(what: str) -> Iterator[None]:
    """Tell who waits what is being computed and for how long; nothing within another one, and where nobody looks."""
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
    """Return what opens a line of a notebook's cell or of a terminal, or None where nobody looks."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if hasattr(shell, "kernel"):
        return _cell
    return _terminal if sys.stderr is not None and sys.stderr.isatty() else None


def _cell() -> Callable[[str], None]:
    from IPython.display import display

    handle: Any = display({"text/plain": ""}, raw=True, display_id=True)  # type: ignore[no-untyped-call]
    # What is left of it at the end is an output without content, which is published as nothing.
    return lambda line: handle.update({"text/plain": line} if line else {}, raw=True)


def _terminal() -> Callable[[str], None]:
    def show(line: str) -> None:
        sys.stderr.write(f"\r{line}\x1b[K")
        sys.stderr.flush()

    return show
