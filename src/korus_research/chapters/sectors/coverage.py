"""Whether an edition holds the data that the chapter needs, and where they end."""

from __future__ import annotations

from collections.abc import Iterator

from korus_research.data.study import Study
from korus_research.methods.series import MONTHS_A_YEAR

EXPORTS, IMPORTS = "sector_exports_annual", "sector_imports_annual"


def lacks(study: Study) -> tuple[str, str] | None:
    """Return what is lacking without two complete years of both flows, one of them under the agreement."""
    years = _complete(study, EXPORTS) & _complete(study, IMPORTS)
    if len(years) < 2:
        return "sectors", "trade"
    return None if max(years) >= study.agreement.first_full_year else ("sectors", "young")


def rests_on(study: Study) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Yield what the chapter rests on: key, tables and last year that they hold whole."""
    exports, imports = (_complete(study, name) for name in (EXPORTS, IMPORTS))
    yield "both", (EXPORTS, IMPORTS), str(max(exports & imports, default=""))
    yield "exports", (EXPORTS,), str(max(exports, default=""))


def _complete(study: Study, name: str) -> set[int]:
    table, own = study.load(name), study.agreement.partner.census_code
    return set(table.loc[(table["partner"] == own) & (table["months"] == MONTHS_A_YEAR), "year"])
