"""Trade by sector: exports by HS chapter, imports by NAICS industry, and what is known of the years before both."""

from __future__ import annotations

import pandas as pd

from data_build.equilibrium import CURATED, LAST_GOODS_SECTOR, PAIR, SECTORS, WIOD_2013
from data_build.spec import PUBLIC_DOMAIN, QUOTED, Raw, Table, number
from data_build.tariffs import NAICS_COPY
from data_build.trade import KOREA, PARTNER, TOTALS
from korus_research.data.schema import Column, Source
from korus_research.errors import DamagedData

CHAPTERS = ("year", "month", "partner_code", "partner", "hs2", "value_usd")
INDUSTRIES = ("year", "month", "partner_code", "partner", "naics3", "imports_usd", "duty_usd")
USITC_SECTORS = ("sector", "year", "us_total_exports_to_korea_usd_mn")
DOMESTIC = ("edition", "sector", "partner", "year", "value_usd_mn", "where")
GROUPS = ("classification", "code", "group", "group_name", "block")
ALL = "00"  # the code of all products in both tables
SUMS = ("0003", "USMCA")  # groups of partners, which overlap with their members
CENSUS_API = "https://www.census.gov/data/developers/data-sets/international-trade.html"
WIOD = Source("World Input-Output Database, 2013 release", "https://www.rug.nl/ggdc/valuechain/wiod/")


def sector_exports_annual(raw: Raw) -> pd.DataFrame:
    """Return exports by partner, HS chapter and year, with the months that the year holds."""
    return _annual(raw.parquet("us_exports_hs2_monthly", CHAPTERS), "hs2", "value_usd")


def sector_imports_annual(raw: Raw) -> pd.DataFrame:
    """Return imports for consumption by partner, NAICS industry and year, with the months that the year holds."""
    return _annual(raw.parquet("us_imports_naics3_monthly", INDUSTRIES), "naics3", "imports_usd")


def _annual(monthly: pd.DataFrame, code: str, value: str) -> pd.DataFrame:
    """Sum to years after checking that in every month of every partner the sectors add up to all products."""
    rows = monthly[~monthly["partner_code"].isin(SUMS)]
    keys = ["partner_code", "year", "month"]
    if (twice := rows.duplicated([*keys, code])).any():
        raise DamagedData(f"{int(twice.sum())} sectors are there twice in a month", expected="one row a sector")
    whole = rows[rows[code] == ALL].set_index(keys)[value]
    parts = rows[rows[code] != ALL]
    sums = parts.groupby(keys)[value].sum()
    apart = whole.sub(sums, fill_value=0)
    if (apart != 0).any():
        partner, year, month = apart[apart != 0].index[0]
        raise DamagedData(
            f"the sectors of partner {partner} in {year}-{month:02d} do not add up to all products",
            expected="equal sums in every month",
        )
    months = parts.groupby(["partner_code", "year"])["month"].nunique().rename("months")
    annual = parts.groupby(["partner_code", "year", code], as_index=False)[value].sum()
    annual = annual.join(months, on=["partner_code", "year"])
    return pd.DataFrame(
        {
            "year": annual["year"].astype(int),
            "partner": annual["partner_code"].astype(str).replace(TOTALS),
            "code": annual[code].astype(str),
            "value_usd": annual[value].astype("int64"),
            "months": annual["months"].astype(int),
        }
    )


def sector_groups(raw: Raw) -> pd.DataFrame:
    """Return how chapters, industries and published sectors are grouped, with the Census label of each code."""
    groups = Raw(CURATED).csv("sector_groups", GROUPS)
    labels = {
        (kind, row[kind]): row["description"]
        for kind in ("hs2", "naics3")
        for row in raw.csv(f"{kind}_labels", (kind, "description")).to_dict("records")
    }
    keys = list(zip(groups["classification"], groups["code"], strict=True))
    for kind, table in (("hs2", sector_exports_annual(raw)), ("naics3", sector_imports_annual(raw))):
        grouped, used = {code for k, code in keys if k == kind}, set(table["code"])
        if lacking := sorted(grouped ^ used):
            raise DamagedData(
                f"{kind} code {lacking[0]} stands in one of groups and trade only", expected="every code in both"
            )
    return groups.assign(label=[labels.get(k, k[1] if k[0] == "usitc" else "") for k in keys]).assign(
        label=lambda t: t["label"].mask(t["label"] == "", t["group_name"])
    )


def sector_exports_usitc(raw: Raw) -> pd.DataFrame:
    """Return exports by the sectors of the US International Trade Commission, as published in 2018."""
    printed = raw.csv("usitc_sector_exports_to_korea_2013_2017", USITC_SECTORS)
    return pd.DataFrame(
        {
            "year": printed["year"].astype(int),
            "partner": KOREA,
            "sector": printed["sector"],
            "value_usd_mn": number(printed["us_total_exports_to_korea_usd_mn"]).astype("int64"),
        }
    )


def sector_exports_domestic(raw: Raw) -> pd.DataFrame:
    """Return domestic exports by sector from the Commission's yearly reviews, which reach back before the agreement."""
    printed = Raw(CURATED).csv("sector_exports_domestic", DOMESTIC)
    whole = {name: printed[name].astype("int64") for name in ("edition", "year", "value_usd_mn")}
    return printed.assign(**whole)


def wiod_sector_shares(raw: Raw) -> pd.DataFrame:
    """Return each goods sector's share in the goods that one party sells to the other, percent."""
    sectors = raw.csv("wiod_us_korea_bilateral_by_sector_1995_2011", SECTORS)
    goods = sectors["wiod_code"].str.removeprefix("c").astype(int) <= LAST_GOODS_SECTOR
    pair = (
        sectors["exporter"].isin(PAIR) & sectors["importer"].isin(PAIR) & (sectors["exporter"] != sectors["importer"])
    )
    rows = sectors[goods & pair]
    value = number(rows["total_usd_mn"])
    sums = value.groupby([rows["year"], rows["exporter"]]).transform("sum")
    return pd.DataFrame(
        {
            "year": rows["year"].astype(int),
            "exporter": rows["exporter"],
            "importer": rows["importer"],
            "code": rows["wiod_code"],
            "share_pct": (100 * value / sums).round(6),
        }
    )


def tables() -> tuple[Table, ...]:
    """Return the tables of this module."""
    year = Column("year", "integer", "year", minimum=1995)
    months = Column("months", "integer", "months the partner's year holds; 12 is a complete year", "months", minimum=1)
    time = {"field": "year", "frequency": "year"}
    party = r"[A-Z]{3}"
    return (
        Table(
            name="sector_exports_annual",
            title="US exports by HS chapter and year",
            description=(
                "Exports to 30 countries and to the world (partner 0015) by chapter of the Harmonized System, summed "
                "from months in which the chapters add up to all products. Groups of countries are left out."
            ),
            rows=sector_exports_annual,
            columns=(
                year,
                PARTNER,
                Column("code", "string", "HS chapter", pattern=r"[0-9]{2}"),
                Column("value_usd", "integer", "total exports, f.a.s.", "USD", minimum=0),
                months,
            ),
            key=("partner", "year", "code"),
            sources=(
                Source("U.S. Census Bureau, exports by HS (international trade API)", CENSUS_API),
                Source(
                    "read from tradewartracker/us-exports-hs2, top30-HS2-exports.parquet",
                    "https://github.com/tradewartracker/us-exports-hs2/blob/"
                    "9d16b59ad527e6bf097aa5e7e65819cfb156c01f/data/top30-HS2-exports.parquet",
                ),
            ),
            licence=PUBLIC_DOMAIN,
            vintage="July 2026",
            basis="Census basis, total exports f.a.s., nominal, not seasonally adjusted",
            time=time,
            format="parquet",
            gaps=("2026 holds January to May only (`months` is 5).",),
            cautions=("Begins in 2013. A chapter without exports to a partner in a year has no row.",),
        ),
        Table(
            name="sector_imports_annual",
            title="US imports for consumption by NAICS industry and year",
            description=(
                "Imports for consumption from 30 countries and from the world (partner 0015) by three-digit industry, "
                "summed from months in which the industries add up to all products. Groups of countries are left out."
            ),
            rows=sector_imports_annual,
            columns=(
                year,
                PARTNER,
                Column("code", "string", "NAICS industry, three digits", pattern=r"[0-9]{3}"),
                Column("value_usd", "integer", "imports for consumption, customs value", "USD", minimum=0),
                months,
            ),
            key=("partner", "year", "code"),
            sources=(Source("U.S. Census Bureau, imports by NAICS (international trade API)", CENSUS_API), NAICS_COPY),
            licence=PUBLIC_DOMAIN,
            vintage="early 2026",
            basis="Imports for consumption, customs value, nominal, not seasonally adjusted",
            time=time,
            format="parquet",
            gaps=("2025 holds January to November only (`months` is 11).",),
            cautions=(
                "Begins in 2013. Imports for consumption are not general imports, the basis of goods_trade_monthly: "
                "goods count when they leave a bonded warehouse or a foreign trade zone, not when they arrive.",
                "An industry without imports from a partner in a year has no row.",
                "Imports by HS chapter are not embedded: those collected are for consumption to July 2021 and general "
                "imports from January 2023, with nothing between; no year after 2020 could be joined to one before.",
            ),
        ),
        Table(
            name="sector_groups",
            title="Groups of sectors",
            description=(
                "Which group each HS chapter, NAICS industry, sector of the US International Trade Commission and "
                "sector of the World Input-Output Database belongs to. Groups of chapters follow the sections of the "
                "Harmonized System, some of them joined; `block` marks machinery (electrical and electronic goods "
                "included), transport equipment and energy. The classifications do not agree at their edges."
            ),
            rows=sector_groups,
            columns=(
                Column("classification", "string", "whose codes", enum=("hs2", "naics3", "usitc", "wiod")),
                Column("code", "string", "code or name of the sector in its classification"),
                Column("label", "string", "label of the source"),
                Column("group", "string", "group, within its classification"),
                Column("group_name", "string", "how the report names the group"),
                Column("block", "string", "block", enum=("machinery", "transport", "energy", "other")),
            ),
            key=("classification", "code"),
            sources=(
                Source(
                    "World Customs Organization, Harmonized System, sections and chapters", "https://www.wcoomd.org/"
                ),
                Source("U.S. Census Bureau, labels of HS chapters and NAICS industries", CENSUS_API),
                Source("Grouping by this project"),
            ),
            licence=QUOTED,
            vintage="static",
            basis="Grouping",
            cautions=(
                "NAICS 334 holds instruments, which are HS 90; NAICS 212 holds coal, which is HS 27; the Commission's "
                "electronic products hold instruments, and its transport equipment holds engines, gas turbines and "
                "construction machinery, which are HS 84.",
            ),
        ),
        Table(
            name="sector_exports_usitc",
            title="US exports to Korea by sector of the US International Trade Commission",
            description=(
                "Total exports to Korea by the Commission's sectors, which are sets of tariff lines and not chapters; "
                "the agreement's forecasts by sector come from the same house but use other sectors still."
            ),
            rows=sector_exports_usitc,
            columns=(
                year,
                PARTNER,
                Column("sector", "string", "sector as printed"),
                Column("value_usd_mn", "integer", "total exports", "USD million", minimum=0),
            ),
            key=("partner", "year", "sector"),
            sources=(
                Source(
                    "US International Trade Commission, Shifts in U.S. Merchandise Trade, 2017 (Publication 4829, "
                    "October 2018), table KR.1",
                    "https://www.usitc.gov/research_and_analysis/trade_shifts_2017/southkorea.htm",
                ),
            ),
            licence=PUBLIC_DOMAIN,
            vintage="2018",
            basis="Total exports, nominal; sectors of the US International Trade Commission",
            time=time,
            cautions=(
                "The sectors add up to the Census totals to 3 million in 2013-2015; to 47 million more in 2016 and "
                "79 million less in 2017, which were revised since.",
            ),
        ),
        Table(
            name="sector_exports_domestic",
            title="US domestic exports of machinery, electronic products and transport equipment, 2010-2017",
            description=(
                "Exports of domestic merchandise to Korea and to all countries (partner 0015) in three of the "
                "Commission's sectors, as printed in its yearly reviews. `edition` is the year reviewed; a year stands "
                "in more than one edition."
            ),
            rows=sector_exports_domestic,
            columns=(
                Column("edition", "integer", "year that the edition reviews", minimum=2014),
                Column("sector", "string", "sector as printed"),
                PARTNER,
                year,
                Column("value_usd_mn", "integer", "domestic exports", "USD million", minimum=0),
                Column("where", "string", "page and table"),
            ),
            key=("edition", "sector", "partner", "year"),
            sources=(
                Source(
                    "US International Trade Commission, Shifts in U.S. Merchandise Trade, editions 2014, 2015 and 2017 "
                    "(Publication 4536 of June 2015, edition of 2016, Publication 4829 of October 2018)",
                    "https://www.usitc.gov/research_and_analysis/trade_shifts_2017/index.htm",
                ),
            ),
            licence=PUBLIC_DOMAIN,
            vintage="2015 to 2018",
            basis="Domestic exports (without re-exports), nominal; sectors of the US International Trade Commission",
            time=time,
            gaps=(
                "Electronic products end in 2015, transport equipment in 2014 and without a total of all countries: "
                "later pages were not at hand.",
            ),
            cautions=(
                "Editions revise each other: where two hold a year of exports to Korea, they differ by 0.4 % at most.",
                "Domestic exports are not the total exports of the other tables by sector.",
            ),
        ),
        Table(
            name="wiod_sector_shares",
            title="Shares of sectors in the goods between the United States and Korea, 1995-2011",
            description=(
                "Share of each of 16 goods sectors (ISIC revision 3) in the goods that one party sells to the other, "
                "for use as inputs and for final use. Shares only: the levels of the database are not customs figures."
            ),
            rows=wiod_sector_shares,
            columns=(
                year,
                Column("exporter", "string", "economy that sells", pattern=party),
                Column("importer", "string", "economy that buys", pattern=party),
                Column("code", "string", "sector of the database, c1 to c16"),
                Column("share_pct", "number", "share in goods sectors", "percent", minimum=0),
            ),
            key=("year", "exporter", "importer", "code"),
            sources=(
                WIOD,
                Source(
                    "read from cran/wiod, national tables",
                    "https://github.com/cran/wiod/tree/1515fb55de5655aca08509b105837f6710260f0f",
                ),
            ),
            licence=WIOD_2013,
            vintage="2013 release",
            basis="Goods at basic prices, without re-exports; a balanced table of the world, not customs data",
            time=time,
            gaps=("Ends in 2011. Sectors without sales have no row.",),
        ),
    )
