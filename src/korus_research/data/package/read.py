"""Read a table from its file, checked against its hash and its schema, so that no analysis sees damaged data."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from korus_research.data.schema import REPAIR, Column, Dataset
from korus_research.data.toml import composed
from korus_research.errors import DamagedData, KorusError

if TYPE_CHECKING:
    import pandas as pd


def read_table(dataset: Dataset) -> pd.DataFrame:
    """Return the rows of `dataset`, checked against its descriptor.

    Text has pandas' string dtype, with "" for an empty cell; integers are int64 (Int64 if some may be missing), other
    numbers float64 with NaN for a missing value. DamagedData if the file is missing, or its hash, columns, types,
    values, key or number of rows differ from the descriptor; KorusError if a library to read it is missing.
    """
    try:
        content = dataset.path.read_bytes()
    except OSError as problem:
        missing = isinstance(problem, FileNotFoundError)
        found = "there is no such file" if missing else f"can't be read ({problem.strerror})"
        raise _damaged(dataset, found, "the table the data package lists") from None
    return parse_table(dataset, content)


def parse_table(dataset: Dataset, content: bytes) -> pd.DataFrame:
    """Return the rows in `content`, the bytes of a file; result and errors as for `read_table`."""
    import pandas as pd

    intact = hashlib.sha256(content).hexdigest() == dataset.sha256
    try:
        raw = _raw(dataset, content)
        _check_header(dataset, [str(name) for name in raw.columns])
        frame = pd.DataFrame({column.name: _typed(dataset, column, raw[column.name]) for column in dataset.columns})
        _check(dataset, frame)
    except DamagedData:
        raise
    except ImportError as problem:  # not the file's fault
        raise KorusError(
            f"{dataset.name} can't be read, since a library can't be imported ({problem})",
            expected="the libraries of requirements.lock",
            do="Install the environment again: remove .venv, then `make report`",
        ) from None
    except Exception as problem:  # whichever error the reader raises, the file is broken
        reason = str(problem).splitlines()[0][:160]
        raise _damaged(dataset, f"can't be read as {dataset.format} ({reason})", "a whole file") from None
    if not intact:
        found = f"was edited: {len(content)} bytes that fit the schema but have another sha256"
        raise _damaged(dataset, found, f"{dataset.bytes} bytes with sha256 {dataset.sha256[:12]}...")
    return frame.apply(_decoded)


def canonical_csv(frame: pd.DataFrame, columns: Sequence[Column]) -> bytes:
    """Return `frame` as canonical CSV, of which the content hash is taken.

    UTF-8, commas, "\\n", a header, missing values empty, numbers as the shortest exact decimal, whole numbers without
    a decimal point.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.name for column in columns])
    writer.writerows(zip(*(_texts(frame[column.name], column) for column in columns), strict=True))
    return text.getvalue().encode("utf-8")


def content_sha256(frame: pd.DataFrame, columns: Sequence[Column]) -> str:
    """Return the sha256 of the rows, whatever the file format."""
    return hashlib.sha256(canonical_csv(frame, columns)).hexdigest()


def _texts(series: pd.Series[Any], column: Column) -> list[str]:
    if column.type == "string":
        return [str(value) for value in series.tolist()]
    if column.type == "boolean":
        return ["true" if value else "false" for value in series.tolist()]
    numbers = zip(series.tolist(), series.isna().tolist(), strict=True)
    return ["" if gone else str(int(n)) if n == int(n) else repr(float(n)) for n, gone in numbers]


def _raw(dataset: Dataset, content: bytes) -> pd.DataFrame:
    """Return the columns of the file unconverted: all text for CSV, text as categories for Parquet."""
    import pandas as pd

    if dataset.format == "csv":
        text = content if content.isascii() else composed(content.decode("utf-8")).encode()
        return pd.read_csv(io.BytesIO(text), dtype=str, keep_default_na=False, na_filter=False, skip_blank_lines=False)
    import pyarrow as pa
    import pyarrow.parquet as pq

    # Text stays dictionary-encoded while it is checked: the trade panel has 1,000 distinct texts in 200,000 rows. Not
    # pq.read_table, which imports pyarrow.dataset.
    held = pq.read_schema(pa.BufferReader(content))
    texts = [field.name for field in held if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)]
    table = pq.ParquetFile(pa.BufferReader(content), read_dictionary=texts).read(use_threads=False)
    frame: pd.DataFrame = table.to_pandas(use_threads=False)
    return frame


def _decoded(series: pd.Series[Any]) -> pd.Series[Any]:
    """Return categories as text, "" for a missing one."""
    import numpy as np
    import pandas as pd

    if not isinstance(series.dtype, pd.CategoricalDtype):
        return series
    # Taken from the few distinct texts: Series.astype would create 200,000 Python strings.
    texts = pd.array([*map(composed, series.cat.categories), ""], dtype="str")
    return pd.Series(texts.take(np.asarray(series.cat.codes)), index=series.index, name=series.name)


def _check_header(dataset: Dataset, found: list[str]) -> None:
    wanted = [column.name for column in dataset.columns]
    if found == wanted:
        return
    missing, extra = [n for n in wanted if n not in found], [n for n in found if n not in wanted]
    says = [f"lacks column {name}" for name in missing] + [f"has an extra column {name}" for name in extra]
    raise _damaged(dataset, " and ".join(says) or f"has its columns in the order {', '.join(found)}", ", ".join(wanted))


def _typed(dataset: Dataset, column: Column, series: pd.Series[Any]) -> pd.Series[Any]:
    import pandas as pd

    where = f"column {column.name}"
    kind = series.cat.categories.dtype if isinstance(series.dtype, pd.CategoricalDtype) else series.dtype
    if column.type == "string":
        if not pd.api.types.is_string_dtype(kind):
            raise _damaged(dataset, f"{where} holds {kind}", "text")
        return series
    if column.type == "boolean":
        if pd.api.types.is_bool_dtype(series.dtype):
            return series.astype("bool")
        wrong = ~series.isin(["true", "false"])
        _refuse(dataset, column, series, wrong, "true or false")
        return series == "true"
    if pd.api.types.is_string_dtype(series.dtype) and dataset.format == "csv":
        numbers = pd.to_numeric(series.mask(series == ""), errors="coerce")
        _refuse(dataset, column, series, numbers.isna() & (series != ""), f"a value of type {column.type}")
    elif pd.api.types.is_numeric_dtype(series.dtype) and not pd.api.types.is_bool_dtype(series.dtype):
        numbers = series
    else:
        raise _damaged(dataset, f"{where} holds {kind}", f"values of type {column.type}")
    if column.type == "number":
        return numbers.astype("float64")
    _refuse(dataset, column, series, numbers.notna() & (numbers % 1 != 0), "a whole number")
    if not column.required:
        return numbers.astype("Int64")
    _refuse(dataset, column, numbers, numbers.isna(), "a whole number")
    return numbers.astype("int64")


def _check(dataset: Dataset, frame: pd.DataFrame) -> None:
    for column in dataset.columns:
        series = frame[column.name]
        if column.required:
            empty = series.isna() | (series == "") if column.type == "string" else series.isna()
            _refuse(dataset, column, series, empty, "a value in every row")
        if column.enum:
            known = [*column.enum, *([] if column.required else [""])]
            _refuse(dataset, column, series, ~series.isin(known), f"one of {', '.join(column.enum)}")
        if column.pattern:
            wrong = {text for text in series.unique() if text and not re.fullmatch(column.pattern, text)}
            _refuse(dataset, column, series, series.isin(wrong), f"text like {column.pattern}")
        if column.minimum is not None:
            _refuse(dataset, column, series, (series < column.minimum).fillna(False), f"{column.minimum} or more")
    if len(frame) != dataset.rows:
        raise _damaged(dataset, f"has {len(frame)} rows", f"{dataset.rows} rows")
    twice = _duplicated(frame, dataset.key)
    if twice is not None:
        raise _damaged(dataset, f"holds two rows for {twice}", f"one row for each {', '.join(dataset.key)}")


def _duplicated(frame: pd.DataFrame, key: tuple[str, ...]) -> str | None:
    """Return the first repeated key as text, or None."""
    import numpy as np
    import pandas as pd

    # Integer codes instead of DataFrame.duplicated over strings: 200,000 rows in a tenth of the time.
    codes = np.zeros(len(frame), dtype=np.int64)
    for name in key:
        values, distinct = pd.factorize(frame[name])
        codes = codes * (len(distinct) + 1) + values
    repeated = pd.Series(codes).duplicated()
    if not repeated.any():
        return None
    row = frame.loc[repeated.to_numpy()].iloc[0]
    return ", ".join(f"{name} {row[name]}" for name in key)


def _refuse(dataset: Dataset, column: Column, series: pd.Series[Any], wrong: pd.Series[bool], expected: str) -> None:
    if not wrong.any():
        return
    row = int(wrong.to_numpy().argmax())
    value = series.iloc[row]
    shown = "nothing" if value is None or value == "" or value != value else repr(str(value))
    raise _damaged(dataset, f"column {column.name} holds {shown} in data row {row + 1}", expected)


def _damaged(dataset: Dataset, found: str, expected: str) -> DamagedData:
    return DamagedData(f"{dataset.path}: {found}", expected=expected, do=REPAIR)
