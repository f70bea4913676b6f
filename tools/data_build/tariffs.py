"""Duties: what was collected on imports, and the rates in the agreement's texts."""

from __future__ import annotations

import pandas as pd

from data_build.spec import PUBLIC_DOMAIN, QUOTED, Raw, Table, month, number
from data_build.trade import KOREA, PARTNER, TOTALS
from korus_research.data.schema import Column, Source
from korus_research.errors import DamagedData

MONTHLY = ("year", "month", "imports_for_consumption_usd", "calculated_duty_usd", "avg_duty_pct", "source")
ANNUAL = ("year", "partner_code", "partner", "imports_usd", "duty_usd", "months", "avg_duty_pct")
# How the stored copies got a month's duty: the API's table by HS line or by NAICS industry, or rate times imports.
DUTY_SOURCES = {
    "corbett-hobbs duties_by_country": "census-hs",
    "corbett-hobbs duties_by_country (duty Jan-Oct = rounded rate x imports)": "census-hs-derived",
    "tradewartracker/us-imports-hs2 NAICS": "census-naics",
}
CENSUS_DUTIES = Source(
    "U.S. Census Bureau, imports for consumption and calculated duty (international trade API)",
    "https://www.census.gov/data/developers/data-sets/international-trade.html",
)
NAICS_COPY = Source(
    "read from tradewartracker/us-imports-hs2, top30-NAICS-imports.parquet: January 2013 to November 2025",
    "https://github.com/tradewartracker/us-imports-hs2/blob/5530afc6da3e311f3fba3eb31b9872b6a7a75cf4/data/"
    "top30-NAICS-imports.parquet",
)
HS_COPY = Source(
    "read from corbett-hobbs/congress-ideology, duties_by_country: 2010-2012 and 2026",
    "https://github.com/corbett-hobbs/congress-ideology/tree/31caa71f316e15a560aa25459ad00849328f1e02/pipeline/output/"
    "duties_by_country",
)
CONSUMPTION = "Imports for consumption at customs value and calculated duty, nominal, not seasonally adjusted"


def realised_duties_monthly(raw: Raw) -> pd.DataFrame:
    """Return imports for consumption from Korea and the duty on them by month."""
    duties = raw.csv("us_realised_duty_on_korea_monthly", MONTHLY)
    source = duties["source"].map(DUTY_SOURCES)
    if source.isna().any():
        raise DamagedData(f"duty source {duties['source'][source.isna()].iloc[0]!r} is not known")
    # November and December 2010 are not marked by the label, but only January to October were multiplied out.
    source = source.mask((duties["year"] == "2010") & (duties["month"].astype(int) > 10), "census-hs")
    return pd.DataFrame(
        {
            "month": month(duties["year"], duties["month"]),
            "partner": KOREA,
            "imports_usd": duties["imports_for_consumption_usd"].astype("int64"),
            "duty_usd": duties["calculated_duty_usd"].astype("int64"),
            "source": source,
        }
    )


def realised_duties_annual(raw: Raw) -> pd.DataFrame:
    """Return imports for consumption and duty of the partners by year; groups other than all countries are left out."""
    duties = raw.csv("us_realised_duty_by_partner_annual", ANNUAL)
    partner = duties["partner_code"].replace(TOTALS)
    frame = pd.DataFrame(
        {
            "year": duties["year"].astype(int),
            "partner": partner,
            "imports_usd": duties["imports_usd"].astype("int64"),
            "duty_usd": duties["duty_usd"].astype("int64"),
            "months": duties["months"].astype(int),
        }
    )
    return frame[~frame["partner"].isin(("0003", "USMCA"))]


def tariff_rates(raw: Raw) -> pd.DataFrame:
    """Return the statutory rates of the products whose schedule was read."""
    rates = raw.csv("korus_key_tariffs_by_year", ("importer", "product", "hs", "year", "rate_pct", "source", "note"))
    return rates.assign(year=rates["year"].astype(int), rate_pct=number(rates["rate_pct"]))


def tables() -> tuple[Table, ...]:
    """Return the tables of this module."""
    imports = Column("imports_usd", "integer", "imports for consumption, customs value", "USD", minimum=0)
    duty = Column("duty_usd", "integer", "calculated duty", "USD", minimum=0)
    return (
        Table(
            name="realised_duties_monthly",
            title="US duty on imports from Korea by month",
            description=(
                "Imports for consumption from Korea and the duty calculated on them. Their quotient is the "
                "realised duty rate. "
                "`source` says how the stored copy got the month: census-hs and census-naics are the Census "
                "tables by HS line "
                "and by NAICS industry; census-hs-derived is a rounded rate times imports."
            ),
            rows=realised_duties_monthly,
            columns=(
                Column("month", "string", "month", pattern=r"[0-9]{4}-(0[1-9]|1[0-2])"),
                PARTNER,
                imports,
                duty,
                Column(
                    "source",
                    "string",
                    "how the month was read",
                    enum=("census-hs", "census-hs-derived", "census-naics"),
                ),
            ),
            key=("partner", "month"),
            sources=(CENSUS_DUTIES, NAICS_COPY, HS_COPY),
            licence=PUBLIC_DOMAIN,
            vintage="2010-2012 and 2026: October 2026; 2013 to November 2025: early 2026",
            basis=CONSUMPTION,
            time={"field": "month", "frequency": "month"},
            gaps=("December 2025 is missing: there is no row for it.",),
            cautions=(
                "The duty of January to October 2010 is derived: a rounded rate times imports (the year is exact "
                "within "
                "0.003 %).",
                "Duties refunded later are still in the figures. Imports for consumption are not general imports.",
            ),
        ),
        Table(
            name="realised_duties_annual",
            title="US duty on imports by partner and year",
            description=(
                "Imports for consumption and the duty calculated on them by partner; partner 0015 is all "
                "countries. The European "
                "Union and USMCA, groups of the source, are left out."
            ),
            rows=realised_duties_annual,
            columns=(
                Column("year", "integer", "year", minimum=2013),
                PARTNER,
                imports,
                duty,
                Column("months", "integer", "months the year's figures hold", "months", minimum=1),
            ),
            key=("partner", "year"),
            sources=(CENSUS_DUTIES, NAICS_COPY),
            licence=PUBLIC_DOMAIN,
            vintage="early 2026",
            basis=CONSUMPTION,
            time={"field": "year", "frequency": "year"},
            gaps=("2025 holds January to November only (`months` is 11).",),
            cautions=("Duties refunded later are still in the figures.",),
        ),
        Table(
            name="tariff_rates",
            title="Statutory duties in the agreement's schedules",
            description=(
                "Ad valorem rates of passenger cars, trucks and boneless beef by year: the rate in force for "
                "most of the year, "
                "2005-2041 where known. A year's rate is known from the year's start on, so it is dated like a "
                "publication."
            ),
            rows=tariff_rates,
            columns=(
                Column("year", "integer", "year", minimum=2005),
                Column("importer", "string", "who levies the duty", enum=("KOR", "USA")),
                Column("product", "string", "product and origin"),
                Column("hs", "string", "HS heading or line"),
                Column("rate_pct", "number", "rate in force for most of the year", "percent ad valorem", minimum=0),
                Column("source", "string", "where the rate was read"),
                Column("note", "string", "what a user must know", required=False),
            ),
            key=("importer", "product", "year"),
            sources=(
                Source(
                    "KORUS text with the letters of 2010-11 and the amendments of 2018, as summarised by the US "
                    "and Korean "
                    "authorities",
                    "https://ustr.gov/trade-agreements/free-trade-agreements/korus-fta/final-text",
                ),
                Source(
                    "read from InternationalTradeAdministration/fta-tariff-tool-dataloader (beef) and from fact "
                    "sheets, by row",
                    "https://github.com/InternationalTradeAdministration/fta-tariff-tool-dataloader/tree/"
                    "c56e5f9a1fe2ae65deee263f84327d4e0595a2ca",
                ),
            ),
            licence=QUOTED,
            vintage="static",
            basis="Statutory ad valorem rates, without the duties added since 2025",
            time={"field": "year", "frequency": "publication-year"},
            gaps=(
                "The phase-out steps of the US truck duty in the text of 2010 were not found beyond its 25 % years.",
            ),
            cautions=(
                "Duties added by the United States from 2025 are not in the rates; see the agreement's events.",
                "Korea's car duty fell on 15 March 2012: the row of 2012 is the rate after that day.",
            ),
        ),
    )
