"""The findings of the drivers chapter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from korus_research.analysis.drivers_described import (
    NOT_YET,
    accounting_findings,
    currency_findings,
    growth_findings,
)
from korus_research.analysis.drivers_spec import importer
from korus_research.analysis.finding import Finding, Findings, Unit
from korus_research.analysis.series import FLOWS, MN_PER_BN, Flow

if TYPE_CHECKING:
    from korus_research.analysis.drivers import Drivers, Held
    from korus_research.analysis.drivers_equation import Driver

EQUATION = ("goods_trade_monthly", "exchange_rates_monthly", "macro_annual")
OWN = "demand equation on years before entry into force, Census basis"


class Add(Protocol):
    """How a finding is added: its id after `drivers.`, label, value, unit and period."""

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
    ) -> None:
        """Add it."""


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
        accounting_findings(drivers, add, name, account_end)
        currency_findings(drivers, add, name, end)
        growth_findings(drivers, add, name, end)
        for flow in FLOWS:
            _predicted(drivers, add, ranged, flow, name, end)
    for flow in FLOWS:
        _equation(drivers, add, ranged, flow)
    _backtest(drivers, add)
    return Findings(tuple(made), spec.names)


class Ranged(Protocol):
    """How a value with an interval is added: itself, and its ends as findings of their own."""

    def __call__(
        self,
        id_: str,
        label: str,
        values: tuple[float, float, float] | None,
        unit: Unit,
        period: str,
        interval: str,
        decimals: int = -1,
    ) -> None:
        """Add it."""


def _sample(drivers: Drivers, add: Add) -> None:
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


def _predicted(drivers: Drivers, add: Add, ranged: Ranged, flow: Flow, name: str, end: int | None) -> None:
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


def _equation(drivers: Drivers, add: Add, ranged: Ranged, flow: Flow) -> None:
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


def _backtest(drivers: Drivers, add: Add) -> None:
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
