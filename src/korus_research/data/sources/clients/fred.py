"""FRED and ALFRED: observations with the days on which each was current, all text, "." for a missing value."""

from __future__ import annotations

from typing import Any

import pandas as pd

from korus_research.data.sources.answer import Answer, Request
from korus_research.data.sources.clients import common
from korus_research.data.sources.clients.common import load, table, unlike
from korus_research.data.sources.failures import KeyRefused, RequestRefused, SourceFailed
from korus_research.data.sources.spec import Dataset

_LISTS = ("observations", "seriess", "releases", "vintage_dates")


class Client(common.Client):
    """Reads the answers of FRED."""

    def refused(self, answer: Answer) -> SourceFailed | None:
        """Return the error: a bad key and a bad request both have status 400 and a message."""
        if answer.status == 400 and not answer.is_page and answer.content:
            said = str(load(answer).get("error_message", "")).strip()
            failed = KeyRefused if "api_key" in said else RequestRefused
            return failed(f"fred refuses {answer.dataset}: {said[:200]}")
        return super().refused(answer)

    def rows(self, answer: Answer, dataset: Dataset) -> pd.DataFrame:
        """Return the observations (or series, releases, vintage dates) with the series asked for in `series_id`."""
        name, found = _listed(answer)
        frame = pd.DataFrame({name: found}, dtype=object) if name == "vintage_dates" else table(answer, found)
        return frame if frame.empty else frame.assign(series_id=answer.request.get("series_id", ""))

    def mark(self, answer: Answer) -> str:
        """Return the time of the last update: the series' own, or else that of the file (its header)."""
        name, found = _listed(answer)
        if name == "seriess" and found:
            return str(found[0].get("last_updated", ""))
        return answer.headers.get("last-modified", "")

    def more(self, request: Request, answer: Answer) -> Request | None:
        """Return the request for the observations that follow."""
        content, (_, found) = load(answer), _listed(answer)
        reached = int(content.get("offset", 0)) + len(found)
        if reached >= int(content.get("count", 0)) or not found:
            return None
        return request.asking(offset=str(reached))


def _listed(answer: Answer) -> tuple[str, list[Any]]:
    content = load(answer)
    for name in _LISTS:
        if isinstance(content, dict) and isinstance(content.get(name), list):
            return name, content[name]
    raise unlike(answer, "no observations", f"a list under {' or '.join(_LISTS)}")


CLIENT = Client()
