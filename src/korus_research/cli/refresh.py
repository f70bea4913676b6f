"""`korus data refresh` and `korus data build`: newer figures from the sources, shown, and adopted only on request."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from korus_research.data.period import parse_month
from korus_research.errors import InvalidParameter

if TYPE_CHECKING:
    from korus_research.cli.turned import Turn
    from korus_research.data.package.changes import Change
    from korus_research.data.package.compile import Compiled
    from korus_research.errors import KorusError

Sources = Annotated[
    list[str] | None,
    typer.Argument(metavar="SOURCE[.DATASET]", help="Names from `korus data sources`; default: all sources."),
]
Since = Annotated[
    str | None,
    typer.Option(metavar="YYYY-MM", help="First month to request; default: the first still open to revision."),
]
Through = Annotated[str | None, typer.Option(metavar="YYYY-MM", help="Last month to request; default: last month.")]
Adopt = Annotated[bool, typer.Option("--adopt", help="Replace the package with the compiled one.")]
Data = Annotated[
    Path | None, typer.Option(help="Folder of the data package; default: KORUS_DATA, else the embedded package.")
]
Stored = Annotated[
    Path | None, typer.Option(help="Folder of the stored answers; default: KORUS_ANSWERS, else the user's data folder.")
]
Json = Annotated[bool, typer.Option("--json", help="Print the changes as JSON.")]


def refresh(
    sources: Sources = None, since: Since = None, through: Through = None, adopt: Adopt = False, data: Data = None,
    answers: Stored = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Request newer data from the official sources, store the answers, and show what would change.

    The data package changes only with --adopt.
    """
    from korus_research.data.package.answers import open_answers
    from korus_research.data.package.asking import ask, last_ended

    month = parse_month(through, "--through") if through else last_ended()
    if since and parse_month(since, "--since") > month:
        raise InvalidParameter(f"--since is {since}", expected=f"a month up to {month}", do="Choose an earlier month")
    _package(data)
    store = open_answers(answers)
    with _progress() as progress:
        asked = ask(sources or (), month, store, progress, since=since)
    for name, rows in asked.apart.items():
        typer.echo(f"{name}: {rows:,} row{'s' * (rows != 1)}, stored but used in no table", err=True)
    calls = f"{asked.calls} call{'s' * (asked.calls != 1)}"
    typer.echo(f"{calls}, {asked.stored} new answer{'s' * (asked.stored != 1)} in {store.folder}", err=True)
    _compile(store, data, adopt, as_json, asked.problems, month)


def build(adopt: Adopt = False, data: Data = None, answers: Stored = None, as_json: Json = False) -> None:
    """Compile the tables again from stored answers, without a network, and show what would change.

    The data package changes only with --adopt.
    """
    from korus_research.data.package.answers import open_answers
    from korus_research.errors import MissingFigures

    store = open_answers(answers)
    if not store.newest():
        found, do = f"There are no stored answers in {store.folder}", "Refresh first, or name another --answers"
        raise MissingFigures(found, expected="what a refresh has stored", do=do)
    _compile(store, data, adopt, as_json, [], None)


def _compile(
    store: Any, data: Path | None, adopt: bool, as_json: bool, problems: list[KorusError], through: str | None
) -> None:
    """Compile a package, show what changes, and adopt it if asked to; exit with 1 after a problem."""
    from korus_research.cli.turned import turned
    from korus_research.data.catalog import HOME
    from korus_research.data.package import exchange
    from korus_research.data.package.changes import as_json as changed
    from korus_research.data.package.compile import compile_package

    folder = _package(data)
    with tempfile.TemporaryDirectory() as scratch, exchange.held(folder) if adopt else nullcontext():
        compiled = compile_package(folder if folder.exists() else HOME, store.newest(), through=through)
        compiled.problems = [*problems, *compiled.problems]
        staged = exchange.temporary(folder.parent, folder.name) if adopt else Path(scratch) / "package"
        turns, news = [], not compiled.same or (adopt and not folder.exists())
        if news:
            turns = turned(compiled.base, exchange.stage(compiled, staged), compiled.tables)
        if as_json:
            typer.echo(json.dumps({**changed(compiled), "turned": [vars(one) for one in turns]}, indent=1))
        else:
            typer.echo("\n".join(shown(compiled, turns)))
        if adopt and news:
            exchange.adopt(staged, folder)
            typer.echo(f"Adopted: {folder}", err=True)
    for problem in compiled.problems:
        typer.echo(f"{type(problem).__name__}: {problem}", err=True)
    if compiled.problems:
        raise typer.Exit(1)


def _package(data: Path | None) -> Path:
    """Return the folder of the package that is compiled; OutputFolder where a file is in its place."""
    from korus_research.data.catalog import home
    from korus_research.errors import OutputFolder

    folder = data or home()
    if folder.exists() and not folder.is_dir():
        raise OutputFolder(f"{folder} is a file", expected="the folder of a data package", do="Choose another --data")
    return folder


def shown(compiled: Compiled, turns: list[Turn]) -> list[str]:
    """Return the changes of a compiled package as lines of text."""
    from korus_research.data.package.changes import changes, schema_changes

    if compiled.same:
        return ["Nothing changes."]
    lines = [line for change in changes(compiled) for line in _change(change)]
    lines += [f"{name}: {count:,} new rows on earlier releases" for name, count in compiled.older.items()]
    lines += [f"Codes that {name} does not have: {', '.join(codes)}" for name, codes in compiled.unknown.items()]
    lines += ["Schemas:", *(f"  {line}" for line in schema)] if (schema := schema_changes(compiled)) else []
    lines += [f"Findings that turn: {len(turns) or 'none'}"]
    return lines + [f"  {one.id} ({one.label}): {one.was} -> {one.now}, by {one.by}" for one in turns]


def _change(change: Change) -> list[str]:
    was, now = change.reached
    reach = f"to {now} (was {was})" if was != now else f"to {now}" if now else "no periods"
    lines = [f"{change.table}: {change.added:,} new rows, {change.revised:,} revised; {reach}"]
    if change.most:
        sizes = ", ".join(f"{count:,} by more than {size} %" for size, count in change.larger.items())
        lines.append(f"  median revision {change.median:.2f} %; {sizes}")
    lines += [
        f"  {one.row}: {one.column} {one.was:,.10g} -> {one.now:,.10g} ({one.percent:+.2f} %)" for one in change.most
    ]
    return lines


@contextmanager
def _progress() -> Iterator[Callable[[str, str], None]]:
    """Yield a function that shows which source is asked for what, on a terminal."""
    if not sys.stderr.isatty():
        yield lambda source, what: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("asking")
        yield lambda source, what: bar.update(task, description=f"{source}: {what}")
