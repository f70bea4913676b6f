"""The figure of the context: the dates that mattered, below the flows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from korus_research.chapters.context.measures import of as context_of
from korus_research.chapters.flows.measures import of as flows_of
from korus_research.data.agreements.parts import Event
from korus_research.data.study import Study
from korus_research.methods.series import MN_PER_BN
from korus_research.show import theme
from korus_research.show.shown import Picture, figure
from korus_research.show.words.text import Words

WORDS = Words("context")
OWN = ("date", "kind", "headline", "text", "source")  # of an event, in the data behind the figure


@figure("timeline", tables=("goods_trade_monthly",))
def timeline(study: Study) -> Picture | None:
    """Return the events that have a headline, one a row, below the flows of the same months; None where none has."""
    context, flows = context_of(study), flows_of(study)
    events = context.marked
    if not events:
        return None
    shown = flows.trailing.loc[f"{context.events[0].date.year}-01" :].dropna() / MN_PER_BN

    def draw() -> theme.Figure:
        lanes_high = 0.24 * len(events) + 0.2
        drawn, (top, lanes) = theme.panels(1.7 + lanes_high, rows=2, sharex=True, height_ratios=[1.7, lanes_high])
        days = theme.month_ends(shown.index)
        top.set_xlim(days[0], days[-1] + (days[-1] - days[0]) * (0.22 if theme.narrow() else 0.1))
        _flows(top, days, shown)
        _rows(lanes, events, middle=theme.on_axis(days[int(0.55 * len(days))]))
        theme.year_ticks(lanes, days[0].year, days[-1].year, 4)
        for event in events:
            top.axvline(event.date, color=theme.LEADER, linewidth=0.6, zorder=0)
        return drawn

    return Picture(
        of=context,
        data=pd.DataFrame([{key: str(getattr(event, key)) for key in OWN} for event in context.events]),
        draw=draw,
        last=flows.last_month,
        given={"marked": "; ".join(f"{e.date:%B %-d, %Y}, {e.headline}" for e in events)},
    )


def _flows(ax: theme.Axes, days: pd.DatetimeIndex, shown: pd.DataFrame) -> None:
    names, end = WORDS.labels("flows"), theme.on_axis(days[-1])
    for flow, colour in theme.COLOURS.items():
        ax.plot(days, shown[flow], color=colour, label=names[flow])
    ax.set_ylim(0, None)
    ax.set_ylabel(WORDS.label("flow_axis"))
    theme.bare(ax)
    ends = [(end, float(shown[flow].iloc[-1]), names[flow], colour) for flow, colour in theme.COLOURS.items()]
    theme.label_ends(ax, ends, x=end)


def _rows(ax: theme.Axes, events: Sequence[Event], *, middle: float) -> None:
    """Draw one row for each event: a dot at its day, its headline on the side where there is room."""
    for place, event in enumerate(events):
        at = theme.on_axis(event.date)
        ax.plot([at, at], [-1, place], color=theme.LEADER, linewidth=0.6, zorder=1)
        ax.plot(at, place, "o", color=theme.BALANCE, markersize=5, zorder=3)
        early = at < middle
        text = f"{event.date:%b %Y}  {event.headline}"
        side: dict[str, Any] = {"ha": "left" if early else "right", "va": "center"}
        theme.note(ax, text, (at, place), (7 if early else -7, 0), size=8.5, colour=theme.INK, **side)
    ax.set_ylim(len(events) - 0.4, -0.7)
    ax.set_yticks([])
    theme.bare(ax, grid="")
