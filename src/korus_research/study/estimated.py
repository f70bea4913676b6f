"""What a study estimates: counterfactual, drivers, gravity, scenarios.

Each function gathers the tables and the specification of one analysis from a study, and runs it.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from korus_research.agreements import load_agreement
from korus_research.errors import MissingFigures

if TYPE_CHECKING:
    from korus_research.agreements import Agreement
    from korus_research.analysis.counterfactual.effects import Effects, Treated
    from korus_research.analysis.drivers.result import Drivers
    from korus_research.analysis.finding import Findings
    from korus_research.analysis.forecasts import Forecasts
    from korus_research.analysis.gravity.estimate import Gravity
    from korus_research.analysis.scenarios.analyse import Scenarios
    from korus_research.study.study import Study


def counterfactual(study: Study) -> Effects:
    """Return what trade would have been without the agreement."""
    from korus_research.agreements import list_agreements
    from korus_research.analysis.counterfactual.declared import declared
    from korus_research.analysis.counterfactual.donors import donor_status
    from korus_research.analysis.counterfactual.effects import EffectsSpec, analyse_effects
    from korus_research.analysis.counterfactual.panel import annual_panel

    others = [load_agreement(name) for name in list_agreements() if name != study.agreement.id]
    listed = study.load("partner_agreements")
    own = listed.loc[listed["iso3"] == study.agreement.partner.iso3]
    # An agreement with several countries counts once, from the day it first applied.
    days = own.groupby("agreement")["in_force"].min()
    spec = EffectsSpec(
        treated=_treated(study.agreement),
        choices=declared(),
        others=tuple(sorted((_treated(a) for a in others), key=lambda t: (t.first_full, t.id))),
        partner_agreements=tuple(map(str, days)) if len(days) else None,
        names=study.names,
    )
    panel = annual_panel(study.load("goods_trade_monthly"), study.load("partners"), study.partner_names)
    return analyse_effects(panel, donor_status(study.load("donor_status"), study.load("us_agreements")), spec=spec)


def drivers(study: Study) -> Drivers:
    """Return the accounting of exports, the demand equations and what they predict."""
    from korus_research.analysis.drivers.result import analyse_drivers
    from korus_research.analysis.drivers.spec import DriversSpec

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


def gravity(study: Study) -> Gravity:
    """Return the three-way gravity model of the agreement, with its randomisation test."""
    from korus_research.analysis.gravity.census import annual_census
    from korus_research.analysis.gravity.estimate import GravitySpec, analyse_gravity

    a = study.agreement
    spec = GravitySpec.declared(a.reporter.iso3, a.partner.iso3, a.dates.in_force.year, study.names)
    own = {a.partner.census_code: a.partner.iso3}
    census = annual_census(study.load("goods_trade_monthly"), study.load("partners"), also=own)
    return analyse_gravity(study.load("gravity_panel"), census, spec=spec)


def scenarios(study: Study, findings: Findings | None) -> Scenarios:
    """Return what an end of the agreement or lasting duties would mean; `findings` of gravity spare its estimates."""
    from korus_research.analysis.scenarios.analyse import (
        ScenariosSpec,
        analyse_scenarios,
        estimates_from,
        model_choices,
    )
    from korus_research.analysis.scenarios.duties import duties_from

    a, choices = study.agreement, model_choices()
    flows, economies = study.load("wiod_baseline_2014"), study.load("wiod_economies")
    flows = flows[flows["year"] == choices["baseline_year"]]
    if flows.empty:
        raise MissingFigures(
            f"The baseline of the scenarios, {choices['baseline_year']}, is not known by {study.parameters.as_of}",
            expected="an edition that ends later",
            do="Choose a later month as as_of",
        )
    duties = duties_from(
        economies=economies,
        goods=study.load("wiod_goods_shares"),
        bop=study.load("goods_services_bop"),
        annual=study.load("realised_duties_annual"),
        monthly=study.load("realised_duties_monthly"),
        averages=study.load("average_tariffs"),
        trade=study.load("goods_trade_monthly"),
        reporter=a.reporter.iso3,
        partner=a.partner.iso3,
        partner_code=a.partner.census_code,
        agreement_year=a.baseline_year,
        baseline_year=choices["baseline_year"],
        before=choices["before"],
        after=choices["after"],
    )
    found = _effects_found(study, findings)
    estimates = estimates_from(found)
    spec = ScenariosSpec(
        reporter=a.reporter.iso3, partner=a.partner.iso3, estimates=estimates, names=study.names, **choices
    )
    return analyse_scenarios(flows, economies, duties, spec=spec, sources=found)


def forecasts(study: Study, findings: Findings | None) -> Forecasts:
    """Return forecasts and published evaluations beside our estimates.

    Gravity and the specification curve are taken from `findings` where they are given; without, gravity is estimated.
    """
    from korus_research.analysis.forecasts import ForecastsSpec, analyse_forecasts, load_rules
    from korus_research.analysis.series import FLOWS
    from korus_research.errors import Lacking

    a, effects = study.agreement, study.counterfactual()
    known = dict(effects.findings())
    if findings is None:
        with suppress(Lacking):  # an agreement outside the panel: the comparison goes without gravity
            known |= study.gravity().findings()
    else:
        known = {**{key: f for key, f in findings.items() if key.startswith(("gravity.", "counterfactual."))}, **known}
    spec = ForecastsSpec(
        agreement=a.id,
        partner=a.partner.census_code,
        baseline_year=study.parameters.baseline_year,
        evaluation_year=a.evaluation_year,
        names=study.names,
    )
    return analyse_forecasts(
        study.load("forecasts"),
        study.load("published_estimates"),
        study.flows().annual[list(FLOWS)],
        {flow: study.load(f"sector_{flow}_annual") for flow in FLOWS},
        study.load("sector_exports_domestic"),
        known,
        spec=spec,
        rules=load_rules(),
        post_years=effects.main["exports"].spec.post,
    )


def _effects_found(study: Study, findings: Findings | None) -> Findings:
    """Return the findings of gravity, as given or else estimated, and of the counterfactual, which takes a second."""
    from korus_research.analysis.finding import Findings
    from korus_research.errors import Lacking

    given = {} if findings is None else {key: f for key, f in findings.items() if key.startswith("gravity.")}
    for analysis in (study.counterfactual, study.gravity) if findings is None else (study.counterfactual,):
        try:
            given |= analysis().findings()
        except Lacking:
            continue  # the scenarios go without that estimate
    return Findings(tuple(given.values()))


def _treated(agreement: Agreement) -> Treated:
    from korus_research.analysis.counterfactual.effects import Treated

    return Treated(
        id=agreement.id,
        label=f"{agreement.partner.short} {agreement.dates.in_force.year}",
        partner=agreement.partner.census_code,
        signed=agreement.dates.signed.year,
        in_force=agreement.dates.in_force.year,
        first_full=agreement.first_full_year,
    )
