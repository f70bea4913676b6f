"""Korea Customs Service through data.go.kr: XML with the total among the rows; errors have another root element."""

from __future__ import annotations

from xml.etree import ElementTree

import pandas as pd

from korus_research.data.sources.answer import Answer
from korus_research.data.sources.clients import common
from korus_research.data.sources.clients.common import by_code, unlike
from korus_research.data.sources.failures import SourceFailed
from korus_research.data.sources.spec import Dataset

_KEYS, _QUOTAS, _NOTHING = {"20", "30", "31", "32"}, {"22"}, {"03"}
_SAID = (".//returnAuthMsg", ".//resultMsg", ".//errMsg")


class Client(common.Client):
    """Reads the answers of the trade statistics service."""

    def error(self, answer: Answer) -> SourceFailed | None:
        """Return the error of the portal (OpenAPI_ServiceResponse) or of the service (resultCode)."""
        root = _root(answer)
        code = root.findtext(".//returnReasonCode") or root.findtext(".//resultCode") or ""
        if code in _NOTHING or (code.strip("0") == "" and code):
            return None
        said = next(filter(None, map(root.findtext, _SAID)), "no reason")
        return by_code(answer, code or "?", said, _KEYS, _QUOTAS)  # the portal registers a key for each service

    def rows(self, answer: Answer, dataset: Dataset) -> pd.DataFrame:
        """Return one row per item with its elements as columns; the total is one of the rows."""
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


CLIENT = Client()
