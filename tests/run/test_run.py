"""Running chapters: what goes in, what comes out, and what happens when one of them fails."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest
from chapter_runs import Recorder, result, run
from runnable import Notebooks, prose

from korus_research.errors import ChapterFailed, InvalidChapter


@pytest.fixture
def notebooks(tmp_path: Path) -> Notebooks:
    return Notebooks(tmp_path / "notebooks")


def test_chapters_get_the_parameters_and_the_second_wave_the_findings_of_the_first(
    notebooks: Notebooks, tmp_path: Path
) -> None:
    read = "import json; [f['id'] for f in json.load(open(findings_file))]"
    notebooks.add("00_summary", read, "findings_file", wave=2)
    notebooks.add(
        "01_flows", prose("Exports", ("flows.exports", 42.3)), "(agreement, as_of, baseline_year, comparators)"
    )
    notebooks.add("02_comparators", prose("Shares", ("comparators.share", 3.1), ("flows.exports", 42.3)))
    notebooks.add("12_claims", read, wave=2, after=["02_comparators"])
    progress = Recorder()
    summary, flows, _, claims = run(notebooks, tmp_path / "work", progress=progress)

    assert result(flows, "flows-2") == "('korus', '2016-12', 2011, ['5880', '5830'])"
    assert result(summary, "summary-1") == "['comparators.share', 'flows.exports']"
    assert result(claims, "claims-1") == "['comparators.share', 'flows.exports']"
    assert result(summary, "summary-2") == "'findings.json'", "a name without a path of this machine"
    assert progress.begun == [("00_summary", 4), ("01_flows", 4), ("02_comparators", 3), ("12_claims", 3)]
    assert [number for name, number in progress.cells if name == "01_flows"][-1] == 4
    order = progress.over.index
    assert order("00_summary") > max(order("01_flows"), order("02_comparators"))
    assert order("12_claims") > order("02_comparators"), "and perhaps before the first chapter, for which it waits not"


def test_a_chapter_of_the_second_wave_sees_only_the_chapters_it_waits_for(notebooks: Notebooks, tmp_path: Path) -> None:
    read = "import json; [f['id'] for f in json.load(open(findings_file))]"
    notebooks.add("01_flows", prose("Exports", ("flows.exports", 42.3)), seconds=9)
    notebooks.add("02_comparators", prose("Shares", ("comparators.share", 3.1)))
    notebooks.add("12_claims", read, wave=2, after=["02_comparators"])
    notebooks.add("13_data", read, wave=2, after=[])
    *_, claims, data = run(notebooks, tmp_path / "work", jobs=1)
    assert result(claims, "claims-1") == "['comparators.share']", "though flows, the longest, was done before it"
    assert result(data, "data-1") == "[]"


def test_a_chapter_may_compute_in_a_pool_of_processes(notebooks: Notebooks, tmp_path: Path) -> None:
    pool = (
        "from concurrent.futures import ProcessPoolExecutor\nfrom multiprocessing import get_context\n"
        "with ProcessPoolExecutor(1, mp_context=get_context('spawn')) as pool:\n"
        "    found = list(pool.map(abs, [-1, 2]))\nfound"
    )
    notebooks.add("01_flows", pool)
    (flows,) = run(notebooks, tmp_path / "work")
    assert result(flows, "flows-1") == "[1, 2]"


def test_the_third_wave_sees_what_the_second_found(notebooks: Notebooks, tmp_path: Path) -> None:
    read = "import json; [f['id'] for f in json.load(open(findings_file))]"
    notebooks.add("00_summary", read, wave=3)
    notebooks.add("01_flows", prose("Exports", ("flows.exports", 42.3)))
    notebooks.add("10_scenarios", prose("Income", ("scenarios.income", 0.1)), wave=2)
    summary, *_ = run(notebooks, tmp_path / "work", jobs=2)
    assert result(summary, "summary-1") == "['flows.exports', 'scenarios.income']"


def test_chapters_run_at_the_same_time_and_each_in_a_folder_of_its_own(notebooks: Notebooks, tmp_path: Path) -> None:
    # Each waits for a file that the other writes: one after the other they could never end.
    meet = (
        "import pathlib, time\n"
        f"pathlib.Path({str(tmp_path)!r}, {{mine!r}}).touch()\n"
        "end = time.monotonic() + 30\n"
        f"while not pathlib.Path({str(tmp_path)!r}, {{other!r}}).exists():\n"
        "    assert time.monotonic() < end, 'the other chapter never started'\n"
        "    time.sleep(0.01)\n"
        "pathlib.Path.cwd().name"
    )
    notebooks.add("01_flows", meet.format(mine="one", other="two"))
    notebooks.add("02_comparators", meet.format(mine="two", other="one"))
    flows, comparators = run(notebooks, tmp_path / "work", jobs=2)
    assert result(flows, "flows-1") == "'01_flows'"
    assert result(comparators, "comparators-1") == "'02_comparators'"


def test_the_kernel_is_this_interpreter_whatever_kernelspec_is_called_python3(
    notebooks: Notebooks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shadow = tmp_path / "jupyter" / "kernels" / "python3"
    shadow.mkdir(parents=True)
    spec = {"argv": ["/bin/false"], "display_name": "Python 3", "language": "python"}
    (shadow / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    notebooks.add(
        "01_flows", "import sys; (sys.executable, sys.flags.hash_randomization)", "import os; os.environ['MPLBACKEND']"
    )
    (flows,) = run(notebooks, tmp_path / "work")
    assert result(flows, "flows-1") == str((sys.executable, 0))
    assert result(flows, "flows-2") == "'agg'"


def test_two_runs_give_the_same_notebook_without_a_clock_or_a_path(notebooks: Notebooks, tmp_path: Path) -> None:
    notebooks.add(
        "01_flows", prose("Exports", ("flows.exports", 42.3)), "hash('a word')", "import random; random.seed(1)"
    )
    notebooks.add("00_summary", "open(findings_file).read()", wave=2)
    first = [one.text for one in run(notebooks, tmp_path / "one")]
    second = [one.text for one in run(notebooks, tmp_path / "two", jobs=1)]
    assert first == second
    for text in first:
        assert str(tmp_path) not in text
        assert "papermill" not in text
        assert time.strftime("%Y-") not in text.replace("2016-12", "")
        assert "object at 0x" not in text, "the plain repr beside a richer output is gone"
    (injected,) = (c for c in json.loads(first[0])["cells"] if "injected-parameters" in c["metadata"].get("tags", ()))
    assert injected["id"] == "injected-parameters"
    assert [c.get("execution_count") for c in json.loads(first[0])["cells"]] == [None, 1, 2, 3, 4, 5]


def test_a_failing_cell_is_told_with_its_number_source_and_traceback(notebooks: Notebooks, tmp_path: Path) -> None:
    notebooks.add("01_flows", prose("Exports", ("flows.exports", 42.3)), "value = 6\nvalue / 0", "'never reached'")
    notebooks.add("02_comparators", "import time; time.sleep(60)")
    progress = Recorder()
    start = time.monotonic()
    with pytest.raises(ChapterFailed, match=r"01_flows\.ipynb failed in cell 4: ZeroDivisionError: division by zero"):
        run(notebooks, tmp_path / "work", progress=progress)
    assert time.monotonic() - start < 40, "the other chapter was stopped, not waited for"
    (failure,) = progress.failures
    assert (failure.name, failure.cell, failure.source) == ("01_flows", 4, "value = 6\nvalue / 0")
    assert "ZeroDivisionError" in failure.traceback
    assert "\x1b[" not in failure.traceback
    page = (tmp_path / "work" / "error.html").read_text()
    assert "cell 4" in page
    assert "value / 0" in page
    partial = json.loads((tmp_path / "work" / "failed.ipynb").read_text())
    shown = {c["id"]: [o["output_type"] for o in c["outputs"]] for c in partial["cells"] if c["cell_type"] == "code"}
    assert shown["flows-1"] == ["display_data"]
    assert shown["flows-2"] == ["error"]
    assert shown["flows-3"] == []


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import os; os._exit(3)", "failed in cell 3: DeadKernelError"),
        (
            "import os, signal, time; os.kill(os.getppid(), signal.SIGKILL); time.sleep(60)",
            "failed in cell 3: DeadKernelError",
        ),
    ],
    ids=["kernel dies", "what it was forked from is killed"],
)
@pytest.mark.own_server
def test_a_process_that_dies_is_a_failed_chapter(notebooks: Notebooks, tmp_path: Path, source: str, said: str) -> None:
    notebooks.add("01_flows", source)
    with pytest.raises(ChapterFailed, match=said):
        run(notebooks, tmp_path / "work")


@pytest.mark.own_server
def test_a_long_tmpdir_is_no_obstacle(notebooks: Notebooks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The address of a Unix socket has about 100 bytes.
    long = tmp_path / ("x" * 90)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    notebooks.add("01_flows", "6 * 7")
    (flows,) = run(notebooks, tmp_path / "work")
    assert result(flows, "flows-1") == "42"


def test_two_values_for_one_finding_stop_the_report(notebooks: Notebooks, tmp_path: Path) -> None:
    notebooks.add("00_summary", "1", wave=2)
    notebooks.add("01_flows", prose("Exports", ("flows.exports", 42.3)))
    notebooks.add("02_comparators", prose("Exports", ("flows.exports", 42.4)))
    with pytest.raises(InvalidChapter, match=r"'flows.exports' is 42\.3 .* in 01_flows and 42\.4 .* in 02_comparators"):
        run(notebooks, tmp_path / "work")


@pytest.mark.own_server
def test_no_process_is_left_after_a_run(notebooks: Notebooks, tmp_path: Path) -> None:
    notebooks.add("01_flows", "import os; os.getpid()", "import os; os.getppid()")
    (flows,) = run(notebooks, tmp_path / "work")
    for key in ("flows-1", "flows-2"):
        with pytest.raises(ProcessLookupError):
            os.kill(int(result(flows, key)), 0)
    assert not [thread for thread in threading.enumerate() if "korus" in thread.name]
