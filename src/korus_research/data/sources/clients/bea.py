"""Bureau of Economic Analysis: JSON that echoes the request; errors come with status 200, a single row as an object."""

from __future__ import annotations

from typing import Any

import pandas as pd

from korus_research.data.sources.answer import Answer
from korus_research.data.sources.clients import common
from korus_research.data.sources.clients.common import by_code, load, table, unlike
from korus_research.data.sources.failures import SourceFailed
from korus_research.data.sources.spec import Dataset

_KEYS, _QUOTAS = {"1", "3", "4"}, {"429"}


class Client(common.Client):
    """Reads BEA's answers."""

    def error(self, answer: Answer) -> SourceFailed | None:
        """Return the error in Results or beside it; the text tells keys and quotas apart where the code does not."""
        error = _results(answer).get("Error")
        if error is None:
            return None
        error = error if isinstance(error, dict) else {}
        code, said = str(error.get("APIErrorCode", "?")), str(error.get("APIErrorDescription", "no reason"))
        limited = "too many" in said.lower()
        keys = {code} if "userid" in said.lower() else set[str]() if limited else _KEYS
        return by_code(answer, code, said, keys, {code} if limited else _QUOTAS)

    def rows(self, answer: Answer, dataset: Dataset) -> pd.DataFrame:
        """Return one row per observation in `Data`, be it a list or a single object."""
        data = _results(answer).get("Data", [])
        return table(answer, [data] if isinstance(data, dict) else data)

    def mark(self, answer: Answer) -> str:
        """Return the note on the last update."""
        notes = _results(answer).get("Notes", [])
        notes = notes if isinstance(notes, list) else []
        said = (str(note.get("NoteText", "")) for note in notes if isinstance(note, dict))
        return next((text for text in said if text.lower().startswith("last updated")), "")


def _results(answer: Answer) -> dict[str, Any]:
    content = load(answer)
    inside = content.get("BEAAPI") if isinstance(content, dict) else None
    if not isinstance(inside, dict):
        raise unlike(answer, "no BEAAPI", "an object BEAAPI")
    results = inside.get("Results", {})
    results = results[0] if isinstance(results, list) and len(results) == 1 else results
    if not isinstance(results, dict):
        raise unlike(answer, f"Results is a {type(results).__name__}", "an object")
    return {**results, "Error": inside["Error"]} if "Error" in inside else results


CLIENT = Client()
