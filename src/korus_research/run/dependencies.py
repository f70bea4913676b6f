"""What a chapter's outputs depend on, as digests: its cells, parameters, tables, code and the installed libraries.

Only content counts, never a time. A chapter's code is what its cells reach: the parts of chapters that they name, and
all that those import (data/cache/code.py). So a change of one chapter's measures reruns that chapter, and those that
import them or read its findings. Words do not count, except for the labels that code reads: sentences are made again
when a report is published. That unchanged output stops the cascade is an idea of the R package targets.
"""

from __future__ import annotations

import ast
import json
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import korus_research
from korus_research.data.cache.code import NAME, PACKAGE, WORDS, Package, environment, read_package
from korus_research.data.cache.store import Cache, digest
from korus_research.data.catalog import FOLDER
from korus_research.data.package.releases import RELEASES
from korus_research.data.parameters import PUBLISHED
from korus_research.data.schema import read_descriptor
from korus_research.run.chapters import Chapter
from korus_research.show.words.text import executed_part

# The code that executes every chapter; the rest of run/ only decides whether and when.
EXECUTES = ("run/kernels/", "run/executed.py", "run/execution.py", "run/run.py")
# The command line, which is not part of a report.
APART = ("cli/",)
PUBLISHES = ("publish/", "editions/", "run/")
SHARED = ("show/", "data/", "errors.py", "__init__.py")  # used in publishing
SPEAKS = ("say", "label", "formula")  # attributes of a chapter that use its words but none of its code


@dataclass(frozen=True)
class Dependencies:
    """The things that a result depends on, by name, with their values or digests."""

    parts: Mapping[str, str]

    @cached_property
    def key(self) -> str:
        """The digest of all of them: results with the same key are equal."""
        return digest(json.dumps(self.parts, sort_keys=True))

    def changed(self, before: Mapping[str, str]) -> list[str]:
        """Return the differences from `before` as text: "parameter as_of: 2016-12, was 2017-11", or a file's name."""
        names = [*self.parts, *(name for name in before if name not in self.parts)]
        return [_in_words(name, self.parts.get(name), before.get(name)) for name in names
                if self.parts.get(name) != before.get(name)]  # fmt: skip


def _in_words(name: str, now: str | None, was: str | None) -> str:
    if name.startswith("parameter ") and now is not None and was is not None:
        return f"{name}: {now}, was {was}"
    return f"{name} (new)" if was is None else f"{name} (gone)" if now is None else name


@dataclass(frozen=True)
class BuildInputs:
    """The inputs that all chapters share: the package's code, its tables, and the environment.

    Attributes
    ----------
    package : Package
    tables : mapping
        Digest of the descriptor of each table.
    replaced : mapping
        Name of the table of replaced values, for each table that has one.
    labels : mapping
        Digest of the part of each words file that code reads.
    publishing : str
        Digest of the code, words and templates that typeset the chapters.
    speaking : str
        Digest of all words files and of the code that makes sentences from them.
    environment : str
        Digest of Python and the installed packages.
    """

    package: Package
    tables: Mapping[str, str]
    replaced: Mapping[str, str]
    labels: Mapping[str, str]
    publishing: str
    speaking: str
    environment: str

    @cached_property
    def planning(self) -> str:
        """The digest of the code that fills in parameters and decides which chapters an edition has."""
        covers = [file for file in self.package.sources if file.endswith("/coverage.py")]
        names = [f"{NAME}.run.plan", *(f"{NAME}.{file[:-3].replace('/', '.')}" for file in covers)]
        return digest(json.dumps(self.package.digests(self.package.reach(names))))

    def of_chapter(
        self, chapter: Chapter, source: Mapping[str, Any], given: Mapping[str, Any], findings: Mapping[str, str]
    ) -> Dependencies:
        """Return what the outputs of `chapter` depend on.

        Parameters
        ----------
        chapter : Chapter
        source : mapping
            Its notebook.
        given : mapping
            The parameters that it reads, with their values.
        findings : mapping
            Digest of the findings of each chapter that it reads, by stem.
        """
        parts = {"cells": cells_digest(source)}
        parts |= {f"parameter {name}": json.dumps(value) for name, value in given.items()}
        names = set(self.tables if chapter.tables is None else chapter.tables)
        if given.get("values") == PUBLISHED:  # these depend on the releases too
            names |= {RELEASES, *(self.replaced[name] for name in names & self.replaced.keys())}
        parts |= {f"table {name}": self.tables[name] for name in sorted(names)}
        parts |= {f"findings of {stem}": value for stem, value in findings.items()}
        files = self.files(source)
        parts |= self.package.digests(files)
        parts |= {f"labels of {name}": self.labels[name] for name in self.package.words(files)}
        return Dependencies({**parts, "libraries": self.environment})

    def files(self, source: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the files of the package that a notebook's cells reach, and those that execute it."""
        reached = self.package.reach({NAME, *_named(source, self.package)})
        executes = (name for name in self.package.sources if name.startswith(EXECUTES))
        return tuple(sorted({*reached, *executes}))


def cells_digest(source: Mapping[str, Any]) -> str:
    """Return the digest of a notebook's code cells; its Markdown is published, not executed."""
    code = [cell for cell in source["cells"] if cell["cell_type"] == "code"]
    return digest(json.dumps([[cell.get("id"), _text(cell["source"]), cell.get("metadata")] for cell in code]))


def _text(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)


def _named(source: Mapping[str, Any], package: Package) -> Iterator[str]:
    """Yield the modules that a notebook's cells name: imported, as `kr.NAME`, `kr.TOPIC.NAME`, or `study.TOPIC()`."""
    trees = []
    for cell in source["cells"]:
        if cell["cell_type"] == "code":
            try:
                trees.append(ast.parse(_text(cell["source"])))
            except SyntaxError:
                continue  # an error when it runs, or an IPython command
    own = {NAME}
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Import):
            own |= {alias.asname for alias in node.names if alias.name == NAME and alias.asname}
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))
            if node.module == NAME:
                yield from (module for alias in node.names for module in _part(package, [alias.name]))
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Attribute) and (chain := _chain(node)):
            name, *path = chain
            yield from _part(package, path) if name in own else _answers(path[0])


def _chain(node: ast.expr) -> list[str]:
    """Return the names of `a.b.c`, or nothing if it does not begin with a name."""
    path: list[str] = []
    while isinstance(node, ast.Attribute):
        path.insert(0, node.attr)
        node = node.value
    return [node.id, *path] if isinstance(node, ast.Name) else []


def _answers(name: str) -> Iterator[str]:
    """Yield the modules that may define `study.NAME()`."""
    from korus_research.chapters.study import ANSWERS

    yield f"{NAME}.chapters.{name}.measures"  # no module, where it is no topic
    if name in ANSWERS:
        yield f"{NAME}.{ANSWERS[name]}"


def _part(package: Package, path: list[str]) -> Iterator[str]:
    """Yield the modules behind `kr.NAME` and `kr.TOPIC.NAME`."""
    name, *more = path
    if (home := korus_research._HOMES.get(name)) is not None:
        file = package.file(f"{NAME}.{home}")
        listed = package.sources[file].imports if file is not None else ()
        defined = [module.rpartition(".")[0] for module in listed if more and module.rpartition(".")[2] == more[0]]
        yield from defined or [f"{NAME}.{home}"]  # of a module that only lists, what it lists
        return
    folder = f"{NAME}.chapters.{name}"
    yield folder
    if package.file(folder) is not None and more and more[0] not in SPEAKS:
        known = package.defining(f"chapters/{name}", more[0])
        within = (file for file in package.sources if file.startswith(f"chapters/{name}/") and file.endswith(".py"))
        yield from known or [f"{NAME}.{file[:-3].replace('/', '.')}" for file in within]


def build_inputs(
    cache: Cache | None = None, package: Path = PACKAGE, *, computing: Callable[[], None] | None = None
) -> BuildInputs:
    """Return the digests of the package as it is on disk.

    Parameters
    ----------
    cache : Cache, optional
        See `read_package`.
    package : Path
        The folder of korus_research.
    computing : callable, optional
        See `read_package`.
    """
    code = read_package(cache, package, computing=computing)
    tables = Path(os.environ.get(FOLDER) or package / "data" / "tables")
    described = read_descriptor(tables)["resources"]
    words = [name for name in code.sources if Path(name).name == WORDS]
    parts = {name: one.digest for name, one in code.sources.items() if not name.startswith(EXECUTES)}
    publishing = {name: part for name, part in parts.items() if name.startswith(PUBLISHES)}
    publishing |= code.digests(code.reach([f"{NAME}.publish.publish"]))
    speaking = {name: part for name, part in parts.items() if name.startswith(SHARED) or name in words}
    beside = {path.relative_to(package).as_posix(): digest(path.read_bytes()) for path in _published(package)}
    return BuildInputs(
        package=code,
        tables={table["name"]: digest(json.dumps(table, sort_keys=True)) for table in described},
        replaced={of: table["name"] for table in described if (of := table.get("korus:replaces"))},
        labels={name: _executed_digest(package / name) for name in words},
        publishing=digest(json.dumps({**publishing, **beside}, sort_keys=True)),
        speaking=digest(json.dumps(speaking, sort_keys=True)),
        environment=environment(),
    )


def _executed_digest(path: Path) -> str:
    try:
        return digest(repr(executed_part(tomllib.loads(path.read_text(encoding="utf-8")))))
    except (ValueError, AttributeError, TypeError):  # whoever reads it says what is wrong
        return digest(path.read_bytes())


def _published(package: Path) -> Iterator[Path]:
    """Yield the files other than code that publishing uses: templates, styles, references."""
    for folder in ("publish", "editions", "show"):
        for path in sorted((package / folder).rglob("*")):
            if path.is_file() and path.suffix not in (".py", ".toml", ".pyc"):
                yield path
    yield package / "data" / "tables" / "references.json"
