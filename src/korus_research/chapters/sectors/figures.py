"""Figures of trade by sector: contributions, paths, shares before the tables begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from korus_research.chapters.sectors.bars import COLOURS, ROW, ranked
from korus_research.chapters.sectors.findings import SHARED
from korus_research.chapters.sectors.measures import Span
from korus_research.chapters.sectors.measures import of as sectors_of
from korus_research.chapters.sectors.trade import BLOCKS
from korus_research.methods.series import FLOWS
from korus_research.show.shown import Picture, figure
from korus_research.show.table import number
from korus_research.show.theme import INK, bare, label_ends, note, panels
from korus_research.show.words.text import Words

if TYPE_CHECKING:
    import matplotlib.figure
    from matplotlib.axes import Axes

    from korus_research.chapters.sectors.measures import Sectors
    from korus_research.data.study import Study

WORDS = Words("sectors")
TABLES = ("sector_exports_annual", "sector_imports_annual", "sector_groups")


@figure("contributions", tables=TABLES)
def sector_contributions(study: Study) -> Picture:
    """Return contributions of groups of sectors to the change of both flows, to the evaluation year, sorted."""
    return _contributions(sectors_of(study), "evaluation")


@figure("contributions", tables=TABLES)
def sector_contributions_latest(study: Study) -> Picture | None:
    """Return the same to the last year complete in both flows; None where that is the evaluation year."""
    sectors = sectors_of(study)
    return None if sectors.last == sectors.end else _contributions(sectors, "latest")


def _contributions(sectors: Sectors, span: Span) -> Picture:
    end, scale = sectors.year(span), sectors.scale
    tables = {flow: sectors.contributions(flow, end) for flow in FLOWS}

    def draw() -> matplotlib.figure.Figure:
        rows = max(len(table) for table in tables.values())
        drawn, axes = panels(ROW * rows + 0.75, columns=2)
        for ax, (flow, table) in zip(axes, tables.items(), strict=True):
            ranked(ax, sectors, flow, table["change"])
            total = number(float(table["change"].sum()) * scale.factor, scale.shown, signed=True)
            title = WORDS.label("in_all", flow=WORDS.labels("flows")[flow], total=total)
            ax.set_title(title, color=COLOURS[flow], fontsize=9.5)
            ax.set_xlabel(scale.unit, loc="left")
            ax.set_ylim(rows - 0.4, -0.6)
        return drawn

    data = pd.concat(
        table.assign(flow=flow, group_name=[sectors.name(flow, str(g)) for g in table.index])
        for flow, table in tables.items()
    )
    return Picture(
        of=sectors,
        data=data.reset_index()[["flow", "group", "group_name", "start", "end", "change", "growth", "points"]],
        draw=draw,
        last=str(end),
        given={"span": span, "year": str(end)},
        suffix="" if span == "evaluation" else "-latest",
    )


@figure("paths", tables=TABLES)
def sector_paths(study: Study) -> Picture:
    """Return trade in machinery, transport equipment, energy and all else by year, as small multiples."""
    sectors = sectors_of(study)
    last = max(sectors.trade[flow].years[-1] for flow in FLOWS)
    span = range(sectors.first, last + 1)
    # A year that is not complete is a gap in the line.
    paths = {
        flow: pd.DataFrame({b: sectors.trade[flow].block(b) for b in BLOCKS}).reindex(span) * sectors.scale.factor
        for flow in FLOWS
    }

    def draw() -> matplotlib.figure.Figure:
        drawn, axes = panels(3.7, rows=2, columns=4, sharex=True, sharey="row")
        for row, (flow, table) in zip(axes, paths.items(), strict=True):
            titles, top = WORDS.labels(f"panels.{flow}"), float(table.max().max())
            for ax, block in zip(row, BLOCKS, strict=True):
                line = table[block]
                ax.plot(line.index, line, color=COLOURS[flow], marker="o", markersize=2.6, linewidth=1.6)
                for year in dict.fromkeys((sectors.first, sectors.end, int(line.dropna().index[-1]))):
                    _year_value(ax, line, year, floor=0.15 * top)
                ax.set_title(titles[block], fontsize=8.6, color=COLOURS[flow])
                bare(ax)
                ax.set_xlim(sectors.first - 0.9, last + 0.9)
                ax.set_xticks([y for y in span if (y - sectors.first) % 4 == 0 or len(span) <= 4])
            row[0].set_ylim(0, top * 1.16)
            row[0].set_ylabel(WORDS.label("flow_axis", flow=WORDS.labels("flows")[flow], usd=sectors.scale.short))
        return drawn

    data = pd.concat([table.assign(flow=flow) for flow, table in paths.items()]).rename_axis("year").reset_index()
    gaps = [
        WORDS.label("gap", flow=flow, year=str(year), months=str(held))
        for flow in FLOWS
        for year, held in sectors.trade[flow].gaps.items()
    ]
    return Picture(
        of=sectors,
        data=data[["flow", "year", *BLOCKS]],
        draw=draw,
        last=str(last),
        given={"gaps": "; ".join(gaps)},
    )


def _year_value(ax: Axes, line: pd.Series[float], year: int, *, floor: float) -> None:
    """Write a year's value above its point, or below where the line is higher on both sides and above `floor`."""
    value = float(line.loc[year])
    around = [float(line.loc[y]) for y in (year - 1, year + 1) if y in line.index]
    low = value > floor and all(other > value for other in around)
    at, side = (0, -5 if low else 5), "top" if low else "bottom"
    note(ax, number(value, 1), (year, value), at, size=7.8, colour=INK, ha="center", va=side)


@figure("before", tables=("wiod_sector_shares", "sector_groups"))
def sector_shares(study: Study) -> Picture | None:
    """Return shares of machinery and transport equipment in goods before the tables begin; None without such data."""
    sectors = sectors_of(study)
    tables = sectors.shares
    if any(table.empty for table in tables.values()):
        return None
    names = {code: str(sectors.labels.loc[[("wiod", code)]].iloc[0]) for code in SHARED.values()}
    first, last = (int(tables["exports"].index[place]) for place in (0, -1))

    def draw() -> matplotlib.figure.Figure:
        drawn, axes = panels(2.5, columns=3, sharey=True)
        top = max(float(table[list(names)].max().max()) for table in tables.values())
        labels: list[list[tuple[float, float, str, str]]] = []
        for ax, (code, name) in zip(axes, names.items(), strict=True):
            labels.append([])
            for flow in FLOWS:
                line = tables[flow][code]
                ax.plot(line.index, line, color=COLOURS[flow])
                end = float(line.iloc[-1])
                said = WORDS.label(f"share_of.{flow}", partner=study.names["partner"], share=number(end, 0))
                labels[-1].append((float(last), end, said, COLOURS[flow]))
            ax.set_title(name, fontsize=9, color=INK)
            ax.set_ylim(0, top * 1.06)
            bare(ax)
            ax.set_xlim(first, last + 0.48 * (last - first))
            ax.set_xticks([year for year in tables["exports"].index if year % 5 == 0])
        axes[0].set_ylabel(WORDS.label("share_axis"))
        for ax, ends in zip(axes, labels, strict=True):
            label_ends(ax, ends, x=float(last), size=8.3)
        return drawn

    data = pd.concat([table[list(names)].assign(flow=flow) for flow, table in tables.items()])
    named = data.rename(columns=names).rename_axis("year").reset_index()
    return Picture(of=sectors, data=named, draw=draw, last=str(last))
