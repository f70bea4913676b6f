"""From frames to files: canonical CSV, reproducible Parquet, and the counted entries of a descriptor.

The same rows give the same bytes: rows are sorted, the Parquet file names no version, and no clock is read.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from korus_research.data.files import flush, output_errors
from korus_research.data.package.read import canonical_csv, content_sha256
from korus_research.data.period import first_period, last_period
from korus_research.data.schema import DESCRIPTOR, Column, Time
from korus_research.errors import DamagedData

if TYPE_CHECKING:
    import pandas as pd

LIMIT = 10_000_000
# A fixed name for the writer: the installed version of pyarrow must not change the bytes.
WRITER = b"korus-research"


def measured(
    resource: Mapping[str, Any], frame: pd.DataFrame, columns: Sequence[Column], *, key: Sequence[str]
) -> tuple[dict[str, Any], bytes]:
    """Return a resource of the descriptor with size, hashes, number of rows and coverage, and the bytes of its file.

    Rows are sorted by `key`; the other entries of `resource` keep their values and their order.
    """
    ready = _typed(frame, columns, key)
    content = _parquet(ready, columns) if resource["format"] == "parquet" else canonical_csv(ready, columns)
    # frictionless counts the bytes of text only: for a Parquet file it would expect none.
    size = "bytes" if resource["format"] == "csv" else "korus:bytes"
    counted = {
        size: len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "korus:rows": len(ready),
        "korus:content_sha256": content_sha256(ready, columns),
        "korus:coverage": _coverage(resource.get("korus:time"), ready),
    }
    return {**resource, **counted}, content


def write_package(package: Mapping[str, Any], files: Mapping[str, bytes], folder: Path) -> None:
    """Write the tables, then the descriptor `package`, into `folder`, each to a temporary name first.

    OutputFolder if the folder can't be written, DamagedData if the package exceeds its limit.
    """
    total = sum(len(content) for content in files.values())
    if total > LIMIT:
        raise DamagedData(f"the package has {total:,} bytes", expected=f"at most {LIMIT:,}")
    described = (json.dumps(package, ensure_ascii=False, indent=1) + "\n").encode("utf-8")
    with output_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in {**files, DESCRIPTOR: described}.items():
            aside = folder / f".{name}.new"
            aside.write_bytes(content)
            flush(aside)
            aside.replace(folder / name)
        flush(folder)


def _typed(frame: pd.DataFrame, columns: Sequence[Column], key: Sequence[str]) -> pd.DataFrame:
    ready = frame[[column.name for column in columns]].sort_values(list(key), kind="stable").reset_index(drop=True)
    typed = ready.astype({column.name: _dtype(column) for column in columns})
    return typed.assign(**{c.name: typed[c.name].str.normalize("NFC") for c in columns if c.type == "string"})


def _dtype(column: Column) -> str:
    whole = "int64" if column.required else "Int64"
    return {"string": "str", "integer": whole, "number": "float64", "boolean": "bool"}[column.type]


def _parquet(frame: pd.DataFrame, columns: Sequence[Column]) -> bytes:
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
    """Return the Parquet file with WRITER as its `created_by`.

    The footer is in Thrift's compact protocol: a string is its length (one byte below 128) and its bytes. The file ends
    with the length of the footer in four bytes and "PAR1".
    """
    import pyarrow.parquet as pq

    signed = pq.ParquetFile(io.BytesIO(content)).metadata.created_by.encode("ascii")
    length = int.from_bytes(content[-8:-4], "little")
    footer = content[-8 - length : -8]
    old, new = bytes([len(signed)]) + signed, bytes([len(WRITER)]) + WRITER
    if footer.count(old) != 1 or len(signed) > 127:
        raise DamagedData(
            "the Parquet footer does not name its writer where expected", do="Look at data/package/write.py"
        )
    footer = footer.replace(old, new)
    return content[: -8 - length] + footer + len(footer).to_bytes(4, "little") + content[-4:]


def _coverage(time: Mapping[str, Any] | None, frame: pd.DataFrame) -> dict[str, str]:
    if time is None:
        return {"first": "", "last": ""}
    dated = Time(**time)
    return {"first": first_period(frame, dated), "last": last_period(frame, dated)}
