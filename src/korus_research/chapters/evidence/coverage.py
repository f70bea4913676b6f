"""The chapter needs the counterfactual, about whose estimates it asks."""

from __future__ import annotations

from collections.abc import Iterator

from korus_research.chapters.counterfactual import coverage as counterfactual
from korus_research.data.study import Study


def lacks(study: Study) -> tuple[str, str] | None:
    """Return what is lacking without a counterfactual."""
    return counterfactual.lacks(study)


def rests_on(study: Study) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Yield what the chapter rests on: key, tables and last period in this edition."""
    yield from counterfactual.rests_on(study)
