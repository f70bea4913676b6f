"""Tables of the context: commitments by date, and events, each with its source."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date as Date

import pandas as pd

from korus_research.data.agreements.parts import Commitment, Event, EventKind
from korus_research.data.study import Study
from korus_research.show.shown import Rows, table
from korus_research.show.words.text import NOTHING, Words

WORDS = Words("context")
NOT_READ, SECONDARY, WEAK = "\N{DAGGER}", "\N{DOUBLE DAGGER}", "\N{SECTION SIGN}"
DAYS = ("to", "agreed", "superseded", "end_announced")
MANY_STEPS = 4  # a longer schedule is told by its ends


@table("events")
def events_table(study: Study, *kinds: EventKind) -> Rows:
    """Return the dated events of the kinds asked for, each with its source."""
    events = study.agreement.events_until(study.parameters.as_of, kinds=kinds)
    names = WORDS.labels("kinds")
    own = ("date", "kind", "text", "source", "verified", "weak", "note")
    return Rows(
        of=NOTHING,
        rows=[
            {
                "date": e.date.isoformat(),
                "event": e.text + "".join(_marks(e)),
                "source": e.source,
            }
            for e in events
        ],
        data=pd.DataFrame([{key: getattr(e, key) for key in own} for e in events])
        .assign(date=lambda f: [day.isoformat() for day in f["date"]])
        .rename(columns={"text": "event"}),
        last=study.parameters.as_of,
        given={
            **study.names,
            "kinds": [names[k].lower() for k in kinds],
            "agreement_id": study.agreement.id,
            "not_read": "yes" if any(not e.verified for e in events) else "",
            "secondary": "yes" if any(e.secondary for e in events) else "",
            "weak": "yes" if any(e.weak for e in events) else "",
        },
        suffix="-" + "-".join(kinds),
        tables=(f"agreements/{study.agreement.id}",),
    )


def _marks(e: Event) -> Iterator[str]:
    """Yield the marks of an event whose day was not read, or whose source is secondary or weak."""
    marked = ((NOT_READ, not e.verified), (SECONDARY, e.secondary), (WEAK, e.weak))
    yield from (mark for mark, there in marked if there)


@table("commitments")
def commitments_table(study: Study) -> Rows:
    """Return the agreement's duties and allowances by product, with their steps as known at the study's `as_of`."""
    agreement, as_of = study.agreement, study.parameters.as_of
    commitments, replaced = agreement.commitments_until(as_of), agreement.replaced_until(as_of)
    groups: dict[tuple[str, str, str], list[Commitment]] = {}
    for c in commitments:
        groups.setdefault((c.product, c.importer, c.unit), []).append(c)
    return Rows(
        of=NOTHING,
        rows=[
            {"product": product, "importer": agreement.party_name(importer), "unit": unit}
            | {"before": _value(steps[0]), "steps": _steps(steps[1:])}
            | {"changed": _changed([c for c in replaced if c.id == steps[0].id], steps)}
            for (product, importer, unit), steps in groups.items()
        ],
        data=pd.DataFrame(
            {name: getattr(c, name) for name in ("product", "importer", "value", "unit")}
            | {"from": c.from_.isoformat()}
            | {name: day.isoformat() if (day := getattr(c, name)) else "" for name in DAYS}
            | {"source": c.source, "note": c.note}
            for c in (*commitments, *replaced)
        ),
        last=study.parameters.as_of,
        given={"agreement_id": agreement.id},
        tables=(f"agreements/{agreement.id}",),
    )


def _value(c: Commitment) -> str:
    return f"{c.value:,.0f}" if c.value >= 1000 else f"{c.value:g}"


def _steps(steps: list[Commitment]) -> str:
    """Return the steps in words; a long schedule by its first step, their number and its last."""
    told = [WORDS.label("step", value=_value(c), day=_day(c.from_)) for c in steps]
    if len(told) > MANY_STEPS:
        return WORDS.label("schedule", first=told[0], count=str(len(told) - 2), last=told[-1])
    return "; ".join(told) or "\N{EN DASH}"


def _changed(replaced: list[Commitment], steps: list[Commitment]) -> str:
    """Return in words what an earlier text had laid down instead, and an end that is announced; a dash for neither."""
    told = []
    for c in replaced:
        if c.superseded and c.agreed:
            days = {"day": _day(c.from_), "agreed": str(c.agreed.year), "replaced": _day(c.superseded)}
            told.append(WORDS.label("replaced", value=_value(c), **days))
    told += [WORDS.label("ending", value=_value(c), day=_day(c.end_announced)) for c in steps if c.end_announced]
    return "; ".join(told) or "\N{EN DASH}"


def _day(day: Date) -> str:
    return f"{day:%B %-d, %Y}"
