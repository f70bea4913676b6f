"""What the findings of trade by sector amount to; what each is stands in `findings.toml`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from korus_research.chapters.sectors.measures import SPANS, Span
from korus_research.chapters.sectors.trade import BLOCKS, MACHINERY, PUBLISHED, PUBLISHED_ENERGY, TRANSPORT
from korus_research.methods.decomposition import SHIFTS
from korus_research.methods.series import FLOWS, WORLD, Flow
from korus_research.show.declared import Value
from korus_research.show.words.text import Words

if TYPE_CHECKING:
    import pandas as pd

    from korus_research.chapters.sectors.measures import Sectors

WORDS = Words("sectors")
PARTS = ("start", "end", "change", "change_pct")
CHAPTERS = ("84", "85", "87", "88")  # of the Harmonized System, spoken of one by one
SHARED = {"machinery": "c13", "electrical": "c14", "transport": "c15"}  # of the input-output table
CONCENTRATED: Mapping[str, Flow] = {"exports": "exports", "exports_without_energy": "exports", "imports": "imports"}


def values(sectors: Sectors) -> Iterator[Value]:
    """Yield every finding; those of the last year repeat those of the evaluation year where both are one."""
    same = sectors.end == sectors.last
    for value in _values(sectors):
        again = same and ".latest" in value.id
        yield value._replace(repeats=value.id.replace("latest", "evaluation")) if again else value


def names(sectors: Sectors) -> Mapping[str, str | Sequence[str]]:
    """Return the names that sentences use, those of the groups at both ends of each ranking among them."""
    found = {
        **sectors.study_names,
        "usd": sectors.scale.unit,
        "usd_short": sectors.scale.short,
        "first_year": str(sectors.first),
        "end_years": [str(year) for year in dict.fromkeys((sectors.end, sectors.last))],
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
    yield from _years(sectors)
    for span in SPANS:
        for flow in FLOWS:
            yield from _totals(sectors, flow, span)
            yield from _blocks(sectors, flow, span)
            yield from _shift(sectors, flow, span)
    yield from _single_chapters(sectors)
    yield from _partners(sectors)
    yield from _newest(sectors)
    yield from _concentration(sectors)
    yield from _published(sectors)
    yield from _domestic(sectors)
    yield from _shares(sectors)


def _noun(sectors: Sectors, flow: Flow, what: str = "") -> str:
    """Return how a flow is named in labels; `what` is a block, or `without_energy`."""
    noun = WORDS.label(f"noun.{flow}", **sectors.study_names)
    return WORDS.label(f"what.{what}", noun=noun) if what else noun


def _changed(
    sectors: Sectors,
    id_: str,
    noun: str,
    series: pd.Series[float],
    last: int | None,
    parts: Iterable[str],
    *,
    first: int = 0,
    reason: str | None = None,
) -> Iterator[Value]:
    """Yield parts of start, end, change and percent change of a yearly series; no values where it lacks an end.

    It starts in `first`, or else in the first year by sector.
    """
    first, decimals, says = first or sectors.first, sectors.scale.decimals, {"noun": noun}
    start = end = None
    span = WORDS.label("from", year=str(first))
    if last is not None and {first, last} <= set(series.index):
        start, end, span = float(series.loc[first]), float(series.loc[last]), f"{first} to {last}"
    change = None if start is None or end is None else end - start
    percent = 100 * change / start if change is not None and start else None
    later = {**says, "in": str(last or WORDS.label("later_year"))}
    made = {
        "start": Value(f"{id_}.start", start, str(first), says=says, reason=reason, decimals=decimals),
        "end": Value(f"{id_}.end", end, str(last or span), says=later, reason=reason, decimals=decimals),
        "change": Value(f"{id_}.change", change, span, says=says, reason=reason, decimals=decimals),
        "change_pct": Value(f"{id_}.change_pct", percent, span, says=says, reason=reason),
    }
    yield from (made[part] for part in parts)


def _years(sectors: Sectors) -> Iterator[Value]:
    yield from (Value("first", sectors.first), Value("end", sectors.end), Value("last", sectors.last))
    in_force = sectors.agreement.dates.in_force.year
    yield Value("before", sum(year < in_force for year in sectors.years))
    for flow in FLOWS:
        yield Value(f"{flow}.gaps", len(sectors.trade[flow].gaps))


def _totals(sectors: Sectors, flow: Flow, span: Span) -> Iterator[Value]:
    """Yield changes of totals, the ends of the ranking, and the difference to the flows chapter."""
    trade, end, decimals = sectors.trade[flow], sectors.year(span), sectors.scale.decimals
    where, noun, period = f"{flow}.{span}", _noun(sectors, flow), f"{sectors.first} to {end}"
    yield from _changed(sectors, where, noun, trade.total(), end, ["change"])
    if flow == "exports" or span == "evaluation":
        without, named = trade.total(energy=False), _noun(sectors, flow, "without_energy")
        yield from _changed(sectors, f"{where}.without_energy", named, without, end, ["change"])
    ranked = sectors.contributions(flow, end)["change"]
    for place, value in (("top", ranked.iloc[0]), ("bottom", ranked.iloc[-1])):
        yield Value(f"{where}.{place}", float(value), period, says={"noun": noun}, decimals=decimals)
    if span == "evaluation":
        rising = int((ranked.round(decimals) > 0).sum())
        yield Value(f"{where}.rising", rising, period, says={"noun": noun})
        yield Value(f"{where}.groups", len(ranked), period, says={"noun": noun})
        total, gaps = sectors.totals[flow], [sectors.basis_gap(flow, year) for year in (sectors.first, end)]
        known = sectors.first in total.index and end in total.index
        change = float(total.loc[end] - total.loc[sectors.first]) if known else None
        yield Value(f"{where}.flows_change", change, period, decimals=decimals)
        gap = None if gaps[0] is None or gaps[1] is None else gaps[1] - gaps[0]
        yield Value(f"{where}.basis_gap", gap, period, decimals=decimals)


def _blocks(sectors: Sectors, flow: Flow, span: Span) -> Iterator[Value]:
    for block in BLOCKS:
        parts: tuple[str, ...] = ("change",)
        if block in (MACHINERY, TRANSPORT):
            parts = PARTS if span == "evaluation" else ("end", "change")
        elif (block, flow) == ("energy", "exports"):
            parts = PARTS[:3] if span == "evaluation" else ("end", "change")
        series, noun = sectors.trade[flow].block(block), _noun(sectors, flow, block)
        yield from _changed(sectors, f"{block}.{flow}.{span}", noun, series, sectors.year(span), parts)


def _single_chapters(sectors: Sectors) -> Iterator[Value]:
    own = sectors.trade["exports"].own
    for code in CHAPTERS:
        if code in own:
            noun = WORDS.label("chapter", noun=_noun(sectors, "exports"), code=code)
            yield from _changed(sectors, f"hs{code}.exports.evaluation", noun, own[code], sectors.end, PARTS)


def _shift(sectors: Sectors, flow: Flow, span: Span) -> Iterator[Value]:
    end, decimals = sectors.year(span), sectors.scale.decimals
    period = f"{sectors.first} to {end}"
    for energy, key in ((True, "shift"), (False, "shift_without_energy")):
        whole = span == "evaluation" and (energy or flow == "imports")
        if not whole and flow == "imports":
            continue
        sums = sectors.shift(flow, end, energy=energy).sum()
        says = {"noun": _noun(sectors, flow), "without": "" if energy else f" {WORDS.label('without_energy')}"}
        found = {part: float(sums[part]) for part in (SHIFTS if whole else ("local",))}
        if whole:
            found["elsewhere"] = found["common"] + found["mix"]
        for part, value in found.items():
            yield Value(f"{flow}.{span}.{key}.{part}", value, period, says=says, decimals=decimals)
    if (flow, span) == ("exports", "evaluation"):
        local = sectors.shift(flow, end)["local"]
        for block in BLOCKS:
            value, says = (
                float(local.loc[sectors.trade[flow].codes(block)].sum()),
                {"noun": _noun(sectors, flow, block)},
            )
            yield Value(f"{block}.{flow}.{span}.local", value, period, says=says, decimals=decimals)


def _partners(sectors: Sectors) -> Iterator[Value]:
    code, period = sectors.agreement.partner.census_code, f"{sectors.first} to {sectors.end}"
    for block in (MACHINERY, TRANSPORT):
        growth = sectors.growth_by_partner(block, sectors.end)
        others = growth.drop(code, errors="ignore")
        known = code in growth.index and len(others) > 0
        own = float(growth.loc[code]) if known else float("nan")
        found = {"partners_above": float((others > own).sum()), "partners_median": float(others.median())}
        found |= {"partners": float(len(others))} if block == MACHINERY else {}
        for what, value in found.items():
            says = {"block": WORDS.labels("blocks")[block]}
            yield Value(f"{block}.exports.evaluation.{what}", value if known else None, period, says=says)


def _newest(sectors: Sectors) -> Iterator[Value]:
    """Yield exports to their own last complete year where that is later than the last of both flows."""
    year, trade = sectors.newest_exports, sectors.trade["exports"]
    if year <= sectors.last:
        return
    yield Value("newest.year", year)
    yield from _changed(sectors, "newest.exports", _noun(sectors, "exports"), trade.total(), year, ["change"])
    without, named = trade.total(energy=False), _noun(sectors, "exports", "without_energy")
    yield from _changed(sectors, "newest.exports.without_energy", named, without, year, ["change"])


def _concentration(sectors: Sectors) -> Iterator[Value]:
    for of, flow in CONCENTRATED.items():
        top = sectors.concentration.loc[of]["top"]
        start = float(top.loc[sectors.first])
        says = {"noun": _noun(sectors, flow, "" if of == flow else "without_energy")}
        if of == "exports":
            yield Value("concentration.exports.first.top", start, str(sectors.first), says=says)
            yield Value(
                "concentration.exports.evaluation.top", float(top.loc[sectors.end]), str(sectors.end), says=says
            )
        for span in SPANS:
            year = sectors.year(span)
            moved = float(top.loc[year]) - start
            yield Value(f"concentration.{of}.{span}.top_change", moved, f"{sectors.first} to {year}", says=says)


def _published(sectors: Sectors) -> Iterator[Value]:
    """Yield exports by the Commission's sectors to the evaluation year, with the sums that contributions add up to."""
    table, last = sectors.published, int(sectors.published.index[-1]) if len(sectors.published) else None
    for key, name in PUBLISHED.items():
        yield from _commission(sectors, f"usitc.{key}.evaluation", [name], name.lower(), sectors.end, PARTS)
    again = "usitc.machinery.evaluation.change_pct" if last == sectors.end else None
    sector = PUBLISHED["machinery"]
    for value in _commission(sectors, "usitc.machinery.published", [sector], sector.lower(), last, ["change_pct"]):
        yield value._replace(repeats=again)
    every = list(table.columns)
    for key, members in (("all", every), ("without_energy", [name for name in every if name != PUBLISHED_ENERGY])):
        yield from _commission(sectors, f"usitc.{key}.evaluation", members, key, sectors.end, ["change"])


def _commission(
    sectors: Sectors, id_: str, members: list[str], what: str, year: int | None, parts: Iterable[str]
) -> Iterator[Value]:
    table, named = sectors.published, sectors.study_names
    noun = WORDS.label(f"commission.{what if what in ('all', 'without_energy') else 'sector'}", sector=what, **named)
    held = table[members].sum(axis=1) if set(members) <= set(table) else table.sum(axis=1).head(0)
    reason = WORDS.label("why.commission", **named)
    yield from _changed(sectors, id_, noun, held, year, parts, reason=reason)


def _domestic(sectors: Sectors) -> Iterator[Value]:
    """Yield domestic exports by the Commission's sectors from the baseline year: points from before the agreement."""
    begin, code, named = sectors.baseline_year, sectors.agreement.partner.census_code, sectors.study_names
    for key, name in PUBLISHED.items():
        own, world = (sectors.domestic_exports(name, partner) for partner in (code, WORLD))
        noun, id_ = WORDS.label("domestic", sector=name.lower(), **named), f"domestic.{key}"
        ends = [int(year) for year in own.index.tolist() if begin < year <= sectors.end]
        end = ends[-1] if ends and begin in own.index else None
        reason = WORDS.label("why.domestic", year=str(begin))
        yield from _changed(sectors, id_, noun, own, end, PARTS, first=begin, reason=reason)
        if key == "machinery":
            elsewhere = None
            if end is not None and {begin, end} <= set(world.index):
                others = world - own
                elsewhere = 100 * float(others.loc[end] / others.loc[begin] - 1)
            period = f"{begin} to {end}" if end else WORDS.label("from", year=str(begin))
            yield Value(f"{id_}.elsewhere_pct", elsewhere, period, says={"sector": name.lower()})


def _shares(sectors: Sectors) -> Iterator[Value]:
    """Yield shares of machinery and transport equipment in the goods of both directions, first and last year held."""
    spoken = {("machinery", "exports"), ("transport", "imports")}
    for flow in FLOWS:
        table = sectors.shares[flow]
        years = (int(table.index[0]), int(table.index[-1])) if len(table) else None
        span = f"{years[0]} to {years[1]}" if years else WORDS.label("before_tables")
        for key, code in SHARED.items():
            says = {
                "sector": str(sectors.labels[("wiod", code)]).lower(),
                "noun": WORDS.label(f"goods.{flow}", **sectors.study_names),
            }
            start, end = (float(table[code].loc[y]) for y in years) if years and code in table else (None, None)
            yield Value(f"wiod.{key}.{flow}.start", start, str(years[0]) if years else span, says=says)
            yield Value(f"wiod.{key}.{flow}.end", end, str(years[1]) if years else span, says=says)
            if (key, flow) in spoken:
                change = None if start is None or end is None else end - start
                yield Value(f"wiod.{key}.{flow}.change", change, span, says=says)
