"""FRED and ALFRED: observations with the span of days in which each stood, texts, "." for what is missing."""

from __future__ import annotations

from typing import Any

import pandas as pd

from korus_research.data.sources.answer import Answer, Request
from korus_research.data.sources.clients.common import by_status, load, page, table, unlike
from korus_research.data.sources.failures import KeyRefused, RequestRefused, SourceFailed
from korus_research.data.sources.spec import Dataset

_LISTS = ("observations", "seriess", "releases", "vintage_dates")


def refused(answer: Answer) -> SourceFailed | None:
    """Return the error that an answer is: 400 with a message, for a key and for a call alike."""
    if answer.status == 400 and not answer.is_page and answer.content:
        said = str(load(answer).get("error_message", "")).strip()
        failed = KeyRefused if "api_key" in said else RequestRefused
        return failed(f"fred refuses {answer.dataset}: {said[:200]}")
    return by_status(answer) or page(answer)


def rows(answer: Answer, dataset: Dataset) -> pd.DataFrame:
    """Return the observations (or series, releases, dates of vintages) with the series asked for in `series_id`."""
    name, found = _listed(answer)
    frame = pd.DataFrame({name: found}, dtype=object) if name == "vintage_dates" else table(answer, found)
    return frame if frame.empty else frame.assign(series_id=answer.request.get("series_id", ""))


def mark(answer: Answer) -> str:
    """Return the moment of the last update: of the series where it says so, else of the file (its header)."""
    name, found = _listed(answer)
    if name == "seriess" and found:
        return str(found[0].get("last_updated", ""))
    return answer.headers.get("last-modified", "")


def more(request: Request, answer: Answer) -> Request | None:
    """Return the call for the observations after those that came."""
    content = load(answer)
    _, found = _listed(answer)
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
