"""Figures of the comparison: growth beside others, and the partner's share of the reporter's trade."""

from __future__ import annotations

import pandas as pd

from korus_research.chapters.comparators.measures import Comparators
from korus_research.chapters.comparators.measures import of as comparators_of
from korus_research.data.study import Study
from korus_research.methods.series import FLOWS, WORLD
from korus_research.show import theme
from korus_research.show.shown import Picture, figure
from korus_research.show.words.text import Words

WORDS = Words("comparators")
TABLES = ("goods_trade_monthly", "partners")
BAND = "#DAD8D2"
TICKS = (12.5, 25, 50, 75, 100, 150, 200, 300, 400, 600, 800)
Ends = list[tuple[float, float, str, str]]  # of lines: where on both axes, name, colour


@figure("index", tables=TABLES)
def index(study: Study) -> Picture:
    """Return two panels, exports and imports: the partner against the world and the peers, baseline year = 100."""
    result, partner = comparators_of(study), study.names["partner"]
    first = f"{result.baseline_year - 7}-12"
    shown = {flow: table.drop(columns="rest").loc[first:] for flow, table in result.index.items()}
    room = max(0.3, 0.021 * max(len(result.name(code)) for code in (*result.peers, result.partner)))

    def draw() -> theme.Figure:
        drawn, axes = theme.panels(2.9, columns=2, sharey=True)
        labels = []
        for ax, (flow, table) in zip(axes, shown.items(), strict=True):
            labels.append(_lines(ax, result, table, theme.COLOURS[flow], partner))
            days = theme.month_ends(table.index)
            ax.set_xlim(days[0], days[-1] + (days[-1] - days[0]) * room)
            theme.year_ticks(ax, days[0].year, days[-1].year, 5)
            ax.set_title(WORDS.label(f"flows.{flow}"), color=theme.COLOURS[flow], pad=16)
            theme.mark_dates(ax, [(study.agreement.dates.in_force, WORDS.label("in_force"))])
        low = min(float(table.min().min()) for table in shown.values())
        high = max(float(table.max().max()) for table in shown.values())
        axes[0].set_ylim(low * 0.9, high * 1.15)
        axes[0].set_ylabel(WORDS.label("index_axis", result))
        for ax, ends in zip(axes, labels, strict=True):
            theme.label_ends(ax, ends, x=max(end[0] for end in ends), strong=(partner,), size=8.5)
        return drawn

    last = max(str(table[result.partner].dropna().index[-1]) for table in shown.values())
    return Picture(of=result, data=result.to_frame().astype({"month": str}), draw=draw, last=last)


def _lines(ax: theme.Axes, result: Comparators, table: pd.DataFrame, colour: str, partner: str) -> Ends:
    """Draw the peers' band and the lines of one flow; return the ends to be labelled."""
    from matplotlib.ticker import FixedLocator, NullLocator, StrMethodFormatter

    peers = table[list(result.peers)].dropna()
    # One band and not a line for each peer: which of them moved how is in the table.
    ax.fill_between(theme.month_ends(peers.index), peers.min(axis=1), peers.max(axis=1), color=BAND, linewidth=0)
    lines = {
        WORDS.label("peers"): (peers.median(axis=1), theme.QUIET, 1.2, "-"),
        result.name(WORLD): (table[WORLD].dropna(), theme.INK, 1.4, (0, (1, 1.2))),
        partner: (table[result.partner].dropna(), colour, 2.5, "-"),
    }
    ends = []
    for name, (line, shade, width, dash) in lines.items():
        dates = theme.month_ends(line.index)
        ax.plot(dates, line, color=shade, linewidth=width, linestyle=dash)
        ends.append((theme.on_axis(dates[-1]), float(line.iloc[-1]), name, shade))
    at, right = peers.iloc[-1].sort_values(), theme.on_axis(theme.month_ends(peers.index)[-1])
    ends += [(right, float(at.iloc[k]), result.name(str(at.index[k])), theme.QUIET) for k in (-1, 0)]
    ax.set_yscale("log")
    ax.yaxis.set_major_locator(FixedLocator(TICKS))
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.axhline(100, color="#8A8A8A", linewidth=0.8)
    theme.bare(ax)
    return list(dict.fromkeys(ends))


@figure("share", tables=(*TABLES, "goods_trade_replaced"))
def share_over_time(study: Study) -> Picture:
    """Return the partner's share of the reporter's exports and imports over time."""
    result = comparators_of(study)
    shares = result.shares.loc[result.shares.index >= result.baseline_year - 11]

    def draw() -> theme.Figure:
        drawn, ax = theme.panels(3.0)
        end = float(shares.index[-1])
        for flow in FLOWS:
            ax.plot(shares.index, shares[flow], color=theme.COLOURS[flow])
        ax.set_ylim(0, None)
        theme.bare(ax)
        ax.set_xlim(shares.index[0], shares.index[-1] + (shares.index[-1] - shares.index[0]) * 0.14)
        ax.set_xticks([y for y in shares.index if y % 5 == 0 or y == shares.index[-1]])
        theme.mark_in_force(ax, study.agreement.dates.in_force)
        ax.set_ylabel(WORDS.label("share_axis"))
        ends = [
            (end, float(shares[flow].iloc[-1]), WORDS.label(f"of_flow.{flow}"), theme.COLOURS[flow]) for flow in FLOWS
        ]
        theme.label_ends(ax, ends, x=end)
        return drawn

    data = shares.join(result.ranks.add_prefix("rank_")).rename_axis("year").reset_index()
    return Picture(of=result, data=data, draw=draw, last=str(shares.index[-1]))
