"""What a kind of claim gives: values on bases, and conditions that must hold before a claim about causes is supported."""

from __future__ import annotations

from dataclasses import dataclass

from korus_research.chapters.claims.lexicon import Word
from korus_research.chapters.claims.statements import Claim
from korus_research.errors import InvalidClaim


@dataclass(frozen=True, slots=True)
class Measured:
    """One value on one basis; None where the data hold none."""

    value: float | None
    basis: str
    period: str
    statistics: str
    datasets: tuple[str, ...]
    low: float | None = None
    high: float | None = None
    before: float | None = None

    def right(self, word: Word, stated: float, stated_before: float | None = None) -> bool:
        """Return whether `word` is right for the value or, where there is an interval, for all of it.

        Where the claim states the level it starts from, the word must be right for that too, or for the change.
        """
        if word.of_change is not None and stated_before is not None:
            if self.value is None or self.before is None:
                return False
            return word.admits(self.value - self.before, stated - stated_before)
        ends = [v for v in (self.value, self.low, self.high) if v is not None]
        right = bool(ends) and all(word.admits(v, stated) for v in ends)
        if stated_before is None:
            return right
        return right and self.before is not None and word.admits(self.before, stated_before)

    def excluded(self, word: Word, stated: float) -> bool:
        """Return whether `word` is right for no value of the interval; where there is no value, nothing is excluded."""
        ends = [v for v in (self.value, self.low, self.high) if v is not None]
        return bool(ends) and word.excludes(min(ends), max(ends), stated)


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that must hold before a claim about causes can be supported: in words, and whether it does.

    `holds` is None where the figures can neither establish nor refute it.
    """

    says: str
    holds: bool | None
    premise: bool


def unknown(claim: Claim, expected: str) -> InvalidClaim:
    """Return the error for a claim whose `what` its measure does not know."""
    return InvalidClaim(
        f"Claim '{claim.id}' measures '{claim.what}'", expected=expected, do="Correct `what` in the claim's file"
    )
