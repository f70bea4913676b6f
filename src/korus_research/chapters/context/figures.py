"""Figures of the context: weight in trade, and the timeline of events below the flows."""

from __future__ import annotations

import pandas as pd

from korus_research.chapters.context.findings import event_findings
from korus_research.chapters.context.measures import of as context_of
from korus_research.chapters.flows.measures import of as flows_of
from korus_research.data.agreements.parts import Event
from korus_research.data.study import Study
from korus_research.methods.series import MN_PER_BN
from korus_research.show import theme
from korus_research.show.shown import Picture, figure
from korus_research.show.words.text import Words

WORDS = Words("context")
TRADE = ("goods_trade_monthly",)
SECURITY = "#8C2D8C"


@figure("shares", tables=TRADE)
def trade_shares(study: Study) -> Picture:
    """Return shares of the reporter's two-way goods trade: the partner beside the partners that weigh most."""
    context = context_of(study)
    years = list(dict.fromkeys((context.evaluation_year, context.last_year)))
    order = sorted(context.shares.columns, key=lambda code: context.share(code, years[0]) or 0.0)
    shown = context.shares.loc[years, order].T
    own = study.agreement.partner.census_code

    def draw() -> theme.Figure:
        drawn, ax = theme.panels(0.4 * len(shown) + 0.8)
        for place, (code, row) in enumerate(shown.iterrows()):
            _dots(ax, place, [row[year] for year in years], own=code == own)
        ax.set_yticks(range(len(shown)), [context.name(str(c)) for c in shown.index])
        for label, code in zip(ax.get_yticklabels(), shown.index, strict=True):
            label.set_color(theme.INK)
            label.set_fontweight(theme.STRONG if code == own else "normal")
        ax.set_xlim(0, float(shown.max().max()) * 1.16)
        ax.set_ylim(-0.6, len(shown) - 0.4)
        theme.bare(ax, grid="x")
        ax.set_xlabel(WORDS.label("share_axis"))
        return drawn

    return Picture(
        of=context,
        data=shown.rename_axis("partner").reset_index().assign(name=lambda f: [context.name(c) for c in f["partner"]]),
        draw=draw,
        last=str(context.last_year),
        given={"first": str(years[0]), "then": str(years[1]) if len(years) > 1 else ""},
    )


def _dots(ax: theme.Axes, place: int, values: list[float], *, own: bool) -> None:
    """Draw the shares of one partner: open the first, filled the second, both written to the right."""
    colour = theme.INK if own else theme.QUIET
    ax.plot(values, [place] * len(values), color=theme.OTHERS, linewidth=2, zorder=1)
    ax.scatter(values[0], place, color=theme.PAPER, edgecolor=colour, s=46, zorder=3, linewidth=1.6)
    if len(values) > 1:
        ax.scatter(values[1], place, color=colour, s=46, zorder=3)
    text, weight = WORDS.label("range", values=[f"{value:.1f}" for value in values]), theme.STRONG if own else "normal"
    theme.note(ax, text, (max(values), place), (9, 0), size=9, colour=colour, va="center", fontweight=weight)


@figure("timeline", tables=TRADE)
def timeline(study: Study) -> Picture:
    """Return the dated events by kind below the flows of the same months."""
    flows, names = flows_of(study), WORDS.labels("kinds")
    events = study.agreement.events_until(study.parameters.as_of)
    first = min(e.date for e in events)
    shown = flows.trailing.loc[f"{first.year}-01" :].dropna() / MN_PER_BN
    kinds = [kind for kind in names if any(e.kind == kind for e in events)]

    def draw() -> theme.Figure:
        drawn, (top, lanes) = theme.panels(3.9, rows=2, sharex=True, height_ratios=[1.5, 1])
        days = theme.month_ends(shown.index)
        _flows(top, days, shown)
        _lanes(lanes, kinds, events)
        for ax in (top, lanes):
            ax.axvline(study.agreement.dates.in_force, color="#777777", linewidth=0.7, linestyle=(0, (3, 2)), zorder=0)
        theme.year_ticks(lanes, days[0].year, days[-1].year, 4)
        lanes.set_xlim(days[0], days[-1] + (days[-1] - days[0]) * 0.1)
        name, at = " " + WORDS.label("in_force"), top.get_xaxis_transform()
        top.text(study.agreement.dates.in_force, 1.0, name, transform=at, fontsize=8, color=theme.QUIET, va="bottom")
        return drawn

    return Picture(
        of=event_findings(events, study.names),
        data=pd.DataFrame(
            [{"date": e.date.isoformat(), "kind": e.kind, "event": e.text, "source": e.source} for e in events]
        ),
        draw=draw,
        last=flows.last_month,
        given={"counts": ", ".join(f"{sum(e.kind == k for e in events)} {names[k].lower()}" for k in kinds)},
    )


def _flows(ax: theme.Axes, days: pd.DatetimeIndex, shown: pd.DataFrame) -> None:
    for flow, colour in theme.COLOURS.items():
        ax.plot(days, shown[flow], color=colour)
        name, end = WORDS.label(f"flows.{flow}"), (days[-1], shown[flow].iloc[-1])
        theme.note(ax, name, end, (5, 0), size=9, colour=colour, va="center", fontweight=theme.STRONG)
    ax.set_ylim(0, None)
    ax.set_ylabel(WORDS.label("flow_axis"))
    theme.bare(ax)


def _lanes(ax: theme.Axes, kinds: list[str], events: tuple[Event, ...]) -> None:
    """Draw one row of marks for each kind of event."""
    names = WORDS.labels("kinds")
    for place, kind in enumerate(reversed(kinds)):
        dates = [theme.on_axis(e.date) for e in events if e.kind == kind]
        colour = SECURITY if kind == "security" else theme.BALANCE
        ax.plot(dates, [place] * len(dates), "|", markersize=15, markeredgewidth=1.4, color=colour)
    ax.set_yticks(range(len(kinds)), [names[k] for k in reversed(kinds)])
    ax.set_ylim(-0.7, len(kinds) - 0.3)
    theme.bare(ax, grid="")
    ax.tick_params(axis="y", colors=theme.INK)
