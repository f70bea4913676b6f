"""What a study describes: flows, comparators, sectors, context.

Each function gathers the tables and the specification of one analysis from a study, and runs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from korus_research.analysis.comparators import Comparators
    from korus_research.analysis.context import Context
    from korus_research.analysis.flows import Flows
    from korus_research.analysis.sectors import Sectors
    from korus_research.study.study import Study


def flows(study: Study) -> Flows:
    """Return the bilateral flows with the partner."""
    from korus_research.analysis.flows import FlowsSpec, analyse_flows

    a, p = study.agreement, study.parameters
    spec = FlowsSpec(
        partner=a.partner.census_code,
        in_force=f"{a.dates.in_force:%Y-%m}",
        baseline_year=p.baseline_year,
        baseline_years=a.baseline_years,
        evaluation_year=a.evaluation_year,
        first_full_year=a.first_full_year,
        names=study.names,
    )
    prices = study.load("consumer_prices")
    return analyse_flows(
        study.load("goods_trade_monthly"),
        study.load("goods_services_bop"),
        spec=spec,
        energy=study.load("exports_energy_monthly"),
        prices=prices.loc[prices["iso3"] == a.reporter.iso3],
    )


def comparators(study: Study) -> Comparators:
    """Return the partner beside the world, partners without a new agreement and the peers."""
    from korus_research.analysis.comparators import ComparatorsSpec, analyse_comparators

    a, p = study.agreement, study.parameters
    agreements = study.load("us_agreements")
    since = agreements["in_force"].str[:7]
    new = agreements.loc[(since.str[:4].astype(int) > p.baseline_year) & (since <= p.as_of), "partner"]
    own = a.partner.census_code
    spec = ComparatorsSpec(
        partner=own,
        peers=p.comparators,
        new_agreement=tuple(c for c in dict.fromkeys(new) if c != own),
        baseline_year=p.baseline_year,
        evaluation_year=a.evaluation_year,
        first_full_year=a.first_full_year,
        partner_names=study.partner_names,
        names=study.names,
    )
    return analyse_comparators(study.load("goods_trade_monthly"), study.load("partners"), spec=spec)


def context(study: Study) -> Context:
    """Return the shares of the reporter's goods trade."""
    from korus_research.analysis.context import ContextSpec, analyse_context

    a = study.agreement
    spec = ContextSpec(
        partner=a.partner.census_code,
        others=tuple(c.census_code for c in a.context_partners),
        groups=tuple((g.key, g.name, g.members) for g in a.context_groups),
        evaluation_year=a.evaluation_year,
        partner_names=study.partner_names,
        names=study.names,
    )
    return analyse_context(study.load("goods_trade_monthly"), spec=spec)


def sectors(study: Study) -> Sectors:
    """Return trade with the partner by sector."""
    from korus_research.analysis.sectors import SectorsSpec, analyse_sectors

    a, p = study.agreement, study.parameters
    spec = SectorsSpec(
        partner=a.partner.census_code,
        iso3=a.partner.iso3,
        reporter=a.reporter.iso3,
        in_force=f"{a.dates.in_force:%Y-%m}",
        evaluation_year=a.evaluation_year,
        baseline_year=p.baseline_year,
        names=study.names,
    )
    return analyse_sectors(
        study.load("sector_exports_annual"),
        study.load("sector_imports_annual"),
        study.load("sector_groups"),
        study.load("goods_trade_monthly"),
        study.load("sector_exports_usitc"),
        study.load("sector_exports_domestic"),
        study.load("wiod_sector_shares"),
        spec=spec,
    )
