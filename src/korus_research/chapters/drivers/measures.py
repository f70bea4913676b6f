"""What drove the flows: accounting, demand equations and what they predict (docs/methods/drivers.md).

The equations end before entry into force; what they predict afterwards uses the demand and the exchange rate that came.
What is left is everything else, the agreement among it: no effect of the agreement.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import nan
from typing import Literal

import numpy as np
import pandas as pd

from korus_research.chapters.drivers import panel
from korus_research.chapters.drivers.estimated import Estimated, all_estimated, leads_of, load_plan
from korus_research.data.agreements import Agreement
from korus_research.data.study import Study, measured
from korus_research.errors import MissingFigures
from korus_research.methods.demand.backtest import Backtest, backtest
from korus_research.methods.demand.bounds import BoundsTest, bounds_test
from korus_research.methods.demand.equation import Driver, series_of
from korus_research.methods.demand.prediction import Estimate
from korus_research.methods.demand.specification import Plan
from korus_research.methods.series import FLOWS, MN_PER_BN, WORLD, Flow, complete_years, monthly_flows
from korus_research.show.declared import Result

NoLongRun = Literal["no_relation", "unreturning"]


@dataclass(frozen=True)
class Drivers(Result):
    """Accounting, equations and predictions of one partner's flows."""

    agreement: Agreement
    baseline_year: int
    study_names: Mapping[str, str]
    plan: Plan
    accounts: Mapping[Flow, pd.DataFrame]  # `panel.accounts`; that of exports with the status of total imports
    table: pd.DataFrame  # `panel.demand_table` of the partner
    currencies: pd.DataFrame  # real value in the reporter's by year and economy, year before entry = 100
    nominal: pd.Series[float]  # local currency per dollar by year
    beside: Mapping[str, pd.DataFrame]  # `panel.values_beside`: nominal and real values of many more currencies
    outlook: pd.DataFrame  # `panel.observed`
    estimated: Mapping[tuple[Flow, str], Estimated]  # by id of the specification; the main prediction is widened
    # Next year's growth of each driver in the main equation. It has no business there: if it matters, the equation
    # mistakes what follows the flow for what moves it.
    leads: Mapping[Flow, Mapping[Driver, Estimate]]
    backtest: Backtest

    @property
    def iso3(self) -> str:
        """The partner."""
        return self.agreement.partner.iso3

    @property
    def called(self) -> dict[str, str]:
        """Names of economies by code: of the parties, and of others that the agreement's file names."""
        a = self.agreement
        others = {each.iso3: each.name for each in (*a.comparators, *a.context_partners)}
        return {**others, **{party.iso3: party.short for party in (a.reporter, a.partner)}}

    @property
    def before(self) -> int:
        """The last calendar year wholly before entry into force: the equations end there."""
        return self.agreement.dates.in_force.year - 1

    @property
    def last(self) -> int:
        """Last year with trade, output, prices and exchange rates that are no projections."""
        return int(self.table.index[-1])

    @property
    def evaluation_year(self) -> int | None:
        """The evaluation year or the last one before it with figures; None before the first full year."""
        year = min(self.agreement.evaluation_year, self.last)
        return year if year >= self.agreement.first_full_year else None

    def accounting_last(self, flow: Flow) -> int:
        """Last year with a complete year of the flow and the buyer's total imports."""
        return int(self.accounts[flow].index[-1])

    def actual(self, flow: Flow, year: int | None) -> float:
        """Return a flow in a year, USD billion; NaN where there is no year."""
        return nan if year is None else float(self.table[flow].loc[year]) / MN_PER_BN

    def main(self, flow: Flow) -> Estimated:
        """Return the main specification of a flow."""
        return self.estimated[flow, self.plan.main.id]

    def of_flow(self, flow: Flow) -> tuple[Estimated, ...]:
        """Return the specifications of a flow, in the order declared."""
        return tuple(e for (f, _), e in self.estimated.items() if f == flow)

    def of_demand(self, flow: Flow, demand: str) -> tuple[Estimated, ...]:
        """Return the specifications of a flow with `income` or `volume` as demand, in the order declared."""
        return tuple(e for e in self.of_flow(flow) if e.specification.demand == demand)

    @cached_property
    def bounds(self) -> Mapping[Flow, BoundsTest]:
        """The bounds test for a relation in levels, by flow; simulated when first asked for."""
        series = {flow: series_of(self.table, flow, self.plan.main) for flow in FLOWS}
        return {flow: bounds_test(series[flow], self.plan, last=self.before) for flow in FLOWS}

    def elasticity(self, found: Estimated, driver: Driver) -> Estimate:
        """Return the elasticity of a flow to a driver by one equation, with its interval."""
        low, high = np.quantile(found.equation.elasticity(driver, found.equation.draws), self.plan.uncertainty.ends)
        return float(found.equation.elasticity(driver)[0]), float(low), float(high)

    def growth(self, last: int) -> pd.DataFrame:
        """Return `panel.growth_table` with the "after" ending in `last`."""
        return panel.growth_table(self.outlook, before=self.before, years=self.plan.benchmark.years, last=last)

    def split(self, first: int, last: int, flow: Flow = "exports") -> pd.DataFrame:
        """Return `panel.split` of a flow between two years."""
        return panel.split(self.accounts[flow], first, last, flow)

    def no_long_run(self, found: Estimated) -> NoLongRun | None:
        """Return why an equation in levels has no long-run elasticities, or None.

        `no_relation`: the bounds test establishes none in levels; `unreturning`: too many draws return to no level.
        """
        if found.specification.form == "growth":
            return None
        test = self.bounds[found.flow]
        if test.statistic <= test.upper:
            return "no_relation"
        return "unreturning" if found.equation.unreturning > self.plan.levels.most_unreturning else None

    def to_frame(self) -> pd.DataFrame:
        """Return flow, specification, year, actual, central, low, high (USD million), one row a prediction."""
        rows = []
        for (flow, name), found in self.estimated.items():
            path = found.prediction
            actual = self.table[flow].reindex(path.years).to_numpy()
            about = {"flow": flow, "specification": name, "year": path.years, "actual": actual}
            rows.append(pd.DataFrame({**about, "central": path.central, "low": path.low, "high": path.high}))
        return pd.concat(rows, ignore_index=True)

    def __repr__(self) -> str:
        names = ", ".join(s.id for s in self.plan.specifications)
        return f"Drivers({self.iso3}, equations to {self.before}, predicted to {self.last}; {names})"


@measured
def of(study: Study) -> Drivers:
    """Return the accounting of both flows, the demand equations, their predictions and their backtest.

    MissingPartner or MissingFigures where trade, exchange rates, output, prices or total imports of the partner are not
    held, or end before the agreement.
    """
    names = ("goods_trade_monthly", "exchange_rates_monthly", "macro_annual", "partners")
    trade, rates, macro, partners = (study.load(name) for name in names)
    own, reporter = study.agreement.partner, study.agreement.reporter.iso3
    plan, wide, before = load_plan(), panel.observed(macro), study.agreement.dates.in_force.year - 1
    flows = complete_years(monthly_flows(trade, partner=own.census_code))
    bought = panel.total_imports(study.load("import_demand_annual"), own.iso3)
    exports = panel.accounts("exports", flows["exports"], bought["imports_usd_mn"], wide, own.iso3)
    world = complete_years(monthly_flows(trade, partner=WORLD))["imports"]
    # The equation is tried on every other partner with figures, too.
    others = partners[partners["iso3"].isin(set(rates["iso3"]) & set(macro["iso3"]) - {own.iso3})]
    codes = {own.iso3: own.census_code, **dict(zip(others["iso3"], others["partner"], strict=True))}
    tables = {
        iso3: panel.demand_table(trade, rates, wide, partner=code, iso3=iso3, reporter=reporter)
        for iso3, code in codes.items()
    }
    table = tables[own.iso3]
    if table.index[-1] <= before:
        raise MissingFigures(
            f"The data for {own.iso3} end in {table.index[-1]}",
            expected=f"a year after {before}, the last one before entry into force",
            do="Choose a later as_of",
        )
    tried = backtest(tables, plan, studied=own.iso3, before=before)
    currencies = pd.DataFrame({iso3: panel.real_value(rates, wide, iso3, reporter) for iso3 in tables})
    return Drivers(
        agreement=study.agreement,
        baseline_year=study.parameters.baseline_year,
        study_names=study.names,
        plan=plan,
        accounts={
            "exports": exports.assign(status=bought["status"]),
            "imports": panel.accounts("imports", flows["imports"], world, wide, reporter),
        },
        table=table,
        currencies=100 * currencies / currencies.loc[before],
        nominal=panel.annual_rate(rates, own.iso3),
        beside=panel.values_beside(study.load("currencies_annual"), reporter),
        outlook=wide,
        estimated=all_estimated(table, wide, plan, tried, before, {"exports": own.iso3, "imports": reporter}),
        leads={flow: leads_of(series_of(table, flow, plan.main), flow, plan, before) for flow in FLOWS},
        backtest=tried,
    )
