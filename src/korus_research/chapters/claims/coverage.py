"""Whether an edition has claims about its agreement, made on the data of its month."""

from __future__ import annotations

from pathlib import Path

from korus_research.data.agreements import Agreement
from korus_research.data.study import Study


def lacks(study: Study) -> tuple[str, str] | None:
    """Return topic and key (`[lacking]` of its words) where no claim had been made by the month."""
    from korus_research.chapters.claims.statements import load_claims

    made = load_claims(study.agreement.id, as_of=study.parameters.as_of, own=study.agreement.claims)
    return None if made else ("claims", "claims")


def check_own(name: str | Path, agreement: Agreement) -> None:
    """Check the claims in a user's agreement file at the path `name`; InvalidClaim names the line."""
    if agreement.claims:
        from korus_research.chapters.claims.kinds.meant import check_meant
        from korus_research.chapters.claims.statements import check_claims

        check_claims(name, agreement)
        check_meant(name, agreement)
