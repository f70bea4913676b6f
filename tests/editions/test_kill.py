"""Killed at any moment, a report or a sweep leaves the whole old edition or the whole new one, a sound cache, no kernel.

A hundred times here; `--kills 500` for more.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from runnable import Notebooks, prose

from korus_research.editions.edition import open_edition

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="asks /proc what is left")]

SEED = 20120315
PARAMETERS = 'agreement = "korus"\nas_of = None'
REPORT = """
import sys
from pathlib import Path
import korus_research.run.kernels.forked as forked
from korus_research.data.parameters import ReportParameters
from korus_research.editions.build import build_report
if __name__ == "__main__":
    forked.PRELOAD = "ipykernel.kernelapp"  # nothing heavy, so that a run is short
    notebooks, out, *force = sys.argv[1:]
    parameters = ReportParameters.parse({"as_of": "2016-12"})
    build_report(parameters, out=Path(out), notebooks=Path(notebooks), formats=("html",), force=bool(force))
"""
SWEEP = """
import dataclasses, sys
from pathlib import Path
from korus_research.editions.sweep import orders, sweep
from korus_research.editions.workers import open_workers
if __name__ == "__main__":
    notebooks, out, *force = sys.argv[1:]
    made = orders(["korus", "chile"], ["2016-12"], out=Path(out), formats=("html",), force=bool(force))
    with open_workers(2) as executor:
        found = sweep([dataclasses.replace(o, notebooks=Path(notebooks)) for o in made], executor)
    sys.exit(any(one.problem for one in found))
"""


@pytest.fixture
def notebooks(tmp_path: Path) -> Notebooks:
    made = Notebooks(tmp_path / "notebooks")
    made.add("01_flows", prose("Exports.", ("flows.exports", 1.0)), parameters=PARAMETERS)
    made.add("02_comparators", prose("Shares.", ("comparators.share", 1.0)), parameters=PARAMETERS)
    return made


def ours(cache: str) -> list[psutil.Process]:
    """Every process that was started for this test, by the cache in its environment."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get("KORUS_CACHE") == cache:
                found.append(process)
        except psutil.Error:
            continue
    return found


@pytest.mark.parametrize(("script", "share"), [(REPORT, 0.7), (SWEEP, 0.3)], ids=["report", "sweep"])
def test_killed_at_random_moments(
    script: str, share: float, notebooks: Notebooks, tmp_path: Path, request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    cache, out = str(tmp_path / "cache"), tmp_path / "out"
    monkeypatch.setenv("KORUS_CACHE", cache)
    program = tmp_path / "program.py"
    program.write_text(script)
    text = (notebooks.folder / "01_flows.ipynb").read_text()

    def version(number: int) -> None:
        # Two versions only, so that runs are answered from the cache too, as far as an earlier one got.
        changed = text.replace("Exports.", f"Exports, version {number}.")
        (notebooks.folder / "01_flows.ipynb").write_text(changed)

    def start(*more: str, folder: Path = out) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, str(program), str(notebooks.folder), str(folder), *more])

    def whole(number: int) -> dict[Path, str]:
        """The manifests of a version, made from nothing in a folder of its own."""
        version(number)
        assert start("force", folder=tmp_path / f"whole-{number}").wait() == 0
        return manifests(tmp_path / f"whole-{number}")

    known = {number: whole(number) for number in (1, 2)}
    assert known[1].keys() == known[2].keys()
    assert all(known[1][name] != known[2][name] for name in known[1])
    version(1)
    begin = time.monotonic()
    assert start("force").wait() == 0
    longest = time.monotonic() - begin
    chance = random.Random(SEED)
    hit = 0
    for attempt in range(round(request.config.getoption("--kills") * share)):
        version(1 + attempt % 2)
        process = start(*(["force"] if chance.random() < 0.5 else []))
        try:
            process.wait(chance.uniform(0, longest))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            hit += 1
        process.wait()
        wait(lambda: not ours(cache))
        there = manifests(out)
        assert there.keys() == known[1].keys(), "the edition is there, whole, and unchanged since it was made"
        for name, manifest in there.items():
            assert manifest in (known[1][name], known[2][name]), "and it is the old one or the new one"
    assert hit > 0
    for number in (1, 2):
        version(number)
        assert start().wait() == 0, "what the cache holds is what a run from nothing gives"
        assert manifests(out) == known[number]
    assert sorted(p.name for p in out.rglob("*") if p.name.startswith(".")) == [], "what killed runs left is cleaned up"


def manifests(out: Path) -> dict[Path, str]:
    """The manifest of every edition below `out` whose files are those of its manifest."""
    found = {}
    for path in sorted(out.glob("*/2016-12/manifest.json")):
        edition = open_edition(path.parent)
        assert edition is not None
        assert edition.problems() == []
        found[path.relative_to(out)] = path.read_text(encoding="utf-8")
    return found


def wait(condition: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "a process is left"
        time.sleep(0.02)
