"""Census Bureau, one month of imports as a ZIP file: fixed-width lines by commodity, country and program."""

from __future__ import annotations

from io import BytesIO
from zipfile import BadZipFile, ZipFile

import pandas as pd

from korus_research.data.sources.answer import Answer
from korus_research.data.sources.clients import common
from korus_research.data.sources.clients.common import unlike
from korus_research.data.sources.spec import Dataset

DETAIL, LARGEST = "IMP_DETL", 2 << 30


class Client(common.Client):
    """Reads the monthly file; a month that is not published yet answers 404."""

    def rows(self, answer: Answer, dataset: Dataset) -> pd.DataFrame:
        """Return the fields of `dataset.fixed` (positions from 1, both ends included) and `time`, all text."""
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


CLIENT = Client()
