"""Values of the findings about sectors, NaN where not held; `findings.toml` describes each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import nan

import pandas as pd

from korus_research.chapters.sectors.measures import SPANS, Sectors, Span
from korus_research.chapters.sectors.trade import MAIN, PUBLISHED, domestic_exports
from korus_research.methods.series import FLOWS, WORLD, Flow
from korus_research.show.declared import Value, declarations
from korus_research.show.words.text import Words

WORDS = Words("sectors")
PARTS = ("start", "end", "change", "change_pct")
CHAPTERS = ["84", "85", "87", "88"]  # of the Harmonized System, spoken of one by one
MEAT = "02"
PLACES = ("first", "second", "third")  # of the groups that gained or lost most
SHARED: dict[tuple[str, Flow], str] = {("machinery", "exports"): "c13", ("transport", "imports"): "c15"}


def values(sectors: Sectors) -> Iterator[Value]:
    """Yield every finding."""
    about = declarations("sectors")
    for value in _values(sectors):
        amount = about.of(value.id)[0]["unit"] == "usd_bn"
        yield value._replace(decimals=_spoken(sectors)) if amount else value


def _spoken(sectors: Sectors) -> int:
    """Return the decimals of amounts in sentences: tables have a second one."""
    return 1 if sectors.scale.decimals == 2 else sectors.scale.decimals


def names(sectors: Sectors) -> Mapping[str, str | Sequence[str]]:
    """Return the names used in sentences, those of the groups that gained or lost most among them."""
    found: dict[str, str | Sequence[str]] = {
        **sectors.study_names,
        "usd": sectors.scale.unit,
        "usd_short": sectors.scale.short,
        "first_year": str(sectors.first),
        "end_year": str(sectors.end),
        "last_year": str(sectors.last),
        "newest_year": str(sectors.newest_exports),
        "end_years": [str(year) for year in sectors.ends],
        "later": str(sectors.last) if sectors.last != sectors.end else "",
        "gap_years": [f"{year}" for flow in FLOWS for year in sectors.trade[flow].gaps],
    }
    for span in SPANS:
        for flow in FLOWS:
            for kind, groups in _ends(sectors, flow, span).items():
                found[f"{kind}_{flow}_{span}"] = list(PLACES[: len(groups)])
                for place, group in zip(PLACES, groups.index, strict=False):
                    found[f"{kind}_{flow}_{span}_{place}"] = _in_a_sentence(sectors.name(flow, str(group)))
    most = [found.get(f"gained_{flow}_latest_first", "") for flow in FLOWS]
    found["gained_both"] = most[0] if all(most) and most[0] == most[1] else ""
    found["gained_apart"] = "yes" if all(most) and most[0] != most[1] else ""
    found["gained_by_none"] = "" if all(most) else "yes"
    return found


def _in_a_sentence(name: str) -> str:
    """Return the name of a group for a sentence: "oil, gas and petroleum products"."""
    parts = name.split(", ")
    joined = f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 2 else name
    return joined[:1].lower() + joined[1:]


def _ends(sectors: Sectors, flow: Flow, span: Span) -> dict[str, pd.Series[float]]:
    """Return the groups that gained most and those that lost most, largest first; less than is shown is neither."""
    ranked = sectors.contributions(flow, sectors.year(span))["change"]
    shown = ranked.round(_spoken(sectors))
    return {"gained": ranked[shown > 0][: len(PLACES)], "lost": ranked[shown < 0][::-1][: len(PLACES)]}


def _values(sectors: Sectors) -> Iterator[Value]:
    in_force = sectors.agreement.dates.in_force.year
    yield Value("before", sum(year < in_force for year in sectors.years))
    yield from (Value(f"{flow}.gaps", len(sectors.trade[flow].gaps)) for flow in FLOWS)
    for span in SPANS:
        for flow in FLOWS:
            for part in (_totals, _shift):
                yield from part(sectors, flow, span)
    for of in (_definitions, _newest, _meat, _published, _domestic, _shares):
        yield from of(sectors)


def _changed(
    sectors: Sectors,
    id_: str,
    series: pd.Series[float],
    last: int | None,
    parts: Iterable[str],
    *,
    first: int | None = None,
    says: Mapping[str, str] = {},
) -> Iterator[Value]:
    """Yield parts of start, end, change and percent change of a yearly series; no values where it lacks an end.

    It starts in `first`, or else in the first year by sector.
    """
    first = first or sectors.first
    held = {first, last} <= set(series.index)
    start, end = series.reindex([first, last]) if held else (nan, nan)
    span = f"{first} to {last}" if held else WORDS.label("from", year=str(first))
    made = {
        "start": (start, str(first)),
        "end": (end, str(last or span)),
        "change": (end - start, span),
        "change_pct": (100 * (end - start) / start if start else nan, span),
    }
    about = {"in": str(last or WORDS.label("later_year")), **says}
    for part in parts:
        yield Value(f"{id_}.{part}", *made[part], says=about)


def _totals(sectors: Sectors, flow: Flow, span: Span) -> Iterator[Value]:
    """Yield changes of totals, of the groups at both ends of the ranking, and the difference to the flows chapter."""
    trade, first, end, where = sectors.trade[flow], sectors.first, sectors.year(span), f"{flow}.{span}"
    if span == "latest":
        yield from _changed(sectors, where, trade.total(), end, ["change"])
    if flow == "exports":
        yield from _changed(sectors, f"{where}.without_energy", trade.total(energy=False), end, ["change"])
    period = f"{first} to {end}"
    for kind, groups in _ends(sectors, flow, span).items():
        for place, (group, change) in zip(PLACES, groups.items(), strict=False):
            if kind == "lost" and (place != PLACES[0] or span == "latest"):
                continue  # of those that lost most the first is told, and of the newest year its name
            says = {"group": sectors.name(flow, str(group)).lower()}
            yield Value(f"{where}.{kind}.{place}", change, period, says=says)
    if span == "evaluation":
        ranked = sectors.contributions(flow, end)["change"]
        yield Value(f"{where}.rising", (ranked.round(sectors.scale.decimals) > 0).sum(), period)
        yield Value(f"{where}.groups", len(ranked), period)
        if flow == "imports":
            yield Value(f"{where}.basis_gap", sectors.basis_gap(flow, end) - sectors.basis_gap(flow, first), period)


def _definitions(sectors: Sectors) -> Iterator[Value]:
    """Yield machinery and transport equipment by both classifications, and single chapters of them."""
    for block in MAIN:
        says = {"what": WORDS.labels("blocks")[block]}
        for flow in FLOWS:
            series = sectors.trade[flow].block(block)
            yield from _changed(sectors, f"{block}.{flow}.evaluation", series, sectors.end, PARTS, says=says)
    own = sectors.trade["exports"].own
    for code in own.columns.intersection(CHAPTERS):
        says = {"what": f"HS {code}"}
        yield from _changed(sectors, f"hs{code}.exports.evaluation", own[code], sectors.end, PARTS, says=says)


def _shift(sectors: Sectors, flow: Flow, span: Span) -> Iterator[Value]:
    """Yield what is left of the change beyond growth of the same sectors elsewhere, with and without energy."""
    end = sectors.year(span)
    for energy, key in ((True, "shift"), (False, "shift_without_energy")):
        if energy or span == "latest":
            local = float(sectors.shift(flow, end, energy=energy)["local"].sum())
            yield Value(f"{flow}.{span}.{key}.local", local, f"{sectors.first} to {end}")


def _meat(sectors: Sectors) -> Iterator[Value]:
    """Yield exports of meat to the newest year."""
    own = sectors.trade["exports"].own
    if MEAT in own:
        yield from _changed(sectors, "meat", own[MEAT], sectors.newest_exports, PARTS[:3])


def _newest(sectors: Sectors) -> Iterator[Value]:
    """Yield exports to their own last complete year where that is later than the last of both flows."""
    year, trade = sectors.newest_exports, sectors.trade["exports"]
    if year > sectors.last:
        yield from _changed(sectors, "newest.exports", trade.total(), year, ["change"])
        yield from _changed(sectors, "newest.exports.without_energy", trade.total(energy=False), year, ["change"])


def _published(sectors: Sectors) -> Iterator[Value]:
    """Yield exports by the Commission's sectors to the evaluation year, and machinery to the last year of its table."""
    table, end = sectors.published, sectors.end
    last = int(table.index[-1]) if len(table) else None
    for key, name in PUBLISHED.items():
        held, says = table.get(name, pd.Series(dtype=float)), {"name": name.lower()}
        yield from _changed(sectors, f"usitc.{key}.evaluation", held, end, PARTS, says=says)
        if key == "machinery":
            again = f"usitc.{key}.evaluation.change_pct" if last == end else None
            for value in _changed(sectors, f"usitc.{key}.published", held, last, PARTS[3:], says=says):
                yield value._replace(repeats=again)


def _domestic(sectors: Sectors) -> Iterator[Value]:
    """Yield domestic exports by the Commission's sectors from the baseline year: points from before the agreement."""
    begin, code = sectors.baseline_year, sectors.agreement.partner.census_code
    for key, name in PUBLISHED.items():
        own, world = (domestic_exports(sectors.domestic, name, partner) for partner in (code, WORLD))
        years, says = [int(year) for year in own.index if begin < year <= sectors.end], {"name": name.lower()}
        end = years[-1] if years and begin in own.index else None
        yield from _changed(sectors, f"domestic.{key}", own, end, PARTS, first=begin, says=says)
        if key == "machinery":
            others, held = world - own, {begin, end} <= set(world.index)
            elsewhere = 100 * (others[end] / others[begin] - 1) if end and held else None
            period = f"{begin} to {end}" if end else WORDS.label("from", year=str(begin))
            yield Value(f"domestic.{key}.elsewhere_pct", elsewhere, period, says=says)


def _shares(sectors: Sectors) -> Iterator[Value]:
    """Yield the shares of machinery in goods sold and of transport equipment in goods bought, first and last year."""
    for (key, flow), code in SHARED.items():
        table = sectors.shares[flow]
        held = table[code] if code in table else pd.Series({WORDS.label("before_tables"): nan})
        first, last, start, end = held.index[0], held.index[-1], held.iloc[0], held.iloc[-1]
        says = {"name": str(sectors.labels["wiod", code]).lower()}
        yield Value(f"wiod.{key}.{flow}.start", start, str(first), says=says)
        yield Value(f"wiod.{key}.{flow}.end", end, str(last), says=says)
        span = str(first) if first == last else f"{first} to {last}"
        yield Value(f"wiod.{key}.{flow}.change", end - start, span, says=says)
