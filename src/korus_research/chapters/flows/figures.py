"""Figures of the bilateral flows."""

from __future__ import annotations

from typing import Any

import pandas as pd

from korus_research.chapters.flows.measures import CELLS, ENERGY_LATEST, Flows, of as flows_of
from korus_research.data.study import Study
from korus_research.methods.series import FLOWS, MN_PER_BN
from korus_research.show.shown import Picture, Words, figure, milestone_note, number, shown_milestones, theme

WORDS = Words("flows")
TRADE = ("goods_trade_monthly",)
YEARS_BEFORE = 7  # that the levels are drawn before the first starting point


@figure("levels", tables=TRADE)
def flow_levels(study: Study) -> Picture:
    """Return exports and imports as 12-month sums, and the balance below on the same time axis."""
    flows, marks, names = flows_of(study), shown_milestones(study), WORDS.labels("flows")
    first = f"{flows.agreement.baseline_years[0] - YEARS_BEFORE}-01"
    shown = flows.trailing.loc[first:].dropna() / MN_PER_BN * flows.scale.factor

    def draw() -> theme.Figure:
        drawn, (top, bottom) = theme.panels(3.85, rows=2, sharex=True, height_ratios=[2.3, 1])
        days = theme.month_ends(shown.index)
        for flow, colour in theme.COLOURS.items():
            top.plot(days, shown[flow], color=colour, label=names[flow])
        bottom.fill_between(days, shown["balance"], 0, color=theme.BALANCE, alpha=0.16, linewidth=0)
        bottom.plot(days, shown["balance"], color=theme.BALANCE, label=names["balance"])
        bottom.margins(y=0.14)
        bottom.axhline(0, color=theme.AXIS, linewidth=0.7)
        top.set_ylim(0, float(shown[["exports", "imports"]].max().max()) * (1.2 if theme.narrow() else 1.1))
        for ax in (top, bottom):
            theme.bare(ax)
            ax.set_xlim(days[0], days[-1] + (days[-1] - days[0]) * _room())
        theme.year_ticks(bottom, days[0].year, days[-1].year, 4)
        theme.mark_dates(top, marks)
        for day, _ in marks:
            bottom.axvline(day, color=theme.HAIRLINE, linewidth=0.7, linestyle=(0, (3, 2)), zorder=1)
        top.set_ylabel(flows.scale.unit)
        bottom.set_ylabel(flows.scale.unit)
        end = theme.on_axis(days[-1])
        ends = {what: (end, float(value := shown[what].iloc[-1]), _end(flows, what, value)) for what in CELLS}
        theme.label_ends(top, [(*ends[flow], colour) for flow, colour in theme.COLOURS.items()], x=end)
        theme.label_ends(bottom, [(*ends["balance"], theme.BALANCE)], x=end)
        return drawn

    data = shown.rename_axis("month").reset_index().astype({"month": str})
    given = {"milestones": milestone_note(study)}
    return Picture(of=flows, data=data, draw=draw, last=flows.last_month, given=given)


def _end(flows: Flows, what: str, value: float) -> str:
    """Return the label at the end of a line: "Imports 150", "Deficit 71"."""
    names = {**WORDS.labels("flows"), "balance": WORDS.labels("sides")["deficit" if value < 0 else "surplus"]}
    fewer = 1 if abs(value) >= 10 else 0  # decimals that a larger number does without
    return WORDS.label("end", name=names[what], value=number(abs(value), max(flows.scale.shown - fewer, 0)))


def _room() -> float:
    """Return the share of a time axis that stays free for line labels."""
    return 0.36 if theme.narrow() else 0.16


@figure("starts", tables=TRADE)
def starting_points(study: Study) -> Picture | None:
    """Return the change of both flows from each starting point to the evaluation year and the latest months."""
    flows = flows_of(study)
    ends = flows.findings().names["ends"]
    starts = {start: flows.span(start).removeprefix("the ") for start in flows.starts}
    table = {flow: flows.grid(flow).reindex(columns=list(ends)) * flows.scale.factor for flow in FLOWS}
    if table["exports"].isna().all(axis=None):
        return None

    def draw() -> theme.Figure:
        drawn, axes = theme.panels(0.36 * len(starts) + 0.9, columns=2, sharey=True, narrow=0.62 * len(starts) + 1.6)
        for ax, flow in zip(axes, FLOWS, strict=True):
            _changes(ax, table[flow], theme.COLOURS[flow], max(flows.scale.shown - 1, 0))
            theme.tips(ax, unit=flows.scale.unit, decimals=max(flows.scale.shown - 1, 0))
            ax.set_title(WORDS.labels("flows")[flow], color=theme.COLOURS[flow])
            names = [theme.wrapped(name, 14, always=True) for name in starts.values()]
            ax.set_yticks(range(len(starts)), names)
            ax.set_ylim(len(starts) - 0.5, -1.45)
            ax.set_xlabel(WORDS.label("start_axis", usd=flows.scale.unit))
        return drawn

    long = [flows.grid(flow).reset_index().melt("baseline", var_name="end").assign(flow=flow) for flow in FLOWS]
    data = pd.concat(long).rename(columns={"value": "change_usd_bn"})[["flow", "baseline", "end", "change_usd_bn"]]
    return Picture(of=flows, data=data, draw=draw, last=flows.last_month)


def _changes(ax: theme.Axes, table: pd.DataFrame, colour: str, decimals: int) -> None:
    """Draw one row for each starting point: an open circle for the first end, a filled one for the latest."""
    theme.value_axis(ax)
    for place, row in enumerate(table.to_numpy(dtype=float)):
        ax.plot(row, [place] * len(row), color=theme.GRID, linewidth=2, zorder=1)
    names = (WORDS.label("start_ends.first", end=str(table.columns[0])), WORDS.label("start_ends.last"))
    style: dict[str, Any] = {"s": 34, "edgecolor": colour, "linewidth": 1.4, "zorder": 3}
    for k, end in enumerate(table.columns):
        ax.scatter(table[end], range(len(table)), color=colour if k else theme.PAPER, label=names[k > 0], **style)
        for place, value in enumerate(table[end].dropna()):
            before = k < len(table.columns) - 1  # the first end is written to the left of its circle
            text, shift = number(value, decimals, signed=True), -6 if before else 6
            theme.note(
                ax, text, (value, place), (shift, 0), colour=colour, ha="right" if before else "left", va="center"
            )
        label = WORDS.label("start_ends.short") if k and theme.narrow() else names[k > 0]
        at, side = (table[end].max(), "right") if k else (table[end].iloc[0], "center")
        # One above the other, since the two ends may lie close to each other.
        theme.note(ax, label, (at, -0.55 - 0.55 * (k == 0)), (0, 0), ha=side, va="center")
    ax.margins(x=0.22)


@figure("recent", tables=TRADE)
def recent_imports(study: Study) -> Picture | None:
    """Return monthly imports over two years, from the partner and all others, as an index; None without them."""
    flows = flows_of(study)
    if flows.recent is None:
        return None
    index, names = flows.recent.index, flows.findings().names
    changes = flows.duty_changes(index.index[0].start_time.date(), index.index[-1].end_time.date())

    def draw() -> theme.Figure:
        drawn, ax = theme.panels(2.3)
        days = theme.month_ends(index.index)
        lines = {"others": (theme.QUIET, 1.4), "partner": (theme.IMPORTS, 2.4)}
        ends, right = [], theme.on_axis(days[-1])
        for key, (colour, width) in lines.items():
            name = theme.wrapped(WORDS.label(f"recent.{key}", partner=str(names["partner"])), 10)
            ax.plot(days, index[key], color=colour, linewidth=width, label=name)
            ends.append((right, float(index[key].iloc[-1]), name, colour))
        ax.axhline(100, color=theme.AXIS, linewidth=0.7)
        theme.bare(ax)
        ax.set_xlim(days[0], days[-1] + (days[-1] - days[0]) * _room())
        for day in changes:
            ax.axvline(theme.on_axis(day), color=theme.LEADER, linewidth=0.7, linestyle=(0, (3, 2)), zorder=1)
        ticks = days[5::6] if theme.narrow() else days[2::3]
        ax.set_xticks([theme.on_axis(day) for day in ticks], [f"{day:%b}\n{day:%Y}" for day in ticks])
        ax.set_ylabel(WORDS.label("recent.axis"))
        theme.label_ends(ax, ends, x=right)
        return drawn

    data = index.rename_axis("month").reset_index().astype({"month": str})
    given = {"changes": "yes" if changes else ""}
    return Picture(of=flows, data=data, draw=draw, last=flows.last_month, given=given)


@figure("energy", tables=("exports_energy_monthly", *TRADE))
def energy_split(study: Study) -> Picture | None:
    """Return exports split into energy (HS 27) and the rest by year and for the latest 12 months; None without data."""
    flows = flows_of(study)
    if flows.energy is None or len(flows.energy) < 2:
        return None
    table = flows.energy * flows.scale.factor

    def draw() -> theme.Figure:
        drawn, ax = theme.panels(2.7)
        _energy_bars(ax, table, max(flows.scale.shown - 1, 0))
        ax.set_ylabel(flows.scale.unit)
        edge, last = len(table) - 1 + 0.36, table.iloc[-1]
        middle = float(last["other"] + last["energy"] / 2)
        other = theme.wrapped(WORDS.label("energy.other"), 10)
        ends = [(float(last["other"]) / 2, other, theme.EXPORTS)]
        ends.append((middle, WORDS.label("energy.energy"), theme.ENERGY_INK))
        theme.label_ends(ax, [(edge, *end) for end in ends], x=edge)
        return drawn

    last = study.last_period("exports_energy_monthly", partner=flows.agreement.partner.census_code)
    return Picture(of=flows, data=table.rename_axis("period").reset_index(), draw=draw, last=last)


def _energy_bars(ax: theme.Axes, table: pd.DataFrame, decimals: int) -> None:
    places, names, narrow = list(range(len(table))), WORDS.labels("energy"), theme.narrow()
    ax.bar(places, table["other"], color=theme.EXPORTS, width=0.66, label=names["other"])
    ax.bar(places, table["energy"], bottom=table["other"], color=theme.ENERGY_TINT, width=0.66, label=names["energy"])
    style: dict[str, Any] = {"ha": "center", "fontsize": 8.5}
    for place, (whole, energy) in enumerate(zip(table["exports"], table["energy"], strict=True)):
        if not narrow or place in (0, len(table) - 1):
            ax.text(place, whole, number(whole, decimals), color=theme.INK, va="bottom", **style)
        if not narrow and energy > 0.06 * table["exports"].max():
            ax.text(place, whole - energy / 2, number(energy, decimals), color=theme.INK, va="center", **style)
    theme.bare(ax)
    keys = [str(key) for key in table.index]
    if narrow:  # years in full would touch
        keys = [key if place % 4 == 0 and len(keys) - place > 3 else "" for place, key in enumerate(keys)]
    if table.index[-1] == ENERGY_LATEST:
        keys[-1] = theme.wrapped(WORDS.label("energy_end"), 7, always=True)
    ax.set_xticks(places, keys)
    ax.set_xlim(-0.6, len(table) - 0.4 + (0.34 if narrow else 0.19) * len(table))
    ax.margins(y=0.1)
