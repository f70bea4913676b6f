"""Values of the findings about drivers, NaN where unknown; `findings.toml` describes each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import nan
from typing import Any

import numpy as np
import pandas as pd

from korus_research.chapters.drivers.estimated import Held
from korus_research.chapters.drivers.measures import Drivers
from korus_research.chapters.drivers.panel import MEASURES, PARTS, slowdown
from korus_research.methods.demand.equation import DRIVERS
from korus_research.methods.series import FLOWS, MN_PER_BN, Flow
from korus_research.show.declared import Value
from korus_research.show.words.text import Words

WORDS = Words("drivers")
EQUATION = ("goods_trade_monthly", "exchange_rates_monthly", "macro_annual")
ACCOUNTS: Mapping[str, Flow] = {"accounting": "exports", "import_accounting": "imports"}
WHAT_IFS: Mapping[Held, str] = {"value": "same_value", "past": "same_pace", "both": "others_pace", "trend": "no_trend"}


def values(drivers: Drivers) -> Iterator[Value]:
    """Yield every finding; those of the last year repeat those of the evaluation year where both are one."""
    nouns: dict[str, str] = {flow: flow_names(drivers, flow)["noun"] for flow in FLOWS}
    for value in _values(drivers):
        about = value.id.partition(".")[0]
        last = drivers.accounting_last(ACCOUNTS[about]) if about in ACCOUNTS else drivers.last
        again = ".latest." in value.id and drivers.evaluation_year == last
        yield value._replace(
            says={"noun": nouns.get(about, ""), **value.says},
            repeats=value.id.replace(".latest.", ".evaluation.") if again else None,
        )


def names(drivers: Drivers) -> Mapping[str, str | Sequence[str]]:
    """Return the names used in sentences about the drivers."""
    years, plan = drivers.main("exports").equation.years, drivers.plan
    others = map(str, drivers.currencies.drop(columns=drivers.iso3))  # whose currencies earlier editions compared with
    return {
        **drivers.study_names,
        "level": f"{100 * plan.uncertainty.level:.0f} percent",
        "later": str(drivers.last) if drivers.last != drivers.evaluation_year else "",
        "sample_first": str(years[0]),
        "sample_last": str(years[-1]),
        "pace_years": str(plan.benchmark.years),
        "crisis_years": [str(year) for year in plan.crisis.years],
        "crisis_reason": plan.crisis.reason,
        "others_named": [drivers.called.get(iso3, iso3) for iso3 in others],
    }


def flow_names(drivers: Drivers, flow: Flow) -> dict[str, str]:
    """Return the words for a flow in sentences: its name, a noun, and the buyer's adjective."""
    said = drivers.study_names
    buyer = said["partner_adjective" if flow == "exports" else "reporter_adjective"]
    return {"flow": flow, "noun": WORDS.label(f"noun.{flow}", **said), "buyer": buyer}


def _values(drivers: Drivers) -> Iterator[Value]:
    yield from _sample(drivers)
    ends = {"evaluation": drivers.evaluation_year, "latest": drivers.last if drivers.evaluation_year else None}
    for name, end in ends.items():
        for about, flow in ACCOUNTS.items():
            account_end = drivers.accounting_last(flow) if name == "latest" and end else end
            yield from _accounting(drivers, flow, f"{about}.{name}", account_end)
            yield from _predicted(drivers, flow, name, end)
            yield from _what_ifs(drivers, flow, name, end)
    for of in (_currency, _levels, _growth, _equations, _backtest):
        yield from of(drivers)


def _sample(drivers: Drivers) -> Iterator[Value]:
    equation = drivers.main("exports").equation
    period = f"{equation.years[0]} to {equation.years[-1]}"
    others = drivers.growth(drivers.last).drop(index=drivers.iso3)["volume_after"].count()
    found = {"points": len(equation.years), "df": equation.df, "level": 100 * drivers.plan.uncertainty.level}
    lasts = {f"{about}_last": drivers.accounting_last(flow) for about, flow in ACCOUNTS.items()}
    yield Value("before", drivers.before, period)
    yield from (Value(id_, year, str(year)) for id_, year in {"last": drivers.last, **lasts}.items())
    yield from (Value(id_, value, period) for id_, value in {**found, "others": others}.items())


def _accounting(drivers: Drivers, flow: Flow, prefix: str, end: int | None) -> Iterator[Value]:
    """Yield the parts of a flow's change from the baseline year to `end`."""
    first, table, evaluation = drivers.baseline_year, drivers.accounts[flow], prefix.endswith("evaluation")
    period = f"{first} to {end}" if end else f"from {first}"
    whose = drivers.study_names["partner"] if flow == "exports" else WORDS.label("us")
    reason = None if end is None else WORDS.label("why.no_total", whose=whose, first=str(first), last=str(end))
    parts, shares = pd.DataFrame(nan, [flow, "imports_total", *PARTS], ["usd_mn", "percent"]), [nan, nan]
    unsplit = reason
    if end is not None and {first, end} <= set(table.index):
        parts, shares = drivers.split(first, end, flow), [100 * float(table["share"].loc[y]) for y in (first, end)]
        unsplit = WORDS.label("why.no_volume")
    for what in (flow, "imports_total", *PARTS) if evaluation else (flow, "imports_total", "share"):
        why = unsplit if what in ("volume", "price") else reason
        yield Value(f"{prefix}.{what}_part", float(parts["usd_mn"].loc[what]) / MN_PER_BN, period, reason=why)
    if evaluation:
        for what in ("imports_total", "volume", "price"):
            why = reason if what == "imports_total" else unsplit
            yield Value(f"{prefix}.{what}_growth", float(parts["percent"].loc[what]), period, reason=why)
        for what, share in {"start": shares[0], "end": shares[1], "change": shares[1] - shares[0]}.items():
            yield Value(f"{prefix}.share_{what}", share, period, reason=reason)


def _currency(drivers: Drivers) -> Iterator[Value]:
    """Yield how the currency's value changed from the year before entry into force to the evaluation year."""
    first, end, rates = drivers.before, drivers.evaluation_year, drivers.currencies
    period = f"{first} to {end}" if end else f"from {first}"
    own = others = nominal = nan
    if end is not None and end in rates.index:
        change = 100 * (rates.T[end] / rates.T[first] - 1)
        own, others = float(change.loc[drivers.iso3]), float(change.drop(drivers.iso3).median())
        nominal = 100 * (float(drivers.nominal.loc[first]) / float(drivers.nominal.loc[end]) - 1)
    found = {"real": own, "others": others, "nominal": nominal}
    for kind, values in drivers.beside.items():
        lower = compared = median = nan
        if end is not None and {first, end} <= set(values.index) and drivers.iso3 in values:
            ratio = (values.T[end] / values.T[first]).dropna()
            lower, compared = float((ratio < ratio[drivers.iso3]).sum()), float(len(ratio) - 1)
            median = 100 * float(ratio.drop(drivers.iso3).median() - 1)
        found |= {f"{kind}_lower": lower, f"{kind}_compared": compared}
        found |= {"real_median": median} if kind == "real" else {}
    for name, value in found.items():
        yield Value(f"currency.evaluation.{name}", value, period)


def _growth(drivers: Drivers) -> Iterator[Value]:
    """Yield growth of import volume and output to the evaluation year, beside the years before and the others."""
    end, before = drivers.evaluation_year, drivers.before
    table = drivers.growth(end or before + 1)
    own, others = table.loc[drivers.iso3], table.drop(index=drivers.iso3).median()
    spans = {"after": f"{before + 1} to {end}", "before": f"{before - drivers.plan.benchmark.years + 1} to {before}"}
    reason = None if end is None else WORDS.label("why.no_volume")
    for measure in MEASURES:
        then, now, rest = own[f"{measure}_before"], own[f"{measure}_after"], others[f"{measure}_after"]
        found: dict[str, Any] = {"after": now}
        if measure == "volume":
            slower = slowdown(table, measure, drivers.iso3)
            found |= {"before": then, "others": rest, "others_before": others["volume_before"]}
            found |= {"gap_past": now - then, "others_change": slower, "gap_both": now - then - slower}
        else:
            found["gap_others"] = now - rest
        for what, value in found.items():
            period = spans["before" if what.endswith("before") else "after"] if end else f"from {before + 1}"
            yield Value(f"{measure}.evaluation.{what}", None if end is None else float(value), period, reason=reason)


def _predicted(drivers: Drivers, flow: Flow, name: str, end: int | None) -> Iterator[Value]:
    """Yield the main equation's prediction of a flow and the part it leaves unexplained."""
    period, key = f"{drivers.before} to {end}" if end else f"from {drivers.before}", f"{flow}.{name}"
    at, start, actual = str(end) if end else period, drivers.actual(flow, drivers.before), drivers.actual(flow, end)
    centre, low, high = drivers.main(flow).prediction.at(end)
    yield Value(f"{key}.actual", actual, at)
    for which, value in {"": centre, "_low": low, "_high": high}.items():
        yield Value(f"{key}.predicted{which}", value, at)
    yield Value(f"{key}.unexplained", actual - centre, at, (actual - high, actual - low))
    yield from _extremes(f"{key}.unexplained", [actual - e.prediction.at(end)[0] for e in drivers.of_flow(flow)], at)
    room = min(high - actual, actual - low)
    if flow == "exports" or name == "evaluation":
        yield Value(f"{key}.room", room, at)
    if flow == "exports" and name == "evaluation":
        yield Value(f"{key}.change", actual - start, period)
        yield Value(f"{key}.predicted_change", centre - start, period, (low - start, high - start))
        yield Value(f"{key}.hidden", 100 * room / actual, at)


def _levels(drivers: Drivers) -> Iterator[Value]:
    """Yield what the first equation in levels predicts of imports, beside the main one in growth."""
    first = next((s.id for s in drivers.plan.specifications if s.form == "levels"), "")
    end, found, key = drivers.evaluation_year, drivers.estimated.get(("imports", first)), "imports.evaluation.levels"
    centre, low, high = found.prediction.at(end) if found else (nan, nan, nan)
    at, actual = str(end) if end else f"from {drivers.before}", drivers.actual("imports", end)
    yield Value(f"{key}.unexplained", actual - centre, at, (actual - high, actual - low))


def _what_ifs(drivers: Drivers, flow: Flow, name: str, end: int | None) -> Iterator[Value]:
    """Yield the predicted flow had a driver taken another path, less the prediction."""
    at, main = str(end) if end else f"from {drivers.before}", (flow, name) == ("exports", "evaluation")
    buyer = drivers.iso3 if flow == "exports" else drivers.agreement.reporter.iso3
    weights: dict[str, float] = {}
    for demand in ("income", "volume"):
        says = {"measure": WORDS.label(f"measure.{demand}"), "buyer": buyer, "year_before": str(drivers.before)}
        for held, what in WHAT_IFS.items():
            shown = demand == "income" or held in ("past", "both") or main
            if not shown or (held == "trend" and demand == "volume"):
                continue
            found = [e.contributions[held].at(end) for e in drivers.of_demand(flow, demand) if held in e.contributions]
            # An amount is predicted less predicted otherwise; a what-if is told the other way round.
            amounts = [tuple(-value for value in each) for each in found] or [(nan, nan, nan)]
            (value, high, low), id_ = amounts[0], f"{flow}.{name}.{demand}.{what}"
            yield Value(id_, value, at, (low, high), says)
            if demand == "income" or held != "value":
                yield from _extremes(id_, [v[0] for v in amounts], at, says)
            if demand == "income":
                weights[held] = abs(value)
    if main:
        margin = weights["trend"] - max(weights["value"], weights["past"])
        yield Value(f"{flow}.{name}.trend_margin", margin, at)


def _extremes(id_: str, found: Sequence[float], at: str, says: Mapping[str, str] = {}) -> Iterator[Value]:
    """Yield the lowest and the highest of estimates by several equations."""
    yield Value(f"{id_}_lowest", min(found), at, says=says)
    yield Value(f"{id_}_highest", max(found), at, says=says)


def _equations(drivers: Drivers) -> Iterator[Value]:
    for flow in FLOWS:
        main, test = drivers.main(flow).equation, drivers.bounds[flow]
        period = f"{main.years[0]} to {main.years[-1]}"
        for driver in DRIVERS:
            if (flow, driver) != ("exports", "value"):
                value, low, high = drivers.elasticity(drivers.main(flow), driver)
                yield Value(f"{flow}.elasticity.{driver}", value, period, (low, high))
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
    rows, horizon = found.forecasts, 0 if end is None else end - drivers.before
    some = bool(len(rows))
    spans = f"origins {rows['origin'].min()} to {rows['origin'].max()}" if some else WORDS.label("no_origin")
    yield Value("backtest.forecasts", len(rows), spans)
    yield Value("backtest.partners", rows["iso3"].nunique(), spans)
    yield Value("backtest.raw", 100 * found.coverage(raw=True) if some else None, spans)
    yield Value("backtest.coverage", 100 * found.coverage() if some else None, spans)
    yield Value("backtest.factor", found.factors().get(horizon), spans)
    error, naive = (found.error(each, flow="exports", horizon=horizon) for each in ("central", "naive"))
    yield Value("backtest.exports.ratio", error / naive if naive else None, spans)
    yield Value("backtest.exports.error", 100 * error, spans)
