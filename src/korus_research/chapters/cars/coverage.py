"""Whether an edition holds the data that the chapter needs, and where they end."""

from __future__ import annotations

from collections.abc import Iterator

from korus_research.data.study import Study


def lacks(study: Study) -> tuple[str, str] | None:
    """Return what is lacking without an allowance, a count that bounds its use, or a whole year of trade."""
    from korus_research.chapters.cars.points import allowance_terms, bounds, by_maker, shown_points
    from korus_research.methods.series import MONTHS_A_YEAR

    if terms := allowance_terms(study.agreement, study.parameters.as_of):
        exports = study.load("sector_exports_annual")
        traded = (exports["partner"] == study.agreement.partner.census_code) & (exports["months"] == MONTHS_A_YEAR)
        points = shown_points(study.load("vehicle_points"))
        if traded.any() and not by_maker(bounds(points, terms)).empty:
            return None
    return "cars", "vehicles"


def rests_on(study: Study) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Yield what the chapter rests on: key, tables and last period; empty without an allowance."""
    from korus_research.chapters.cars.points import allowance_terms, shown_points

    held = allowance_terms(study.agreement, study.parameters.as_of)
    last = max(shown_points(study.load("vehicle_points"))["period_end"], default="") if held else ""
    yield "makers", ("vehicle_points",), str(last)
