"""The official sources: what to request, requesting it, and reading the answers (docs/refresh.md).

with sources.Web() as web:
    for request in sources.requests("census", through="2026-08"):
        for answer in web.ask(request):
            frame = sources.parse(answer)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from korus_research.data.sources.answer import Answer, Request
from korus_research.data.sources.failures import SourceFailed

if TYPE_CHECKING:
    import pandas as pd

    from korus_research.data.sources.spec import describe, names, requests
    from korus_research.data.sources.web import Patience, Progress, Web

__all__ = ["Answer", "Patience", "Progress", "Request", "SourceFailed", "Web", "describe", "names", "parse", "requests"]


def __getattr__(name: str) -> Any:
    """Import on first use what is slow to import: pydantic's models, the HTTP library."""
    from importlib import import_module

    for module in ("spec", "web"):
        found = import_module(f"{__name__}.{module}")
        if name in __all__ and hasattr(found, name):
            return getattr(found, name)
    raise AttributeError(name)


def parse(answer: Answer) -> pd.DataFrame:
    """Return the observations in an answer, new or stored.

    Returns
    -------
    DataFrame with the columns that the data set's TOML file names, typed; no rows if the source has no data.

    Raises
    ------
    SourceFailed
        The answer is an error, or has another form than the source's answers.
    """
    from korus_research.data.sources.reading import Reader

    return Reader(answer.source, answer.dataset).frame(answer)
