"""What drove the flows: accounting, demand equations and what they predict (methods section 5).

The equations end before entry into force; what they predict afterwards uses the demand and the exchange rate that came.
What is left is everything else, the agreement among it: no effect of the agreement.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from korus_research.chapters.drivers.accounting import accounting_table, import_table, split
from korus_research.chapters.drivers.estimated import Estimated, estimated_by, leads_of, possible
from korus_research.chapters.drivers.findings import drivers_findings
from korus_research.chapters.drivers.growth import MEASURES, growth_table, slowdown
from korus_research.chapters.drivers.panel import annual_rate, demand_table, observed, real_value
from korus_research.errors import MissingFigures
from korus_research.methods.demand import equation as eq
from korus_research.methods.demand.backtest import Backtest, backtest
from korus_research.methods.demand.bounds import BoundsTest, bounds_statistic, critical_values
from korus_research.methods.demand.spec import DriversSpec, Plan, importer, load_plan
from korus_research.methods.series import FLOWS, WORLD, Flow, complete_years, monthly_flows
from korus_research.show.finding import Findings


@dataclass(frozen=True)
class Drivers:
    """Accounting, equations and predictions of one partner's flows.

    Attributes
    ----------
    accounting, import_accounting : DataFrame
        `accounting.accounting_table` and `accounting.import_table`.
    table : DataFrame
        `panel.demand_table` of the partner.
    currencies : DataFrame
        By year, real value of the partner's and the others' currencies in the reporter's, year before entry = 100.
    nominal : Series
        Local currency per dollar by year.
    outlook : DataFrame
        `panel.observed`.
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
    import_accounting: pd.DataFrame
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

    def accounts(self, flow: Flow) -> pd.DataFrame:
        """Return the accounting table of a flow."""
        return self.accounting if flow == "exports" else self.import_accounting

    def accounting_last(self, flow: Flow) -> int:
        """Last year with a complete year of the flow and the buyer's total imports."""
        return int(self.accounts(flow).index[-1])

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
        """Return `growth.growth_table` with the "after" ending in `last`."""
        return growth_table(self.outlook, before=self.spec.before, years=self.plan.benchmark.years, last=last)

    def split(self, first: int, last: int, flow: Flow = "exports") -> pd.DataFrame:
        """Return `accounting.split` of a flow between two years."""
        return split(self.accounts(flow), first, last, flow)

    def no_long_run(self, found: Estimated) -> str | None:
        """Return why an equation has no elasticities to tell, or None: those in levels may have no long run."""
        if found.specification.form == "growth":
            return None
        test = self.bounds[found.flow]
        if test.statistic <= test.upper:
            return "the bounds test establishes no relation in levels"
        if found.equation.unreturning > self.plan.levels.most_unreturning:
            return "too many draws do not return to a level"
        return None

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
    world = complete_years(monthly_flows(trade, partner=WORLD))
    import_accounting = import_table(own_flows, world, macro, iso3=spec.reporter)
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
        (flow, s.id): estimated_by(table, slower, flow, s, number, plan, spec, factors)
        for flow in FLOWS
        for number, s in enumerate(plan.specifications)
        if possible(table, flow, s, plan)
    }
    values = {iso3: real_value(rates, wide, iso3, spec.reporter) for iso3 in tables}
    currencies = pd.DataFrame(values)
    return Drivers(
        spec,
        plan,
        accounting,
        import_accounting,
        table,
        100 * currencies / currencies.loc[spec.before],
        annual_rate(rates, spec.iso3),
        wide,
        estimated,
        {flow: leads_of(table, flow, plan, spec) for flow in FLOWS},
        tried,
    )


def _bounds(table: pd.DataFrame, flow: Flow, plan: Plan, spec: DriversSpec) -> BoundsTest:
    series = eq.series_of(table, flow, plan.main)
    first = plan.sample.first_year
    count = spec.before - first + 1
    statistic = bounds_statistic(series, plan.main, first=first, last=spec.before)
    lower, upper = critical_values(count, 2, plan.bounds.level, plan.bounds.replications, plan.uncertainty.seed)
    return BoundsTest(statistic, lower, upper, count)
