"""What the chapter measures of a study."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.data.study import Study, measured

if TYPE_CHECKING:
    from korus_research.chapters.tariffs.result import Tariffs


@measured
def of(study: Study) -> Tariffs:
    """Return what was levied on imports from the partner."""
    from korus_research.chapters.tariffs.result import analyse_tariffs
    from korus_research.chapters.tariffs.spec import tariffs_spec

    partners = study.load("partner_duties_monthly")
    spec = tariffs_spec(
        study.agreement,
        study.parameters.as_of,
        peers=study.parameters.comparators,
        partners=partners,
        agreements=study.load("us_agreements"),
        reasons=study.load("donor_status"),
        groups=study.load("sector_groups"),
        partner_names=study.partner_names,
        names=study.names,
    )
    return analyse_tariffs(
        study.load("realised_duties_monthly"),
        partners,
        study.load("sector_imports_annual"),
        study.load("sector_duties_annual"),
        study.load("sector_duties_monthly"),
        study.load("average_tariffs"),
        spec=spec,
    )
