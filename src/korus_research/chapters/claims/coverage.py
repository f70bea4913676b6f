"""What the chapter needs of an edition: claims about the agreement, made on the data of its month."""

from __future__ import annotations

from korus_research.data.agreements import Agreement
from korus_research.data.catalog import Catalog


def lacks(agreement: Agreement, catalog: Catalog, as_of: str) -> tuple[str, str] | None:
    """Return topic and key (`[lacking]` of its words) where no claim had been made by the month."""
    from korus_research.chapters.claims.statements import load_claims

    return None if load_claims(agreement.id, as_of=as_of) else ("claims", "claims")
