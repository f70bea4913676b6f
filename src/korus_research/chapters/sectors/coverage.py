"""What trade by sector needs of an edition, and where its figures end."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from korus_research.data.agreements import Agreement
from korus_research.data.catalog import Catalog
from korus_research.data.study import Study
from korus_research.methods.series import MONTHS_A_YEAR

EXPORTS, IMPORTS = "sector_exports_annual", "sector_imports_annual"


def lacks(agreement: Agreement, catalog: Catalog, as_of: str) -> tuple[str, str] | None:
    """Return topic and key of what is not there: two years of trade complete in both flows, one under the agreement."""
    own = agreement.partner.census_code
    exports, imports = (_complete(catalog.load(name, as_of=as_of), own) for name in (EXPORTS, IMPORTS))
    years = exports & imports
    if len(years) < 2:
        return "sectors", "trade"
    return None if max(years) >= agreement.first_full_year else ("sectors", "young")


def rests_on(study: Study) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Yield what the chapter rests on: key, tables and last year that they hold whole."""
    own = study.agreement.partner.census_code
    exports, imports = (_complete(study.load(name), own) for name in (EXPORTS, IMPORTS))
    yield "both", (EXPORTS, IMPORTS), str(max(exports & imports, default=""))
    yield "exports", (EXPORTS,), str(max(exports, default=""))


def _complete(table: pd.DataFrame, partner: str) -> set[int]:
    return set(table.loc[(table["partner"] == partner) & (table["months"] == MONTHS_A_YEAR), "year"])
