"""Tables of the context: what was agreed by subject and by date, what applies, and events, each with its source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from korus_research.chapters.context.findings import day_name
from korus_research.chapters.context.measures import of as context_of
from korus_research.chapters.context.terms import subjects
from korus_research.data.agreements.parts import Commitment, Event, EventKind
from korus_research.data.period import month_end
from korus_research.data.study import Study
from korus_research.show.shown import Rows, table
from korus_research.show.words.text import NOTHING, Words

WORDS = Words("context")
NOT_READ, SECONDARY, WEAK = "\N{DAGGER}", "\N{DOUBLE DAGGER}", "\N{SECTION SIGN}"
DAYS = ("to", "agreed", "superseded", "end_announced")
MANY_STEPS = 4  # a longer schedule is told by its ends


@table("matrix")
def matrix(study: Study) -> Rows | None:
    """Return what each round of talks laid down by subject; None where the agreement's file has no subjects."""
    agreement, as_of = study.agreement, study.parameters.as_of
    rows, rounds = subjects(agreement, as_of), agreement.rounds_until(as_of)
    if not rows:
        return None
    first, none = WORDS.label("not_covered"), WORDS.label("no_change")
    cells = [
        {"subject": row.name, "before": row.before}
        | {one.id: cell or (none if k else first) for k, (one, cell) in enumerate(zip(rounds, row.rounds, strict=True))}
        for row in rows
    ]
    sources = [{"source": "; ".join(row.sources)} for row in rows]
    return Rows(
        of=context_of(study),
        rows=cells,
        data=pd.DataFrame([cell | more for cell, more in zip(cells, sources, strict=True)]),
        last=as_of,
        tables=(f"agreements/{agreement.id}",),
    )


@table("duties-today")
def duties_today(study: Study) -> Rows | None:
    """Return what goods from the partner pay under duties outside the agreement, most of trade first; None if none."""
    agreement, as_of = study.agreement, study.parameters.as_of
    left = agreement.duties_on(month_end(as_of))
    if not any(one.wide for _, one in left):
        return None
    ordered = [*reversed([pair for pair in left if pair[1].wide]), *(pair for pair in left if not pair[1].wide)]
    rows = [
        {
            "goods": one.goods,
            "duty": one.duty,
            "under": one.under,
            "since": day_name(event.date) + "".join(_marks(event)),
        }
        for event, one in ordered
    ]
    events = [event for event, _ in ordered]
    sources = pd.DataFrame({"source": [e.source for e in events], "note": [e.note for e in events]})
    return Rows(
        of=context_of(study),
        rows=rows,
        data=pd.DataFrame(rows).join(sources),
        last=as_of,
        given=_marked(events),
        tables=(f"agreements/{agreement.id}",),
    )


@table("events")
def events_table(study: Study, *kinds: EventKind) -> Rows | None:
    """Return the dated events of the kinds asked for, each with its source; None where there are none."""
    events = study.agreement.events_until(study.parameters.as_of, kinds=kinds)
    if not events:
        return None
    names = WORDS.labels("kinds")
    own = ("date", "kind", "text", "source", "verified", "weak", "note")
    return Rows(
        of=NOTHING,
        rows=[
            {
                "date": day_name(e.date),
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
            **_marked(events),
        },
        suffix="-" + "-".join(kinds),
        tables=(f"agreements/{study.agreement.id}",),
    )


def _marked(events: Sequence[Event]) -> dict[str, str]:
    """Return which marks the events of a table have, so that it explains them."""
    found = {
        "not_read": any(not e.verified for e in events),
        "secondary": any(e.secondary for e in events),
        "weak": any(e.weak for e in events),
    }
    return {mark: "yes" if there else "" for mark, there in found.items()}


def _marks(e: Event) -> Iterator[str]:
    """Yield the marks of an event whose day was not read, or whose source is secondary or weak."""
    marked = ((NOT_READ, not e.verified), (SECONDARY, e.secondary), (WEAK, e.weak))
    yield from (mark for mark, there in marked if there)


@table("commitments")
def commitments_table(study: Study) -> Rows | None:
    """Return the agreement's duties and allowances by product, with their steps as known at `as_of`; None without."""
    agreement, as_of = study.agreement, study.parameters.as_of
    commitments, replaced = agreement.commitments_until(as_of), agreement.replaced_until(as_of)
    if not commitments:
        return None
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
        tables=(f"agreements/{agreement.id}",),
    )


def _value(c: Commitment) -> str:
    return f"{c.value:,.0f}" if c.value >= 1000 else f"{c.value:g}"


def _steps(steps: list[Commitment]) -> str:
    """Return the steps in words; a long schedule by its first step, their number and its last."""
    told = [WORDS.label("step", value=_value(c), day=day_name(c.from_)) for c in steps]
    if len(told) > MANY_STEPS:
        return WORDS.label("schedule", first=told[0], count=str(len(told) - 2), last=told[-1])
    return "; ".join(told) or "\N{EN DASH}"


def _changed(replaced: list[Commitment], steps: list[Commitment]) -> str:
    """Return in words what an earlier text had laid down instead, and an end that is announced; a dash for neither."""
    told = []
    for c in replaced:
        if c.superseded and c.agreed:
            days = {"day": day_name(c.from_), "agreed": str(c.agreed.year), "replaced": day_name(c.superseded)}
            told.append(WORDS.label("replaced", value=_value(c), **days))
    told += [WORDS.label("ending", value=_value(c), day=day_name(c.end_announced)) for c in steps if c.end_announced]
    return "; ".join(told) or "\N{EN DASH}"
