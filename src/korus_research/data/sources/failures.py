"""What can go wrong between a question and an answer of an official source; every error names the source.

None of them ever holds a key: what a source said is redacted before it gets here (decision 115).
"""

from __future__ import annotations

from korus_research.errors import KorusError


class SourceFailed(KorusError):
    """An official source gave no figures; the others may still be asked. `DO` is what to do if no more is known."""

    DO = ""

    def __init__(self, found: str, *, expected: str = "figures", do: str = "") -> None:
        super().__init__(found, expected=expected, do=do or self.DO)


class UnknownSource(SourceFailed):
    """No source, or no data set of a source, of that name."""


class NoKey(SourceFailed):
    """The source wants a key and none is known."""


class UnsafeKeys(SourceFailed):
    """The file of keys can be read by others, lies in a checkout, or is no list of names and keys."""


class KeyRefused(SourceFailed):
    """The source does not take the key."""

    DO = "Check the key, or get another one (docs/refresh.md)"


class QuotaUsed(SourceFailed):
    """The source answers no more for now: too many calls, or too much data."""

    DO = "Ask again later; the other sources are not concerned"


class RequestRefused(SourceFailed):
    """The source does not understand what it was asked: a code, a variable, a span."""

    DO = "The source may have changed: see docs/refresh.md"


class Unreachable(SourceFailed):
    """No connection, no answer in time, an answer that breaks off, or a server in trouble."""

    DO = "Ask again later; the other sources are not concerned"


class UnexpectedAnswer(SourceFailed):
    """An answer that is not of the form that this source's answers have."""

    DO = "The source may have changed its form: see docs/refresh.md"
