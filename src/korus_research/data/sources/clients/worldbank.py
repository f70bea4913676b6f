"""World Bank, indicators version 2: pages of [head, rows], numbers as numbers, an error as a list of one."""

from __future__ import annotations

from typing import Any

import pandas as pd

from korus_research.data.sources.answer import Answer, Request
from korus_research.data.sources.clients import common
from korus_research.data.sources.clients.common import load, unlike
from korus_research.data.sources.failures import RequestRefused, SourceFailed
from korus_research.data.sources.spec import Dataset


class Client(common.Client):
    """Reads the answers of the indicators API."""

    def error(self, answer: Answer) -> SourceFailed | None:
        """Return the error in `message`, which has status 200; one unknown economy refuses the whole request."""
        content = load(answer)
        if isinstance(content, list) and len(content) == 1 and isinstance(content[0], dict) and "message" in content[0]:
            said = "; ".join(str(one.get("value", one)) for one in content[0]["message"] if isinstance(one, dict))
            return RequestRefused(f"worldbank refuses {answer.dataset}: {said[:200]}")
        return None

    def rows(self, answer: Answer, dataset: Dataset) -> pd.DataFrame:
        """Return one row per economy and year; objects (indicator, country) become `country.id`, `country.value`."""
        _, found = _parts(answer)
        return pd.json_normalize(found).astype(object) if found else pd.DataFrame()

    def mark(self, answer: Answer) -> str:
        """Return the day on which the indicator was last updated."""
        return str(_parts(answer)[0].get("lastupdated", ""))

    def more(self, request: Request, answer: Answer) -> Request | None:
        """Return the request for the next page."""
        head, _ = _parts(answer)
        number, pages = int(head.get("page", 1)), int(head.get("pages", 1))
        return request.asking(page=str(number + 1)) if number < pages else None


def _parts(answer: Answer) -> tuple[dict[str, Any], list[Any]]:
    content = load(answer)
    if not isinstance(content, list) or len(content) != 2 or not isinstance(content[0], dict):
        raise unlike(answer, "no head and rows", "a list of two: head and rows")
    head, found = content
    if found is not None and not isinstance(found, list):
        raise unlike(answer, f"rows are a {type(found).__name__}", "a list of rows")
    return head, found or []


CLIENT = Client()
