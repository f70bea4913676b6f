"""Whether an edition holds the data that the chapter needs, and where they end."""

from __future__ import annotations

from collections.abc import Iterator

from korus_research.chapters.counterfactual import coverage
from korus_research.data.study import Study


def lacks(study: Study) -> tuple[str, str] | None:
    """Return what is lacking without rules for forecasts of the agreement, or a counterfactual."""
    from korus_research.chapters.forecasts.rules import load_rules

    if load_rules().of(study.agreement.id) is None:
        return "forecasts", "forecasts"
    return coverage.lacks(study)


def rests_on(study: Study) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Yield what the chapter rests on: key, tables and last period: the years of the main estimate."""
    yield "main", (coverage.TRADE,), coverage.last_year(study)
