"""The chapters of a report: the notebooks, their order, and the checks before they run."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from korus_research.chapters.notebooks import LIST
from korus_research.data.catalog import DECLARED
from korus_research.data.toml import composed, load_toml
from korus_research.errors import InvalidChapter, did_you_mean

FINDINGS_PARAMETER = "findings_file"
ALWAYS = ("agreement", "as_of")  # parameters of every chapter
ALL_TABLES = "all"

_TITLE = re.compile(r"\A\s*#[ \t]+(?P<title>[^\n]+?)[ \t]*(?:\{[^}\n]*\})?[ \t]*(?:\n+|\Z)")
_QUESTION = re.compile(r"\A\*(?P<question>[^*\n]+)\*[ \t]*(?:\n+|\Z)")


class _Entry(BaseModel):
    """One line of the list of chapters."""

    model_config = ConfigDict(extra="forbid")

    file: Annotated[str, StringConstraints(pattern=r"^\d\d_[a-z0-9_]+\.ipynb$")]
    wave: Literal[1, 2, 3]
    after: tuple[str, ...] | None = None
    seconds: float = 1.0


class _List(BaseModel):
    """The list of chapters, `chapters.toml`."""

    chapter: Annotated[tuple[_Entry, ...], Field(min_length=1)]


class _Output(BaseModel):
    data: dict[str, Any] = {}


class _Metadata(BaseModel):
    tags: list[Any] = []


class _Cell(BaseModel):
    cell_type: str
    source: str | list[str]
    metadata: _Metadata = _Metadata()
    outputs: list[_Output] = []


class _About(BaseModel):
    korus: dict[str, Any] = {}


class _Notebook(BaseModel):
    """The parts of a notebook that are read here and in publishing."""

    cells: list[_Cell]
    metadata: _About = _About()


@dataclass(frozen=True)
class Chapter:
    """One notebook of the report, checked.

    `wave` is 2 for a chapter that reports findings of others, and 3 for one that also reports findings of those. It
    runs when the chapters in `after` are done, or all of earlier waves if that is None. `seconds` is a rough duration,
    so that the longest chapters start first. `names` are the parameters in its parameters cell, which are all that it
    is given. `tables` are the datasets that it may load, None for all.
    """

    path: Path
    wave: int
    after: tuple[str, ...] | None
    seconds: float
    key: str
    number: str
    title: str
    question: str
    names: frozenset[str]
    tables: tuple[str, ...] | None

    @property
    def environment(self) -> dict[str, str]:
        """Extra environment variables of its kernel: pictures as SVG only, and the tables that it may load."""
        pictures = {"KORUS_PICTURES": "svg"}  # show.figure, which would import all that draws
        return pictures if self.tables is None else {**pictures, DECLARED: " ".join(self.tables)}

    @property
    def stem(self) -> str:
        """The file name without its extension, "01_flows"."""
        return self.path.stem

    @property
    def reads_findings(self) -> bool:
        """Whether it reads the findings of other chapters."""
        return FINDINGS_PARAMETER in self.names


def load_chapters(folder: Path, *, parameters: Collection[str]) -> tuple[Chapter, ...]:
    """Return the checked chapters of `folder`, in the order of the report.

    Parameters
    ----------
    folder : Path
        With `chapters.toml` and the notebooks.
    parameters : collection of str
        The names of the report parameters; a parameters cell names those that its chapter reads.

    Raises
    ------
    InvalidChapter
        The list can't be read, a file is missing, a notebook has no parameters cell or metadata, or names a parameter
        or table that does not exist.
    """
    from korus_research.data import open_catalog

    entries, tables = load_toml(folder / LIST, _List, InvalidChapter).chapter, open_catalog().names
    chapters = tuple(_chapter(folder, entry, parameters, tables) for entry in entries)
    for what, values in (("file", [c.stem for c in chapters]), ("key", [c.key for c in chapters])):
        for value in sorted({v for v in values if values.count(v) > 1}):
            raise InvalidChapter(f"{LIST} has two chapters with the {what} '{value}'", do="Keep one of them")
    for chapter in chapters:
        earlier = {c.stem for c in chapters if c.wave < chapter.wave}
        for stem in chapter.after or ():
            if stem not in earlier:
                raise InvalidChapter(
                    f"{chapter.path.name} is to run after '{stem}'{did_you_mean(stem, earlier)}",
                    expected="chapters of an earlier wave: " + (", ".join(sorted(earlier)) or "there is none"),
                    do=f"Correct `after` in {LIST}",
                )
    return chapters


def _chapter(folder: Path, entry: _Entry, parameters: Collection[str], tables: Collection[str]) -> Chapter:
    path = (folder / entry.file).resolve()
    notebook = read_notebook(path)
    about = notebook.get("metadata", {}).get("korus")
    if not isinstance(about, dict) or any(not isinstance(about.get(k), str) for k in ("chapter", "number")):
        raise InvalidChapter(
            f"{path.name} does not say which chapter it is",
            expected='metadata "korus" with chapter, number and tables',
            do="Copy that part of the metadata from another chapter and edit it",
        )
    title, question, _ = opening(notebook)
    if not title:
        raise InvalidChapter(
            f"{path.name} has no title",
            expected="a first Markdown cell with `# Title` and, in its own paragraph, `*its question?*`",
            do="Write it there",
        )
    names = _parameter_names(path, notebook)
    allowed = set(parameters) | ({FINDINGS_PARAMETER} if entry.wave > 1 else set())
    if lacking := [name for name in ALWAYS if name not in names]:
        raise InvalidChapter(
            f"The parameters cell of {path.name} lacks {', '.join(lacking)}",
            expected="one line for each parameter that it reads, these among them: " + ", ".join(ALWAYS),
            do=f"Add `{lacking[0]} = None`",
        )
    if extra := sorted(names - allowed):
        raise InvalidChapter(
            f"The parameters cell of {path.name} has '{extra[0]}'{did_you_mean(extra[0], allowed)}",
            expected="only " + ", ".join(sorted(allowed)),
            do="Move it to another cell, or correct its name",
        )
    return Chapter(
        path=path,
        wave=entry.wave,
        after=entry.after,
        seconds=entry.seconds,
        key=about["chapter"],
        number=about["number"],
        title=title,
        question=question,
        names=names,
        tables=_tables(path, about, tables),
    )


def _tables(path: Path, about: Mapping[str, Any], known: Collection[str]) -> tuple[str, ...] | None:
    declared = about.get("tables")
    if declared == ALL_TABLES:
        return None
    if not isinstance(declared, list):
        raise InvalidChapter(
            f"{path.name} does not say which tables it loads",
            expected=f'"tables" in its metadata: a list of datasets, or "{ALL_TABLES}"',
            do="Run it in JupyterLab: the error of the first table that is missing names it",
        )
    for name in map(str, declared):
        if name not in known:
            raise InvalidChapter(
                f"{path.name} declares the table '{name}'{did_you_mean(name, known)}",
                expected="datasets of the data package",
                do="Correct `tables` in its metadata; see `korus data list`",
            )
    return tuple(sorted(map(str, declared)))


def read_notebook(path: Path) -> dict[str, Any]:
    """Return a chapter's notebook as JSON, without outputs and other traces of a run.

    Raises
    ------
    InvalidChapter
        The file is missing, or is not a notebook of format 4.5 or later.
    """
    try:
        notebook: Any = composed(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise InvalidChapter(
            f"{path.name} can't be read ({error.strerror})",
            expected=f"every file of {LIST} beside it",
            do=f"Restore it (git checkout) or delete its line in {LIST}",
        ) from None
    except (ValueError, RecursionError) as error:
        raise InvalidChapter(
            f"{path.name} is not a notebook ({error})", expected="JSON of nbformat 4", do="Restore it (git checkout)"
        ) from None
    about = notebook if isinstance(notebook, dict) else {"nbformat": 4, "nbformat_minor": 5}
    version, minor = about.get("nbformat"), about.get("nbformat_minor")
    if version != 4 or not isinstance(minor, int) or minor < 5:
        raise InvalidChapter(
            f"{path.name} is not a notebook with fixed cell ids",
            expected="nbformat 4, minor 5 or later",
            do="Open it in JupyterLab and save it again",
        )
    if wrong := misfit(notebook):
        raise InvalidChapter(
            f"{path.name} has no usable {wrong}", expected="JSON of nbformat 4", do="Restore it (git checkout)"
        )
    metadata = {name: value for name, value in notebook.get("metadata", {}).items() if name == "korus"}
    written = {"cells": [as_written(cell) for cell in notebook["cells"]], "metadata": metadata}
    return {**written, "nbformat": 4, "nbformat_minor": minor}


def as_written(cell: Mapping[str, Any]) -> dict[str, Any]:
    """Return a cell with only what its author wrote: without outputs, execution counts and JupyterLab's view state."""
    tags = cell.get("metadata", {}).get("tags")
    source = cell["source"]
    kept = {key: cell[key] for key in ("id", "cell_type", "attachments") if key in cell}
    kept["source"] = source if isinstance(source, str) else "".join(source)
    kept["metadata"] = {"tags": tags} if tags else {}
    return kept | ({"outputs": [], "execution_count": None} if cell["cell_type"] == "code" else {})


def misfit(notebook: object) -> str | None:
    """Return the first part of a notebook that is not as in nbformat ("'source' in cell 2"), or None."""
    try:
        _Notebook.model_validate(notebook)
    except ValidationError as error:
        match error.errors(include_url=False)[0]["loc"]:
            case ("cells", int(place), field, *_):
                return f"'{field}' in cell {place + 1}"
            case ("cells", int(place)):
                return f"cell {place + 1}"
            case (field, *_):
                return f"'{field}'"
        return "content"
    return None


def opening(notebook: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return title and question of a chapter, and the rest of its first Markdown cell.

    Both are "" if the cell does not begin with `# Title`; the question is "" if no `*question*` follows.
    """
    sources = (cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    first = next((source if isinstance(source, str) else "".join(source) for source in sources), "")
    if not (title := _TITLE.match(first)):
        return "", "", first
    rest = first[title.end() :]
    question = _QUESTION.match(rest)
    return title["title"], question["question"] if question else "", rest[question.end() :] if question else rest


def _parameter_names(path: Path, notebook: Mapping[str, Any]) -> frozenset[str]:
    tagged = [
        cell
        for cell in notebook["cells"]
        if cell.get("cell_type") == "code" and "parameters" in cell.get("metadata", {}).get("tags", ())
    ]
    if len(tagged) != 1:
        raise InvalidChapter(
            f"{path.name} has {len(tagged) or 'no'} cell{'s' * (len(tagged) > 1)} tagged 'parameters'",
            expected="exactly one code cell with that tag",
            do="Add the tag in JupyterLab (Property Inspector, Cell Tags)",
        )
    try:
        return assigned(tagged[0]["source"])
    except SyntaxError as error:
        raise InvalidChapter(
            f"The parameters cell of {path.name} is not Python ({error.msg}, line {error.lineno})"
        ) from None


def assigned(source: str) -> frozenset[str]:
    """Return the names that a parameters cell assigns; SyntaxError if it is not Python."""
    return frozenset(_assigned(ast.parse(source).body))


def _assigned(body: Iterable[ast.stmt]) -> Iterable[str]:
    for statement in body:
        targets: list[ast.expr] = []
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        yield from (target.id for target in targets if isinstance(target, ast.Name))
