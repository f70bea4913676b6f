"""Census Bureau, international trade time series: a JSON list of lists, the header first, every value a string."""

from __future__ import annotations

import pandas as pd

from korus_research.data.sources.answer import Answer
from korus_research.data.sources.clients import common
from korus_research.data.sources.clients.common import by_status, load, page, unlike
from korus_research.data.sources.failures import KeyRefused, RequestRefused, SourceFailed
from korus_research.data.sources.spec import Dataset


class Client(common.Client):
    """Reads the answers of the Census API; no row says which release it is from."""

    def refused(self, answer: Answer) -> SourceFailed | None:
        """Return the error: a redirect to the page on keys, plain text, or a page about a query that is too large."""
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

    def rows(self, answer: Answer, dataset: Dataset) -> pd.DataFrame:
        """Return one row per observation under the header's names, which may repeat a name."""
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


CLIENT = Client()
