"""Tables of trade by sector: groups, bases, shift-share, concentration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.chapters.sectors.figures import TABLES
from korus_research.chapters.sectors.measures import of as sectors_of
from korus_research.chapters.sectors.trade import ENERGY, MACHINERY, TRANSPORT
from korus_research.methods.series import FLOWS, Flow
from korus_research.show.finding import MINUS
from korus_research.show.sourcing import source_line
from korus_research.show.table import Column, Table, number
from korus_research.show.words.prose import say

if TYPE_CHECKING:
    from korus_research.chapters.sectors.result import Sectors
    from korus_research.data.study import Study

USED: dict[Flow, tuple[str, ...]] = {"exports": (TABLES[0], TABLES[2]), "imports": (TABLES[1], TABLES[2])}
ADDS_UP = f"{MINUS} marks a fall. Parts may differ from totals by rounding."


def sector_exports_table(study: Study) -> Table:
    """Return exports by group of HS chapters: start, change and contribution, to the evaluation and to the last year."""
    return _groups_table(study, "exports")


def sector_imports_table(study: Study) -> Table:
    """Return imports for consumption by group of NAICS industries, as `sector_exports_table`."""
    return _groups_table(study, "imports")


def _groups_table(study: Study, flow: Flow) -> Table:
    import pandas as pd

    sectors = sectors_of(study)
    trade, scale, first = sectors.trade[flow], sectors.scale, sectors.first
    ends = list(dict.fromkeys((sectors.end, sectors.last)))
    columns = [Column("group", "Sectors", align="left", width=2.4), Column("start", str(first), scale.short)]
    for end in ends:
        columns += [
            Column(f"change_{end}", f"Change to {end}", scale.short),
            Column(f"points_{end}", f"Of growth to {end}", "points"),
        ]
    order = [str(g) for block in (MACHINERY, TRANSPORT, ENERGY, "other") for g in _of_block(sectors, flow, block)]
    rows, data = [], []
    whole = float(trade.total().loc[first])
    lines: list[tuple[str, str, list[str]]] = [
        (g, sectors.name(flow, g), [str(c) for c in trade.groups.index[trade.groups["group"] == g]]) for g in order
    ]
    every = [str(c) for c in trade.own.columns]
    lines.append(("all", "All", every))
    lines.append(("all_without_energy", "All without energy", [c for c in every if c not in trade.energy]))
    for key, name, codes in lines:
        series = trade.own[[c for c in codes if c in trade.own]].sum(axis=1) * scale.factor
        start = float(series.loc[first])
        label = name if key.startswith("all") else f"{name} ({_codes(codes)})"
        row = {"group": label, "start": number(start, scale.shown)}
        for end in ends:
            value = float(series.loc[end])
            points = 100 * (value - start) / (whole * scale.factor)
            row[f"change_{end}"] = number(value - start, scale.shown, signed=True)
            row[f"points_{end}"] = number(points, 1, signed=True)
            data.append({"group": key, "name": name, "codes": " ".join(codes), "first": first, "start": start})
            data[-1] |= {"last": end, "end": value, "change": value - start, "points": points}
        rows.append(row)
    where = f"sectors.{flow}.evaluation"
    return Table(
        id=f"sectors-{flow}",
        title=say(
            sectors,
            f"From {{sectors.first}} to {{sectors.end}}, {{{where}.rising:count}} of {{{where}.groups:count}} groups of {flow} gained; in all they changed by {{{where}.change:signed}}, without energy {{{where}.without_energy.change:signed}}",
        ),
        caption=(
            f"US exports to {study.names['partner']} by HS chapter, total exports f.a.s. (free alongside ship), nominal."
            if flow == "exports"
            else f"US imports for consumption from {study.names['partner']} by NAICS industry, customs value, nominal."
        ),
        source=source_line(study, USED[flow], str(ends[-1])),
        datasets=USED[flow],
        columns=columns,
        rows=rows,
        row_header="group",
        data=pd.DataFrame(data),
        made_by=f"korus_research.chapters.sectors.tables.sector_{flow}_table",
        last_period=str(ends[-1]),
        notes=(
            f"Points of growth are changes in percent of all trade in {first}. The CSV holds the last years too. {ADDS_UP}",
        ),
    )


def _of_block(sectors: Sectors, flow: Flow, block: str) -> list[str]:
    groups = sectors.trade[flow].groups
    return [str(g) for g in dict.fromkeys(groups.loc[groups["block"] == block, "group"])]


def _codes(codes: list[str]) -> str:
    """Return codes as ranges where they follow each other: 01-24, 84, 50-67."""
    spans: list[list[str]] = []
    for code in sorted(codes):
        if spans and int(code) == int(spans[-1][-1]) + 1:
            spans[-1] = [spans[-1][0], code]
        else:
            spans.append([code])
    return ", ".join("-".join(dict.fromkeys(span)) for span in spans)


def amount(value: float | None, factor: float, decimals: int, *, signed: bool = False) -> str:
    """Return a value in the unit of its scale, or a dash."""
    return number(None if value is None else value * factor, decimals, signed=signed)


def sector_bases(study: Study) -> Table:
    """Return the sums of sectors beside the totals of the flows chapter, by year, with their difference."""
    import pandas as pd

    sectors = sectors_of(study)
    scale = sectors.scale
    years = sorted({y for flow in FLOWS for y in (*sectors.trade[flow].years, *sectors.trade[flow].gaps)})
    years = [y for y in years if y in sectors.totals.index]
    columns = [Column("year", "Year", align="left")]
    names = {"exports": "Exports", "imports": "Imports"}
    for flow in FLOWS:
        columns += [
            Column(f"{flow}_sectors", f"{names[flow]}, sum of sectors", scale.short),
            Column(f"{flow}_flows", f"{names[flow]}, flows chapter", scale.short),
            Column(f"{flow}_gap", "Difference", scale.short),
        ]
    rows: list[dict[str, str]] = []
    data: list[dict[str, float | None]] = []
    for year in years:
        row = {"year": str(year)}
        values: dict[str, float | None] = {"year": year}
        for flow in FLOWS:
            sums = sectors.trade[flow].total()
            own = float(sums.loc[year]) if year in sums.index else None
            total, gap = float(sectors.totals[flow].loc[year]), sectors.basis_gap(flow, year)
            row[f"{flow}_sectors"] = amount(own, scale.factor, scale.shown)
            row[f"{flow}_flows"] = amount(total, scale.factor, scale.shown)
            row[f"{flow}_gap"] = amount(gap, scale.factor, scale.shown, signed=True)
            values |= {f"{flow}_sectors": own, f"{flow}_flows": total, f"{flow}_gap": gap}
        rows.append(row)
        data.append(values)
    gaps = [
        f"{names[flow]} by sector of {year} hold {held} months: no sum is shown."
        for flow in FLOWS
        for year, held in sectors.trade[flow].gaps.items()
        if year in years
    ]
    datasets = (*TABLES[:2], "goods_trade_monthly")
    return Table(
        id="sectors-bases",
        title=say(
            sectors,
            "The change in imports from {sectors.first} to {sectors.end} is {sectors.imports.evaluation.change:signed} by sector and {sectors.imports.evaluation.flows_change:signed} in the flows chapter; that in exports {sectors.exports.evaluation.change:signed} and {sectors.exports.evaluation.flows_change:signed}",
        ),
        caption=f"US goods trade with {study.names['partner']}: sums of sectors and the totals of the flows chapter.",
        source=source_line(study, datasets, str(years[-1])),
        datasets=datasets,
        columns=columns,
        rows=rows,
        row_header="year",
        data=pd.DataFrame(data),
        made_by="korus_research.chapters.sectors.tables.sector_bases",
        last_period=str(years[-1]),
        notes=(
            "Exports are on one basis, total exports f.a.s.: what differs is revision between the vintages. Imports by sector are imports for consumption, counted when goods clear customs or leave a bonded warehouse or a foreign trade zone; the flows chapter has general imports, counted when goods arrive. So the difference is, net, what left such stores less what entered them, and revision; goods that are sent abroad again from there never count as imports for consumption.",
            *gaps,
        ),
    )


def sector_shift_table(study: Study) -> Table:
    """Return the parts of the shift-share for both flows and spans, with and without energy."""
    import pandas as pd

    sectors = sectors_of(study)
    scale = sectors.scale
    ends = list(dict.fromkeys((sectors.end, sectors.last)))
    names = {
        "common": "growth of all sectors elsewhere",
        "mix": "mix of sectors",
        "local": "beyond the same sectors elsewhere",
        "change": "change",
    }
    columns = [Column("part", "Part", align="left", width=2.2)]
    cells: dict[tuple[Flow, str], dict[str, float]] = {(flow, part): {} for flow in FLOWS for part in names}
    for end in ends:
        for energy, what in ((True, ""), (False, ", without energy")):
            key = f"{'all' if energy else 'without_energy'}_{end}"
            columns.append(Column(key, f"To {end}{what}", scale.short))
            for flow in FLOWS:
                sums = sectors.shift(flow, end, energy=energy).sum()
                for part in names:
                    cells[flow, part][key] = float(sums[part])
    rows = [
        {
            "part": f"{flow.capitalize()}: {names[part]}",
            **{key: amount(value, scale.factor, scale.shown, signed=True) for key, value in values.items()},
        }
        for (flow, part), values in cells.items()
    ]
    return Table(
        id="sectors-shift-table",
        title=say(
            sectors,
            "From {sectors.first} to {sectors.end} imports are {sectors.imports.evaluation.shift.local:abs} {sectors.imports.evaluation.shift.local:above|below|level with} what US imports of the same industries did elsewhere, without energy {sectors.imports.evaluation.shift_without_energy.local:abs} {sectors.imports.evaluation.shift_without_energy.local:above|below|level with} it",
        ),
        caption=f"Shift-share of US trade with {study.names['partner']} from {sectors.first}; elsewhere is US trade with the world less {study.names['partner']}.",
        source=source_line(study, TABLES, str(ends[-1])),
        datasets=TABLES,
        columns=columns,
        rows=rows,
        row_header="part",
        data=pd.DataFrame(cells).T.rename_axis(["flow", "part"]).reset_index(),
        made_by="korus_research.chapters.sectors.tables.sector_shift_table",
        last_period=str(ends[-1]),
        notes=(
            f"By HS chapter and by NAICS industry. Without energy, growth elsewhere is that of all other sectors. {ADDS_UP}",
        ),
    )


def sector_concentration(study: Study) -> Table:
    """Return how far each flow rests on few sectors: share of the five largest, and the Herfindahl index."""
    sectors = sectors_of(study)
    years = list(dict.fromkeys((sectors.first, sectors.end, sectors.last)))
    names = {
        "exports": f"Exports to {study.names['partner']} (HS chapters)",
        "exports_without_energy": "the same without energy",
        "exports_elsewhere": "Exports to all others (HS chapters)",
        "exports_elsewhere_without_energy": "the same without energy",
        "imports": f"Imports from {study.names['partner']} (NAICS industries)",
    }
    columns = [Column("of", "US goods trade", align="left", width=2.2)]
    columns += [Column(f"top_{y}", f"Five largest {y}", "percent") for y in years]
    columns += [Column(f"herfindahl_{y}", f"Herfindahl {y}", align="right") for y in years]
    rows = []
    for of, name in names.items():
        table = sectors.concentration.loc[of]
        row = {"of": name}
        for year in years:
            row[f"top_{year}"] = number(float(table["top"].loc[year]), 1)
            row[f"herfindahl_{year}"] = number(float(table["herfindahl"].loc[year]), 0)
        rows.append(row)
    return Table(
        id="sectors-concentration",
        title=say(
            sectors,
            "The first five chapters are {sectors.concentration.exports.first.top} of exports to {partner} in {sectors.first} and {sectors.concentration.exports.evaluation.top} in {sectors.end}",
        ),
        caption="Share of the five sectors that come first in each year, and the Herfindahl index.",
        source=source_line(study, TABLES[:2], str(years[-1])),
        datasets=TABLES[:2],
        columns=columns,
        rows=rows,
        row_header="of",
        data=sectors.concentration.loc[(slice(None), years), :].reset_index(),
        made_by="korus_research.chapters.sectors.tables.sector_concentration",
        last_period=str(years[-1]),
        notes=(
            "The Herfindahl index is the sum of squared shares in percent, 10,000 where one sector is all.",
            "Chapters and industries are different sets of sectors: exports and imports can't be compared here.",
        ),
    )
