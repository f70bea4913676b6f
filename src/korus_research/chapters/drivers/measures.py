"""What drove the flows: accounting, demand equations and what they predict (docs/methods/drivers.md).

The equations end before entry into force; what they predict afterwards uses the demand and the exchange rate that came.
What is left is everything else, the agreement among it: no effect of the agreement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import pandas as pd

from korus_research.chapters.drivers.estimated import Estimated, all_estimated, bounds_test, leads_of, load_plan
from korus_research.chapters.drivers.panel import (
    accounting_table,
    annual_rate,
    demand_table,
    growth_table,
    import_table,
    observed,
    real_value,
    split,
)
from korus_research.data.agreements import Agreement
from korus_research.data.study import Study, measured
from korus_research.errors import MissingFigures
from korus_research.methods.demand import equation as eq
from korus_research.methods.demand.backtest import Backtest, backtest
from korus_research.methods.demand.bounds import BoundsTest
from korus_research.methods.demand.specification import Plan
from korus_research.methods.series import FLOWS, WORLD, Flow, complete_years, monthly_flows
from korus_research.show.declared import Result

NoLongRun = Literal["no_relation", "unreturning"]


@dataclass(frozen=True)
class Drivers(Result):
    """Accounting, equations and predictions of one partner's flows.

    Attributes
    ----------
    agreement, baseline_year, study_names
        Whose trade is studied, the year its accounting starts from, and the names that sentences of the study use.
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

    agreement: Agreement
    baseline_year: int
    study_names: Mapping[str, str]
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
    def iso3(self) -> str:
        """The partner."""
        return self.agreement.partner.iso3

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

    def accounts(self, flow: Flow) -> pd.DataFrame:
        """Return the accounting table of a flow."""
        return self.accounting if flow == "exports" else self.import_accounting

    def accounting_last(self, flow: Flow) -> int:
        """Last year with a complete year of the flow and the buyer's total imports."""
        return int(self.accounts(flow).index[-1])

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
        return {flow: bounds_test(self.table, flow, self.plan, self.before) for flow in FLOWS}

    def growth(self, last: int) -> pd.DataFrame:
        """Return `growth.growth_table` with the "after" ending in `last`."""
        return growth_table(self.outlook, before=self.before, years=self.plan.benchmark.years, last=last)

    def split(self, first: int, last: int, flow: Flow = "exports") -> pd.DataFrame:
        """Return `accounting.split` of a flow between two years."""
        return split(self.accounts(flow), first, last, flow)

    def no_long_run(self, found: Estimated) -> NoLongRun | None:
        """Return why an equation has no elasticities to tell, or None: those in levels may have no long run.

        `no_relation`: the bounds test establishes none in levels; `unreturning`: too many draws return to no level.
        """
        if found.specification.form == "growth":
            return None
        test = self.bounds[found.flow]
        if test.statistic <= test.upper:
            return "no_relation"
        if found.equation.unreturning > self.plan.levels.most_unreturning:
            return "unreturning"
        return None

    def to_frame(self) -> pd.DataFrame:
        """Return flow, specification, year, actual, central, low, high (USD million), one row a prediction."""
        rows = [
            pd.DataFrame(
                {
                    "flow": flow,
                    "specification": name,
                    "year": found.prediction.years,
                    "actual": self.table[flow].loc[list(found.prediction.years)].to_numpy(),
                    "central": found.prediction.central,
                    "low": found.prediction.low,
                    "high": found.prediction.high,
                }
            )
            for (flow, name), found in self.estimated.items()
        ]
        return pd.concat(rows, ignore_index=True)

    def __repr__(self) -> str:
        names = ", ".join(s.id for s in self.plan.specifications)
        return f"Drivers({self.iso3}, equations to {self.before}, predicted to {self.last}; {names})"


@measured
def of(study: Study) -> Drivers:
    """Return the accounting of exports, the demand equations and what they predict; errors as `analyse_drivers`."""
    rates, macro, partners = (study.load(n) for n in ("exchange_rates_monthly", "macro_annual", "partners"))
    own = study.agreement.partner
    both = set(rates["iso3"]) & set(macro["iso3"]) - {own.iso3}
    others = partners.loc[partners["iso3"].isin(both), ["partner", "iso3"]].itertuples(index=False)
    return analyse_drivers(
        study.load("goods_trade_monthly"),
        rates,
        macro,
        study.load("import_demand_annual"),
        agreement=study.agreement,
        baseline_year=study.parameters.baseline_year,
        others=[(str(code), str(iso3)) for code, iso3 in others],
        names=study.names,
    )


def analyse_drivers(
    trade: pd.DataFrame,
    rates: pd.DataFrame,
    macro: pd.DataFrame,
    demand: pd.DataFrame,
    *,
    agreement: Agreement,
    baseline_year: int,
    others: Sequence[tuple[str, str]],
    names: Mapping[str, str],
) -> Drivers:
    """Compile accounting, equations, predictions and backtest.

    Parameters
    ----------
    trade, rates, macro, demand : DataFrame
        The datasets goods_trade_monthly, exchange_rates_monthly, macro_annual and import_demand_annual.
    others : sequence of (str, str)
        The other partners that the equation is tried on, Census code and economy.
    names : mapping
        The names that sentences of the study use.

    Raises
    ------
    MissingPartner, MissingFigures
        Trade, exchange rates, output, prices or total imports of the partner are not held, or end before the first
        full year under the agreement.
    """
    plan, wide, before = load_plan(), observed(macro), agreement.dates.in_force.year - 1
    own, reporter = agreement.partner, agreement.reporter.iso3
    own_flows = complete_years(monthly_flows(trade, partner=own.census_code))
    accounting = accounting_table(own_flows, demand, macro, iso3=own.iso3)
    world = complete_years(monthly_flows(trade, partner=WORLD))
    import_accounting = import_table(own_flows, world, macro, iso3=reporter)
    tables = {
        iso3: demand_table(trade, rates, wide, partner=code, iso3=iso3, reporter=reporter)
        for code, iso3 in dict.fromkeys(((own.census_code, own.iso3), *others))
    }
    table = tables[own.iso3]
    if table.index[-1] <= before:
        raise MissingFigures(
            f"The figures of {own.iso3} end in {table.index[-1]}",
            expected=f"a year after {before}, the last one before entry into force",
            do="Choose a later as_of",
        )
    tried = backtest(tables, plan, studied=own.iso3, before=before)
    currencies = pd.DataFrame({iso3: real_value(rates, wide, iso3, reporter) for iso3 in tables})
    return Drivers(
        agreement=agreement,
        baseline_year=baseline_year,
        study_names=names,
        plan=plan,
        accounting=accounting,
        import_accounting=import_accounting,
        table=table,
        currencies=100 * currencies / currencies.loc[before],
        nominal=annual_rate(rates, own.iso3),
        outlook=wide,
        estimated=all_estimated(table, wide, plan, tried, before, {"exports": own.iso3, "imports": reporter}),
        leads={flow: leads_of(table, flow, plan, before) for flow in FLOWS},
        backtest=tried,
    )
