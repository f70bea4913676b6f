"""What the chapter measures of a study."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.data.study import Study, measured

if TYPE_CHECKING:
    from korus_research.chapters.drivers.result import Drivers


@measured
def of(study: Study) -> Drivers:
    """Return the accounting of exports, the demand equations and what they predict."""
    from korus_research.chapters.drivers.result import analyse_drivers
    from korus_research.methods.demand.spec import DriversSpec

    a, p = study.agreement, study.parameters
    rates, macro = study.load("exchange_rates_monthly"), study.load("macro_annual")
    partners = study.load("partners")
    both = set(rates["iso3"]) & set(macro["iso3"]) - {a.partner.iso3}
    others = partners.loc[partners["iso3"].isin(both), ["partner", "iso3"]]
    spec = DriversSpec(
        partner=a.partner.census_code,
        iso3=a.partner.iso3,
        reporter=a.reporter.iso3,
        baseline_year=p.baseline_year,
        before=a.dates.in_force.year - 1,
        evaluation_year=a.evaluation_year,
        first_full_year=a.first_full_year,
        others=tuple((str(code), str(iso3)) for code, iso3 in others.itertuples(index=False)),
        names=study.names,
    )
    return analyse_drivers(
        study.load("goods_trade_monthly"), rates, macro, study.load("import_demand_annual"), spec=spec
    )
