"""Ctrl-C, SIGTERM and SIGKILL in the middle of a run: no process lives on, nothing half-written is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from runnable import Notebooks, prose

from korus_research.editions.edition import drafting, open_edition

pytestmark = pytest.mark.slow  # makes reports, small ones (decision 37)

ABOUT = {"agreement": "korus", "as_of": "2016-12", "edition": "Data", "name": "KORUS", "parameters": {}}
# The command itself, with other chapters.
KORUS = """
import sys
from pathlib import Path
import korus_research.editions.build as build
from korus_research.cli import main
from korus_research.run.kernels import forked
forked.PRELOAD = "ipykernel.kernelapp"  # the chapters import nothing
if __name__ == "__main__":
    folder = Path(sys.argv.pop(1))
    build.notebooks_folder = lambda: folder
    main()
"""


@pytest.fixture
def notebooks(tmp_path: Path) -> Notebooks:
    made = Notebooks(tmp_path / "notebooks")
    made.add("01_flows", prose("Exports rose.", ("flows.exports", 42.3)))
    made.add("02_comparators", _endless(tmp_path, "comparators"), seconds=9)
    made.add("11_context", _endless(tmp_path, "context"), seconds=9)
    return made


def _endless(folder: Path, name: str) -> str:
    # A cell without end, deaf to interrupts, with a program of its own that would outlive it.
    return (
        "import pathlib, signal, subprocess, time\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "program = subprocess.Popen(['sleep', '300'])\n"
        f"pathlib.Path({str(folder)!r}, 'running-{name}').touch()\n"
        "while True:\n    time.sleep(1)"
    )


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "reports"
    with drafting(folder / "korus" / "2016-12") as draft:
        draft.write("findings.json", "[]")
        draft.publish(ABOUT, ())
    return folder


@pytest.fixture
def running(notebooks: Notebooks, out: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A report whose two chapters are in the middle of a long cell."""
    script = tmp_path / "korus_script.py"
    script.write_text(KORUS)
    options = ["report", "--as-of", "2016-12", "--out", str(out), "--jobs", "2", "--format", "html"]
    command = [sys.executable, str(script), str(notebooks.folder), *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            wait(lambda: len(list(tmp_path.glob("running-*"))) == 2 or process.poll() is not None, 180)
            assert process.poll() is None, process.stderr.read() if process.stderr else ""
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def wait(condition: object, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


def family(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """The process and everything that it started, directly or not."""
    return [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]


def living(processes: list[psutil.Process]) -> list[str]:
    found = []
    for process in processes:
        with suppress(psutil.NoSuchProcess):  # also one that ends between two questions
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(" ".join(process.cmdline()))
    return found


def as_it_was(out: Path) -> None:
    edition = open_edition(out / "korus" / "2016-12")
    assert edition is not None
    assert edition.problems() == []
    assert edition.html is None
    assert [path.name for path in (out / "korus").iterdir()] == ["2016-12"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_an_interrupted_run_ends_with_130_and_leaves_nothing(
    running: subprocess.Popen[str], out: Path, number: signal.Signals
) -> None:
    everyone = family(running)
    assert sum(" ".join(p.cmdline()) == "sleep 300" for p in everyone) == 2, "the kernels run, and what they started"
    sockets = {Path(c.laddr).parent for p in everyone for c in p.net_connections("unix") if "/k-" in str(c.laddr)}
    assert len(sockets) == 2, "one folder for each kernel"
    if number == signal.SIGINT:
        os.killpg(running.pid, number)  # the terminal sends it to every process of the foreground group
    else:
        running.send_signal(number)
    assert running.wait(60) == 130
    wait(lambda: not living(everyone), 30)
    assert running.stderr is not None
    said = running.stderr.read()
    assert "Interrupted. Nothing has been published" in said
    assert "Traceback" not in said
    as_it_was(out)
    assert not [folder for folder in sockets if folder.exists() or folder.parent.exists()]


def test_a_second_run_is_refused_and_when_the_first_is_killed_the_next_cleans_up(
    running: subprocess.Popen[str], notebooks: Notebooks, out: Path, tmp_path: Path
) -> None:
    command = [sys.executable, str(tmp_path / "korus_script.py"), str(notebooks.folder), "report", "--as-of", "2016-12"]
    second = subprocess.run([*command, "--out", str(out)], capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert second.stderr.startswith(f"Busy: Another run (process {running.pid}) is writing ")
    assert running.poll() is None, "the first one goes on"

    everyone = family(running)
    running.kill()
    wait(lambda: not living(everyone), 30)
    assert [path.name for path in (out / "korus").iterdir() if path.name.startswith(".new-")]
    with drafting(out / "korus" / "2016-12"):
        pass
    as_it_was(out)
