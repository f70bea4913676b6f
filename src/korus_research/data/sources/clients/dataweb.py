"""USITC DataWeb: a report as tables of row groups, columns by label, texts; documented, none was recorded."""

from __future__ import annotations

from typing import Any

import pandas as pd

from korus_research.data.sources.answer import Answer
from korus_research.data.sources.clients.common import by_status, load, no_mark, no_more, page, unlike
from korus_research.data.sources.failures import RequestRefused, SourceFailed, Unreachable
from korus_research.data.sources.spec import Dataset

mark, more = no_mark, no_more


def refused(answer: Answer) -> SourceFailed | None:
    """Return the error that an answer is: in `dto.errors`, or text while figures are being loaded."""
    if b"data load mode" in answer.content:
        found = "dataweb is loading new figures"
        return Unreachable(found)
    if failed := by_status(answer) or page(answer):
        return failed
    errors = [] if answer.empty else _content(answer).get("errors") or []
    if errors:
        said = "; ".join(map(str, errors if isinstance(errors, list) else [errors]))
        return RequestRefused(f"dataweb refuses {answer.dataset}: {said[:200]}")
    return None


def rows(answer: Answer, dataset: Dataset) -> pd.DataFrame:
    """Return the rows of all tables by the labels of their columns, which may be more, or in another order, than known.

    A column that is a year ("2024") is turned into rows of `Year` and `Value`.
    """
    frames = []
    for table in _content(answer)["tables"]:
        labels = [str(column["label"]) for group in table["column_groups"] for column in group["columns"]]
        entries = [[entry.get("value") for entry in row["rowEntries"]] for row in table["row_groups"][0]["rowsNew"]]
        frame = pd.DataFrame(entries, columns=labels, dtype=object)
        years = [label for label in labels if label.isdigit() and len(label) == 4]
        if years:
            kept = [label for label in labels if label not in years]
            frame = frame.melt(kept, years, var_name="Year", value_name="Value")
        frames.append(frame.assign(Table=str(table.get("name", ""))))
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _content(answer: Answer) -> dict[str, Any]:
    content = load(answer)
    found = content.get("dto") if isinstance(content, dict) else None
    if not isinstance(found, dict):
        raise unlike(answer, "no dto", "an object dto")
    return found
