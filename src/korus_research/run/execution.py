"""Execution of one chapter with papermill, our engine and a kernel of its own; the result, or why it failed."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from korus_research.run.executed import dumps, normalise
from korus_research.run.kernels.imports import block_imports
from korus_research.run.kernels.kernel import LOG

if TYPE_CHECKING:
    from korus_research.run.kernels.provisioner import ChapterKernelManager

_START_SECONDS = 120
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass(frozen=True)
class Task:
    """A chapter to execute: its notebook, the parameter values, its kernel's manager and working directory."""

    name: str
    notebook: dict[str, Any]
    values: dict[str, Any]
    manager: ChapterKernelManager
    folder: Path


@dataclass(frozen=True)
class CellFailure:
    """Why a chapter failed; `cell` is the number of the cell in the chapter file from 1, 0 if no cell caused it."""

    name: str
    cell: int
    source: str
    error: str
    traceback: str
    notebook: str | None


def import_papermill() -> None:
    """Import papermill, once before several threads need it."""
    block_imports()
    import papermill  # noqa: F401

    # Parameters have been checked by a typed model; papermill's warnings would only repeat that.
    for name in ("papermill", "traitlets"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def execute(task: Task, started: Callable[[int], None]) -> str | CellFailure:
    """Execute one chapter; several may run in threads of one process.

    Parameters
    ----------
    task : Task
    started : callable
        Called with the number of each cell that starts, counted in the chapter file from 1.

    Returns
    -------
    The normalized notebook as text, or the failure.
    """
    try:
        return _execute(task, started)
    except Exception as error:  # the main thread waits for a result
        return CellFailure(task.name, 0, "", f"{type(error).__name__}: {error}", _log(task), None)


def _execute(task: Task, started: Callable[[int], None]) -> str | CellFailure:
    import nbformat
    import papermill
    from papermill.exceptions import PapermillExecutionError

    from korus_research.run.kernels.engine import ENGINE

    numbers = {cell.get("id"): number for number, cell in enumerate(task.notebook["cells"], start=1)}
    running: dict[str, Any] = {}
    current = 0

    def begins(cell: Mapping[str, Any], cell_index: int) -> None:
        nonlocal current
        current = numbers.get(cell.get("id"), current)
        started(current)

    try:
        executed = papermill.execute_notebook(
            nbformat.from_dict(task.notebook),  # type: ignore[no-untyped-call]
            None,
            parameters=task.values,
            engine_name=ENGINE,
            kernel_name="python3",
            language="python",
            progress_bar=False,
            start_timeout=_START_SECONDS,
            manager=task.manager,
            folder=task.folder,
            on_notebook_start=lambda notebook: running.update(notebook=notebook),
            on_cell_start=begins,
        )
    except PapermillExecutionError as error:
        partial = dumps(normalise(running["notebook"], task.notebook))
        trace = _COLOURS.sub("", "\n".join(error.traceback))
        return CellFailure(task.name, current, error.source, f"{error.ename}: {error.evalue}", trace, partial)
    except RuntimeError as error:  # the kernel died, or never answered
        so_far = dumps(normalise(running["notebook"], task.notebook)) if running else None
        source = task.notebook["cells"][current - 1]["source"] if current else ""
        text = source if isinstance(source, str) else "".join(source)
        return CellFailure(task.name, current, text, f"{type(error).__name__}: {error}", _log(task), so_far)
    return dumps(normalise(executed, task.notebook))


def _log(task: Task, lines: int = 40) -> str:
    path = Path(task.manager.connection_file).with_name(LOG)
    try:
        return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


def error_page(failure: CellFailure) -> str:
    """Return a self-contained HTML page with the failing cell, its source and the traceback."""
    page = Template(Path(__file__).with_name("failed.html").read_text(encoding="utf-8"))
    return page.substitute(
        name=escape(failure.name),
        where=f"cell {failure.cell}" if failure.cell else "its start",
        error=escape(failure.error),
        source=escape(failure.source or "(no cell was running)"),
        traceback=escape(failure.traceback or "(none)"),
    )
