"""Tables of the context: what was agreed by subject and by date, what applies, and events, each with its source."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from korus_research.chapters.context.measures import of as context_of
from korus_research.chapters.context.terms import MANY_STEPS, subjects, value_text
from korus_research.data.agreements.parts import Commitment, Event, EventKind
from korus_research.data.period import day_text, month_end
from korus_research.data.study import Study
from korus_research.show.shown import DASH, Rows, Words, table

WORDS = Words("context")
FILE = ("agreements/<agreement>",)
SIGNS = {"not_read": "\N{DAGGER}", "secondary": "\N{DOUBLE DAGGER}", "weak": "\N{SECTION SIGN}"}
DAYS = ("to", "agreed", "superseded", "end_announced")


@table("matrix", tables=FILE)
def matrix(study: Study) -> Rows:
    """Return what each round of talks laid down, by subject of the agreement's file."""
    agreement, as_of = study.agreement, study.parameters.as_of
    rows, rounds = subjects(agreement, as_of), agreement.rounds_until(as_of)
    first, none = WORDS.label("not_covered"), WORDS.label("no_change")
    cells = [
        {"subject": row.name, "before": row.before}
        | {one.id: cell or (none if k else first) for k, (one, cell) in enumerate(zip(rounds, row.rounds, strict=True))}
        for row in rows
    ]
    data = pd.DataFrame(cells).assign(source=["; ".join(row.sources) for row in rows])
    return Rows(of=context_of(study), rows=cells, data=data)


@table("duties-today", tables=FILE)
def duties_today(study: Study) -> Rows | None:
    """Return the duties outside the agreement on goods of the partner, widest first; None without a wide one."""
    agreement, as_of = study.agreement, study.parameters.as_of
    left = agreement.duties_on(month_end(as_of))
    if not any(one.wide for _, one in left):
        return None
    ordered = [*reversed([pair for pair in left if pair[1].wide]), *(pair for pair in left if not pair[1].wide)]
    rows = [
        {"goods": s.goods, "duty": s.duty, "under": s.under, "since": day_text(event.date) + _signs(event)}
        for event, s in ordered
    ]
    events = [event for event, _ in ordered]
    sources = pd.DataFrame({"source": [e.source for e in events], "note": [e.note for e in events]})
    data = pd.DataFrame(rows).join(sources)
    return Rows(of=context_of(study), rows=rows, data=data, given=_marked(events))


@table("events", tables=FILE)
def events_table(study: Study, *kinds: EventKind) -> Rows:
    """Return the dated events of the kinds asked for, each with its source."""
    events = study.agreement.events_until(study.parameters.as_of, kinds=kinds)
    own = ("date", "kind", "text", "source", "verified", "weak", "note")
    return Rows(
        rows=[{"date": day_text(e.date), "event": e.text + _signs(e), "source": e.source} for e in events],
        data=pd.DataFrame([[getattr(e, key) for key in own] for e in events], columns=list(own))
        .astype({"date": str})
        .rename(columns={"text": "event"}),
        given={**study.names, "kinds": [WORDS.label(f"kinds.{kind}").lower() for kind in kinds], **_marked(events)},
        suffix="-" + "-".join(kinds),
    )


def _marks(e: Event) -> list[str]:
    """Return the marks of an event: its day was not read, its source is secondary, or carries little weight."""
    marked = {"not_read": not e.verified, "secondary": e.secondary, "weak": e.weak}
    return [mark for mark, there in marked.items() if there]


def _signs(e: Event) -> str:
    return "".join(SIGNS[mark] for mark in _marks(e))


def _marked(events: Sequence[Event]) -> dict[str, str]:
    """Return which marks occur in a table, so that its notes explain them."""
    return {mark: "yes" if any(mark in _marks(e) for e in events) else "" for mark in SIGNS}


@table("commitments", tables=FILE)
def commitments_table(study: Study) -> Rows:
    """Return the agreement's duties and allowances by product, with their steps as known by the study's month."""
    agreement, as_of = study.agreement, study.parameters.as_of
    commitments, replaced = agreement.commitments_until(as_of), agreement.replaced_until(as_of)
    groups: dict[tuple[str, str, str], list[Commitment]] = {}
    for c in commitments:
        groups.setdefault((c.product, c.importer, c.unit), []).append(c)
    return Rows(
        rows=[
            {"product": product, "importer": agreement.party_name(importer), "unit": unit}
            | {"before": value_text(steps[0]), "steps": _steps(steps[1:])}
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
    )


def _steps(steps: list[Commitment]) -> str:
    """Return the steps in words; a long schedule by its first step, their number and its last."""
    told = [WORDS.label("step", value=value_text(c), day=day_text(c.from_)) for c in steps]
    if len(told) > MANY_STEPS:
        return WORDS.label("schedule", first=told[0], count=str(len(told) - 2), last=told[-1])
    return "; ".join(told) or DASH


def _changed(replaced: list[Commitment], steps: list[Commitment]) -> str:
    """Return in words what an earlier text had laid down instead, and an end that is announced; a dash for neither."""
    told = []
    for c in replaced:
        if c.superseded and c.agreed:
            days = {"day": day_text(c.from_), "agreed": str(c.agreed.year), "replaced": day_text(c.superseded)}
            told.append(WORDS.label("replaced", value=value_text(c), **days))
    told += [
        WORDS.label("ending", value=value_text(c), day=day_text(c.end_announced)) for c in steps if c.end_announced
    ]
    return "; ".join(told) or DASH
