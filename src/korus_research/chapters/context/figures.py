"""The figure of the context: the dates that mattered."""

from __future__ import annotations

from typing import Any

import pandas as pd

from korus_research.chapters.context.measures import of as context_of
from korus_research.chapters.context.tables import FILE
from korus_research.data.period import day_text, month_end
from korus_research.data.study import Study
from korus_research.show.shown import Picture, figure, theme

OWN = ("date", "kind", "headline", "text", "source")  # of an event, in the data behind the figure
DAYS_A_YEAR = 365.25


@figure("timeline", tables=FILE)
def timeline(study: Study) -> Picture | None:
    """Return a timeline of the events that have a headline, a row each; None without any."""
    context = context_of(study)
    events, end = context.marked, theme.on_axis(month_end(study.parameters.as_of))
    if not events:
        return None
    days = [theme.on_axis(event.date) for event in events]

    def draw() -> theme.Figure:
        drawn, ax = theme.panels(0.25 * len(events) + 0.5)
        ax.set_xlim(days[0] - DAYS_A_YEAR, end + 0.3 * DAYS_A_YEAR)
        for place, (day, event) in enumerate(zip(days, events, strict=True)):
            (dot,) = ax.plot(day, place, "o", color=theme.PARTNER, markersize=5.5, zorder=3)
            theme.tip(dot, f"{day_text(event.date)}: {event.text}")
            left = day - days[0] > 0.65 * (end - days[0])  # later ones have their room to the left
            if not left:  # the stem of a later one would run through the names below it
                ax.plot([day, day], [place, len(events)], color=theme.LEADER, linewidth=0.6, zorder=1)
            style: dict[str, Any] = {"ha": "right" if left else "left", "va": "center", "colour": theme.INK}
            theme.note(
                ax, f"{event.date:%b %Y}  {event.headline}", (day, place), (-7 if left else 7, 0), size=9, **style
            )
        ax.set_ylim(len(events) - 0.3, -0.6)
        ax.set_yticks([])
        theme.bare(ax, grid="")
        theme.year_ticks(ax, events[0].date.year, events[-1].date.year, 2)
        return drawn

    return Picture(
        of=context,
        data=pd.DataFrame([{key: str(getattr(event, key)) for key in OWN} for event in context.events]),
        draw=draw,
        given={"marked": "; ".join(f"{day_text(e.date)}, {e.headline}" for e in events)},
    )
