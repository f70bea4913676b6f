"""World Bank, indicators version 2: [head, rows] in pages, numbers as numbers, an error as a list of one."""

from __future__ import annotations

from typing import Any

import pandas as pd

from korus_research.data.sources.answer import Answer, Request
from korus_research.data.sources.clients.common import by_status, load, page, unlike
from korus_research.data.sources.failures import RequestRefused, SourceFailed
from korus_research.data.sources.spec import Dataset


def refused(answer: Answer) -> SourceFailed | None:
    """Return the error that an answer is: `message` with status 200; one unknown economy refuses all."""
    if failed := by_status(answer) or page(answer):
        return failed
    if answer.empty:
        return None
    content = load(answer)
    if isinstance(content, list) and len(content) == 1 and isinstance(content[0], dict) and "message" in content[0]:
        said = "; ".join(str(one.get("value", one)) for one in content[0]["message"] if isinstance(one, dict))
        found = f"worldbank refuses {answer.dataset}: {said[:200]}"
        return RequestRefused(found)
    return None


def rows(answer: Answer, dataset: Dataset) -> pd.DataFrame:
    """Return one row an economy and year; what is an object (indicator, country) as `country.id`, `country.value`."""
    _, found = _parts(answer)
    if not found:
        return pd.DataFrame()
    return pd.json_normalize(found).astype(object)


def mark(answer: Answer) -> str:
    """Return the day on which the bank says that it last updated the indicator."""
    return str(_parts(answer)[0].get("lastupdated", ""))


def more(request: Request, answer: Answer) -> Request | None:
    """Return the call for the next page."""
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
