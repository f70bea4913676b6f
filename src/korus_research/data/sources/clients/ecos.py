"""Bank of Korea, ECOS: rows under the name of the service; errors, and "no data", under RESULT with status 200."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pandas as pd

from korus_research.data.sources.answer import Answer, Request
from korus_research.data.sources.clients import common
from korus_research.data.sources.clients.common import by_code, load, table, unlike
from korus_research.data.sources.failures import SourceFailed
from korus_research.data.sources.spec import Dataset

NOTHING = "INFO-200"
_KEYS, _QUOTAS = {"INFO-100"}, {"ERROR-602"}
_RANGE = re.compile(r"(/(?:json|xml)/(?:en|kr)/)(\d+)/(\d+)/")


class Client(common.Client):
    """Reads ECOS's answers, of a thousand rows each."""

    def error(self, answer: Answer) -> SourceFailed | None:
        """Return the error under RESULT; "no data" is none."""
        result = _content(answer).get("RESULT", {})
        code = str(result.get("CODE", "")) if isinstance(result, dict) else ""
        if not code or code == NOTHING:
            return None
        return by_code(answer, code, str(result.get("MESSAGE", "")), _KEYS, _QUOTAS)

    def rows(self, answer: Answer, dataset: Dataset) -> pd.DataFrame:
        """Return the rows of the service; none where RESULT says that there are none."""
        return pd.DataFrame() if "RESULT" in _content(answer) else table(answer, _service(answer)["row"])

    def more(self, request: Request, answer: Answer) -> Request | None:
        """Return the request for the next rows: the range of rows is part of the path."""
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


CLIENT = Client()
