"""The errors of requests to official sources; each names the source.

None contains a key: what a source sends is redacted first (decision 115).
"""

from __future__ import annotations

from korus_research.errors import KorusError


class SourceFailed(KorusError):
    """An official source gave no figures; the others may still be asked. `DO` is the default advice."""

    DO = ""

    def __init__(self, found: str, *, expected: str = "figures", do: str = "") -> None:
        super().__init__(found, expected=expected, do=do or self.DO)


class UnknownSource(SourceFailed):
    """There is no source or data set of that name."""


class NoKey(SourceFailed):
    """The source needs a key and none is configured."""


class UnsafeKeys(SourceFailed):
    """The file of keys can be read by others, is inside a checkout, or is not a list of names and keys."""


class KeyRefused(SourceFailed):
    """The source rejects the key."""

    DO = "Check the key, or get another one (docs/refresh.md)"


class QuotaUsed(SourceFailed):
    """The source refuses further requests for now: too many, or too much data."""

    DO = "Ask again later; the other sources are not concerned"


class RequestRefused(SourceFailed):
    """The source rejects the request: a code, a variable or a span of months."""

    DO = "The source may have changed: see docs/refresh.md"


class Unreachable(SourceFailed):
    """No connection, no answer in time, an incomplete answer, or a server error."""

    DO = "Ask again later; the other sources are not concerned"


class UnexpectedAnswer(SourceFailed):
    """An answer of another form than this source's answers have."""

    DO = "The source may have changed its form: see docs/refresh.md"
