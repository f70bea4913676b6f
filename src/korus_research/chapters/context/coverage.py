"""What the chapter needs of an edition, and where its figures end."""

from __future__ import annotations

from collections.abc import Iterator

from korus_research.data.agreements import Agreement
from korus_research.data.catalog import Catalog
from korus_research.data.study import Study


def lacks(agreement: Agreement, catalog: Catalog, as_of: str) -> tuple[str, str] | None:
    """Return topic and key (`[lacking]` of its words) of what is not there by the month: events, commitments."""
    if not agreement.events_until(as_of):
        return "context", "events"
    return None if agreement.commitments_until(as_of) else ("context", "commitments")


def rests_on(study: Study) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Yield the key of what the chapter rests on, its tables, and the last period in this edition."""
    yield "world", ("goods_trade_monthly",), study.names["last_year"]
