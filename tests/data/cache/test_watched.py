"""Who waits is told what is computed after two seconds; nothing of that stays, and nobody else is told."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from korus_research.data.cache import watched
from korus_research.publish.report import read_chapter


class Terminal(io.StringIO):
    """Something that somebody looks at."""

    def isatty(self) -> bool:
        return True


@contextmanager
def soon() -> Iterator[None]:
    """Tell after a twentieth of a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(watched, "AFTER", 0.05)
        patch.setattr(watched, "EVERY", 0.02)
        yield


def test_a_terminal_is_told_and_left_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with soon(), watched.watched("gravity"):
        time.sleep(0.2)
        with watched.watched("flows"):  # within: the outer one goes on
            watched.told(1_200, 4_608)
            time.sleep(0.2)
    said = terminal.getvalue()
    assert "Computing: gravity, 0 s" in said
    assert "gravity, 1,200 of 4,608, " in said
    assert "flows" not in said
    assert said.endswith("\r\x1b[K"), "the line is gone"


def test_what_is_quick_and_what_nobody_sees_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with watched.watched("gravity"):
        pass
    monkeypatch.setenv(watched.UNWATCHED, "1")
    with soon(), watched.watched("gravity"):
        time.sleep(0.1)
    monkeypatch.delenv(watched.UNWATCHED)
    monkeypatch.setattr(sys, "stderr", piped := io.StringIO())
    with soon(), watched.watched("gravity"):
        time.sleep(0.1)
    assert terminal.getvalue() == piped.getvalue() == ""


def test_an_error_passes_and_the_line_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())

    def fail() -> None:
        with soon(), watched.watched("gravity"):
            time.sleep(0.1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert terminal.getvalue().endswith("\r\x1b[K")


@pytest.mark.slow
def test_a_notebook_is_told_and_publishes_nothing_of_it() -> None:
    from nbclient import NotebookClient
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

    source = """
import time
from korus_research.data.cache import watched
watched.AFTER = watched.EVERY = 0.05
with watched.watched("gravity"):
    time.sleep(0.5)
"""
    heard: list[Any] = []
    notebook = new_notebook(cells=[new_markdown_cell("# Mine\n\n*What?*"), new_code_cell(source)])
    client = NotebookClient(notebook, kernel_name="python3")
    update = client.handle_comm_msg, client.process_message

    def listening(message: Any, *more: Any) -> Any:
        heard.append(message["content"].get("data", {}).get("text/plain", ""))
        return update[1](message, *more)

    client.process_message = listening  # type: ignore[method-assign]
    client.execute()
    assert any(str(line).startswith("Computing: gravity, ") for line in heard)
    assert [dict(output["data"]) for output in notebook.cells[1].outputs] == [{}]
    notebook.metadata["korus"] = {"chapter": "mine", "number": "01", "tables": []}
    assert read_chapter(notebook, 1)[1] == []
