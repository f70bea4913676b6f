"""Reads an answer with its source's client; whatever is wrong with its form becomes one error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

from korus_research.data.sources import spec
from korus_research.data.sources.answer import Answer, Request
from korus_research.data.sources.clients.common import Client, unlike
from korus_research.data.sources.failures import SourceFailed

if TYPE_CHECKING:
    import pandas as pd

_WRONG_FORM = (TypeError, KeyError, IndexError, ValueError, AttributeError, OverflowError, RecursionError)


class Reader:
    """Reads the answers of one data set.

    Every method but `marked` raises UnexpectedAnswer for an answer of another form than the source's.
    """

    def __init__(self, source: str, dataset: str) -> None:
        self.source = spec.describe(source)
        self.dataset = self.source.describe(dataset)
        self._client: Client = import_module(f"{__package__}.clients.{self.source.layout(dataset)}").CLIENT

    def refused(self, answer: Answer) -> SourceFailed | None:
        """Return the error that an answer stands for, or None for figures and for "no data"."""
        with _one_error(answer):
            return self._client.refused(answer)

    def rows(self, answer: Answer) -> pd.DataFrame:
        """Return the observations as text, under the source's own column names, which may repeat."""
        with _one_error(answer):
            return self._client.rows(answer, self.dataset)

    def more(self, request: Request, answer: Answer) -> Request | None:
        """Return the request for the next page, or None after the last."""
        with _one_error(answer):
            return None if answer.empty else self._client.more(request, answer)

    def marked(self, answer: Answer) -> Answer:
        """Return the answer with the source's mark of its vintage, if it has one."""
        try:
            with _one_error(answer):
                unmarked = answer.status != 200 or answer.empty
                return answer if unmarked else replace(answer, mark=self._client.mark(answer))
        except SourceFailed:
            return answer  # `refused` or `frame` will report what is wrong

    def frame(self, answer: Answer) -> pd.DataFrame:
        """Return the observations typed, as `parse` gives them; SourceFailed if the answer is an error."""
        import pandas as pd

        from korus_research.data.sources.shape import Shape

        if (failed := self.refused(answer)) is not None:
            raise failed
        rows = pd.DataFrame() if answer.empty else self.rows(answer)
        with _one_error(answer):
            return Shape(self.source, self.dataset).shaped(rows)


@contextmanager
def _one_error(answer: Answer) -> Iterator[None]:
    """Turn the errors of a wrong form into UnexpectedAnswer; the cause may be kept, as answers are redacted."""
    try:
        yield
    except _WRONG_FORM as problem:
        raise unlike(answer, f"another form ({type(problem).__name__})", "the one that was recorded") from problem
