"""Progress of a report: a live display on a terminal, plain lines anywhere else."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.progress import Task, TaskID
    from rich.text import Text

    from korus_research.run.execution import CellFailure


class Progress:
    """The interface to a run's display; this one shows nothing."""

    def begin(self, chapters: Sequence[tuple[str, int]]) -> None:
        """Begin with these chapters: (name, number of cells)."""

    def cell(self, name: str, number: int) -> None:
        """Show that a chapter starts its cell `number`."""

    def done(self, name: str) -> None:
        """Show that a chapter is complete."""

    def unchanged(self, name: str) -> None:
        """Show that a chapter is unchanged and does not run."""

    def failed(self, failure: CellFailure) -> None:
        """Show why a chapter failed: the cell, its source and the traceback."""

    def step(self, text: str) -> None:
        """Show a step that is not a chapter."""

    def close(self) -> None:
        """End the display."""


def describe(failure: CellFailure) -> str:
    """Return a failure as text: the place, the source with line numbers, the traceback."""
    where = f"{failure.name}, cell {failure.cell}" if failure.cell else f"{failure.name}, before its first cell"
    parts = [f"{where}: {failure.error}"]
    if failure.source:
        lines = failure.source.splitlines()
        parts.append("\n".join(f"{number:4d} | {line}" for number, line in enumerate(lines, start=1)))
    if failure.traceback:
        parts.append(failure.traceback)
    return "\n\n".join(parts)


class PlainProgress(Progress):
    """For logs: one line when a chapter starts and one when it ends."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._start = time.monotonic()
        self._cells: dict[str, int] = {}
        self._started: dict[str, float] = {}

    def _line(self, text: str) -> None:
        say(self._stream, f"[{time.monotonic() - self._start:5.1f} s] {text}")

    def begin(self, chapters: Sequence[tuple[str, int]]) -> None:
        """Take note of the chapters."""
        self._cells = dict(chapters)
        self._line(f"{len(chapters)} chapters: {', '.join(self._cells)}")

    def cell(self, name: str, number: int) -> None:
        """Show the cell."""
        if name not in self._started:
            self._started[name] = time.monotonic()
            self._line(f"{name}: started, {self._cells.get(name, 0)} cells")

    def done(self, name: str) -> None:
        """Show the end of a chapter."""
        seconds = time.monotonic() - self._started.get(name, self._start)
        self._line(f"{name}: done in {seconds:.1f} s")

    def unchanged(self, name: str) -> None:
        """Show that a chapter is taken as it was."""
        self._line(f"{name}: unchanged")

    def failed(self, failure: CellFailure) -> None:
        """Show the failure below the display."""
        self._line(f"{failure.name}: failed")
        say(self._stream, "\n" + describe(failure) + "\n")

    def step(self, text: str) -> None:
        """Show the step."""
        self._line(text)

    def close(self) -> None:
        """End the display."""
        say(self._stream, "", end="")


class LiveProgress(Progress):
    """For terminals: the present step with the chapters done, and cell, bar and elapsed time of each chapter."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress as Bars, TextColumn, TimeElapsedColumn

        class Elapsed(TimeElapsedColumn):
            def render(self, task: Task) -> Text:
                task.finished_time = None  # rich would stop the step's time at the last chapter: publishing follows
                return super().render(task)

        texts = TextColumn("{task.fields[mark]}"), TextColumn("{task.description}", markup=False)
        columns = MofNCompleteColumn(), BarColumn(bar_width=20), Elapsed()
        self._bars = Bars(*texts, *columns, console=Console(stderr=True))
        self._step = self._bars.add_task("starting", total=None, mark=" ")
        self._tasks: dict[str, TaskID] = {}
        self._bars.start()

    def begin(self, chapters: Sequence[tuple[str, int]]) -> None:
        """Add a line for each chapter."""
        self._tasks = {name: self._bars.add_task(name, start=False, total=n, mark=" ") for name, n in chapters}
        self._bars.update(self._step, total=len(chapters))
        self.step("running the chapters")

    def cell(self, name: str, number: int) -> None:
        """Show the cell."""
        self._bars.start_task(self._tasks[name])
        self._bars.update(self._tasks[name], completed=number, mark="[cyan]>[/]")

    def done(self, name: str) -> None:
        """Show the end of a chapter."""
        task = self._tasks[name]
        self._bars.update(task, completed=self._bars.tasks[task].total, mark="[green]✓[/]")
        self._bars.stop_task(task)
        self._bars.advance(self._step)

    def unchanged(self, name: str) -> None:
        """Show that a chapter is reused."""
        self._bars.update(self._tasks[name], description=f"{name} (unchanged)")
        self.done(name)

    def failed(self, failure: CellFailure) -> None:
        """Show the failure below the display."""
        if (task := self._tasks.get(failure.name)) is not None:
            self._bars.update(task, mark="[red]x[/]")
            self._bars.stop_task(task)
        self.step("stopped")
        self.close()
        say(sys.stderr, "\n" + describe(failure) + "\n")

    def step(self, text: str) -> None:
        """Show the step."""
        self._bars.update(self._step, description=text)

    def close(self) -> None:
        """End the display."""
        self._bars.stop()


def say(stream: TextIO, text: str, *, end: str = "\n") -> None:
    """Write a line of progress; errors (a closed pipe, a full disk) are ignored, since the work goes on."""
    with suppress(OSError, ValueError):
        print(text, end=end, file=stream, flush=True)


def watch(stream: TextIO) -> Progress:
    """Return a live display if `stream` is a terminal, else plain lines on it."""
    return LiveProgress() if stream.isatty() else PlainProgress(stream)
