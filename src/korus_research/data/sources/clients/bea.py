"""Bureau of Economic Analysis: JSON with the request echoed, errors with status 200, one row as an object."""

from __future__ import annotations

from typing import Any

import pandas as pd

from korus_research.data.sources.answer import Answer
from korus_research.data.sources.clients.common import by_code, by_status, load, no_more, page, table, unlike
from korus_research.data.sources.failures import KeyRefused, QuotaUsed, SourceFailed
from korus_research.data.sources.spec import Dataset

more = no_more
_KEY, _QUOTA = {"1", "3", "4"}, {"429"}


def refused(answer: Answer) -> SourceFailed | None:
    """Return the error that an answer is: in Results or beside them, with status 200."""
    if failed := by_status(answer) or page(answer):
        return failed
    if answer.empty:
        return None
    results = _results(answer)
    error = results.get("Error")
    if error is None:
        return None
    error = error if isinstance(error, dict) else {}
    code, said = str(error.get("APIErrorCode", "?")), str(error.get("APIErrorDescription", "no reason"))
    found = f"bea refuses {answer.dataset} with code {code}: {said[:200]}"
    if "userid" in said.lower():
        return KeyRefused(found)
    return QuotaUsed(found) if "too many" in said.lower() else by_code(found, code, _KEY, _QUOTA)


def rows(answer: Answer, dataset: Dataset) -> pd.DataFrame:
    """Return one row an observation as `Data` has them, whether there are many or one."""
    data = _results(answer).get("Data", [])
    return table(answer, [data] if isinstance(data, dict) else data)


def mark(answer: Answer) -> str:
    """Return what the notes say of the last update."""
    notes = _results(answer).get("Notes", [])
    said = [
        str(note.get("NoteText", "")) for note in (notes if isinstance(notes, list) else []) if isinstance(note, dict)
    ]
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
