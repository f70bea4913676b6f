"""What a study says of duties and vehicles. As in `described`, each function gathers tables and specification."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from korus_research.analysis.cars import Cars
    from korus_research.analysis.tariffs import Tariffs
    from korus_research.study.study import Study


def tariffs(study: Study) -> Tariffs:
    """Return what was levied on imports from the partner."""
    from korus_research.analysis.tariffs import analyse_tariffs, tariffs_spec

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


def cars(study: Study) -> Cars:
    """Return makers' points against the allowance, duties and values of vehicles."""
    from korus_research.analysis.cars import analyse_cars, cars_spec

    return analyse_cars(
        study.load("vehicle_points"),
        study.load("sector_exports_annual"),
        study.load("sector_imports_annual"),
        study.load("car_values"),
        study.load("forecasts"),
        spec=cars_spec(study.agreement, study.parameters.as_of, study.names),
    )
