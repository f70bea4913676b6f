"""What the descriptor says of a table as it was collected; the files themselves are written by the package's writer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from data_build.spec import Table
from korus_research.data.package.write import measured, write_package as write
from korus_research.data.schema import Column
from korus_research.data.toml import read_toml

COMPILED = "2026-11-28"
AGENCIES = Path(__file__).with_name("agencies.toml")


def write_package(tables: list[tuple[Table, pd.DataFrame]], folder: Path) -> None:
    """Write every table and then the descriptor into `folder`, each aside first and then moved into place.

    OutputFolder where the folder can't be written, DamagedData where the package outgrows its limit.
    """
    files: dict[str, bytes] = {}
    resources = []
    for table, frame in tables:
        resource, content = measured(_resource(table), frame, table.columns, key=table.key)
        files[resource["path"]] = content
        resources.append(resource)
    write(_package(resources), files, folder)


def _resource(table: Table) -> dict[str, Any]:
    resource: dict[str, Any] = {
        "name": table.name,
        "title": table.title,
        "description": table.description,
        "path": f"{table.name}.{table.format}",
        "type": "table",
        "format": table.format,
        "mediatype": "text/csv" if table.format == "csv" else "application/vnd.apache.parquet",
        # What is counted has its place here and is filled in by `measured`.
        "bytes" if table.format == "csv" else "korus:bytes": 0,
        "hash": "",
    }
    if table.format == "csv":
        resource["encoding"] = "utf-8"
    licence = {"title": table.licence.title, "path": table.licence.address}
    if table.licence.name:
        licence = {"name": table.licence.name, **licence}
    resource |= {
        "licenses": [licence],
        "sources": [{"title": s.title, **({"path": s.address} if s.address else {})} for s in table.sources],
        "korus:agencies": agencies([source.title for source in table.sources]),
        "korus:rows": 0,
        "korus:content_sha256": "",
        "korus:vintage": table.vintage,
        "korus:basis": table.basis,
        "korus:terms": table.licence.terms,
        "korus:coverage": {},
        "korus:gaps": list(table.gaps),
        "korus:cautions": list(table.cautions),
    }
    if table.time is not None:
        resource["korus:time"] = table.time
    if table.replaces:
        resource["korus:replaces"] = table.replaces
    resource["schema"] = {
        "fields": [_field(column) for column in table.columns],
        "primaryKey": list(table.key),
        "missingValues": _missing(table),
    }
    return resource


def _missing(table: Table) -> list[str]:
    """Return what stands for a missing value: nothing; a null of a Parquet number comes to frictionless as NaN."""
    numbers = [c for c in table.columns if c.type in ("number", "integer") and not c.required]
    return ["", "nan"] if table.format == "parquet" and numbers else [""]


def agencies(titles: Sequence[str]) -> list[str]:
    """Return who stands behind sources with these titles, each once, in their order (`agencies.toml`)."""
    known = read_toml(AGENCIES).content
    starts = sorted(known, key=len, reverse=True)  # the longest that fits is meant
    found = (next((known[start] for start in starts if title.startswith(start)), None) for title in titles)
    return list(dict.fromkeys(filter(None, found)))


def _field(column: Column) -> dict[str, Any]:
    constraints: dict[str, Any] = {"required": True} if column.required else {}
    if column.enum:
        constraints["enum"] = list(column.enum)
    if column.minimum is not None:
        constraints["minimum"] = column.minimum
    if column.pattern:
        constraints["pattern"] = column.pattern
    field: dict[str, Any] = {"name": column.name, "type": column.type, "description": column.description}
    if column.unit:
        field["korus:unit"] = column.unit
    return field | ({"constraints": constraints} if constraints else {})


def _package(resources: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "korus-research-data",
        "title": "Figures embedded in korus-research",
        "description": (
            "Official statistics and published figures on trade between the United States and Korea, selected and "
            "compiled for the korus-research report by tools/build_data.py. Each table names its official source "
            "first and then the stored copy it was read from. Values are those of the vintage named, not what was "
            "published at the time."
        ),
        "version": COMPILED.replace("-", "."),
        "created": f"{COMPILED}T00:00:00Z",
        "licenses": [
            {
                "title": "By table: each resource names its licence and terms",
                "path": "https://www.usa.gov/government-copyright",
            }
        ],
        "sources": [
            {"title": "U.S. Census Bureau, Foreign Trade", "path": "https://www.census.gov/foreign-trade/"},
            {"title": "U.S. Bureau of Economic Analysis", "path": "https://www.bea.gov/"},
            {"title": "Board of Governors of the Federal Reserve System", "path": "https://www.federalreserve.gov/"},
            {"title": "International Monetary Fund", "path": "https://www.imf.org/"},
            {"title": "U.S. International Trade Commission", "path": "https://www.usitc.gov/"},
        ],
        "resources": resources,
    }
