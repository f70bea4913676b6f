"""One chapter in a process of its own: start its kernel, let papermill execute it, send back what came out."""

from __future__ import annotations

import logging
import os
import re
import shutil
import signal
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import connection, parent_process
from pathlib import Path
from typing import Any

from korus_research.report.executed import dumps, normalise
from korus_research.report.kernel import Kernel, start_kernel

_START_SECONDS = 120
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass(frozen=True)
class Task:
    """A chapter to execute: its notebook, the values to inject, and two folders of its own."""

    name: str
    notebook: dict[str, Any]
    values: dict[str, Any]
    folder: Path
    sockets: Path


@dataclass(frozen=True)
class CellFailure:
    """Why a chapter stopped. `cell` counts the cells of the chapter file from 1; 0 when no cell is to blame."""

    name: str
    cell: int
    source: str
    error: str
    traceback: str
    notebook: str | None


@dataclass(frozen=True)
class CellStarted:
    """Cell number `cell` of the chapter file begins."""

    cell: int


@dataclass(frozen=True)
class ChapterDone:
    """The executed notebook, normalised, as text."""

    notebook: str


def work(task: Task, pipe: connection.Connection) -> None:
    """Execute one chapter and send CellStarted messages, then one ChapterDone or CellFailure, through `pipe`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process of the terminal; the first one decides
    signal.signal(signal.SIGTERM, lambda signum, _: os._exit(128 + signum))
    kernel = start_kernel(task.folder, task.sockets, fork=sys.platform == "linux")

    def stop(signum: int, _: object) -> None:
        kernel.kill()
        os._exit(128 + signum)

    signal.signal(signal.SIGTERM, stop)
    threading.Thread(target=_end_with_parent, args=(kernel, task.sockets), daemon=True).start()
    try:
        message = _execute(task, kernel, pipe)
    except Exception as error:  # whatever it is, the reader of the pipe must hear of it
        message = CellFailure(task.name, 0, "", f"{type(error).__name__}: {error}", "", None)
    finally:
        kernel.kill()
    pipe.send(message)
    pipe.close()


def _end_with_parent(kernel: Kernel, sockets: Path) -> None:
    # Also when the parent was killed and could tell nobody: no kernel computes on for a report nobody waits for.
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        kernel.kill()
        shutil.rmtree(sockets, ignore_errors=True)
        with suppress(OSError):  # the last one takes the folder of all chapters with it
            sockets.parent.rmdir()
        os._exit(1)


def _execute(task: Task, kernel: Kernel, pipe: connection.Connection) -> ChapterDone | CellFailure:
    import nbformat
    import papermill
    from papermill.exceptions import PapermillExecutionError

    # Parameters are checked before this by a typed model; papermill's warning would only repeat it on the terminal.
    logging.getLogger("papermill").setLevel(logging.CRITICAL)
    logging.getLogger("traitlets").setLevel(logging.CRITICAL)
    numbers = {cell.get("id"): number for number, cell in enumerate(task.notebook["cells"], start=1)}
    running: dict[str, Any] = {}
    current = 0

    def started(cell: Mapping[str, Any], cell_index: int) -> None:
        nonlocal current
        current = numbers.get(cell.get("id"), current)
        pipe.send(CellStarted(current))

    try:
        executed = papermill.execute_notebook(
            nbformat.from_dict(task.notebook),  # type: ignore[no-untyped-call]
            None,
            parameters=task.values,
            kernel_name="python3",
            language="python",
            progress_bar=False,
            start_timeout=_START_SECONDS,
            km=kernel.manager(),
            on_notebook_start=lambda notebook: running.update(notebook=notebook),
            on_cell_start=started,
        )
    except PapermillExecutionError as error:
        partial = dumps(normalise(running["notebook"], task.notebook))
        trace = _COLOURS.sub("", "\n".join(error.traceback))
        return CellFailure(task.name, current, error.source, f"{error.ename}: {error.evalue}", trace, partial)
    except RuntimeError as error:  # the kernel died, or never answered
        so_far = dumps(normalise(running["notebook"], task.notebook)) if running else None
        source = task.notebook["cells"][current - 1]["source"] if current else ""
        text = source if isinstance(source, str) else "".join(source)
        log = _tail(task.folder / "kernel.log")
        return CellFailure(task.name, current, text, f"{type(error).__name__}: {error}", log, so_far)
    return ChapterDone(dumps(normalise(executed, task.notebook)))


def _tail(path: Path, lines: int = 40) -> str:
    try:
        return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
