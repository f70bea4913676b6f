"""Where each chapter's figures end: the last period held of what it rests on, in this edition."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from korus_research.show.sourcing import period_name
from korus_research.show.table import Column, Table

if TYPE_CHECKING:
    from korus_research.data.study import Study

MONTHS = 12
Last = Callable[["Study"], str]  # a period, "2026-07" or "2024"; empty where the chapter's figures are not held


def last_periods(study: Study) -> Table:
    """Return, by chapter, the last period of the figures it rests on; a chapter without figures has no row."""
    import pandas as pd

    rows = []
    for chapter, what, tables, last in _rested_on():
        period = last(study)
        if period:
            rows.append({"chapter": chapter, "what": what, "last": period_name(period), "tables": ", ".join(tables)})
    return Table(
        id="data-last-periods",
        title="Where each chapter's figures end",
        caption=f"The last period held of what a chapter rests on, in this edition of {study.names['as_of']}. A figure or table that ends elsewhere says so in its source line.",
        source="Source: the tables named in each row.",
        datasets=tuple(dict.fromkeys(name for _, _, tables, _ in _rested_on() for name in tables)),
        columns=[
            Column("chapter", "Chapter", align="left", width=1.2),
            Column("what", "What it rests on", align="left", width=2.2),
            Column("last", "Last period", align="left", width=1),
            Column("tables", "Tables", align="left", width=2),
        ],
        rows=rows,
        row_header="chapter",
        data=pd.DataFrame(rows),
        made_by="korus_research.chapters.appendix.last_periods.last_periods",
        last_period=study.parameters.as_of,
    )


def _rested_on() -> tuple[tuple[str, str, tuple[str, ...], Last], ...]:
    """Return chapter, what it rests on, the tables that hold it, and where it ends, in reading order."""
    trade, sectors = "goods_trade_monthly", ("sector_exports_annual", "sector_imports_annual")
    return (
        ("Flows", "goods trade by month", (trade,), _of_partner(trade)),
        ("Flows", "exports of energy by month", ("exports_energy_monthly",), _of_partner("exports_energy_monthly")),
        ("Flows", "goods and services", ("goods_services_bop",), _of_partner("goods_services_bop")),
        ("Comparators", "the world total, for shares and ranks", (trade,), lambda study: study.names["last_year"]),
        ("Counterfactual", "years of the main estimate", (trade,), _estimated),
        ("Drivers", "output and exchange rates", ("macro_annual", "exchange_rates_monthly"), _drivers),
        ("Gravity", "panel of every fourth year", ("gravity_panel",), _pair),
        ("Sectors", "both flows by sector, whole years", sectors, _by_sector(*sectors)),
        ("Sectors", "exports by sector, whole years", sectors[:1], _by_sector(sectors[0])),
        ("Cars", "makers' figures", ("vehicle_points",), _vehicles),
        ("Tariffs", "duty by month", ("realised_duties_monthly",), _of_partner("realised_duties_monthly")),
        ("Tariffs", "duty by partner", ("partner_duties_monthly",), _of_partner("partner_duties_monthly")),
        ("Forecasts", "years of the main estimate", (trade,), _estimated),
        ("Scenarios", "baseline of the model", ("wiod_baseline_2014",), _baseline),
        ("Context", "the world total, for shares", (trade,), lambda study: study.names["last_year"]),
    )


def _of_partner(table: str) -> Last:
    """Return where a table ends for the partner."""

    def last(study: Study) -> str:
        from korus_research.errors import MissingPartner

        code, as_of = study.agreement.partner.census_code, study.parameters.as_of
        try:
            return study.catalog.last_period(table, as_of=as_of, partner=code)
        except MissingPartner:
            return ""

    return last


def _by_sector(*tables: str) -> Last:
    """Return the last year that is complete for the partner in all of the tables."""

    def last(study: Study) -> str:
        years: list[set[int]] = []
        for table in tables:
            rows = study.load(table)
            own = rows["partner"] == study.agreement.partner.census_code
            years.append(set(rows.loc[own & (rows["months"] == MONTHS), "year"]))
        return str(max(set.intersection(*years), default=""))

    return last


def _estimated(study: Study) -> str:
    """Return the last year of the main specification's window; none before a full year under the agreement."""
    from korus_research.chapters.counterfactual.declared import declared
    from korus_research.chapters.counterfactual.specifications import Calendar, main_specification
    from korus_research.errors import IncompletePanel

    agreement, first = study.agreement, int(str(study.load("goods_trade_monthly")["month"].min())[:4])
    last = int(study.names["last_year"])
    calendar = Calendar(agreement.dates.in_force.year, agreement.first_full_year, first, last)
    try:
        return str(main_specification("exports", calendar, declared()).post[1])
    except IncompletePanel:
        return ""


def _drivers(study: Study) -> str:
    """Return the last year with the partner's output, no projection, and a whole year of its exchange rate."""
    iso3 = study.agreement.partner.iso3
    macro, rates = study.load("macro_annual"), study.load("exchange_rates_monthly")
    output = set(macro.loc[(macro["iso3"] == iso3) & ~macro["projection"], "year"])
    months = rates.loc[rates["iso3"] == iso3, "month"]
    whole = {int(month[:4]) for month in months if month.endswith("-12")}
    return str(max(output & whole, default=""))


def _pair(study: Study) -> str:
    """Return the last year of the gravity panel that holds the two parties' trade under the agreement."""
    panel, parties = study.load("gravity_panel"), {study.agreement.reporter.iso3, study.agreement.partner.iso3}
    pair = panel["exporter"].isin(parties) & panel["importer"].isin(parties) & panel["in_force"]
    return str(max(panel.loc[pair, "year"], default=""))


def _vehicles(study: Study) -> str:
    """Return the last month of makers' figures; none for an agreement without an allowance by maker."""
    from korus_research.chapters.cars.points import shown_points
    from korus_research.chapters.cars.spec import allowance_terms

    if not allowance_terms(study.agreement, study.parameters.as_of):
        return ""
    return str(max(shown_points(study.load("vehicle_points"))["period_end"], default=""))


def _baseline(study: Study) -> str:
    """Return the year of the scenarios' baseline, where it holds both parties."""
    flows = study.load("wiod_baseline_2014")
    held = {study.agreement.reporter.iso3, study.agreement.partner.iso3} <= set(flows["exporter"])
    return str(flows["year"].max()) if held else ""
