"""What the findings of trade by sector amount to, NaN where that is not held; `findings.toml` says what each is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import nan

import pandas as pd

from korus_research.chapters.sectors.measures import SPANS, Sectors, Span
from korus_research.chapters.sectors.trade import BLOCKS, MAIN, PUBLISHED, PUBLISHED_ENERGY, domestic_exports
from korus_research.methods.decomposition import SHIFTS
from korus_research.methods.series import FLOWS, WORLD, Flow
from korus_research.show.declared import Value, declarations
from korus_research.show.words.text import Words

WORDS = Words("sectors")
PARTS = ("start", "end", "change", "change_pct")
CHAPTERS = ("84", "85", "87", "88")  # of the Harmonized System, spoken of one by one
SHARED = {"machinery": "c13", "electrical": "c14", "transport": "c15"}  # of the input-output table


def values(sectors: Sectors) -> Iterator[Value]:
    """Yield every finding; those of the last year repeat those of the evaluation year where both are one."""
    same, about = sectors.end == sectors.last, declarations("sectors")
    for value in _values(sectors):
        amount = about.of(value.id)[0]["unit"] == "usd_bn"
        yield value._replace(
            says={**_said(sectors, value.id), **value.says},
            decimals=sectors.scale.decimals if amount else None,
            repeats=value.id.replace("latest", "evaluation") if same and ".latest" in value.id else value.repeats,
        )


def _said(sectors: Sectors, id_: str) -> dict[str, str]:
    """Return the noun and the block that a finding is about, by its id."""
    what, blocks = id_.partition(".")[0], WORDS.labels("blocks")
    flow = "imports" if "imports" in id_.split(".") else "exports"
    noun = WORDS.label(f"noun.{flow}", **sectors.study_names)
    if what in blocks or "without_energy" in id_:
        noun = WORDS.label(f"what.{what if what in blocks else 'without_energy'}", noun=noun)
    return {"noun": noun, "block": blocks.get(what, "")}


def names(sectors: Sectors) -> Mapping[str, str | Sequence[str]]:
    """Return the names that sentences use, those of the groups at both ends of each ranking among them."""
    found = {
        **sectors.study_names,
        "usd": sectors.scale.unit,
        "usd_short": sectors.scale.short,
        "first_year": str(sectors.first),
        "end_years": [str(year) for year in sectors.ends],
        "later": str(sectors.last) if sectors.last != sectors.end else "",
    }
    for span in SPANS:
        for flow in FLOWS:
            ranked = sectors.contributions(flow, sectors.year(span)).index
            for place, group in (("top", ranked[0]), ("bottom", ranked[-1])):
                name = sectors.name(flow, str(group))
                found[f"{place}_{flow}_{span}"] = name[:1].lower() + name[1:]
    return found


def _values(sectors: Sectors) -> Iterator[Value]:
    yield from (Value("first", sectors.first), Value("end", sectors.end), Value("last", sectors.last))
    in_force = sectors.agreement.dates.in_force.year
    yield Value("before", sum(year < in_force for year in sectors.years))
    yield from (Value(f"{flow}.gaps", len(sectors.trade[flow].gaps)) for flow in FLOWS)
    for span in SPANS:
        for flow in FLOWS:
            for part in (_totals, _blocks, _shift):
                yield from part(sectors, flow, span)
    for of in (_single_chapters, _partners, _newest, _concentration, _published, _domestic, _shares):
        yield from of(sectors)


def _changed(
    sectors: Sectors,
    id_: str,
    series: pd.Series[float],
    last: int | None,
    parts: Iterable[str],
    *,
    first: int | None = None,
    says: Mapping[str, str] | None = None,
    reason: str | None = None,
) -> Iterator[Value]:
    """Yield parts of start, end, change and percent change of a yearly series; no values where it lacks an end.

    It starts in `first`, or else in the first year by sector.
    """
    first = first or sectors.first
    start, end, span = nan, nan, WORDS.label("from", year=str(first))
    if last is not None and {first, last} <= set(series.index):
        start, end, span = float(series.loc[first]), float(series.loc[last]), f"{first} to {last}"
    made = {
        "start": (start, str(first)),
        "end": (end, str(last or span)),
        "change": (end - start, span),
        "change_pct": (100 * (end - start) / start if start else nan, span),
    }
    says = {"in": str(last or WORDS.label("later_year")), **(says or {})}
    for part in parts:
        yield Value(f"{id_}.{part}", *made[part], says=says, reason=reason)


def _totals(sectors: Sectors, flow: Flow, span: Span) -> Iterator[Value]:
    """Yield changes of totals, the ends of the ranking, and the difference to the flows chapter."""
    trade, first, end, where = sectors.trade[flow], sectors.first, sectors.year(span), f"{flow}.{span}"
    yield from _changed(sectors, where, trade.total(), end, ["change"])
    if flow == "exports" or span == "evaluation":
        yield from _changed(sectors, f"{where}.without_energy", trade.total(energy=False), end, ["change"])
    ranked, total = sectors.contributions(flow, end)["change"], sectors.totals[flow]
    found: dict[str, float] = {"top": ranked.iloc[0], "bottom": ranked.iloc[-1]}
    if span == "evaluation":
        found |= {"rising": (ranked.round(sectors.scale.decimals) > 0).sum(), "groups": len(ranked)}
        found["flows_change"] = total.get(end, nan) - total.get(first, nan)
        found["basis_gap"] = sectors.basis_gap(flow, end) - sectors.basis_gap(flow, first)
    for what, value in found.items():
        yield Value(f"{where}.{what}", float(value), f"{first} to {end}")


def _blocks(sectors: Sectors, flow: Flow, span: Span) -> Iterator[Value]:
    for block in BLOCKS:
        parts: tuple[str, ...] = ("change",)
        if block in MAIN:
            parts = PARTS if span == "evaluation" else ("end", "change")
        elif (block, flow) == ("energy", "exports"):
            parts = PARTS[:3] if span == "evaluation" else ("end", "change")
        series = sectors.trade[flow].block(block)
        yield from _changed(sectors, f"{block}.{flow}.{span}", series, sectors.year(span), parts)


def _single_chapters(sectors: Sectors) -> Iterator[Value]:
    own = sectors.trade["exports"].own
    for code in CHAPTERS:
        if code in own:
            says = {"noun": WORDS.label("chapter", noun=_said(sectors, "exports")["noun"], code=code)}
            yield from _changed(sectors, f"hs{code}.exports.evaluation", own[code], sectors.end, PARTS, says=says)


def _shift(sectors: Sectors, flow: Flow, span: Span) -> Iterator[Value]:
    end = sectors.year(span)
    period = f"{sectors.first} to {end}"
    for energy, key in ((True, "shift"), (False, "shift_without_energy")):
        whole = span == "evaluation" and (energy or flow == "imports")
        if not whole and flow == "imports":
            continue
        sums = sectors.shift(flow, end, energy=energy).sum()
        found = {part: float(sums[part]) for part in (SHIFTS if whole else ("local",))}
        if whole:
            found["elsewhere"] = found["common"] + found["mix"]
        yield from (Value(f"{flow}.{span}.{key}.{part}", value, period) for part, value in found.items())
    if (flow, span) == ("exports", "evaluation"):
        local = sectors.shift(flow, end)["local"]
        for block in BLOCKS:
            own = float(local.loc[sectors.trade[flow].codes(block)].sum())
            yield Value(f"{block}.{flow}.{span}.local", own, period)


def _partners(sectors: Sectors) -> Iterator[Value]:
    code, period = sectors.agreement.partner.census_code, f"{sectors.first} to {sectors.end}"
    for block in MAIN:
        growth = sectors.growth_by_partner(block, sectors.end)
        others = growth.drop(code, errors="ignore")
        known = code in growth.index and len(others) > 0
        above = (others > growth.get(code, nan)).sum()
        found = {"partners_above": float(above), "partners_median": float(others.median())}
        found |= {"partners": float(len(others))} if block == "machinery" else {}
        for what, value in found.items():
            yield Value(f"{block}.exports.evaluation.{what}", value if known else None, period)


def _newest(sectors: Sectors) -> Iterator[Value]:
    """Yield exports to their own last complete year where that is later than the last of both flows."""
    year, trade = sectors.newest_exports, sectors.trade["exports"]
    if year > sectors.last:
        yield Value("newest.year", year)
        yield from _changed(sectors, "newest.exports", trade.total(), year, ["change"])
        yield from _changed(sectors, "newest.exports.without_energy", trade.total(energy=False), year, ["change"])


def _concentration(sectors: Sectors) -> Iterator[Value]:
    first = sectors.first
    for of in ("exports", "exports_without_energy", "imports"):
        top = sectors.concentration.loc[of]["top"]
        if of == "exports":
            yield Value("concentration.exports.first.top", float(top.loc[first]), str(first))
            yield Value("concentration.exports.evaluation.top", float(top.loc[sectors.end]), str(sectors.end))
        for span in SPANS:
            year = sectors.year(span)
            moved = float(top.loc[year]) - float(top.loc[first])
            yield Value(f"concentration.{of}.{span}.top_change", moved, f"{first} to {year}")


def _published(sectors: Sectors) -> Iterator[Value]:
    """Yield exports by the Commission's sectors to the evaluation year, with the sums that contributions add up to."""
    table, end, named = sectors.published, sectors.end, sectors.study_names
    every, last = [str(name) for name in table], int(table.index[-1]) if len(table) else None
    lines: list[tuple[str, list[str], str, int | None, Sequence[str]]]
    lines = [(f"{key}.evaluation", [name], "sector", end, PARTS) for key, name in PUBLISHED.items()]
    lines += [("machinery.published", [PUBLISHED["machinery"]], "sector", last, PARTS[3:])]
    lines += [("all.evaluation", every, "all", end, PARTS[2:3])]
    without = [name for name in every if name != PUBLISHED_ENERGY]
    lines += [("without_energy.evaluation", without, "without_energy", end, PARTS[2:3])]
    for id_, members, what, year, parts in lines:
        held = table[members].sum(axis=1) if set(members) <= set(table) else table.sum(axis=1).head(0)
        says = {"noun": WORDS.label(f"commission.{what}", sector="".join(members[:1]).lower(), **named)}
        reason = WORDS.label("why.commission", **named)
        again = "usitc.machinery.evaluation.change_pct" if id_ == "machinery.published" and last == end else None
        for value in _changed(sectors, f"usitc.{id_}", held, year, parts, says=says, reason=reason):
            yield value._replace(repeats=again)


def _domestic(sectors: Sectors) -> Iterator[Value]:
    """Yield domestic exports by the Commission's sectors from the baseline year: points from before the agreement."""
    begin, code = sectors.baseline_year, sectors.agreement.partner.census_code
    reason = WORDS.label("why.domestic", year=str(begin))
    for key, name in PUBLISHED.items():
        own, world = (domestic_exports(sectors.domestic, name, partner) for partner in (code, WORLD))
        sector, ends = name.lower(), [int(year) for year in own.index if begin < year <= sectors.end]
        end = ends[-1] if ends and begin in own.index else None
        says = {"noun": WORDS.label("domestic", sector=sector, **sectors.study_names)}
        yield from _changed(sectors, f"domestic.{key}", own, end, PARTS, first=begin, says=says, reason=reason)
        if key == "machinery":
            others = world - own
            ends = [begin, end] if end is not None and {begin, end} <= set(world.index) else []
            elsewhere = 100 * float(others.loc[ends[1]] / others.loc[ends[0]] - 1) if ends else None
            period = f"{begin} to {end}" if end else WORDS.label("from", year=str(begin))
            yield Value(f"domestic.{key}.elsewhere_pct", elsewhere, period, says={"sector": sector})


def _shares(sectors: Sectors) -> Iterator[Value]:
    """Yield shares of machinery and transport equipment in the goods of both directions, first and last year held."""
    spoken = {("machinery", "exports"), ("transport", "imports")}
    for flow, table in sectors.shares.items():
        years = [int(year) for year in table.index[[0, -1]]] if len(table) else []
        span = f"{years[0]} to {years[1]}" if years else WORDS.label("before_tables")
        noun = WORDS.label(f"goods.{flow}", **sectors.study_names)
        for key, code in SHARED.items():
            says = {"sector": str(sectors.labels[("wiod", code)]).lower(), "noun": noun}
            start, end = (float(table[code].loc[y]) for y in years) if years and code in table else (nan, nan)
            ends = [str(year) for year in years] or [span, span]
            yield Value(f"wiod.{key}.{flow}.start", start, ends[0], says=says)
            yield Value(f"wiod.{key}.{flow}.end", end, ends[1], says=says)
            if (key, flow) in spoken:
                yield Value(f"wiod.{key}.{flow}.change", end - start, span, says=says)
