"""What a watcher sees: a few plain lines in a log, a table on a terminal; and the kernel where processes can't be forked."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from korus_research.run.execution import CellFailure, error_page
from korus_research.run.progress import LiveProgress, PlainProgress, watch

FAILURE = CellFailure(
    "01_flows", 4, "value = 6\nvalue / 0", "ZeroDivisionError: division <by> zero", "the traceback", None
)


def test_a_log_gets_two_lines_a_chapter_however_many_cells_it_has() -> None:
    stream = io.StringIO()
    progress = watch(stream)
    assert isinstance(progress, PlainProgress)
    progress.begin([("01_flows", 40)])
    for number in range(1, 41):
        progress.cell("01_flows", number)
    progress.done("01_flows")
    progress.step("publishing HTML")
    lines = [line.split("] ", 1)[1] for line in stream.getvalue().splitlines()]
    assert lines[:2] == ["1 chapters: 01_flows", "01_flows: started, 40 cells"]
    assert lines[2].startswith("01_flows: done in 0.")
    assert lines[3:] == ["publishing HTML"]


def test_a_log_shows_the_failing_cell_with_line_numbers() -> None:
    stream = io.StringIO()
    PlainProgress(stream).failed(FAILURE)
    assert "01_flows, cell 4: ZeroDivisionError: division <by> zero" in stream.getvalue()
    assert "   2 | value / 0" in stream.getvalue()
    assert "the traceback" in stream.getvalue()


def test_a_terminal_shows_chapter_cell_and_elapsed(capsys: pytest.CaptureFixture[str]) -> None:
    progress = LiveProgress()
    try:
        progress.begin([("00_summary", 8), ("01_flows", 21)])
        progress.cell("01_flows", 7)
        progress.done("00_summary")
        progress.step("nothing is kept in /tmp/[/a]")
        console = Console(file=io.StringIO(), width=100, record=True)
        console.print(progress._bars)
        step, done, running = console.export_text().splitlines()
        assert "nothing is kept in /tmp/[/a]" in step, "no markup is read in what is said"
        assert "1/2" in step
        assert "✓ 00_summary" in done
        assert "8/8" in done
        assert "> 01_flows" in running
        assert "7/21" in running
        assert done.count("━") == 20
        assert running.count("━") == 6, "a third of it, less the half sign at its end"
        progress.failed(FAILURE)
    finally:
        progress.close()
    assert "   2 | value / 0" in capsys.readouterr().err


def test_the_time_of_the_step_goes_on_after_the_last_chapter() -> None:
    progress = LiveProgress()
    try:
        progress.begin([("00_summary", 8), ("01_flows", 21)])
        for name in ("00_summary", "01_flows"):
            progress.cell(name, 1)
            progress.done(name)
        progress.step("publishing HTML")
        for task in progress._bars.tasks:  # an hour passes
            assert task.start_time is not None
            task.start_time -= 3600
            task.stop_time = task.stop_time and task.stop_time - 3600
        console = Console(file=io.StringIO(), width=100, record=True)
        console.print(progress._bars)
        step, *chapters = console.export_text().splitlines()
    finally:
        progress.close()
    assert "2/2" in step
    assert "1:00:0" in step
    assert len(chapters) == 2
    assert all("0:00:0" in line and "1:00:0" not in line for line in chapters)


def test_the_error_page_shows_source_and_traceback_as_text() -> None:
    page = error_page(FAILURE)
    assert "division &lt;by&gt; zero" in page
    assert "value / 0" in page
    assert "<by>" not in page
