"""What the forms of answers have in common: JSON read strictly, and the errors that are said of every source."""

from __future__ import annotations

import json
from collections.abc import Collection
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from korus_research.data.sources.answer import Answer, Request
from korus_research.data.sources.failures import (
    KeyRefused,
    QuotaUsed,
    RequestRefused,
    SourceFailed,
    UnexpectedAnswer,
    Unreachable,
)
from korus_research.data.sources.spec import describe

if TYPE_CHECKING:
    import pandas as pd


def by_code(found: str, code: str, keys: Collection[str], quotas: Collection[str]) -> SourceFailed:
    """Return the error that a source's own code is, by those that are said of keys and of quotas."""
    if code in keys:
        return KeyRefused(found)
    return QuotaUsed(found) if code in quotas else RequestRefused(found)


def by_status(answer: Answer, said: str = "") -> SourceFailed | None:
    """Return the error that a status is, whichever source sends it; `said` are the source's own words."""
    named = f"{answer.source} answered {answer.dataset} with status {answer.status}"
    found = f"{named}: {said[:200]}" if said else named
    status = answer.status
    if status in (200, 204):
        return None
    if status in (401, 403, 407):
        return KeyRefused(found) if describe(answer.source).key else RequestRefused(found)
    if status == 429:
        return QuotaUsed(found)
    if 300 <= status < 400:
        do = "Redirects are not followed: a page behind one may be stored as figures. See docs/refresh.md"
        return UnexpectedAnswer(found, do=do)
    if status >= 500:
        return Unreachable(found)
    return RequestRefused(found)


def page(answer: Answer) -> SourceFailed | None:
    """Return the error that a web page is where figures should be; some refuse a key or a call that way."""
    if not answer.is_page:
        return None
    found = f"{answer.source} answered {answer.dataset} with a web page (status {answer.status})"
    return UnexpectedAnswer(found, do="Check the key and the address; see docs/refresh.md")


def load(answer: Answer) -> Any:
    """Return the JSON of an answer; UnexpectedAnswer where it is none, or breaks off."""
    try:
        return _loaded(answer.content)
    except (ValueError, RecursionError) as problem:
        where = f" at character {problem.pos:,}" if isinstance(problem, json.JSONDecodeError) else ""
    begins = answer.content[:60].decode("utf-8", "replace")
    raise UnexpectedAnswer(
        f"{answer.source} answered {answer.dataset} with {len(answer.content):,} bytes that are no whole JSON{where}",
        expected=f"JSON, not {begins!r}",
        do="It may have broken off: ask again",
    )


@lru_cache(maxsize=1)
def _loaded(content: bytes) -> Any:
    """Return JSON, read once: an answer is looked at for errors, its mark, the next page and its rows."""
    return json.loads(content.decode("utf-8-sig"), parse_constant=_no_constant)


def unlike(answer: Answer, found: str, expected: str) -> UnexpectedAnswer:
    """Return the error for JSON or XML of another form than this source's answers have."""
    return UnexpectedAnswer(f"{answer.source}, {answer.dataset}: {found}", expected=expected)


def table(answer: Answer, found: Any) -> pd.DataFrame:
    """Return a list of objects as rows, with the names of the first; UnexpectedAnswer where it is no such list."""
    import pandas as pd

    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise unlike(answer, f"a {type(found).__name__} that holds no rows", "a list of objects")
    return pd.DataFrame(found, dtype=object)


def no_more(request: Request, answer: Answer) -> Request | None:
    """Return None: the source answers in one piece."""
    return None


def no_mark(answer: Answer) -> str:
    """Return "": the source gives no sign of its vintage, so the date of fetching is all there is."""
    return ""


def _no_constant(name: str) -> None:
    raise ValueError(name)
