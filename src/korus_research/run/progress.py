"""Progress of a report: a live display on a terminal, plain lines anywhere else."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table

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


@dataclass
class _Row:
    name: str
    cells: int
    number: int = 0
    started: float | None = None
    ended: float | None = None
    failed: bool = False
    kept: bool = False


@dataclass
class LiveProgress(Progress):
    """For terminals: a table of chapter, cell and elapsed time, refreshed while chapters run."""

    _rows: dict[str, _Row] = field(default_factory=dict)
    _step: str = "starting"
    _start: float = field(default_factory=time.monotonic)
    _live: Live | None = None

    def __post_init__(self) -> None:
        from rich.console import Console
        from rich.live import Live

        self._live = Live(
            console=Console(stderr=True), get_renderable=self._table, refresh_per_second=8, transient=False
        )
        self._live.start()

    def _table(self) -> Table:
        from rich.table import Table

        now = time.monotonic()
        table = Table(box=None, pad_edge=False, header_style="dim", show_header=bool(self._rows))
        table.add_column("")
        table.add_column("chapter")
        table.add_column("cell", justify="right")
        table.add_column("", width=20)
        table.add_column("elapsed", justify="right")
        for row in self._rows.values():
            share = 1.0 if row.ended and not row.failed else row.number / (row.cells or 1)
            mark = "[red]x[/]" if row.failed else "[green]✓[/]" if row.ended else "[cyan]>[/]" if row.started else " "
            seconds = f"{(row.ended or now) - row.started:.1f} s" if row.started else "unchanged" if row.kept else ""
            bar = "━" * round(share * 20)
            table.add_row(mark, row.name, f"{row.number}/{row.cells}", f"[cyan]{bar}[/]", seconds)
        table.add_row("", f"[bold]{self._step}[/]", "", "", f"{now - self._start:.1f} s")
        return table

    def begin(self, chapters: Sequence[tuple[str, int]]) -> None:
        """Take note of the chapters."""
        self._rows = {name: _Row(name, cells) for name, cells in chapters}
        self._step = "running the chapters"

    def cell(self, name: str, number: int) -> None:
        """Show the cell."""
        row = self._rows[name]
        row.started = row.started or time.monotonic()
        row.number = number

    def done(self, name: str) -> None:
        """Show the end of a chapter."""
        row = self._rows[name]
        row.number, row.ended = row.cells, time.monotonic()

    def unchanged(self, name: str) -> None:
        """Show that a chapter is taken as it was."""
        row = self._rows[name]
        row.number, row.ended, row.kept = row.cells, time.monotonic(), True

    def failed(self, failure: CellFailure) -> None:
        """Show the failure below the display."""
        if row := self._rows.get(failure.name):
            row.failed, row.ended = True, time.monotonic()
        self._step = "stopped"
        self.close()
        say(sys.stderr, "\n" + describe(failure) + "\n")

    def step(self, text: str) -> None:
        """Show the step."""
        self._step = text

    def close(self) -> None:
        """End the display."""
        if self._live is not None:
            self._live.stop()
            self._live = None


def say(stream: TextIO, text: str, *, end: str = "\n") -> None:
    """Write a line of progress; errors (a closed pipe, a full disk) are ignored, since the work goes on."""
    with suppress(OSError, ValueError):
        print(text, end=end, file=stream, flush=True)


def watch(stream: TextIO) -> Progress:
    """Return a live display if `stream` is a terminal, else plain lines on it."""
    return LiveProgress() if stream.isatty() else PlainProgress(stream)
