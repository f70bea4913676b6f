"""Run small chapters as a report does, and remember what the run told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from runnable import VALUES, Notebooks

from korus_research.run.executed import Executed
from korus_research.run.execution import CellFailure
from korus_research.run.kernels.pool import KernelPool
from korus_research.run.progress import Progress
from korus_research.run.run import run_chapters


class Recorder(Progress):
    """Remembers what a run told it."""

    def __init__(self) -> None:
        self.begun: list[tuple[str, int]] = []
        self.cells: list[tuple[str, int]] = []
        self.over: list[str] = []
        self.failures: list[CellFailure] = []

    def begin(self, chapters: Any) -> None:
        self.begun = list(chapters)

    def cell(self, name: str, number: int) -> None:
        self.cells.append((name, number))

    def done(self, name: str) -> None:
        self.over.append(name)

    def failed(self, failure: CellFailure) -> None:
        self.failures.append(failure)


def run(
    notebooks: Notebooks, work: Path, *, jobs: int = 2, progress: Recorder | None = None, plain: bool = False
) -> list[Executed]:
    work.mkdir()
    with KernelPool(plain=plain) as kernels:
        return run_chapters(
            notebooks.load(), VALUES, folder=work, jobs=jobs, progress=progress or Recorder(), kernels=kernels
        )


def result(executed: Executed, key: str) -> str:
    """The plain text that a cell showed."""
    (found,) = (c for c in executed.notebook["cells"] if c["id"] == key)
    (output,) = found["outputs"]
    return str(output["data"]["text/plain"])
