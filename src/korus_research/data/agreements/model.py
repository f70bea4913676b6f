"""The model that every agreement's TOML file must fit; nothing here is about a particular agreement."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date as Date
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from korus_research.data.agreements import parts
from korus_research.data.period import month_end
from korus_research.data.toml import Misplaced


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
    # Sources of claims in a user's own agreement; the chapter on claims defines their content (decision 146).
    claims: tuple[dict[str, Any], ...] = Field(default=(), exclude_if=lambda claims: not claims)

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
        """The short name as used in a sentence, with an article if it takes one ("the US-Chile FTA")."""
        return self.in_sentence or self.short_name

    @property
    def baseline_year(self) -> int:
        """The year from which changes are counted."""
        return self.baseline.year

    @property
    def baseline_years(self) -> tuple[int, ...]:
        """The years from which changes are counted side by side."""
        return self.baselines.years

    @property
    def first_full_year(self) -> int:
        """The first calendar year wholly under the agreement."""
        return self.first_full.year

    @property
    def evaluation_year(self) -> int:
        """The year in which the agreement is evaluated."""
        return self.evaluation.year

    def party_name(self, iso3: str) -> str:
        """Return the short name of the party `iso3`, or `iso3` itself if it is not a party."""
        return {party.iso3: party.short for party in (self.reporter, self.partner)}.get(iso3, iso3)

    def events_until(self, as_of: str, kinds: Iterable[parts.EventKind] | None = None) -> tuple[parts.Event, ...]:
        """Return the events up to the last day of the month `as_of` ("YYYY-MM"), oldest first; of `kinds` if given."""
        wanted = None if kinds is None else frozenset(kinds)
        end = month_end(as_of)
        return tuple(e for e in self.events if e.date <= end and (wanted is None or e.kind in wanted))

    def standing_on(self, day: Date) -> tuple[parts.Standing, ...]:
        """Return the wide duties that past events leave in force on `day`, in the order goods were first hit."""
        return tuple(standing for _, standing in self.duties_on(day) if standing.wide)

    def duties_on(self, day: Date) -> tuple[tuple[parts.Event, parts.Standing], ...]:
        """Return the duties that past events leave in force on `day`, with the event, goods in the order first hit."""
        left = {s.goods: (e, s) for e in self.events if e.date <= day for s in e.standing}
        return tuple(left.values())

    def rounds_until(self, as_of: str) -> tuple[parts.Round, ...]:
        """Return the rounds of talks agreed up to the last day of the month `as_of` ("YYYY-MM"), oldest first."""
        end = month_end(as_of)
        return tuple(r for r in self.rounds if r.agreed <= end)

    def confounders_until(self, as_of: str) -> tuple[parts.Confounder, ...]:
        """Return the confounders up to the last day of the month `as_of` ("YYYY-MM"), in the order of the file."""
        end = month_end(as_of)
        return tuple(c for c in self.confounders if c.date is None or c.date <= end)

    def milestones_until(self, as_of: str) -> tuple[parts.Milestone, ...]:
        """Return the milestones up to the last day of the month `as_of` ("YYYY-MM"), oldest first."""
        end = month_end(as_of)
        return tuple(m for m in self.milestones if m.date <= end)

    def commitments_on(
        self, day: Date, *, id: str | None = None, kind: str | None = None
    ) -> tuple[parts.Commitment, ...]:
        """Return the commitments in force on `day`, as known on that day, of one `id` or `kind` if given."""
        return tuple(c for c in self._known(day) if c.applies_on(day) and id in (None, c.id) and kind in (None, c.kind))

    def commitments_until(self, as_of: str) -> tuple[parts.Commitment, ...]:
        """Return the commitments as known at the end of the month `as_of`, with later steps of an agreed schedule.

        Terms agreed later are left out, and so are ends agreed later.
        """
        return self._known(month_end(as_of))

    def replaced_until(self, as_of: str) -> tuple[parts.Commitment, ...]:
        """Return the terms that were agreed and then replaced before they applied, by the end of the month `as_of`."""
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
            raise Misplaced(("names",), "without en", "names.en, the English name")
        parts.require_order([(("milestone", n, "date"), m.date) for n, m in enumerate(self.milestones)], "by date")
        parts.require_order([(("event", n, "date"), e.date) for n, e in enumerate(self.events)], "events by date")
        parts.require_unique([(e.date, e.text) for e in self.events], "each event once", "event")
        parts.require_unique([(m.date, m.label) for m in self.milestones], "each milestone once", "milestone")
        parts.require_unique([c.id for c in self.confounders], "each confounder once", "confounder")
        return self

    @model_validator(mode="after")
    def _partners_apart(self) -> Self:
        named = {"comparator": self.comparators, "context_partner": self.context_partners}
        for key, partners in named.items():
            parts.require_unique([c.census_code for c in partners], "each partner once", key)
            for number, one in enumerate(partners):
                if one.census_code == self.partner.census_code:
                    found = f"'{one.census_code}', the agreement's partner itself"
                    raise Misplaced((key, number, "census_code"), found, "another partner")
        parts.require_unique([g.key for g in self.context_groups], "each context group once", "context_group")
        context = {c.census_code for c in self.context_partners}
        for number, group in enumerate(self.context_groups):
            if outside := sorted(set(group.members) - context):
                at = ("context_group", number, "members")
                raise Misplaced(at, list(group.members), f"codes of context partners; {outside} are not")
        return self

    @model_validator(mode="after")
    def _commitments_in_steps(self) -> Self:
        parties = (self.reporter.iso3, self.partner.iso3)
        last: dict[str, parts.Commitment] = {}
        for number, step in enumerate(self.commitments):
            if step.importer not in parties:
                expected = f"one of the two parties, {' or '.join(parties)}"
                raise Misplaced(("commitment", number, "importer"), repr(step.importer), expected)
            if step.superseded is not None:
                continue
            earlier = last.get(step.id)
            if earlier is not None and (earlier.to is None or step.from_ <= earlier.to):
                expected = f"steps of commitment {step.id} one after the other"
                raise Misplaced(("commitment", number, "from"), step.from_, expected)
            last[step.id] = step
        return self

    @model_validator(mode="after")
    def _provisions_of_rounds(self) -> Self:
        parts.require_order([(("round", n, "agreed"), r.agreed) for n, r in enumerate(self.rounds)], "rounds by date")
        parts.require_unique([p.id for p in self.provisions], "each provision once", "provision")
        known, ids = {None, *(r.id for r in self.rounds)}, {None, *(c.id for c in self.commitments)}
        for number, provision in enumerate(self.provisions):
            for place, term in enumerate(provision.terms):
                if term.round not in known:
                    where = ("provision", number, "term", place, "round")
                    raise Misplaced(where, repr(term.round), "the id of a round in the file")
            if provision.commitment not in ids:
                found, expected = repr(provision.commitment), "the id of a commitment in the file"
                raise Misplaced(("provision", number, "commitment"), found, expected)
        return self

    @model_validator(mode="after")
    def _years_around_entry_into_force(self) -> Self:
        in_force, first, baseline = self.dates.in_force.year, self.first_full.year, self.baseline.year
        if first < in_force:
            raise Misplaced(("first_full", "year"), first, f"a year from {in_force} on, when it entered into force")
        if baseline >= first:
            raise Misplaced(("baseline", "year"), baseline, f"a year before {first}, the first full one")
        if self.evaluation.year < first:
            raise Misplaced(("evaluation", "year"), self.evaluation.year, f"{first}, or a later year")
        years = self.baselines.years
        if baseline not in years or years[0] >= in_force:
            expected = f"the baseline year, {baseline}, and one before {in_force} among the years"
            raise Misplaced(("baselines", "years"), list(years), expected)
        return self
