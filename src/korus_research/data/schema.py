"""The descriptor of the data package, `datapackage.json`, as frozen objects; pandas is not imported."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from textwrap import shorten, wrap
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasPath,
    BeforeValidator,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)

from korus_research.data.toml import composed, described
from korus_research.errors import DamagedData

DESCRIPTOR = "datapackage.json"
REPAIR = (
    "Restore the file from version control or reinstall korus-research; maintainers rebuild the folder with "
    "`python tools/build_data.py --raw DIR`"
)
SHOWN = 14  # columns on a screen
Frequency = Literal["month", "quarter", "year", "publication-year"]


def _inside(path: Path) -> Path:
    if path.is_absolute() or ".." in path.parts or "\0" in str(path):
        raise ValueError("a path that stays in the folder; this one leaves the folder, or is none")
    return path


def _hexadecimal(digest: str) -> str:
    return digest.removeprefix("sha256:")


def _required_stated(fields: Any) -> Any:
    """Return the fields of a table schema with `required` in each; its default in a descriptor is false."""
    for field in fields if isinstance(fields, list) else ():
        if isinstance(field, dict):
            if not isinstance(stated := field.get("constraints", {}), dict):
                raise ValueError("constraints as an object")
            field["constraints"] = {"required": False} | stated
    return fields


def _under(key: str, *more: str | int) -> Any:
    """Return the pydantic field for a value at this place of the descriptor."""
    return Field(validation_alias=AliasPath(key, *more))


@dataclass(frozen=True)
class Column:
    """One field of a table's schema; `unit` is "" if it has none, `enum` is empty if any value is allowed."""

    name: str
    type: Literal["string", "integer", "number", "boolean"]
    description: str
    unit: Annotated[str, _under("korus:unit")] = ""
    required: Annotated[bool, _under("constraints", "required")] = True
    enum: Annotated[tuple[str, ...], _under("constraints", "enum")] = ()
    minimum: Annotated[int | float | None, _under("constraints", "minimum")] = None
    pattern: Annotated[str, _under("constraints", "pattern")] = ""


@dataclass(frozen=True)
class Source:
    """A source of figures: the official one first, then the stored copies they were read from."""

    title: str
    address: Annotated[str, _under("path")] = ""


@dataclass(frozen=True)
class Time:
    """The column that dates a row, and its frequency.

    `within` names the column with the part of the year in tables that mix annual and finer figures; 0 is the whole
    year. `publication-year` dates a row by the year in which it was published.
    """

    field: str
    frequency: Frequency
    within: str = ""


@dataclass(frozen=True)
class Dataset:
    """One table of the data package: its file, content, sources and coverage.

    `sha256` is that of the file, `content_sha256` that of its rows as canonical CSV, which is the same whichever
    Parquet writer made the file. `agencies` are those named in source lines. `replaces` names the table whose replaced
    values this one has.
    """

    name: str
    title: str
    description: str
    path: Annotated[Path, AfterValidator(_inside)]
    format: Literal["csv", "parquet"]
    rows: Annotated[int, _under("korus:rows")]
    bytes: Annotated[int, Field(validation_alias=AliasChoices("bytes", "korus:bytes"))]
    sha256: Annotated[
        str, _under("hash"), StringConstraints(pattern="^sha256:[0-9a-f]{64}$"), AfterValidator(_hexadecimal)
    ]
    content_sha256: Annotated[str, _under("korus:content_sha256")]
    columns: Annotated[tuple[Column, ...], _under("schema", "fields"), BeforeValidator(_required_stated)]
    key: Annotated[tuple[str, ...], _under("schema", "primaryKey")]
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    agencies: Annotated[tuple[str, ...], _under("korus:agencies"), Field(min_length=1)]
    licence: Annotated[str, _under("licenses", 0, "title")]
    licence_address: Annotated[str, _under("licenses", 0, "path")]
    terms: Annotated[str, _under("korus:terms")]
    vintage: Annotated[str, _under("korus:vintage")]
    basis: Annotated[str, _under("korus:basis")]
    first: Annotated[str, _under("korus:coverage", "first")]
    last: Annotated[str, _under("korus:coverage", "last")]
    gaps: Annotated[tuple[str, ...], _under("korus:gaps")]
    cautions: Annotated[tuple[str, ...], _under("korus:cautions")]
    time: Annotated[Time | None, _under("korus:time")] = None
    replaces: Annotated[str, _under("korus:replaces")] = ""

    def __post_init__(self) -> None:
        names = {column.name for column in self.columns}
        if not len(names) == len(self.columns) > 0:
            raise ValueError("schema.fields with at least one field and each name once")
        if not self.key or not names.issuperset(self.key):
            raise ValueError("a schema.primaryKey among the fields")
        if self.time and not names.issuperset({self.time.field, self.time.within} - {""}):
            raise ValueError("a korus:time among the fields")

    @property
    def coverage(self) -> str:
        """First and last period, `1985-01 to 2026-07`; empty for a table without time."""
        return f"{self.first} to {self.last}" if self.first else ""

    @property
    def card(self) -> str:
        """A summary for one screen: title, description, size, columns with units, source."""
        about = f"{self.rows:,} rows; {self.coverage or 'no time'}; {self.basis}; vintage {self.vintage}"
        width = max(len(column.name) for column in self.columns)
        columns = [
            f"  {column.name:{width}}  {shorten(' '.join((column.unit, column.description)).strip(), 96 - width)}"
            for column in self.columns[:SHOWN]
        ]
        more = len(self.columns) - SHOWN
        lines = [self.title, *wrap(self.description, 100, max_lines=4), *wrap(about, 100, max_lines=3), *columns]
        return "\n".join(
            [
                *lines,
                *([f"  and {more} more columns"] if more > 0 else []),
                shorten(f"Source: {self.sources[0].title}", 120),
            ]
        )

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(self.card)  # `repr` stays complete: it is part of cache keys

    @property
    def address(self) -> str:
        """The address of the official source, or an empty string."""
        return self.sources[0].address


def read_package(folder: Path) -> dict[str, Dataset]:
    """Return the datasets of the package in `folder` by name, in the order of the descriptor.

    DamagedData if the descriptor is missing, is not JSON, or an entry is incomplete.
    """
    return dict(_datasets(folder, _text(folder)))


@lru_cache(maxsize=4)  # a report opens the catalog six times
def _datasets(folder: Path, text: str) -> Mapping[str, Dataset]:
    """Return the datasets of the package in `folder`, whose descriptor holds `text`."""

    def damaged(found: str, expected: str) -> DamagedData:
        return _damaged(folder, found, expected)

    resources = _parsed(folder, text).get("resources")
    if not isinstance(resources, list) or not resources:
        raise damaged("lists no resources", "a list named 'resources'")
    try:
        listed = _reader().validate_python(resources)
    except ValidationError as invalid:
        wrong = invalid.errors(include_url=False)[0]
        number, *place = wrong["loc"]
        resource, label = resources[int(number)], f"number {int(number) + 1}"
        if isinstance(resource, dict):
            label = resource.get("name", label)
        found, expected = described(wrong)
        what = f"'{place[0]}' ({' '.join(map(str, place))} is {found})" if place else f"form ({found})"
        raise damaged(f"resource {label} has no usable {what}", expected) from None
    datasets = {dataset.name: replace(dataset, path=folder / dataset.path) for dataset in listed}
    if len(datasets) < len(listed):
        twice = next(name for name, times in Counter(dataset.name for dataset in listed).items() if times > 1)
        raise damaged(f"resource {twice} is listed twice", "each name once")
    return datasets


def dataset_of(resource: Mapping[str, Any]) -> Dataset:
    """Return one resource of a descriptor as a Dataset; pydantic's ValidationError if it is incomplete."""
    return _reader().validate_python([deepcopy(dict(resource))])[0]


def compiled_on(folder: Path) -> str:
    """Return the day on which the package in `folder` was compiled, "YYYY-MM-DD"; DamagedData if it is missing."""
    day = str(read_descriptor(folder).get("created", ""))[:10]
    try:
        date.fromisoformat(day)
    except ValueError:
        raise _damaged(folder, f"'created' is '{day}'", 'the day of compiling, "2026-11-28T00:00:00Z"') from None
    return day


def read_descriptor(folder: Path) -> dict[str, Any]:
    """Return the raw descriptor of the package in `folder`; DamagedData if it can't be read as JSON."""
    return _parsed(folder, _text(folder))


def _text(folder: Path) -> str:
    try:
        return (folder / DESCRIPTOR).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise _damaged(folder, "there is no such file") from None
    except (OSError, ValueError) as problem:
        raise _damaged(folder, f"can't be read as JSON ({problem})") from None


def _parsed(folder: Path, text: str) -> dict[str, Any]:
    try:
        package = composed(json.loads(text))
    except (ValueError, RecursionError) as problem:
        raise _damaged(folder, f"can't be read as JSON ({problem})") from None
    return package if isinstance(package, dict) else {}


def _damaged(folder: Path, found: str, expected: str = "the data package's descriptor") -> DamagedData:
    return DamagedData(f"{folder / DESCRIPTOR}: {found}", expected=expected, do=REPAIR)


@cache
def _reader() -> TypeAdapter[list[Dataset]]:
    return TypeAdapter(list[Dataset])  # 25 ms, once a process
