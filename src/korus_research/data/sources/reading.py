"""Reads answers by the form that their source has, and makes one error of whatever is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from korus_research.data.sources import spec
from korus_research.data.sources.answer import Answer, Request
from korus_research.data.sources.clients.common import unlike
from korus_research.data.sources.failures import SourceFailed

if TYPE_CHECKING:
    import pandas as pd

_WRONG_FORM = (TypeError, KeyError, IndexError, ValueError, AttributeError, OverflowError, RecursionError)


class Reader:
    """The reader of one data set's answers: `clients/` has how each form is read, this which one it is.

    Every method raises UnexpectedAnswer for a form that isn't the source's, wherever in it that shows.
    """

    def __init__(self, source: str, dataset: str) -> None:
        self.source = spec.describe(source)
        self.dataset = self.source.describe(dataset)
        self._client: Any = import_module(f"{__package__}.clients.{self.source.layout(dataset)}")

    def refused(self, answer: Answer) -> SourceFailed | None:
        """Return the error that an answer is, or None where it is figures or nothing."""
        with _one_error(answer):
            return cast("SourceFailed | None", self._client.refused(answer))

    def rows(self, answer: Answer) -> pd.DataFrame:
        """Return the observations as texts under the source's own names; a name may stand there twice."""
        with _one_error(answer):
            return cast("pd.DataFrame", self._client.rows(answer, self.dataset))

    def more(self, request: Request, answer: Answer) -> Request | None:
        """Return the call for the next page, or None after the last one."""
        with _one_error(answer):
            return cast("Request | None", None if answer.empty else self._client.more(request, answer))

    def marked(self, answer: Answer) -> Answer:
        """Return the answer with the source's own mark of its vintage, where it has one; it raises nothing."""
        find: Callable[[Answer], str] = self._client.mark
        try:
            with _one_error(answer):
                return answer if answer.status != 200 or answer.empty else replace(answer, mark=find(answer))
        except SourceFailed:
            return answer  # what is wrong with it, `refused` or `frame` says

    def frame(self, answer: Answer) -> pd.DataFrame:
        """Return the observations typed, as `parse` gives them; SourceFailed where the answer is an error."""
        import pandas as pd

        from korus_research.data.sources.shape import Shape

        if (failed := self.refused(answer)) is not None:
            raise failed
        rows = pd.DataFrame() if answer.empty else self.rows(answer)
        with _one_error(answer):
            return Shape(self.source, self.dataset).shaped(rows)


@contextmanager
def _one_error(answer: Answer) -> Iterator[None]:
    """Turn what Python says of a wrong form into the one error; an answer is redacted, so its cause may stay."""
    try:
        yield
    except _WRONG_FORM as problem:
        raise unlike(answer, f"another form ({type(problem).__name__})", "the one that was recorded") from problem
