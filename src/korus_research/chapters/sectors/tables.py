"""Tables of trade by sector: groups, bases, shift-share, concentration; and sectors as others define them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from korus_research.chapters.sectors.measures import Sectors
from korus_research.chapters.sectors.measures import of as sectors_of
from korus_research.chapters.sectors.trade import BLOCKS, ENERGY, PUBLISHED, PUBLISHED_ENERGY
from korus_research.data.study import Study
from korus_research.methods.series import FLOWS, Flow
from korus_research.show.shown import Rows, table
from korus_research.show.table import amount
from korus_research.show.words.text import Words

WORDS = Words("sectors")
EXPORTS, IMPORTS, GROUPS = "sector_exports_annual", "sector_imports_annual", "sector_groups"
COMMISSION = ("sector_exports_usitc", "sector_exports_domestic")


@table("groups", tables=(EXPORTS, GROUPS), id="sectors")
def sector_exports_table(study: Study) -> Rows:
    """Return exports by group of HS chapters: start, change and contribution, to the evaluation and the last year."""
    return _groups(sectors_of(study), "exports")


@table("groups", tables=(IMPORTS, GROUPS), id="sectors")
def sector_imports_table(study: Study) -> Rows:
    """Return imports for consumption by group of NAICS industries, as `sector_exports_table`."""
    return _groups(sectors_of(study), "imports")


def _groups(sectors: Sectors, flow: Flow) -> Rows:
    trade, scale, first = sectors.trade[flow], sectors.scale, sectors.first
    rows, data = [], []
    whole = float(trade.total().loc[first])
    for key, name, codes in _lines(sectors, flow):
        series = trade.own[[c for c in codes if c in trade.own]].sum(axis=1)
        start = float(series.loc[first])
        label = name if key.startswith("all") else f"{name} ({_codes(codes)})"
        row: dict[str, Any] = {"group": label, "start": amount(start, scale)}
        about = {"group": key, "name": name, "codes": " ".join(codes), "first": first, "start": start * scale.factor}
        for end in sectors.ends:
            value = float(series.loc[end])
            points = 100 * (value - start) / whole
            row |= {f"change_{end}": amount(value - start, scale, signed=True), f"points_{end}": points}
            last, change = value * scale.factor, (value - start) * scale.factor
            data.append({**about, "last": end, "end": last, "change": change, "points": points})
        rows.append(row)
    given = {"flow": flow, "exports": "exports" if flow == "exports" else ""}
    last_year = str(sectors.last)
    return Rows(of=sectors, rows=rows, data=pd.DataFrame(data), last=last_year, given=given, suffix=f"-{flow}")


def _lines(sectors: Sectors, flow: Flow) -> list[tuple[str, str, list[str]]]:
    """Return the rows of groups: key, name and codes; machinery and transport equipment first, sums last."""
    trade = sectors.trade[flow]
    groups = trade.groups["group"]
    order = [str(g) for block in BLOCKS for g in dict.fromkeys(groups[trade.groups["block"] == block])]
    lines = [(g, sectors.name(flow, g), [str(c) for c in groups.index[groups == g]]) for g in order]
    every, names = [str(c) for c in trade.own.columns], WORDS.labels("sums")
    without = [code for code in every if code not in trade.codes(ENERGY)]
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
    data = pd.DataFrame({"year": years})
    for flow in FLOWS:
        data[f"{flow}_sectors"] = sectors.trade[flow].total().reindex(years).to_numpy()
        data[f"{flow}_flows"] = sectors.totals[flow].loc[years].to_numpy()
        data[f"{flow}_gap"] = data[f"{flow}_sectors"] - data[f"{flow}_flows"]
    rows = [
        {
            str(key): str(int(value)) if key == "year" else amount(value, sectors.scale, signed="gap" in str(key))
            for key, value in line.items()
        }
        for line in data.to_dict("records")
    ]
    gaps = [
        WORDS.label("no_sum", flow=WORDS.labels("flows")[flow], year=str(year), months=str(held))
        for flow in FLOWS
        for year, held in sectors.trade[flow].gaps.items()
        if year in years
    ]
    return Rows(of=sectors, rows=rows, data=data, last=str(years[-1]), given={"gaps": gaps})


@table("shift", tables=(EXPORTS, IMPORTS, GROUPS), id="sectors-shift-table")
def sector_shift_table(study: Study) -> Rows:
    """Return the parts of the shift-share for both flows and spans, with and without energy."""
    sectors = sectors_of(study)
    names, flows = WORDS.labels("shift_rows"), WORDS.labels("flows")
    sums = {
        (flow, f"{key}_{end}"): sectors.shift(flow, end, energy=key == "all").sum()
        for end in sectors.ends
        for key in ("all", "without_energy")
        for flow in FLOWS
    }
    rows, data = [], []
    for flow in FLOWS:
        for part, name in names.items():
            found = {column: float(parts[part]) for (of, column), parts in sums.items() if of == flow}
            shown = {column: amount(value, sectors.scale, signed=True) for column, value in found.items()}
            rows.append({"part": WORDS.label("shift_row", flow=flows[flow], part=name), **shown})
            data.append({"flow": flow, "part": part, **found})
    return Rows(of=sectors, rows=rows, data=pd.DataFrame(data), last=str(sectors.last))


@table("concentration", tables=(EXPORTS, IMPORTS))
def sector_concentration(study: Study) -> Rows:
    """Return how far each flow rests on few sectors: share of the five largest, and the Herfindahl index."""
    sectors = sectors_of(study)
    years = list(dict.fromkeys((sectors.first, *sectors.ends)))
    rows = []
    for of in WORDS.labels("concentrated"):
        row: dict[str, Any] = {"of": WORDS.label(f"concentrated.{of}", **study.names)}
        for year, found in sectors.concentration.loc[of].loc[years].iterrows():
            row |= {f"top_{year}": float(found["top"]), f"herfindahl_{year}": float(found["herfindahl"])}
        rows.append(row)
    data = sectors.concentration.loc[(slice(None), years), :].reset_index()
    given = {"years": [str(year) for year in years]}
    return Rows(of=sectors, rows=rows, data=data, last=str(years[-1]), given=given)


@table("definitions")
def sector_definitions(study: Study) -> Rows:
    """Return machinery and transport equipment by every definition held: years, values, change."""
    sectors = sectors_of(study)
    found, scale = sectors.findings(), sectors.scale
    rows: list[dict[str, Any]] = []
    data: list[dict[str, Any]] = []
    used: list[str] = []
    for definition in WORDS.entry("labels.definitions").values():
        parts = {part: found[f"sectors.{definition['finding']}.{part}"] for part in ("start", "end", "change")}
        change, percent = parts["change"], found[f"sectors.{definition['finding']}.change_pct"].value
        if change.value is None:
            continue
        values = {part: each.value for part, each in parts.items()}
        shown = {part: amount(value, scale, signed=part == "change") for part, value in values.items()}
        about = {key: definition[key] for key in ("what", "definition", "flow")}
        period = change.period.replace(" to ", "\N{EN DASH}")
        said = WORDS.label("defined", **definition)
        rows.append({**about, "what": said, "period": period, **shown, "percent": percent})
        data.append({**about, "period": change.period, **values, "percent": percent})
        used += [name for name in change.datasets if name not in used]
    return Rows(
        of=sectors,
        rows=rows,
        data=pd.DataFrame(data),
        last=str(sectors.end),
        tables=tuple(used),
        given={"commission": [name for name in used if name in COMMISSION]},
    )


@table("published", tables=("sector_exports_usitc", "sector_exports_annual"))
def sector_published(study: Study) -> Rows | None:
    """Return exports by all of the Commission's sectors with contributions to their own sum; None without its table.

    All HS chapters stand below, which are no part of the Commission's total.
    """
    sectors = sectors_of(study)
    ends = dict.fromkeys((sectors.end, *(int(year) for year in sectors.published.index[-1:])))
    made = {end: sectors.published_contributions(end) for end in ends}
    held = {end: found for end, found in made.items() if found is not None}
    if not held:
        return None
    order = next(iter(held.values())).index
    lines = {end: _published_lines(sectors, end, found.loc[order]) for end, found in held.items()}
    rows = []
    for label, (start, _, _) in next(iter(lines.values())).items():
        row: dict[str, Any] = {"sector": label, "start": amount(start, sectors.scale)}
        for end, found in lines.items():
            row[f"change_{end}"] = amount(found[label][1], sectors.scale, signed=True)
            row[f"points_{end}"] = found[label][2]
        rows.append(row)
    data = pd.concat([found.assign(first=sectors.first, last=end) for end, found in held.items()])
    return Rows(
        of=sectors,
        rows=rows,
        data=data.rename_axis("sector").reset_index(),
        last=str(max(held)),
        given={"years": [str(year) for year in held]},
    )


def _published_lines(sectors: Sectors, end: int, found: pd.DataFrame) -> dict[str, tuple[float, float, float]]:
    """Return start, change and points of each row: the sectors spoken of first, then sums and the HS chapters."""
    names, sums = [str(name) for name in found.index], WORDS.labels("sums")
    members = {name: [name] for name in (*(name for name in PUBLISHED.values() if name in names), *names)}
    without = [name for name in names if name != PUBLISHED_ENERGY]
    members |= {sums["all"]: names, sums["all_without_energy"]: without}
    lines = {}
    for label, own in members.items():
        start, change, points = (float(found.loc[own, column].sum()) for column in ("start", "change", "points"))
        lines[label] = (start, change, points)
    chapters = sectors.trade["exports"].total()
    first, last = float(chapters.loc[sectors.first]), float(chapters.loc[end])
    return {**lines, sums["chapters"]: (first, last - first, 100 * (last - first) / first)}
