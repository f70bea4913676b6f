"""Duties: what was collected on imports, and the rates in the agreement's texts."""

from __future__ import annotations

import pandas as pd

from data_build.spec import PUBLIC_DOMAIN, QUOTED, Raw, Table, month, number
from data_build.trade import KOREA, PARTNER, TOTALS
from korus_research.data.schema import Column, Source
from korus_research.errors import DamagedData

MONTHLY = ("year", "month", "imports_for_consumption_usd", "calculated_duty_usd", "avg_duty_pct", "source")
BY_INDUSTRY = ("year", "month", "partner_code", "partner", "naics3", "imports_usd", "duty_usd")
AVERAGES = ("importer", "item", "measure", "year", "value", "source")
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
GROUPS = ("0003", "USMCA")  # the European Union and North America, beside their members
ALL_GOODS = "00"
MONTHLY_FROM = 2024  # by sector and month only around the duties of 2025: what windows of months need
SHARES = {
    "MFN lines free before FTA": ("before", "lines"),
    "lines free on implementation": ("first_day", "lines"),
    "lines free by year 10": ("year_10", "lines"),
    "US exports by value duty-free at once": ("first_day", "value"),
    "imports from Korea by value duty-free at once": ("first_day", "value"),
}
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
    return frame[~frame["partner"].isin(GROUPS)]


def _by_industry(raw: Raw) -> pd.DataFrame:
    rows = raw.parquet("us_imports_naics3_monthly", BY_INDUSTRY)
    rows = rows[~rows["partner_code"].isin(GROUPS)]
    return rows.assign(
        partner=rows["partner_code"].replace(TOTALS), code=rows["naics3"], month=month(rows["year"], rows["month"])
    )


def partner_duties_monthly(raw: Raw) -> pd.DataFrame:
    """Return imports for consumption and duty of the partners by month, all goods."""
    rows = _by_industry(raw)
    return rows.loc[rows["code"] == ALL_GOODS, ["month", "partner", "imports_usd", "duty_usd"]]


def sector_duties_monthly(raw: Raw) -> pd.DataFrame:
    """Return imports for consumption and duty by industry and month from `MONTHLY_FROM` on."""
    rows = _by_industry(raw)
    kept = (rows["code"] != ALL_GOODS) & (rows["year"] >= MONTHLY_FROM)
    return rows.loc[kept, ["month", "partner", "code", "imports_usd", "duty_usd"]]


def sector_duties_annual(raw: Raw) -> pd.DataFrame:
    """Return the duty by industry and year, for the imports of `sector_imports_annual`."""
    rows = _by_industry(raw)
    rows = rows[rows["code"] != ALL_GOODS]
    sums = rows.groupby(["year", "partner", "code"])[["duty_usd"]].sum().reset_index()
    return sums.assign(year=sums["year"].astype(int))


def duty_free_shares(raw: Raw) -> pd.DataFrame:
    """Return what share of lines or of trade was free of duty before the agreement, at its start and later."""
    rows = raw.csv("korus_average_tariffs", AVERAGES)
    rows = rows[rows["item"].isin(SHARES)]
    said = rows["source"].str.extract(r"(more than|about)")[0].fillna("")
    return pd.DataFrame(
        {
            "year": 2007,  # all are of the study of September 2007
            "importer": rows["importer"],
            "stage": [SHARES[m][0] for m in rows["item"]],
            "of": [SHARES[m][1] for m in rows["item"]],
            "share_pct": number(rows["value"]),
            "qualifier": said,
            "source": rows["source"],
        }
    )


def tariff_rates(raw: Raw) -> pd.DataFrame:
    """Return the statutory rates of the products whose schedule was read."""
    rates = raw.csv("korus_key_tariffs_by_year", ("importer", "product", "hs", "year", "rate_pct", "source", "note"))
    return rates.assign(year=rates["year"].astype(int), rate_pct=number(rates["rate_pct"]))


def tables() -> tuple[Table, ...]:
    """Return the tables of this module."""
    imports = Column("imports_usd", "integer", "imports for consumption, customs value", "USD", minimum=0)
    duty = Column("duty_usd", "integer", "calculated duty", "USD", minimum=0)
    months = Column("month", "string", "month", pattern=r"[0-9]{4}-(0[1-9]|1[0-2])")
    code = Column("code", "string", "NAICS industry, three digits", pattern=r"[0-9]{3}")
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
            name="partner_duties_monthly",
            title="US duty on imports by partner and month",
            description="Imports for consumption and the duty calculated on them, all goods, by partner; partner 0015 "
            "is all countries. The European Union and USMCA, groups of the source, are left out.",
            rows=partner_duties_monthly,
            columns=(months, PARTNER, imports, duty),
            key=("partner", "month"),
            sources=(CENSUS_DUTIES, NAICS_COPY),
            licence=PUBLIC_DOMAIN,
            vintage="early 2026",
            basis=CONSUMPTION,
            time={"field": "month", "frequency": "month"},
            format="parquet",
            gaps=("Ends in November 2025; nothing before 2013.",),
            cautions=("Duties refunded later are still in the figures.",),
        ),
        Table(
            name="sector_duties_annual",
            title="US duty on imports by partner, industry and year",
            description="Calculated duty by partner and NAICS industry; the imports it was levied on are those of "
            "sector_imports_annual, which also says how many months a year holds.",
            rows=sector_duties_annual,
            columns=(Column("year", "integer", "year", minimum=2013), PARTNER, code, duty),
            key=("partner", "code", "year"),
            sources=(CENSUS_DUTIES, NAICS_COPY),
            licence=PUBLIC_DOMAIN,
            vintage="early 2026",
            basis=CONSUMPTION,
            time={"field": "year", "frequency": "year"},
            format="parquet",
            gaps=("2025 holds January to November only.",),
            cautions=("Duties refunded later are still in the figures.",),
        ),
        Table(
            name="sector_duties_monthly",
            title="US duty on imports by partner, industry and month, 2024 and 2025",
            description="Imports for consumption and the duty calculated on them by partner and NAICS industry, from "
            "the year before the duties of 2025. The industries add up to all goods.",
            rows=sector_duties_monthly,
            columns=(months, PARTNER, code, imports, duty),
            key=("partner", "code", "month"),
            sources=(CENSUS_DUTIES, NAICS_COPY),
            licence=PUBLIC_DOMAIN,
            vintage="early 2026",
            basis=CONSUMPTION,
            time={"field": "month", "frequency": "month"},
            format="parquet",
            gaps=("Ends in November 2025.",),
            cautions=("Duties refunded later are still in the figures.",),
        ),
        Table(
            name="duty_free_shares",
            title="Shares of tariff lines and of trade free of duty",
            description="What the US International Trade Commission counted of each party's tariff on the other: lines "
            "free of duty before the agreement, at its start and by its tenth year, and the value free at once.",
            rows=duty_free_shares,
            columns=(
                Column("year", "integer", "year of publication", minimum=2007),
                Column("importer", "string", "who levies the duty", enum=("KOR", "USA")),
                Column("stage", "string", "when", enum=("before", "first_day", "year_10")),
                Column("of", "string", "share of what", enum=("lines", "value")),
                Column("share_pct", "number", "share free of duty", "percent", minimum=0),
                Column("qualifier", "string", "word before the figure", required=False),
                Column("source", "string", "where the figure was read"),
            ),
            key=("importer", "stage", "of"),
            sources=(
                Source(
                    "US International Trade Commission, Publication 3949 (September 2007, corrected 2010)",
                    "https://www.usitc.gov/publications/332/pub3949.pdf",
                ),
                Source("read from a page copy of the publication, pages 23 and 54; page by row"),
            ),
            licence=PUBLIC_DOMAIN,
            vintage="September 2007",
            basis="The text of 2007, before the changes of 2010-11 and 2018",
            time={"field": "year", "frequency": "publication-year"},
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
