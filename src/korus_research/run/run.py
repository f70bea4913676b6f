"""Run the chapters in parallel and in waves; later chapters get the findings of earlier ones.

Papermill runs in threads of this process, and each chapter's code in its own kernel process: the threads mostly wait.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from korus_research.errors import ChapterFailed
from korus_research.run.chapters import FINDINGS_PARAMETER, Chapter, read_notebook
from korus_research.run.executed import Executed, gather_findings
from korus_research.run.execution import CellFailure, Task, execute, import_papermill
from korus_research.run.progress import Progress

if TYPE_CHECKING:
    from korus_research.data.agreements import OwnFile
    from korus_research.run.chapter_cache import ChapterCache
    from korus_research.run.kernels.pool import KernelPool
    from korus_research.run.kernels.provisioner import ChapterKernelManager

FINDINGS_FILE = "findings.json"


class _Stopped(Exception):
    """Raised in the thread of a chapter whose run was stopped."""


@dataclass
class _Running:
    chapter: Chapter
    manager: ChapterKernelManager
    thread: threading.Thread = field(init=False)
    stopped: bool = False

    def stop(self) -> None:
        """Kill the kernel; the thread notices within a second."""
        self.stopped = True
        process = getattr(self.manager.provisioner, "process", None)
        if process is not None:
            process.kill()


def run_chapters(
    chapters: Sequence[Chapter],
    values: Mapping[str, Any],
    *,
    folder: Path,
    jobs: int,
    progress: Progress,
    kernels: KernelPool,
    cache: ChapterCache | None = None,
    own: OwnFile | None = None,
) -> list[Executed]:
    """Execute the chapters of an edition and return them in order.

    Parameters
    ----------
    values : mapping
        The value of every report parameter; a chapter is given those that its parameters cell names.
    folder : Path
        An empty work folder; each chapter's kernel has its own folder there.
    jobs : int
        Number of chapters that run at once.
    progress, kernels
        The display, and the source of kernels.
    cache : ChapterCache, optional
        Results of earlier runs; unchanged chapters are taken from it.
    own : OwnFile, optional
        The file of a user's own agreement, which is copied into each kernel's folder.

    Raises
    ------
    ChapterFailed
        A cell raised, or a kernel died. `folder` holds the partial notebook as `failed.ipynb` and `error.html`.
    InvalidChapter
        Two chapters give one finding different values.
    KeyboardInterrupt
        On Ctrl-C, once every kernel is gone.
    """
    sources = {chapter.stem: read_notebook(chapter.path) for chapter in chapters}
    progress.begin([(chapter.stem, len(sources[chapter.stem]["cells"])) for chapter in chapters])
    waiting, running, done = list(chapters), dict[str, _Running](), dict[str, Executed]()
    news: SimpleQueue[tuple[str, int | str | CellFailure]] = SimpleQueue()
    try:
        while waiting or running:
            while len(running) < max(1, jobs) and (chapter := _next(waiting, done, chapters)):
                waiting.remove(chapter)
                needed = [done[need.stem] for need in needs_of(chapter, chapters)]
                source, given = sources[chapter.stem], given_to(chapter, values)
                if cache is not None:
                    cache.dependencies(chapter, source, given, needed)
                if cache is not None and (kept := cache.get(chapter, source)) is not None:
                    done[chapter.stem] = Executed(chapter, *kept)
                    progress.unchanged(chapter.stem)
                else:
                    place = _place(folder / chapter.stem, own)
                    running[chapter.stem] = _start(chapter, source, given, needed, place, kernels, news.put)
            if running:
                _hear(*news.get(), running, done, folder, progress, cache)
    finally:
        _stop(running.values())
    return [done[chapter.stem] for chapter in chapters]


def _hear(
    stem: str,
    message: int | str | CellFailure,
    running: dict[str, _Running],
    done: dict[str, Executed],
    folder: Path,
    progress: Progress,
    cache: ChapterCache | None,
) -> None:
    """Handle a message from a chapter's thread: a cell starts, the chapter failed, or it is done."""
    if isinstance(message, int):
        progress.cell(stem, message)
        return
    entry = running.pop(stem)
    entry.thread.join()
    if isinstance(message, CellFailure):
        _fail(entry.chapter, message, folder, progress)
    else:
        done[stem] = Executed(entry.chapter, message, json.loads(message))
        if cache is not None:
            cache.put(entry.chapter, message)
        progress.done(stem)


def _next(waiting: Sequence[Chapter], done: Mapping[str, Executed], chapters: Sequence[Chapter]) -> Chapter | None:
    # The longest first: the last one to finish determines the duration of the report.
    ready = [c for c in waiting if all(need.stem in done for need in needs_of(c, chapters))]
    return max(ready, key=lambda c: c.seconds, default=None)


def needs_of(chapter: Chapter, chapters: Sequence[Chapter]) -> list[Chapter]:
    """Return the chapters that a chapter waits for."""
    # Exactly these, not all that happen to be done: the same in every run.
    needs = [c for c in chapters if c.wave < chapter.wave and (chapter.after is None or c.stem in chapter.after)]
    return sorted(needs, key=lambda c: c.stem)


def given_to(chapter: Chapter, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the report parameters that a chapter reads, as injected."""
    read = {name: value for name, value in values.items() if name in chapter.names}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in read.items()}


def _place(place: Path, own: OwnFile | None) -> Path:
    """Create the working directory of a chapter's kernel."""
    place.mkdir()
    if own is not None:
        (place / own.name).write_bytes(own.content)
    return place


def _start(
    chapter: Chapter,
    source: dict[str, Any],
    given: dict[str, Any],
    needed: Sequence[Executed],
    place: Path,
    kernels: KernelPool,
    tell: Callable[[tuple[str, int | str | CellFailure]], None],
) -> _Running:
    if chapter.reads_findings:
        # A name relative to the kernel's working directory, so that no path of this machine enters the notebook.
        findings = gather_findings((one.chapter.stem, one.notebook) for one in needed)
        (place / FINDINGS_FILE).write_text(findings_text(findings), encoding="utf-8")
        given = {**given, FINDINGS_PARAMETER: FINDINGS_FILE}
    import_papermill()
    entry = _Running(chapter, kernels.manager(chapter.stem, chapter.environment))
    task = Task(chapter.stem, source, given, entry.manager, place)

    def started(cell: int) -> None:
        if entry.stopped:
            raise _Stopped
        tell((chapter.stem, cell))

    entry.thread = threading.Thread(
        target=lambda: tell((chapter.stem, execute(task, started))), name=f"korus {chapter.stem}", daemon=True
    )
    entry.thread.start()
    return entry


def findings_text(findings: Mapping[str, Any]) -> str:
    """Return the text of a findings file: a JSON list, sorted by id."""
    return json.dumps(list(findings.values()), ensure_ascii=False, indent=1) + "\n"


def _fail(chapter: Chapter, failure: CellFailure, folder: Path, progress: Progress) -> None:
    from korus_research.run.execution import error_page

    progress.failed(failure)
    (folder / "error.html").write_text(error_page(failure), encoding="utf-8")
    if failure.notebook:
        (folder / "failed.ipynb").write_text(failure.notebook, encoding="utf-8")
    where = f"cell {failure.cell}" if failure.cell else "its start"
    raise ChapterFailed(f"{chapter.path.name} failed in {where}: {failure.error}")


def _stop(running: Collection[_Running]) -> None:
    for entry in running:
        entry.stop()
    for entry in running:
        while entry.thread.is_alive():
            entry.stop()  # again, for a kernel that was still starting
            entry.thread.join(0.1)
