"""`korus data list | show | verify | sources | refresh | build`: the embedded figures as text to read in a terminal."""

from __future__ import annotations

import sys
import textwrap
from typing import TYPE_CHECKING, Annotated

import typer

from korus_research.cli.refresh import build, refresh

if TYPE_CHECKING:
    from korus_research.data.catalog import Catalog
    from korus_research.data.schema import Column, Dataset

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="List, check and refresh the embedded official statistics."
)

WIDTH = 100


@app.command("list")
def _list() -> None:
    """List the datasets."""
    _print(list_rows(_catalog()))


@app.command("sources")
def _sources() -> None:
    """List the data sets of the official sources, by the names that `korus data refresh` takes."""
    _print(source_rows())


def _print(rows: list[dict[str, str]]) -> None:
    """Print rows of text as a table on a terminal, else separated by tabs."""
    from rich.console import Console
    from rich.table import Table

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


@app.command("show")
def _show(name: Annotated[str, typer.Argument(help="A name from `korus data list`.")]) -> None:
    """Show what a dataset contains and where it comes from."""
    typer.echo(show_text(_catalog(), name), nl=False)


@app.command("verify")
def _verify() -> None:
    """Check every embedded table against its hash and schema."""
    lines, sound = verify_lines(_catalog())
    typer.echo("\n".join(lines))
    if not sound:
        raise typer.Exit(1)


app.command("refresh")(refresh)
app.command("build")(build)


def _catalog() -> Catalog:
    from korus_research.data.catalog import open_catalog

    return open_catalog()


def list_rows(catalog: Catalog) -> list[dict[str, str]]:
    """Return one row per dataset: name, title, rows, coverage, vintage, source, all as text."""
    return [
        {
            "name": dataset.name,
            "title": dataset.title,
            "rows": f"{dataset.rows:,}",
            "coverage": dataset.coverage,
            "vintage": dataset.vintage,
            "source": dataset.sources[0].title,
        }
        for dataset in (catalog.describe(name) for name in catalog.names)
    ]


def source_rows() -> list[dict[str, str]]:
    """Return a row for each data set of the official sources: name, how it is asked, its key, its tables."""
    from korus_research.data.sources import describe, names

    rows = []
    for source in map(describe, names()):
        for one in source.dataset:
            key = source.key.name if source.key and one.needs_key else "none"
            always = "always" if key == "none" else "with its key"
            asked = always if one.by_default else "without a key" if one.instead_of else "by name"
            tables = ", ".join(dict.fromkeys([*one.feeds, *one.vintages_of])) or "none"
            name = f"{source.id}.{one.id}"
            rows.append({"name": name, "asked": asked, "key": key, "tables": tables, "title": one.title})
    return rows


def show_text(catalog: Catalog, name: str) -> str:
    """Return the full description of the dataset `name`; UnknownDataset if there is none."""
    dataset = catalog.describe(name)
    blocks = [f"{dataset.name}: {dataset.title}", textwrap.fill(dataset.description, WIDTH), _facts(dataset)]
    lists = {
        "Columns": [_column(column) for column in dataset.columns],
        "Sources": [f"{s.title}. {s.address}" if s.address else s.title for s in dataset.sources],
        "Gaps": dataset.gaps,
        "Cautions": dataset.cautions,
    }
    blocks += ["\n".join([head, *map(_item, items)]) for head, items in lists.items() if items]
    return "\n\n".join(blocks) + "\n"


def verify_lines(catalog: Catalog) -> tuple[list[str], bool]:
    """Return one line per dataset or problem, and whether the whole package is sound."""
    problems = catalog.verify()
    damaged = {problem.dataset for problem in problems}
    sound = [catalog.describe(name) for name in catalog.names if name not in damaged]
    lines = [f"ok       {one.name}  {one.rows:,} rows, sha256 {one.sha256[:12]}" for one in sound]
    lines += [f"damaged  {problem.dataset or problem.file.name}  {problem.found}" for problem in problems]
    return lines, not problems


def _facts(dataset: Dataset) -> str:
    from korus_research.data.package.origins import origins

    origin = origins().get(dataset.name)
    facts = {
        "file": f"{dataset.path.name} ({dataset.bytes:,} bytes)",
        "rows": f"{dataset.rows:,}",
        "coverage": dataset.coverage,
        "basis": dataset.basis,
        "vintage": dataset.vintage,
        "collected": origin.collected if origin else "",
        "obtain": origin.obtain if origin else "",
        "key": ", ".join(dataset.key),
        "license": f"{dataset.licence} ({dataset.licence_address})",
        "terms": dataset.terms,
        "sha256": dataset.sha256,
        "content": dataset.content_sha256,
    }
    return "\n".join(
        textwrap.fill(f"{label:<10}{value}", WIDTH, subsequent_indent=" " * 10)
        for label, value in facts.items()
        if value
    )


def _column(column: Column) -> str:
    kind = column.type if column.required else f"{column.type}, may be empty"
    unit = f", {column.unit}" if column.unit else ""
    return f"{column.name} ({kind}{unit}): {column.description}"


def _item(text: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent="  ", subsequent_indent="      ", break_long_words=False)
