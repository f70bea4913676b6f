"""What is asked of an official source, and what it answered: both without a key, so both may be stored."""

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
    """One call: of which `source` and `dataset`, at which `address`, with which `query` (or `body`, which is posted).

    A key has its place in it only as the word REDACTED: {key} in the address stands for it where it is part of a path.
    """

    source: str
    dataset: str
    address: str
    query: tuple[tuple[str, str], ...] = ()
    body: str = ""

    def at(self, address: str = "", key: tuple[str, str] | None = None) -> str:
        """Return the whole address, with `key` (parameter, value) last in the query, another base where given."""
        pairs = [*self.query, *([key] if key else [])]
        return (address or self.address) + (f"?{urlencode(pairs, quote_via=quote, safe='')}" if pairs else "")

    def asking(self, **changed: str) -> Request:
        """Return the same call with some values of the query changed, as for the next page."""
        kept = [(name, changed.pop(name, value)) for name, value in self.query]
        return replace(self, query=(*kept, *changed.items()))


@dataclass(frozen=True)
class Answer:
    """What a source said once: redacted bytes, and what is needed to read and to trust them later.

    `request` is the call without a key (address, query, body if any), `address` the whole address with REDACTED for the
    key, `headers` those kept (date, last-modified, content-type), `fetched` the moment in UTC ("2026-11-29T12:00:00Z"),
    `sha256` of `content`, `mark` the source's own sign of its vintage, or "". A status of 204, or no content, is an
    answer: nothing.
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
        """Return whether the source said "nothing": 204, or not a byte."""
        return self.status == 204 or not self.content.strip()

    @property
    def is_page(self) -> bool:
        """Return whether the content is a web page, which no interface of figures answers on purpose."""
        return re.match(rb"\s*(<!--.*?-->\s*)*<(!doctype html|html)", self.content[:2000], re.I | re.S) is not None

    def meta(self) -> dict[str, Any]:
        """Return everything but the content, for JSON; `Answer(**meta, content=...)` makes it again."""
        kept = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "content"}
        return {**kept, "request": dict(self.request), "headers": dict(self.headers)}
