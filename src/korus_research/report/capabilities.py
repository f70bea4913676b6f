"""What an agreement has that a chapter may require: the words of a chapter's `requires`, and why one is lacking."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from korus_research.agreements import Agreement
    from korus_research.parameters import ResolvedParameters

# Each word, and what a reader is told where it is lacking; the month is that of the edition.
WORDS = {
    "goods_trade": "there are no goods trade figures with the partner to {as_of}",
    "events": "the agreement's file holds no dated events to {as_of}",
    "commitments": "the agreement's file holds no commitments to {as_of}",
    "drivers_data": "the partner's output, exchange rate and total imports of a full year under the agreement are not "
    "held to {as_of}",
    "claims": "the ledger holds no claims about this agreement made on data to {as_of}",
}


def capabilities(parameters: ResolvedParameters) -> frozenset[str]:
    """Return the words of `WORDS` that hold for an agreement at the edition's month.

    Raises
    ------
    UnknownAgreement, InvalidAgreement, InvalidClaim
        The agreement or a claim file can't be read.
    """
    from korus_research.agreements import load_agreement
    from korus_research.claims.model import load_claims

    agreement, as_of = load_agreement(parameters.agreement), parameters.as_of
    has = {
        "goods_trade": True,  # resolving the parameters has found the partner's months
        "events": bool(agreement.events_until(as_of)),
        "commitments": bool(agreement.commitments_until(as_of)),
        "drivers_data": _has_drivers(agreement, as_of),
        "claims": bool(load_claims(parameters.agreement, as_of=as_of)),
    }
    return frozenset(word for word, there in has.items() if there)


def _has_drivers(agreement: Agreement, as_of: str) -> bool:
    """Return whether the tables of chapter 04 hold the partner to the first full year under the agreement."""
    from korus_research.data import open_catalog

    catalog, own, year = open_catalog(), agreement.partner.iso3, agreement.first_full_year
    rates = catalog.load("exchange_rates_monthly", as_of=as_of)
    macro = catalog.load("macro_annual", as_of=as_of)
    demand = catalog.load("import_demand_annual", as_of=as_of)
    return (
        bool(((rates["iso3"] == own) & (rates["month"] == f"{year}-12")).any())
        and bool(((macro["iso3"] == own) & (macro["year"] == year) & ~macro["projection"]).any())
        and bool(((demand["iso3"] == own) & (demand["year"] == year)).any())
    )


def reason(word: str, as_of: str) -> str:
    """Return the sentence for a chapter left out for want of `word`, `as_of` written out ("July 2026")."""
    text = WORDS[word].format(as_of=as_of)
    return f"{text[:1].upper()}{text[1:]}."
