"""Figures of the bilateral flows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from korus_research.chapters.flows.grid import grid_caption, shown_ends
from korus_research.chapters.flows.measures import ENERGY_LATEST, LATEST
from korus_research.chapters.flows.measures import of as flows_of
from korus_research.methods.series import MN_PER_BN
from korus_research.show.figure import Figure
from korus_research.show.sourcing import milestone_note, shown_milestones, source_line
from korus_research.show.table import number
from korus_research.show.theme import (
    BALANCE,
    EXPORTS,
    GRID,
    IMPORTS,
    INK,
    PAPER,
    QUIET,
    bare,
    label_ends,
    mark_dates,
    mark_in_force,
    month_ends,
    on_axis,
    year_ticks,
)
from korus_research.show.words.prose import say

if TYPE_CHECKING:
    import matplotlib.figure
    import pandas as pd

    from korus_research.data.study import Study

TRADE = ("goods_trade_monthly",)
BOP_DATA = ("goods_services_bop",)
ENERGY_TINT, ENERGY_INK = "#8CC4E8", "#2B6F9E"
SERVICES = "#7A4A9E"  # no role in the report: services are neither exports nor imports here


def flow_levels(study: Study) -> Figure:
    """Return exports and imports as 12-month sums, and the balance below on the same time axis."""
    flows = flows_of(study)
    first = f"{study.agreement.baseline_years[0] - 7}-01"
    scale = flows.scale
    shown = flows.trailing.loc[first:].dropna() / MN_PER_BN * scale.factor

    def draw() -> matplotlib.figure.Figure:
        import matplotlib.pyplot as plt

        figure, (top, bottom) = plt.subplots(
            2, 1, figsize=(8.6, 3.85), sharex=True, height_ratios=[2.3, 1], layout="constrained"
        )
        days = month_ends(shown.index)
        ends = []
        for flow, colour in (("exports", EXPORTS), ("imports", IMPORTS)):
            top.plot(days, shown[flow], color=colour)
            ends.append((float(shown[flow].iloc[-1]), flow.capitalize(), colour))
        bottom.fill_between(days, shown["balance"], 0, color=BALANCE, alpha=0.16, linewidth=0)
        bottom.plot(days, shown["balance"], color=BALANCE)
        bottom.axhline(0, color="#8A8A8A", linewidth=0.7)
        top.set_ylim(0, float(shown[["exports", "imports"]].max().max()) * 1.1)
        for ax in (top, bottom):
            bare(ax)
            ax.set_xlim(days[0], days[-1] + (days[-1] - days[0]) * 0.09)
        year_ticks(bottom, days[0].year, days[-1].year, 4)
        mark_dates(top, shown_milestones(study))
        for day, _ in shown_milestones(study):
            bottom.axvline(day, color="#777777", linewidth=0.7, linestyle=(0, (3, 2)), zorder=1)
        top.set_ylabel(scale.unit)
        bottom.set_ylabel(scale.unit)
        end = on_axis(days[-1])
        label_ends(top, [(end, *each) for each in ends], x=end)
        label_ends(bottom, [(end, float(shown["balance"].iloc[-1]), "Balance", BALANCE)], x=end)
        return figure

    return Figure(
        id="flows-levels",
        title=say(
            flows,
            "In {latest}, imports from {partner} were {flows.imports.latest.change:above|below|away from} their {baseline} level by "
            "{flows.imports.latest.change:abs}, exports {flows.exports.latest.change:above|below|away from} theirs by {flows.exports.latest.change:abs}",
            keep=True,
        ),
        subtitle=f"US goods trade with {study.names['partner']}, sums of 12 months, {scale.unit} (nominal)",
        alt=say(
            flows,
            "Two lines above and one below over the same months.",
            "Exports go from {flows.exports.baseline} in {baseline} to {flows.exports.evaluation.end} in {evaluation} and {flows.exports.latest.end} in {latest}.",
            "Imports go from {flows.imports.baseline} to {flows.imports.evaluation.end} and {flows.imports.latest.end}.",
            "The balance goes from {flows.balance.baseline} to {flows.balance.evaluation.end} and {flows.balance.latest.end}.",
            keep=True,
        ),
        caption="Each point is the sum of the 12 months to it. " + milestone_note(study),
        source=source_line(study, TRADE, flows.last_month),
        datasets=TRADE,
        data=shown.rename_axis("month").reset_index().astype({"month": str}),
        draw=draw,
        made_by="korus_research.chapters.flows.figures.flow_levels",
        last_period=flows.last_month,
    )


def summary_figure(study: Study) -> Figure:
    """Return the key figure of the front page: exports and imports with the balance as the area between them."""
    flows = flows_of(study)
    scale = flows.scale
    shown = flows.trailing.loc[f"{study.agreement.baseline_years[0] - 2}-01" :].dropna() / MN_PER_BN * scale.factor

    def draw() -> matplotlib.figure.Figure:
        import matplotlib.pyplot as plt

        figure, ax = plt.subplots(figsize=(8.6, 2.5), layout="constrained")
        days = month_ends(shown.index)
        ax.fill_between(days, shown["exports"], shown["imports"], color=BALANCE, alpha=0.1, linewidth=0)
        ends = []
        for flow, colour in (("exports", EXPORTS), ("imports", IMPORTS)):
            ax.plot(days, shown[flow], color=colour, linewidth=2.1)
            end = float(shown[flow].iloc[-1])
            ends.append((end, f"{flow.capitalize()} {number(end, max(scale.shown - 1, 0))}", colour))
        ax.set_ylim(0, float(shown[["exports", "imports"]].max().max()) * 1.14)
        bare(ax)
        ax.set_xlim(days[0], days[-1] + (days[-1] - days[0]) * 0.12)  # type: ignore[arg-type]
        year_ticks(ax, days[0].year, days[-1].year, 4)
        mark_dates(ax, shown_milestones(study))
        ax.set_ylabel(scale.unit)
        right = on_axis(days[-1])
        label_ends(ax, [(right, *each) for each in ends], x=right)
        return figure

    return Figure(
        id="summary-trade",
        title=say(
            flows,
            "The goods balance with {partner} was {flows.balance.baseline} in {baseline} and {flows.balance.evaluation.end} in {evaluation}.",
            "In {latest} it was {flows.balance.latest.end}.",
        ),
        subtitle=f"US goods trade with {study.names['partner']}, sums of 12 months, {scale.unit}; grey band: the gap",
        alt=say(
            flows,
            "Two lines with the area between them shaded.",
            "Exports end at {flows.exports.latest.end}, imports at {flows.imports.latest.end}.",
            keep=True,
        ),
        caption="",
        source=source_line(study, TRADE, flows.last_month),
        datasets=TRADE,
        data=shown.rename_axis("month").reset_index().astype({"month": str}),
        draw=draw,
        made_by="korus_research.chapters.flows.figures.summary_figure",
        last_period=flows.last_month,
    )


def baseline_grid(study: Study) -> Figure:
    """Return the change in exports and in imports for every baseline and every end, as two heat tables."""
    flows = flows_of(study)
    scale, whole = flows.scale, {flow: flows.grid(flow) for flow in ("exports", "imports")}
    ends = shown_ends(list(whole["exports"].columns), flows.evaluation_year)
    grids = {flow: grid[ends] * scale.factor for flow, grid in whole.items()}
    rows = {"prior12": f"12 months to {flows.span('prior12').removeprefix('the 12 months to ')}"}

    def draw() -> matplotlib.figure.Figure:
        import matplotlib.pyplot as plt
        import seaborn as sns
        from matplotlib.colors import LinearSegmentedColormap

        columns = len(grids["exports"].columns)
        figure, axes = plt.subplots(2, 1, figsize=(8.6, 4.6), sharex=True, layout="constrained")
        for ax, (flow, grid) in zip(axes, grids.items(), strict=True):
            colour = EXPORTS if flow == "exports" else IMPORTS
            # Two halves with a step between them: any fall is visibly grey, however small beside the largest rise.
            stops = [
                (0.0, "#8F8C85"),
                (0.4999, "#CFCCC5"),
                (0.5, "#FFFFFF"),
                (0.75, colour + "66"),
                (1.0, colour + "CC"),
            ]
            shades = LinearSegmentedColormap.from_list(flow, stops, N=1024)
            bound = float(grid.abs().max().max())
            sns.heatmap(
                grid.rename(index=rows, columns={"latest12": "latest\n12 mths"}),
                ax=ax,
                cmap=shades,
                vmin=-bound,
                vmax=bound,
                annot=grid.map(lambda value: number(value, max(scale.shown - (columns > 8), 0), signed=True)),
                fmt="",
                annot_kws={"fontsize": 8, "color": "#1C1C1C"},
                cbar=False,
                linewidths=1,
                linecolor="#FFFFFF",
            )
            ax.set_title(f"{flow.capitalize()}: change in {scale.unit}", color=colour, fontsize=9.5)
            ax.set_ylabel("counted from", color=QUIET)
            ax.set_xlabel("to" if flow == "imports" else "", color=QUIET)
            ax.tick_params(axis="y", rotation=0, length=0)
            ax.tick_params(axis="x", rotation=0, length=0)
        return figure

    data = [
        {"flow": flow, "baseline": baseline, "end": end, "change_usd_bn": grid.at[baseline, end]}
        for flow, grid in whole.items()
        for end in grid.columns
        for baseline in grid.index
    ]
    import pandas as pd

    return Figure(
        id="flows-grid",
        title=say(
            flows,
            "Counted to {evaluation} from before the agreement, imports changed by {flows.grid.imports.evaluation.low:signed} to {flows.grid.imports.evaluation.high:signed} and exports by "
            "{flows.grid.exports.evaluation.low:signed} to {flows.grid.exports.evaluation.high:signed}, by starting point",
        ),
        subtitle=f"Change in US goods trade with {study.names['partner']} by baseline (rows) and end (columns), {scale.unit}",
        alt=say(
            flows,
            "Two heat tables, exports above and imports below; rows are baselines, columns end years.",
            "To {evaluation}, the change in exports runs from {flows.grid.exports.evaluation.low:signed} to {flows.grid.exports.evaluation.high:signed} over the baselines.",
            "The change in imports runs from {flows.grid.imports.evaluation.low:signed} to {flows.grid.imports.evaluation.high:signed}.",
        ),
        caption=grid_caption(study, every=len(ends) == len(whole["exports"].columns)),
        source=source_line(study, TRADE, flows.last_month),
        datasets=TRADE,
        data=pd.DataFrame(data),
        draw=draw,
        made_by="korus_research.chapters.flows.figures.baseline_grid",
        last_period=flows.last_month,
    )


def services_balance(study: Study) -> Figure | None:
    """Return the balances of goods, services and both, BOP basis, by year; None where the data hold none."""
    flows = flows_of(study)
    if flows.level("balance", LATEST, "bop_goods_services") is None:
        return None
    scale = flows.scale
    table = _bop_balances(flows.levels) * scale.factor

    def draw() -> matplotlib.figure.Figure:
        import matplotlib.pyplot as plt

        figure, ax = plt.subplots(figsize=(8.6, 2.9), layout="constrained")
        styles = {
            "goods": (QUIET, "Goods"),
            "services": (SERVICES, "Services"),
            "goods_and_services": (BALANCE, "Goods and services"),
        }
        ends = []
        for column, (colour, name) in styles.items():
            ax.plot(table.index, table[column], color=colour, linewidth=1.8)
            ends.append((float(table[column].iloc[-1]), name, colour))
        ax.axhline(0, color="#8A8A8A", linewidth=0.8)
        mark_in_force(ax, study.agreement.dates.in_force)
        bare(ax)
        ax.set_xlim(table.index[0], table.index[-1] + (table.index[-1] - table.index[0]) * 0.2)
        ax.set_xticks([y for y in table.index if y % 5 == 0 or y == table.index[-1]])
        ax.set_ylabel(scale.unit)
        ax.grid(visible=True, axis="y", color=GRID)
        end = float(table.index[-1])
        label_ends(ax, [(end, *each) for each in ends], x=end)
        return figure

    last = str(table.index[-1])
    return Figure(
        id="flows-services",
        title=say(
            flows,
            "With services, the balance went from {flows.bop_goods_services.balance.baseline} in {baseline} to {flows.bop_goods_services.balance.evaluation.end} in {evaluation}; goods alone from {flows.bop_goods.balance.baseline} to {flows.bop_goods.balance.evaluation.end}",
        ),
        subtitle=f"US balances with {study.names['partner']} by year, {scale.unit}, balance-of-payments basis",
        alt=say(
            flows,
            "Three lines by year.",
            "From {baseline} to {evaluation} the goods balance went from {flows.bop_goods.balance.baseline} to {flows.bop_goods.balance.evaluation.end}, "
            "the services balance from {flows.bop_services.balance.baseline} to {flows.bop_services.balance.evaluation.end}.",
        ),
        caption="Annual figures, each drawn at the middle of its year. This basis differs from the Census one of the other figures and is never mixed with it.",
        source=source_line(study, BOP_DATA, last),
        datasets=BOP_DATA,
        data=table.rename_axis("year").reset_index(),
        draw=draw,
        made_by="korus_research.chapters.flows.figures.services_balance",
        last_period=last,
    )


def _bop_balances(levels: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    columns = {"bop_goods": "goods", "bop_services": "services", "bop_goods_services": "goods_and_services"}
    table = pd.DataFrame({name: levels["balance"].xs(series, level="series") for series, name in columns.items()})
    table = table.loc[[p.isdigit() for p in table.index]]
    table.index = table.index.astype(int)
    return table.sort_index()


def energy_split(study: Study) -> Figure | None:
    """Return exports split into energy (HS 27) and the rest by year and for the latest 12 months; None without data."""
    flows = flows_of(study)
    table = flows.energy
    if table is None or len(table) < 2:
        return None
    scale = flows.scale
    table = table * scale.factor
    datasets = ("exports_energy_monthly", *TRADE)
    labels = ["latest\n12 months" if key == ENERGY_LATEST else key for key in table.index]

    def draw() -> matplotlib.figure.Figure:
        import matplotlib.pyplot as plt

        figure, ax = plt.subplots(figsize=(8.6, 2.7), layout="constrained")
        places = list(range(len(table)))
        ax.bar(places, table["other"], color=EXPORTS, width=0.66)
        ax.bar(places, table["energy"], bottom=table["other"], color=ENERGY_TINT, width=0.66)
        for place, other, energy in zip(places, table["other"], table["energy"], strict=True):
            style: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 8.5}
            ax.text(place, other / 2, number(other, max(scale.shown - 1, 0)), color=PAPER, **style)
            if energy > 0.04 * table["exports"].max():
                ax.text(place, other + energy / 2, number(energy, max(scale.shown - 1, 0)), color=INK, **style)
        bare(ax)
        ax.set_xticks(places, labels)
        ax.set_xlim(-0.6, len(table) - 0.4 + 0.19 * len(table))
        ax.set_ylabel(scale.unit)
        edge = places[-1] + 0.36
        last = table.iloc[-1]
        middle = float(last["other"] + last["energy"] / 2)
        ends = [
            (edge, float(last["other"]) / 2, "Everything else", EXPORTS),
            (edge, middle, "Energy (HS 27)", ENERGY_INK),
        ]
        label_ends(ax, ends, x=edge)
        return figure

    period = flows.findings()["flows.energy.total"].period
    partner = flows.spec.partner
    last = study.catalog.last_period("exports_energy_monthly", as_of=study.parameters.as_of, partner=partner)
    return Figure(
        id="flows-energy",
        title=say(
            flows,
            "Exports {flows.energy.total:rose|fell|changed} by {flows.energy.total:abs} from {flows.energy.total@period}: energy {flows.energy.energy:signed}, everything else {flows.energy.other:signed}",
        ),
        subtitle=f"US goods exports to {study.names['partner']}, {scale.unit}; change counted from {period}",
        alt=say(
            flows,
            "Stacked bars by year, energy on top of everything else.",
            "Energy changed by {flows.energy.energy:signed}, everything else by {flows.energy.other:signed}.",
        ),
        caption="Energy is HS chapter 27 (mineral fuels). Exports by chapter are held from 2013 on. Parts may differ from the total by rounding.",
        source=source_line(study, datasets, last),
        datasets=datasets,
        data=table.rename_axis("period").reset_index(),
        draw=draw,
        made_by="korus_research.chapters.flows.figures.energy_split",
        last_period=last,
    )
