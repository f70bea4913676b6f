"""The descriptor of the data package: `datapackage.json` read into frozen objects, without pandas."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from korus_research.errors import DamagedData

DESCRIPTOR = "datapackage.json"
REPAIR = (
    "Restore the file from version control or reinstall korus-research; maintainers rebuild the folder with "
    "`python tools/build_data.py --raw DIR`"
)
TYPES = ("string", "integer", "number", "boolean")
FREQUENCIES = ("month", "quarter", "year", "publication-year")
FORMATS = ("csv", "parquet")


@dataclass(frozen=True)
class Column:
    """One field of a table's schema; `unit` is empty for what has none, `enum` where any value may stand."""

    name: str
    type: str
    description: str
    unit: str = ""
    required: bool = True
    enum: tuple[str, ...] = ()
    minimum: float | None = None
    pattern: str = ""


@dataclass(frozen=True)
class Source:
    """Where figures come from: the official source first, then the stored copies they were read from."""

    title: str
    address: str = ""


@dataclass(frozen=True)
class Time:
    """Which column dates a row, and at which frequency.

    `within` names the column that divides the year in tables that mix annual and finer figures: its value 0 is
    the whole year. `publication-year` dates a row by the year it was known, not by a period that has to end.
    """

    field: str
    frequency: str
    within: str = ""


@dataclass(frozen=True)
class Dataset:
    """One table of the data package: where it is, what it holds, where it comes from, how far it reaches.

    `sha256` is the hash of the file, `content_sha256` of its rows as canonical CSV, so that the same content is
    recognised whichever Parquet writer made the file.
    """

    name: str
    title: str
    description: str
    path: Path
    format: str
    rows: int
    bytes: int
    sha256: str
    content_sha256: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    sources: tuple[Source, ...]
    licence: str
    licence_address: str
    terms: str
    vintage: str
    basis: str
    first: str
    last: str
    time: Time | None
    gaps: tuple[str, ...]
    cautions: tuple[str, ...]

    @property
    def coverage(self) -> str:
        """First and last period, `1985-01 to 2026-07`; empty for a table without time."""
        return f"{self.first} to {self.last}" if self.first else ""

    @property
    def address(self) -> str:
        """The address of the official source, or an empty string."""
        return self.sources[0].address


def read_package(folder: Path) -> dict[str, Dataset]:
    """Return the datasets of the package in `folder` by name, in the order of the descriptor.

    Raises
    ------
    DamagedData
        The descriptor is missing, is not JSON, or lacks something a dataset must say.
    """
    path = folder / DESCRIPTOR
    try:
        package = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DamagedData(
            f"{path}: there is no such file", expected="the data package's descriptor", do=REPAIR
        ) from None
    except (OSError, ValueError) as problem:
        raise DamagedData(
            f"{path}: can't be read as JSON ({problem})", expected="the data package's descriptor", do=REPAIR
        ) from None
    resources = package.get("resources") if isinstance(package, dict) else None
    if not isinstance(resources, list) or not resources:
        raise DamagedData(f"{path}: lists no resources", expected="a list named 'resources'", do=REPAIR)
    datasets: dict[str, Dataset] = {}
    for position, resource in enumerate(resources):
        label = (
            resource.get("name", f"number {position + 1}") if isinstance(resource, dict) else f"number {position + 1}"
        )
        try:
            dataset = _dataset(folder, resource)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as problem:
            raise DamagedData(
                f"{path}: resource {label} has no usable {problem}",
                expected="the properties docs/data.md lists",
                do=REPAIR,
            ) from None
        if dataset.name in datasets:
            raise DamagedData(f"{path}: resource {label} is listed twice", expected="each name once", do=REPAIR)
        datasets[dataset.name] = dataset
    return datasets


def _dataset(folder: Path, resource: Mapping[str, Any]) -> Dataset:
    schema = resource["schema"]
    columns = tuple(_column(field) for field in schema["fields"])
    names = {column.name for column in columns}
    key = tuple(schema["primaryKey"])
    path = Path(resource["path"])
    coverage, time = resource["korus:coverage"], _time(resource.get("korus:time"))
    hashed = resource["hash"].removeprefix("sha256:")
    _require(not path.is_absolute() and ".." not in path.parts, "path (it leaves the folder)")
    _require(resource["format"] in FORMATS, f"format ({resource['format']!r})")
    _require(len(hashed) == 64, "hash (not a sha256)")
    _require(len(names) == len(columns) > 0, "schema.fields (none, or a name twice)")
    _require(bool(key) and names.issuperset(key), "schema.primaryKey (not among the fields)")
    if time is not None:
        _require(names.issuperset({time.field, time.within} - {""}), "korus:time (not among the fields)")
    return Dataset(
        name=resource["name"],
        title=resource["title"],
        description=resource["description"],
        path=folder / path,
        format=resource["format"],
        rows=int(resource["korus:rows"]),
        bytes=int(resource["bytes"]),
        sha256=hashed,
        content_sha256=resource["korus:content_sha256"],
        columns=columns,
        key=key,
        sources=tuple(Source(source["title"], source.get("path", "")) for source in resource["sources"]),
        licence=resource["licenses"][0]["title"],
        licence_address=resource["licenses"][0]["path"],
        terms=resource["korus:terms"],
        vintage=resource["korus:vintage"],
        basis=resource["korus:basis"],
        first=coverage["first"],
        last=coverage["last"],
        time=time,
        gaps=tuple(resource["korus:gaps"]),
        cautions=tuple(resource["korus:cautions"]),
    )


def _column(field: Mapping[str, Any]) -> Column:
    constraints = field.get("constraints", {})
    _require(field["type"] in TYPES, f"type of field {field['name']!r} ({field['type']!r})")
    return Column(
        name=field["name"],
        type=field["type"],
        description=field["description"],
        unit=field.get("korus:unit", ""),
        required=bool(constraints.get("required", False)),
        enum=tuple(constraints.get("enum", ())),
        minimum=constraints.get("minimum"),
        pattern=constraints.get("pattern", ""),
    )


def _time(time: Mapping[str, str] | None) -> Time | None:
    if time is None:
        return None
    _require(time["frequency"] in FREQUENCIES, f"korus:time.frequency ({time['frequency']!r})")
    return Time(field=time["field"], frequency=time["frequency"], within=time.get("within", ""))


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise ValueError(what)
