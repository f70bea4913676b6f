"""`korus report`, `sweep`, `explain` and `diff`."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from korus_research.cli.new import checkout
from korus_research.errors import InvalidParameter, UnknownParameter

if TYPE_CHECKING:
    from korus_research.data.parameters import ReportParameters
    from korus_research.editions.diff.models import Cause
    from korus_research.editions.edition import Edition

INTERRUPTED = 130


def _option(metavar: str, *names: str, help: str, default: str = "", **more: Any) -> Any:
    return typer.Option(*names, metavar=metavar, help=help, show_default=default or True, **more)


AsOf = Annotated[str | None, _option("YYYY-MM", "--as-of", help="Last month of data to use.", default="the newest")]
Baseline = Annotated[
    str | None, _option("YEAR", help="Year from which changes are counted.", default="the agreement's")
]
Comparators = Annotated[
    str | None, _option("CODES", help="Census codes of the peers, for example 5880,5830.", default="the agreement's")
]
Values = Annotated[
    str | None,
    _option("WHICH", help="today: the newest values. published: those published by then.", default="today"),
]
Out = Annotated[Path | None, _option("DIR", help="Folder for the editions.", default="reports/")]
Format = Annotated[str, _option("FORMATS", help="html, pdf, or both separated by a comma.")]
Force = Annotated[bool, typer.Option("--force", help="Run and publish every chapter again, even if nothing changed.")]


def report(
    agreement: Annotated[
        str | None,
        typer.Argument(help="A name from `korus agreements`, or the path of your own file.", show_default="korus"),
    ] = None,
    as_of: AsOf = None,
    baseline: Baseline = None,
    comparators: Comparators = None,
    values: Values = None,
    parameter: Annotated[
        list[str] | None,
        _option(
            "NAME VALUE",
            "--parameter",
            "-p",
            help="Set agreement, as_of, baseline_year, comparators or values.",
        ),
    ] = None,
    out: Out = None,
    jobs: Annotated[
        int | None, _option("N", help="Chapters to run at the same time.", default="one for each core", min=1)
    ] = None,
    format: Format = "html,pdf",
    force: Force = False,
    plain_kernels: Annotated[
        bool, typer.Option("--plain-kernels", help="Start every kernel as Jupyter does; slower, same output.")
    ] = False,
) -> None:
    """Make a report: run the chapters that changed, publish HTML and PDF, and put the edition in place."""
    start = time.monotonic()
    named = {"as_of": as_of, "baseline_year": baseline, "comparators": comparators, "values": values}
    parameters = _parameters({"agreement": agreement, **named}, parameter or [])

    from korus_research.editions.build import build_report, check_formats
    from korus_research.run.progress import watch

    check_formats(formats := _formats(format))
    _tell_marks(parameters.agreement)
    progress = watch(sys.stderr)
    how: dict[str, Any] = {"jobs": jobs, "formats": formats, "force": force, "plain_kernels": plain_kernels}
    with _interruptible("Nothing has been published; earlier editions are unchanged.", progress.close):
        edition = build_report(parameters, out=out or default_out(), progress=progress, **how)
    for path in filter(None, (edition.brief, edition.html, edition.pdf)):
        typer.echo(_near(path))
    typer.echo(f"{edition.manifest['name']}, {edition.manifest['edition']}: {time.monotonic() - start:.1f} s")


def sweep(
    agreements: Annotated[
        list[str] | None,
        typer.Argument(metavar="AGREEMENT|all", help="Names or files; default: all agreements of the package."),
    ] = None,
    as_of: Annotated[
        list[str] | None,
        _option("YYYY-MM", "--as-of", help="Last month of data; may be repeated. Default: the newest."),
    ] = None,
    values: Values = None,
    out: Out = None,
    jobs: Annotated[
        int | None, _option("N", help="Editions to make at the same time.", default="one for each core", min=1)
    ] = None,
    scheduler: Annotated[
        str | None, _option("ADDRESS", help="Address of a Dask scheduler, for example tcp://127.0.0.1:8786.")
    ] = None,
    format: Format = "html,pdf",
    force: Force = False,
) -> None:
    """Make the reports of several agreements, and the index that compares them.

    If one edition fails, the others are still made. After an interruption, the same command makes what is missing.
    """
    from korus_research.editions import sweep as several
    from korus_research.editions.build import check_formats
    from korus_research.editions.workers import open_workers
    from korus_research.run.cores import default_jobs

    check_formats(formats := _formats(format))
    place = (out or default_out()).resolve()
    more = {} if values is None else {"values": values}
    ordered = several.orders(agreements or [], as_of or [], out=place, formats=formats, force=force, **more)
    count = min(jobs or default_jobs(), len(ordered))
    with (
        _interruptible("What was made stays; the same command makes the rest."),
        several.watch_editions(sys.stderr, len(ordered)) as progress,
        open_workers(count, scheduler) as executor,
    ):
        outcomes = several.sweep(ordered, executor, done=progress)
    if failed := [outcome for outcome in outcomes if outcome.problem]:
        typer.echo(f"{len(failed)} of {len(outcomes)} editions failed: {', '.join(o.name for o in failed)}", err=True)
        raise typer.Exit(1)
    typer.echo(_near(ordered[0].out / "index.html"))


def explain(
    agreement: Annotated[
        str, typer.Argument(help="A name from `korus agreements`, or the path of your own file.")
    ] = "korus",
    as_of: AsOf = None,
    baseline: Baseline = None,
    comparators: Comparators = None,
    values: Values = None,
) -> None:
    """List, for each chapter, whether `korus report` with these options would run it, and why."""
    from korus_research.editions.explain import explain as outlooks

    words = {True: "runs", False: "unchanged", None: "may run"}
    named = {"as_of": as_of, "baseline_year": baseline, "comparators": comparators, "values": values}
    for one in outlooks(_parameters({"agreement": agreement, **named})):
        typer.echo(f"{one.chapter:24}{words[one.runs]:11}{one.why}")


def diff(
    old: Annotated[str, typer.Argument(help="An edition: its folder, or a name such as korus/2026-07.")],
    new: Annotated[str, typer.Argument(help="The edition to compare with OLD.")],
    out: Out = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON, not a summary as text.")] = False,
    page: Annotated[
        Path | None, _option("FILE", "--html", help="Write an HTML page with figures side by side.", default="")
    ] = None,
    why: Annotated[
        bool,
        typer.Option("--cause", help="Run the chapters to find what moved each number: parameters, data or method."),
    ] = False,
    old_data: Annotated[
        Path | None,
        _option("DIR", help="Data package that OLD was made from.", default="the checkout's history"),
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Store the cause with the page of changes that the index links to.")
    ] = False,
) -> None:
    """Compare two published editions: verdicts, findings, figures, tables, and the inputs they were made from."""
    from korus_research.editions.diff import difference, find_edition
    from korus_research.editions.diff.text import to_text

    place = (out or default_out()).resolve()
    before, now = find_edition(old, place), find_edition(new, place)
    found = difference(before, now)
    if why or keep or old_data:
        found = found.model_copy(update={"cause": _cause(before, now, old_data, place if keep else None)})
    if page is not None:
        from korus_research.editions.diff.page import write_page

        typer.echo(_near(write_page(found, before, now, page.resolve())))
        return
    typer.echo(found.to_json() if as_json else to_text(found), nl=False)


def _cause(before: Edition, now: Edition, data: Path | None, kept_in: Path | None) -> Cause:
    """Return why numbers changed; with `kept_in`, the folder of editions, its page of changes tells it too."""
    from korus_research.editions.diff.cause import cause
    from korus_research.editions.diff.page import keep_cause
    from korus_research.editions.index import write_index
    from korus_research.run.progress import watch

    progress = watch(sys.stderr)
    with _interruptible("What was computed stays.", progress.close):
        found = cause(before, now, data=data, progress=progress)
    if kept_in is not None:
        keep_cause(kept_in, before, now, found)
        write_index(kept_in)
    return found


def default_out() -> Path:
    """Return `reports/` in the current checkout, or in the current folder."""
    return (checkout(Path.cwd()) or Path.cwd()) / "reports"


def _formats(asked: str) -> list[str]:
    return [part.strip().lower() for part in asked.split(",") if part.strip()]


def _parameters(given: Mapping[str, str | None], named: Iterable[str] = ()) -> ReportParameters:
    """Return the parameters from options and from `-p NAME=VALUE`."""
    from korus_research.data.parameters import ReportParameters

    values = {name: value for name, value in given.items() if value is not None}
    for word in named:
        name, equals, value = word.partition("=")
        if not equals:
            raise UnknownParameter(f"'{word}' is not NAME=VALUE", do="For example: -p as_of 2016-12")
        if name in values:
            raise InvalidParameter(f"{name} is given twice", expected="each parameter once", do="Remove one of them")
        values[name] = value
    return ReportParameters.parse(values)


def _tell_marks(agreement: str) -> None:
    """Print what is still to be filled in in an agreement's file; the report is made all the same."""
    from korus_research.data.agreements import to_fill

    for line, what in to_fill(agreement):
        typer.echo(f"{agreement}, line {line}: still to fill in: {what}", err=True)


def _near(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


@contextmanager
def _interruptible(stays: str, close: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Let Ctrl-C and SIGTERM (from a scheduler) end a run cleanly, with a line on what was kept; then call `close`."""

    def interrupt(signum: int, frame: Any) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    except KeyboardInterrupt:
        close()
        typer.echo(f"Interrupted. {stays}", err=True)
        raise typer.Exit(INTERRUPTED) from None
    finally:
        close()
        signal.signal(signal.SIGTERM, before)
