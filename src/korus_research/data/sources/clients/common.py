"""What the clients share: the default client, JSON read strictly, and the errors common to all sources."""

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

    from korus_research.data.sources.spec import Dataset


class Client:
    """Reads one form of answer; it asks nothing.

    The defaults suit a source that answers in one piece, has no error codes of its own and no mark of its vintage.
    """

    def refused(self, answer: Answer) -> SourceFailed | None:
        """Return the error that an answer stands for, or None."""
        return by_status(answer) or page(answer) or (None if answer.empty else self.error(answer))

    def error(self, answer: Answer) -> SourceFailed | None:
        """Return the error that the content of a successful answer stands for, or None."""
        return None

    def rows(self, answer: Answer, dataset: Dataset) -> pd.DataFrame:
        """Return the observations as text, under the source's own column names."""
        raise NotImplementedError

    def mark(self, answer: Answer) -> str:
        """Return the source's own mark of the vintage; "" where the date of fetching is all there is."""
        return ""

    def more(self, request: Request, answer: Answer) -> Request | None:
        """Return the request for the next page, or None after the last."""
        return None


def by_code(answer: Answer, code: str, said: str, keys: Collection[str], quotas: Collection[str]) -> SourceFailed:
    """Return the error for a source's own error code; `keys` and `quotas` are the codes about keys and quotas."""
    failed = KeyRefused if code in keys else QuotaUsed if code in quotas else RequestRefused
    return failed(f"{answer.source} refuses {answer.dataset} with code {code}: {said[:200]}")


def by_status(answer: Answer, said: str = "") -> SourceFailed | None:
    """Return the error for an HTTP status, None for success; `said` is the source's own text."""
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
    """Return the error for a web page in place of figures, which is how some sources refuse a key or a request."""
    if not answer.is_page:
        return None
    found = f"{answer.source} answered {answer.dataset} with a web page (status {answer.status})"
    return UnexpectedAnswer(found, do="Check the key and the address; see docs/refresh.md")


def load(answer: Answer) -> Any:
    """Return the JSON of an answer; UnexpectedAnswer if it is not JSON, or is cut short."""
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
    """Return the JSON, parsed once: it is needed for errors, the mark, the next page and the rows."""
    return json.loads(content.decode("utf-8-sig"), parse_constant=_no_constant)


def unlike(answer: Answer, found: str, expected: str) -> UnexpectedAnswer:
    """Return the error for content of another form than this source's answers have."""
    return UnexpectedAnswer(f"{answer.source}, {answer.dataset}: {found}", expected=expected)


def table(answer: Answer, found: Any) -> pd.DataFrame:
    """Return a list of objects as rows; UnexpectedAnswer if it is anything else."""
    import pandas as pd

    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise unlike(answer, f"a {type(found).__name__} that holds no rows", "a list of objects")
    return pd.DataFrame(found, dtype=object)


def _no_constant(name: str) -> None:
    raise ValueError(name)
