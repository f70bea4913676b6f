"""What the chapter measures of a study."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from korus_research.chapters.counterfactual.measures import of as counterfactual_of
from korus_research.chapters.flows.measures import of as flows_of
from korus_research.chapters.gravity.measures import of as gravity_of
from korus_research.data.study import Study, measured

if TYPE_CHECKING:
    from korus_research.chapters.forecasts.result import Forecasts
    from korus_research.show.finding import Findings


@measured
def of(study: Study, findings: Findings | None = None) -> Forecasts:
    """Return forecasts and published evaluations beside our estimates.

    Gravity and the specification curve are taken from `findings` where they are given; without, gravity is estimated.
    """
    from korus_research.chapters.forecasts.result import ForecastsSpec, analyse_forecasts
    from korus_research.chapters.forecasts.rules import load_rules
    from korus_research.errors import MissingInput
    from korus_research.methods.series import FLOWS

    a, effects = study.agreement, counterfactual_of(study)
    known = dict(effects.findings())
    if findings is None:
        with suppress(MissingInput):  # an agreement outside the panel: the comparison goes without gravity
            known |= gravity_of(study).findings()
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
        flows_of(study).annual[list(FLOWS)],
        {flow: study.load(f"sector_{flow}_annual") for flow in FLOWS},
        study.load("sector_exports_domestic"),
        known,
        spec=spec,
        rules=load_rules(),
        post_years=effects.main["exports"].spec.post,
    )
