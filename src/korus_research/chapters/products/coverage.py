"""Whether an edition holds the data that the chapter needs, and where they end."""

from __future__ import annotations

from collections.abc import Iterator

from korus_research.data import Catalog
from korus_research.data.agreements import Agreement
from korus_research.data.study import Study

TABLE = "preference_lines"


def lacks(agreement: Agreement, catalog: Catalog, as_of: str) -> tuple[str, str] | None:
    """Return what is lacking unless the lines of a year are held for the partner."""
    lines = catalog.load(TABLE, as_of=as_of)
    return None if (lines["partner"] == agreement.partner.census_code).any() else ("products", "lines")


def rests_on(study: Study) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Yield what the chapter rests on: key, table and the partner's last year in it, if any."""
    lines = study.load(TABLE)
    own = lines.loc[lines["partner"] == study.agreement.partner.census_code, "year"]
    yield "lines", (TABLE,), str(int(own.max())) if len(own) else ""
