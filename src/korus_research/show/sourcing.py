"""Source lines: which official tables a figure shows, of which vintage, and the last period in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.methods.series import month_name
from korus_research.show.words.text import Words

if TYPE_CHECKING:
    from datetime import date

    from korus_research.data.study import Study


WORDS = Words("show")


def source_line(study: Study, datasets: tuple[str, ...], last_period: str) -> str:
    """Return `Source: ... Last period shown: July 2026.` for the datasets of a figure or table."""
    parts = []
    for name in datasets:
        dataset = study.catalog.describe(name)
        parts.append(f"{dataset.title} ({name})")
    return str(WORDS.entry("labels.source")).format(tables="; ".join(parts), last=period_name(last_period))


def period_name(period: str) -> str:
    """Return `2026-07` as `July 2026`; a year or a quarter stays as it is."""
    return month_name(period) if len(period) == 7 and period[4] == "-" and period[5] != "Q" else period


def shown_milestones(study: Study) -> list[tuple[date, str]]:
    """Return the agreement's dates that charts mark, until the last month of the study."""
    return [(m.date, m.label) for m in study.agreement.milestones_until(study.parameters.as_of) if m.shown]


def milestone_note(study: Study) -> str:
    """Return the sentence that spells out the hairlines."""
    marks = [f"{label} {day:%-d %B %Y}" for day, label in shown_milestones(study)]
    return str(WORDS.entry("labels.milestones")).format(marks="; ".join(marks)) if marks else ""
