"""The figure of the comparison: growth beside others."""

from __future__ import annotations

from typing import Any

import pandas as pd

from korus_research.chapters.comparators.measures import Comparators, of as comparators_of
from korus_research.data.study import Study
from korus_research.methods.series import WORLD
from korus_research.show.shown import Picture, Words, figure, theme

WORDS = Words("comparators")
TABLES = ("goods_trade_monthly", "partners")
TICKS = (12.5, 25, 50, 100, 200, 400, 800)
Ends = list[tuple[float, float, str, str]]  # of lines: where on both axes, name, colour


@figure("index", tables=TABLES)
def index(study: Study) -> Picture:
    """Return two panels, exports and imports: the partner against the world and the peers, baseline year = 100."""
    result, partner = comparators_of(study), study.names["partner"]
    first = f"{result.baseline_year - 7}-12"
    shown = {flow: table.drop(columns="rest").loc[first:] for flow, table in result.index.items()}
    longest = max(len(result.name(code)) for code in (*result.peers, result.partner))

    def draw() -> theme.Figure:
        drawn, axes = theme.panels(3.4, columns=2, sharey=True)
        labels, room = [], (0.026 if theme.narrow() else 0.03) * longest + 0.06
        for ax, (flow, table) in zip(axes, shown.items(), strict=True):
            labels.append(_lines(ax, result, table, theme.COLOURS[flow], partner))
            days = theme.month_ends(table.index)
            ax.set_xlim(days[0], days[-1] + (days[-1] - days[0]) * room)
            theme.year_ticks(ax, days[0].year, days[-1].year, 5)
            ax.set_title(WORDS.label(f"flows.{flow}"), color=theme.COLOURS[flow], pad=16)
            theme.mark_dates(ax, [(study.agreement.dates.in_force, WORDS.label("in_force"))])
        low = min(float(table.min().min()) for table in shown.values())
        high = max(float(table.max().max()) for table in shown.values())
        for ax in axes:
            ax.set_ylim(low * 0.9, high * 1.15)
        axes[0].set_ylabel(WORDS.label("index_axis", result))
        for ax, named in zip(axes, labels, strict=True):
            ends = _fewer(named, partner, result.name(WORLD)) if theme.narrow() else named
            theme.label_ends(ax, ends, x=max(end[0] for end in ends), strong=(partner,), size=8)
        return drawn

    last = max(str(table[result.partner].dropna().index[-1]) for table in shown.values())
    return Picture(of=result, data=result.to_frame().astype({"month": str}), draw=draw, last=last)


def _fewer(ends: Ends, *always: str) -> Ends:
    """Return the line ends to label in a narrow drawing: of the peers only the highest and the lowest."""
    peers = sorted((end for end in ends if end[2] not in always), key=lambda end: end[1])
    return [*(end for end in ends if end[2] in always), *dict.fromkeys((*peers[:1], *peers[-1:]))]


def _lines(ax: theme.Axes, result: Comparators, table: pd.DataFrame, colour: str, partner: str) -> Ends:
    """Draw the lines of one flow, the partner's last and thick, and return the ends to label."""

    lines: list[tuple[str, str, dict[str, Any]]] = [
        *((code, theme.OTHERS, {"linewidth": 0.9}) for code in result.peers if code != result.partner),
        (WORLD, theme.INK, {"linewidth": 1.4, "linestyle": (0, (1, 1.2))}),
        (result.partner, colour, {"linewidth": 2.5}),
    ]
    ends = []
    for code, shade, style in lines:
        line, name = table[code].dropna(), partner if code == result.partner else result.name(code)
        dates = theme.month_ends(line.index)
        ax.plot(dates, line, color=shade, label=name, **style)
        ink = theme.QUIET if shade == theme.OTHERS else shade
        ends.append((theme.on_axis(dates[-1]), float(line.iloc[-1]), name, ink))
    theme.log_axis(ax, TICKS)
    ax.axhline(100, color=theme.AXIS, linewidth=0.8)
    theme.bare(ax)
    return ends
