"""What the chapter measures of a study."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.chapters.counterfactual.measures import of as counterfactual_of
from korus_research.chapters.gravity.measures import of as gravity_of
from korus_research.data.study import Study, measured
from korus_research.errors import MissingFigures

if TYPE_CHECKING:
    from korus_research.chapters.scenarios.analyse import Scenarios
    from korus_research.show.finding import Findings


@measured
def of(study: Study, findings: Findings | None = None) -> Scenarios:
    """Return what an end of the agreement or lasting duties would mean; `findings` of gravity spare its estimates."""
    from korus_research.chapters.scenarios.analyse import (
        ScenariosSpec,
        analyse_scenarios,
        estimates_from,
        model_choices,
    )
    from korus_research.chapters.scenarios.duties import duties_from

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


def _effects_found(study: Study, findings: Findings | None) -> Findings:
    """Return the findings of gravity, as given or else estimated, and of the counterfactual, which takes a second."""
    from korus_research.errors import Lacking
    from korus_research.show.finding import Findings

    given = {} if findings is None else {key: f for key, f in findings.items() if key.startswith("gravity.")}
    for analysis in (counterfactual_of, gravity_of) if findings is None else (counterfactual_of,):
        try:
            given |= analysis(study).findings()
        except Lacking:
            continue  # the scenarios go without that estimate
    return Findings(tuple(given.values()))
