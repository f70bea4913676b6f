"""Tables of trade by sector: groups, shift-share, and machinery and transport equipment by every definition."""

from __future__ import annotations

from typing import Any

import pandas as pd

from korus_research.chapters.sectors.measures import Sectors, of as sectors_of
from korus_research.chapters.sectors.trade import BLOCKS, ENERGY
from korus_research.data.study import Study
from korus_research.methods.series import FLOWS, Flow
from korus_research.show.shown import Rows, Words, amount, table

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
