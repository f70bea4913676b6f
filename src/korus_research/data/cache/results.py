"""What is measured of a study, remembered by content: shared by chapters of a run, JupyterLab and plain scripts.

A result's key holds the code that makes it (the files that its function's module reaches), the agreement, the
parameters, what was given, the tables that it loaded, Python and what is installed. Which tables those are is known
once it has been made, so it is remembered in two steps: which tables, then the result on those tables.
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

WORTH = 0.03  # seconds of computing from which a result is remembered: less is made as soon as it is read
LARGEST = 64 << 20

# What every result is read and written with, and what a study itself takes from its tables.
_ALWAYS = (f"{NAME}.data.cache.results", f"{NAME}.data.cache.codec", f"{NAME}.data.study")
_OWN_TABLES = frozenset({"partners", "goods_trade_monthly"})


class Tables(Protocol):
    """What is asked of a catalog."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its tables."""

    def describe(self, name: str) -> Dataset:
        """Return what is known of a table."""


class Studied(Protocol):
    """What is asked of a study."""

    @property
    def agreement(self) -> BaseModel:
        """Whose results these are."""

    @property
    def parameters(self) -> BaseModel:
        """What else was chosen."""

    @property
    def catalog(self) -> Tables:
        """Its tables."""


@dataclass
class Uses:
    """What a result has used so far: tables, and whether all else that it used is in its key."""

    tables: set[str] = field(default_factory=set)
    certain: bool = True


@dataclass(frozen=True)
class Made:
    """A result, the tables that it rests on, and the digest of what it was given (None: that has no digest)."""

    value: Any
    tables: frozenset[str]
    given: str | None
    arguments: tuple[Any, ...] = ()

    def is_of(self, given: tuple[Any, ...], named: Mapping[str, Any]) -> bool:
        """Return whether it was made of these arguments."""
        asked = (*given, *named.values())
        same = len(asked) == len(self.arguments) and all(map(operator.is_, asked, self.arguments))
        return self.given is not None and (same or given_digest(given, named) == self.given)


@dataclass(frozen=True)
class How:
    """Arguments that say how a result is made, and not what it is: no part of what it is remembered by."""

    values: tuple[Any, ...]


class _Open(threading.local):
    def __init__(self) -> None:
        self.uses: list[Uses] = []


_OPEN = _Open()


def note_table(name: str) -> None:
    """Take note that whatever is being made uses the table `name`."""
    for uses in _OPEN.uses:
        uses.tables.add(name)


def note_result(made: Made, given: tuple[Any, ...], named: Mapping[str, Any]) -> None:
    """Take note that whatever is being made uses another result, asked for with these arguments.

    What a study was given first holds: a result made with something else may differ from one in another process.
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
    """Return the digest of a function's arguments, or None where they have none."""
    from korus_research.data.cache.codec import NotEncodable, encode

    named = {name: value for name, value in named.items() if not isinstance(value, How)}
    if not given and not named:
        return ""
    try:
        return digest(encode([list(given), named]))
    except NotEncodable:
        return None


def made_once(study: Studied, make: Callable[..., Any], given: tuple[Any, ...], named: Mapping[str, Any]) -> Made:
    """Return what `make` makes of a study, from the cache where that has it, and remember it there.

    Its libraries compute with one thread meanwhile: the sums do not depend on the machine's cores, and small ones are
    faster that way.

    Raises
    ------
    UndeclaredTable
        A chapter uses a result that rests on a table which the chapter doesn't declare.
    """
    known = given_digest(given, named)
    key = None if known is None else _key(study, make, known)
    cache = open_cache()
    arguments = (*given, *named.values())
    if key is not None and (found := _recalled(cache, study, key)) is not None:
        return Made(*found, known, arguments)
    with _alone(cache, key):
        if key is not None and (found := _recalled(cache, study, key)) is not None:  # made while this one waited
            return Made(*found, known, arguments)
        began = time.process_time()
        with _following() as uses, _one_thread(), watched(make.__module__.split(".")[2]):
            value = make(study, *given, **named)
            spent = time.process_time() - began
            if spent >= WORTH and key is not None and hasattr(value, "findings"):
                value.findings()  # so that they are remembered with it
        made = Made(value, frozenset(uses.tables | _OWN_TABLES), known, arguments)
        if key is not None and uses.certain and spent >= WORTH:
            _keep(cache, study, key, made)
    return made


@contextmanager
def _alone(cache: Cache, key: str | None) -> Iterator[None]:
    """Have other processes that want the same result wait for it; where nothing can be written, each makes its own."""
    with ExitStack() as held:
        if key is not None and cache.folder.is_dir():  # which is private, and this in it
            with suppress(OutputFolder, OSError):
                held.enter_context(locked(cache.folder / "making", key, patient=True))
        yield


def _key(study: Studied, make: Callable[..., Any], given: str) -> str | None:
    """Return the digest of all that a result depends on but for tables; None where that can't be known."""
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
    """Return the key of a result on tables as they are; a table that the chapter doesn't declare is refused."""
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
