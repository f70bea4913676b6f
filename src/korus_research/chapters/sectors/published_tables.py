"""Tables of sectors as others define them: every definition of machinery and transport, the Commission's sectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.chapters.sectors.figures import TABLES
from korus_research.chapters.sectors.measures import of as sectors_of
from korus_research.chapters.sectors.published import ENERGY, PUBLISHED
from korus_research.chapters.sectors.tables import ADDS_UP, amount
from korus_research.show.sourcing import source_line
from korus_research.show.table import Column, Table, number
from korus_research.show.words.prose import say

if TYPE_CHECKING:
    from korus_research.data.study import Study

_COMMISSION = (
    "The Commission is the US International Trade Commission. It counts engines, gas turbines and construction machinery "
    "as transport equipment, where the Harmonized System has them in HS 84, and instruments as electronic products. "
    "Domestic exports leave out goods of foreign origin. No row can be put in the place of another."
)


def sector_definitions(study: Study) -> Table:
    """Return machinery and transport equipment by every definition held: years, values, change."""
    import pandas as pd

    sectors = sectors_of(study)
    found, scale = sectors.findings(), sectors.scale
    end = str(sectors.end)
    wanted = [
        ("Machinery", "HS 84-85", "Exports, total", "sectors.machinery.exports.evaluation"),
        ("Of it HS 84", "not electrical", "Exports, total", "sectors.hs84.exports.evaluation"),
        ("Of it HS 85", "electrical, electronic", "Exports, total", "sectors.hs85.exports.evaluation"),
        ("Machinery", "Commission's sector", "Exports, total", "sectors.usitc.machinery.evaluation"),
        ("Machinery", "Commission's sector", "Exports, domestic", "sectors.domestic.machinery"),
        ("Electronic products", "Commission's sector", "Exports, total", "sectors.usitc.electronics.evaluation"),
        ("Electronic products", "Commission's sector", "Exports, domestic", "sectors.domestic.electronics"),
        ("Machinery", "NAICS 333-335", "Imports", "sectors.machinery.imports.evaluation"),
        ("Transport equipment", "HS 86-89", "Exports, total", "sectors.transport.exports.evaluation"),
        ("Of it HS 87", "road vehicles and parts", "Exports, total", "sectors.hs87.exports.evaluation"),
        ("Of it HS 88", "aircraft and parts", "Exports, total", "sectors.hs88.exports.evaluation"),
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
                "what": f"{what}: {definition}",
                "flow": flow,
                "period": change.period.replace(" to ", "\N{EN DASH}"),
                "start": amount(start.value, scale.factor, scale.shown),
                "end": amount(last.value, scale.factor, scale.shown),
                "change": amount(change.value, scale.factor, scale.shown, signed=True),
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
            Column("what", "Sector and definition", align="left", width=2.6),
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
        made_by="korus_research.chapters.sectors.published_tables.sector_definitions",
        last_period=end,
        notes=(_COMMISSION,) if any("Commission" in row["what"] for row in rows) else (),
    )


def sector_published(study: Study) -> Table | None:
    """Return exports by all of the Commission's sectors with contributions to their own sum; None without its table."""
    import pandas as pd

    sectors = sectors_of(study)
    scale, first = sectors.scale, sectors.first
    last = int(sectors.published.index[-1]) if len(sectors.published) else first
    made = {end: sectors.published_contributions(end) for end in dict.fromkeys((sectors.end, last))}
    tables = {end: table for end, table in made.items() if table is not None}
    if not tables:
        return None
    names = list(next(iter(tables.values())).index)
    leading = [name for name in PUBLISHED.values() if name in names]
    order = [*leading, *(name for name in names if name not in leading)]
    chapters = sectors.trade["exports"].total()
    lines = [(name, [name]) for name in order]
    lines += [("All", names), ("All without energy", [name for name in names if name != ENERGY])]
    rows: list[dict[str, str]] = []
    columns = [
        Column("sector", "Sector of the Commission", align="left", width=2),
        Column("start", str(first), scale.short),
    ]
    for end in tables:
        columns += [
            Column(f"change_{end}", f"Change to {end}", scale.short),
            Column(f"points_{end}", f"Of growth to {end}", "points"),
        ]
    for label, members in lines:
        start = next(iter(tables.values())).loc[members, "start"].sum()
        row = {"sector": label, "start": amount(float(start), scale.factor, scale.shown)}
        for end, table in tables.items():
            change, points = (float(table.loc[members, column].sum()) for column in ("change", "points"))
            row[f"change_{end}"] = amount(change, scale.factor, scale.shown, signed=True)
            row[f"points_{end}"] = number(points, 1, signed=True)
        rows.append(row)
    beside = {
        "sector": "Beside it: all HS chapters",
        "start": amount(float(chapters.loc[first]), scale.factor, scale.shown),
    }
    for end in tables:
        change = float(chapters.loc[end] - chapters.loc[first])
        beside[f"change_{end}"] = amount(change, scale.factor, scale.shown, signed=True)
        beside[f"points_{end}"] = number(100 * change / float(chapters.loc[first]), 1, signed=True)
    used = ("sector_exports_usitc", TABLES[0])
    data = pd.concat([table.assign(first=first, last=end) for end, table in tables.items()])
    return Table(
        id="sectors-published",
        title=say(
            sectors,
            "By the Commission's sectors exports changed by {sectors.usitc.all.evaluation.change:signed} from {sectors.first} to {sectors.end}, without energy by {sectors.usitc.without_energy.evaluation.change:signed}: transport equipment {sectors.usitc.transport.evaluation.change:signed}, machinery {sectors.usitc.machinery.evaluation.change:signed}, electronic products {sectors.usitc.electronics.evaluation.change:signed}",
        ),
        caption=f"US total exports to {study.names['partner']} by sector of the US International Trade Commission, nominal, as published in its vintage.",
        source=source_line(study, used, str(max(tables))),
        datasets=used,
        columns=columns,
        rows=[*rows, beside],
        row_header="sector",
        data=data.rename_axis("sector").reset_index(),
        made_by="korus_research.chapters.sectors.published_tables.sector_published",
        last_period=str(max(tables)),
        notes=(
            f"The sectors add up to their own total, which is not that of the HS chapters: both are of total exports, of other vintages, and the sectors are printed in millions. Points are changes in percent of that total in {first}. {ADDS_UP}",
        ),
    )
