"""Values of the findings about flows; `findings.toml` describes each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from korus_research.chapters.flows.measures import BOP_SERIES, CELLS, LATEST, PRIOR, Flows, Series
from korus_research.chapters.flows.names import names, no_energy
from korus_research.methods.series import FLOWS, month_name, percent_change
from korus_research.show.declared import Value, basis_of as declared_basis, declarations
from korus_research.show.words.text import Words

__all__ = ["basis_of", "names", "values"]
WORDS = Words("flows")
# By series, what is asked for on the balance-of-payments basis: of balances, and of services also of both flows.
BOP_ASKED: Mapping[Series, tuple[str, ...]] = {
    "bop_goods": ("evaluation.change",),
    "bop_services": ("evaluation.change",),
    "bop_goods_services": ("baseline", "evaluation.end"),
}
SMALL = 1  # USD billion: the parts of a smaller change say nothing as shares of it


def values(flows: Flows) -> Iterator[Value]:
    """Yield every finding; one of the latest months repeats that of the evaluation year where it says the same."""
    made: dict[str, Value] = {}
    for value in (_written(flows, value) for value in _values(flows)):
        twin = made.get(value.id.replace(".latest.", ".evaluation."))
        made[value.id] = value
        if ".latest." in value.id and twin is not None and _same(flows, value, twin):
            yield value._replace(repeats=twin.id)
        else:
            yield value


def _written(flows: Flows, value: Value) -> Value:
    """Return a value with the noun for its flow (exports where its id names none), and the decimals of amounts."""
    parts = value.id.split(".")
    series = parts[0] if parts[0] in BOP_SERIES else "census_goods"
    noun = _noun(flows, next((part for part in parts if part in CELLS), "exports"), series)
    amount = declarations("flows").of(value.id)[0]["unit"] == "usd_bn"
    return value._replace(says={"noun": noun, **value.says}, decimals=flows.scale.decimals if amount else None)


def _same(flows: Flows, value: Value, twin: Value) -> bool:
    """Return whether the latest months repeat the evaluation year: its figure, or why there is none."""
    unknown = value.value is None and twin.value is None and value.reason == twin.reason
    return flows.latest_is_evaluation or unknown


def _values(flows: Flows) -> Iterator[Value]:
    evaluation = str(flows.evaluation_year or flows.agreement.first_full_year)
    ends = {"evaluation": evaluation, "latest": LATEST}
    for what in CELLS:
        for name, end in ends.items():
            yield from _moved(flows, what, name, end, "census_goods")
        for series, kinds in BOP_ASKED.items():
            if what == "balance" or series == "bop_services":
                ids = [f"{series}.{what}.{kind}" for kind in kinds]
                yield from (v for v in _moved(flows, what, "evaluation", evaluation, series) if v.id in ids)
    baseline = str(flows.baseline_year)
    for name, end in ends.items():
        yield Value(f"deficit.{name}.ratio", flows.deficit_ratio(baseline, end), f"{baseline} to {flows.span(end)}")
    yield from _by_start(flows)
    yield from _energy(flows)
    yield from _purchasing_power(flows, evaluation)
    yield from _recent(flows)


def _moved(flows: Flows, what: str, name: str, end: str, series: Series) -> Iterator[Value]:
    """Yield the level at the start and at the end, the change and, for flows, the percent change between them."""
    start = str(flows.baseline_year)
    first, last = flows.level(what, start, series), flows.level(what, end, series)
    change, to, span = flows.change(what, start, end, series), flows.span(end), f"{start} to {flows.span(end)}"
    absent = series != "census_goods" and series not in flows.levels.index.get_level_values("series")
    if absent:
        reason = WORDS.label("why.no_series", **flows.study_names)
    elif last is None and end.isdigit() and flows.evaluation_year is None:
        reason = WORDS.label("why.no_full_year")
    else:
        when = to if last is None else start
        reason = WORDS.label("why.no_figure", noun=_noun(flows, what, series), when=when)
    prefix = what if series == "census_goods" else f"{series}.{what}"
    if name == "evaluation":
        yield Value(f"{prefix}.baseline", first, start, reason=reason if absent else None)
    yield Value(f"{prefix}.{name}.end", last, to, reason=reason)
    if what != "balance" or name == "evaluation":
        yield Value(f"{prefix}.{name}.change", change, span, reason=reason)
    if what != "balance":
        percent = None if change is None or not first else 100 * change / first
        yield Value(f"{prefix}.{name}.change_pct", percent, span, reason=reason)


def basis_of(series: Series) -> str:
    """Return the statistical basis of a series, as its findings state it."""
    at = "evaluation.end" if series == "bop_goods_services" else "evaluation.change"
    prefix = "" if series == "census_goods" else f"{series}."
    return declared_basis(f"flows.{prefix}balance.{at}")


def _noun(flows: Flows, what: str, series: str = "census_goods") -> str:
    return WORDS.label(f"noun.{series}.{what}", **flows.study_names)


def _by_start(flows: Flows) -> Iterator[Value]:
    """Yield how the change depends on the starting point, among those before entry into force."""
    starts = list(flows.starts_before)
    years = [start for start in starts if start.isdigit()]
    prior = flows.span(PRIOR) if PRIOR in starts else ""
    period = WORDS.label("starts", first=years[0], last=years[-1], prior=prior)
    for what in FLOWS:
        grid = flows.grid(what).loc[starts]
        newest = LATEST if LATEST in grid else str(flows.last_year)
        for name, column in (("evaluation", str(flows.evaluation_year)), ("latest", newest)):
            cells = grid[column].dropna().tolist() if column in grid else []
            says = {"to": flows.span(column) if column in grid else WORDS.label("evaluation_year")}
            found: dict[str, float | None] = {"falls": sum(cell < 0 for cell in cells) if cells else None}
            if name == "evaluation":
                found |= {"low": min(cells, default=None), "high": max(cells, default=None)}
                found |= {"baselines": len(cells) or None} if what == "exports" else {}
            for kind, value in found.items():
                yield Value(f"grid.{what}.{name}.{kind}", value, period, says=says)


def _energy(flows: Flows) -> Iterator[Value]:
    """Yield exports with and without energy, from the evaluation year to the latest 12 months of the chapters.

    From the baseline year where that is the nearest that is held, else from the first year of the tables.
    """
    table = {} if flows.energy is None else flows.energy.to_dict(orient="index")
    keys = [str(key) for key in table]
    asked = [str(year) for year in (flows.evaluation_year, flows.baseline_year)]
    start = next((key for key in (*asked, *keys) if key in keys[:-1]), None)
    found: dict[str, float | None] = dict.fromkeys(("total", "energy", "other", "other_pct", "share"))
    why = no_energy(flows)
    if start is not None:
        first, last = table[start], table[keys[-1]]
        total, energy, other = (float(last[key] - first[key]) for key in ("exports", "energy", "other"))
        why = "small" if abs(total) < SMALL else "opposite"
        share = 100 * energy / total if energy * total > 0 and why != "small" else None
        other_pct = 100 * other / first["other"] if first["other"] else None
        found = {"total": total, "energy": energy, "other": other, "other_pct": other_pct, "share": share}
    period = f"{start} to {flows.span(keys[-1])}" if start is not None else WORDS.label("no_two_periods")
    noun, reason = _noun(flows, "exports"), WORDS.label(f"why.{why}", **flows.study_names)
    says = {"change": WORDS.label("energy_part" if why == "energy_elsewhere" else "change", noun=noun)}
    for kind, value in found.items():
        again = "energy.other" if kind == "share" and start is None else None
        yield Value(f"energy.{kind}", value, period, says=says, reason=reason, repeats=again)


def _purchasing_power(flows: Flows, evaluation: str) -> Iterator[Value]:
    prices = {} if flows.prices is None else flows.prices.to_dict()
    baseline = str(flows.baseline_year)
    for what in FLOWS:
        first, last = flows.level(what, baseline), flows.level(what, evaluation)
        value = None
        if first and last and flows.evaluation_year and {int(baseline), int(evaluation)} <= set(prices):
            value = 100 * ((last / prices[int(evaluation)]) / (first / prices[int(baseline)]) - 1)
        yield Value(f"{what}.evaluation.real_pct", value, f"{baseline} to {evaluation}")


def _recent(flows: Flows) -> Iterator[Value]:
    """Yield the extremes of the last 12 months of imports, and the latest ones beside those of other partners."""
    recent = flows.recent
    if recent is None:
        for kind in ("start", "end", "swing", "pct", "others_pct", "alike", "compared"):
            yield Value(f"recent.imports.{kind}", None, flows.span(LATEST))
        return
    (start, before), (end, after) = recent.extremes
    yield Value("recent.imports.start", before, month_name(start))
    yield Value("recent.imports.end", after, month_name(end))
    swing = percent_change(before, after)
    yield Value("recent.imports.swing", swing, f"{month_name(start)} to {month_name(end)}")
    period = recent.span_name
    yield Value("recent.imports.pct", float(recent.growth[recent.partner]), period)
    yield Value("recent.imports.others_pct", recent.others, period)
    yield Value("recent.imports.alike", len(recent.alike), period)
    yield Value("recent.imports.compared", len(recent.growth) - 1, period)
