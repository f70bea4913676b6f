"""The figure of the brief: trade to the newest month, and the path without the agreement with its band."""

from __future__ import annotations

from datetime import date

import pandas as pd

from korus_research.chapters.counterfactual.measures import of as counterfactual_of
from korus_research.chapters.flows.measures import Flows, of as flows_of
from korus_research.chapters.summary.facts import ESTIMATED
from korus_research.data.study import Study
from korus_research.methods.series import FLOWS, MN_PER_BN
from korus_research.show.finding import Findings
from korus_research.show.shown import Picture, Words, figure, number, shown_milestones, theme

WORDS = Words("summary")
TRADE = ("goods_trade_monthly",)
ESTIMATES = (*TRADE, "donor_status", "us_agreements")
HEADROOM = 1.15  # above the lines, for the names of the dates
BAND_ROOM = 1.3  # a band may make the axis this much longer than the lines need; beyond, it is cut
ROOM = 0.16  # of the axis, for the value at the end of a line
NAMED_YEARS, NAME_HEIGHT = 4, 0.16  # the room of the name of the dashed line: years of the axis, and its part
YEARS_BEFORE = 5  # shown before entry into force


@figure("trade", tables=TRADE)
def trade(study: Study, findings: Findings) -> Picture:
    """Return exports and imports as sums of 12 months, a panel each, with the path without the agreement if estimated.

    The path and its band are of calendar years and stand at the end of each: a sum of 12 months to December is a year.
    """
    flows, data = flows_of(study), _sums(flows_of(study))
    without = _paths(study, flows) if ESTIMATED in findings else pd.DataFrame()

    def draw() -> theme.Figure:
        drawn, axes = theme.panels(4.2, columns=2, sharex=True, sharey=True, narrow=5.6)
        for ax, flow in zip(axes, FLOWS, strict=True):
            _panel(ax, flow, data, without, study)
            ax.set_title(WORDS.label(f"panels.{flow}", findings), color=theme.COLOURS[flow], pad=20)
        # Where it is narrow the dates step down into the panel, and the newest value must stay clear of them.
        axes[0].set_ylim(0, _top(data, without) * (1.15 if theme.narrow() else 1.0))
        axes[0].set_ylabel(flows.scale.unit)
        for ax, flow in zip(axes, FLOWS, strict=True):
            _name(ax, flow, data, without, max(flows.scale.shown - 1, 0))
        return drawn

    long = data.rename_axis("period").reset_index().melt("period", var_name="flow", value_name="sum_of_12_months")
    shown = pd.concat([long.astype({"period": str}), without.reset_index(drop=True)], ignore_index=True)
    tables, last = ESTIMATES if len(without) else TRADE, flows.last_month
    cut = "cut" if len(without) and float(without["high"].max()) > _top(data, without) else ""
    return Picture(of=findings, data=shown, draw=draw, last=last, tables=tables, given={"cut": cut})


def _sums(flows: Flows) -> pd.DataFrame:
    """Return exports and imports as sums of 12 months in the unit shown, by month."""
    first = f"{flows.agreement.dates.in_force.year - YEARS_BEFORE}-01"
    return flows.trailing.loc[first:, list(FLOWS)].dropna() / MN_PER_BN * flows.scale.factor


def _paths(study: Study, flows: Flows) -> pd.DataFrame:
    """Return the path without the agreement by the leading method, and its band, from the last year before it."""
    parts = []
    for flow, found in counterfactual_of(study).led.items():
        own = found.paths.loc[study.agreement.dates.in_force.year - 1 :, ["synthetic", "low", "high"]]
        parts.append((own / MN_PER_BN * flows.scale.factor).reset_index().assign(flow=flow))
    paths = pd.concat(parts, ignore_index=True).rename(columns={"synthetic": "without", "year": "period"})
    return paths.astype({"period": str})


def _top(data: pd.DataFrame, without: pd.DataFrame) -> float:
    """Return where the axis ends: a band makes it no longer than `BAND_ROOM` allows."""
    need = float(data[list(FLOWS)].max().max())
    if without.empty:
        return HEADROOM * need
    need = max(need, float(without["without"].max()))
    return max(HEADROOM * need, min(1.04 * float(without["high"].max()), BAND_ROOM * need))


def _panel(ax: theme.Axes, flow: str, data: pd.DataFrame, without: pd.DataFrame, study: Study) -> None:
    """Draw one flow, its path without the agreement, and the agreement's dates."""
    names, colour = WORDS.labels("lines"), theme.COLOURS[flow]
    days = theme.month_ends(data.index)
    if len(without):
        own = without[without["flow"] == flow]
        ends = [theme.on_axis(date(int(year), 12, 31)) for year in own["period"]]
        ax.fill_between(ends, own["low"], own["high"], color=theme.BAND, alpha=0.55, linewidth=0)
        ax.plot(ends, own["without"], color=theme.INK, linewidth=1.5, linestyle=(0, (4, 2)), label=names["without"])
    ax.plot(days, data[flow], color=colour, linewidth=2.4, label=names[flow])
    theme.bare(ax)
    first, last = (theme.on_axis(day) for day in (days[0], days[-1]))
    ax.set_xlim(first, last + (last - first) * ROOM)
    theme.year_ticks(ax, days[0].year, days[-1].year, 4)
    theme.mark_dates(ax, shown_milestones(study))


def _name(ax: theme.Axes, flow: str, data: pd.DataFrame, without: pd.DataFrame, decimals: int) -> None:
    """Write the newest value at the end of the line, and what the dashed line and the band are."""
    names, colour = WORDS.labels("lines"), theme.COLOURS[flow]
    last = theme.on_axis(theme.month_ends(data.index)[-1])
    end = float(data[flow].iloc[-1])
    theme.label_ends(ax, [(last, end, number(end, decimals), colour)], x=last, size=11)
    own = without[without["flow"] == flow] if len(without) else without
    if len(own):
        year, path = int(own["period"].iloc[-1]), float(own["without"].iloc[-1])
        after = data[flow].loc[str(year + 1) : str(year + NAMED_YEARS)]
        crossed = after[after.between(path - NAME_HEIGHT * ax.get_ylim()[1], path)]  # where trade would run through it
        at = (theme.on_axis(date(year, 12, 31)), float(after.min()) if len(crossed) else path)
        theme.note(ax, theme.wrapped(names["without"], 12, always=True), at, (5, -12), va="top")
