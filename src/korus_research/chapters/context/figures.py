"""Figures and tables of the context: weight in trade, the agreement's dates and commitments, the timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.chapters.context.measures import event_findings
from korus_research.chapters.context.measures import of as context_of
from korus_research.chapters.flows.measures import of as flows_of
from korus_research.methods.series import MN_PER_BN
from korus_research.show.figure import Figure
from korus_research.show.sourcing import source_line
from korus_research.show.table import Column, Table
from korus_research.show.theme import (
    BALANCE,
    EXPORTS,
    IMPORTS,
    INK,
    OTHERS,
    QUIET,
    STRONG,
    bare,
    halo,
    month_ends,
    on_axis,
    year_ticks,
)
from korus_research.show.words.prose import say

if TYPE_CHECKING:
    import matplotlib.figure

    from korus_research.chapters.context.measures import Context
    from korus_research.data.agreements.parts import Commitment, EventKind
    from korus_research.data.study import Study

TRADE = ("goods_trade_monthly",)
PAPER_DOT = "#FFFFFF"
_YEARS = {"evaluation": "evaluation", "latest": "last_year"}
KINDS = {"trade": "Trade", "tariff": "Tariffs", "security": "Security", "politics": "Politics"}


def trade_shares(study: Study) -> Figure:
    """Return shares of the reporter's two-way goods trade: the partner beside the partners that weigh most."""
    context = context_of(study)
    years = list(dict.fromkeys((context.evaluation_year, context.last_year)))
    order = sorted(context.shares.columns, key=lambda code: context.share(code, years[0]) or 0.0)
    shown = context.shares.loc[years, order].T

    def draw() -> matplotlib.figure.Figure:
        import matplotlib.pyplot as plt

        figure, ax = plt.subplots(figsize=(8.6, 0.4 * len(shown) + 0.8), layout="constrained")
        for place, (code, row) in enumerate(shown.iterrows()):
            own = code == study.agreement.partner.census_code
            colour = INK if own else QUIET
            ax.plot(row[years], [place] * len(years), color=OTHERS, linewidth=2, zorder=1)
            ax.scatter(row[years[0]], place, color=PAPER_DOT, edgecolor=colour, s=46, zorder=3, linewidth=1.6)
            if len(years) > 1:
                ax.scatter(row[years[1]], place, color=colour, s=46, zorder=3)
            right = max(row[years])
            text = " to ".join(f"{row[y]:.1f}" for y in years)
            ax.annotate(
                text,
                (right, place),
                xytext=(9, 0),
                textcoords="offset points",
                va="center",
                fontsize=9,
                color=colour,
                fontweight=STRONG if own else "normal",
                path_effects=halo(),
            )
        ax.set_yticks(range(len(shown)), [context.name(str(c)) for c in shown.index])
        for label, code in zip(ax.get_yticklabels(), shown.index, strict=True):
            label.set_color(INK)
            label.set_fontweight(STRONG if code == study.agreement.partner.census_code else "normal")
        ax.set_xlim(0, float(shown.max().max()) * 1.16)
        ax.set_ylim(-0.6, len(shown) - 0.4)
        bare(ax, grid="x")
        ax.set_xlabel("percent of US two-way goods trade")
        return figure

    last = str(context.last_year)
    marks = f"Open circle {years[0]}, filled circle {years[1]}." if len(years) > 1 else f"Open circle {years[0]}."
    return Figure(
        id="context-shares",
        title=say(context, _then_and_now(context), keep=True),
        subtitle="Share of US two-way goods trade (exports plus imports), percent",
        alt=say(
            context,
            "Dots on a line by partner.",
            weights(context, "evaluation"),
        ),
        caption=marks,
        source=source_line(study, TRADE, last),
        datasets=TRADE,
        data=shown.rename_axis("partner").reset_index().assign(name=lambda f: [context.name(c) for c in f["partner"]]),
        draw=draw,
        made_by="korus_research.chapters.context.figures.trade_shares",
        last_period=last,
    )


def _then_and_now(context: Context) -> str:
    """Return the title of the shares: the partner's in the evaluation year, and in the last where that is later."""
    told = "{partner} was {context.share.partner.evaluation} of US two-way goods trade in {evaluation}"
    later = context.last_year > context.evaluation_year
    return told + (" and {context.share.partner.latest} in {last_year}" if later else "")


def weights(context: Context, when: str) -> str:
    """Return the sentence template that names the partner's share and those of the groups and partners beside it.

    `when` is "evaluation" or "latest"; a group stands for its members.
    """
    within = {member for _, _, members in context.spec.groups for member in members}
    beside = [(key, name) for key, name, _ in context.spec.groups]
    beside += [(code, context.name(code)) for code in context.spec.others if code not in within]
    others = ", ".join(f"{name} for {{context.share.{key}.{when}}}" for key, name in beside)
    return (
        f"{{partner}} accounted for {{context.share.partner.{when}}} of US two-way goods trade in {{{_YEARS[when]}}}"
        + (f"; {others}." if others else ".")
    )


def timeline(study: Study) -> Figure:
    """Return the dated events by kind below the flows of the same months."""
    import pandas as pd

    flows = flows_of(study)
    events = study.agreement.events_until(study.parameters.as_of)
    first = min(e.date for e in events)
    shown = flows.trailing.loc[f"{first.year}-01" :].dropna() / MN_PER_BN
    kinds = [k for k in KINDS if any(e.kind == k for e in events)]

    def draw() -> matplotlib.figure.Figure:
        import matplotlib.pyplot as plt

        figure, (top, lanes) = plt.subplots(
            2, 1, figsize=(8.6, 3.9), sharex=True, height_ratios=[1.5, 1], layout="constrained"
        )
        days = month_ends(shown.index)
        for flow, colour in (("exports", EXPORTS), ("imports", IMPORTS)):
            top.plot(days, shown[flow], color=colour)
            top.annotate(
                flow.capitalize(),
                (days[-1], shown[flow].iloc[-1]),
                xytext=(5, 0),
                textcoords="offset points",
                color=colour,
                fontsize=9,
                fontweight=STRONG,
                va="center",
                path_effects=halo(),
            )
        top.set_ylim(0, None)
        top.set_ylabel("USD billion")
        bare(top)
        for place, kind in enumerate(reversed(kinds)):
            dates = [on_axis(e.date) for e in events if e.kind == kind]
            lanes.plot(
                dates,
                [place] * len(dates),
                "|",
                markersize=15,
                markeredgewidth=1.4,
                color=BALANCE if kind != "security" else "#8C2D8C",
            )
        lanes.set_yticks(range(len(kinds)), [KINDS[k] for k in reversed(kinds)])
        lanes.set_ylim(-0.7, len(kinds) - 0.3)
        bare(lanes, grid="")
        lanes.tick_params(axis="y", colors=INK)
        for ax in (top, lanes):
            ax.axvline(study.agreement.dates.in_force, color="#777777", linewidth=0.7, linestyle=(0, (3, 2)), zorder=0)
        year_ticks(lanes, days[0].year, days[-1].year, 4)
        lanes.set_xlim(days[0], days[-1] + (days[-1] - days[0]) * 0.1)
        top.text(
            study.agreement.dates.in_force,
            1.0,
            " in force",
            transform=top.get_xaxis_transform(),
            fontsize=8,
            color=QUIET,
            va="bottom",
        )
        return figure

    data = pd.DataFrame(
        [{"date": e.date.isoformat(), "kind": e.kind, "event": e.text, "source": e.source} for e in events]
    )
    counts = ", ".join(f"{sum(e.kind == k for e in events)} {KINDS[k].lower()}" for k in kinds)
    return Figure(
        id="context-timeline",
        title=say(
            event_findings(study.agreement.events_until(study.parameters.as_of), study.names),
            "US trade with {partner} beside {context.events.total} dated events, {events_first} to {events_last}",
        ),
        subtitle=f"US goods trade with {study.names['partner']} (sums of 12 months, USD billion) above events by kind",
        alt=f"Two lines of trade, and below them one row of marks for each kind of event: {counts}.",
        caption="Each mark is one event; the table of events names them. The figure shows when things happened, not what they caused.",
        source=source_line(study, TRADE, flows.last_month),
        datasets=TRADE,
        data=data,
        draw=draw,
        made_by="korus_research.chapters.context.figures.timeline",
        last_period=flows.last_month,
    )


def events_table(study: Study, *kinds: EventKind) -> Table:
    """Return the dated events of the kinds asked for, each with its source."""
    import pandas as pd

    events = study.agreement.events_until(study.parameters.as_of, kinds=kinds)
    rows = []
    for e in events:
        marks = ("" if e.verified else "\N{DAGGER}") + ("\N{DOUBLE DAGGER}" if e.secondary else "")
        rows.append({"date": f"{e.date:%Y-%m-%d}", "event": e.text + marks, "source": e.source})
    name = " and ".join(KINDS[k].lower() for k in kinds)
    return Table(
        id="context-events-" + "-".join(kinds),
        title=f"Events: {name}",
        caption=f"Dated events until {study.names['as_of']}, in our own words.",
        source=f"Source: per row; agreements/{study.agreement.id}.toml.",
        datasets=(f"agreements/{study.agreement.id}",),
        columns=[
            Column("date", "Date", align="left", width=0.9),
            Column("event", "Event", align="left", width=3.3),
            Column("source", "Read in", align="left", width=3.3),
        ],
        rows=rows,
        row_header="date",
        data=pd.DataFrame(
            [
                {
                    "date": e.date.isoformat(),
                    "kind": e.kind,
                    "event": e.text,
                    "source": e.source,
                    "verified": e.verified,
                    "note": e.note,
                }
                for e in events
            ]
        ),
        made_by="korus_research.chapters.context.figures.events_table",
        last_period=study.parameters.as_of,
        notes=tuple(
            note
            for note, shown in (
                (
                    "\N{DAGGER} The day was not read in a page: month or weekday only, or taken from another list.",
                    any(not e.verified for e in events),
                ),
                ("\N{DOUBLE DAGGER} Rests on secondary sources only.", any(e.secondary for e in events)),
            )
            if shown
        ),
    )


def commitments_table(study: Study) -> Table:
    """Return the agreement's duties and allowances by product, with their steps as known at the study's `as_of`."""
    import pandas as pd

    agreement = study.agreement
    commitments = agreement.commitments_until(study.parameters.as_of)
    groups: dict[tuple[str, str, str], list[Commitment]] = {}
    for c in commitments:
        groups.setdefault((c.product, c.importer, c.unit), []).append(c)
    rows = [
        {
            "product": product[:1].upper() + product[1:],
            "importer": agreement.party_name(importer),
            "before": _value(steps[0]),
            "steps": _steps(steps[1:]),
            "unit": unit,
        }
        for (product, importer, unit), steps in groups.items()
    ]
    columns = [
        Column("product", "Product", align="left", width=2.2),
        Column("importer", "Importer", align="left", width=1.1),
        Column("before", "Before, or at start", align="right", width=0.9),
        Column("steps", "Then", align="left", width=3),
        Column("unit", "Unit", align="left", width=1.5),
    ]
    data = [
        {
            "product": c.product,
            "importer": c.importer,
            "value": c.value,
            "unit": c.unit,
            "from": c.from_.isoformat(),
            "to": c.to.isoformat() if c.to else "",
            "source": c.source,
        }
        for c in commitments
    ]
    return Table(
        id="context-commitments",
        title="Commitments: duties and allowances by date",
        notes=tuple(
            f"{c.product[:1].upper()}{c.product[1:]}: {c.note}." for c in commitments if c.superseded and c.note
        ),
        caption="As laid down, by the day each step applies; steps after the date of this edition are those agreed by then. Duties added by either side outside the agreement are among the events.",
        source=f"Source: per row in agreements/{agreement.id}.toml and in the table's CSV.",
        datasets=(f"agreements/{agreement.id}",),
        columns=columns,
        rows=rows,
        row_header="product",
        data=pd.DataFrame(data),
        made_by="korus_research.chapters.context.figures.commitments_table",
        last_period=study.parameters.as_of,
    )


def _value(c: Commitment) -> str:
    return f"{c.value:,.0f}" if c.value >= 1000 else f"{c.value:g}"


def _steps(steps: list[Commitment]) -> str:
    """Return the steps in words; a long schedule by its first step, their number and its last."""
    told = [f"{_value(c)} from {c.from_:%-d %B %Y}" for c in steps]
    if len(told) > 4:
        return f"{told[0]}, then {len(told) - 2} yearly steps, {told[-1]}"
    return "; ".join(told) or "\N{EN DASH}"
