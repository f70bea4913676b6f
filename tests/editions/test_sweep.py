"""Many editions at once: one that fails stops no other, a worker that dies costs its task, a cluster does the same."""

from __future__ import annotations

import dataclasses
import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from pathlib import Path

import pytest
from lxml import html
from runnable import Notebooks, prose

from korus_research.editions import workers
from korus_research.editions.edition import open_edition
from korus_research.editions.sweep import Order, Outcome, make, orders, sweep
from korus_research.editions.workers import SeparateWorkers, open_workers
from korus_research.errors import InvalidParameter, NoWorkers, UnknownAgreement

pytestmark = pytest.mark.slow  # a dozen editions, a cluster

PARAMETERS = 'agreement = "korus"\nas_of = None'


@pytest.fixture
def notebooks(tmp_path: Path) -> Notebooks:
    made = Notebooks(tmp_path / "notebooks")
    effect = "counterfactual.exports.leading"
    made.add(
        "01_flows", prose("Exports rose.", (effect, 42.3), ("flows.balance.baseline", -1.5)), parameters=PARAMETERS
    )
    return made


def ordered(notebooks: Notebooks, out: Path, *agreements: str) -> list[Order]:
    made = orders(agreements, ["2016-12"], out=out, formats=("html",))
    return [dataclasses.replace(order, notebooks=notebooks.folder) for order in made]


def names(outcomes: list[Outcome]) -> list[tuple[str, str | None]]:
    return [(outcome.name, outcome.edition) for outcome in outcomes]


def test_all_agreements_and_months_or_those_that_are_named(tmp_path: Path) -> None:
    from korus_research.data.agreements import list_agreements

    everything = orders([], [], out=tmp_path, formats=("pdf",))
    assert [order.name for order in everything] == list(list_agreements())
    assert orders(["all"], [None], out=tmp_path, formats=("pdf",)) == everything
    two = orders(["chile", "korus", "chile"], ["2016-12", "2017-11"], out=tmp_path, formats=("html",))
    assert [o.name for o in two] == ["chile 2016-12", "chile 2017-11", "korus 2016-12", "korus 2017-11"]
    with pytest.raises(UnknownAgreement, match=r"'chille'.*did you mean 'chile'"):
        orders(["korus", "chille"], [], out=tmp_path, formats=("html",))
    then = orders(["korus"], ["2025-11"], out=tmp_path, formats=("html",), values="published")
    assert [(o.name, o.parameters.values) for o in then] == [("korus 2025-11-published", "published")]
    with pytest.raises(InvalidParameter, match="did you mean 'published'"):
        orders(["korus"], [], out=tmp_path, formats=("html",), values="publised")
    with pytest.raises(InvalidParameter, match="as_of is '2016'"):
        orders(["korus"], ["2016"], out=tmp_path, formats=("html",))


def test_editions_are_made_compared_and_not_made_again(notebooks: Notebooks, tmp_path: Path) -> None:
    out, told = tmp_path / "out", list[Outcome]()
    wanted = ordered(notebooks, out, "korus", "chile")
    with open_workers(2) as executor:
        outcomes = sweep(wanted, executor, done=told.append)
    assert names(outcomes) == [("korus 2016-12", "korus/2016-12"), ("chile 2016-12", "chile/2016-12")]
    assert sorted(told, key=lambda o: o.name) == sorted(outcomes, key=lambda o: o.name)
    page = html.fromstring((out / "index.html").read_text())
    (table,) = page.xpath("//section[@aria-labelledby='compared']//table")
    rows = [[cell.text_content() for cell in row] for row in table.xpath(".//tbody/tr")]
    chile, korus = (f"United States-{name} Free Trade Agreement" for name in ("Chile", "Korea"))
    assert [(row[0], row[2], row[3]) for row in rows] == [
        (chile, "+42.3 (no range)", "not estimated"),
        (korus, "+42.3 (no range)", "not estimated"),
    ]
    for link in table.xpath(".//a/@href"):
        assert (out / link).is_file()
    stamps = {path: path.stat().st_mtime_ns for path in out.rglob("manifest.json")}
    with open_workers(2) as executor:
        assert names(sweep(wanted, executor)) == names(outcomes)
    assert {path: path.stat().st_mtime_ns for path in out.rglob("manifest.json")} == stamps


def test_one_that_fails_is_told_and_stops_no_other(notebooks: Notebooks, tmp_path: Path) -> None:
    notebooks.add("11_other", "assert agreement != 'chile', 'not this one'", parameters=PARAMETERS)
    with open_workers(2) as executor:
        outcomes = sweep(ordered(notebooks, tmp_path / "out", "chile", "korus"), executor)
    assert names(outcomes) == [("chile 2016-12", None), ("korus 2016-12", "korus/2016-12")]
    assert outcomes[0].problem is not None
    assert outcomes[0].problem.startswith("ChapterFailed: 11_other.ipynb failed in cell 3: AssertionError: not this")
    assert not (tmp_path / "out" / "chile" / "2016-12").exists()


def die_once(folder: str, name: str) -> str:
    """Ends its process as a kill would, the first time it is called with this name."""
    mark = Path(folder, name)
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return name


def die(name: str) -> str:
    if name == "bad":
        os.kill(os.getpid(), signal.SIGKILL)
    return name


def test_a_worker_that_is_killed_costs_its_task_alone_and_that_is_tried_again(tmp_path: Path) -> None:
    with open_workers(2) as executor:
        futures = [executor.submit(die_once, str(tmp_path), f"task-{n}") for n in range(4)]
        assert [future.result(timeout=120) for future in futures] == [f"task-{n}" for n in range(4)]


def test_a_task_that_kills_its_worker_each_time_fails_and_the_others_do_not() -> None:
    with SeparateWorkers(2) as executor:
        futures = {name: executor.submit(die, name) for name in ("one", "bad", "two", "three")}
        assert {futures[name].result(timeout=120) for name in ("one", "two", "three")} == {"one", "two", "three"}
        with pytest.raises(BrokenProcessPool):
            futures["bad"].result(timeout=120)


def test_the_command_tells_each_edition_and_ends_with_the_index(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "korus_research", "sweep", "nowhere", "--out", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("UnknownAgreement: 'nowhere'")
    assert len(done.stderr.splitlines()) == 1


# -- on a cluster


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and two workers, processes of their own on loopback."""
    pytest.importorskip("distributed")
    quiet = {**os.environ, "DASK_DISTRIBUTED__DIAGNOSTICS__NVML": "False", "DASK_TEMPORARY_DIRECTORY": str(tmp_path)}
    file = tmp_path / "scheduler.json"
    options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)]
    scheduler = subprocess.Popen([sys.executable, "-m", "distributed.cli.dask_scheduler", *options], env=quiet)
    workers = []
    try:
        end = time.monotonic() + 60
        while not file.exists():
            assert time.monotonic() < end, "the scheduler never started"
            time.sleep(0.05)
        for number in range(2):
            mine = ["--host", "127.0.0.1", "--nthreads", "1", "--no-dashboard", "--no-nanny", "--name", f"w{number}"]
            start = [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", str(file), *mine]
            # Where the workers find this folder's modules, as the tasks name functions of this file.
            there = {**quiet, "PYTHONPATH": str(Path(__file__).parent)}
            workers.append(subprocess.Popen(start, env=there, start_new_session=True))
        import json

        yield json.loads(file.read_text())["address"], workers
    finally:
        for process in [*workers, scheduler]:
            process.kill()
            process.wait()


def test_a_sweep_on_a_cluster_with_a_worker_killed_in_the_middle(
    cluster: tuple[str, list[subprocess.Popen[bytes]]], notebooks: Notebooks, tmp_path: Path
) -> None:
    address, workers = cluster
    out, mark = tmp_path / "out", tmp_path / "began"
    # The first chapter that starts waits to be killed; it is made again by the other worker.
    wait = f"import pathlib, time\np = pathlib.Path({str(mark)!r})\nif not p.exists():\n    p.write_text(str(__import__('os').getppid()))\n    time.sleep(600)"
    notebooks.add("11_other", wait, parameters=PARAMETERS)
    import threading

    import psutil

    def kill() -> None:
        while not (mark.exists() and mark.read_text()):
            time.sleep(0.05)
        server = psutil.Process(int(mark.read_text()))
        for worker in workers:
            if worker.pid in {parent.pid for parent in server.parents()}:
                worker.kill()

    threading.Thread(target=kill, daemon=True).start()
    with open_workers(1, address) as executor:
        outcomes = sweep(ordered(notebooks, out, "korus", "chile", "colombia"), executor)
    assert [outcome.problem for outcome in outcomes] == [None, None, None]
    for name in ("korus", "chile", "colombia"):
        edition = open_edition(out / name / "2016-12")
        assert edition is not None
        assert edition.problems() == []
    assert sum(worker.poll() is None for worker in workers) == 1, "one was killed"


class Dying(Executor):
    """A cluster whose scheduler ends when tasks are done and nobody has heard of it yet."""

    def __init__(self, does: int) -> None:
        self._does = does

    def submit(self, fn, /, *args, **kwargs):  # type: ignore[no-untyped-def]
        future: Future[Outcome] = Future()
        if self._does > 0:
            fn(*args, **kwargs)
        self._does -= 1
        future.cancel()
        future.set_running_or_notify_cancel()
        return future


def test_editions_that_were_made_are_no_failures_when_a_scheduler_ends(notebooks: Notebooks, tmp_path: Path) -> None:
    outcomes = sweep(ordered(notebooks, tmp_path / "out", "korus", "chile"), Dying(1))
    assert names(outcomes) == [("korus 2016-12", "korus/2016-12"), ("chile 2016-12", None)]
    assert outcomes[1].problem == "its scheduler ended before it could say what came of it"


def test_a_worker_with_other_code_makes_nothing(notebooks: Notebooks, tmp_path: Path) -> None:
    (order,) = ordered(notebooks, tmp_path / "out", "korus")
    outcome = make(dataclasses.replace(order, code="0" * 64))
    assert outcome.problem == "its worker has other code of korus_research: install the same there"
    assert not (tmp_path / "out").exists()


def test_what_fails_beside_a_cluster_is_told_as_itself(
    cluster: tuple[str, list[subprocess.Popen[bytes]]],
) -> None:
    with pytest.raises(ZeroDivisionError), open_workers(1, cluster[0]):
        raise ZeroDivisionError


def test_the_specification_curve_on_a_cluster_is_that_of_this_machine(
    cluster: tuple[str, list[subprocess.Popen[bytes]]], study, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chapter_objects import thin_curve

    monkeypatch.setenv("KORUS_CACHE", os.devnull)  # made twice

    def curve(executor: Executor | None):
        with thin_curve(200):
            return study.specification_curve(executor=executor).curve.table

    with open_workers(1, cluster[0]) as executor:
        there = curve(executor)
    here = curve(None)
    assert there.equals(here)


def test_no_scheduler_at_the_address_is_one_clear_error() -> None:
    with (
        pytest.raises(InvalidParameter, match=r"No Dask scheduler answers at tcp://127\.0\.0\.1:9"),
        open_workers(1, "tcp://127.0.0.1:9"),
    ):
        pass


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InvalidParameter, match=r"Install korus-research\[dask\]"), open_workers(1, "tcp://127.0.0.1:9"):
        pass


def cores() -> list[int]:
    return sorted(os.sched_getaffinity(0))


@pytest.mark.skipif(len(getattr(os, "sched_getaffinity", lambda _: [0])(0)) < 2, reason="needs two cores")
def test_workers_share_the_cores_among_them() -> None:
    with SeparateWorkers(2) as executor:
        shares = {tuple(future.result()) for future in [executor.submit(cores) for _ in range(20)]}
    assert len(shares) <= 2
    assert all(set(one).isdisjoint(other) for one in shares for other in shares if one != other)
    assert all(len(share) < len(cores()) for share in shares)


def test_where_no_worker_can_be_made_each_task_says_why_and_nothing_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> object:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(workers, "_pool_of_one", none)
    with open_workers(2) as executor:
        futures = [executor.submit(int, "1") for _ in range(5)]
        for future in futures:
            with pytest.raises(NoWorkers, match="Too many open files"):
                future.result(timeout=20)


def clean_up_late(ready: str, cleaned: str, after: float) -> None:
    try:
        Path(ready).write_text("")
        time.sleep(600)
    finally:
        time.sleep(after)
        Path(cleaned).write_text("")


@pytest.mark.parametrize(("after", "has_cleaned_up"), [(0.5, True), (60.0, False)])
def test_interrupted_workers_clean_up_and_end_within_five_seconds(
    tmp_path: Path, after: float, has_cleaned_up: bool
) -> None:
    ready, cleaned = tmp_path / "ready", tmp_path / "cleaned"
    began = interrupt(ready, cleaned, after)
    assert time.monotonic() - began < 5
    assert cleaned.exists() is has_cleaned_up


def interrupt(ready: Path, cleaned: Path, after: float) -> float:
    """Return when a task that runs was interrupted."""
    began = 0.0
    with suppress(KeyboardInterrupt), open_workers(1) as executor:
        executor.submit(clean_up_late, str(ready), str(cleaned), after)
        while not ready.exists():
            time.sleep(0.05)
        began = time.monotonic()
        raise KeyboardInterrupt
    return began
