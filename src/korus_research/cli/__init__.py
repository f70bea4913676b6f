"""The `korus` command: reads arguments, calls the package and prints. Slow imports are made where they are needed."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from korus_research import __version__
from korus_research.cli import data, new
from korus_research.cli.lab import lab
from korus_research.cli.lists import agreements, partners
from korus_research.cli.report import diff, explain, report, sweep
from korus_research.errors import InvalidParameter, KorusError

app = typer.Typer(
    name="korus",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # rich help costs 0.5 s of imports before bytecode is compiled
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Make the report on a trade agreement from embedded official statistics, and inspect those statistics.",
)
app.command(short_help="Make a report in HTML and PDF.")(report)
app.command(short_help="Make the reports of several agreements.")(sweep)
app.command(short_help="List which chapters would run, and why.")(explain)
app.command(short_help="Compare two editions.")(diff)
app.command(
    short_help="Open copies of the chapters in JupyterLab.",
    context_settings={"allow_extra_args": True},
)(lab)
app.command()(agreements)
app.command()(partners)
app.add_typer(data.app, name="data")
app.add_typer(new.app, name="new")


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


def _join_pairs(arguments: list[str]) -> list[str]:
    """Return the arguments with papermill's `-p NAME VALUE` as `-p NAME=VALUE`, which typer can read.

    InvalidParameter for an empty one.
    """
    ours = arguments[: arguments.index("--")] if "--" in arguments else arguments
    if "" in ours:  # as a path it would be the current folder
        raise InvalidParameter(
            "An argument is empty",
            expected="a value",
            do="Leave it out, or set the variable that it comes from",
        )
    joined: list[str] = []
    rest = iter(arguments)
    for word in rest:
        if word in ("-p", "--parameter") and (name := next(rest, None)) is not None:
            value = None if "=" in name else next(rest, None)
            joined += [word, name if value is None else f"{name}={value}"]
        else:
            joined.append(word)
    return joined


def main() -> NoReturn:
    """Run the command and exit: 0, 1 with one clear line on stderr, 2 for a wrong call, 130 when interrupted."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed: the output is discarded
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115  # stays open
    try:
        app(_join_pairs(sys.argv[1:]), prog_name="korus", standalone_mode=True)
    except KorusError as error:
        if os.environ.get("KORUS_DEBUG"):
            raise
        _end(f"{type(error).__name__}: {error}")
    except OSError as error:  # not translated elsewhere
        if os.environ.get("KORUS_DEBUG"):
            raise
        _end(f"The system refuses {error.filename or 'what is written here'}: {error.strerror or error}.")
    sys.exit(0)


def _end(line: str) -> NoReturn:
    with suppress(OSError):  # a terminal that is gone, a full disk
        print(line, file=sys.stderr, flush=True)
    sys.exit(1)


def command() -> NoReturn:
    """Run `main` in a process of its own, which is short-lived but for `korus lab`.

    Garbage collection would take a tenth of its time and free little.
    """
    # JupyterLab runs in this process for hours, and its kernels get the environment.
    if sys.argv[1:2] != [lab.__name__]:
        # pydantic would read the metadata of all packages for plugins that could change what is validated.
        os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "true")
        gc.disable()
        atexit.register(gc.freeze)  # otherwise a last collection runs at exit
    main()
