"""Figures of trade by sector: contributions, paths, the shift-share of exports, shares before the tables begin."""

from __future__ import annotations

import pandas as pd

from korus_research.chapters.sectors.findings import SHARED
from korus_research.chapters.sectors.measures import Sectors, Span
from korus_research.chapters.sectors.measures import of as sectors_of
from korus_research.chapters.sectors.trade import BLOCKS, MAIN
from korus_research.data.study import Study
from korus_research.methods.series import FLOWS, Flow
from korus_research.show import theme
from korus_research.show.scale import Scale
from korus_research.show.shown import Picture, figure
from korus_research.show.table import number
from korus_research.show.words.text import Words

WORDS = Words("sectors")
TABLES = ("sector_exports_annual", "sector_imports_annual", "sector_groups")
PALE = {"exports": "#A9CDE4", "imports": "#EFBE9C"}
ROW = 0.235  # inches a bar


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

    def draw() -> theme.Figure:
        rows = max(len(table) for table in tables.values())
        drawn, axes = theme.panels(ROW * rows + 0.75, columns=2)
        for ax, (flow, table) in zip(axes, tables.items(), strict=True):
            total = number(float(table["change"].sum()) * scale.factor, scale.shown, signed=True)
            title = WORDS.label("in_all", flow=WORDS.labels("flows")[flow], total=total)
            _ranked(ax, sectors, flow, table["change"], title, rows)
        return drawn

    data = pd.concat(_named(sectors, flow, table).assign(flow=flow) for flow, table in tables.items())
    return Picture(
        of=sectors,
        data=data.reset_index()[["flow", "group", "group_name", "start", "end", "change", "growth", "points"]],
        draw=draw,
        last=str(end),
        given={"span": span, "year": str(end)},
        suffix="" if span == "evaluation" else "-latest",
    )


def _named(sectors: Sectors, flow: Flow, table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(group_name=[sectors.name(flow, str(group)) for group in table.index])


def _ranked(ax: theme.Axes, sectors: Sectors, flow: Flow, changes: pd.Series[float], title: str, rows: int) -> None:
    """Draw changes by group, sorted, as bars from the top of `rows`; machinery and transport equipment are dark."""
    values, colour = (changes * sectors.scale.factor).tolist(), theme.COLOURS[flow]
    dark = [sectors.block_of(flow, str(group)) in MAIN for group in changes.index]
    reach = max(*values, 0.0) - min(*values, 0.0)
    for place, (value, own) in enumerate(zip(values, dark, strict=True)):
        ax.barh(place, value, color=colour if own else PALE[flow], height=0.68)
        text, halo = number(value, sectors.scale.shown, signed=True), theme.halo()
        theme.beyond(ax, value, place, text, 0.025 * reach, fontsize=8, color=theme.INK, path_effects=halo)
    theme.value_axis(ax)
    ax.set_yticks(range(len(values)), [sectors.name(flow, str(group)) for group in changes.index], fontsize=8.3)
    for label, own in zip(ax.get_yticklabels(), dark, strict=True):
        label.set_color(theme.INK if own else theme.QUIET)
        label.set_fontweight(theme.STRONG if own else 400)
    # Room for the values, which stand beyond the bars.
    ax.set_xlim(min(*values, 0.0) - (0.3 if min(values) < 0 else 0.02) * reach, max(*values, 0.0) + 0.24 * reach)
    ax.set_ylim(rows - 0.4, -0.6)
    ax.set_title(title, color=colour, fontsize=9.5)
    ax.set_xlabel(sectors.scale.unit, loc="left")


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

    def draw() -> theme.Figure:
        drawn, axes = theme.panels(3.7, rows=2, columns=4, sharex=True, sharey="row")
        for row, (flow, table) in zip(axes, paths.items(), strict=True):
            titles, top = WORDS.labels(f"panels.{flow}"), float(table.max().max())
            for ax, block in zip(row, BLOCKS, strict=True):
                line, colour = table[block], theme.COLOURS[flow]
                ax.plot(line.index, line, color=colour, marker="o", markersize=2.6, linewidth=1.6)
                for year in dict.fromkeys((sectors.first, sectors.end, int(line.dropna().index[-1]))):
                    _year_value(ax, line, year, floor=0.15 * top)
                ax.set_title(titles[block], fontsize=8.6, color=colour)
                theme.bare(ax)
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
    data, given = data[["flow", "year", *BLOCKS]], {"gaps": "; ".join(gaps)}
    return Picture(of=sectors, data=data, draw=draw, last=str(last), given=given)


def _year_value(ax: theme.Axes, line: pd.Series[float], year: int, *, floor: float) -> None:
    """Write a year's value above its point, or below where the line is higher on both sides and above `floor`."""
    value = float(line.loc[year])
    around = [float(line.loc[y]) for y in (year - 1, year + 1) if y in line.index]
    low = value > floor and all(other > value for other in around)
    at, side = (0, -5 if low else 5), "top" if low else "bottom"
    theme.note(ax, number(value, 1), (year, value), at, size=7.8, colour=theme.INK, ha="center", va=side)


@figure("shift", tables=(TABLES[0], TABLES[2]))
def sector_shift(study: Study) -> Picture:
    """Return the shift-share of exports: its parts with and without energy, and the local shift by group."""
    sectors = sectors_of(study)
    end, groups = sectors.end, sectors.shift_by_group("exports", sectors.end)
    kinds = {"all": True, "all_without_energy": False}
    sums = pd.DataFrame({kind: sectors.shift("exports", end, energy=energy).sum() for kind, energy in kinds.items()})

    def draw() -> theme.Figure:
        drawn, (left, right) = theme.panels(ROW * len(groups) + 0.75, columns=2, width_ratios=[1, 1.15])
        _parts(left, sums, sectors.scale)
        _ranked(right, sectors, "exports", groups["local"], WORDS.label("local_title"), len(groups))
        return drawn

    rows = _named(sectors, "exports", groups).rename_axis("group")
    data = pd.concat([rows, sums.T.rename_axis("group").assign(group_name="")]).reset_index()
    return Picture(of=sectors, data=data, draw=draw, last=str(end), given={"year": str(end)})


def _parts(ax: theme.Axes, sums: pd.DataFrame, scale: Scale) -> None:
    """Draw the parts of the change side by side: filled with energy, outlined without."""
    names = WORDS.labels("shift_parts")
    shown = sums.loc[list(names)] * scale.factor
    low, high = min(float(shown.min().min()), 0.0), max(float(shown.max().max()), 0.0)
    reach = high - low
    for place, key in enumerate(names):
        for kind, said in WORDS.labels("shift_sums").items():
            value, y = float(shown[kind].loc[key]), place + (-0.19 if kind == "all" else 0.19)
            # An outline and not the pale colour, which on the right means other sectors.
            face = theme.EXPORTS if kind == "all" else "white"
            ax.barh(y, value, height=0.34, color=face, edgecolor=theme.EXPORTS, linewidth=0.9)
            text = number(value, scale.shown, signed=True) + (f" {said}" if key == "change" else "")
            theme.beyond(ax, value, y, text, 0.035 * reach, fontsize=8, path_effects=theme.halo())
    theme.value_axis(ax)
    ax.set_yticks(range(len(names)), list(names.values()), fontsize=8.3)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_xlim(low - 0.35 * reach, high + 0.55 * reach)
    ax.set_title(WORDS.label("shift_title"), color=theme.EXPORTS, fontsize=9.5)
    ax.set_xlabel(scale.unit, loc="left")


@figure("before", tables=("wiod_sector_shares", "sector_groups"))
def sector_shares(study: Study) -> Picture | None:
    """Return shares of machinery and transport equipment in goods before the tables begin; None without such data."""
    sectors = sectors_of(study)
    names = {code: str(sectors.labels.loc[[("wiod", code)]].iloc[0]) for code in SHARED.values()}
    if any(table.empty for table in sectors.shares.values()):
        return None
    tables = {flow: table[list(names)] for flow, table in sectors.shares.items()}
    years = tables["exports"].index
    first, last = int(years[0]), int(years[-1])

    def draw() -> theme.Figure:
        drawn, axes = theme.panels(2.5, columns=3, sharey=True)
        top = max(float(table.max().max()) for table in tables.values())
        labels: list[list[tuple[float, float, str, str]]] = []
        for ax, (code, name) in zip(axes, names.items(), strict=True):
            labels.append([])
            for flow, table in tables.items():
                colour, end = theme.COLOURS[flow], float(table[code].iloc[-1])
                ax.plot(table.index, table[code], color=colour)
                said = WORDS.label(f"share_of.{flow}", partner=study.names["partner"], share=number(end, 0))
                labels[-1].append((float(last), end, said, colour))
            ax.set_title(name, fontsize=9, color=theme.INK)
            ax.set_ylim(0, top * 1.06)
            theme.bare(ax)
            ax.set_xlim(first, last + 0.48 * (last - first))
            ax.set_xticks([year for year in years if year % 5 == 0])
        axes[0].set_ylabel(WORDS.label("share_axis"))
        for ax, ends in zip(axes, labels, strict=True):
            theme.label_ends(ax, ends, x=float(last), size=8.3)
        return drawn

    data = pd.concat([table.rename(columns=names).assign(flow=flow) for flow, table in tables.items()])
    return Picture(of=sectors, data=data.rename_axis("year").reset_index(), draw=draw, last=str(last))
