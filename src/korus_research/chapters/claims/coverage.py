"""What the chapter needs of an edition: claims about the agreement, made on the data of its month."""

from __future__ import annotations

from pathlib import Path

from korus_research.data.agreements import Agreement
from korus_research.data.catalog import Catalog


def lacks(agreement: Agreement, catalog: Catalog, as_of: str) -> tuple[str, str] | None:
    """Return topic and key (`[lacking]` of its words) where no claim had been made by the month."""
    from korus_research.chapters.claims.statements import load_claims

    return None if load_claims(agreement.id, as_of=as_of, own=agreement.claims) else ("claims", "claims")


def check_own(name: str | Path, agreement: Agreement) -> None:
    """Return if the claims in an agreement's own file, at the path `name`, are sound; InvalidClaim, with the line."""
    if agreement.claims:
        from korus_research.chapters.claims.kinds.meant import check_meant
        from korus_research.chapters.claims.statements import check_claims

        check_claims(name, agreement)
        check_meant(name, agreement)
