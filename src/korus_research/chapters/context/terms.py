"""What each round of talks laid down by subject, from the agreement's file: cells of the matrix, and what was put off.

A subject that is a duty or an allowance takes its terms from the commitments, as they were known after the round;
what goods pay outside the agreement comes from the events. The others are told in the file's own words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date

from korus_research.data.agreements import Agreement
from korus_research.data.agreements.parts import Commitment, Provision, Round
from korus_research.data.period import day_text, month_end
from korus_research.show.table import DASH
from korus_research.show.words.text import Words

WORDS = Words("context")
OWN = "Agreement"  # what a duty rests on that is the agreement's own again
MANY_STEPS = 4  # a longer schedule is told by their number and its end


@dataclass(frozen=True)
class Subject:
    """A subject of the talks: what it was before the agreement, and what each round laid down; empty for no change."""

    name: str
    before: str
    rounds: tuple[str, ...]
    sources: tuple[str, ...]


def subjects(agreement: Agreement, as_of: str) -> tuple[Subject, ...]:
    """Return the subjects of the agreement's file with the rounds agreed by the end of the month `as_of`."""
    rounds = agreement.rounds_until(as_of)
    found = (_subject(agreement, one, rounds, as_of) for one in agreement.provisions)
    return tuple(one for one in found if any(one.rounds))


def put_off(agreement: Agreement, as_of: str) -> Iterator[Mapping[str, str]]:
    """Yield the duties whose end was put off before it came, by the end of the month `as_of`.

    Of each, in words: product, `year` in which it was put off, the day that the end `was` laid down for and is `now`.
    """
    known = agreement.commitments_until(as_of)
    for old in agreement.replaced_until(as_of):
        ends = [c.from_ for c in known if c.id == old.id and c.kind == "duty" and not c.value]
        if old.superseded and not old.value and ends and ends[0] > old.from_:
            days = {"was": day_text(old.from_), "now": day_text(ends[0])}
            yield {"product": old.product, "year": str(old.superseded.year), **days}


def _subject(agreement: Agreement, provision: Provision, rounds: Sequence[Round], as_of: str) -> Subject:
    told = {term.round: term for term in provision.terms}
    months = [f"{one.agreed:%Y-%m}" for one in rounds[:-1]] + [as_of]
    laid = [[c for c in agreement.commitments_until(month) if c.id == provision.commitment] for month in months]
    cells = []
    for place, one in enumerate(rounds):
        cell = told[one.id].text if one.id in told else ""
        if provision.commitment and (not place or _terms(laid[place]) != _terms(laid[place - 1])):
            cell = _in_words(laid[place], agreement.dates.in_force)
        hit = _added(agreement, provision.goods, one, as_of) if one is rounds[-1] else ""
        cells.append(hit or cell)
    before = [c for c in laid[0] if c.agreed is None]
    first = _rate(before[0]) if before else told[None].text if None in told else DASH
    sources = [c.source for c in laid[-1]] + [term.source for term in provision.terms]
    return Subject(provision.subject, first, tuple(cells), tuple(dict.fromkeys(sources)))


def _terms(steps: Sequence[Commitment]) -> list[tuple[Date, float, Date | None]]:
    return [(c.from_, c.value, c.end_announced) for c in steps]


def _added(agreement: Agreement, goods: str, one: Round, as_of: str) -> str:
    """Return the duty on `goods` since an event of the round, by the end of `as_of`; empty where nothing is new."""
    standing = agreement.duties_on(month_end(as_of))
    own = (s.duty for event, s in standing if s.goods == goods and s.under != OWN and event.date >= one.agreed)
    return next(own, "")


def _in_words(steps: Sequence[Commitment], in_force: Date) -> str:
    """Return what was laid down in words: its steps from entry into force on, or an end that was announced."""
    agreed = [c for c in steps if c.agreed is not None]
    if steps[-1].end_announced:
        return WORDS.label("terms.dropped")
    if len(agreed) > MANY_STEPS:
        return WORDS.label("terms.steps", count=str(len(agreed)), year=str(agreed[-1].from_.year))
    return "; ".join(_step(c, in_force) for c in (agreed[-1:] if agreed[-1].kind == "allowance" else agreed))


def _step(c: Commitment, in_force: Date) -> str:
    if c.kind == "allowance":
        return _rate(c)
    when = "at_once" if c.from_ <= in_force else "from"
    return WORDS.label(f"terms.{when}", what=_rate(c), year=str(c.from_.year))


def _rate(c: Commitment) -> str:
    return WORDS.label(f"terms.{c.kind if c.value or c.kind == 'allowance' else 'free'}", value=value_text(c))


def value_text(c: Commitment) -> str:
    """Return the value of a commitment without its unit: `2.5`, `25,000`."""
    return f"{c.value:,.0f}" if c.value >= 1000 else f"{c.value:g}"
