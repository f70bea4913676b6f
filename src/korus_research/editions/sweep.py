"""Many editions at once, by agreement and month, each in a worker; a failure does not stop the others.

Unchanged editions are not made again, so an interrupted sweep can be resumed without saved state (decision 40).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Executor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, TextIO

from korus_research.data.agreements import list_agreements, load_agreement
from korus_research.data.cache.code import PACKAGE, code_files
from korus_research.data.cache.store import digest
from korus_research.data.parameters import PUBLISHED, TODAY, ReportParameters
from korus_research.editions.build import build_report
from korus_research.editions.edition import open_edition
from korus_research.editions.index import write_index
from korus_research.editions.swap import MANIFEST
from korus_research.errors import KorusError
from korus_research.publish.meta import FORMATS
from korus_research.run.progress import say

ALL = "all"
LOST = "its scheduler ended"


@dataclass(frozen=True)
class Order:
    """One edition to make, and its place."""

    parameters: ReportParameters
    out: Path
    formats: tuple[str, ...] = FORMATS
    force: bool = False
    notebooks: Path | None = None
    code: str = ""  # digest of the requester's package: a worker of a cluster may have another one

    @property
    def edition(self) -> str:
        """The edition as its folder is called, "2025-11-published"; without the month where the data say it."""
        values = self.parameters.values
        return "-".join(filter(None, (self.parameters.as_of, values if values == PUBLISHED else "")))

    @property
    def name(self) -> str:
        """Its name in messages, "chile" or "korus 2017-11"."""
        return f"{self.parameters.agreement} {self.edition}".strip()

    @property
    def folder(self) -> Path:
        """The folder of the agreement's editions."""
        return self.out / load_agreement(self.parameters.agreement).id


@dataclass(frozen=True)
class Outcome:
    """The result of an order: the edition's folder and the duration, or the problem."""

    name: str
    seconds: float
    edition: str | None
    problem: str | None


def orders(
    agreements: Sequence[str],
    months: Sequence[str | None],
    *,
    out: Path,
    formats: Sequence[str],
    force: bool = False,
    values: str = TODAY,
) -> list[Order]:
    """Return an order for each agreement, by name or path, and month; all of the package where none or "all" is named.

    UnknownAgreement or InvalidParameter, at once, for a name that is no agreement, a month or `values` that is none.
    """
    every = list_agreements() if not agreements or ALL in agreements else ()
    named = tuple(dict.fromkeys([*every, *(name for name in agreements if name != ALL)]))
    for name in named:
        load_agreement(name)
    return [
        Order(ReportParameters.parse({"agreement": name, "as_of": month, "values": values}), out, tuple(formats), force)
        for name in named
        for month in months or [None]
    ]


def make(order: Order) -> Outcome:
    """Make one edition, in a worker, with one kernel at a time for each of its cores."""
    begin = time.monotonic()
    if order.code and order.code != own_code():
        return Outcome(order.name, 0.0, None, "its worker has other code of korus_research: install the same there")
    how: dict[str, Any] = {name: getattr(order, name) for name in ("out", "formats", "notebooks", "force")}
    try:
        edition = build_report(order.parameters, **how, index=False)
    except KorusError as error:
        return Outcome(order.name, time.monotonic() - begin, None, f"{type(error).__name__}: {error}")
    folder = edition.folder.relative_to(order.out).as_posix()
    return Outcome(order.name, time.monotonic() - begin, folder, None)


def sweep(
    ordered: Sequence[Order], executor: Executor, *, done: Callable[[Outcome], None] = lambda _: None
) -> list[Outcome]:
    """Make all editions in the workers of `executor`, then the index that compares them; OutputFolder if it can't be.

    Returns the outcomes, in the order of `ordered`; `done` is told of each as it comes. What was made stays, whatever
    happened to others; made again with the same ingredients it takes less than a second, so a sweep that was
    interrupted goes on where it stopped.
    """
    code, before = own_code(), _manifests(ordered)
    waiting = {executor.submit(make, replace(order, code=code)): number for number, order in enumerate(ordered)}
    outcomes: dict[int, Outcome] = {}
    for future in as_completed(waiting):
        order = ordered[waiting[future]]
        try:
            outcome = future.result()
        except (Exception, CancelledError) as error:  # a defect in one edition is no reason to lose the others
            outcome = Outcome(order.name, 0.0, None, _why(error))
        outcomes[waiting[future]] = outcome
        done(outcome)
    outcomes |= _made_all_the_same(ordered, outcomes, before)
    for out in dict.fromkeys(order.out for order in ordered):
        if out.is_dir():
            write_index(out)
    return [outcomes[number] for number in range(len(ordered))]


@cache
def own_code() -> str:
    """Return the digest of this package's code on disk."""
    content = {path.relative_to(PACKAGE).as_posix(): path.read_bytes() for path in code_files(PACKAGE)}
    return digest(json.dumps({name: digest(text) for name, text in content.items()}, sort_keys=True))


def _manifests(ordered: Sequence[Order]) -> dict[Path, str]:
    """Return the digests of all manifests in the folders concerned, by their path."""
    folders = dict.fromkeys(order.folder for order in ordered)
    found: dict[Path, str] = {}
    for path in (path for folder in folders for path in folder.glob(f"*/{MANIFEST}")):
        with suppress(OSError):
            found[path] = digest(path.read_bytes())
    return found


def _made_all_the_same(
    ordered: Sequence[Order], outcomes: Mapping[int, Outcome], before: Mapping[Path, str]
) -> dict[int, Outcome]:
    """Return the outcomes of editions that nobody could tell of any more, as where a scheduler dies, and that are made.

    An edition comes to its place whole, so one that is there and was not, or was another, is what was asked for.
    """
    new = {path for path, text in _manifests(ordered).items() if before.get(path) != text}
    found = {}
    for number, outcome in outcomes.items():
        order = ordered[number]
        if outcome.problem and outcome.problem.startswith(LOST) and order.parameters.as_of:
            folder = order.folder / order.edition
            edition = open_edition(folder) if folder / MANIFEST in new else None
            if edition is not None and not edition.problems():
                found[number] = replace(outcome, edition=folder.relative_to(order.out).as_posix(), problem=None)
    return found


def _why(error: BaseException) -> str:
    if isinstance(error, BrokenProcessPool):
        return "its worker died each time it was tried"
    if isinstance(error, CancelledError):
        return f"{LOST} before it could say what came of it"
    return f"{type(error).__name__}: {error}"


@contextmanager
def watch_editions(stream: TextIO, count: int) -> Iterator[Callable[[Outcome], None]]:
    """Yield a function that prints a line for each outcome of a sweep of `count` editions, on a terminal with a bar."""
    start, told = time.monotonic(), 0

    def line(outcome: Outcome) -> str:
        nonlocal told
        told += 1
        said = f"FAILED: {outcome.problem}" if outcome.problem else f"{outcome.edition} in {outcome.seconds:.1f} s"
        return f"[{time.monotonic() - start:5.1f} s] {told} of {count}: {outcome.name}: {said}"

    if not stream.isatty():
        yield lambda outcome: say(stream, line(outcome))
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress as Bar, TextColumn, TimeElapsedColumn

    columns = (TextColumn("editions"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, console=Console(file=stream)) as bar:
        task = bar.add_task("editions", total=count)

        def tell(outcome: Outcome) -> None:
            bar.console.print(line(outcome), markup=False, highlight=False)
            bar.advance(task)

        yield tell
