"""Tables of trade by sector: groups, definitions, bases, shift-share, concentration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.analysis.finding import MINUS
from korus_research.analysis.sectors.trade import ENERGY, MACHINERY, TRANSPORT
from korus_research.analysis.series import FLOWS, Flow
from korus_research.present.prose import say
from korus_research.present.sectors import TABLES
from korus_research.present.sourcing import source_line
from korus_research.present.table import Column, Table, number

if TYPE_CHECKING:
    from korus_research.analysis.sectors import Sectors
    from korus_research.study import Study

USED: dict[Flow, tuple[str, ...]] = {"exports": (TABLES[0], TABLES[2]), "imports": (TABLES[1], TABLES[2])}
_COMMISSION = (
    "The Commission is the US International Trade Commission. It counts engines, gas turbines and construction machinery "
    "as transport equipment, where the Harmonized System has them in HS 84, and instruments as electronic products. "
    "Domestic exports leave out goods of foreign origin. No row can be put in the place of another."
)
ADDS_UP = f"{MINUS} marks a fall. Parts may differ from totals by rounding."


def sector_exports_table(study: Study) -> Table:
    """Return exports by group of HS chapters: start, end, change, contribution, and the change to the last year."""
    return _groups_table(study, "exports")


def sector_imports_table(study: Study) -> Table:
    """Return imports for consumption by group of NAICS industries, as `sector_exports_table`."""
    return _groups_table(study, "imports")


def _groups_table(study: Study, flow: Flow) -> Table:
    import pandas as pd

    sectors = study.sectors()
    trade, scale, first = sectors.trade[flow], sectors.scale, sectors.first
    ends = list(dict.fromkeys((sectors.end, sectors.last)))
    columns = [Column("group", "Sectors", align="left", width=2.4), Column("start", str(first), scale.short)]
    for end in ends:
        columns += [
            Column(f"end_{end}", str(end), scale.short),
            Column(f"change_{end}", f"Change to {end}", scale.short),
            Column(f"points_{end}", f"Points of growth to {end}"),
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
            row[f"end_{end}"] = number(value, scale.shown)
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
            f"From {{sectors.first}} to {{sectors.end}} {{{where}.rising:count}} of {{{where}.groups:count}} groups of {flow} gained; in all they changed by {{{where}.change:signed}}, without energy {{{where}.without_energy.change:signed}}",
        ),
        caption=(
            f"US exports to {study.names['partner']} by HS chapter, total exports f.a.s., nominal."
            if flow == "exports"
            else f"US imports for consumption from {study.names['partner']} by NAICS industry, customs value, nominal."
        ),
        source=source_line(study, USED[flow], str(ends[-1])),
        datasets=USED[flow],
        columns=columns,
        rows=rows,
        row_header="group",
        data=pd.DataFrame(data),
        made_by=f"korus_research.present.sectors_tables.sector_{flow}_table",
        last_period=str(ends[-1]),
        notes=(f"Points of growth are changes in percent of all trade in {first}. {ADDS_UP}",),
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


def sector_definitions(study: Study) -> Table:
    """Return machinery and transport equipment by every definition held: years, values, change."""
    import pandas as pd

    sectors = study.sectors()
    found, scale = sectors.findings(), sectors.scale
    end = str(sectors.end)
    wanted = [
        ("Machinery", "HS 84-85", "Exports, total", "sectors.machinery.exports.evaluation"),
        ("of it HS 84", "Not electrical", "Exports, total", "sectors.hs84.exports.evaluation"),
        ("of it HS 85", "Electrical, electronic", "Exports, total", "sectors.hs85.exports.evaluation"),
        ("Machinery", "Commission's sector", "Exports, total", "sectors.usitc.machinery.evaluation"),
        ("Machinery", "Commission's sector", "Exports, domestic", "sectors.domestic.machinery"),
        ("Electronic products", "Commission's sector", "Exports, total", "sectors.usitc.electronics.evaluation"),
        ("Electronic products", "Commission's sector", "Exports, domestic", "sectors.domestic.electronics"),
        ("Machinery", "NAICS 333-335", "Imports", "sectors.machinery.imports.evaluation"),
        ("Transport equipment", "HS 86-89", "Exports, total", "sectors.transport.exports.evaluation"),
        ("of it HS 87", "Road vehicles and parts", "Exports, total", "sectors.hs87.exports.evaluation"),
        ("of it HS 88", "Aircraft and parts", "Exports, total", "sectors.hs88.exports.evaluation"),
        ("Transport equipment", "Commission's sector", "Exports, total", "sectors.usitc.transport.evaluation"),
        ("Transport equipment", "Commission's sector", "Exports, domestic", "sectors.domestic.transport"),
        ("Transport equipment", "NAICS 336", "Imports", "sectors.transport.imports.evaluation"),
    ]
    rows: list[dict[str, str]] = []
    data: list[dict[str, object]] = []
    used: list[str] = []
    for what, definition, flow, key in wanted:
        change = found[f"{key}.change"]
        if change.value is None:
            continue
        start, last, percent = (found[f"{key}.{part}"] for part in ("start", "end", "change_pct"))
        rows.append(
            {
                "what": what,
                "definition": definition,
                "flow": flow,
                "period": change.period.replace(" to ", "\N{EN DASH}"),
                "start": _amount(start.value, scale.factor, scale.shown),
                "end": _amount(last.value, scale.factor, scale.shown),
                "change": _amount(change.value, scale.factor, scale.shown, signed=True),
                "percent": number(percent.value, 1, signed=True),
            }
        )
        values = {"start": start.value, "end": last.value, "change": change.value, "percent": percent.value}
        data.append({"what": what, "definition": definition, "flow": flow, "period": change.period, **values})
        used += [name for name in change.datasets if name not in used]
    return Table(
        id="sectors-definitions",
        title=say(
            sectors,
            "From {sectors.first} to {sectors.end} exports of machinery {sectors.machinery.exports.evaluation.change_pct:rose|fell|changed} by {sectors.machinery.exports.evaluation.change_pct:abs} as HS chapters, those of transport equipment {sectors.transport.exports.evaluation.change_pct:rose|fell|changed} by {sectors.transport.exports.evaluation.change_pct:abs}",
        ),
        caption=f"Machinery and transport equipment in US trade with {study.names['partner']} by every definition held, nominal.",
        source=source_line(study, tuple(used), end),
        datasets=tuple(used),
        columns=[
            Column("what", "Sector", align="left", width=1.6),
            Column("definition", "Definition", align="left", width=1.7),
            Column("flow", "Flow", align="left", width=1.4),
            Column("period", "Years", align="left", width=1.1),
            Column("start", "First", scale.short),
            Column("end", "Last", scale.short),
            Column("change", "Change", scale.short),
            Column("percent", "Change", "percent"),
        ],
        rows=rows,
        row_header="what",
        data=pd.DataFrame(data),
        made_by="korus_research.present.sectors_tables.sector_definitions",
        last_period=end,
        notes=(_COMMISSION,) if any("Commission" in row["definition"] for row in rows) else (),
    )


def _amount(value: float | None, factor: float, decimals: int, *, signed: bool = False) -> str:
    return number(None if value is None else value * factor, decimals, signed=signed)


def sector_bases(study: Study) -> Table:
    """Return the sums of sectors beside the totals of the flows chapter, by year, with their difference."""
    import pandas as pd

    sectors = study.sectors()
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
            row[f"{flow}_sectors"] = _amount(own, scale.factor, scale.shown)
            row[f"{flow}_flows"] = _amount(total, scale.factor, scale.shown)
            row[f"{flow}_gap"] = _amount(gap, scale.factor, scale.shown, signed=True)
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
        made_by="korus_research.present.sectors_tables.sector_bases",
        last_period=str(years[-1]),
        notes=(
            "Exports are on one basis, total exports f.a.s.: what differs is revision between the vintages. Imports by sector are imports for consumption, counted when goods clear customs or leave a bonded warehouse or a foreign trade zone; the flows chapter has general imports, counted when goods arrive. So the difference is, net, what left such stores less what entered them, and revision; goods that are sent abroad again from there never count as imports for consumption.",
            *gaps,
        ),
    )


def sector_shift_table(study: Study) -> Table:
    """Return the parts of the shift-share for both flows and spans."""
    import pandas as pd

    sectors = study.sectors()
    scale = sectors.scale
    ends = list(dict.fromkeys((sectors.end, sectors.last)))
    kinds: list[tuple[str, Flow, bool]] = [
        ("Exports", "exports", True),
        ("Exports without energy", "exports", False),
        ("Imports", "imports", True),
    ]
    names = {
        "common": "Growth of all sectors elsewhere",
        "mix": "Mix of sectors",
        "local": "Beyond the same sectors elsewhere",
        "change": "Change",
    }
    columns = [Column("part", "Part", align="left", width=1.7)]
    cells: dict[str, dict[str, float]] = {}
    for end in ends:
        for name, flow, energy in kinds:
            key = f"{flow}_{'all' if energy else 'without_energy'}_{end}"
            columns.append(Column(key, f"{name} to {end}", scale.short))
            sums = sectors.shift(flow, end, energy=energy).sum()
            cells[key] = {part: float(sums[part]) for part in names}
    rows = [
        {
            "part": name,
            **{key: _amount(parts[part], scale.factor, scale.shown, signed=True) for key, parts in cells.items()},
        }
        for part, name in names.items()
    ]
    return Table(
        id="sectors-shift-table",
        title=say(
            sectors,
            "From {sectors.first} to {sectors.end}, {sectors.imports.evaluation.shift.elsewhere:signed} of the change in imports is what US imports of the same industries did elsewhere, {sectors.imports.evaluation.shift.local:signed} is left beyond it",
        ),
        caption=f"Shift-share of US trade with {study.names['partner']} from {sectors.first}; elsewhere is US trade with the world less {study.names['partner']}.",
        source=source_line(study, TABLES, str(ends[-1])),
        datasets=TABLES,
        columns=columns,
        rows=rows,
        row_header="part",
        data=pd.DataFrame(cells).rename_axis("part").reset_index(),
        made_by="korus_research.present.sectors_tables.sector_shift_table",
        last_period=str(ends[-1]),
        notes=(f"By HS chapter and by NAICS industry. {ADDS_UP}",),
    )


def sector_concentration(study: Study) -> Table:
    """Return how far each flow rests on few sectors: share of the five largest, and the Herfindahl index."""
    sectors = study.sectors()
    years = list(dict.fromkeys((sectors.first, sectors.end, sectors.last)))
    names = {
        "exports": f"Exports to {study.names['partner']} (HS chapters)",
        "exports_without_energy": "the same without energy",
        "exports_elsewhere": "Exports to all others (HS chapters)",
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
        made_by="korus_research.present.sectors_tables.sector_concentration",
        last_period=str(years[-1]),
        notes=(
            "The Herfindahl index is the sum of squared shares in percent, 10,000 where one sector is all.",
            "Chapters and industries are different sets of sectors: exports and imports can't be compared here.",
        ),
    )
