"""What the findings of the drivers amount to; what each is stands in `findings.toml`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from korus_research.chapters.drivers.panel import MEASURES, PARTS, slowdown
from korus_research.methods.series import FLOWS, MN_PER_BN, Flow
from korus_research.show.declared import Value
from korus_research.show.words.text import Words

if TYPE_CHECKING:
    from korus_research.chapters.drivers.estimated import Held
    from korus_research.chapters.drivers.measures import Drivers

WORDS = Words("drivers")
WHAT_IFS: Mapping[Held, str] = {
    "value": "same_value",
    "past": "same_pace",
    "both": "others_pace",
    "trend": "no_trend",
}


def values(drivers: Drivers) -> Iterator[Value]:
    """Yield every finding; those of the last year repeat those of the evaluation year where both are one."""
    same = {
        "accounting": drivers.evaluation_year == drivers.accounting_last("exports"),
        "import_accounting": drivers.evaluation_year == drivers.accounting_last("imports"),
    }
    for value in _values(drivers):
        again = same.get(value.id.partition(".")[0], drivers.evaluation_year == drivers.last)
        if again and ".latest." in value.id:
            yield value._replace(repeats=value.id.replace(".latest.", ".evaluation."))
        else:
            yield value


def names(drivers: Drivers) -> Mapping[str, str | Sequence[str]]:
    """Return the names that sentences about the drivers use."""
    years = drivers.main("exports").equation.years
    pace = drivers.plan.benchmark.years
    return {
        **drivers.study_names,
        "level": f"{100 * drivers.plan.uncertainty.level:.0f} percent",
        "later": str(drivers.last) if drivers.last != drivers.evaluation_year else "",
        "sample_first": str(years[0]),
        "sample_last": str(years[-1]),
        "pace_years": str(pace),
        "crisis_years": [str(year) for year in drivers.plan.crisis.years],
        "crisis_reason": drivers.plan.crisis.reason,
    }


def _values(drivers: Drivers) -> Iterator[Value]:
    yield from _sample(drivers)
    ends = {"evaluation": drivers.evaluation_year, "latest": drivers.last if drivers.evaluation_year else None}
    for name, end in ends.items():
        yield from _currency(drivers, name, end)
        for flow in FLOWS:
            account_end = drivers.accounting_last(flow) if name == "latest" and end else end
            yield from _accounting(drivers, flow, name, account_end)
            yield from _predicted(drivers, flow, name, end)
            yield from _what_ifs(drivers, flow, name, end)
    yield from _levels(drivers)
    yield from _growth(drivers)
    yield from _equations(drivers)
    yield from _backtest(drivers)


def _sample(drivers: Drivers) -> Iterator[Value]:
    equation = drivers.main("exports").equation
    period = f"{equation.years[0]} to {equation.years[-1]}"
    yield Value("before", drivers.before, period)
    yield Value("last", drivers.last, str(drivers.last))
    for flow, name in (("exports", "accounting_last"), ("imports", "import_accounting_last")):
        ends = drivers.accounting_last(flow)  # type: ignore[arg-type]
        yield Value(name, ends, str(ends))
    yield Value("points", len(equation.years), period)
    yield Value("df", equation.df, period)
    yield Value("level", 100 * drivers.plan.uncertainty.level, period)
    volume = drivers.growth(drivers.last).drop(index=drivers.iso3)["volume_after"].dropna()
    yield Value("others", len(volume), period)


def _accounting(drivers: Drivers, flow: Flow, name: str, end: int | None) -> Iterator[Value]:
    """Yield what the split of a flow from the baseline year to `end` says; `name` is that of the end."""
    first, table = drivers.baseline_year, drivers.accounts(flow)
    prefix = f"{'accounting' if flow == 'exports' else 'import_accounting'}.{name}"
    known = end is not None and first in table.index and end in table.index
    parts = drivers.split(first, end, flow) if known and end is not None else None
    period = f"{first} to {end}" if end else f"from {first}"
    names = drivers.study_names
    whose = names["partner"] if flow == "exports" else WORDS.label("us")
    reason = None if end is None else WORDS.label("why.no_total", whose=whose, first=str(first), last=str(end))

    def given(what: str, value: float | None) -> Value:
        split = known and what.partition("_")[0] in ("volume", "price")
        return Value(f"{prefix}.{what}", value, period, reason=WORDS.label("why.no_volume") if split else reason)

    every = (flow, "imports_total", *PARTS) if name == "evaluation" else (flow, "imports_total", "share")
    for what in every:
        yield given(f"{what}_part", None if parts is None else float(parts["usd_mn"].loc[what]) / MN_PER_BN)
    if name == "evaluation":
        for what in ("imports_total", "volume", "price"):
            yield given(f"{what}_growth", None if parts is None else float(parts["percent"].loc[what]))
        start, last = (100 * float(table["share"][y]) if known and y is not None else None for y in (first, end))
        yield given("share_start", start)
        yield given("share_end", last)
        yield given("share_change", _less(last, start))


def _currency(drivers: Drivers, name: str, end: int | None) -> Iterator[Value]:
    """Yield how the currency's value changed from the year before entry into force to `end`."""
    first, rates = drivers.before, drivers.currencies
    period = f"{first} to {end}" if end else f"from {first}"
    own = others = nominal = None
    if end is not None and end in rates.index:
        change = (100 * (rates.loc[end] / rates.loc[first] - 1)).dropna().to_dict()
        own = float(change.pop(drivers.iso3))
        others = float(np.median(list(change.values()))) if change else None
        per_dollar = drivers.nominal.to_dict()
        nominal = 100 * (per_dollar[first] / per_dollar[end] - 1)
    yield Value(f"currency.{name}.real", own, period)
    yield Value(f"currency.{name}.others", others, period)
    if name == "evaluation":
        yield Value("currency.evaluation.nominal", nominal, period)
        yield Value("currency.evaluation.gap", _less(own, others), period)


def _growth(drivers: Drivers) -> Iterator[Value]:
    """Yield growth of import volume and output to the evaluation year, beside the years before and the others."""
    end, before = drivers.evaluation_year, drivers.before
    table = drivers.growth(end or before + 1)
    spans = {"after": f"{before + 1} to {end}", "before": f"{before - drivers.plan.benchmark.years + 1} to {before}"}
    for measure in MEASURES:
        others = table.drop(index=drivers.iso3)
        then, now = (float(table[f"{measure}_{when}"].loc[drivers.iso3]) for when in ("before", "after"))
        rest, rest_then = (float(others[f"{measure}_{when}"].dropna().median()) for when in ("after", "before"))
        found = {"after": now, "before": then, "others": rest}
        if measure == "volume":
            slower = slowdown(table, measure, drivers.iso3)
            found |= {"others_before": rest_then, "gap_past": now - then, "others_change": slower}
            found |= {"gap_both": now - then - slower}
        else:
            found |= {"gap_others": now - rest}
        for what, value in found.items():
            period = spans["before" if what.endswith("before") else "after"] if end else f"from {before + 1}"
            reason = None if end is None else WORDS.label("why.no_volume")
            yield Value(f"{measure}.evaluation.{what}", None if end is None else value, period, reason=reason)


def _predicted(drivers: Drivers, flow: Flow, name: str, end: int | None) -> Iterator[Value]:
    """Yield what the main equation predicts of a flow, and what it leaves over; change and size of both ends once."""
    period, key = f"{drivers.before} to {end}" if end else f"from {drivers.before}", f"{flow}.{name}"
    at, says = str(end) if end else period, {"noun": _noun(drivers, flow)}
    start = float(drivers.table[flow].loc[drivers.before]) / MN_PER_BN
    actual = centre = low = high = None
    if end is not None:
        centre, low, high = (each / MN_PER_BN for each in drivers.main(flow).predicted(end))
        actual = float(drivers.table[flow].loc[end]) / MN_PER_BN
    yield Value(f"{key}.actual", actual, at, says=says)
    for which, value in {"": centre, "_low": low, "_high": high}.items():
        yield Value(f"{key}.predicted{which}", value, at, says=says)
    left, least, most = (_less(actual, each) for each in (centre, high, low))
    yield Value(f"{key}.unexplained", left, at, (least, most), says)
    predicted = [e.predicted(end)[0] / MN_PER_BN for e in drivers.of_flow(flow)] if end is not None else []
    yield from _extremes(f"{key}.unexplained", [_less(actual, each) for each in predicted], at, says)
    room = None if least is None or most is None else min(-least, most)
    if flow == "exports" or name == "evaluation":
        yield Value(f"{key}.room", room, at, says=says)
    if flow == "exports" and name == "evaluation":
        moved, moved_low, moved_high = (_less(each, start) for each in (centre, low, high))
        yield Value(f"{key}.change", _less(actual, start), period, says=says)
        yield Value(f"{key}.predicted_change", moved, period, (moved_low, moved_high), says)
        yield Value(f"{key}.hidden", None if room is None or actual is None else 100 * room / actual, at, says=says)


def _levels(drivers: Drivers) -> Iterator[Value]:
    """Yield what the first equation in levels predicts of imports, beside the main one in growth."""
    first = next((s.id for s in drivers.plan.specifications if s.form == "levels"), "")
    end, found, says = drivers.evaluation_year, drivers.estimated.get(("imports", first)), {}
    centre = low = high = actual = None
    if end is not None and found is not None:
        centre, low, high = (each / MN_PER_BN for each in found.predicted(end))
        actual = float(drivers.table["imports"].loc[end]) / MN_PER_BN
    at, says = str(end) if end else f"from {drivers.before}", {"noun": _noun(drivers, "imports")}
    yield Value("imports.evaluation.levels.predicted", centre, at, (low, high), says)
    left, least, most = (_less(actual, each) for each in (centre, high, low))
    yield Value("imports.evaluation.levels.unexplained", left, at, (least, most), says)


def _what_ifs(drivers: Drivers, flow: Flow, name: str, end: int | None) -> Iterator[Value]:
    """Yield what the equations put a flow at had a driver taken another path, less what they predict."""
    at = str(end) if end else f"from {drivers.before}"
    weights: dict[str, float] = {}
    for demand in ("income", "volume"):
        for held, what in WHAT_IFS.items():
            shown = demand == "income" or held in ("past", "both") or (flow, name) == ("exports", "evaluation")
            if not shown or (held == "trend" and demand == "volume"):
                continue
            found = [e for e in drivers.of_demand(flow, demand) if held in e.contributions]
            # An amount is predicted less predicted otherwise; a what-if is told the other way round.
            amounts = [] if end is None else [tuple(-v / MN_PER_BN for v in e.at(held, end)) for e in found]
            value, high, low = amounts[0] if amounts else (None, None, None)
            id_ = f"{flow}.{name}.{demand}.{what}"
            says = {
                "noun": _noun(drivers, flow),
                "measure": WORDS.label(f"measure.{demand}"),
                "buyer": drivers.iso3 if flow == "exports" else drivers.agreement.reporter.iso3,
                "year_before": str(drivers.before),
            }
            yield Value(id_, value, at, (low, high), says)
            if demand == "income" or held != "value":
                yield from _extremes(id_, [v[0] for v in amounts], at, says)
            if demand == "income" and value is not None:
                weights[held] = abs(value)
    if (flow, name) == ("exports", "evaluation"):
        margin = weights["trend"] - max(weights["value"], weights["past"]) if weights else None
        yield Value(f"{flow}.{name}.trend_margin", margin, at, says={"noun": _noun(drivers, flow)})


def _extremes(id_: str, found: Sequence[float | None], at: str, says: Mapping[str, str]) -> Iterator[Value]:
    """Yield the lowest and the highest of estimates by several equations."""
    known = [value for value in found if value is not None]
    yield Value(f"{id_}_lowest", min(known, default=None), at, says=says)
    yield Value(f"{id_}_highest", max(known, default=None), at, says=says)


def _less(value: float | None, other: float | None) -> float | None:
    return None if value is None or other is None else value - other


def _noun(drivers: Drivers, flow: Flow) -> str:
    return WORDS.label(f"noun.{flow}", **drivers.study_names)


def _equations(drivers: Drivers) -> Iterator[Value]:
    tail = (1 - drivers.plan.uncertainty.level) / 2
    for flow in FLOWS:
        main = drivers.main(flow).equation
        period, test = f"{main.years[0]} to {main.years[-1]}", drivers.bounds[flow]
        for driver in ("demand", "value"):
            if (flow, driver) != ("exports", "value"):
                low, high = (float(v) for v in np.quantile(main.elasticity(driver, main.draws), [tail, 1 - tail]))
                yield Value(f"{flow}.elasticity.{driver}", float(main.elasticity(driver)[0]), period, (low, high))
            if flow == "exports":
                value, low, high = drivers.leads[flow][driver]
                yield Value(f"{flow}.lead.{driver}", value, period, (low, high))
        if flow == "exports":
            yield Value(f"{flow}.trend", 100 * float(np.expm1(main.coefficient("const")[0])), period)
        yield Value(f"{flow}.bounds.statistic", test.statistic, period)
        yield Value(f"{flow}.bounds.upper", test.upper, period)
        yield Value(f"{flow}.bounds.margin", test.statistic - test.upper, period)


def _backtest(drivers: Drivers) -> Iterator[Value]:
    found, end = drivers.backtest, drivers.evaluation_year
    rows, horizon = found.forecasts, None if end is None else end - drivers.before
    some = bool(len(rows))
    spans = f"origins {rows['origin'].min()} to {rows['origin'].max()}" if some else WORDS.label("no_origin")
    yield Value("backtest.forecasts", len(rows), spans)
    yield Value("backtest.partners", rows["iso3"].nunique(), spans)
    yield Value("backtest.raw", 100 * found.coverage(raw=True) if some else None, spans)
    yield Value("backtest.coverage", 100 * found.coverage() if some else None, spans)
    yield Value("backtest.factor", None if horizon is None else found.factors().get(horizon), spans)
    error = naive = None
    if horizon is not None and some:
        error, naive = (found.error(each, flow="exports", horizon=horizon) for each in ("central", "naive"))
    yield Value("backtest.exports.ratio", None if error is None or not naive else error / naive, spans)
    yield Value("backtest.exports.error", None if error is None else 100 * error, spans)
