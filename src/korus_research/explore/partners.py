"""Partners by name, Census code or number, and their agreements."""

from __future__ import annotations

from collections.abc import Iterable

from korus_research.data.agreements import Agreement, list_agreements, load_agreement
from korus_research.data.study import Study
from korus_research.errors import MissingPartner, did_you_mean


def partner_code(study: Study, partner: str | int) -> str:
    """Return the Census code of a partner from its name in any case, its code, or its code as a number.

    MissingPartner if the data have no such partner.
    """
    names = study.partner_names
    given = str(partner).strip()
    if given in names:
        return given
    by_name = {name.casefold(): code for code, name in names.items()}
    found = by_name.get(given.casefold()) or _known(study).get(given.casefold())
    if found is None:
        raise MissingPartner(
            f"'{partner}' is not a partner in the trade table{did_you_mean(given, names.values())}",
            expected="a name as the Census writes it, or a code such as '5800'",
            do="See `korus partners`",
        )
    return found


def partner_codes(study: Study, partners: Iterable[str | int] | str | int) -> tuple[str, ...]:
    """Return the codes of several partners, each once, in the order given; errors as for `partner_code`."""
    several = list(partners) if isinstance(partners, Iterable) and not isinstance(partners, str) else [partners]
    return tuple(dict.fromkeys(partner_code(study, partner) for partner in several))


def agreement_of(study: Study, code: str) -> Agreement | None:
    """Return the agreement with a partner, that of the study first; None if there is none."""
    if code == study.agreement.partner.census_code:
        return study.agreement
    others = (load_agreement(name) for name in list_agreements())
    return next((other for other in others if other.partner.census_code == code), None)


def _known(study: Study) -> dict[str, str]:
    """Return codes by other names of partners: the Census's own spelling, and ISO codes."""
    table = study.load("partners")
    known: dict[str, str] = {}
    for column in ("iso3", "name"):
        rows = table.loc[table[column].notna() & (table[column] != ""), [column, "partner"]]
        known |= {str(name).casefold(): str(code) for name, code in rows.itertuples(index=False)}
    return known
