"""Bank of Korea, ECOS: rows under the name of the service; errors, and "nothing", under RESULT with status 200."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pandas as pd

from korus_research.data.sources.answer import Answer, Request
from korus_research.data.sources.clients.common import by_code, by_status, load, no_mark, page, table, unlike
from korus_research.data.sources.failures import SourceFailed
from korus_research.data.sources.spec import Dataset

mark = no_mark
NOTHING = "INFO-200"
_KEY, _QUOTA = {"INFO-100"}, {"ERROR-602"}
_RANGE = re.compile(r"(/(?:json|xml)/(?:en|kr)/)(\d+)/(\d+)/")


def refused(answer: Answer) -> SourceFailed | None:
    """Return the error that an answer is."""
    if failed := by_status(answer) or page(answer):
        return failed
    result = {} if answer.empty else _content(answer).get("RESULT", {})
    code = str(result.get("CODE", "")) if isinstance(result, dict) else ""
    if not code or code == NOTHING:
        return None
    found = f"ecos refuses {answer.dataset} with {code}: {str(result.get('MESSAGE', ''))[:200]}"
    return by_code(found, code, _KEY, _QUOTA)


def rows(answer: Answer, dataset: Dataset) -> pd.DataFrame:
    """Return the rows of the service; none where it says that there are none (INFO-200)."""
    content = _content(answer)
    if "RESULT" in content:
        return pd.DataFrame()
    return table(answer, _service(answer)["row"])


def more(request: Request, answer: Answer) -> Request | None:
    """Return the call for the next thousand rows: the span of rows is part of the path."""
    if "RESULT" in _content(answer) or not (asked := _RANGE.search(request.address)):
        return None
    first, last = int(asked[2]), int(asked[3])
    if last >= int(_service(answer).get("list_total_count", 0)):
        return None
    after = f"{asked[1]}{last + 1}/{last + 1 + last - first}/"
    return replace(request, address=_RANGE.sub(after, request.address, count=1))


def _service(answer: Answer) -> dict[str, Any]:
    for name, service in _content(answer).items():
        if name != "RESULT" and isinstance(service, dict) and isinstance(service.get("row"), list):
            return service
    raise unlike(answer, "no rows and no RESULT", "one of the two")


def _content(answer: Answer) -> dict[str, Any]:
    content = load(answer)
    if not isinstance(content, dict):
        raise unlike(answer, f"a {type(content).__name__}", "an object")
    return content
