"""The findings of the drivers chapter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from korus_research.analysis.drivers_accounting import PARTS
from korus_research.analysis.drivers_growth import slowdown
from korus_research.analysis.drivers_spec import importer
from korus_research.analysis.finding import Finding, Findings, Unit
from korus_research.analysis.series import FLOWS, MN_PER_BN, Flow

if TYPE_CHECKING:
    from korus_research.analysis.drivers import Drivers, Held
    from korus_research.analysis.drivers_equation import Driver

EQUATION = ("goods_trade_monthly", "exchange_rates_monthly", "macro_annual")
ACCOUNTS = ("goods_trade_monthly", "import_demand_annual", "macro_annual")
NOT_YET = "the figures do not reach the first full year under the agreement"
NO_VOLUME = "no import volume is held for the year"
MIXED = "exports f.a.s., Census basis, over the partner's imports c.i.f., its own statistics"
OWN = "demand equation on years before entry into force, Census basis"
OUTLOOK = "IMF World Economic Outlook, April 2024, years that are no projections"


class _Add(Protocol):
    def __call__(
        self,
        id_: str,
        label: str,
        value: float | None,
        unit: Unit,
        period: str,
        *,
        basis: str = OWN,
        datasets: tuple[str, ...] = EQUATION,
        decimals: int = -1,
        reason: str = NOT_YET,
    ) -> None: ...


def drivers_findings(drivers: Drivers) -> Findings:
    """Return every finding of the chapter, with ids `drivers.*`."""
    made: list[Finding] = []
    spec = drivers.spec
    same = {
        "equation": drivers.evaluation_year == drivers.last,
        "accounting": drivers.evaluation_year == drivers.accounting_last,
    }

    def add(
        id_: str,
        label: str,
        value: float | None,
        unit: Unit,
        period: str,
        *,
        basis: str = OWN,
        datasets: tuple[str, ...] = EQUATION,
        decimals: int = -1,
        reason: str = NOT_YET,
        low: float | None = None,
        high: float | None = None,
        interval: str | None = None,
    ) -> None:
        missing = value is None or not np.isfinite(value)
        again = ".latest." in id_ and same["accounting" if id_.startswith("accounting") else "equation"]
        made.append(
            Finding(
                f"drivers.{id_}",
                label,
                None if missing else float(value or 0.0),
                unit,
                period,
                basis,
                datasets,
                decimals=decimals,
                reason=reason if missing else None,
                low=low,
                high=high,
                interval=interval,
                repeats=f"drivers.{id_.replace('.latest.', '.evaluation.')}" if again else None,
            )
        )

    def ranged(
        id_: str,
        label: str,
        values: tuple[float, float, float] | None,
        unit: Unit,
        period: str,
        interval: str,
        decimals: int = -1,
    ) -> None:
        """Add a value, and its ends as findings of their own, so that sentences can speak them."""
        value, low, high = values or (None, None, None)
        add(id_, label, value, unit, period, decimals=decimals, low=low, high=high, interval=interval)
        add(f"{id_}_low", f"lower end of the interval of {label}", low, unit, period, decimals=decimals)
        add(f"{id_}_high", f"upper end of the interval of {label}", high, unit, period, decimals=decimals)

    _sample(drivers, add)
    ends = {"evaluation": drivers.evaluation_year, "latest": drivers.last if drivers.evaluation_year else None}
    for name, end in ends.items():
        account_end = drivers.accounting_last if name == "latest" and end else end
        _accounting(drivers, add, name, account_end)
        _currency(drivers, add, name, end)
        _growth(drivers, add, name, end)
        for flow in FLOWS:
            _predicted(drivers, add, ranged, flow, name, end)
    for flow in FLOWS:
        _equation(drivers, add, ranged, flow)
    _backtest(drivers, add)
    return Findings(tuple(made), spec.names)


class _Ranged(Protocol):
    def __call__(
        self,
        id_: str,
        label: str,
        values: tuple[float, float, float] | None,
        unit: Unit,
        period: str,
        interval: str,
        decimals: int = -1,
    ) -> None: ...


def _sample(drivers: Drivers, add: _Add) -> None:
    equation = drivers.main("exports").equation
    period = f"{equation.years[0]} to {equation.years[-1]}"
    add("before", "last year before entry into force", float(drivers.spec.before), "year", period)
    add("first", "first year of the equations", float(equation.years[0]), "year", period)
    add("last", "last year predicted", float(drivers.last), "year", str(drivers.last))
    ends = drivers.accounting_last
    add("accounting_last", "last year of the accounting", float(ends), "year", str(ends))
    add("points", "years in an equation", float(len(equation.years)), "count", period)
    add("df", "degrees of freedom left to the main equation", float(equation.df), "count", period)
    add("benchmark", "years that growth before is the average of", float(drivers.plan.benchmark.years), "count", period)
    add("level", "share that intervals state", 100 * drivers.plan.uncertainty.level, "percent", period, decimals=0)
    add("specifications", "specifications", float(len(drivers.plan.specifications)), "count", period)
    volume = drivers.growth(drivers.last).drop(index=drivers.spec.iso3)["volume_after"].dropna()
    add("others", "other economies in the data", float(len(volume)), "count", period, datasets=("macro_annual",))


def _accounting(drivers: Drivers, add: _Add, name: str, end: int | None) -> None:
    spec = drivers.spec
    first, held = spec.baseline_year, drivers.accounting.index
    known = end is not None and first in held and end in held
    reason = NOT_YET if end is None else f"the partner's total imports of {first} or {end} are not held"
    parts = drivers.split(first, end) if known and end is not None else None
    period = f"{first} to {end}" if end else f"from {first}"
    partner = spec.names.get("partner", spec.iso3)
    noun = {
        "exports": f"the change of US goods exports to {partner}",
        "imports_total": "total goods imports",
        "volume": "volume of total imports",
        "price": "dollar price of total imports",
        "share": "US share of total imports",
    }

    def put(what: str, label: str, value: float | None, unit: Unit, decimals: int = -1, why: str = reason) -> None:
        add(
            f"accounting.{name}.{what}",
            label,
            value,
            unit,
            period,
            basis=MIXED,
            datasets=ACCOUNTS,
            decimals=decimals,
            reason=why,
        )

    for what in ("exports", "imports_total", *PARTS):
        why = NO_VOLUME if known and what in ("volume", "price") else reason
        dollars = None if parts is None else float(parts["usd_mn"].loc[what]) / MN_PER_BN
        label = (
            noun[what] if what == "exports" else f"what the {noun[what]} of {partner} contributes to {noun['exports']}"
        )
        put(f"{what}_part", label, dollars, "usd_bn", why=why)
        if what != "share":
            grown = None if parts is None else float(parts["percent"].loc[what])
            named = f"US goods exports to {partner}" if what == "exports" else f"{noun[what]} of {partner}"
            put(f"{what}_growth", f"growth of the {named}".replace("the US", "US"), grown, "percent", why=why)
    shares = 100 * drivers.accounting["share"]
    start, last = (float(shares[y]) if known and y is not None else None for y in (first, end))
    put("share_start", f"US share of the imports of {partner} at the start", start, "percent", 2)
    put("share_end", f"US share of the imports of {partner} at the end", last, "percent", 2)
    change = None if start is None or last is None else last - start
    put("share_change", f"change of the US share of the imports of {partner}", change, "points", 2)


def _currency(drivers: Drivers, add: _Add, name: str, end: int | None) -> None:
    spec = drivers.spec
    first = spec.before
    period = f"{first} to {end}" if end else f"from {first}"
    partner = spec.names.get("partner", spec.iso3)
    values = drivers.currencies
    own = others = nominal = None
    if end is not None and end in values.index:
        change = (100 * (values.loc[end] / values.loc[first] - 1)).dropna().to_dict()
        own = float(change.pop(spec.iso3))
        others = float(np.median(list(change.values()))) if change else None
        rates = drivers.nominal.to_dict()
        nominal = 100 * (rates[first] / rates[end] - 1)
    prices = ("exchange_rates_monthly", "macro_annual")
    basis = "yearly average, deflated by consumer prices of both sides"
    whose = f"the currency of {partner} in dollars"
    add(
        f"currency.{name}.real",
        f"change of the real value of {whose}",
        own,
        "percent",
        period,
        basis=basis,
        datasets=prices,
    )
    add(
        f"currency.{name}.nominal",
        f"change of the nominal value of {whose}",
        nominal,
        "percent",
        period,
        basis="yearly average",
        datasets=prices[:1],
    )
    add(
        f"currency.{name}.others",
        "median change of the real value of the other currencies in dollars",
        others,
        "percent",
        period,
        basis=basis,
        datasets=prices,
    )
    gap = None if own is None or others is None else own - others
    label = f"change of the real value of {whose} less the others' median"
    add(f"currency.{name}.gap", label, gap, "points", period, basis=basis, datasets=prices)


def _growth(drivers: Drivers, add: _Add, name: str, end: int | None) -> None:
    spec = drivers.spec
    partner = spec.names.get("partner", spec.iso3)
    table = drivers.growth(end or spec.before + 1)
    after, years = f"{spec.before + 1} to {end}", drivers.plan.benchmark.years
    before = f"{spec.before - years + 1} to {spec.before}"
    nouns = {"volume": "the volume of goods imports", "income": "real output"}
    for measure, noun in nouns.items():
        others = table.drop(index=spec.iso3)
        then, now = (float(table[f"{measure}_{when}"].loc[spec.iso3]) for when in ("before", "after"))
        rest = float(others[f"{measure}_after"].dropna().median())
        rest_then = float(others[f"{measure}_before"].dropna().median())
        slower = slowdown(table, measure, spec.iso3)
        rows: list[tuple[str, str, float, Unit, str]] = [
            ("after", f"average growth of {noun} of {partner} a year", now, "percent", after),
            ("before", f"average growth of {noun} of {partner} a year", then, "percent", before),
            ("others", f"median of the other economies' average growth of {noun} a year", rest, "percent", after),
            ("others_before", f"median of the other economies' average growth of {noun}", rest_then, "percent", before),
            ("gap_past", f"average growth of {noun} of {partner} after less before", now - then, "points", after),
            (
                "gap_others",
                f"average growth of {noun} of {partner} less the others' median",
                now - rest,
                "points",
                after,
            ),
            ("others_change", f"median change of the others' average growth of {noun}", slower, "points", after),
            (
                "gap_both",
                f"change of average growth of {noun} of {partner} less the others' median change",
                now - then - slower,
                "points",
                after,
            ),
        ]
        for what, label, value, unit, period in rows:
            add(
                f"{measure}.{name}.{what}",
                label,
                None if end is None else value,
                unit,
                period if end else f"from {spec.before + 1}",
                basis=OUTLOOK,
                datasets=("macro_annual",),
                reason=NOT_YET if end is None else NO_VOLUME,
            )


def _predicted(drivers: Drivers, add: _Add, ranged: _Ranged, flow: Flow, name: str, end: int | None) -> None:
    spec = drivers.spec
    level = f"{100 * drivers.plan.uncertainty.level:.0f} percent interval"
    whole = f"{level}: coefficients and shocks drawn again, widened to what a backtest shows"
    narrow = f"{level} of the coefficients, drawn again"
    partner = spec.names.get("partner", spec.iso3)
    noun = f"US goods exports to {partner}" if flow == "exports" else f"US goods imports from {partner}"
    period = f"{spec.before} to {end}" if end else f"from {spec.before}"
    main = drivers.main(flow)
    start = float(drivers.table[flow].loc[spec.before]) / MN_PER_BN
    actual = left = predicted = moved = None
    room = percent = None
    if end is not None:
        place = main.prediction.years.index(end)
        centre, low, high = (
            float(each[place]) / MN_PER_BN
            for each in (main.prediction.central, main.prediction.low, main.prediction.high)
        )
        actual = float(drivers.table[flow].loc[end]) / MN_PER_BN
        predicted, moved = (centre, low, high), (centre - start, low - start, high - start)
        left = (actual - centre, actual - high, actual - low)
        percent = 100 * (actual / centre - 1)
        room = min(actual - low, high - actual)
    at = str(end) if end else period
    key = f"{flow}.{name}"
    add(f"{key}.actual", noun, actual, "usd_bn", at)
    add(f"{key}.change", f"change of {noun}", None if actual is None else actual - start, "usd_bn", period)
    ranged(f"{key}.predicted", f"{noun} that demand and the exchange rate predict", predicted, "usd_bn", at, whole)
    ranged(f"{key}.predicted_change", f"change of {noun} that they predict", moved, "usd_bn", period, whole)
    ranged(f"{key}.unexplained", f"{noun}, actual less predicted", left, "usd_bn", at, whole)
    add(f"{key}.unexplained_percent", f"{noun}, actual against predicted", percent, "percent", at)
    add(f"{key}.room", f"how far {noun} lie inside the predicted interval", room, "usd_bn", at)
    for demand in ("income", "volume") if flow == "exports" else ("income",):
        found = drivers.of_demand(flow, demand)
        labels: dict[Held, str] = {
            "value": "the real value of the currency, against its value before entry into force",
            "past": f"{importer(flow, spec)} {demand}, against growth as before",
            "both": f"{importer(flow, spec)} {demand}, against growth as before moved by the others' change",
        }
        for held, label in labels.items():
            values = [tuple(v / MN_PER_BN for v in e.at(held, end)) for e in found] if end is not None else []
            first = (values[0][0], values[0][1], values[0][2]) if values else None
            what = f"{key}.{demand}.{held}"
            ranged(what, f"what {label}, amounts to in {noun}", first, "usd_bn", at, narrow)
            add(
                f"{what}_lowest",
                f"the lowest estimate over specifications of what {label}, amounts to in {noun}",
                min((v[0] for v in values), default=None),
                "usd_bn",
                at,
            )
            add(
                f"{what}_highest",
                f"the highest estimate over specifications of what {label}, amounts to in {noun}",
                max((v[0] for v in values), default=None),
                "usd_bn",
                at,
            )


def _equation(drivers: Drivers, add: _Add, ranged: _Ranged, flow: Flow) -> None:
    main = drivers.main(flow).equation
    period = f"{main.years[0]} to {main.years[-1]}"
    tail = (1 - drivers.plan.uncertainty.level) / 2
    kind = f"{100 * drivers.plan.uncertainty.level:.0f} percent interval of the coefficients, drawn again"
    drivers_: dict[Driver, str] = {"demand": "demand", "value": "the real value of the currency"}
    for driver, noun in drivers_.items():
        estimate = float(main.elasticity(driver)[0])
        draws = main.elasticity(driver, main.draws)
        low, high = (float(v) for v in np.quantile(draws, [tail, 1 - tail]))
        label = f"elasticity of {flow} to {noun}"
        ranged(f"{flow}.elasticity.{driver}", label, (estimate, low, high), "index", period, kind, 2)
    trend = 100 * float(np.expm1(main.coefficient("const")[0]))
    add(f"{flow}.trend", f"yearly growth of {flow} without growth of demand or the currency", trend, "percent", period)
    test = drivers.bounds[flow]
    rows = {"statistic": test.statistic, "upper": test.upper, "margin": test.statistic - test.upper}
    labels = {
        "statistic": f"bounds test statistic for a relation in levels, {flow}",
        "upper": "its upper critical value at ten percent, simulated for this sample",
        "margin": f"bounds test statistic less its upper critical value, {flow}",
    }
    for what, value in rows.items():
        add(f"{flow}.bounds.{what}", labels[what], value, "index", period, decimals=2)
    nouns: dict[Driver, str] = {"demand": "demand", "value": "exchange rate"}
    for driver_, noun in nouns.items():
        label = f"coefficient of next year's {noun}, {flow}"
        ranged(f"{flow}.lead.{driver_}", label, drivers.leads[flow][driver_], "index", period, kind, 2)


def _backtest(drivers: Drivers, add: _Add) -> None:
    found = drivers.backtest
    rows: pd.DataFrame = found.forecasts
    end = drivers.evaluation_year
    horizon = None if end is None else end - drivers.spec.before
    period = f"origins {rows['origin'].min()} to {rows['origin'].max()}" if len(rows) else "no origin"
    some = bool(len(rows))
    add("backtest.forecasts", "forecasts of the backtest", float(len(rows)), "count", period)
    add("backtest.partners", "partners in the backtest", float(rows["iso3"].nunique()), "count", period)
    raw = 100 * found.coverage(raw=True) if some else None
    held = 100 * found.coverage() if some else None
    add(
        "backtest.raw", "share of actual values inside the interval before widening", raw, "percent", period, decimals=0
    )
    add(
        "backtest.coverage",
        "share inside the widened interval, for partners left out of it",
        held,
        "percent",
        period,
        decimals=0,
    )
    reach = None if horizon is None else found.factors().get(horizon)
    add("backtest.horizon", "years ahead", None if horizon is None else float(horizon), "count", period)
    add("backtest.factor", "factor by which the interval is widened", reach, "times", period)
    for flow in FLOWS:
        error = naive = None
        if horizon is not None and some:
            error = found.error("central", flow=flow, horizon=horizon)
            naive = found.error("naive", flow=flow, horizon=horizon)
        ratio = None if error is None or not naive else error / naive
        add(
            f"backtest.{flow}.ratio",
            f"root mean squared error of the equation over that of no change in real {flow}",
            ratio,
            "times",
            period,
        )
        typical = None if error is None else 100 * error
        add(f"backtest.{flow}.error", f"root mean squared error of {flow}, log points", typical, "index", period)
