"""The findings of trade by sector: one place where each measure gets its id, label, basis and rounding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.chapters.sectors.maker import BASIS, NOUN, TABLE, SectorMaker
from korus_research.chapters.sectors.published import add_domestic, add_published, add_shares
from korus_research.chapters.sectors.shift_share import PARTS
from korus_research.chapters.sectors.spec import SPANS, Span
from korus_research.chapters.sectors.trade import BLOCKS, CLASSIFICATION, MACHINERY, TRANSPORT
from korus_research.methods.series import FLOWS, Flow
from korus_research.show.finding import Findings, Unit

if TYPE_CHECKING:
    from korus_research.chapters.sectors.result import Sectors

BLOCK_NAMES = {"machinery": "machinery", "transport": "transport equipment", "energy": "energy", "other": "all else"}
SINGLE: dict[Flow, tuple[str, ...]] = {
    "exports": ("27", "84", "85", "86", "87", "88", "89", "90"),
    "imports": ("324", "325", "333", "334", "335", "336"),
}
PREFIX: dict[Flow, str] = {"exports": "hs", "imports": "naics"}
PART_NAMES = {
    "common": "what growth of all sectors elsewhere amounts to in",
    "mix": "what the mix of sectors amounts to in",
    "local": "what is left beyond growth of the same sectors elsewhere in",
}


def sector_findings(sectors: Sectors) -> Findings:
    """Return every finding of trade by sector, with ids `sectors.*`."""
    make = SectorMaker(sectors)
    _years(make)
    for span in SPANS:
        end = sectors.year(span)
        for flow in FLOWS:
            _flow(make, flow, span, end)
            _shift(make, flow, span, end)
        for block in (MACHINERY, TRANSPORT):
            _partners(make, block, span, end)
    _newest(make)
    _concentration(make)
    add_published(make)
    add_domestic(make)
    add_shares(make)
    return make.findings({**sectors.spec.names, **_names(sectors)})


def _names(sectors: Sectors) -> dict[str, str]:
    """Return the names of the groups at both ends of each ranking, for sentences."""
    names = {}
    for span in SPANS:
        for flow in FLOWS:
            ranked = sectors.contributions(flow, sectors.year(span)).index
            for place, group in (("top", ranked[0]), ("bottom", ranked[-1])):
                name = sectors.name(flow, str(group))
                names[f"{place}_{flow}_{span}"] = name[:1].lower() + name[1:]
    return names


def _years(make: SectorMaker) -> None:
    sectors = make.sectors
    both, datasets = "tables by sector", (TABLE["exports"], TABLE["imports"])
    for key, label, year in (
        ("first", "first complete year by sector", sectors.first),
        ("end", "year the sectors are evaluated by", sectors.end),
        ("last", "last year complete in both flows by sector", sectors.last),
    ):
        make.add(key, label, float(year), "year", both, basis=both, datasets=datasets)
    in_force = int(sectors.spec.in_force[:4])
    before = float(sum(year < in_force for year in sectors.years))
    label = "complete years by sector before entry into force"
    make.add("before", label, before, "count", both, basis=both, datasets=datasets)
    for flow in FLOWS:
        trade = sectors.trade[flow]
        label = f"years of {flow} by sector that are not complete"
        make.add(
            f"{flow}.gaps", label, float(len(trade.gaps)), "count", both, basis=BASIS[flow], datasets=(TABLE[flow],)
        )


def _flow(make: SectorMaker, flow: Flow, span: Span, end: int) -> None:
    """Add totals, blocks, single sectors, the ends of the ranking and the difference to the flows chapter."""
    sectors = make.sectors
    trade, period = sectors.trade[flow], f"{sectors.first} to {end}"
    make.change(f"{flow}.{span}", "", trade.total(), end, flow)
    make.change(f"{flow}.{span}.without_energy", " without energy", trade.total(energy=False), end, flow)
    whole = float(trade.total().loc[sectors.first])
    noun = f"{NOUN[flow]} {make.partner}"
    for block in BLOCKS:
        series, what = trade.block(block), BLOCK_NAMES[block]
        make.change(f"{block}.{flow}.{span}", f", {what}", series, end, flow)
        points = 100 * float(series.loc[end] - series.loc[sectors.first]) / whole
        label = f"contribution of {what} to growth of {noun}"
        make.flow(f"{block}.{flow}.{span}.points", label, points, "points", period, flow)
    for code in SINGLE[flow]:
        if code in trade.own:
            what = f", {CLASSIFICATION[flow].rstrip('23').upper()} {code}"
            make.change(f"{PREFIX[flow]}{code}.{flow}.{span}", what, trade.own[code], end, flow)
    ranked = sectors.contributions(flow, end)["change"]
    for place, name, value in (("top", "first", ranked.iloc[0]), ("bottom", "last", ranked.iloc[-1])):
        label = f"the change in the group that comes {name} by its contribution to {noun}"
        make.flow(f"{flow}.{span}.{place}", label, float(value), "usd_bn", period, flow)
    rising = float((ranked.round(sectors.scale.decimals) > 0).sum())
    make.flow(f"{flow}.{span}.rising", f"groups of sectors with more {noun}", rising, "count", period, flow)
    make.flow(f"{flow}.{span}.groups", f"groups of sectors in {noun}", float(len(ranked)), "count", period, flow)
    _basis(make, flow, span, end)


def _basis(make: SectorMaker, flow: Flow, span: Span, end: int) -> None:
    sectors = make.sectors
    first, total = sectors.first, sectors.totals[flow]
    gaps = [sectors.basis_gap(flow, year) for year in (first, end)]
    known = first in total.index and end in total.index
    change = float(total.loc[end] - total.loc[first]) if known else None
    gap = None if None in gaps else float(gaps[1] or 0.0) - float(gaps[0] or 0.0)
    noun, period = (
        f"{'exports to' if flow == 'exports' else 'general imports from'} {make.partner}",
        f"{first} to {end}",
    )
    basis, datasets = f"{BASIS[flow]}; Census basis, goods", (TABLE[flow], "goods_trade_monthly")
    label = f"the change in US goods {noun} in the flows chapter"
    make.add(f"{flow}.{span}.flows_change", label, change, "usd_bn", period, basis=basis, datasets=datasets)
    label = f"the change in the sum of sectors less that in US goods {noun}"
    make.add(f"{flow}.{span}.basis_gap", label, gap, "usd_bn", period, basis=basis, datasets=datasets)


def _shift(make: SectorMaker, flow: Flow, span: Span, end: int) -> None:
    sectors = make.sectors
    period, noun = f"{sectors.first} to {end}", f"the change in {NOUN[flow]} {make.partner}"
    for energy in (True, False):
        parts = sectors.shift(flow, end, energy=energy).sum()
        key, what = ("shift", "") if energy else ("shift_without_energy", " without energy")
        for part in PARTS:
            label = f"{PART_NAMES[part]} {noun}{what}"
            make.flow(f"{flow}.{span}.{key}.{part}", label, float(parts[part]), "usd_bn", period, flow)
        expected = float(parts["common"] + parts["mix"])
        label = f"what growth of the same sectors elsewhere amounts to in {noun}{what}"
        make.flow(f"{flow}.{span}.{key}.elsewhere", label, expected, "usd_bn", period, flow)
    table = sectors.shift(flow, end)
    for block in BLOCKS:
        local = float(table.loc[sectors.trade[flow].codes(block), "local"].sum())
        label = f"{PART_NAMES['local']} {noun}, {BLOCK_NAMES[block]}"
        make.flow(f"{block}.{flow}.{span}.local", label, local, "usd_bn", period, flow)


def _partners(make: SectorMaker, block: str, span: Span, end: int) -> None:
    sectors, what = make.sectors, BLOCK_NAMES[block]
    growth = sectors.growth_by_partner(block, end)
    code, period = sectors.spec.partner, f"{sectors.first} to {end}"
    others = growth.drop(code, errors="ignore")
    known = code in growth.index and len(others) > 0
    own = float(growth.loc[code]) if known else float("nan")
    where = f"{block}.exports.{span}"
    for key, label, value, unit in (
        ("partners", f"other partners with exports of {what}", float(len(others)), "count"),
        ("partners_above", f"other partners to which exports of {what} grew faster", (others > own).sum(), "count"),
        ("partners_median", f"median growth of exports of {what} to other partners", others.median(), "percent"),
        ("partners_gap", f"growth of exports of {what} less that median", own - others.median(), "points"),
    ):
        shown: Unit = unit  # type: ignore[assignment]
        make.flow(f"{where}.{key}", label, float(value) if known else None, shown, period, "exports")


def _newest(make: SectorMaker) -> None:
    """Add exports to their own last complete year where that is later than the last of both flows."""
    sectors = make.sectors
    year, trade = sectors.newest_exports, sectors.trade["exports"]
    if year <= sectors.last:
        return
    period = f"{sectors.first} to {year}"
    both = "tables by sector"
    label = "last complete year of exports by sector"
    make.add("newest.year", label, float(year), "year", both, basis=both, datasets=(TABLE["exports"],))
    for key, what, series in (
        ("newest.exports", "", trade.total()),
        ("newest.exports.without_energy", " without energy", trade.total(energy=False)),
        *((f"newest.{block}.exports", f", {BLOCK_NAMES[block]}", trade.block(block)) for block in BLOCKS),
    ):
        change = float(series.loc[year] - series.loc[sectors.first])
        label = f"the change in {NOUN['exports']} {make.partner}{what}"
        make.flow(f"{key}.change", label, change, "usd_bn", period, "exports")


def _concentration(make: SectorMaker) -> None:
    sectors = make.sectors
    nouns: dict[str, tuple[str, Flow]] = {
        "exports": (f"{NOUN['exports']} {make.partner}", "exports"),
        "exports_without_energy": (f"{NOUN['exports']} {make.partner} without energy", "exports"),
        "exports_elsewhere": ("US goods exports to all other partners", "exports"),
        "exports_elsewhere_without_energy": ("US goods exports to all other partners without energy", "exports"),
        "imports": (f"{NOUN['imports']} {make.partner}", "imports"),
    }
    for of, (noun, flow) in nouns.items():
        table = sectors.concentration.loc[of]
        start = {what: float(table[what].loc[sectors.first]) for what in ("top", "herfindahl")}
        for when, year in (("first", sectors.first), ("evaluation", sectors.end), ("latest", sectors.last)):
            row = {what: float(table[what].loc[year]) for what in start}
            where = f"concentration.{of}.{when}"
            label = f"share of the five largest sectors in {noun} in {year}"
            make.flow(f"{where}.top", label, row["top"], "percent", str(year), flow)
            label = f"Herfindahl index of {noun} in {year}"
            make.flow(f"{where}.herfindahl", label, row["herfindahl"], "index", str(year), flow)
            if when != "first":
                change, period = row["top"] - start["top"], f"{sectors.first} to {year}"
                label = f"change of the share of the five largest sectors in {noun}"
                make.flow(f"{where}.top_change", label, change, "points", period, flow)
                moved = row["herfindahl"] - start["herfindahl"]
                label = f"change of the Herfindahl index of {noun}"
                make.flow(f"{where}.herfindahl_change", label, moved, "index", period, flow)
