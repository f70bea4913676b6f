"""Duties: what was collected on imports."""

from __future__ import annotations

import pandas as pd

from data_build.spec import PUBLIC_DOMAIN, Raw, Table, month
from data_build.trade import KOREA, MONTH, PARTNER, TOTALS, VINTAGE, WORLD
from data_build.vintages import DUTIES, EARLY, duty_pairs, known
from korus_research.data.schema import Column, Source

MONTHLY = ("year", "month", "imports_for_consumption_usd", "calculated_duty_usd", "origin", "avg_duty_pct")
PARTNERS = ("year", "month", "iso3", "cty_code", "imports_for_consumption_usd", "calculated_duty_usd", "avg_duty_pct")
TOTALS_2025 = ("year", "months", "iso3", "imports_for_consumption_usd", "calculated_duty_usd", "avg_duty_pct")
BY_INDUSTRY = ("year", "month", "partner_code", "partner", "naics3", "imports_usd", "duty_usd")
ANNUAL = ("year", "partner_code", "partner", "imports_usd", "duty_usd", "months", "avg_duty_pct")
CENSUS_DUTIES = Source(
    "U.S. Census Bureau, imports for consumption and calculated duty (international trade API)",
    "https://www.census.gov/data/developers/data-sets/international-trade.html",
)
NAICS_COPY = Source(
    "read from tradewartracker/us-imports-hs2, top30-NAICS-imports.parquet: January 2013 to November 2025",
    "https://github.com/tradewartracker/us-imports-hs2/blob/5530afc6da3e311f3fba3eb31b9872b6a7a75cf4/data/"
    "top30-NAICS-imports.parquet",
)
HISTORY_COPY = Source(
    "read from corbett-hobbs/congress-ideology, duties_by_country: Korea 2005-2012 (to 2009 through USITC DataWeb)",
    "https://github.com/corbett-hobbs/congress-ideology/tree/485b87d99c6e2f018ac9fdfe1ac8a7b1b8f9a473/pipeline/output/"
    "duties_by_country",
)
LATEST_COPY = Source(
    "read from corbett-hobbs/congress-ideology, duties_by_country of October 2026: 52 economies, 2025 and 2026",
    "https://github.com/corbett-hobbs/congress-ideology/tree/ada6e805d0e359db339b6203b01c051f646192d5/pipeline/output/"
    "duties_by_country",
)
REVISED_FROM = "2025"  # first year after the revision of June 2026
LISTED = "LISTED"  # all economies of the totals together
GROUPS = ("0003", "USMCA")  # the European Union and North America, beside their members
ALL_GOODS = "00"
MONTHLY_FROM = 2024  # by sector and month only around the duties of 2025: what windows of months need
CONSUMPTION = "Imports for consumption at customs value and calculated duty, nominal, not seasonally adjusted"


def realised_duties_monthly(raw: Raw) -> pd.DataFrame:
    """Return imports for consumption from Korea and the duty on them by month."""
    name = "us_realised_duty_on_korea_monthly_2005_2026"
    duties = raw.csv(name, MONTHLY)
    return _dollars(duties).assign(
        month=month(duties["year"], duties["month"]),
        partner=KOREA,
        source=known(duties["origin"], DUTIES, f"{name}.csv"),
    )


def _dollars(duties: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "imports_usd": duties["imports_for_consumption_usd"].astype("int64"),
            "duty_usd": duties["calculated_duty_usd"].astype("int64"),
        }
    )


def realised_duties_annual(raw: Raw) -> pd.DataFrame:
    """Return imports for consumption and duty of the partners by year; groups other than all countries are left out."""
    duties = raw.csv("us_realised_duty_by_partner_annual", ANNUAL)
    early = pd.DataFrame(
        {
            "year": duties["year"].astype(int),
            "partner": duties["partner_code"].replace(TOTALS),
            "imports_usd": duties["imports_usd"].astype("int64"),
            "duty_usd": duties["duty_usd"].astype("int64"),
            "months": duties["months"].astype(int),
        }
    )
    early = early[~early["partner"].isin(GROUPS) & (early["year"] < int(REVISED_FROM))]
    months = _revised(raw).assign(year=lambda f: f["month"].str[:4].astype(int))
    sums = months.groupby(["year", "partner"], as_index=False).agg(
        imports_usd=("imports_usd", "sum"), duty_usd=("duty_usd", "sum"), months=("month", "size")
    )
    totals = raw.csv("us_realised_duty_by_economy_2025_26_totals", TOTALS_2025)
    totals = totals[totals["iso3"] == LISTED]
    world = _dollars(totals).assign(year=totals["year"].astype(int), partner=WORLD, months=totals["months"].astype(int))
    return pd.concat([early, sums, world], ignore_index=True)


def _by_industry(raw: Raw) -> pd.DataFrame:
    rows = raw.parquet("us_imports_naics3_monthly", BY_INDUSTRY)
    rows = rows[~rows["partner_code"].isin(GROUPS)]
    return rows.assign(
        partner=rows["partner_code"].replace(TOTALS), code=rows["naics3"], month=month(rows["year"], rows["month"])
    )


def _all_goods(raw: Raw) -> pd.DataFrame:
    """Return the early-2026 vintage of all goods by month and partner."""
    rows = _by_industry(raw)
    return rows.loc[rows["code"] == ALL_GOODS, ["month", "partner", "imports_usd", "duty_usd"]]


def _revised(raw: Raw) -> pd.DataFrame:
    """Return the October 2026 vintage by month and partner; the European Union is left out beside its members."""
    rows = raw.csv("us_realised_duty_by_partner_monthly_2025_26", PARTNERS)
    dated = _dollars(rows).assign(month=month(rows["year"], rows["month"]), partner=rows["cty_code"])
    return dated[~dated["partner"].isin(GROUPS)]


def partner_duties_monthly(raw: Raw) -> pd.DataFrame:
    """Return imports for consumption and duty of the partners by month, all goods, in the newest vintage."""
    early = _all_goods(raw)
    return pd.concat([early[early["month"] < REVISED_FROM], _revised(raw)], ignore_index=True)


def partner_duties_replaced(raw: Raw) -> pd.DataFrame:
    """Return the months of 2025 as they stood before the revision of June 2026."""
    early = _all_goods(raw)
    return early[early["month"] >= REVISED_FROM].assign(vintage=EARLY)


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


def tables() -> tuple[Table, ...]:
    """Return the tables of this module."""
    imports = Column("imports_usd", "integer", "imports for consumption, customs value", "USD", minimum=0)
    duty = Column("duty_usd", "integer", "calculated duty", "USD", minimum=0)
    code = Column("code", "string", "NAICS industry, three digits", pattern=r"[0-9]{3}")
    return (
        Table(
            name="realised_duties_monthly",
            title="US duty on imports from Korea by month",
            description=(
                "Imports for consumption from Korea and the duty calculated on them. Their quotient is the realised "
                "duty rate. `source` says which interface of the source the month was read from: dataweb (USITC "
                "DataWeb), census-naics (the Census table by NAICS industry) or census-api (its totals by country)."
            ),
            rows=realised_duties_monthly,
            columns=(
                MONTH,
                PARTNER,
                imports,
                duty,
                Column("source", "string", "where the month was read", enum=tuple(DUTIES.values())),
            ),
            key=("partner", "month"),
            sources=(CENSUS_DUTIES, HISTORY_COPY, NAICS_COPY, LATEST_COPY),
            licence=PUBLIC_DOMAIN,
            vintage="2005-2012, 2025 and 2026: October 2026; 2013-2024: early 2026",
            basis=CONSUMPTION,
            time={"field": "month", "frequency": "month"},
            cautions=(
                "2025 is revised (June 2026): November 2025 had been 14.00 % and is 8.38 %, as the rate of 15 % for "
                "cars was set in December 2025 back to November 1. partner_duties_replaced holds the earlier values.",
                "Duties refunded later are still in the figures. Imports for consumption are not general imports.",
            ),
        ),
        Table(
            name="realised_duties_replaced",
            title="US duty on imports from Korea by month: values that a revision replaced",
            description="The months of 2025 in realised_duties_monthly as they stood in early 2026, before the "
            "revision of June 2026.",
            rows=duty_pairs,
            columns=(
                MONTH,
                PARTNER,
                imports,
                duty,
                Column("source", "string", "where the month was read", enum=tuple(DUTIES.values())),
                VINTAGE,
            ),
            replaces="realised_duties_monthly",
            key=("partner", "month", "vintage"),
            sources=(CENSUS_DUTIES, NAICS_COPY),
            licence=PUBLIC_DOMAIN,
            vintage="early 2026",
            basis=CONSUMPTION,
            time={"field": "month", "frequency": "month"},
            gaps=("January to November 2025.",),
            cautions=("Superseded: for what the revision changed, and what was known then, nothing else.",),
        ),
        Table(
            name="realised_duties_annual",
            title="US duty on imports by partner and year",
            description=(
                "Imports for consumption and the duty calculated on them by partner; partner 0015 is all "
                "countries. The European Union and USMCA, groups of the source, are left out."
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
            sources=(CENSUS_DUTIES, NAICS_COPY, LATEST_COPY),
            licence=PUBLIC_DOMAIN,
            vintage="2013-2024: early 2026; 2025 and 2026: October 2026",
            basis=CONSUMPTION,
            time={"field": "year", "frequency": "year"},
            gaps=("2026 holds January to August only (`months` is 8), and counts as a year once it has ended.",),
            cautions=(
                "Duties refunded later are still in the figures.",
                "30 partners to 2024, 52 from 2025. All countries of 2025 and 2026 are the sum of the economies with "
                "imports of about USD 100 million a year or more: those left out have under 0.2 % of imports.",
            ),
        ),
        Table(
            name="partner_duties_monthly",
            title="US duty on imports by partner and month",
            description="Imports for consumption and the duty calculated on them, all goods, by partner; partner 0015 "
            "is all countries (to 2024). The European Union and USMCA, groups of the source, are left out.",
            rows=partner_duties_monthly,
            columns=(MONTH, PARTNER, imports, duty),
            key=("partner", "month"),
            sources=(CENSUS_DUTIES, NAICS_COPY, LATEST_COPY),
            licence=PUBLIC_DOMAIN,
            vintage="2013-2024: early 2026; 2025 and 2026: October 2026",
            basis=CONSUMPTION,
            time={"field": "month", "frequency": "month"},
            format="parquet",
            gaps=(
                "All countries (0015) end in December 2024: the revised months of 2025 and 2026 are held for 52 "
                "economies, 94 % of imports, and not for the total. Nothing before 2013.",
            ),
            cautions=(
                "Duties refunded later are still in the figures.",
                "30 partners to 2024, 52 from 2025: a sum over partners across the turn of the year takes those "
                "held in both.",
            ),
        ),
        Table(
            name="partner_duties_replaced",
            title="US duty on imports by partner and month: values that a revision replaced",
            description="The months of 2025 in partner_duties_monthly as they stood in early 2026, before the revision "
            "of June 2026, with all countries (0015). The vintage of sector_duties_monthly and sector_duties_annual.",
            rows=partner_duties_replaced,
            columns=(MONTH, PARTNER, imports, duty, VINTAGE),
            replaces="partner_duties_monthly",
            key=("partner", "month", "vintage"),
            sources=(CENSUS_DUTIES, NAICS_COPY),
            licence=PUBLIC_DOMAIN,
            vintage="early 2026",
            basis=CONSUMPTION,
            time={"field": "month", "frequency": "month"},
            format="parquet",
            gaps=("January to November 2025.",),
            cautions=("Superseded: for what the revision changed, and beside figures by industry, nothing else.",),
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
            cautions=(
                "Duties refunded later are still in the figures.",
                "2025 is not revised: all goods by country are, see partner_duties_monthly.",
            ),
        ),
        Table(
            name="sector_duties_monthly",
            title="US duty on imports by partner, industry and month, 2024 and 2025",
            description="Imports for consumption and the duty calculated on them by partner and NAICS industry, from "
            "the year before the duties of 2025. The industries add up to all goods.",
            rows=sector_duties_monthly,
            columns=(MONTH, PARTNER, code, imports, duty),
            key=("partner", "code", "month"),
            sources=(CENSUS_DUTIES, NAICS_COPY),
            licence=PUBLIC_DOMAIN,
            vintage="early 2026",
            basis=CONSUMPTION,
            time={"field": "month", "frequency": "month"},
            format="parquet",
            gaps=("Ends in November 2025.",),
            cautions=(
                "Duties refunded later are still in the figures.",
                "2025 is not revised: all goods by country are, see partner_duties_monthly.",
            ),
        ),
    )
