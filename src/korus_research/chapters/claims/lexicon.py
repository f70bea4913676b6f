"""The lexicon as data: what words about numbers mean, the rule for causes, the bases, who speaks, when data are out."""

from __future__ import annotations

import math
import tomllib
from datetime import date, timedelta
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from korus_research.chapters.flows.measures import Series
from korus_research.errors import InvalidClaim

T = TypeVar("T", bound=BaseModel)


class Entry(BaseModel):
    """One entry of a file of ours; unknown fields are an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Distance(Entry):
    """How far a value may lie from the stated one, below a size of the stated one."""

    distance: float = Field(ge=0)
    below: float = math.inf


class Word(Entry):
    """One entry of the lexicon: which values a word about a number admits.

    A band is given by factors of the number, by a distance from it, or, of two numbers, by a part of the change between
    them.
    """

    id: str
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


class CausalRule(Entry):
    """How a claim about causes is judged: the shares of bases that decide.

    `supported_from` is of those whose whole interval is as said, `not_supported_from` of those that hold no such value.
    """

    says: str
    supported_from: float = Field(gt=0, le=1)
    not_supported_from: float = Field(gt=0, le=1)


class Publication(Entry):
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


class Speaker(Entry):
    """A kind of speaker."""

    id: str
    label: str


class Bases(Entry):
    """The fixed list of bases for claims about flows."""

    series: tuple[Series, ...] = Field(min_length=1)
    ends: tuple[Literal["evaluation", "latest12"], ...] = Field(min_length=1)


def load_lexicon(path: Path | None = None) -> dict[str, Word]:
    """Return the lexicon by id.

    Raises
    ------
    InvalidClaim
        An entry that does not say what it must, or two of one id.
    """
    target = path or Path(str(files("korus_research.chapters.claims") / "lexicon.toml"))
    entries = parse(target).get("word", [])
    words = [validated(Word, entry, target) for entry in entries]
    if len({w.id for w in words}) != len(words):
        raise InvalidClaim(f"{target.name} defines a word twice", expected="one entry an id", do="Merge them")
    return {w.id: w for w in words}


def load_bases(path: Path | None = None) -> Bases:
    """Return the fixed list of bases, defaults first.

    Raises
    ------
    InvalidClaim
        The list is missing or names a series that does not exist.
    """
    target = path or Path(str(files("korus_research.chapters.claims") / "lexicon.toml"))
    return validated(Bases, parse(target).get("bases", {}), target)


def load_causal_rule(path: Path | None = None) -> CausalRule:
    """Return the rule for claims about causes.

    Raises
    ------
    InvalidClaim
        The rule is missing or does not say what it must.
    """
    target = path or Path(str(files("korus_research.chapters.claims") / "lexicon.toml"))
    return validated(CausalRule, parse(target).get("causal", {}), target)


@lru_cache(maxsize=1)
def load_publication() -> Publication:
    """Return the rule for when a month of trade data is out.

    Raises
    ------
    InvalidClaim
        The rule is missing or does not say what it must.
    """
    target = Path(str(files("korus_research.chapters.claims") / "lexicon.toml"))
    return validated(Publication, parse(target).get("publication", {}), target)


@lru_cache(maxsize=1)
def load_speakers() -> tuple[Speaker, ...]:
    """Return the kinds of speakers, in the order of the tables.

    Raises
    ------
    InvalidClaim
        An entry does not say what it must.
    """
    target = Path(str(files("korus_research.chapters.claims") / "lexicon.toml"))
    return tuple(validated(Speaker, entry, target) for entry in parse(target).get("speaker", []))


def load_rules_said(path: Path | None = None) -> dict[str, str]:
    """Return in words the rules for expectations, bases elsewhere and publication.

    Raises
    ------
    InvalidClaim
        One of them is missing.
    """
    target = path or Path(str(files("korus_research.chapters.claims") / "lexicon.toml"))
    sections = parse(target)
    try:
        return {name: str(sections[name]["says"]) for name in ("expectation", "elsewhere", "publication")}
    except (KeyError, TypeError) as error:
        raise InvalidClaim(
            f"{target.name} lacks what {error} says", expected="a section with `says`", do="Restore it from git"
        ) from None


def parse(path: Path) -> dict[str, Any]:
    """Return what a TOML file holds; InvalidClaim where it can't be read."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidClaim(
            f"{path.name} can't be read ({error})", expected="a TOML file", do="Restore it from git"
        ) from None


def validated(model: type[T], data: Any, path: Path) -> T:
    """Return data as a model; InvalidClaim names the file and the field."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidClaim(
            f"{path.name}, {where or 'top level'}: {first['msg']}",
            expected="the fields of claims/model.py and claims/lexicon.py",
            do="Correct the entry",
        ) from None
