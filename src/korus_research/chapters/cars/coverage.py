"""Whether an edition holds the data that the chapter needs, and where they end."""

from __future__ import annotations

from collections.abc import Iterator

from korus_research.data import Catalog
from korus_research.data.agreements import Agreement
from korus_research.data.study import Study


def lacks(agreement: Agreement, catalog: Catalog, as_of: str) -> tuple[str, str] | None:
    """Return what is lacking without an allowance, a count that bounds its use, or a whole year of trade."""
    from korus_research.chapters.cars.points import allowance_terms, bounds, by_maker, shown_points
    from korus_research.methods.series import MONTHS_A_YEAR

    if terms := allowance_terms(agreement, as_of):
        exports = catalog.load("sector_exports_annual", as_of=as_of)
        traded = (exports["partner"] == agreement.partner.census_code) & (exports["months"] == MONTHS_A_YEAR)
        points = shown_points(catalog.load("vehicle_points", as_of=as_of))
        if traded.any() and not by_maker(bounds(points, terms)).empty:
            return None
    return "cars", "vehicles"


def rests_on(study: Study) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Yield what the chapter rests on: key, tables and last period; empty without an allowance."""
    from korus_research.chapters.cars.points import allowance_terms, shown_points

    held = allowance_terms(study.agreement, study.parameters.as_of)
    last = max(shown_points(study.load("vehicle_points"))["period_end"], default="") if held else ""
    yield "makers", ("vehicle_points",), str(last)
