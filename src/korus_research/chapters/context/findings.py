"""What the chapter's findings amount to; what each is stands in `findings.toml`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from korus_research.chapters.context.measures import Context
from korus_research.data.agreements.parts import Event
from korus_research.show.declared import Value, made
from korus_research.show.finding import Findings


def values(context: Context) -> Iterator[Value]:
    """Yield the share of each partner and group in the evaluation year and in the last one."""
    only_one = context.last_year == context.evaluation_year
    # Members of a group are drawn, and spoken as the group.
    own = context.agreement.partner.census_code
    for who, code in (("partner", own), *((key, key) for key in context.beside)):
        says = {"name": context.name(code)}
        for when, year in (("evaluation", context.evaluation_year), ("latest", context.last_year)):
            again = f"share.{who}.evaluation" if when == "latest" and only_one else None
            yield Value(f"share.{who}.{when}", context.share(code, year), str(year), says=says, repeats=again)


def names(context: Context) -> Mapping[str, str | Sequence[str]]:
    """Return the names that sentences about the shares use."""
    return {
        **context.names,
        "beside": context.beside,
        **{f"name_{key}": context.name(key) for key in context.beside},
    }


def event_findings(events: Sequence[Event], names: Mapping[str, str]) -> Findings:
    """Return how many dated events there are."""
    years = [event.date.year for event in events]
    period = f"{min(years)} to {max(years)}" if years else "no events"
    span = {"events_first": str(min(years)), "events_last": str(max(years))} if years else {}
    return made("context", [Value("events.total", len(events), period)], {**names, **span})
