"""Run the chapters: papermill in parallel processes, in waves, the findings of earlier ones given to later ones."""

from __future__ import annotations

import json
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import connection, forkserver, get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from korus_research.errors import ChapterFailed
from korus_research.report.chapters import FINDINGS_PARAMETER, Chapter, read_notebook
from korus_research.report.executed import gather_findings
from korus_research.report.kernel import ENVIRONMENT
from korus_research.report.progress import Progress
from korus_research.report.worker import CellFailure, CellStarted, ChapterDone, Task, work

FINDINGS_FILE = "findings.json"

_WARM = "korus_research.report.warm"
_STOP_SECONDS = 5.0
_SHORT = 80  # leaves room for korus-12345678/01/k-5


@dataclass(frozen=True)
class Executed:
    """A chapter that ran: its notebook, normalised, as text and as JSON."""

    chapter: Chapter
    text: str

    @property
    def notebook(self) -> dict[str, Any]:
        """The notebook as nbformat JSON."""
        return json.loads(self.text)  # type: ignore[no-any-return]


@dataclass
class _Running:
    chapter: Chapter
    process: BaseProcess
    pipe: connection.Connection
    result: ChapterDone | CellFailure | None = field(default=None)


def warm_up() -> None:
    """Start the process that chapters are forked from; its imports happen while the caller does other things."""
    context = get_context("forkserver")
    context.set_forkserver_preload([_WARM])
    before = {name: os.environ.get(name) for name in ENVIRONMENT}
    with _deaf_to_interrupts():
        os.environ.update(ENVIRONMENT)
        try:
            forkserver.ensure_running()
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    # A process inherits what its parent ignores. The fork server has no business with Ctrl-C: it ends with its parent.
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def default_jobs() -> int:
    """Return how many chapters to run at once: as many as this process may use cores."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def run_chapters(
    chapters: Sequence[Chapter], values: Mapping[str, Any], *, folder: Path, jobs: int, progress: Progress
) -> list[Executed]:
    """Execute `chapters` and return them in the order given.

    Parameters
    ----------
    chapters : sequence of Chapter
        As `load_chapters` returned them, less those the agreement can't have.
    values : mapping
        The value of every report parameter, injected into each chapter.
    folder : Path
        An empty work folder; each chapter's kernel works in a folder of its own there.
    jobs : int
        How many run at once.
    progress : Progress
        Is told of every cell.

    Raises
    ------
    ChapterFailed
        A cell raised, or a kernel died. `progress` has been told the details, and `folder` holds the partial notebook
        as `failed.ipynb` and the page `error.html`. The other chapters have been stopped.
    InvalidChapter
        Two chapters give one finding different values.
    KeyboardInterrupt
        On Ctrl-C, once every process is gone.
    """
    sources = {chapter.stem: read_notebook(chapter.path) for chapter in chapters}
    progress.begin([(chapter.stem, len(sources[chapter.stem]["cells"])) for chapter in chapters])
    sockets = _folder_of_short_name()
    waiting, running, done = list(chapters), list[_Running](), dict[str, Executed]()
    try:
        while waiting or running:
            while len(running) < max(1, jobs) and (chapter := _next(waiting, done, chapters)):
                waiting.remove(chapter)
                task = _task(chapter, sources[chapter.stem], values, done, folder, sockets)
                running.append(_start(chapter, task))
            for entry in _listen(running, progress):
                running.remove(entry)
                entry.process.join()
                if not isinstance(entry.result, ChapterDone):
                    _fail(entry, folder, progress)
                else:
                    done[entry.chapter.stem] = Executed(entry.chapter, entry.result.notebook)
                    progress.done(entry.chapter.stem)
    finally:
        _stop(running)
        shutil.rmtree(sockets, ignore_errors=True)
    return [done[chapter.stem] for chapter in chapters]


def _folder_of_short_name() -> Path:
    # The address of a Unix socket has 104 bytes (macOS) or 108; some schedulers give every job a longer TMPDIR.
    usual = Path(tempfile.gettempdir())
    short = usual if len(os.fsencode(usual)) <= _SHORT else Path("/tmp")
    return Path(tempfile.mkdtemp(prefix="korus-", dir=short))


def _next(waiting: Sequence[Chapter], done: Mapping[str, Executed], chapters: Sequence[Chapter]) -> Chapter | None:
    # The longest first: the last to end decides how long a report takes.
    ready = [c for c in waiting if all(need.stem in done for need in _needs(c, chapters))]
    return max(ready, key=lambda c: c.seconds, default=None)


def _needs(chapter: Chapter, chapters: Sequence[Chapter]) -> list[Chapter]:
    return [c for c in chapters if c.wave < chapter.wave and (chapter.after is None or c.stem in chapter.after)]


def _task(
    chapter: Chapter,
    source: dict[str, Any],
    values: Mapping[str, Any],
    done: Mapping[str, Executed],
    folder: Path,
    sockets: Path,
) -> Task:
    place = folder / chapter.stem
    place.mkdir()
    (sockets / chapter.stem[:2]).mkdir()
    given = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
    if chapter.reads_findings:
        # Exactly the chapters it waits for, never whatever else happens to be done: the same in every run. The name
        # is relative to the kernel's working directory, so that no path of this machine enters the notebook.
        needed = [done[need.stem] for need in _needs(chapter, tuple(d.chapter for d in done.values()))]
        findings = gather_findings((d.chapter.stem, d.notebook) for d in sorted(needed, key=lambda d: d.chapter.stem))
        (place / FINDINGS_FILE).write_text(findings_text(findings), encoding="utf-8")
        given[FINDINGS_PARAMETER] = FINDINGS_FILE
    return Task(chapter.stem, source, given, place, sockets / chapter.stem[:2])


def findings_text(findings: Mapping[str, Any]) -> str:
    """Return the text of a findings file: a JSON list, in the order of the ids."""
    return json.dumps(list(findings.values()), ensure_ascii=False, indent=1) + "\n"


def _start(chapter: Chapter, task: Task) -> _Running:
    warm_up()
    context = get_context("forkserver")
    reader, writer = context.Pipe(duplex=False)
    process = context.Process(target=work, args=(task, writer), name=f"korus {chapter.stem}", daemon=True)
    try:
        process.start()
    finally:
        writer.close()
    return _Running(chapter, process, reader)


def _listen(running: Sequence[_Running], progress: Progress) -> list[_Running]:
    """Wait for news; return the chapters that ended."""
    ended = []
    ready = connection.wait([entry.pipe for entry in running])
    for entry in running:
        if entry.pipe not in ready:
            continue
        try:
            message = entry.pipe.recv()
        except EOFError:
            ended.append(entry)
            continue
        if isinstance(message, CellStarted):
            progress.cell(entry.chapter.stem, message.cell)
        else:
            entry.result = message
            ended.append(entry)
    return ended


def _fail(entry: _Running, folder: Path, progress: Progress) -> None:
    from korus_research.report.failure import error_page

    name = entry.chapter.stem
    failure = entry.result
    if not isinstance(failure, CellFailure):
        code = entry.process.exitcode
        failure = CellFailure(name, 0, "", f"its process ended without a word (exit code {code})", "", None)
    progress.failed(failure)
    (folder / "error.html").write_text(error_page(failure), encoding="utf-8")
    if failure.notebook:
        (folder / "failed.ipynb").write_text(failure.notebook, encoding="utf-8")
    where = f"cell {failure.cell}" if failure.cell else "its start"
    raise ChapterFailed(f"{entry.chapter.path.name} failed in {where}: {failure.error}")


def _stop(running: Sequence[_Running]) -> None:
    for entry in running:
        entry.process.terminate()
    for entry in running:
        entry.process.join(_STOP_SECONDS)
        if entry.process.is_alive():
            entry.process.kill()
            entry.process.join()
        entry.pipe.close()
