"""An agreement as data: the model that every agreement's TOML must fit. Nothing here knows a particular agreement."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date as Date
from itertools import pairwise
from typing import Annotated, Self

from pydantic import Field, model_validator

from korus_research.data.agreements import parts
from korus_research.data.period import month_end


class Agreement(parts.Part):
    """A trade agreement: parties, dates, the years and partners the analyses use, commitments and events."""

    id: parts.Slug
    short_name: parts.Text
    in_sentence: str = ""
    names: dict[parts.Language, parts.Text]
    source: parts.Text
    reporter: parts.Party
    partner: parts.Partner
    dates: parts.Dates
    baseline: parts.YearChosen
    first_full: parts.YearChosen
    evaluation: parts.YearChosen
    baselines: parts.YearsChosen
    milestones: tuple[parts.Milestone, ...] = Field(default=(), alias="milestone")
    comparators: Annotated[tuple[parts.Comparator, ...], Field(min_length=1, alias="comparator")]
    context_partners: tuple[parts.Comparator, ...] = Field(default=(), alias="context_partner")
    context_groups: tuple[parts.ContextGroup, ...] = Field(default=(), alias="context_group")
    commitments: tuple[parts.Commitment, ...] = Field(default=(), alias="commitment")
    rounds: tuple[parts.Round, ...] = Field(default=(), alias="round")
    provisions: tuple[parts.Provision, ...] = Field(default=(), alias="provision")
    confounders: tuple[parts.Confounder, ...] = Field(default=(), alias="confounder")
    events: tuple[parts.Event, ...] = Field(default=(), alias="event")

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

    def events_until(self, as_of: str, kinds: Iterable[parts.EventKind] | None = None) -> tuple[parts.Event, ...]:
        """Return the events up to the last day of the month `as_of` ("YYYY-MM"), oldest first; of `kinds` if given."""
        wanted = None if kinds is None else frozenset(kinds)
        end = month_end(as_of)
        return tuple(e for e in self.events if e.date <= end and (wanted is None or e.kind in wanted))

    def standing_on(self, day: Date) -> tuple[parts.Standing, ...]:
        """Return the duties on much of trade that events had left in force on `day`, those first hit first."""
        return tuple(standing for _, standing in self.duties_on(day) if standing.wide)

    def duties_on(self, day: Date) -> tuple[tuple[parts.Event, parts.Standing], ...]:
        """Return what events had left in force on `day` and which event did, goods in the order first hit."""
        left = {s.goods: (e, s) for e in self.events if e.date <= day for s in e.standing}
        return tuple(left.values())

    def rounds_until(self, as_of: str) -> tuple[parts.Round, ...]:
        """Return the rounds of talks agreed up to the last day of the month `as_of` ("YYYY-MM"), oldest first."""
        end = month_end(as_of)
        return tuple(r for r in self.rounds if r.agreed <= end)

    def confounders_until(self, as_of: str) -> tuple[parts.Confounder, ...]:
        """Return what else happened up to the last day of the month `as_of` ("YYYY-MM"), in the order of the file."""
        end = month_end(as_of)
        return tuple(c for c in self.confounders if c.date is None or c.date <= end)

    def milestones_until(self, as_of: str) -> tuple[parts.Milestone, ...]:
        """Return the milestones up to the last day of the month `as_of` ("YYYY-MM"), oldest first."""
        end = month_end(as_of)
        return tuple(m for m in self.milestones if m.date <= end)

    def commitments_on(
        self, day: Date, *, id: str | None = None, kind: str | None = None
    ) -> tuple[parts.Commitment, ...]:
        """Return the commitments in force on `day`, as known on it; of one `id` or `kind` if given."""
        return tuple(c for c in self._known(day) if c.applies_on(day) and id in (None, c.id) and kind in (None, c.kind))

    def commitments_until(self, as_of: str) -> tuple[parts.Commitment, ...]:
        """Return the commitments as known at the end of the month `as_of`, later steps of a known schedule included.

        A term agreed later is left out, and an end agreed later is not shown.
        """
        return self._known(month_end(as_of))

    def replaced_until(self, as_of: str) -> tuple[parts.Commitment, ...]:
        """Return the terms that had been agreed and were replaced before they applied, by the end of `as_of`."""
        end = month_end(as_of)
        return tuple(c for c in self.commitments if c.superseded is not None and c.superseded <= end)

    def _known(self, day: Date) -> tuple[parts.Commitment, ...]:
        known = (
            c
            for c in self.commitments
            if (c.agreed is None or c.agreed <= day) and (c.superseded is None or day < c.superseded)
        )
        later = {"end_agreed": ("to", "end_agreed"), "end_announced": ("end_announced",)}
        return tuple(
            c.model_copy(
                update={f: None for name, gone in later.items() if (getattr(c, name) or day) > day for f in gone}
            )
            for c in known
        )

    @model_validator(mode="after")
    def _named_and_ordered(self) -> Self:
        if "en" not in self.names:
            raise ValueError("names.en, the English name")
        parts.require_order([m.date for m in self.milestones], "milestones by date")
        parts.require_order([e.date for e in self.events], "events by date")
        parts.require_unique([(e.date, e.text) for e in self.events], "each event once")
        parts.require_unique([(m.date, m.label) for m in self.milestones], "each milestone once")
        parts.require_unique([c.id for c in self.confounders], "each confounder once")
        return self

    @model_validator(mode="after")
    def _partners_apart(self) -> Self:
        parts.require_unique([c.census_code for c in self.comparators], "each comparator once")
        parts.require_unique([c.census_code for c in self.context_partners], "each context partner once")
        parts.require_unique([g.key for g in self.context_groups], "each context group once")
        context = {c.census_code for c in self.context_partners}
        if self.partner.census_code in context | {c.census_code for c in self.comparators}:
            raise ValueError("comparators and context partners other than the partner itself")
        if outside := {m for g in self.context_groups for m in g.members} - context:
            raise ValueError(f"members of context groups among the context partners; {sorted(outside)} are not")
        return self

    @model_validator(mode="after")
    def _commitments_in_steps(self) -> Self:
        if {c.importer for c in self.commitments} - {self.reporter.iso3, self.partner.iso3}:
            raise ValueError("commitments of the two parties")
        for name in dict.fromkeys(c.id for c in self.commitments):
            steps = [c for c in self.commitments if c.id == name and c.superseded is None]
            for earlier, later in pairwise(steps):
                if earlier.to is None or later.from_ <= earlier.to:
                    raise ValueError(
                        f"steps of commitment {name} one after the other, the one from {later.from_} is not"
                    )
        return self

    @model_validator(mode="after")
    def _provisions_of_rounds(self) -> Self:
        parts.require_order([r.agreed for r in self.rounds], "rounds by date")
        parts.require_unique([p.id for p in self.provisions], "each provision once")
        known, ids = {r.id for r in self.rounds}, {c.id for c in self.commitments}
        if unknown := {t.round for p in self.provisions for t in p.terms if t.round} - known:
            raise ValueError(f"terms of a round in the file; {sorted(unknown)} is none")
        if unknown := {p.commitment for p in self.provisions if p.commitment} - ids:
            raise ValueError(f"provisions of a commitment in the file; {sorted(unknown)} is none")
        return self

    @model_validator(mode="after")
    def _years_around_entry_into_force(self) -> Self:
        in_force = self.dates.in_force.year
        if not self.baseline.year < self.first_full.year or in_force > self.first_full.year:
            raise ValueError("baseline before the first full year, and that after entry into force")
        if not any(year < in_force for year in self.baselines.years):
            raise ValueError("a year before entry into force among baselines.years")
        if self.baseline.year not in self.baselines.years:
            raise ValueError("the baseline year among baselines.years")
        return self
