"""Findings from others' tables by sector: exports as the Commission publishes them, shares before the tables begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.methods.series import FLOWS, WORLD
from korus_research.show.finding import Unit

if TYPE_CHECKING:
    from korus_research.chapters.sectors.maker import SectorMaker

# Short name of each published sector that findings speak of.
PUBLISHED = {"machinery": "Machinery", "electronics": "Electronic products", "transport": "Transportation equipment"}
ENERGY = "Energy-related products"
SHARED = {"machinery": "c13", "electrical": "c14", "transport": "c15"}
USITC_BASIS = "total exports by sector of the US International Trade Commission, nominal, vintage 2018"
DOMESTIC_BASIS = "domestic exports by sector of the US International Trade Commission, nominal, vintages 2015 to 2018"
WIOD_BASIS = "share in goods sectors, World Input-Output Database, basic prices without re-exports"


def add_published(make: SectorMaker) -> None:
    """Add exports by the Commission's sectors, from the first year to the evaluation year and to its last table.

    Beside single sectors, their own sum with and without energy: contributions on this basis add up to it.
    """
    sectors = make.sectors
    table, first = sectors.published, sectors.first
    reason = f"the Commission's table of exports by sector to {make.partner} is not among the data, or ends before"
    last = int(table.index[-1]) if len(table) else None
    sums = {
        **{key: (f"of {name.lower()}", [name]) for key, name in PUBLISHED.items()},
        "all": ("in all", list(table.columns)),
        "without_energy": ("without energy", [name for name in table.columns if name != ENERGY]),
    }
    for key, (what, names) in sums.items():
        noun = f"US exports to {make.partner} {what} (sectors of the Commission)"
        for span, year in (("evaluation", sectors.end), ("published", last)):
            values = None
            if year is not None and {first, year} <= set(table.index) and set(names) <= set(table):
                series = table[names].sum(axis=1)
                values = (float(series.loc[first]), float(series.loc[year]))
            again = f"usitc.{key}.evaluation" if span == "published" and year == sectors.end else None
            source = (USITC_BASIS, "sector_exports_usitc", reason)
            _change(make, f"usitc.{key}.{span}", noun, (first, year), values, source, repeats=again)


def add_domestic(make: SectorMaker) -> None:
    """Add domestic exports by the Commission's sectors from the baseline year: points from before the agreement."""
    sectors = make.sectors
    begin, code = sectors.spec.baseline_year, sectors.spec.partner
    for key, name in PUBLISHED.items():
        own, world = (sectors.domestic_exports(name, partner) for partner in (code, WORLD))
        noun = f"US domestic exports to {make.partner} of {name.lower()}"
        ends = [int(year) for year in own.index.tolist() if begin < year <= sectors.end]
        end = ends[-1] if ends and begin in own.index else None
        values = None if end is None else (float(own.loc[begin]), float(own.loc[end]))
        source = (DOMESTIC_BASIS, "sector_exports_domestic", f"no table at hand holds them for {begin}")
        _change(make, f"domestic.{key}", noun, (begin, end), values, source)
        elsewhere = None
        if end is not None and {begin, end} <= set(world.index):
            others = world - own
            elsewhere = 100 * float(others.loc[end] / others.loc[begin] - 1)
        make.add(
            f"domestic.{key}.elsewhere_pct",
            f"the percent change in US domestic exports of {name.lower()} to all others",
            elsewhere,
            "percent",
            f"{begin} to {end}" if end else f"from {begin}",
            basis=DOMESTIC_BASIS,
            datasets=("sector_exports_domestic",),
            reason="no table at hand holds the total of all countries for both years",
        )


def _change(
    make: SectorMaker,
    id_: str,
    noun: str,
    years: tuple[int, int | None],
    values: tuple[float, float] | None,
    source: tuple[str, str, str],
    *,
    repeats: str | None = None,
) -> None:
    """Add start, end, change and percent change; `source` is basis, dataset and the reason where values lack."""
    start, end = values or (None, None)
    change = end - start if start is not None and end is not None else None
    percent = 100 * change / start if change is not None and start else None
    period = f"{years[0]} to {years[1]}" if values else f"from {years[0]}"
    rows: tuple[tuple[str, str, float | None, Unit, str], ...] = (
        ("start", f"{noun} in {years[0]}", start, "usd_bn", str(years[0])),
        ("end", f"{noun} in {years[1] or 'a later year'}", end, "usd_bn", str(years[1] or period)),
        ("change", f"the change in {noun}", change, "usd_bn", period),
        ("change_pct", f"the percent change in {noun}", percent, "percent", period),
    )
    basis, dataset, reason = source
    for part, label, value, unit, span in rows:
        make.add(
            f"{id_}.{part}",
            label,
            value,
            unit,
            span,
            basis=basis,
            datasets=(dataset,),
            reason=reason,
            repeats=f"sectors.{repeats}.{part}" if repeats else None,
        )


def add_shares(make: SectorMaker) -> None:
    """Add shares of machinery and transport equipment in the goods of both directions, first and last year held."""
    sectors = make.sectors
    for flow in FLOWS:
        table = sectors.shares[flow]
        noun = f"US goods {'exports to' if flow == 'exports' else 'imports from'} {make.partner}"
        years = (int(table.index[0]), int(table.index[-1])) if len(table) else None
        reason = f"the input-output table holds no sectors of trade with {make.partner}"
        for key, code in SHARED.items():
            name = str(sectors.labels[("wiod", code)]).lower()
            ends = [float(table[code].loc[year]) for year in years] if years and code in table else [None, None]
            change = None if ends[0] is None or ends[1] is None else ends[1] - ends[0]
            span = f"{years[0]} to {years[1]}" if years else "before the tables by sector"
            for part, value, period in (
                ("start", ends[0], str(years[0]) if years else span),
                ("end", ends[1], str(years[1]) if years else span),
            ):
                make.add(
                    f"wiod.{key}.{flow}.{part}",
                    f"share of {name} in {noun}, {period}",
                    value,
                    "percent",
                    period,
                    basis=WIOD_BASIS,
                    datasets=("wiod_sector_shares",),
                    reason=reason,
                )
            make.add(
                f"wiod.{key}.{flow}.change",
                f"change of the share of {name} in {noun}",
                change,
                "points",
                span,
                basis=WIOD_BASIS,
                datasets=("wiod_sector_shares",),
                reason=reason,
            )
