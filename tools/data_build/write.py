"""From frames to files: canonical CSV, Parquet without writer's marks, and the descriptor that describes both."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import TypeAdapter

from data_build.spec import Table
from korus_research.data.period import first_period, last_period
from korus_research.data.schema import DESCRIPTOR, Column, Time
from korus_research.data.table import canonical_csv, content_sha256
from korus_research.data.toml import read_toml
from korus_research.errors import DamagedData, OutputFolder

COMPILED = "2026-11-28"
AGENCIES = Path(__file__).with_name("agencies.toml")
LIMIT = 10_000_000
# A fixed name of the writer: the version of pyarrow at hand must not change the bytes.
WRITER = b"korus-research"


def write_package(tables: list[tuple[Table, pd.DataFrame]], folder: Path) -> None:
    """Write every table and then the descriptor into `folder`, each aside first and then moved into place.

    Raises
    ------
    OutputFolder
        The folder can't be written.
    DamagedData
        A table breaks its own schema, or the package outgrows its limit.
    """
    files: dict[str, bytes] = {}
    resources = []
    for table, frame in tables:
        ready = _ordered(table, frame)
        content = _parquet(ready, table.columns) if table.format == "parquet" else canonical_csv(ready, table.columns)
        files[f"{table.name}.{table.format}"] = content
        resources.append(_resource(table, ready, content))
    total = sum(len(content) for content in files.values())
    if total > LIMIT:
        raise DamagedData(f"the package has {total:,} bytes", expected=f"at most {LIMIT:,}")
    files[DESCRIPTOR] = (json.dumps(_package(resources), ensure_ascii=False, indent=1) + "\n").encode("utf-8")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            aside = folder / f".{name}.new"
            aside.write_bytes(content)
            aside.replace(folder / name)
    except OSError as problem:
        raise OutputFolder(f"{folder}: can't be written ({problem.strerror})", do="Give --out another folder") from None


def _ordered(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    names = [column.name for column in table.columns]
    ready = frame[names].sort_values(list(table.order or table.key), kind="stable").reset_index(drop=True)
    typed = ready.astype({column.name: _dtype(column) for column in table.columns})
    return typed.assign(**{c.name: typed[c.name].str.normalize("NFC") for c in table.columns if c.type == "string"})


def _dtype(column: Column) -> str:
    whole = "int64" if column.required else "Int64"
    return {"string": "str", "integer": whole, "number": "float64", "boolean": "bool"}[column.type]


def _parquet(frame: pd.DataFrame, columns: tuple[Column, ...]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {"string": pa.string(), "integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_()}
    schema = pa.schema([pa.field(c.name, kinds[c.type], nullable=not c.required) for c in columns])
    table = pa.Table.from_pandas(frame, schema=schema, preserve_index=False).replace_schema_metadata(None)
    texts = [column.name for column in columns if column.type == "string"]
    sink = io.BytesIO()
    pq.write_table(
        table, sink, compression="zstd", compression_level=19, use_dictionary=texts, store_schema=False, version="2.6",
        row_group_size=1_000_000,
    )  # fmt: skip
    return _unsigned(sink.getvalue())


def _unsigned(content: bytes) -> bytes:
    """Return the Parquet file with its `created_by` replaced by WRITER.

    The footer is Thrift compact: a string is its length (one byte below 128) and its bytes; the file ends with the
    length of the footer in four bytes and "PAR1".
    """
    import pyarrow.parquet as pq

    signed = pq.ParquetFile(io.BytesIO(content)).metadata.created_by.encode("ascii")
    length = int.from_bytes(content[-8:-4], "little")
    footer = content[-8 - length : -8]
    old, new = bytes([len(signed)]) + signed, bytes([len(WRITER)]) + WRITER
    if footer.count(old) != 1 or len(signed) > 127:
        raise DamagedData(
            "the Parquet footer does not name its writer where expected", do="Look at data_build/write.py"
        )
    footer = footer.replace(old, new)
    return content[: -8 - length] + footer + len(footer).to_bytes(4, "little") + content[-4:]


def _resource(table: Table, frame: pd.DataFrame, content: bytes) -> dict[str, Any]:
    resource: dict[str, Any] = {
        "name": table.name,
        "title": table.title,
        "description": table.description,
        "path": f"{table.name}.{table.format}",
        "type": "table",
        "format": table.format,
        "mediatype": "text/csv" if table.format == "csv" else "application/vnd.apache.parquet",
        # Readers of the standard count the bytes of text only: frictionless takes those of a Parquet file for none.
        "bytes" if table.format == "csv" else "korus:bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
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
        "korus:rows": len(frame),
        "korus:content_sha256": content_sha256(frame, table.columns),
        "korus:vintage": table.vintage,
        "korus:basis": table.basis,
        "korus:terms": table.licence.terms,
        "korus:coverage": _coverage(table, frame),
        "korus:gaps": list(table.gaps),
        "korus:cautions": list(table.cautions),
    }
    if table.time is not None:
        resource["korus:time"] = table.time
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


def _coverage(table: Table, frame: pd.DataFrame) -> dict[str, str]:
    if table.time is None:
        return {"first": "", "last": ""}
    time = TypeAdapter(Time).validate_python(table.time)
    return {"first": first_period(frame, time), "last": last_period(frame, time)}


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
