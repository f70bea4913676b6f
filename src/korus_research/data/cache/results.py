"""Results about a study, cached by content and shared by the chapters of a run, JupyterLab and scripts.

The key of a result has the code that computes it (all files that its module depends on), the agreement, the parameters,
the arguments, the tables that it loaded, Python and the installed packages. The tables are known only after computing,
so there are two entries: the list of tables, and the result for their present content.
"""

from __future__ import annotations

import json
import operator
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from korus_research.data.cache.code import NAME, Package, environment, read_package
from korus_research.data.cache.store import Cache, digest, open_cache
from korus_research.data.cache.watched import watched
from korus_research.data.files import locked
from korus_research.errors import OutputFolder

if TYPE_CHECKING:
    from pydantic import BaseModel

    from korus_research.data.schema import Dataset

WORTH = 0.03  # processor seconds from which a result is cached: below, reading it takes as long
LARGEST = 64 << 20

# Every result depends on these modules and, through the study, on these tables.
_ALWAYS = (f"{NAME}.data.cache.results", f"{NAME}.data.cache.codec", f"{NAME}.data.study")
_OWN_TABLES = frozenset({"partners", "goods_trade_monthly"})


class Tables(Protocol):
    """The part of a catalog that is needed here."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its tables."""

    def describe(self, name: str) -> Dataset:
        """Return the descriptor of a table."""


class Studied(Protocol):
    """The part of a study that is needed here."""

    @property
    def agreement(self) -> BaseModel:
        """Its agreement."""

    @property
    def parameters(self) -> BaseModel:
        """Its parameters."""

    @property
    def catalog(self) -> Tables:
        """Its data package."""


@dataclass
class Uses:
    """What a result has used so far: its tables, and whether its key covers everything else (`certain`)."""

    tables: set[str] = field(default_factory=set)
    certain: bool = True


@dataclass(frozen=True)
class Made:
    """A result, the tables that it depends on, and the digest of its arguments (None if they have none)."""

    value: Any
    tables: frozenset[str]
    given: str | None
    arguments: tuple[Any, ...] = ()

    def is_of(self, given: tuple[Any, ...], named: Mapping[str, Any]) -> bool:
        """Return whether it was computed with these arguments."""
        asked = (*given, *named.values())
        same = len(asked) == len(self.arguments) and all(map(operator.is_, asked, self.arguments))
        return self.given is not None and (same or given_digest(given, named) == self.given)


@dataclass(frozen=True)
class How:
    """Arguments that affect how a result is computed but not the result; they are not part of its key."""

    values: tuple[Any, ...]


class _Open(threading.local):
    def __init__(self) -> None:
        self.uses: list[Uses] = []


_OPEN = _Open()


def note_table(name: str) -> None:
    """Note that the results being computed use the table `name`."""
    for uses in _OPEN.uses:
        uses.tables.add(name)


def note_result(made: Made, given: tuple[Any, ...], named: Mapping[str, Any]) -> None:
    """Note that the results being computed use another result, requested with these arguments.

    A study keeps its first result: if that had other arguments, another process might get another one.
    """
    if _OPEN.uses:
        certain = made.is_of(given, named)
        for uses in _OPEN.uses:
            uses.tables |= made.tables
            uses.certain &= certain


@contextmanager
def _following() -> Iterator[Uses]:
    uses = Uses()
    _OPEN.uses.append(uses)
    try:
        yield uses
    finally:
        _OPEN.uses.pop()


def given_digest(given: tuple[Any, ...], named: Mapping[str, Any]) -> str | None:
    """Return the digest of a function's arguments, or None if they can't be encoded."""
    from korus_research.data.cache.codec import NotEncodable, encode

    named = {name: value for name, value in named.items() if not isinstance(value, How)}
    if not given and not named:
        return ""
    try:
        return digest(encode([list(given), named]))
    except NotEncodable:
        return None


def made_once(study: Studied, make: Callable[..., Any], given: tuple[Any, ...], named: Mapping[str, Any]) -> Made:
    """Return the result of `make` for a study from the cache, or compute and store it.

    Numerical libraries use one thread meanwhile: sums then do not depend on the machine's cores, and small ones are
    faster.

    Raises
    ------
    UndeclaredTable
        A chapter uses a result that depends on a table that the chapter does not declare.
    """
    known = given_digest(given, named)
    key = None if known is None else _key(study, make, known)
    cache = open_cache()
    arguments = (*given, *named.values())
    if key is not None and (found := _recalled(cache, study, key)) is not None:
        return Made(*found, known, arguments)
    with _alone(cache, key):
        if key is not None and (found := _recalled(cache, study, key)) is not None:  # computed while this one waited
            return Made(*found, known, arguments)
        began = time.process_time()
        with _following() as uses, _one_thread(), watched(make.__module__.split(".")[2]):
            value = make(study, *given, **named)
            spent = time.process_time() - began
            if spent >= WORTH and key is not None and hasattr(value, "findings"):
                value.findings()  # so that they are cached with it
        made = Made(value, frozenset(uses.tables | _OWN_TABLES), known, arguments)
        if key is not None and uses.certain and spent >= WORTH:
            _keep(cache, study, key, made)
    return made


@contextmanager
def _alone(cache: Cache, key: str | None) -> Iterator[None]:
    """Make other processes wait that want the same result; if nothing can be written, each computes its own."""
    with ExitStack() as held:
        if key is not None and cache.folder.is_dir():  # a private folder
            with suppress(OutputFolder, OSError):
                held.enter_context(locked(cache.folder / "making", key, patient=True))
        yield


def _key(study: Studied, make: Callable[..., Any], given: str) -> str | None:
    """Return the digest of all that a result depends on except tables; None if that can't be determined."""
    package = _package()
    files = package.reach([make.__module__, *_ALWAYS])
    whole = hasattr(study.agreement, "model_dump_json") and not {"load", "once"} & vars(study).keys()
    if not whole or package.file(make.__module__) is None or not package.unchanged(files):
        return None
    words = {name: package.sources[name].labels for name in package.words(files)}
    about = [study.agreement.model_dump_json(), study.parameters.model_dump_json(), given]
    made_by = [f"{make.__module__}.{make.__qualname__}", package.digests(files), words, environment()]
    return digest(json.dumps([made_by, about], sort_keys=True))


def _recalled(cache: Cache, study: Studied, key: str) -> tuple[Any, frozenset[str]] | None:
    from korus_research.data.cache.codec import decode

    tables = cache.read(f"uses-{key}", lambda kept: frozenset(map(str, json.loads(kept))))
    if tables is None or not tables <= set(study.catalog.names):
        return None
    return cache.read(f"result-{_on(study, key, tables)}", lambda kept: (decode(kept), tables))


def _keep(cache: Cache, study: Studied, key: str, made: Made) -> None:
    from korus_research.data.cache.codec import NotEncodable, encode

    try:
        content = encode(made.value)
    except NotEncodable:
        return
    if len(content) > LARGEST:
        return
    place = _on(study, key, made.tables)
    cache.put(f"uses-{key}", json.dumps(sorted(made.tables)).encode())
    cache.put(f"result-{place}", content)
    if place[0] == "0":  # now and then
        cache.prune()


def _on(study: Studied, key: str, tables: frozenset[str]) -> str:
    """Return the key of a result for the present tables; UndeclaredTable for one that the chapter does not declare."""
    return digest(json.dumps([key, [_described(study.catalog.describe(name)) for name in sorted(tables)]]))


@lru_cache(maxsize=256)
def _described(dataset: Dataset) -> str:
    return digest(repr(replace(dataset, path=Path(dataset.path.name))))


@lru_cache(maxsize=1)
def _package() -> Package:
    return read_package(open_cache())


@contextmanager
def _one_thread() -> Iterator[None]:
    if _OPEN.uses[1:] or os.environ.get("OPENBLAS_NUM_THREADS") == "1":
        yield  # it is so already
        return
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with threadpool_limits(1):
        yield
