"""Korea Customs Service through data.go.kr: XML, the total among the rows, errors under another root."""

from __future__ import annotations

from xml.etree import ElementTree

import pandas as pd

from korus_research.data.sources.answer import Answer
from korus_research.data.sources.clients.common import by_code, by_status, no_mark, no_more, page, unlike
from korus_research.data.sources.failures import SourceFailed
from korus_research.data.sources.spec import Dataset

mark, more = no_mark, no_more
_KEY, _QUOTA, _NOTHING = {"20", "30", "31", "32"}, {"22"}, {"03"}


def refused(answer: Answer) -> SourceFailed | None:
    """Return the error that an answer is: the portal's own (OpenAPI_ServiceResponse) or the service's (resultCode)."""
    if failed := by_status(answer) or page(answer):
        return failed
    if answer.empty:
        return None
    root = _root(answer)
    code = root.findtext(".//returnReasonCode") or root.findtext(".//resultCode") or ""
    if code in _NOTHING or (code.strip("0") == "" and code):
        return None
    said = (
        root.findtext(".//returnAuthMsg") or root.findtext(".//resultMsg") or root.findtext(".//errMsg") or "no reason"
    )
    found = f"kcs refuses {answer.dataset} with code {code or '?'}: {said[:200]}"
    return by_code(found, code, _KEY, _QUOTA)  # the portal registers for each service apart


def rows(answer: Answer, dataset: Dataset) -> pd.DataFrame:
    """Return one row an item, its elements as columns; the total is among them."""
    root = _root(answer)
    if root.find("./body") is None:
        raise unlike(answer, f"no body in {root.tag}", "response with header and body")
    return pd.DataFrame([{part.tag: part.text for part in item} for item in root.iter("item")], dtype=object)


def _root(answer: Answer) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(answer.content)
    except ElementTree.ParseError as problem:
        line, column = problem.position
        found = f"{len(answer.content):,} bytes that are no whole XML at line {line}, column {column}"
        raise unlike(answer, found, "XML") from None
