"""KOSIS of Statistics Korea: rows as a list, an error as an object, both with status 200."""

from __future__ import annotations

import pandas as pd

from korus_research.data.sources.answer import Answer
from korus_research.data.sources.clients import common
from korus_research.data.sources.clients.common import by_code, load, table
from korus_research.data.sources.failures import SourceFailed
from korus_research.data.sources.spec import Dataset

NOTHING = "30"
_KEYS, _QUOTAS = {"10", "11", "12"}, {"40", "42"}


class Client(common.Client):
    """Reads the answers of KOSIS."""

    def error(self, answer: Answer) -> SourceFailed | None:
        """Return the error; code 30, "no data", is none."""
        content = load(answer)
        code = str(content.get("err", "?")) if isinstance(content, dict) else NOTHING
        if code == NOTHING:
            return None
        return by_code(answer, code, str(content.get("errMsg", "no reason")), _KEYS, _QUOTAS)

    def rows(self, answer: Answer, dataset: Dataset) -> pd.DataFrame:
        """Return the rows as they came."""
        content = load(answer)
        return pd.DataFrame() if isinstance(content, dict) else table(answer, content)


CLIENT = Client()
