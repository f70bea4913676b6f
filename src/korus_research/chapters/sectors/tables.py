"""Tables of trade by sector: groups, bases, shift-share, concentration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from korus_research.chapters.sectors.measures import of as sectors_of
from korus_research.chapters.sectors.trade import BLOCKS
from korus_research.methods.series import FLOWS, Flow
from korus_research.show.shown import Rows, table
from korus_research.show.table import amount, number
from korus_research.show.words.text import Words

if TYPE_CHECKING:
    from korus_research.chapters.sectors.measures import Sectors
    from korus_research.data.study import Study

WORDS = Words("sectors")
EXPORTS, IMPORTS, GROUPS = "sector_exports_annual", "sector_imports_annual", "sector_groups"


@table("groups", tables=(EXPORTS, GROUPS), id="sectors")
def sector_exports_table(study: Study) -> Rows:
    """Return exports by group of HS chapters: start, change and contribution, to the evaluation and to the last year."""
    return _groups(sectors_of(study), "exports")


@table("groups", tables=(IMPORTS, GROUPS), id="sectors")
def sector_imports_table(study: Study) -> Rows:
    """Return imports for consumption by group of NAICS industries, as `sector_exports_table`."""
    return _groups(sectors_of(study), "imports")


def _groups(sectors: Sectors, flow: Flow) -> Rows:
    trade, scale, first = sectors.trade[flow], sectors.scale, sectors.first
    ends = list(dict.fromkeys((sectors.end, sectors.last)))
    rows, data = [], []
    whole = float(trade.total().loc[first])
    for key, name, codes in _lines(sectors, flow):
        series = trade.own[[c for c in codes if c in trade.own]].sum(axis=1)
        start = float(series.loc[first])
        label = name if key.startswith("all") else f"{name} ({_codes(codes)})"
        row = {"group": label, "start": amount(start, scale)}
        about = {"group": key, "name": name, "codes": " ".join(codes), "first": first, "start": start * scale.factor}
        for end in ends:
            value = float(series.loc[end])
            points = 100 * (value - start) / whole
            row[f"change_{end}"] = amount(value - start, scale, signed=True)
            row[f"points_{end}"] = number(points, 1, signed=True)
            last, change = value * scale.factor, (value - start) * scale.factor
            data.append({**about, "last": end, "end": last, "change": change, "points": points})
        rows.append(row)
    return Rows(
        of=sectors,
        rows=rows,
        data=pd.DataFrame(data),
        last=str(ends[-1]),
        given={"flow": flow, "exports": "exports" if flow == "exports" else ""},
        suffix=f"-{flow}",
    )


def _lines(sectors: Sectors, flow: Flow) -> list[tuple[str, str, list[str]]]:
    """Return the rows of groups: key, name and codes; machinery and transport equipment first, sums last."""
    trade = sectors.trade[flow]
    groups = trade.groups["group"]
    order = [str(g) for block in BLOCKS for g in dict.fromkeys(groups[trade.groups["block"] == block])]
    lines = [(g, sectors.name(flow, g), [str(c) for c in groups.index[groups == g]]) for g in order]
    every, names = [str(c) for c in trade.own.columns], WORDS.labels("sums")
    without = [code for code in every if code not in trade.energy]
    return [*lines, ("all", names["all"], every), ("all_without_energy", names["all_without_energy"], without)]


def _codes(codes: list[str]) -> str:
    """Return codes as ranges where they follow each other: 01-24, 84, 50-67."""
    spans: list[list[str]] = []
    for code in sorted(codes):
        if spans and int(code) == int(spans[-1][-1]) + 1:
            spans[-1] = [spans[-1][0], code]
        else:
            spans.append([code])
    return ", ".join("-".join(dict.fromkeys(span)) for span in spans)


@table("bases", tables=(EXPORTS, IMPORTS, "goods_trade_monthly"))
def sector_bases(study: Study) -> Rows:
    """Return the sums of sectors beside the totals of the flows chapter, by year, with their difference."""
    sectors = sectors_of(study)
    every = {year for flow in FLOWS for year in (*sectors.trade[flow].years, *sectors.trade[flow].gaps)}
    years = [year for year in sorted(every) if year in sectors.totals.index]
    rows: list[dict[str, str]] = []
    data: list[dict[str, float | None]] = []
    for year in years:
        row: dict[str, str] = {"year": str(year)}
        values: dict[str, float | None] = {"year": year}
        for flow in FLOWS:
            sums = sectors.trade[flow].total()
            own = float(sums.loc[year]) if year in sums.index else None
            total, gap = float(sectors.totals[flow].loc[year]), sectors.basis_gap(flow, year)
            values |= {f"{flow}_sectors": own, f"{flow}_flows": total, f"{flow}_gap": gap}
            row |= {f"{flow}_sectors": amount(own, sectors.scale), f"{flow}_flows": amount(total, sectors.scale)}
            row[f"{flow}_gap"] = amount(gap, sectors.scale, signed=True)
        rows.append(row)
        data.append(values)
    gaps = [
        WORDS.label("no_sum", flow=WORDS.labels("flows")[flow], year=str(year), months=str(held))
        for flow in FLOWS
        for year, held in sectors.trade[flow].gaps.items()
        if year in years
    ]
    return Rows(of=sectors, rows=rows, data=pd.DataFrame(data), last=str(years[-1]), given={"gaps": gaps})


@table("shift", tables=(EXPORTS, IMPORTS, GROUPS), id="sectors-shift-table")
def sector_shift_table(study: Study) -> Rows:
    """Return the parts of the shift-share for both flows and spans, with and without energy."""
    sectors = sectors_of(study)
    ends = list(dict.fromkeys((sectors.end, sectors.last)))
    names = WORDS.labels("shift_rows")
    cells: dict[tuple[Flow, str], dict[str, float]] = {(flow, part): {} for flow in FLOWS for part in names}
    for end in ends:
        for energy, key in ((True, f"all_{end}"), (False, f"without_energy_{end}")):
            for flow in FLOWS:
                sums = sectors.shift(flow, end, energy=energy).sum()
                for part in names:
                    cells[flow, part][key] = float(sums[part])
    rows = [
        {
            "part": WORDS.label("shift_row", flow=WORDS.labels("flows")[flow], part=names[part]),
            **{key: amount(value, sectors.scale, signed=True) for key, value in values.items()},
        }
        for (flow, part), values in cells.items()
    ]
    data = pd.DataFrame(cells).T.rename_axis(["flow", "part"]).reset_index()
    return Rows(of=sectors, rows=rows, data=data, last=str(ends[-1]))


@table("concentration", tables=(EXPORTS, IMPORTS))
def sector_concentration(study: Study) -> Rows:
    """Return how far each flow rests on few sectors: share of the five largest, and the Herfindahl index."""
    sectors = sectors_of(study)
    years = list(dict.fromkeys((sectors.first, sectors.end, sectors.last)))
    rows = []
    for of in WORDS.labels("concentrated"):
        found = sectors.concentration.loc[of]
        row = {"of": WORDS.label(f"concentrated.{of}", **study.names)}
        row |= {f"top_{year}": number(float(found["top"].loc[year]), 1) for year in years}
        row |= {f"herfindahl_{year}": number(float(found["herfindahl"].loc[year]), 0) for year in years}
        rows.append(row)
    return Rows(
        of=sectors,
        rows=rows,
        data=sectors.concentration.loc[(slice(None), years), :].reset_index(),
        last=str(years[-1]),
        given={"years": [str(year) for year in years]},
    )
