"""Digests of code: of each file of the package, and the files that a module depends on.

A module depends on everything of the package that it imports, anywhere in its code (except under TYPE_CHECKING), and on
the TOML files in the folders of those modules. Comments, docstrings and layout do not matter; of a chapter's words only
the labels that its code reads do, since sentences are made again when a report is published.
"""

from __future__ import annotations

import ast
import json
import platform
import sys
import time
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from korus_research.data.cache.store import digest

if TYPE_CHECKING:
    from korus_research.data.cache.store import Cache

NAME = "korus_research"
PACKAGE = Path(__file__).resolve().parents[2]
WORDS = "words.toml"
ENDINGS = (".py", ".toml")

_NOTEBOOKS = "notebooks"  # included in the wheel; the key of a chapter has their cells
_TABLES = "data/tables"  # keys have their descriptors
_TAKES_A_FOLDER = ("Words", "declarations")  # calls that name a chapter's folder
# A file that is newer than this process may differ from what the process has imported.
_STARTED = time.time()


@dataclass(frozen=True)
class Source:
    """One file of the package.

    Attributes
    ----------
    digest : str
        Of its code or content, without comments and layout.
    imports : tuple of str
        Dotted names in the package that it imports; some may not be modules.
    defines : tuple of str
        Its public functions and classes.
    labels : str
        For a words file the digest of its labels, which code reads; the rest is only displayed.
    """

    digest: str
    imports: tuple[str, ...] = ()
    defines: tuple[str, ...] = ()
    labels: str = ""


@dataclass(frozen=True)
class Package:
    """The package's code on disk, by the path of each file in `folder`.

    Attributes
    ----------
    folder : Path
        That of korus_research.
    sources : mapping
        Each .py and .toml file.
    """

    folder: Path
    sources: Mapping[str, Source]

    def file(self, module: str) -> str | None:
        """Return the file of a module by its dotted name, or None if it is not in the package."""
        if module != NAME and not module.startswith(f"{NAME}."):
            return None
        stem = module.removeprefix(NAME).removeprefix(".").replace(".", "/")
        names = (f"{stem}.py", f"{stem}/__init__.py") if stem else ("__init__.py",)
        return next((name for name in names if name in self.sources), None)

    def reach(self, modules: Iterable[str]) -> tuple[str, ...]:
        """Return the files that `modules` (dotted names) depend on, sorted, without words files."""
        found: set[str] = set()
        waiting = [name for module in modules if (name := self.file(module)) is not None]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += self._direct[name]
        folders = {name.rpartition("/")[0] for name in found}
        return tuple(sorted(found | {name for name in self._choices if self._home(name) in folders}))

    def words(self, files: Iterable[str]) -> tuple[str, ...]:
        """Return the words files in the folders of `files`, sorted."""
        folders = {name.rpartition("/")[0] for name in files}
        return tuple(sorted(f"{folder}/{WORDS}" for folder in folders if f"{folder}/{WORDS}" in self.sources))

    def defining(self, folder: str, name: str) -> tuple[str, ...]:
        """Return the modules (dotted) directly in `folder` that define a function or class `name`."""
        return tuple(_dotted(file) for file in self._within.get(folder, ()) if name in self.sources[file].defines)

    @cached_property
    def _within(self) -> Mapping[str, Sequence[str]]:
        """The modules directly in each folder; needed a hundred times to decide whether a chapter has changed."""
        found: dict[str, list[str]] = {}
        for file in self.sources:
            if file.endswith(".py"):
                found.setdefault(file.rpartition("/")[0], []).append(file)
        return found

    def digests(self, files: Iterable[str]) -> dict[str, str]:
        """Return the digest of each of `files`."""
        return {name: self.sources[name].digest for name in files}

    def unchanged(self, files: Iterable[str]) -> bool:
        """Return whether none of `files` was written since this process started, which may have imported them."""
        try:
            return all((self.folder / name).stat().st_mtime < _STARTED for name in files)
        except OSError:
            return False

    @cached_property
    def _choices(self) -> tuple[str, ...]:
        return tuple(name for name in self.sources if name.endswith(".toml") and not name.endswith(f"/{WORDS}"))

    def _home(self, name: str) -> str:
        """Return the Python package that a file belongs to: the nearest folder above it with an __init__.py."""
        folder = name.rpartition("/")[0]
        while folder and f"{folder}/__init__.py" not in self.sources:
            folder = folder.rpartition("/")[0]
        return folder

    @cached_property
    def _direct(self) -> dict[str, tuple[str, ...]]:
        """The files that each file imports, parent packages included."""
        above = {
            module: tuple(self.file(".".join(parts[:end])) for end in range(1, len(parts) + 1))
            for module in {module for source in self.sources.values() for module in source.imports}
            if (parts := module.split("."))
        }
        return {
            name: tuple({found for module in source.imports for found in above[module] if found is not None})
            for name, source in self.sources.items()
        }


def read_package(
    cache: Cache | None = None, folder: Path = PACKAGE, *, computing: Callable[[], None] | None = None
) -> Package:
    """Return the package's code on disk.

    Parameters
    ----------
    cache : Cache, optional
        Keeps the result for each file by the digest of its bytes: parsing the package takes half a second.
    folder : Path
        That of korus_research.
    computing : callable, optional
        Called before parsing if nothing is cached, so that other slow work may start.
    """
    content = {path.relative_to(folder).as_posix(): path.read_bytes() for path in code_files(folder)}
    states = {name: f"{name} {digest(text)}" for name, text in content.items()}
    key = f"code-{digest(_reader() + str(folder))}"
    known = (cache.read(key, _sources) if cache else None) or {}
    if computing is not None and not known:
        computing()
    sources = {name: known.get(state) or read_source(name, content[name]) for name, state in states.items()}
    if cache is not None and known.keys() != set(states.values()):
        cache.put(key, json.dumps({states[name]: vars(one) for name, one in sources.items()}).encode())
    return Package(folder, sources)


def _sources(kept: bytes) -> dict[str, Source]:
    return {
        name: Source(parts["digest"], tuple(parts["imports"]), tuple(parts["defines"]), parts["labels"])
        for name, parts in json.loads(kept).items()
    }


@lru_cache(maxsize=1)
def _reader() -> str:
    # The result depends on the version of Python and on this module.
    return platform.python_version() + digest(Path(__file__).read_bytes())


def code_files(folder: Path) -> Iterator[Path]:
    """Yield the .py and .toml files of a package folder, sorted, without those of notebooks and tables."""
    for path in sorted(folder.rglob("*")):
        if path.suffix in ENDINGS and "__pycache__" not in path.parts:
            name = path.relative_to(folder).as_posix()
            if not name.startswith((f"{_NOTEBOOKS}/", f"{_TABLES}/")):
                yield path


def read_source(name: str, content: bytes) -> Source:
    """Return digest and imports of a file; one that can't be parsed is digested as bytes, and fails when it runs."""
    try:
        if name.endswith(".toml"):
            table = tomllib.loads(content.decode())
            return Source(digest(repr(table)), labels=digest(repr(table.get("labels"))))
        tree = ast.parse(content)
    except (SyntaxError, ValueError):
        return Source(digest(repr(content)), labels=digest(repr(content)))
    defines = (one.name for one in tree.body if isinstance(one, ast.FunctionDef | ast.ClassDef))
    # Expressions are searched only if one of the calls occurs: they are nine tenths of a tree.
    nodes = list(_executed(tree, expressions=any(f"{call}(".encode() in content for call in _TAKES_A_FOLDER)))
    imports = tuple(sorted({*_imports(nodes, _package_of(name)), *_by_name(nodes, _package_of(name))}))
    return Source(digest(code_meaning(tree)), imports, tuple(one for one in defines if not one.startswith("_")))


def code_meaning(tree: ast.Module) -> str:
    """Return a module's code without docstrings and layout; `tree` is modified."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            # Any string statement, not only the first: none has an effect.
            node.body = [one for one in node.body if not _is_text(one)]
        waiting += _statements(node)
    return ast.dump(tree, annotate_fields=False)


def _is_text(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _dotted(file: str) -> str:
    return ".".join([NAME, *file.removesuffix(".py").split("/")]).removesuffix(".__init__")


def _package_of(name: str) -> str:
    """Return the dotted name of the package that a file's relative imports start from."""
    parts = name.split("/")[:-1]
    return ".".join([NAME, *parts])


def _imports(nodes: Iterable[ast.AST], package: str) -> Iterator[str]:
    """Yield the dotted names imported from the package: modules, and names that may be modules."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if _ours(alias.name))
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, package)
            if _ours(base):
                yield base
                yield from (f"{base}.{alias.name}" for alias in node.names)


def _by_name(nodes: Iterable[ast.AST], package: str) -> Iterator[str]:
    """Yield the modules that show/declared.py and show/words import by the name of a chapter's folder."""
    for node in nodes:
        if isinstance(node, ast.ClassDef) and any(
            isinstance(base, ast.Name) and base.id == "Result" for base in node.bases
        ):
            yield f"{package}.findings"
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            if any(isinstance(target, ast.Name) and target.id == "FINDINGS" for target in node.targets):
                yield f"{package}.{node.value.value!s}"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _TAKES_A_FOLDER:
            yield from (f"{NAME}.chapters.{arg.value!s}" for arg in node.args if isinstance(arg, ast.Constant))


def _absolute(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    above = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*above, *([node.module] if node.module else [])])


def _ours(module: str) -> bool:
    return module == NAME or module.startswith(f"{NAME}.")


def _executed(tree: ast.AST, *, expressions: bool) -> Iterator[ast.AST]:
    """Yield the nodes of a tree except those under `if TYPE_CHECKING`; only statements without `expressions`."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ast.If) and _names_type_checking(node.test):
            waiting += node.orelse
        else:
            waiting += ast.iter_child_nodes(node) if expressions else _statements(node)


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the statements within a statement, including handlers of `try` and cases of `match`."""
    for name in ("body", "orelse", "finalbody", "handlers", "cases"):
        held = getattr(node, name, ())
        yield from held if isinstance(held, list) else ()


def _names_type_checking(test: ast.expr) -> bool:
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )


@lru_cache(maxsize=1)
def environment() -> str:
    """Return the digest of the Python version and the installed packages."""
    # The installed packages, not the lock file, which may be newer. Name and version are taken from the names of the
    # metadata folders: reading 200 of them would take as long as everything else here.
    folders = {Path(place) for place in sys.path if place}
    installed: Sequence[str] = sorted(
        {path.name for one in folders if one.is_dir() for path in one.glob("*.dist-info")}
    )
    own = f"{NAME}-"  # its code counts, not its version
    kept = [name for name in installed if not name.startswith(own)]
    return digest(json.dumps([sys.version, platform.machine(), *kept]))
