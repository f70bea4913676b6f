"""Whether an edition holds the data that the chapter needs, and where they end."""

from __future__ import annotations

from collections.abc import Iterator

from korus_research.data.study import Study

TABLE = "preference_lines"


def lacks(study: Study) -> tuple[str, str] | None:
    """Return what is lacking without a year of lines of the partner."""
    return None if len(_years(study)) else ("products", "lines")


def rests_on(study: Study) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Yield what the chapter rests on: key, table and the partner's last year in it, if any."""
    yield "lines", (TABLE,), str(max(_years(study), default=""))


def _years(study: Study) -> set[int]:
    lines = study.load(TABLE)
    return set(lines.loc[lines["partner"] == study.agreement.partner.census_code, "year"])
