"""What a claim may be about, by its measure: one list for reading a claim and for measuring it."""

from __future__ import annotations

from pathlib import Path

from korus_research.chapters.claims.kinds.drivers import DRIVERS
from korus_research.chapters.claims.kinds.periods import CARS, FLOWS_MEANT, SHARES
from korus_research.chapters.claims.kinds.vehicles import LIFTING
from korus_research.chapters.claims.statements import Claim, ClaimFile, ClaimSource
from korus_research.chapters.flows.measures import CELLS
from korus_research.chapters.sectors.trade import PUBLISHED
from korus_research.data.agreements import Agreement, find_agreement
from korus_research.data.toml import read_toml
from korus_research.errors import InvalidClaim, did_you_mean
from korus_research.methods.series import FLOWS


def meant(claim: Claim, source: ClaimSource, agreement: Agreement) -> tuple[str, ...]:
    """Return the values of `what` that the measure of a claim has for an agreement, on the day of its source."""
    match claim.measure:
        case "flow-change" | "deficit-ratio":
            return CELLS
        case "share":
            others = (one.census_code for one in agreement.context_partners)
            groups = (group.key for group in agreement.context_groups)
            return ("partner", agreement.partner.census_code, *others, *groups)
        case "commitment":
            return tuple(one.id for one in agreement.commitments_on(source.date))
        case "allowance":
            return (LIFTING,)
        case "driver":
            return DRIVERS
        case "expectation":
            return FLOWS
        case "sector":
            return (CARS, *PUBLISHED)
    return (*FLOWS_MEANT, *SHARES)


def check_meant(name: str | Path, agreement: Agreement) -> None:
    """Return if each claim in an agreement's own file is about what its measure has; else InvalidClaim, with the line.

    `check_claims` has found nothing wrong in it.
    """
    for number, file in enumerate(map(ClaimFile.model_validate, agreement.claims)):
        for place, claim in enumerate(file.claim):
            known = meant(claim, file.source, agreement)
            if claim.measure is not None and claim.what not in known:
                read, found = read_toml(find_agreement(name), InvalidClaim), f"is '{claim.what}'"
                raise read.error(
                    ("claims", number, "claim", place, "what"),
                    f"{found}{did_you_mean(claim.what, known)}",
                    expected=f"what {claim.measure} can measure here: {', '.join(known) or 'nothing'}",
                )
