"""Whether an edition holds the data that the chapter needs, and where they end."""

from __future__ import annotations

from collections.abc import Iterator

from korus_research.data.study import Study

TABLES = {"own": "realised_duties_monthly", "partners": "partner_duties_monthly"}


def lacks(study: Study) -> tuple[str, str] | None:
    """Return what is lacking without every month's duty in the year before and the first full year after."""
    own, agreement = study.agreement.partner.census_code, study.agreement
    duties = study.load(TABLES["own"])
    held = set(duties.loc[duties["partner"] == own, "month"])
    years = (agreement.dates.in_force.year - 1, agreement.first_full_year)
    wanted = {f"{year}-{month:02d}" for year in years for month in range(1, 13)}
    beside = study.load(TABLES["partners"])["partner"] == own
    return None if wanted <= held and beside.any() else ("tariffs", "realised_duties")


def rests_on(study: Study) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Yield what the chapter rests on: key, table and the partner's last month in it, if any."""
    for what, table in TABLES.items():
        yield what, (table,), study.last_period(table, partner=study.agreement.partner.census_code)
