"""KOSIS of Statistics Korea: rows as a list, an error as an object, both with status 200."""

from __future__ import annotations

import pandas as pd

from korus_research.data.sources.answer import Answer
from korus_research.data.sources.clients.common import by_code, by_status, load, no_mark, no_more, page, table
from korus_research.data.sources.failures import SourceFailed
from korus_research.data.sources.spec import Dataset

mark, more = no_mark, no_more
NOTHING = "30"
_KEY, _QUOTA = {"10", "11", "12"}, {"40", "42"}


def refused(answer: Answer) -> SourceFailed | None:
    """Return the error that an answer is; code 30 is none: there are no rows."""
    if failed := by_status(answer) or page(answer):
        return failed
    content = [] if answer.empty else load(answer)
    if not isinstance(content, dict):
        return None
    code, said = str(content.get("err", "?")), str(content.get("errMsg", "no reason"))
    if code == NOTHING:
        return None
    found = f"kosis refuses {answer.dataset} with code {code}: {said[:200]}"
    return by_code(found, code, _KEY, _QUOTA)


def rows(answer: Answer, dataset: Dataset) -> pd.DataFrame:
    """Return the rows as they came."""
    content = load(answer)
    return pd.DataFrame() if isinstance(content, dict) else table(answer, content)
