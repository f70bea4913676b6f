"""Vehicles: makers' points against the allowance, duties, values (methods section 7)."""

from korus_research.analysis.cars.result import Cars, analyse_cars
from korus_research.analysis.cars.spec import CarsSpec, cars_spec

__all__ = ["Cars", "CarsSpec", "analyse_cars", "cars_spec"]
