"""Values of the chapter's findings; `findings.toml` describes each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from korus_research.chapters.context.measures import Context
from korus_research.chapters.context.terms import put_off, subjects
from korus_research.data.period import day_text, month_end
from korus_research.show.declared import Value


def values(context: Context) -> Iterator[Value]:
    """Yield the share of each partner and group, how many subjects each round changed, and counts of events."""
    only_one = context.last_year == context.evaluation_year
    # Members of a group are drawn, and spoken as the group.
    own = context.agreement.partner.census_code
    for who, code in (("partner", own), *((key, key) for key in context.beside)):
        says = {"name": context.name(code)}
        for when, year in (("evaluation", context.evaluation_year), ("latest", context.last_year)):
            again = f"share.{who}.evaluation" if when == "latest" and only_one else None
            yield Value(f"share.{who}.{when}", context.share(code, year), str(year), says=says, repeats=again)
    rows = subjects(context.agreement, context.as_of)
    yield Value("changes.subjects", len(rows) or None, context.as_of)
    for place, one in [*enumerate(context.agreement.rounds_until(context.as_of))][1:]:
        yield Value(f"changes.{one.id}", sum(bool(row.rounds[place]) for row in rows), one.name)
    if events := context.events:
        period = f"{events[0].date.year} to {events[-1].date.year}"
        yield Value("events.total", len(events), period)
        yield Value("events.marked", len(context.marked), period)


def names(context: Context) -> Mapping[str, str | Sequence[str]]:
    """Return the names used in sentences of the chapter."""
    agreement, as_of, events = context.agreement, context.as_of, context.events
    dates, end, rounds = agreement.dates, month_end(as_of), agreement.rounds_until(as_of)
    amended = dates.amendments_in_force if dates.amendments_in_force and dates.amendments_in_force <= end else None
    years = (context.evaluation_year, context.last_year)
    own = [f"{context.share(agreement.partner.census_code, year) or 0:.1f}" for year in years]
    first = next((event.date for event in events if any(one.wide for one in event.standing)), None)
    return {
        **context.names,
        "beside": context.beside,
        **{f"name_{key}": context.name(key) for key in context.beside},
        "later": "yes" if context.last_year > context.evaluation_year else "",
        "own_level": "yes" if len(set(own)) == 1 else "",
        "changed_before": str(dates.supplement_agreed.year) if dates.supplement_agreed else "",
        "amended": day_text(amended) if amended else "",
        "added_since": f"{first:%B %Y}" if first else "",
        **numbered("today", [{"goods": one.goods, "duty": one.duty} for one in reversed(agreement.standing_on(end))]),
        "rounds": [one.id for one in rounds],
        "later_rounds": [one.id for one in rounds[1:]],
        **{f"round_{one.id}": one.name for one in rounds},
        **{f"when_{one.id}": one.when for one in rounds},
        **{f"under_{one.under.lower().replace(' ', '_')}": "yes" for _, one in agreement.duties_on(end)},
        **numbered("put_off", list(put_off(agreement, as_of))),
        "events_first": str(events[0].date.year) if events else "",
        "events_last": str(events[-1].date.year) if events else "",
        "security": "yes" if any(event.kind in ("security", "politics") for event in events) else "",
    }


def numbered(name: str, items: Sequence[Mapping[str, str]]) -> dict[str, str | Sequence[str]]:
    """Return the numbers of items under `name`, and each entry of an item under its key and number: "goods_0"."""
    told = {f"{what}_{key}": said for key, one in enumerate(items) for what, said in one.items()}
    return {name: [str(key) for key in range(len(items))], **told}
