"""Whether an edition holds the data that the chapter needs, and where they end."""

from __future__ import annotations

from collections.abc import Iterator

from korus_research.chapters.counterfactual import coverage
from korus_research.data import Catalog
from korus_research.data.agreements import Agreement
from korus_research.data.study import Study


def lacks(agreement: Agreement, catalog: Catalog, as_of: str) -> tuple[str, str] | None:
    """Return what is lacking unless there are rules for forecasts of the agreement, and a counterfactual."""
    from korus_research.chapters.forecasts.rules import load_rules

    if load_rules().of(agreement.id) is None:
        return "forecasts", "forecasts"
    return coverage.lacks(agreement, catalog, as_of)


def rests_on(study: Study) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Yield what the chapter rests on: key, tables and last period: the years of the main estimate."""
    yield "main", (coverage.TRADE,), coverage.last_year(study)
