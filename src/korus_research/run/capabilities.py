"""What an agreement has that a chapter may require: the words of a chapter's `requires`, and why one is lacking."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from korus_research.data.agreements import Agreement
    from korus_research.data.parameters import ResolvedParameters

MONTHS = 12
# Each word, and what a reader is told where it is lacking; the month is that of the edition.
WORDS = {
    "goods_trade": "there are no goods trade figures with the partner to {as_of}",
    "events": "the agreement's file holds no dated events to {as_of}",
    "commitments": "the agreement's file holds no commitments to {as_of}",
    "equilibrium_baseline": "the scenarios' baseline, to {as_of}, does not hold both parties",
    "drivers_data": "the partner's output, exchange rate and total imports of a full year under the agreement are not "
    "held to {as_of}",
    "counterfactual": "to {as_of} the trade table holds no full year under the agreement, or the partner's trade has "
    "gaps in the years before it",
    "forecasts": "no forecast of this agreement is held",
    "gravity_panel": "the gravity panel, to {as_of}, does not hold the pair under its agreement in a year after entry "
    "into force",
    "sector_trade": "the tables by sector, to {as_of}, do not hold two complete years of both flows with the partner",
    "realised_duties": "the duty collected on imports from the partner is not held for the year before entry into "
    "force and for a full year under the agreement, to {as_of}",
    "vehicles": "the agreement has no allowance of vehicles by maker, or no count of all the cars of a maker over a "
    "year under it is held, to {as_of}",
    "claims": "the ledger holds no claims about this agreement made on data to {as_of}",
}


def capabilities(parameters: ResolvedParameters) -> frozenset[str]:
    """Return the words of `WORDS` that hold for an agreement at the edition's month.

    Raises
    ------
    UnknownAgreement, InvalidAgreement, InvalidClaim
        The agreement or a claim file can't be read.
    """
    from korus_research.chapters.claims.statements import load_claims
    from korus_research.chapters.forecasts.rules import load_rules
    from korus_research.data.agreements import load_agreement

    agreement, as_of = load_agreement(parameters.agreement), parameters.as_of
    has = {
        "goods_trade": True,  # resolving the parameters has found the partner's months
        "events": bool(agreement.events_until(as_of)),
        "commitments": bool(agreement.commitments_until(as_of)),
        "equilibrium_baseline": _in_baseline({agreement.reporter.iso3, agreement.partner.iso3}, as_of),
        "drivers_data": _has_drivers(agreement, as_of),
        "counterfactual": _has_counterfactual(agreement, as_of),
        "forecasts": load_rules().of(parameters.agreement) is not None,
        "gravity_panel": _in_gravity_panel(agreement, as_of),
        "sector_trade": _has_sectors(agreement, as_of),
        "realised_duties": _has_duties(agreement, as_of),
        "vehicles": _has_vehicles(agreement, as_of),
        "claims": bool(load_claims(parameters.agreement, as_of=as_of)),
    }
    return frozenset(word for word, there in has.items() if there)


def _in_baseline(parties: set[str], as_of: str) -> bool:
    """Whether the flows of the scenarios' baseline are known by the month and hold both parties, and their goods."""
    from korus_research.data import open_catalog

    catalog = open_catalog()
    flows = catalog.load("wiod_baseline_2014", as_of=as_of)
    goods = catalog.load("wiod_goods_shares", as_of=as_of)
    return parties <= set(flows["exporter"]) and parties <= set(goods["exporter"])


def _has_counterfactual(agreement: Agreement, as_of: str) -> bool:
    """Return whether the partner's unbroken trade holds the main specification, one year of it wholly under it."""
    from korus_research.chapters.counterfactual.estimates.declared import declared
    from korus_research.chapters.counterfactual.estimates.specifications import calendar_of, main_specification
    from korus_research.data import open_catalog
    from korus_research.errors import IncompletePanel, InvalidSpecification, MissingPartner
    from korus_research.methods.series import FLOWS, WORLD
    from korus_research.methods.synthetic.panel import annual_panel

    catalog, own = open_catalog(), agreement.partner.census_code
    trade = catalog.load("goods_trade_monthly", as_of=as_of)
    panel = annual_panel(trade[trade["partner"].isin([own, WORLD])], catalog.load("partners", as_of=as_of), {})
    day, first_full = agreement.dates.in_force.year, agreement.first_full_year
    try:
        calendar = calendar_of(panel, own, in_force=day, first_full=first_full)
        for flow in FLOWS:
            main_specification(flow, calendar, declared())
    except (IncompletePanel, InvalidSpecification, MissingPartner):
        return False
    return True


def _in_gravity_panel(agreement: Agreement, as_of: str) -> bool:
    """Return whether the panel holds the agreement in both directions after entry into force, and the pair before."""
    from korus_research.data import open_catalog

    panel = open_catalog().load("gravity_panel", as_of=as_of)
    parties, day = {agreement.reporter.iso3, agreement.partner.iso3}, agreement.dates.in_force.year
    pair = panel[panel["exporter"].isin(parties) & panel["importer"].isin(parties)]
    after = pair[(pair["year"] > day) & pair["in_force"]]
    return after["exporter"].nunique() == 2 and bool((pair["year"] < day).any())


def _has_sectors(agreement: Agreement, as_of: str) -> bool:
    """Return whether two years of the partner's trade by sector are complete in both flows."""
    from korus_research.data import open_catalog

    catalog, own = open_catalog(), agreement.partner.census_code
    complete: list[set[int]] = []
    for name in ("sector_exports_annual", "sector_imports_annual"):
        table = catalog.load(name, as_of=as_of)
        complete.append(set(table.loc[(table["partner"] == own) & (table["months"] == 12), "year"]))
    return len(complete[0] & complete[1]) > 1


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


def _has_duties(agreement: Agreement, as_of: str) -> bool:
    """Return whether each month's duty is held for the year before entry into force and the first full year after."""
    from korus_research.data import open_catalog

    catalog, own = open_catalog(), agreement.partner.census_code
    duties = catalog.load("realised_duties_monthly", as_of=as_of)
    months = set(duties.loc[duties["partner"] == own, "month"])
    years = (agreement.dates.in_force.year - 1, agreement.first_full_year)
    others = catalog.load("partner_duties_monthly", as_of=as_of)["partner"]
    return bool((others == own).any()) and {f"{y}-{m:02d}" for y in years for m in range(1, 13)} <= months


def _has_vehicles(agreement: Agreement, as_of: str) -> bool:
    """Return whether there is an allowance by maker, a count that bounds its use, and vehicle trade of a whole year."""
    from korus_research.chapters.cars.points import allowance_terms, bounds, by_maker, shown_points
    from korus_research.data import open_catalog

    catalog, terms = open_catalog(), allowance_terms(agreement, as_of)
    if not terms:
        return False
    exports = catalog.load("sector_exports_annual", as_of=as_of)
    traded = (exports["partner"] == agreement.partner.census_code) & (exports["months"] == MONTHS)
    points = shown_points(catalog.load("vehicle_points", as_of=as_of))
    return bool(traded.any()) and not by_maker(bounds(points, terms)).empty


def reason(word: str, as_of: str) -> str:
    """Return the sentence for a chapter left out for want of `word`, `as_of` written out ("July 2026")."""
    text = WORDS[word].format(as_of=as_of)
    return f"{text[:1].upper()}{text[1:]}."
