"""The findings of the drivers chapter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from korus_research.chapters.drivers.described import NOT_YET, accounting_findings, currency_findings, growth_findings
from korus_research.methods.demand.spec import importer
from korus_research.methods.series import FLOWS, MN_PER_BN, Flow
from korus_research.show.finding import Findings
from korus_research.show.making import Maker

if TYPE_CHECKING:
    from korus_research.chapters.drivers.estimated import Held
    from korus_research.chapters.drivers.result import Drivers
    from korus_research.methods.demand.equation import Driver

EQUATION = ("goods_trade_monthly", "exchange_rates_monthly", "macro_annual")
OWN = "demand equation on years before entry into force, Census basis"


def drivers_findings(drivers: Drivers) -> Findings:
    """Return every finding of the chapter, with ids `drivers.*`."""
    spec = drivers.spec
    same = {
        "accounting": drivers.evaluation_year == drivers.accounting_last("exports"),
        "import_accounting": drivers.evaluation_year == drivers.accounting_last("imports"),
    }

    def repeats(id_: str) -> str | None:
        again = ".latest." in id_ and same.get(id_.split(".", maxsplit=1)[0], drivers.evaluation_year == drivers.last)
        return f"drivers.{id_.replace('.latest.', '.evaluation.')}" if again else None

    maker = Maker("drivers", basis=OWN, datasets=EQUATION, reason=NOT_YET, repeats=repeats)
    _sample(drivers, maker)
    ends = {"evaluation": drivers.evaluation_year, "latest": drivers.last if drivers.evaluation_year else None}
    for name, end in ends.items():
        currency_findings(drivers, maker, name, end)
        for flow in FLOWS:
            account_end = drivers.accounting_last(flow) if name == "latest" and end else end
            accounting_findings(drivers, maker, flow, name, account_end)
            _predicted(drivers, maker, flow, name, end)
            _levels(drivers, maker, flow, name, end)
            _what_ifs(drivers, maker, flow, name, end)
    growth_findings(drivers, maker, "evaluation", drivers.evaluation_year)
    for flow in FLOWS:
        _equation(drivers, maker, flow)
    _backtest(drivers, maker)
    return maker.findings(spec.names)


def _sample(drivers: Drivers, maker: Maker) -> None:
    equation = drivers.main("exports").equation
    period = f"{equation.years[0]} to {equation.years[-1]}"
    maker.add("before", "last year before entry into force", float(drivers.spec.before), "year", period)
    maker.add("last", "last year predicted", float(drivers.last), "year", str(drivers.last))
    for flow in FLOWS:
        ends = drivers.accounting_last(flow)
        name = "accounting_last" if flow == "exports" else "import_accounting_last"
        maker.add(name, f"last year of the accounting of {flow}", float(ends), "year", str(ends))
    maker.add("points", "years in an equation", float(len(equation.years)), "count", period)
    maker.add("df", "degrees of freedom left to the main equation", float(equation.df), "count", period)
    maker.add(
        "level", "share that intervals state", 100 * drivers.plan.uncertainty.level, "percent", period, decimals=0
    )
    volume = drivers.growth(drivers.last).drop(index=drivers.spec.iso3)["volume_after"].dropna()
    maker.add("others", "other economies in the data", float(len(volume)), "count", period, datasets=("macro_annual",))


def _predicted(drivers: Drivers, maker: Maker, flow: Flow, name: str, end: int | None) -> None:
    spec = drivers.spec
    level = f"{100 * drivers.plan.uncertainty.level:.0f} percent interval"
    whole = f"{level}: coefficients and shocks drawn again, widened to what a backtest shows"
    noun = _noun(drivers, flow)
    period = f"{spec.before} to {end}" if end else f"from {spec.before}"
    main = drivers.main(flow)
    start = float(drivers.table[flow].loc[spec.before]) / MN_PER_BN
    actual = centre = low = high = None
    if end is not None:
        place, path = main.prediction.years.index(end), main.prediction
        centre, low, high = (float(each[place]) / MN_PER_BN for each in (path.central, path.low, path.high))
        actual = float(drivers.table[flow].loc[end]) / MN_PER_BN
    at = str(end) if end else period
    key = f"{flow}.{name}"
    maker.add(f"{key}.actual", noun, actual, "usd_bn", at)
    maker.add(f"{key}.change", f"change of {noun}", _less(actual, start), "usd_bn", period)
    ends = {"": centre, "_low": low, "_high": high}
    labels = {"": "", "_low": "lower end of the interval of ", "_high": "upper end of the interval of "}
    for which, value in ends.items():
        label = f"{labels[which]}{noun} that demand and the exchange rate predict"
        maker.add(f"{key}.predicted{which}", label, value, "usd_bn", at)
    moved, moved_low, moved_high = (_less(each, start) for each in (centre, low, high))
    label = f"change of {noun} that they predict"
    maker.add(f"{key}.predicted_change", label, moved, "usd_bn", period, bounds=(moved_low, moved_high), interval=whole)
    left, least, most = (_less(actual, each) for each in (centre, high, low))
    label = f"{noun}, actual less predicted"
    maker.add(f"{key}.unexplained", label, left, "usd_bn", at, bounds=(least, most), interval=whole)
    each_left = [_less(actual, _path_at(drivers, flow, s.id, end)) for s in drivers.plan.specifications]
    _extremes(maker, f"{key}.unexplained", label, [v for v in each_left if v is not None], at)
    room = None if least is None or most is None else min(-least, most)
    maker.add(f"{key}.room", f"how far {noun} lie inside the predicted interval", room, "usd_bn", at)
    hidden = None if room is None or actual is None else 100 * room / actual
    label = f"the largest effect either way, as a share of {noun}, that the interval of the prediction holds"
    maker.add(f"{key}.hidden", label, hidden, "percent", at, decimals=0)


def _levels(drivers: Drivers, maker: Maker, flow: Flow, name: str, end: int | None) -> None:
    """Add what the first equation in levels predicts, beside the main one in growth."""
    plan = drivers.plan
    first = next((s.id for s in plan.specifications if s.form == "levels"), "")
    found = drivers.estimated.get((flow, first))
    noun, at = _noun(drivers, flow), str(end) if end else f"from {drivers.spec.before}"
    centre = low = high = actual = None
    if end is not None and found is not None:
        path = found.prediction
        place = path.years.index(end)
        centre, low, high = (float(each[place]) / MN_PER_BN for each in (path.central, path.low, path.high))
        actual = float(drivers.table[flow].loc[end]) / MN_PER_BN
    kind = f"{100 * plan.uncertainty.level:.0f} percent interval: coefficients and shocks drawn again, not widened"
    label = f"{noun} that the equation in levels predicts"
    maker.add(f"{flow}.{name}.levels.predicted", label, centre, "usd_bn", at, bounds=(low, high), interval=kind)
    label = f"{noun}, actual less predicted by the equation in levels"
    left, least, most = (_less(actual, each) for each in (centre, high, low))
    maker.add(f"{flow}.{name}.levels.unexplained", label, left, "usd_bn", at, bounds=(least, most), interval=kind)


def _what_ifs(drivers: Drivers, maker: Maker, flow: Flow, name: str, end: int | None) -> None:
    """Add what the equations put a flow at had a driver taken another path, less what they predict."""
    spec = drivers.spec
    kind = f"{100 * drivers.plan.uncertainty.level:.0f} percent interval of the coefficients, drawn again"
    noun, buyer = _noun(drivers, flow), importer(flow, spec)
    at = str(end) if end else f"from {spec.before}"
    weights: dict[str, float] = {}
    for demand in ("income", "volume"):
        measure = "output" if demand == "income" else "import volume"
        labels: dict[Held, tuple[str, str]] = {
            "value": ("same_value", f"had the currency kept its real value of {spec.before}"),
            "past": ("same_pace", f"had {measure} of {buyer} grown as before"),
            "both": ("others_pace", f"had {measure} of {buyer} grown as before, moved by the others' change"),
            "trend": ("no_trend", "without the trend of the equation"),
        }
        for held, (what, if_) in labels.items():
            if held == "trend" and demand == "volume":
                continue
            found = [e for e in drivers.of_demand(flow, demand) if held in e.contributions]
            # An amount is predicted less predicted otherwise; a what-if is told the other way round.
            values = [] if end is None else [tuple(-v / MN_PER_BN for v in e.at(held, end)) for e in found]
            value, high, low = values[0] if values else (None, None, None)
            id_, label = f"{flow}.{name}.{demand}.{what}", f"{noun} {if_}, against the prediction"
            maker.add(id_, label, value, "usd_bn", at, bounds=(low, high), interval=kind)
            _extremes(maker, id_, label, [v[0] for v in values], at)
            if demand == "income" and value is not None:
                weights[held] = abs(value)
    margin = weights["trend"] - max(weights["value"], weights["past"]) if weights else None
    label = f"size of what the trend amounts to in {noun} less that of the larger of currency and output"
    maker.add(f"{flow}.{name}.trend_margin", label, margin, "usd_bn", at)


def _extremes(maker: Maker, id_: str, label: str, values: list[float], at: str) -> None:
    """Add the lowest and the highest of estimates by several equations."""
    maker.add(f"{id_}_lowest", f"the lowest by equation of {label}", min(values, default=None), "usd_bn", at)
    maker.add(f"{id_}_highest", f"the highest by equation of {label}", max(values, default=None), "usd_bn", at)


def _path_at(drivers: Drivers, flow: Flow, specification: str, end: int | None) -> float | None:
    """Return what a specification predicts for a year, USD billion; None where it has no figures."""
    found = drivers.estimated.get((flow, specification))
    if found is None or end is None:
        return None
    return float(found.prediction.central[found.prediction.years.index(end)]) / MN_PER_BN


def _less(value: float | None, other: float | None) -> float | None:
    return None if value is None or other is None else value - other


def _noun(drivers: Drivers, flow: Flow) -> str:
    partner = drivers.spec.names.get("partner", drivers.spec.iso3)
    return f"US goods exports to {partner}" if flow == "exports" else f"US goods imports from {partner}"


def _equation(drivers: Drivers, maker: Maker, flow: Flow) -> None:
    main = drivers.main(flow).equation
    period = f"{main.years[0]} to {main.years[-1]}"
    tail = (1 - drivers.plan.uncertainty.level) / 2
    kind = f"{100 * drivers.plan.uncertainty.level:.0f} percent interval of the coefficients, drawn again"

    def put(id_: str, label: str, values: tuple[float, float, float]) -> None:
        value, low, high = values
        maker.add(f"{flow}.{id_}", label, value, "index", period, decimals=2, bounds=(low, high), interval=kind)

    nouns: dict[Driver, tuple[str, str]] = {
        "demand": ("demand", "demand"),
        "value": ("the real value of the currency", "exchange rate"),
    }
    for driver, (noun, short) in nouns.items():
        low, high = (float(v) for v in np.quantile(main.elasticity(driver, main.draws), [tail, 1 - tail]))
        put(f"elasticity.{driver}", f"elasticity of {flow} to {noun}", (float(main.elasticity(driver)[0]), low, high))
        put(f"lead.{driver}", f"coefficient of next year's {short}, {flow}", drivers.leads[flow][driver])
    trend = 100 * float(np.expm1(main.coefficient("const")[0]))
    maker.add(
        f"{flow}.trend", f"yearly growth of {flow} without growth of demand or the currency", trend, "percent", period
    )
    test = drivers.bounds[flow]
    rows = {"statistic": test.statistic, "upper": test.upper, "margin": test.statistic - test.upper}
    labels = {
        "statistic": f"bounds test statistic for a relation in levels, {flow}",
        "upper": "its upper critical value at ten percent, simulated for this sample",
        "margin": f"bounds test statistic less its upper critical value, {flow}",
    }
    for what, value in rows.items():
        maker.add(f"{flow}.bounds.{what}", labels[what], value, "index", period, decimals=2)


def _backtest(drivers: Drivers, maker: Maker) -> None:
    found = drivers.backtest
    rows: pd.DataFrame = found.forecasts
    end = drivers.evaluation_year
    horizon = None if end is None else end - drivers.spec.before
    period = f"origins {rows['origin'].min()} to {rows['origin'].max()}" if len(rows) else "no origin"
    some = bool(len(rows))
    maker.add("backtest.forecasts", "forecasts of the backtest", float(len(rows)), "count", period)
    maker.add("backtest.partners", "partners in the backtest", float(rows["iso3"].nunique()), "count", period)
    raw = 100 * found.coverage(raw=True) if some else None
    held = 100 * found.coverage() if some else None
    maker.add(
        "backtest.raw", "share of actual values inside the interval before widening", raw, "percent", period, decimals=0
    )
    maker.add(
        "backtest.coverage",
        "share inside the widened interval, for partners left out of it",
        held,
        "percent",
        period,
        decimals=0,
    )
    reach = None if horizon is None else found.factors().get(horizon)
    maker.add("backtest.horizon", "years ahead", None if horizon is None else float(horizon), "count", period)
    maker.add("backtest.factor", "factor by which the interval is widened", reach, "times", period)
    for flow in FLOWS:
        error = naive = None
        if horizon is not None and some:
            error = found.error("central", flow=flow, horizon=horizon)
            naive = found.error("naive", flow=flow, horizon=horizon)
        ratio = None if error is None or not naive else error / naive
        maker.add(
            f"backtest.{flow}.ratio",
            f"root mean squared error of the equation over that of no change in real {flow}",
            ratio,
            "times",
            period,
        )
        typical = None if error is None else 100 * error
        maker.add(f"backtest.{flow}.error", f"root mean squared error of {flow}, log points", typical, "index", period)
