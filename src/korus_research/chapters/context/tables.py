"""Tables of the context: commitments by date, and events, each with its source."""

from __future__ import annotations

import pandas as pd

from korus_research.data.agreements.parts import Commitment, EventKind
from korus_research.data.study import Study
from korus_research.show.shown import Rows, table
from korus_research.show.words.text import NOTHING, Words

WORDS = Words("context")
NOT_READ, SECONDARY = "\N{DAGGER}", "\N{DOUBLE DAGGER}"
MANY_STEPS = 4  # a longer schedule is told by its ends


@table("events")
def events_table(study: Study, *kinds: EventKind) -> Rows:
    """Return the dated events of the kinds asked for, each with its source."""
    events = study.agreement.events_until(study.parameters.as_of, kinds=kinds)
    names = WORDS.labels("kinds")
    own = ("date", "kind", "text", "source", "verified", "note")
    return Rows(
        of=NOTHING,
        rows=[
            {
                "date": e.date.isoformat(),
                "event": e.text + ("" if e.verified else NOT_READ) + (SECONDARY if e.secondary else ""),
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
        },
        suffix="-" + "-".join(kinds),
        tables=(f"agreements/{study.agreement.id}",),
    )


@table("commitments")
def commitments_table(study: Study) -> Rows:
    """Return the agreement's duties and allowances by product, with their steps as known at the study's `as_of`."""
    agreement = study.agreement
    commitments = agreement.commitments_until(study.parameters.as_of)
    groups: dict[tuple[str, str, str], list[Commitment]] = {}
    for c in commitments:
        groups.setdefault((c.product, c.importer, c.unit), []).append(c)
    return Rows(
        of=NOTHING,
        rows=[
            {"product": product, "importer": agreement.party_name(importer), "unit": unit}
            | {"before": _value(steps[0]), "steps": _steps(steps[1:])}
            for (product, importer, unit), steps in groups.items()
        ],
        data=pd.DataFrame(
            {name: getattr(c, name) for name in ("product", "importer", "value", "unit")}
            | {"from": c.from_.isoformat(), "to": c.to.isoformat() if c.to else "", "source": c.source}
            for c in commitments
        ),
        last=study.parameters.as_of,
        notes=tuple(
            f"{c.product[:1].upper()}{c.product[1:]}: {c.note}." for c in commitments if c.superseded and c.note
        ),
        given={"agreement_id": agreement.id},
        tables=(f"agreements/{agreement.id}",),
    )


def _value(c: Commitment) -> str:
    return f"{c.value:,.0f}" if c.value >= 1000 else f"{c.value:g}"


def _steps(steps: list[Commitment]) -> str:
    """Return the steps in words; a long schedule by its first step, their number and its last."""
    told = [WORDS.label("step", value=_value(c), day=f"{c.from_:%-d %B %Y}") for c in steps]
    if len(told) > MANY_STEPS:
        return WORDS.label("schedule", first=told[0], count=str(len(told) - 2), last=told[-1])
    return "; ".join(told) or "\N{EN DASH}"
