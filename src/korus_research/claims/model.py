"""Claims as data: what was said, by whom and when, which measure it maps to, and what its words mean."""

from __future__ import annotations

import math
import tomllib
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from korus_research.analysis.finding import Unit
from korus_research.analysis.flows import Series
from korus_research.errors import InvalidClaim, did_you_mean

T = TypeVar("T", bound=BaseModel)
MeasureName = Literal["flow-change", "deficit-ratio", "share", "commitment", "driver"]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Distance(_Model):
    """How far a value may lie from the stated one, below a size of the stated one."""

    distance: float = Field(ge=0)
    below: float = math.inf


class Word(_Model):
    """One entry of the lexicon: which values a word about a number admits."""

    id: str
    words: tuple[str, ...] = Field(min_length=1)
    says: str
    low_factor: float | None = None
    high_factor: float | None = None
    low_included: bool = False
    high_included: bool = False
    within: tuple[Distance, ...] = ()

    @model_validator(mode="after")
    def _one_way(self) -> Word:
        bounded = self.low_factor is not None or self.high_factor is not None
        if bounded == bool(self.within):
            raise ValueError("either factors or distances, not both and not neither")
        if self.within and not math.isinf(self.within[-1].below):
            raise ValueError("the last distance without `below`, so that every stated number has one")
        return self

    def band(self, stated: float) -> tuple[float, float]:
        """Return the lower and the upper end of the values admitted, infinite where open."""
        if self.within:
            distance = next(d.distance for d in self.within if abs(stated) < d.below)
            return stated - distance, stated + distance
        low = -math.inf if self.low_factor is None else stated * self.low_factor
        high = math.inf if self.high_factor is None else stated * self.high_factor
        return low, high

    def admits(self, value: float, stated: float) -> bool:
        """Return whether the word is right for `value` when `stated` was said."""
        low, high = self.band(stated)
        if self.within:
            return low <= value <= high
        above = value >= low if self.low_included else value > low
        under = value <= high if self.high_included else value < high
        return above and under


class CausalRule(_Model):
    """How a claim about causes is judged: the shares of bases with the whole interval as said that decide."""

    says: str
    supported_from: float = Field(gt=0, le=1)
    not_supported_to: float = Field(ge=0, lt=1)


class Claim(_Model):
    """One claim, in own words. Without a measure it says what judging it would need."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    number: int = Field(ge=1)
    said: str = Field(min_length=10)
    measure: MeasureName | None = None
    what: str | None = None
    word: str | None = None
    stated: float | None = None
    unit: Unit | None = None
    chapter: str | None = None
    goods_only: bool = False
    end: Literal["evaluation", "latest12"] | None = None
    before_only: bool = False
    span_years: int | None = Field(None, ge=1)
    caveat: str = ""
    causal: bool = False
    needs: str | None = None

    @model_validator(mode="after")
    def _judged_or_not(self) -> Claim:
        parts = (self.what, self.word, self.stated, self.unit, self.chapter)
        if self.measure is None and (self.needs is None or any(p is not None for p in parts)):
            raise ValueError("a claim without a measure says what it needs, and nothing else")
        if self.measure is not None and (self.needs is not None or any(p is None for p in parts)):
            raise ValueError("a claim with a measure has what, word, stated, unit and chapter, and no needs")
        return self


class ClaimSource(_Model):
    """Who said it, where and when; `data_through` is the newest month of trade data then published."""

    id: str
    agreement: str
    who: str
    title: str
    date: date
    reference: str
    data_through: str = Field(pattern=r"^\d{4}-\d{2}$")


class ClaimFile(_Model):
    """One source with its claims."""

    source: ClaimSource
    claim: tuple[Claim, ...] = Field(min_length=1)


def load_lexicon(path: Path | None = None) -> dict[str, Word]:
    """Return the lexicon by id.

    Raises
    ------
    InvalidClaim
        An entry that does not say what it must, or two of one id.
    """
    target = path or Path(str(files("korus_research.claims") / "lexicon.toml"))
    entries = _parse(target).get("word", [])
    words = [_validated(Word, entry, target) for entry in entries]
    if len({w.id for w in words}) != len(words):
        raise InvalidClaim(f"{target.name} defines a word twice", expected="one entry an id", do="Merge them")
    return {w.id: w for w in words}


class Bases(_Model):
    """The fixed list of bases for claims about flows."""

    series: tuple[Series, ...] = Field(min_length=1)
    ends: tuple[Literal["evaluation", "latest12"], ...] = Field(min_length=1)


def load_bases(path: Path | None = None) -> Bases:
    """Return the fixed list of bases, defaults first.

    Raises
    ------
    InvalidClaim
        The list is missing or names a series that does not exist.
    """
    target = path or Path(str(files("korus_research.claims") / "lexicon.toml"))
    return _validated(Bases, _parse(target).get("bases", {}), target)


def load_causal_rule(path: Path | None = None) -> CausalRule:
    """Return the rule for claims about causes.

    Raises
    ------
    InvalidClaim
        The rule is missing or does not say what it must.
    """
    target = path or Path(str(files("korus_research.claims") / "lexicon.toml"))
    return _validated(CausalRule, _parse(target).get("causal", {}), target)


def load_claims(agreement: str, *, as_of: str, folder: Path | None = None) -> list[tuple[ClaimSource, Claim]]:
    """Return the claims about an agreement that had been made on the data of `as_of`, by source and number.

    Raises
    ------
    InvalidClaim
        A file that does not say what it must, a word not in the lexicon, or two claims of one id.
    """
    target = folder or Path(str(files("korus_research.claims") / "sources"))
    lexicon = load_lexicon()
    found: list[tuple[ClaimSource, Claim]] = []
    for path in sorted(target.glob("*.toml")):
        parsed = _validated(ClaimFile, _parse(path), path)
        for claim in parsed.claim:
            if claim.word is not None and claim.word not in lexicon:
                close = did_you_mean(claim.word, lexicon)
                raise InvalidClaim(
                    f"{path.name}, claim '{claim.id}': '{claim.word}' is not in the lexicon{close}",
                    expected=f"one of {', '.join(lexicon)}",
                    do="Correct it, or define the word before judging by it",
                )
        if parsed.source.agreement == agreement and parsed.source.data_through <= as_of:
            found += [(parsed.source, claim) for claim in sorted(parsed.claim, key=lambda c: c.number)]
    ids = [claim.id for _, claim in found]
    if len(set(ids)) != len(ids):
        raise InvalidClaim(f"Two claims about {agreement} share an id", expected="unique ids", do="Rename one")
    return found


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidClaim(
            f"{path.name} can't be read ({error})", expected="a TOML file", do="Restore it from git"
        ) from None


def _validated(model: type[T], data: Any, path: Path) -> T:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidClaim(
            f"{path.name}, {where or 'top level'}: {first['msg']}",
            expected="the fields of claims/model.py",
            do="Correct the entry",
        ) from None
