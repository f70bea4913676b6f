"""Census Bureau, goods by country as a workbook: one row per country and year, months in columns, USD million."""

from __future__ import annotations

import warnings
from io import BytesIO
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile

import pandas as pd

from korus_research.data.sources.answer import Answer
from korus_research.data.sources.clients import common
from korus_research.data.sources.clients.common import unlike
from korus_research.data.sources.failures import SourceFailed
from korus_research.data.sources.spec import Dataset

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


class Client(common.Client):
    """Reads the workbook, whose vintage is in the Last-Modified header."""

    def rows(self, answer: Answer, dataset: Dataset) -> pd.DataFrame:
        """Return one row per country, flow and month: CTY_CODE, CTYNAME, flow, time (2013-01), value; no empty ones."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # openpyxl's, about cell styles
                sheet = pd.read_excel(BytesIO(answer.content), dtype=object, engine="openpyxl")
        except ImportError:
            found = "census: the workbook of countries can't be read, since openpyxl is not installed"
            raise SourceFailed(found, do="pip install openpyxl, or get a key (docs/refresh.md)") from None
        except (BadZipFile, KeyError, ValueError, OSError) as problem:
            raise unlike(answer, f"no workbook ({type(problem).__name__})", "an .xlsx file") from None
        if text := _footnoted(answer.content):
            raise unlike(answer, f"a footnote mark that would be read as a digit of {text}", "figures without marks")
        return _by_month(answer, sheet)


CLIENT = Client()


def _footnoted(content: bytes) -> str | None:
    """Return the first text in which a superscript follows a digit, or None: 2016 with footnote 1 is read as 20161."""
    with ZipFile(BytesIO(content)) as book:
        names = [name for name in book.namelist() if name.startswith(("xl/sharedStrings", "xl/worksheets/"))]
        parts = [part for part in map(book.read, names) if b"superscript" in part]
    texts = (
        text for part in parts for text in ElementTree.fromstring(part).iter() if text.tag.endswith(("}si", "}is"))
    )
    return next(filter(None, map(_marked, texts)), None)


def _marked(text: ElementTree.Element) -> str | None:
    """Return the whole of a rich text if a superscript in it follows a digit."""
    before = ""
    for run in text:
        said = "".join(part.text or "" for part in run.iter() if part.tag.endswith("}t"))
        raised = any(part.get("val") == "superscript" for part in run.iter() if part.tag.endswith("}vertAlign"))
        if raised and before[-1:].isdigit():
            return before + said
        before += said
    return None


def _by_month(answer: Answer, sheet: pd.DataFrame) -> pd.DataFrame:
    sheet.columns = pd.Index([str(name).strip() for name in sheet.columns])
    wanted = ["year", "CTY_CODE", "CTYNAME"]
    columns = {
        f"{letter}{month}": (flow, number)
        for letter, flow in (("E", "exports"), ("I", "imports"))
        for number, month in enumerate(MONTHS, start=1)
    }
    if lacking := [name for name in [*wanted, *columns] if name not in sheet]:
        raise unlike(answer, f"no column {lacking[0]}, but {', '.join(sheet.columns[:12])}", "the columns of 2023")
    long = sheet[[*wanted, *columns]].melt(wanted, var_name="column", value_name="value").dropna(subset="value")
    # A month not yet published is 0 for every country, and not empty.
    published = long.groupby(["year", "column"])["value"].transform(lambda values: bool((values != 0).any()))
    long = long[published.astype(bool)]
    flows = long["column"].map(lambda name: columns[name][0])
    months = long["column"].map(lambda name: columns[name][1])
    year = long["year"].astype("int64")
    return pd.DataFrame(
        {
            "CTY_CODE": long["CTY_CODE"].astype(str).str.split(".").str[0].str.zfill(4),
            "CTYNAME": long["CTYNAME"],
            "flow": flows,
            "time": [f"{a}-{b:02d}" for a, b in zip(year, months, strict=True)],
            "value": long["value"],
        }
    ).reset_index(drop=True)
