"""Census Bureau, imports of a month in a ZIP file: one line a commodity, country and programme, in fixed columns."""

from __future__ import annotations

from io import BytesIO
from zipfile import BadZipFile, ZipFile

import pandas as pd

from korus_research.data.sources.answer import Answer
from korus_research.data.sources.clients.common import by_status, no_mark, no_more, page, unlike
from korus_research.data.sources.failures import SourceFailed
from korus_research.data.sources.spec import Dataset

mark, more = no_mark, no_more
DETAIL, LARGEST = "IMP_DETL", 2 << 30


def refused(answer: Answer) -> SourceFailed | None:
    """Return the error that an answer is; a month without its file is not found (404), which is "not yet published"."""
    return by_status(answer) or page(answer)


def rows(answer: Answer, dataset: Dataset) -> pd.DataFrame:
    """Return the fields that the data set names, cut where it says (from 1, both ends included), and `time`; texts."""
    try:
        with ZipFile(BytesIO(answer.content)) as archive:
            inside = [one for one in archive.infolist() if DETAIL in one.filename.upper()]
            if len(inside) != 1 or inside[0].file_size > LARGEST:
                raise unlike(answer, f"{len(inside)} files named {DETAIL}", "one, under 2 GB")
            with archive.open(inside[0]) as file:
                lines = pd.read_fwf(
                    file,
                    colspecs=[(first - 1, last) for first, last in dataset.fixed.values()],
                    names=list(dataset.fixed),
                    dtype=str,
                    header=None,
                    encoding="latin-1",
                    keep_default_na=False,
                )
        return lines.assign(time=lines["year"] + "-" + lines["month"].str.zfill(2))
    except (BadZipFile, ValueError) as problem:
        raise unlike(answer, f"no ZIP file ({type(problem).__name__})", "a ZIP file") from None
