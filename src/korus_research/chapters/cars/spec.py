"""What the cars chapter compares, read from the agreement: the allowance by maker, and the duties on vehicles."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from korus_research.data.agreements import Agreement
    from korus_research.data.agreements.parts import Commitment

PER_MAKER = "per maker"
VEHICLES = re.compile(r"\b(cars|trucks|vehicles)\b")
AUTOS = re.compile(r"\b(autos|cars)\b")


@dataclass(frozen=True, slots=True)
class Term:
    """A value laid down and the days it applies; `end` None is without end."""

    value: float
    start: date
    end: date | None


@dataclass(frozen=True, slots=True)
class DutySeries:
    """The duty on one product by date: who levies it, and its steps in order."""

    product: str
    importer: str
    importer_name: str
    steps: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class CarsSpec:
    """What is compared.

    `allowance` holds the vehicles that each maker may ship in a year under the reporter's standards; `duties` the
    duties on vehicles; `added` the duties on cars added outside the agreement (day, percent).
    """

    partner: str
    partner_iso3: str
    allowance: tuple[Term, ...]
    duties: tuple[DutySeries, ...]
    added: tuple[tuple[date, float], ...]
    as_of: str
    names: Mapping[str, str] = field(default_factory=dict)


def cars_spec(agreement: Agreement, as_of: str, names: Mapping[str, str]) -> CarsSpec:
    """Return the spec of an agreement as known at the end of the month `as_of`."""
    terms = agreement.commitments_until(as_of)
    duties: dict[str, list[Commitment]] = {}
    for term in terms:
        if term.kind == "duty" and VEHICLES.search(term.product):
            duties.setdefault(term.id, []).append(term)
    events = agreement.events_until(as_of, kinds=["tariff"])
    return CarsSpec(
        partner=agreement.partner.census_code,
        partner_iso3=agreement.partner.iso3,
        allowance=allowance_terms(agreement, as_of),
        duties=tuple(
            DutySeries(
                steps[0].product,
                steps[0].importer,
                agreement.party_name(steps[0].importer),
                tuple(Term(t.value, t.from_, t.to) for t in steps),
            )
            for steps in duties.values()
        ),
        added=tuple((e.date, e.rate_pct) for e in events if e.rate_pct and AUTOS.search(e.scope)),
        as_of=as_of,
        names=names,
    )


def allowance_terms(agreement: Agreement, as_of: str) -> tuple[Term, ...]:
    """Return the allowance of vehicles by maker, by the dates its values apply; empty for an agreement without one."""
    terms = [c for c in agreement.commitments_until(as_of) if c.kind == "allowance" and PER_MAKER in c.unit]
    return tuple(Term(c.value, c.from_, c.to) for c in terms)
