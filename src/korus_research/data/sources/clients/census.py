"""Census Bureau, time series of international trade: a JSON list of lists, the header first, every value a text."""

from __future__ import annotations

import pandas as pd

from korus_research.data.sources.answer import Answer
from korus_research.data.sources.clients.common import by_status, load, no_mark, no_more, page, unlike
from korus_research.data.sources.failures import KeyRefused, RequestRefused, SourceFailed
from korus_research.data.sources.spec import Dataset

mark, more = no_mark, no_more  # no row says of which release it is


def refused(answer: Answer) -> SourceFailed | None:
    """Return the error that an answer is: a redirect to the page on keys, plain text, a page for a query too large."""
    target = answer.headers.get("location", "")
    if "x-datawebapi-keyerror" in answer.headers or target.endswith(("missing_key.html", "invalid_key.html")):
        which = "no key" if target.endswith("missing_key.html") else "a key it does not know"
        found = f"census redirects {answer.dataset} to its page on keys: it got {which}"
        return KeyRefused(found)
    if answer.is_page and b"error while running your query" in answer.content:
        found = f"census could not run the query of {answer.dataset}"
        return RequestRefused(found, do="It may be too large: ask for a shorter span (--since, --through)")
    said = answer.content.decode("utf-8", "replace").strip() if answer.status == 400 and not answer.is_page else ""
    return by_status(answer, said) or page(answer)


def rows(answer: Answer, dataset: Dataset) -> pd.DataFrame:
    """Return one row an observation under the names of the header, of which one may stand there twice."""
    content = load(answer)
    if not isinstance(content, list) or not content or not all(isinstance(row, list) for row in content):
        raise unlike(answer, f"{type(content).__name__} instead of rows", "a list of rows, the header first")
    header, *body = content
    if not all(isinstance(name, str) for name in header):
        raise unlike(answer, "a header that holds more than names", "a list of rows, the header first")
    for number, row in enumerate(body, start=2):
        if len(row) != len(header):
            raise unlike(answer, f"row {number} has {len(row)} values", f"{len(header)}, as the header has")
    return pd.DataFrame(body, columns=pd.Index(header), dtype=object)
