"""USITC DataWeb: a report as tables of row groups, columns by label, all text. Written from its documentation."""

from __future__ import annotations

from typing import Any

import pandas as pd

from korus_research.data.sources.answer import Answer
from korus_research.data.sources.clients import common
from korus_research.data.sources.clients.common import load, unlike
from korus_research.data.sources.failures import RequestRefused, SourceFailed, Unreachable
from korus_research.data.sources.spec import Dataset


class Client(common.Client):
    """Reads DataWeb's reports."""

    def refused(self, answer: Answer) -> SourceFailed | None:
        """Return the error: plain text while new figures are loaded, else as for every source."""
        if b"data load mode" in answer.content:
            return Unreachable("dataweb is loading new figures")
        return super().refused(answer)

    def error(self, answer: Answer) -> SourceFailed | None:
        """Return the error in `dto.errors`."""
        if not (errors := _content(answer).get("errors")):
            return None
        said = "; ".join(map(str, errors if isinstance(errors, list) else [errors]))
        return RequestRefused(f"dataweb refuses {answer.dataset}: {said[:200]}")

    def rows(self, answer: Answer, dataset: Dataset) -> pd.DataFrame:
        """Return the rows of all tables, by the labels of their columns, in whatever number and order these come.

        A column named for a year ("2024") becomes rows of `Year` and `Value`.
        """
        frames = []
        for table in _content(answer)["tables"]:
            labels = [str(column["label"]) for group in table["column_groups"] for column in group["columns"]]
            entries = [[entry.get("value") for entry in row["rowEntries"]] for row in table["row_groups"][0]["rowsNew"]]
            frame = pd.DataFrame(entries, columns=labels, dtype=object)
            if years := [label for label in labels if label.isdigit() and len(label) == 4]:
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


CLIENT = Client()
