"""What one table of the package is: its schema, its provenance and the recipe that makes its rows."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from korus_research.data.schema import Column, Source
from korus_research.errors import DamagedData

CURATED = Path(__file__).resolve().parent.parent / "curated"
DO = "Give --raw the folder with the collected figures (each with its .source.md)"


@dataclass(frozen=True)
class Licence:
    """A licence as the descriptor names it, and in a sentence what a user may do."""

    title: str
    address: str
    terms: str
    name: str = ""


PUBLIC_DOMAIN = Licence(
    "Public domain (work of the United States government)",
    "https://www.usa.gov/government-copyright",
    "Federal statistics of the United States are in the public domain; naming the source is good practice.",
)
PDDL = Licence(
    "Open Data Commons Public Domain Dedication and Licence 1.0",
    "https://opendatacommons.org/licenses/pddl/1-0/",
    "The stored copy is dedicated to the public domain; the rates themselves are published by the Federal Reserve.",
    "ODC-PDDL-1.0",
)
IMF = Licence(
    "IMF terms of use",
    "https://www.imf.org/external/terms.htm",
    "A compact selection with attribution to the International Monetary Fund; see its terms before "
    "redistributing more.",
)
QUOTED = Licence(
    "Single figures quoted with their source",
    "https://opendefinition.org/licenses/",
    "No open licence covers this table: it holds single facts, each with the place where it was read. Follow the "
    "terms of "
    "the original sources before redistributing it.",
)


@dataclass(frozen=True)
class Table:
    """One resource: `rows` makes a frame with the columns of `columns`; everything measurable is computed from it.

    `replaces` names the table of which it holds values that a newer release replaced.
    """

    name: str
    title: str
    description: str
    rows: Callable[[Raw], pd.DataFrame]
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    sources: tuple[Source, ...]
    licence: Licence
    vintage: str
    basis: str
    time: dict[str, str] | None = None
    replaces: str = ""
    format: str = "csv"
    gaps: tuple[str, ...] = ()
    cautions: tuple[str, ...] = field(default=())


class Raw:
    """The folder of collected figures; every file is read as it stands, and a missing or broken one is one "
    "clear error."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise DamagedData(f"{folder}: there is no such folder", expected="the collected figures", do=DO)
        self.folder = folder

    @functools.cache  # noqa: B019 - one Raw lives for one build
    def csv(self, name: str, columns: tuple[str, ...]) -> pd.DataFrame:
        """Return the file `name` as text, with exactly these columns, "" for what is empty."""
        return self._read(
            self.folder / f"{name}.csv", columns, lambda path: pd.read_csv(path, dtype=str, keep_default_na=False)
        )

    @functools.cache  # noqa: B019
    def parquet(self, name: str, columns: tuple[str, ...]) -> pd.DataFrame:
        """Return the Parquet file `name`, with exactly these columns."""
        return self._read(self.folder / f"{name}.parquet", columns, pd.read_parquet)

    def _read(self, path: Path, columns: tuple[str, ...], reader: Callable[[Path], pd.DataFrame]) -> pd.DataFrame:
        try:
            frame = reader(path)
        except FileNotFoundError:
            raise DamagedData(f"{path}: there is no such file", expected="a file of the collection", do=DO) from None
        except Exception as problem:  # whatever the reader says, the file is not what was collected
            reason = str(problem).splitlines()[0][:160]
            raise DamagedData(f"{path}: can't be read ({reason})", expected="a file of the collection", do=DO) from None
        found = tuple(str(name) for name in frame.columns)
        if sorted(found) != sorted(columns):
            raise DamagedData(f"{path}: has columns {', '.join(found)}", expected=", ".join(columns), do=DO)
        return frame


def number(texts: pd.Series[str]) -> pd.Series[float]:
    """Return printed numbers as floats, the empty ones as NaN; a wrong one raises."""
    return pd.to_numeric(texts.mask(texts == ""), errors="raise").astype("float64")


def month(years: pd.Series[int], months: pd.Series[int]) -> pd.Series[str]:
    """Return "YYYY-MM"."""
    return years.astype(str) + "-" + months.astype(str).str.zfill(2)
