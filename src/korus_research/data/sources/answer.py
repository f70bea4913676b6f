"""A request to an official source and its answer; neither contains a key, so both may be stored."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlencode

from korus_research.data.sources.failures import UnexpectedAnswer

REDACTED = "REDACTED"


@dataclass(frozen=True)
class Request:
    """One request for a `dataset` of a `source`: its `address` and its `query`, or the `body` that is posted.

    It contains no key; where a key is part of the path, the address has {key} in its place.
    """

    source: str
    dataset: str
    address: str
    query: tuple[tuple[str, str], ...] = ()
    body: str = ""

    def at(self, address: str = "", key: tuple[str, str] | None = None) -> str:
        """Return the full URL, on the base `address` if given, with `key` (parameter, value) last in the query."""
        pairs = [*self.query, *([key] if key else [])]
        return (address or self.address) + (f"?{urlencode(pairs, quote_via=quote, safe='')}" if pairs else "")

    def asking(self, **changed: str) -> Request:
        """Return the request with some values of the query changed, as for the next page."""
        kept = [(name, changed.pop(name, value)) for name, value in self.query]
        return replace(self, query=(*kept, *changed.items()))


@dataclass(frozen=True)
class Answer:
    """One answer of a source: the redacted bytes, and what is needed to read and verify them later.

    `request` is the request without a key (address, query, body if any), `address` the URL with REDACTED for the key,
    `headers` those that are kept (date, last-modified, content-type ...), `fetched` the time in UTC
    ("2026-11-29T12:00:00Z"), `sha256` that of `content`, `mark` the source's own mark of the vintage, or "". A status
    of 204, or no content, means that there is no data.
    """

    source: str
    dataset: str
    request: Mapping[str, str]
    address: str
    status: int
    headers: Mapping[str, str]
    fetched: str
    sha256: str
    content: bytes = field(repr=False)
    mark: str = ""

    def __post_init__(self) -> None:
        if (found := hashlib.sha256(self.content).hexdigest()) != self.sha256:
            raise UnexpectedAnswer(
                f"A stored answer of {self.source} ({self.dataset}, {self.fetched}) was changed",
                expected=f"bytes with sha256 {self.sha256[:12]}, not {found[:12]}",
                do="Delete it and ask again",
            )

    @property
    def empty(self) -> bool:
        """Whether the source has no data: status 204, or no content."""
        return self.status == 204 or not self.content.strip()

    @property
    def is_page(self) -> bool:
        """Whether the content is a web page, which no data interface returns on purpose."""
        return re.match(rb"\s*(<!--.*?-->\s*)*<(!doctype html|html)", self.content[:2000], re.I | re.S) is not None

    def meta(self) -> dict[str, Any]:
        """Return all fields but the content, for JSON; `Answer(**meta, content=...)` restores the answer."""
        kept = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "content"}
        return {**kept, "request": dict(self.request), "headers": dict(self.headers)}
