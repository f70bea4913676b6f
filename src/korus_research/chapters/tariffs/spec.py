"""What the tariffs chapter compares, read from the agreement and the tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from korus_research.chapters.tariffs.steps import StepDate
from korus_research.methods.series import WORLD

if TYPE_CHECKING:
    from korus_research.data.agreements import Agreement

SPECIAL = ("china_duties", "sanctions")  # reasons of `donor_status`: duties aimed at a partner
ENTRY = "entry into force"


@dataclass(frozen=True, slots=True)
class TariffsSpec:
    """What is compared.

    `steps` begins with entry into force; the others are the dates on which the reporter's own schedule in the
    agreement steps down. `added_since` is the month of the first duty added outside the agreement. `matched` are the
    partners without an agreement and without duties aimed at them; duties on a kind of goods whoever sends them are in
    their rates, and where such duties spared the partner the industry is in `spared`, with the last whole year before;
    `spared_what` says what they are.
    """

    partner: str
    reporter_iso3: str
    partner_iso3: str
    peers: tuple[str, ...]
    matched: tuple[str, ...]
    steps: tuple[StepDate, ...]
    spared: Mapping[str, int]
    spared_what: str
    added_since: pd.Period | None
    partner_names: Mapping[str, str]
    sector_names: Mapping[str, str]
    names: Mapping[str, str] = field(default_factory=dict)


def tariffs_spec(
    agreement: Agreement,
    as_of: str,
    *,
    peers: tuple[str, ...],
    partners: pd.DataFrame,
    agreements: pd.DataFrame,
    reasons: pd.DataFrame,
    groups: pd.DataFrame,
    partner_names: Mapping[str, str],
    names: Mapping[str, str],
) -> TariffsSpec:
    """Return the spec of an agreement as known at the end of the month `as_of`.

    Parameters
    ----------
    partners, agreements, reasons, groups : DataFrame
        `partner_duties_monthly`, `us_agreements`, `donor_status`, `sector_groups`.
    """
    own = agreement.partner.census_code
    industries = groups[groups["classification"] == "naics3"]
    listed = set(agreements["partner"]) | set(reasons.loc[reasons["reason"].isin(SPECIAL), "partner"]) | {own, WORLD}
    return TariffsSpec(
        partner=own,
        reporter_iso3=agreement.reporter.iso3,
        partner_iso3=agreement.partner.iso3,
        peers=peers,
        matched=tuple(sorted(set(partners["partner"]) - listed)),
        steps=schedule_steps(agreement, as_of),
        spared=spared(agreement, as_of),
        spared_what="; ".join(e.spared.what for e in agreement.events_until(as_of) if e.spared),
        added_since=added_since(agreement, as_of),
        partner_names=partner_names,
        sector_names=sector_names(industries),
        names=names,
    )


def sector_names(groups: pd.DataFrame) -> dict[str, str]:
    """Return a name for each code of one classification: that of its group where it is alone in it, else its label."""
    alone = ~groups["group"].duplicated(keep=False)
    label = groups["label"].str.capitalize().str.removesuffix(", nesoi").str.replace(" mfg", " manufactures")
    return dict(zip(groups["code"], groups["group_name"].where(alone, label), strict=True))


def schedule_steps(agreement: Agreement, as_of: str) -> tuple[StepDate, ...]:
    """Return entry into force and every later date on which a duty of the reporter steps down, until `as_of`."""
    in_force = agreement.dates.in_force
    found = {in_force: ENTRY}
    last: dict[str, float] = {}
    for term in agreement.commitments_until(as_of):
        if term.kind != "duty" or term.importer != agreement.reporter.iso3:
            continue
        fell = term.id in last and term.value < last[term.id]
        last[term.id] = term.value
        if fell and term.from_ > in_force and f"{term.from_:%Y-%m}" <= as_of:
            found.setdefault(term.from_, term.product)
    return tuple(StepDate(pd.Period(day, freq="M"), day.day > 1, label) for day, label in sorted(found.items()))


def spared(agreement: Agreement, as_of: str) -> dict[str, int]:
    """Return the industries in which duties began that spared the partner, with the last whole year before them."""
    found: dict[str, int] = {}
    for event in agreement.events_until(as_of, kinds=["tariff"]):
        for code in event.spared.industries if event.spared else ():
            found.setdefault(code, event.date.year - 1)
    return found


def added_since(agreement: Agreement, as_of: str) -> pd.Period | None:
    """Return the month of the first duty with a rate among the tariff events after entry into force; None without."""
    days = [e.date for e in agreement.events_until(as_of, kinds=["tariff"]) if e.rate_pct]
    later = [day for day in days if day > agreement.dates.in_force]
    return pd.Period(min(later), freq="M") if later else None
