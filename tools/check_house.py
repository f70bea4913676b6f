#!/usr/bin/env python3
"""Check what the project asks of its own source: no circles, small folders, modules and functions, words kept as data.

    tools/check_house.py [PACKAGE FOLDER] [--all]

Prints every offence and exits with 1 if there is one that `tools/house.toml` doesn't excuse; --all prints those too.
What each check means stands in CONTRIBUTING.md.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from korus_research import errors

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "korus_research"
EXCUSES = Path(__file__).with_name("house.toml")

ENTRIES, MODULE, FUNCTION, WORDS = 12, 400, 60, 6
# Folders that grow with the data: a chapter, a table, a source of claims each is an entry.
GROWING = {"chapters", "data/agreements", "data/tables", "chapters/claims/sources"}

# The project's own errors: what they are made of is told to whoever mends the cause.
ERRORS = {name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, Exception)}

_WORD = re.compile(r"[(\"'“]?[A-Za-z][A-Za-z'’-]*[)\"'”]?[.,;:?!)]*")
# Calls that speak to whoever runs the command or mends a file, not to the reader of a report.
_TOLD = re.compile(
    r"(\w*(Error|Exit)|refuse\w*|damaged|error|echo|warn|debug|info|exception|Option|Argument|Typer|command)"
)
_TOLD_NAMES = {"found", "expected", "do", "DO", "REPAIR"}
_FIELD_WORDS = {"description", "help"}


@dataclass(frozen=True)
class Offence:
    """One thing that is not as it should be: which check, in which file or folder, what."""

    check: str
    place: str
    what: str

    @property
    def folder(self) -> str:
        """The folder it is in; of chapters each is one."""
        parts = self.place.split("/")
        return "/".join(parts[:2] if parts[0] == "chapters" else parts[:1])

    def __str__(self) -> str:
        return f"{self.check:10}{self.place}: {self.what}"


def main() -> int:
    """Print what offends and return 1 if something does, else 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", nargs="?", type=Path, default=PACKAGE)
    parser.add_argument("--all", action="store_true", help="print what house.toml excuses, too")
    asked = parser.parse_args()
    excuses = tomllib.loads(EXCUSES.read_text(encoding="utf-8")) if asked.package == PACKAGE else {}
    found = list(offences(asked.package, excuses.get("allowed", {})))
    unexcused = found if asked.all else list(beyond(found, excuses.get("temporary", {})))
    for offence in unexcused:
        print(offence)
    if unexcused:
        print(", ".join(f"{count} {check}" for check, count in Counter(o.check for o in unexcused).items()))
    return 1 if list(beyond(found, excuses.get("temporary", {}))) else 0


def offences(package: Path, allowed: Mapping[str, Collection[str]]) -> Iterator[Offence]:
    """Yield what offends in a package; `allowed` are beginnings of strings by file that may stay in Python."""
    yield from circles(package)
    for folder in [package, *(path for path in sorted(package.rglob("*")) if path.is_dir())]:
        yield from crowded(folder, package)
    for path in sorted(package.rglob("*.py")):
        place, text = path.relative_to(package).as_posix(), path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        yield from long_code(tree, text, place)
        yield from undocumented(tree, place)
        for line, said in sentences(tree):
            if not any(said.startswith(beginning) for beginning in allowed.get(place, ())):
                yield Offence("words", place, f"line {line}: {said[:90]!r}")


def beyond(found: list[Offence], temporary: Mapping[str, Mapping[str, int]]) -> Iterator[Offence]:
    """Yield the offences of folders with more of a kind than is excused for now."""
    counts = Counter((offence.check, offence.folder) for offence in found)
    for offence in found:
        if counts[offence.check, offence.folder] > temporary.get(offence.check, {}).get(offence.folder, 0):
            yield offence


def circles(package: Path) -> Iterator[Offence]:
    """Yield groups of modules that import each other, imports for type checkers and within functions included."""
    import grimp

    sys.path.insert(0, str(package.parent))
    graph = grimp.build_graph(package.name, cache_dir=None)
    names = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    for group in circular(names):
        yield Offence("circle", package.name, " <-> ".join(name.removeprefix(f"{package.name}.") for name in group))


def circular(arrows: Mapping[str, set[str]]) -> Iterator[list[str]]:
    """Yield the strongly connected components with more than one member, sorted."""
    reached: dict[str, set[str]] = {}
    for name in arrows:
        seen, open_ = set(), [name]
        while open_:
            for further in arrows.get(open_.pop(), ()):
                if further not in seen:
                    seen.add(further)
                    open_.append(further)
        reached[name] = seen
    groups = {tuple(sorted({a} | {b for b in reached[a] if a in reached[b]})) for a in arrows if a in reached[a]}
    yield from (list(group) for group in sorted(groups))


def crowded(folder: Path, package: Path) -> Iterator[Offence]:
    """Yield a folder with more entries than one looks through."""
    place = folder.relative_to(package).as_posix()
    if "__pycache__" in folder.parts:
        return
    entries = [path for path in folder.iterdir() if not path.name.startswith(("__", "."))]
    if len(entries) > ENTRIES and place not in GROWING:
        yield Offence("entries", place, f"{len(entries)} entries, more than {ENTRIES}")


def long_code(tree: ast.Module, text: str, place: str) -> Iterator[Offence]:
    """Yield modules and functions that are longer than one reads at once."""
    if (lines := text.count("\n")) > MODULE:
        yield Offence("length", place, f"{lines} lines, more than {MODULE}")
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or 0) - node.lineno + 1
            if lines > FUNCTION:
                yield Offence("length", place, f"{node.name} has {lines} lines, more than {FUNCTION}")


def undocumented(tree: ast.Module, place: str) -> Iterator[Offence]:
    """Yield public modules, classes, functions and methods without a docstring."""

    def public(body: list[ast.stmt], within: str) -> Iterator[str]:
        for node in body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.name[0] != "_":
                name = f"{within}{node.name}"
                if ast.get_docstring(node) is None:
                    yield name
                if isinstance(node, ast.ClassDef):
                    yield from public(node.body, f"{name}.")

    if ast.get_docstring(tree) is None:
        yield Offence("docstring", place, "the module has none")
    for name in public(tree.body, ""):
        yield Offence("docstring", place, f"{name} has none")


def sentences(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and text of strings of more than six words that a reader of the report could meet."""
    if _for_the_user(node):
        return
    if isinstance(node, ast.JoinedStr | ast.Constant):
        if (said := _text(node)) and sum(bool(_WORD.fullmatch(word)) for word in said.split()) > WORDS:
            yield node.lineno, " ".join(said.split())
        return
    for child in ast.iter_child_nodes(node):
        yield from sentences(child)


def _for_the_user(node: ast.AST) -> bool:
    """Return whether a node is documentation, an error, a message of the command or its help."""
    if isinstance(node, ast.Raise) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
        return True
    if isinstance(node, ast.keyword):
        return node.arg in _FIELD_WORDS | _TOLD_NAMES
    if isinstance(node, ast.Assign):
        names = [
            name for target in node.targets for name in (target.elts if isinstance(target, ast.Tuple) else [target])
        ]
        return all(isinstance(name, ast.Name) and name.id.lstrip("_") in _TOLD_NAMES for name in names)
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        return _TOLD.fullmatch(name.lstrip("_")) is not None or name in ERRORS
    return False


def _text(node: ast.Constant | ast.JoinedStr) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    parts: list[Any] = [part.value if isinstance(part, ast.Constant) else "{}" for part in node.values]
    return "".join(parts)


if __name__ == "__main__":
    sys.exit(main())
