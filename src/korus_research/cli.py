"""The `korus` command: it reads arguments, calls the package and prints. A heavy import waits until it is needed."""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from korus_research import __version__
from korus_research.errors import InvalidParameter, KorusError, UnknownParameter

INTERRUPTED = 130

app = typer.Typer(
    name="korus",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # panels around the help cost 0.5 s of imports where nothing is compiled yet
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Regenerate the report on a trade agreement from embedded official figures, and look at those figures.",
)
data = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The embedded official figures.")
app.add_typer(data, name="data")


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"korus-research {__version__}")
        raise typer.Exit


@app.callback()
def _korus(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


@app.command(short_help="Regenerate a report in HTML and PDF.")
def report(
    agreement: Annotated[
        str | None, typer.Argument(help="The agreement; see `korus agreements`.", show_default="korus")
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="YYYY-MM", help="Last month of data used.", show_default="the newest"),
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option(metavar="YEAR", help="Year the changes are counted from.", show_default="the agreement's"),
    ] = None,
    comparators: Annotated[
        str | None,
        typer.Option(metavar="CODES", help="Census codes of the peers, as 5880,5830.", show_default="the agreement's"),
    ] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option(
            "--parameter", "-p", metavar="NAME VALUE", help="Any report parameter by its name; may be repeated."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of the editions.", show_default="reports/")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Chapters run at once.", show_default="one for each core")
    ] = None,
    format: Annotated[str, typer.Option(metavar="FORMATS", help="html, pdf or both.")] = "html,pdf",
    force: Annotated[bool, typer.Option("--force", help="Execute every chapter and set it, changed or not.")] = False,
    plain_kernels: Annotated[
        bool, typer.Option("--plain-kernels", help="Start each kernel the usual way; slower, the same outputs.")
    ] = False,
) -> None:
    """Regenerate a report: run the chapters that changed, publish HTML and PDF, put the edition in its place."""
    start = time.monotonic()
    formats = [part.strip().lower() for part in format.split(",") if part.strip()]
    given = {"agreement": agreement, "as_of": as_of, "baseline_year": baseline, "comparators": comparators}
    values = {name: value for name, value in given.items() if value is not None}
    for name, value in _pairs(parameter or []):
        if name in values:
            raise InvalidParameter(f"{name} is given twice", expected="each parameter once", do="Leave one of them out")
        values[name] = value

    from korus_research.data.parameters import ReportParameters

    parameters = ReportParameters.parse(values)
    folder = out or default_out()

    from korus_research.editions.build import build_report, check_formats
    from korus_research.run.progress import watch

    check_formats(formats)
    progress = watch(sys.stderr)
    with _terminable():
        try:
            edition = build_report(
                parameters,
                out=folder,
                jobs=jobs,
                formats=formats,
                progress=progress,
                force=force,
                plain_kernels=plain_kernels,
            )
        except KeyboardInterrupt:
            progress.close()
            typer.echo("Interrupted. Nothing has been published; what was there is as it was.", err=True)
            raise typer.Exit(INTERRUPTED) from None
        finally:
            progress.close()
    for path in (edition.html, edition.pdf):
        if path is not None:
            typer.echo(_near(path))
    typer.echo(f"{edition.manifest['name']}, {edition.manifest['edition']}: {time.monotonic() - start:.1f} s")


@app.command(short_help="Regenerate the reports of many agreements at once.")
def sweep(
    agreements: Annotated[
        list[str] | None, typer.Argument(metavar="[AGREEMENTS|all]", help="Which ones; default: all.")
    ] = None,
    as_of: Annotated[
        list[str] | None,
        typer.Option("--as-of", metavar="YYYY-MM", help="Last month of data; may be repeated. Default: the newest."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of the editions.", show_default="reports/")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Editions made at once.", show_default="one for each core")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="A Dask scheduler, as tcp://127.0.0.1:8786.")
    ] = None,
    format: Annotated[str, typer.Option(metavar="FORMATS", help="html, pdf or both.")] = "html,pdf",
    force: Annotated[bool, typer.Option("--force", help="Execute every chapter and set it, changed or not.")] = False,
) -> None:
    """Regenerate the reports of many agreements, and the index that compares them.

    An edition that fails stops no other. Interrupted, the same command goes on with what is missing.
    """
    from korus_research.editions.build import check_formats
    from korus_research.editions.sweep import orders, watch_editions
    from korus_research.editions.sweep import sweep as make_all
    from korus_research.editions.workers import open_workers
    from korus_research.run.cores import default_jobs

    formats = [part.strip().lower() for part in format.split(",") if part.strip()]
    check_formats(formats)
    ordered = orders(agreements or [], as_of or [], out=(out or default_out()).resolve(), formats=formats, force=force)
    with _terminable(), watch_editions(sys.stderr, len(ordered)) as progress:
        try:
            with open_workers(min(jobs or default_jobs(), len(ordered)), scheduler) as executor:
                outcomes = make_all(ordered, executor, done=progress)
        except KeyboardInterrupt:
            typer.echo("Interrupted. What was made stays; the same command goes on with the rest.", err=True)
            raise typer.Exit(INTERRUPTED) from None
    if failed := [outcome for outcome in outcomes if outcome.problem]:
        typer.echo(f"{len(failed)} of {len(outcomes)} editions failed: {', '.join(o.name for o in failed)}", err=True)
        raise typer.Exit(1)
    typer.echo(_near(ordered[0].out / "index.html"))


@app.command(short_help="Say why each chapter would run again, or not.")
def explain(
    agreement: Annotated[str, typer.Argument(help="The agreement; see `korus agreements`.")] = "korus",
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="YYYY-MM", help="Last month of data.", show_default="the newest")
    ] = None,
    baseline: Annotated[
        str | None, typer.Option(metavar="YEAR", help="Year changes are counted from.", show_default="the agreement's")
    ] = None,
    comparators: Annotated[
        str | None, typer.Option(metavar="CODES", help="Census codes of the peers.", show_default="the agreement's")
    ] = None,
) -> None:
    """Say, chapter by chapter, whether `korus report` with these options would execute it, and why."""
    from korus_research.data.parameters import ReportParameters
    from korus_research.editions.explain import explain as outlooks

    given = {"agreement": agreement, "as_of": as_of, "baseline_year": baseline, "comparators": comparators}
    parameters = ReportParameters.parse({name: value for name, value in given.items() if value is not None})
    words = {True: "runs", False: "unchanged", None: "may run"}
    for one in outlooks(parameters):
        typer.echo(f"{one.chapter:24}{words[one.runs]:11}{one.why}")


@data.command("list")
def data_list() -> None:
    """List the datasets."""
    from rich.console import Console
    from rich.table import Table

    from korus_research.data import open_catalog
    from korus_research.data.described import list_rows

    rows = list_rows(open_catalog())
    if not sys.stdout.isatty():
        for row in rows:
            typer.echo("\t".join(row.values()))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in rows[0]:
        table.add_column(name, no_wrap=name == "name", justify="right" if name == "rows" else "left")
    for row in rows:
        table.add_row(*row.values())
    Console().print(table)


@data.command("show")
def data_show(name: Annotated[str, typer.Argument(help="The dataset; see `korus data list`.")]) -> None:
    """Show what a dataset holds and where it comes from."""
    from korus_research.data import open_catalog
    from korus_research.data.described import show_text

    typer.echo(show_text(open_catalog(), name), nl=False)


@data.command("verify")
def data_verify() -> None:
    """Check every embedded table against its hash and schema."""
    from korus_research.data import open_catalog
    from korus_research.data.described import verify_lines

    lines, sound = verify_lines(open_catalog())
    typer.echo("\n".join(lines))
    if not sound:
        raise typer.Exit(1)


@app.command()
def agreements() -> None:
    """List the agreements that can be reported on."""
    from korus_research.data.agreements import list_agreements, load_agreement

    for name in list_agreements():
        loaded = load_agreement(name)
        typer.echo(f"{name}\t{loaded.name}\tin force since {loaded.dates.in_force:%Y-%m-%d}")


def default_out() -> Path:
    """Return `reports/` of the checkout that the current folder lies in, else of the current folder."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "notebooks" / "chapters.toml").is_file() and (folder / "src" / "korus_research").is_dir():
            return folder / "reports"
    return here / "reports"


def _pairs(words: list[str]) -> Iterator[tuple[str, str]]:
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise UnknownParameter(f"'{word}' is not NAME=VALUE", do="Write for example -p as_of 2016-12")
        yield name, value


def _join_pairs(arguments: list[str]) -> list[str]:
    """Return the arguments with `-p NAME VALUE`, papermill's way, as `-p NAME=VALUE`, which typer can read."""
    joined: list[str] = []
    rest = iter(arguments)
    for word in rest:
        if word in ("-p", "--parameter") and (name := next(rest, None)) is not None:
            value = None if "=" in name else next(rest, None)
            joined += [word, name if value is None else f"{name}={value}"]
        else:
            joined.append(word)
    return joined


def _near(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM, which a scheduler sends, end a run as cleanly as Ctrl-C."""

    def interrupt(signum: int, frame: Any) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def main() -> NoReturn:
    """Run the command and exit: 0, 1 with one clear line on stderr, 2 for a wrong call, 130 when interrupted."""
    try:
        app(_join_pairs(sys.argv[1:]), prog_name="korus", standalone_mode=True)
    except KorusError as error:
        if os.environ.get("KORUS_DEBUG"):
            raise
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(1)
    sys.exit(0)


def command() -> NoReturn:
    """Run `main` in a process that does nothing else, and ends soon.

    Looking for reference cycles as often as Python does, and once more at the end, takes a tenth of it.
    """
    gc.set_threshold(100_000, 20, 100)
    atexit.register(gc.freeze)
    main()
