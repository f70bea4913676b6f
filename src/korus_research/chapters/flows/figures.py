"""Figures of the bilateral flows."""

from __future__ import annotations

from typing import Any

import pandas as pd

from korus_research.chapters.flows.measures import BOP_SERIES, ENERGY_LATEST, LATEST, Flows
from korus_research.chapters.flows.measures import of as flows_of
from korus_research.data.study import Study
from korus_research.methods.series import FLOWS, MN_PER_BN
from korus_research.show import theme
from korus_research.show.shown import Picture, figure, milestone_note, shown_milestones
from korus_research.show.table import number
from korus_research.show.words.text import Words

WORDS = Words("flows")
TRADE = ("goods_trade_monthly",)
ENERGY_TINT, ENERGY_INK = "#8CC4E8", "#2B6F9E"
SERVICES = "#7A4A9E"  # no role in the report: services are neither exports nor imports here
WIDEST = 15  # columns of the grid whose numbers can be read at the width of the page


@figure("levels", tables=TRADE)
def flow_levels(study: Study) -> Picture:
    """Return exports and imports as 12-month sums, and the balance below on the same time axis."""
    flows, marks, names = flows_of(study), shown_milestones(study), WORDS.labels("flows")
    shown = _sums(flows, years_before=7)

    def draw() -> theme.Figure:
        drawn, (top, bottom) = theme.panels(3.85, rows=2, sharex=True, height_ratios=[2.3, 1])
        days = theme.month_ends(shown.index)
        for flow, colour in theme.COLOURS.items():
            top.plot(days, shown[flow], color=colour)
        bottom.fill_between(days, shown["balance"], 0, color=theme.BALANCE, alpha=0.16, linewidth=0)
        bottom.plot(days, shown["balance"], color=theme.BALANCE)
        bottom.axhline(0, color="#8A8A8A", linewidth=0.7)
        top.set_ylim(0, float(shown[["exports", "imports"]].max().max()) * 1.1)
        for ax in (top, bottom):
            theme.bare(ax)
            ax.set_xlim(days[0], days[-1] + (days[-1] - days[0]) * 0.09)
        theme.year_ticks(bottom, days[0].year, days[-1].year, 4)
        theme.mark_dates(top, marks)
        for day, _ in marks:
            bottom.axvline(day, color="#777777", linewidth=0.7, linestyle=(0, (3, 2)), zorder=1)
        top.set_ylabel(flows.scale.unit)
        bottom.set_ylabel(flows.scale.unit)
        end, last = theme.on_axis(days[-1]), shown.iloc[-1]
        theme.label_ends(
            top, [(end, float(last[flow]), names[flow], colour) for flow, colour in theme.COLOURS.items()], x=end
        )
        theme.label_ends(bottom, [(end, float(last["balance"]), names["balance"], theme.BALANCE)], x=end)
        return drawn

    return _by_month(flows, shown, draw, milestones=milestone_note(study))


@figure("summary", tables=TRADE, id="summary-trade")
def summary_figure(study: Study) -> Picture:
    """Return the key figure of the front page: exports and imports with the balance as the area between them."""
    flows, names = flows_of(study), WORDS.labels("flows")
    shown, decimals = _sums(flows, years_before=2), max(flows.scale.shown - 1, 0)

    def draw() -> theme.Figure:
        drawn, ax = theme.panels(2.5)
        days = theme.month_ends(shown.index)
        ax.fill_between(days, shown["exports"], shown["imports"], color=theme.BALANCE, alpha=0.1, linewidth=0)
        right, ends = theme.on_axis(days[-1]), []
        for flow, colour in theme.COLOURS.items():
            ax.plot(days, shown[flow], color=colour, linewidth=2.1)
            end = float(shown[flow].iloc[-1])
            ends.append((right, end, f"{names[flow]} {number(end, decimals)}", colour))
        ax.set_ylim(0, float(shown[["exports", "imports"]].max().max()) * 1.14)
        theme.bare(ax)
        ax.set_xlim(days[0], days[-1] + (days[-1] - days[0]) * 0.12)
        theme.year_ticks(ax, days[0].year, days[-1].year, 4)
        theme.mark_dates(ax, shown_milestones(study))
        ax.set_ylabel(flows.scale.unit)
        theme.label_ends(ax, ends, x=right)
        return drawn

    return _by_month(flows, shown, draw)


def _sums(flows: Flows, *, years_before: int) -> pd.DataFrame:
    """Return sums of 12 months in the unit shown, from some years before the first starting point."""
    first = f"{flows.agreement.baseline_years[0] - years_before}-01"
    return flows.trailing.loc[first:].dropna() / MN_PER_BN * flows.scale.factor


def _by_month(flows: Flows, shown: pd.DataFrame, draw: Any, **given: str) -> Picture:
    data = shown.rename_axis("month").reset_index().astype({"month": str})
    return Picture(of=flows, data=data, draw=draw, last=flows.last_month, given=given)


@figure("grid", tables=TRADE)
def baseline_grid(study: Study) -> Picture:
    """Return the change in exports and in imports for every baseline and every end, as two heat tables."""
    flows = flows_of(study)
    whole = {flow: flows.grid(flow) for flow in FLOWS}
    every = list(whole["exports"].columns)
    ends = _shown_ends(every, flows.evaluation_year)
    grids = {flow: grid[ends] * flows.scale.factor for flow, grid in whole.items()}

    def draw() -> theme.Figure:
        drawn, axes = theme.panels(4.6, rows=2, sharex=True)
        for ax, (flow, grid) in zip(axes, grids.items(), strict=True):
            _heat_table(ax, flow, grid, flows)
        return drawn

    data = [
        {"flow": flow, "baseline": baseline, "end": end, "change_usd_bn": grid.at[baseline, end]}
        for flow, grid in whole.items()
        for end in grid.columns
        for baseline in grid.index
    ]
    given = {"years_left_out": [end for end in every if end not in ends]}
    return Picture(of=flows, data=pd.DataFrame(data), draw=draw, last=flows.last_month, given=given)


def _heat_table(ax: theme.Axes, flow: str, grid: pd.DataFrame, flows: Flows) -> None:
    import seaborn as sns
    from matplotlib.colors import LinearSegmentedColormap

    colour, bound = theme.COLOURS[flow], float(grid.abs().max().max())
    # Two halves with a step between them: any fall is visibly grey, however small beside the largest rise.
    grey = [(0.0, "#8F8C85"), (0.4999, "#CFCCC5"), (0.5, "#FFFFFF")]
    shades = LinearSegmentedColormap.from_list(flow, [*grey, (0.75, colour + "66"), (1.0, colour + "CC")], N=1024)
    decimals = max(flows.scale.shown - (len(grid.columns) > 8), 0)
    starts = {"prior12": flows.span("prior12").removeprefix("the ")}
    sns.heatmap(
        grid.rename(index=starts, columns={LATEST: WORDS.labels("ends")["grid"]}),
        ax=ax,
        cmap=shades,
        vmin=-bound,
        vmax=bound,
        annot=grid.map(lambda value: number(value, decimals, signed=True)),
        fmt="",
        annot_kws={"fontsize": 8, "color": "#1C1C1C"},
        cbar=False,
        linewidths=1,
        linecolor="#FFFFFF",
    )
    title = WORDS.label("grid_title", flow=WORDS.labels("flows")[flow], usd=flows.scale.unit)
    ax.set_title(title, color=colour, fontsize=9.5)
    ax.set_ylabel(WORDS.label("counted_from"), color=theme.QUIET)
    ax.set_xlabel(WORDS.label("counted_to") if flow == "imports" else "", color=theme.QUIET)
    ax.tick_params(rotation=0, length=0)


def _shown_ends(ends: list[str], evaluation: int | None) -> list[str]:
    """Return the end periods there is room for: beyond `WIDEST` every second year, the evaluation year and the last."""
    if len(ends) <= WIDEST:
        return ends
    odd = (evaluation or 0) % 2
    return [end for end in ends if not end.isdigit() or int(end) % 2 == odd or end == ends[-1]]


@figure("services", tables=("goods_services_bop",))
def services_balance(study: Study) -> Picture | None:
    """Return the balances of goods, services and both, BOP basis, by year; None where the data hold none."""
    flows, names = flows_of(study), WORDS.labels("series")
    if flows.level("balance", LATEST, "bop_goods_services") is None:
        return None
    colours = dict(zip(BOP_SERIES, (theme.QUIET, SERVICES, theme.BALANCE), strict=True))
    columns = dict(zip(BOP_SERIES, ("goods", "services", "goods_and_services"), strict=True))
    table = pd.DataFrame({s: flows.levels["balance"].xs(s, level="series") for s in columns})
    table = table.loc[[period.isdigit() for period in table.index]]
    table = table.set_axis(table.index.astype(int)).sort_index() * flows.scale.factor

    def draw() -> theme.Figure:
        drawn, ax = theme.panels(2.9)
        first, end, ends = table.index[0], float(table.index[-1]), []
        for series, colour in colours.items():
            ax.plot(table.index, table[series], color=colour, linewidth=1.8)
            ends.append((end, float(table[series].iloc[-1]), names[series], colour))
        ax.axhline(0, color="#8A8A8A", linewidth=0.8)
        theme.mark_in_force(ax, study.agreement.dates.in_force)
        theme.bare(ax)
        ax.set_xlim(first, end + (end - first) * 0.2)
        ax.set_xticks([y for y in table.index if y % 5 == 0 or y == end])
        ax.set_ylabel(flows.scale.unit)
        ax.grid(visible=True, axis="y", color=theme.GRID)
        theme.label_ends(ax, ends, x=end)
        return drawn

    data = table.rename(columns=columns).rename_axis("year").reset_index()
    return Picture(of=flows, data=data, draw=draw, last=str(table.index[-1]))


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
        ends = [
            (edge, float(last["other"]) / 2, WORDS.label("energy.other"), theme.EXPORTS),
            (edge, middle, WORDS.label("energy.energy"), ENERGY_INK),
        ]
        theme.label_ends(ax, ends, x=edge)
        return drawn

    last = study.catalog.last_period(
        "exports_energy_monthly", as_of=study.parameters.as_of, partner=flows.agreement.partner.census_code
    )
    return Picture(of=flows, data=table.rename_axis("period").reset_index(), draw=draw, last=last)


def _energy_bars(ax: theme.Axes, table: pd.DataFrame, decimals: int) -> None:
    places = list(range(len(table)))
    ax.bar(places, table["other"], color=theme.EXPORTS, width=0.66)
    ax.bar(places, table["energy"], bottom=table["other"], color=ENERGY_TINT, width=0.66)
    style: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 8.5}
    for place, other, energy in zip(places, table["other"], table["energy"], strict=True):
        ax.text(place, other / 2, number(other, decimals), color=theme.PAPER, **style)
        if energy > 0.04 * table["exports"].max():
            ax.text(place, other + energy / 2, number(energy, decimals), color=theme.INK, **style)
    theme.bare(ax)
    latest = WORDS.labels("ends")["energy"]
    ax.set_xticks(places, [latest if key == ENERGY_LATEST else key for key in table.index])
    ax.set_xlim(-0.6, len(table) - 0.4 + 0.19 * len(table))
