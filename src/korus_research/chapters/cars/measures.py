"""What the chapter measures of a study."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.data.study import Study, measured

if TYPE_CHECKING:
    from korus_research.chapters.cars.result import Cars


@measured
def of(study: Study) -> Cars:
    """Return makers' points against the allowance, duties and values of vehicles."""
    from korus_research.chapters.cars.result import analyse_cars
    from korus_research.chapters.cars.spec import cars_spec

    return analyse_cars(
        study.load("vehicle_points"),
        study.load("sector_exports_annual"),
        study.load("sector_imports_annual"),
        study.load("car_values"),
        study.load("forecasts"),
        spec=cars_spec(study.agreement, study.parameters.as_of, study.names),
    )
