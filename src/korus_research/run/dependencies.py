"""What a chapter's outputs depend on, as digests: its cells, parameters, tables, the package's code, the libraries.

Content only, never a time. No imports are traced: all code that a chapter could reach counts, room by room, without
comments and docstrings; so a change of prose or of the publisher re-executes nothing, and one of `analysis` everything.
The idea that what comes out the same stops the cascade is from the R package targets.
"""

from __future__ import annotations

import ast
import hashlib
import json
import platform
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import korus_research
from korus_research.data.cache.store import Cache
from korus_research.run.chapters import Chapter

PACKAGE = Path(korus_research.__file__).resolve().parent
# The part of `report` that takes part in executing a chapter; the rest only publishes what came out.
EXECUTES = ("run/kernels/", "run/executed.py", "run/execution.py", "run/imports.py", "run/run.py")
APART = ("cli/",)  # reads the command line and prints

_CODE = (".py", ".toml")
_NOTEBOOKS = "notebooks"  # they travel in the wheel; their cells count by themselves


@dataclass(frozen=True)
class Ingredients:
    """Name of each thing a result depends on, and its value or digest."""

    parts: Mapping[str, str]

    @cached_property
    def key(self) -> str:
        """The digest of all of them: two results with one key are the same."""
        return digest(json.dumps(self.parts, sort_keys=True))

    def changed(self, before: Mapping[str, str]) -> list[str]:
        """Return what differs from `before`, in words: "parameter as_of: 2016-12, was 2017-11", "code of analysis"."""
        names = [*self.parts, *(name for name in before if name not in self.parts)]
        return [_in_words(name, self.parts.get(name), before.get(name)) for name in names
                if self.parts.get(name) != before.get(name)]  # fmt: skip


def _in_words(name: str, now: str | None, was: str | None) -> str:
    if name.startswith("parameter ") and now is not None and was is not None:
        return f"{name}: {now}, was {was}"
    return f"{name} (new)" if was is None else f"{name} (gone)" if now is None else name


@dataclass(frozen=True)
class Surroundings:
    """What all chapters share: code by room, tables, and the environment they run in."""

    rooms: Mapping[str, str]
    tables: Mapping[str, str]
    publishing: str
    environment: str

    def of_chapter(
        self, chapter: Chapter, source: Mapping[str, Any], given: Mapping[str, Any], findings: Mapping[str, str]
    ) -> Ingredients:
        """Return what the outputs of `chapter` depend on.

        Parameters
        ----------
        chapter : Chapter
        source : mapping
            Its notebook.
        given : mapping
            The parameters that it reads, with their values.
        findings : mapping
            For each chapter whose findings it takes, by stem, the digest of those.
        """
        parts = {"cells": cells_digest(source)}
        parts |= {f"parameter {name}": json.dumps(value) for name, value in given.items()}
        names = self.tables if chapter.tables is None else chapter.tables
        parts |= {f"table {name}": self.tables[name] for name in names}
        parts |= {f"findings of {stem}": value for stem, value in findings.items()}
        parts |= {f"code of {room}": value for room, value in self.rooms.items()}
        return Ingredients({**parts, "libraries": self.environment})


def digest(content: str | bytes) -> str:
    """Return the sha256 of text or bytes, in hexadecimal."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def cells_digest(source: Mapping[str, Any]) -> str:
    """Return the digest of a notebook's code cells; its Markdown is published, not executed."""
    code = [cell for cell in source["cells"] if cell["cell_type"] == "code"]
    return digest(json.dumps([[cell.get("id"), _text(cell["source"]), cell.get("metadata")] for cell in code]))


def _text(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)


def surroundings(cache: Cache | None = None, package: Path = PACKAGE) -> Surroundings:
    """Return the digests of the package as it is on disk.

    Parameters
    ----------
    cache : Cache, optional
        Remembers the digest of a file's code by that of its bytes: parsing the package takes a second.
    package : Path
        The folder of korus_research.
    """
    normal = _remembered(package, cache)
    rooms: dict[str, list[str]] = {}
    publishing = []
    for name, value in normal.items():
        if name.startswith(("run/", "publish/", "editions/")) and not name.startswith(EXECUTES):
            publishing.append(f"{name} {value}")
        elif not name.startswith(APART):
            rooms.setdefault(_room(name), []).append(f"{name} {value}")
    tables = json.loads((package / "data" / "tables" / "datapackage.json").read_text(encoding="utf-8"))["resources"]
    beside = [*_files(package / "publish" / "templates", ()), package / "data" / "references.json"]
    publishing += [f"{path.relative_to(package).as_posix()} {digest(path.read_bytes())}" for path in beside]
    return Surroundings(
        rooms={room: digest("\n".join(files)) for room, files in rooms.items()},
        tables={table["name"]: digest(json.dumps(table, sort_keys=True)) for table in tables},
        publishing=digest("\n".join(publishing)),
        environment=_environment(),
    )


def _room(name: str) -> str:
    first = name.split("/", maxsplit=1)[0].removesuffix(".py")
    return "the front door" if first == "__init__" else first


def _remembered(package: Path, cache: Cache | None) -> dict[str, str]:
    """Return the digest of the meaning of every code file, by its path in the package."""
    content = {path.relative_to(package).as_posix(): path.read_bytes() for path in _files(package, _CODE)}
    raw = {name: digest(text) for name, text in content.items()}
    key = f"code-{digest(json.dumps([platform.python_version(), raw], sort_keys=True))}"
    if cache is not None and (known := cache.get(key)) is not None:
        return json.loads(known)  # type: ignore[no-any-return]
    each = f"code-{digest(platform.python_version() + str(package))}"
    memory: dict[str, str] = json.loads((cache.get(each) if cache else None) or b"{}")
    meanings = {name: memory.get(raw[name]) or digest(meaning(name, text)) for name, text in content.items()}
    if cache is not None:
        cache.put(each, json.dumps({raw[name]: value for name, value in meanings.items()}).encode())
        cache.put(key, json.dumps(meanings).encode())
    return meanings


def meaning(name: str, content: bytes) -> str:
    """Return a file's code without what changes nothing: comments, docstrings, layout.

    A file that can't be parsed is its own meaning: whoever runs it will see why.
    """
    try:
        if name.endswith(".toml"):
            return repr(tomllib.loads(content.decode()))
        tree = ast.parse(content)
    except (SyntaxError, ValueError):
        return repr(content)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            # Any string that stands by itself, not the first only: it does nothing.
            node.body = [one for one in node.body if not _is_text(one)]
    return ast.dump(tree)


def _is_text(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _files(package: Path, endings: Iterable[str]) -> Iterator[Path]:
    endings = tuple(endings)
    for path in sorted(package.rglob("*")):
        apart = "__pycache__" in path.parts or path.is_relative_to(package / _NOTEBOOKS)
        if path.is_file() and not apart and (not endings or path.suffix in endings):
            yield path


def _environment() -> str:
    # What is installed, not what the lock says: the lock made this environment, and may be newer than it. The names of
    # the metadata folders hold name and version; reading 200 of them would take as long as everything else here.
    folders = {Path(place) for place in sys.path if place}
    installed = {path.name for folder in folders if folder.is_dir() for path in folder.glob("*.dist-info")}
    own = {name for name in installed if name.startswith("korus_research-")}  # its code counts, not its version
    return digest(json.dumps([sys.version, platform.machine(), *sorted(installed - own)]))
