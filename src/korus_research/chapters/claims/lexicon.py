"""The lexicon as data: what words about numbers mean, the rule for causes, the bases, who speaks, when data are out."""

from __future__ import annotations

import math
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from korus_research.chapters.choices import Part
from korus_research.chapters.flows.measures import Series
from korus_research.data.toml import load_toml
from korus_research.errors import InvalidClaim

FILE = Path(__file__).with_name("lexicon.toml")


class Distance(Part):
    """How far a value may lie from the stated one, below a size of the stated one."""

    distance: float = Field(ge=0)
    below: float = math.inf


class Word(Part):
    """One entry of the lexicon: which values a word about a number admits.

    A band is given by factors of the number, by a distance from it, or, of two numbers, by a part of the change between
    them.
    """

    words: tuple[str, ...] = Field(min_length=1)
    says: str
    low_factor: float | None = None
    high_factor: float | None = None
    low_included: bool = False
    high_included: bool = False
    within: tuple[Distance, ...] = ()
    of_change: float | None = Field(None, gt=0, lt=0.5)

    @model_validator(mode="after")
    def _one_way(self) -> Word:
        bounded = self.low_factor is not None or self.high_factor is not None
        if bounded + bool(self.within) + (self.of_change is not None) != 1:
            raise ValueError("either factors, or distances, or a part of the change: one of them")
        if self.within and not math.isinf(self.within[-1].below):
            raise ValueError("the last distance without `below`, so that every stated number has one")
        return self

    @property
    def closed(self) -> bool:
        """Whether both ends of the band are admitted."""
        return bool(self.within) or self.of_change is not None or (self.low_included and self.high_included)

    def band(self, stated: float) -> tuple[float, float]:
        """Return the lower and the upper end of the values admitted, infinite where open.

        Of a word about the change between two numbers, `stated` is that change, and so are the ends.
        """
        if self.of_change is not None:
            distance = self.of_change * abs(stated)
            return stated - distance, stated + distance
        if self.within:
            distance = next(d.distance for d in self.within if abs(stated) < d.below)
            return stated - distance, stated + distance
        low = -math.inf if self.low_factor is None else stated * self.low_factor
        high = math.inf if self.high_factor is None else stated * self.high_factor
        return (high, low) if low > high else (low, high)  # factors of a negative number

    def admits(self, value: float, stated: float) -> bool:
        """Return whether the word is right for `value` when `stated` was said."""
        return not self.excludes(value, value, stated)

    def excludes(self, low: float, high: float, stated: float) -> bool:
        """Return whether the word is right for no value from `low` to `high` when `stated` was said."""
        first, last = self.band(stated)
        below = high < first if self.closed or self.low_included else high <= first
        above = low > last if self.closed or self.high_included else low >= last
        return below or above


class CausalRule(Part):
    """How a claim about causes is judged: the shares of bases that decide.

    `supported_from` is of those whose whole interval is as said, `not_supported_from` of those that hold no such value.
    """

    says: str
    supported_from: float = Field(gt=0, le=1)
    not_supported_from: float = Field(gt=0, le=1)


class Publication(Part):
    """When a month of trade data is out: so many days after its end."""

    says: str
    days: int = Field(gt=0)
    source: str

    def newest_month(self, day: date) -> str:
        """Return the newest month that was published on a day, "YYYY-MM"."""
        last = day - timedelta(days=self.days)
        # The month that had ended by then: of the day itself only where it is the last of its month.
        ended = last if (last + timedelta(days=1)).month != last.month else last.replace(day=1) - timedelta(days=1)
        return f"{ended:%Y-%m}"


class Speaker(Part):
    """A kind of speaker."""

    label: str


class NeededFile(Part):
    """A public series that would let claims be judged which these data can't: what it is, and who publishes it."""

    says: str
    source: str


class Bases(Part):
    """The fixed list of bases for claims about flows."""

    series: tuple[Series, ...] = Field(min_length=1)
    ends: tuple[Literal["evaluation", "latest12"], ...] = Field(min_length=1)


class Said(Part):
    """A rule that is told in words."""

    says: str


class Lexicon(Part):
    """What `lexicon.toml` declares: words, files and speakers by id, the rule for causes, the fixed list of bases."""

    word: dict[str, Word]
    causal: CausalRule
    bases: Bases
    expectation: Said
    elsewhere: Said
    publication: Publication
    file: dict[str, NeededFile]
    speaker: dict[str, Speaker]


@lru_cache(maxsize=4)
def load_lexicon(path: Path = FILE) -> Lexicon:
    """Return the lexicon.

    Raises InvalidClaim: an entry does not say what it must, or two have one id; file, line and key are named.
    """
    return load_toml(path, Lexicon, InvalidClaim)
