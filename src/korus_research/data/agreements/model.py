"""An agreement as data: the model that every agreement's TOML must fit. Nothing here knows a particular agreement."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from datetime import date as Date
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Iso3 = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
CensusCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
FindingId = Annotated[str, StringConstraints(pattern=r"^[a-z]+(\.[a-z0-9_-]+)+$")]
Year = Annotated[int, Field(ge=1900, le=2200)]
EventKind = Literal["trade", "tariff", "security", "politics"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Currency(_Part):
    """A currency: ISO 4217 code and the name in a sentence."""

    code: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    name: Text


class Party(_Part):
    """A party: `name` in full, `short` and `adjective` as sentences use them, `names` in other languages."""

    iso3: Iso3
    name: Text
    short: Text
    adjective: Text
    census_code: CensusCode | None = None
    names: dict[Language, Text] = {}
    currency: Currency | None = None
    source: Text


class Partner(Party):
    """The party whose trade with the reporter is studied: the data know it by its Census code."""

    census_code: CensusCode


class Dates(_Part):
    """Key dates in the order they must have, and `sources`, one for each date given."""

    signed: Date
    supplement_agreed: Date | None = None
    approved_reporter: Date | None = None
    approved_partner: Date | None = None
    in_force: Date
    amendments_signed: Date | None = None
    amendments_in_force: Date | None = None
    sources: dict[str, Text]

    def given(self) -> dict[str, Date]:
        """Return the dates that are known, by name."""
        names = [name for name in type(self).model_fields if name != "sources"]
        return {name: value for name in names if (value := getattr(self, name)) is not None}

    @model_validator(mode="after")
    def _ordered_and_sourced(self) -> Self:
        given = self.given()
        if set(self.sources) != set(given):
            lacking, unused = set(given) - set(self.sources), set(self.sources) - set(given)
            raise ValueError(f"one source for each date; without: {sorted(lacking)}, without a date: {sorted(unused)}")
        order = ["signed", "supplement_agreed", "in_force", "amendments_signed", "amendments_in_force"]
        approvals = [given[name] for name in ("approved_reporter", "approved_partner") if name in given]
        _require_order([given[name] for name in order if name in given], "key dates in their order")
        for day in approvals:
            _require_order([self.signed, day, self.in_force], "approval between signature and entry into force")
        return self


class YearChosen(_Part):
    """A year the analyses use, and why."""

    year: Year
    reason: Text
    source: Text


class YearsChosen(_Part):
    """Years the analyses use side by side, and why."""

    years: Annotated[tuple[Year, ...], Field(min_length=1)]
    reason: Text
    source: Text

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if list(self.years) != sorted(set(self.years)):
            raise ValueError("rising years, each once")
        return self


class Milestone(_Part):
    """A date that charts may mark: `label` is short enough for a hairline, `shown` says whether they do."""

    date: Date
    label: Annotated[str, StringConstraints(min_length=1, max_length=24)]
    shown: bool
    source: Text


class Comparator(_Part):
    """A partner that the agreement's partner is compared with, and why."""

    census_code: CensusCode
    iso3: Iso3
    name: Text
    role: Literal["peer", "context"]
    why: Text
    source: Text


class ContextGroup(_Part):
    """Partners whose trade is added up under one name."""

    key: Slug
    name: Text
    members: Annotated[tuple[CensusCode, ...], Field(min_length=2)]
    source: Text


class Commitment(_Part):
    """A duty or an allowance and the days it applies, `to` included; without `to` it has no end.

    `agreed` is the day the term was agreed, `end_agreed` the day its end was: before them nobody could know. A term
    that was agreed and then replaced before it applied has the day of that as `superseded`: from then on it is gone.
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
    source: Text
    note: str = ""

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.to is not None and self.to < self.from_:
            raise ValueError("`to` on or after `from`")
        if self.end_agreed is not None and self.to is None:
            raise ValueError("`end_agreed` only beside `to`")
        return self

    def applies_on(self, day: Date) -> bool:
        """Return whether the term is in force on `day`."""
        return self.from_ <= day and (self.to is None or day <= self.to)


class Spared(_Part):
    """A duty that spared the partner: the industries it is on (NAICS, three digits), and what it is, for a sentence."""

    industries: Annotated[tuple[Annotated[str, StringConstraints(pattern=r"^[0-9]{3}$")], ...], Field(min_length=1)]
    what: Text
    source: Text


class Event(_Part):
    """Something dated that happened beside the trade flows. The list claims no cause.

    `verified`: the day itself was read in a page; `secondary`: only secondary sources were read. `spared`: the duty
    that began that day was on others more than on the partner. `annuls`: a court ended duties that day,
    so that what had been calculated under them may be refunded.
    """

    date: Date
    kind: EventKind
    text: Text
    scope: str = ""
    rate_pct: Annotated[float, Field(ge=0)] | None = None
    spared: Spared | None = None
    source: Text
    where: str = ""
    verified: bool
    secondary: bool = False
    annuls: bool = False
    note: str = ""


class PublishedFigure(_Part):
    """A figure of others: the rows of `published_estimates` with this study and outcome."""

    study: Text
    outcome: Text


class Confounder(_Part):
    """Something else that happened near the agreement, and which way it may bend the estimated effect on `flows`.

    `bias` says where an estimate lies that leaves it out: too high (`up`), too low (`down`), `unclear`, or unmoved
    (`none`, outside the years estimated). `measures` are ids of findings that say how much; `published` a figure of
    others. With a `date` it is unknown before.
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


class Agreement(_Part):
    """A trade agreement: parties, dates, the years and partners the analyses use, commitments and events."""

    id: Slug
    short_name: Text
    in_sentence: str = ""
    names: dict[Language, Text]
    source: Text
    reporter: Party
    partner: Partner
    dates: Dates
    baseline: YearChosen
    first_full: YearChosen
    evaluation: YearChosen
    baselines: YearsChosen
    milestones: tuple[Milestone, ...] = Field(default=(), alias="milestone")
    comparators: Annotated[tuple[Comparator, ...], Field(min_length=1, alias="comparator")]
    context_partners: tuple[Comparator, ...] = Field(default=(), alias="context_partner")
    context_groups: tuple[ContextGroup, ...] = Field(default=(), alias="context_group")
    commitments: tuple[Commitment, ...] = Field(default=(), alias="commitment")
    confounders: tuple[Confounder, ...] = Field(default=(), alias="confounder")
    events: tuple[Event, ...] = Field(default=(), alias="event")

    def __str__(self) -> str:
        return f"{self.name} ({self.short_name}), in force {self.dates.in_force:%Y-%m-%d}"

    def __repr__(self) -> str:
        counts = f"{len(self.events)} events, {len(self.commitments)} commitments"
        return f"<Agreement {self.id}: {self.name}, in force {self.dates.in_force:%Y-%m-%d}, {counts}>"

    @property
    def name(self) -> str:
        """The full English name."""
        return self.names["en"]

    @property
    def spoken(self) -> str:
        """The short name as a sentence needs it, with an article where it takes one ("the US-Chile FTA")."""
        return self.in_sentence or self.short_name

    @property
    def baseline_year(self) -> int:
        """The year that changes are counted from."""
        return self.baseline.year

    @property
    def baseline_years(self) -> tuple[int, ...]:
        """The years that changes may be counted from, side by side."""
        return self.baselines.years

    @property
    def first_full_year(self) -> int:
        """The first calendar year wholly under the agreement."""
        return self.first_full.year

    @property
    def evaluation_year(self) -> int:
        """The year the agreement is measured in."""
        return self.evaluation.year

    def party_name(self, iso3: str) -> str:
        """Return the short name of the party `iso3`, or `iso3` itself if it is no party."""
        return {party.iso3: party.short for party in (self.reporter, self.partner)}.get(iso3, iso3)

    def events_until(self, as_of: str, kinds: Iterable[EventKind] | None = None) -> tuple[Event, ...]:
        """Return the events up to the last day of the month `as_of` ("YYYY-MM"), oldest first; of `kinds` if given."""
        wanted = None if kinds is None else frozenset(kinds)
        end = month_end(as_of)
        return tuple(e for e in self.events if e.date <= end and (wanted is None or e.kind in wanted))

    def confounders_until(self, as_of: str) -> tuple[Confounder, ...]:
        """Return what else happened up to the last day of the month `as_of` ("YYYY-MM"), in the order of the file."""
        end = month_end(as_of)
        return tuple(c for c in self.confounders if c.date is None or c.date <= end)

    def milestones_until(self, as_of: str) -> tuple[Milestone, ...]:
        """Return the milestones up to the last day of the month `as_of` ("YYYY-MM"), oldest first."""
        end = month_end(as_of)
        return tuple(m for m in self.milestones if m.date <= end)

    def commitments_on(self, day: Date, *, id: str | None = None, kind: str | None = None) -> tuple[Commitment, ...]:
        """Return the commitments in force on `day`, as known on it; of one `id` or `kind` if given."""
        return tuple(c for c in self._known(day) if c.applies_on(day) and id in (None, c.id) and kind in (None, c.kind))

    def commitments_until(self, as_of: str) -> tuple[Commitment, ...]:
        """Return the commitments as known at the end of the month `as_of`, later steps of a known schedule included.

        A term agreed later is left out, and an end agreed later is not shown.
        """
        return self._known(month_end(as_of))

    def _known(self, day: Date) -> tuple[Commitment, ...]:
        known = (
            c
            for c in self.commitments
            if (c.agreed is None or c.agreed <= day) and (c.superseded is None or day < c.superseded)
        )
        return tuple(
            c.model_copy(update={"to": None, "end_agreed": None}) if c.end_agreed and c.end_agreed > day else c
            for c in known
        )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if "en" not in self.names:
            raise ValueError("names.en, the English name")
        _require_order([m.date for m in self.milestones], "milestones by date")
        _require_order([e.date for e in self.events], "events by date")
        _require_unique([(e.date, e.text) for e in self.events], "each event once")
        _require_unique([(m.date, m.label) for m in self.milestones], "each milestone once")
        _require_unique([c.census_code for c in self.comparators], "each comparator once")
        _require_unique([c.census_code for c in self.context_partners], "each context partner once")
        _require_unique([g.key for g in self.context_groups], "each context group once")
        _require_unique([c.id for c in self.confounders], "each confounder once")
        if self.partner.census_code in {c.census_code for c in (*self.comparators, *self.context_partners)}:
            raise ValueError("comparators and context partners other than the partner itself")
        outside = {m for g in self.context_groups for m in g.members} - {c.census_code for c in self.context_partners}
        if outside:
            raise ValueError(f"members of context groups among the context partners; {sorted(outside)} are not")
        if {c.importer for c in self.commitments} - {self.reporter.iso3, self.partner.iso3}:
            raise ValueError("commitments of the two parties")
        for name in dict.fromkeys(c.id for c in self.commitments):
            steps = [c for c in self.commitments if c.id == name and c.superseded is None]
            for earlier, later in pairwise(steps):
                if earlier.to is None or later.from_ <= earlier.to:
                    raise ValueError(
                        f"steps of commitment {name} one after the other, the one from {later.from_} is not"
                    )
        if not self.baseline.year < self.first_full.year or self.dates.in_force.year >= self.first_full.year + 1:
            raise ValueError("baseline before the first full year, and that after entry into force")
        if not any(year < self.dates.in_force.year for year in self.baselines.years):
            raise ValueError("a year before entry into force among baselines.years")
        if self.baseline.year not in self.baselines.years:
            raise ValueError("the baseline year among baselines.years")
        return self


def month_end(month: str) -> Date:
    """Return the last day of "YYYY-MM"; ValueError for anything else."""
    year, number = int(month[:4]), int(month[5:])
    return Date(year, number, calendar.monthrange(year, number)[1])


def _require_order(days: list[Date], what: str) -> None:
    for earlier, later in pairwise(days):
        if later < earlier:
            raise ValueError(f"{what}; {later} stands after {earlier}")


def _require_unique(keys: list[object], what: str) -> None:
    seen: set[object] = set()
    for key in keys:
        if key in seen:
            raise ValueError(f"{what}; twice: {key}")
        seen.add(key)
