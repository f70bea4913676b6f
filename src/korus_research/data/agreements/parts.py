"""The parts of an agreement's file: parties, dates, years, partners, commitments, events, confounders."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from korus_research.data.toml import Keys, Misplaced


def _day(value: object) -> object:
    """Return a TOML date; pydantic would read a bare year as seconds since 1970."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    alone = ", and not a year alone" if isinstance(value, int) else ""
    raise ValueError(f"a date without quotes, such as 2018-09-24{alone}")


def _code(value: object) -> object:
    """Return a Census code, given as text or as a number, as text."""
    code = f"{value:04d}" if isinstance(value, int) else value
    if isinstance(code, str) and re.fullmatch(r"[0-9]{4}", code):
        return code
    raise ValueError('a Census code in four digits, such as "5880"; `korus partners` lists them')


Date = Annotated[date, BeforeValidator(_day)]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Iso3 = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
CensusCode = Annotated[str, BeforeValidator(_code)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
FindingId = Annotated[str, StringConstraints(pattern=r"^[a-z]+(\.[a-z0-9_-]+)+$")]
Year = Annotated[int, Field(ge=1900, le=2200)]
EventKind = Literal["trade", "tariff", "security", "politics"]


class Part(BaseModel):
    """A table of an agreement's file; unknown fields are an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False)


class Currency(Part):
    """A currency: ISO 4217 code and the name in a sentence."""

    code: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    name: Text


class Party(Part):
    """A party: its full `name`, `short` name and `adjective` for sentences, `names` in other languages."""

    iso3: Iso3
    name: Text
    short: Text
    adjective: Text
    census_code: CensusCode | None = None
    names: dict[Language, Text] = {}
    currency: Currency | None = None
    source: Text


class Partner(Party):
    """The party whose trade with the reporter is studied; it has a Census code."""

    census_code: CensusCode


class Dates(Part):
    """Key dates in chronological order, and `sources`, one for each date given."""

    signed: Date
    supplement_agreed: Date | None = None
    approved_reporter: Date | None = None
    approved_partner: Date | None = None
    in_force: Date
    amendments_signed: Date | None = None
    amendments_in_force: Date | None = None
    sources: dict[str, Text]

    def given(self) -> dict[str, Date]:
        """Return the given dates, by name."""
        names = [name for name in type(self).model_fields if name != "sources"]
        return {name: value for name in names if (value := getattr(self, name)) is not None}

    @model_validator(mode="after")
    def _ordered_and_sourced(self) -> Self:
        given = self.given()
        if set(self.sources) != set(given):
            lacking, unused = set(given) - set(self.sources), set(self.sources) - set(given)
            found = f"without {sorted(lacking)[0]}" if lacking else f"with {sorted(unused)[0]}, which is no date there"
            raise Misplaced(("sources",), found, f"one source for each date: {', '.join(given)}")
        approvals = {name: given.pop(name) for name in ("approved_reporter", "approved_partner") if name in given}
        require_order([((name,), day) for name, day in given.items()], "key dates in their order")
        for name, day in approvals.items():
            between = [(("signed",), self.signed), ((name,), day), (("in_force",), self.in_force)]
            require_order(between, "approval between signature and entry into force")
        return self


class YearChosen(Part):
    """A year the analyses use, and why."""

    year: Year
    reason: Text
    source: Text


class YearsChosen(Part):
    """Years the analyses use side by side, and why."""

    years: Annotated[tuple[Year, ...], Field(min_length=1)]
    reason: Text
    source: Text

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if list(self.years) != sorted(set(self.years)):
            raise Misplaced(("years",), list(self.years), "rising years, each once")
        return self


class Milestone(Part):
    """A date for charts: `label` is a short name, `shown` says whether charts mark it."""

    date: Date
    label: Annotated[str, StringConstraints(min_length=1, max_length=24)]
    shown: bool
    source: Text


class Comparator(Part):
    """A partner that the agreement's partner is compared with, and why."""

    census_code: CensusCode
    iso3: Iso3
    name: Text
    role: Literal["peer", "context"]
    why: Text
    source: Text


class ContextGroup(Part):
    """Partners whose trade is summed under one name."""

    key: Slug
    name: Text
    members: Annotated[tuple[CensusCode, ...], Field(min_length=2)]
    source: Text


class Commitment(Part):
    """A duty or an allowance, in force from `from` to `to` inclusive, or without an end.

    `agreed` is the day on which the term was agreed, `end_agreed` the day on which its end was: neither was known
    before. A term that was replaced before it applied has the day of replacement as `superseded`. `end_announced` is
    the day on which its end was announced without a date.
    """

    id: Slug
    kind: Literal["duty", "allowance"]
    importer: Iso3
    product: Text
    value: Annotated[float, Field(ge=0)]
    unit: Text
    from_: Annotated[Date, Field(alias="from")]
    to: Date | None = None
    agreed: Date | None = None
    end_agreed: Date | None = None
    superseded: Date | None = None
    end_announced: Date | None = None
    source: Text
    note: str = ""

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.to is not None and self.to < self.from_:
            raise ValueError("`to` on or after `from`")
        if self.end_agreed is not None and self.to is None:
            raise ValueError("`end_agreed` only beside `to`")
        if self.end_announced is not None and self.to is not None:
            raise ValueError("`end_announced` only without `to`")
        return self

    def applies_on(self, day: Date) -> bool:
        """Return whether the term is in force on `day`."""
        return self.from_ <= day and (self.to is None or day <= self.to)


class Spared(Part):
    """A duty that spared the partner: its industries (NAICS, three digits), and what it is, for a sentence."""

    industries: Annotated[tuple[Annotated[str, StringConstraints(pattern=r"^[0-9]{3}$")], ...], Field(min_length=1)]
    what: Text
    source: Text


class Standing(Part):
    """A duty on some goods that an event leaves in force, in words; a later one on the same `goods` replaces it.

    `under` is its legal basis; `wide` says whether it covers enough trade to be named in a short account.
    """

    goods: Text
    duty: Text
    under: Text
    wide: bool = True


class Event(Part):
    """A dated event; being listed implies no causal effect on trade.

    `verified`: the date itself was read on a page; `secondary`: only secondary sources were read; `weak`: the source is
    a copy, an encyclopedia, or a page without a responsible publisher. `spared`: the duty that began that day was lower
    on the partner than on others. `annuls`: a court ended duties that day, so that duties calculated under them may be
    refunded. `products`: the products of commitments that the duty is on; `inclusive`: its rate includes the base duty,
    topping it up to `rate_pct`. `in_brief`: the event as a sentence, if it changed the agreement or the duties beside
    it; `headline`: the label of the event on a chart that marks it.
    """

    date: Date
    kind: EventKind
    text: Text
    scope: str = ""
    rate_pct: Annotated[float, Field(ge=0)] | None = None
    inclusive: bool = False
    products: tuple[Text, ...] = ()
    spared: Spared | None = None
    source: Text
    where: str = ""
    verified: bool
    secondary: bool = False
    weak: bool = False
    annuls: bool = False
    in_brief: str = ""
    headline: Annotated[str, StringConstraints(max_length=24)] = ""
    standing: tuple[Standing, ...] = ()
    note: str = ""


class Round(Part):
    """A round of talks: its name in a column, its time in a sentence, the day its outcome was agreed or announced."""

    id: Slug
    name: Text
    when: Text
    agreed: Date


class Term(Part):
    """What a round agreed on a subject, in words; without `round`, the situation before the agreement."""

    round: Slug | None = None
    text: Text
    source: Text


class Provision(Part):
    """A subject of the talks: the commitment that resulted, or terms in words if there is none.

    `goods` are the partner's goods under duties outside the agreement (`Standing.goods`).
    """

    id: Slug
    subject: Text
    commitment: Slug | None = None
    terms: Annotated[tuple[Term, ...], Field(alias="term")] = ()
    goods: str = ""

    @model_validator(mode="after")
    def _laid_down(self) -> Self:
        if self.commitment is None and not self.terms:
            raise ValueError("a commitment, or terms in words")
        require_unique([term.round for term in self.terms], "each round once", "term")
        return self


class PublishedFigure(Part):
    """A published estimate: the rows of `published_estimates` with this study and outcome."""

    study: Text
    outcome: Text


class Confounder(Part):
    """Something else that happened near the agreement, and how it may bias the estimated effect on `flows`.

    `bias` is the direction of an estimate that ignores it: too high (`up`), too low (`down`), `unclear`, or not biased
    (`none`, outside the estimation window). `measures` are ids of findings that quantify it; `published` is a published
    estimate. With a `date` it is not known before.
    """

    id: Slug
    what: Text
    flows: Annotated[tuple[Literal["exports", "imports"], ...], Field(min_length=1)]
    bias: Literal["up", "down", "unclear", "none"]
    why: Text
    date: Date | None = None
    measures: tuple[FindingId, ...] = ()
    published: PublishedFigure | None = None
    source: Text


def require_order(days: Sequence[tuple[Keys, Date]], what: str) -> None:
    """Check that the days are in order; Misplaced at the keys of the first that is not."""
    for (_, earlier), (at, later) in pairwise(days):
        if later < earlier:
            raise Misplaced(at, later, f"{what}; {earlier} stands before it")


def require_unique(keys: Sequence[object], what: str, *at: str | int) -> None:
    """Check that no key occurs twice; Misplaced at the entry below `at` that repeats one."""
    for number, key in enumerate(keys):
        if key in keys[:number]:
            raise Misplaced((*at, number), "there twice", f"{what}; twice: {key}")
