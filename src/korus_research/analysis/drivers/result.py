"""What drove the flows: accounting, demand equations and what they predict (methods section 5).

The equations end before entry into force; what they predict afterwards uses the demand and the exchange rate that came.
What is left is everything else, the agreement among it: no effect of the agreement.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from korus_research.analysis.drivers import equation as eq
from korus_research.analysis.drivers.accounting import accounting_table, split
from korus_research.analysis.drivers.backtest import Backtest, backtest
from korus_research.analysis.drivers.bounds import BoundsTest, bounds_statistic, critical_values
from korus_research.analysis.drivers.findings import drivers_findings
from korus_research.analysis.drivers.growth import MEASURES, growth_table, slowdown
from korus_research.analysis.drivers.panel import annual_rate, demand_table, observed, real_value
from korus_research.analysis.drivers.spec import DriversSpec, Plan, Specification, importer, load_plan
from korus_research.analysis.finding import Findings
from korus_research.analysis.series import FLOWS, Flow, complete_years, monthly_flows
from korus_research.errors import MissingFigures

# What a driver's own path is held against: the currency at its value before entry into force; demand growing as it did
# before; and that, moved by the change of growth that the other economies saw. And the equation's trend: none.
Held = Literal["value", "past", "both", "trend"]


@dataclass(frozen=True)
class Estimated:
    """One specification for one flow: the equation, its prediction after entry into force, and the contributions."""

    flow: Flow
    specification: Specification
    equation: eq.Equation
    prediction: eq.Prediction
    contributions: Mapping[Held, eq.Contribution]

    def at(self, held: Held, year: int) -> tuple[float, float, float]:
        """Return a contribution in `year`: central, low and high, USD million. Only equations with a trend have its."""
        found = self.contributions[held]
        place = found.years.index(year)
        return float(found.central[place]), float(found.low[place]), float(found.high[place])


@dataclass(frozen=True)
class Drivers:
    """Accounting, equations and predictions of one partner's flows.

    Attributes
    ----------
    accounting : DataFrame
        `drivers_accounting.accounting_table`.
    table : DataFrame
        `drivers_panel.demand_table` of the partner.
    currencies : DataFrame
        By year, real value of the partner's and the others' currencies in the reporter's, year before entry = 100.
    nominal : Series
        Local currency per dollar by year.
    outlook : DataFrame
        `drivers_panel.observed`.
    estimated : mapping of (flow, specification id) to Estimated
        The prediction of the main specification is the widened one.
    leads : mapping of flow
        Next year's growth of each driver in the main equation (estimate, low, high). It has no business there: if it
        matters, the equation mistakes what follows the flow for what moves it.
    backtest : Backtest
    """

    spec: DriversSpec
    plan: Plan
    accounting: pd.DataFrame
    table: pd.DataFrame
    currencies: pd.DataFrame
    nominal: pd.Series[float]
    outlook: pd.DataFrame
    estimated: Mapping[tuple[Flow, str], Estimated]
    leads: Mapping[Flow, Mapping[eq.Driver, tuple[float, float, float]]]
    backtest: Backtest

    @property
    def last(self) -> int:
        """Last year with trade, output, prices and exchange rates that are no projections."""
        return int(self.table.index[-1])

    @property
    def evaluation_year(self) -> int | None:
        """The evaluation year or the last one before it with figures; None before the first full year."""
        year = min(self.spec.evaluation_year, self.last)
        return year if year >= self.spec.first_full_year else None

    @property
    def accounting_last(self) -> int:
        """Last year with the partner's total imports and a complete year of exports."""
        return int(self.accounting.index[-1])

    def main(self, flow: Flow) -> Estimated:
        """Return the main specification of a flow."""
        return self.estimated[flow, self.plan.main.id]

    def of_demand(self, flow: Flow, demand: str) -> tuple[Estimated, ...]:
        """Return the specifications of a flow with `income` or `volume` as demand, in the order declared."""
        return tuple(e for (f, _), e in self.estimated.items() if f == flow and e.specification.demand == demand)

    @cached_property
    def bounds(self) -> Mapping[Flow, BoundsTest]:
        """The bounds test for a relation in levels, by flow; simulated when first asked for."""
        return {flow: _bounds(self.table, flow, self.plan, self.spec) for flow in FLOWS}

    def growth(self, last: int) -> pd.DataFrame:
        """Return `drivers_growth.growth_table` with the "after" ending in `last`."""
        return growth_table(self.outlook, before=self.spec.before, years=self.plan.benchmark.years, last=last)

    def split(self, first: int, last: int) -> pd.DataFrame:
        """Return `drivers_accounting.split` between two years."""
        return split(self.accounting, first, last)

    def to_frame(self) -> pd.DataFrame:
        """Return flow, specification, year, actual, central, low, high (USD million), one row a prediction."""
        rows = []
        for (flow, name), found in self.estimated.items():
            p = found.prediction
            actual = self.table[flow].loc[list(p.years)].to_numpy()
            rows.append(
                pd.DataFrame(
                    {
                        "flow": flow,
                        "specification": name,
                        "year": p.years,
                        "actual": actual,
                        "central": p.central,
                        "low": p.low,
                        "high": p.high,
                    }
                )
            )
        return pd.concat(rows, ignore_index=True)

    def findings(self) -> Findings:
        """Return what chapter 04 may say."""
        return self._findings

    @cached_property
    def _findings(self) -> Findings:
        return drivers_findings(self)

    def __repr__(self) -> str:
        names = ", ".join(s.id for s in self.plan.specifications)
        return f"Drivers({self.spec.iso3}, equations to {self.spec.before}, predicted to {self.last}; {names})"


def analyse_drivers(
    trade: pd.DataFrame, rates: pd.DataFrame, macro: pd.DataFrame, demand: pd.DataFrame, *, spec: DriversSpec
) -> Drivers:
    """Compile accounting, equations, predictions and backtest.

    Parameters
    ----------
    trade, rates, macro, demand : DataFrame
        The datasets goods_trade_monthly, exchange_rates_monthly, macro_annual and import_demand_annual.

    Raises
    ------
    MissingPartner, MissingFigures
        Trade, exchange rates, output, prices or total imports of the partner are not held, or end before the first
        full year under the agreement.
    """
    plan, wide = load_plan(), observed(macro)
    own_flows = complete_years(monthly_flows(trade, partner=spec.partner))
    accounting = accounting_table(own_flows, demand, macro, iso3=spec.iso3)
    codes = dict.fromkeys(((spec.partner, spec.iso3), *spec.others))
    tables = {
        iso3: demand_table(trade, rates, wide, partner=code, iso3=iso3, reporter=spec.reporter) for code, iso3 in codes
    }
    table = tables[spec.iso3]
    if table.index[-1] <= spec.before:
        raise MissingFigures(
            f"The figures of {spec.iso3} end in {table.index[-1]}",
            expected=f"a year after {spec.before}, the last one before entry into force",
            do="Choose a later as_of",
        )
    tried = backtest(tables, plan, studied=spec.iso3, before=spec.before)
    factors = tried.factors()
    steps = range(spec.before + 1, int(table.index[-1]) + 1)
    growth = [growth_table(wide, before=spec.before, years=plan.benchmark.years, last=year) for year in steps]
    slower = {
        (demand, buyer): np.array([slowdown(each, demand, buyer) for each in growth])
        for demand in MEASURES
        for buyer in dict.fromkeys(importer(flow, spec) for flow in FLOWS)
    }
    estimated = {
        (flow, s.id): _estimated(table, slower, flow, s, number, plan, spec, factors)
        for flow in FLOWS
        for number, s in enumerate(plan.specifications)
        if _possible(table, flow, s, plan)
    }
    values = {iso3: real_value(rates, wide, iso3, spec.reporter) for iso3 in tables}
    currencies = pd.DataFrame(values)
    return Drivers(
        spec,
        plan,
        accounting,
        table,
        100 * currencies / currencies.loc[spec.before],
        annual_rate(rates, spec.iso3),
        wide,
        estimated,
        {flow: _leads(table, flow, plan, spec) for flow in FLOWS},
        tried,
    )


def _possible(table: pd.DataFrame, flow: Flow, specification: Specification, plan: Plan) -> bool:
    """Import volumes may begin later than output: a specification on them is then left out, and the table shows so."""
    held = table[f"{specification.demand}_{flow}"].dropna()
    return specification.demand == "income" or (len(held) > 0 and int(held.index[0]) < plan.sample.first_year)


def _estimated(
    table: pd.DataFrame,
    slower: Mapping[tuple[str, str], eq.Array],
    flow: Flow,
    specification: Specification,
    number: int,
    plan: Plan,
    spec: DriversSpec,
    factors: Mapping[int, float],
) -> Estimated:
    series = eq.series_of(table, flow, specification)
    level, before = plan.uncertainty.level, spec.before
    rng = plan.generator(flow, number)
    equation = eq.estimate(
        series,
        specification,
        first=plan.sample.first_year,
        last=before,
        without=plan.omitted(specification),
        replications=plan.uncertainty.replications,
        rng=rng,
    )
    prediction = eq.predict(equation, series, origin=before, last=series.last, level=level, rng=rng)
    if specification == plan.main:
        reach = {h: factors.get(h, max(factors.values())) for h in range(1, len(prediction.years) + 1)}
        prediction = prediction.widened(reach)
    others = slower[specification.demand, importer(flow, spec)]
    instead = _instead(series, others, plan, spec)
    contributions: dict[Held, eq.Contribution] = {
        held: eq.contribution(
            equation, series, "value" if held == "value" else "demand", path, origin=before, level=level
        )
        for held, path in instead.items()
    }
    if specification.form == "growth" and specification.trend:
        contributions["trend"] = eq.trend_amount(equation, series, origin=before, last=series.last, level=level)
    return Estimated(flow, specification, equation, prediction, contributions)


def _instead(series: eq.Series, others: eq.Array, plan: Plan, spec: DriversSpec) -> dict[Held, eq.Array]:
    """Return the paths that drivers are held against, logarithms, of the years after `before`.

    `others` is the change of the other economies' growth, points a year, averaged to each of these years.
    """
    steps = np.arange(1, series.last - spec.before + 1)
    start, years = series.at(spec.before), plan.benchmark.years
    trend = (series.demand[start] - series.demand[start - years]) / years
    return {
        "value": np.full(len(steps), series.value[start]),
        "past": series.demand[start] + trend * steps,
        "both": series.demand[start] + (trend + others[: len(steps)] / 100) * steps,
    }


def _bounds(table: pd.DataFrame, flow: Flow, plan: Plan, spec: DriversSpec) -> BoundsTest:
    series = eq.series_of(table, flow, plan.main)
    first = plan.sample.first_year
    count = spec.before - first + 1
    statistic = bounds_statistic(series, plan.main, first=first, last=spec.before)
    lower, upper = critical_values(count, 2, plan.bounds.level, plan.bounds.replications, plan.uncertainty.seed)
    return BoundsTest(statistic, lower, upper, count)


def _leads(
    table: pd.DataFrame, flow: Flow, plan: Plan, spec: DriversSpec
) -> dict[eq.Driver, tuple[float, float, float]]:
    """Return the coefficients of next year's growth of both drivers, with their intervals."""
    series = eq.series_of(table, flow, plan.main)
    first = series.at(plan.sample.first_year)
    span = slice(first - 1, series.at(spec.before))
    ahead = slice(first, series.at(spec.before) + 1)
    drivers = (np.diff(series.demand), np.diff(series.value))
    columns = [np.ones(span.stop - span.start), *(d[span] for d in drivers), *(d[ahead] for d in drivers)]
    design = np.column_stack(columns)
    outcome = np.diff(series.flow)[span]
    estimates = eq.least_squares(design, outcome)
    residuals = outcome - design @ estimates
    df = len(outcome) - design.shape[1]
    rng = plan.generator(flow, len(plan.specifications))
    count = plan.uncertainty.replications
    drawn = rng.choice(eq.pool_of(residuals, df), (count, len(outcome))) * eq.spread_of(df, count, rng)[:, None]
    again = design @ estimates + drawn
    tail = (1 - plan.uncertainty.level) / 2
    low, high = np.quantile((again @ np.linalg.pinv(design).T)[:, -2:], [tail, 1 - tail], axis=0)
    names: tuple[eq.Driver, eq.Driver] = ("demand", "value")
    return {n: (float(estimates[i - 2]), float(low[i]), float(high[i])) for i, n in enumerate(names)}
