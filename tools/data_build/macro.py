"""Exchange rates, a partner's world trade, output and prices."""

from __future__ import annotations

import pandas as pd

from data_build.spec import IMF, PDDL, PUBLIC_DOMAIN, QUOTED, Raw, Table, month, number
from korus_research.data.schema import Column, Source

# The euro area is no country: it goes by the code of its currency.
CURRENCY_AREAS = {
    "South Korea": "KOR",
    "Japan": "JPN",
    "Taiwan": "TWN",
    "China": "CHN",
    "Mexico": "MEX",
    "Canada": "CAN",
    "Euro": "EUR",
    "United Kingdom": "GBR",
}
FIRST_RATE = 1981
WEO = ("iso3", "country", "code", "year", "value", "is_after_weo_cutoff")
ECONOMIES = ("CAN", "CHN", "DEU", "JPN", "KOR", "MEX", "TWN", "USA")
CODES = {
    "NGDPD": "gross domestic product, billion USD at current prices",
    "NGDP_R": "gross domestic product, billion units of national currency at constant prices",
    "NGDP_RPCH": "growth of real gross domestic product, percent",
    "PCPI": "consumer prices, index (base by economy)",
    "TMG_RPCH": "growth of the volume of goods imports, percent",
    "TM_RPCH": "growth of the volume of imports of goods and services, percent",
}
# Every currency of the collection that is quoted to the end, by economy; the euro's countries have prices of their own.
COMPARED = CURRENCY_AREAS | {
    "Australia": "AUS",
    "Brazil": "BRA",
    "Denmark": "DNK",
    "Hong Kong": "HKG",
    "India": "IND",
    "Malaysia": "MYS",
    "New Zealand": "NZL",
    "Norway": "NOR",
    "Singapore": "SGP",
    "South Africa": "ZAF",
    "Sri Lanka": "LKA",
    "Sweden": "SWE",
    "Switzerland": "CHE",
    "Thailand": "THA",
    "Venezuela": "VEN",
}
COMPARED_FROM = 2005
STATUSES = ("final", "preliminary", "rounded_0.1bn", "derived")
# The collection's labels, in words a reader of the package understands.
DEMAND_SOURCES = {"COW_trade_4.0 (IMF DOTS)": "IMF Direction of Trade via Correlates of War trade 4.0"}


RATES = Source(
    "Board of Governors of the Federal Reserve System, H.10/G.5 foreign exchange rates, monthly averages",
    "https://www.federalreserve.gov/releases/g5/",
)
RATES_COPY = Source(
    "read from datasets/exchange-rates, data/monthly.csv",
    "https://github.com/datasets/exchange-rates/blob/fa7d949956d1db1d21102654b1f40d64d2568677/data/monthly.csv",
)
WEO_SOURCE = Source(
    "International Monetary Fund, World Economic Outlook database, April 2024",
    "https://www.imf.org/en/Publications/WEO/weo-database/2024/April",
)
WEO_COPY = Source(
    "read from relatoscondatos/data_global, WEOApr2024all.parquet",
    "https://github.com/relatoscondatos/data_global/blob/"
    "1473f4e537c117922502981b703d3346d4f00a20/data/processed/imf/WEOApr2024all.parquet",
)


def exchange_rates_monthly(raw: Raw) -> pd.DataFrame:
    """Return monthly averages of the selected currency areas from 1981."""
    rates = raw.csv("fx_monthly", ("year", "month", "country", "lcu_per_usd"))
    rates = rates[rates["country"].isin(CURRENCY_AREAS) & (rates["year"].astype(int) >= FIRST_RATE)]
    return pd.DataFrame(
        {
            "month": month(rates["year"], rates["month"]),
            "iso3": rates["country"].map(CURRENCY_AREAS),
            "lcu_per_usd": number(rates["lcu_per_usd"]),
        }
    )


def currencies_annual(raw: Raw) -> pd.DataFrame:
    """Return yearly averages of the currencies with twelve months, and consumer prices that are no forecast."""
    rates = raw.csv("fx_monthly", ("year", "month", "country", "lcu_per_usd"))
    rates = rates[rates["country"].isin(COMPARED)]
    rates = rates.assign(
        iso3=rates["country"].map(COMPARED), year=rates["year"].astype(int), rate=number(rates["lcu_per_usd"])
    )
    yearly = rates.groupby(["iso3", "year"])["rate"].agg(["mean", "size"]).reset_index()
    yearly = yearly[(yearly["size"] == 12) & (yearly["year"] >= COMPARED_FROM)].rename(columns={"mean": "lcu_per_usd"})
    weo = raw.parquet("macro_weo_apr2024", WEO)
    prices = weo[(weo["code"] == "PCPI") & ~weo["is_after_weo_cutoff"]].rename(columns={"value": "prices"})
    both = yearly.merge(prices[["iso3", "year", "prices"]], on=["iso3", "year"], how="outer")
    return both[both["iso3"].isin({*COMPARED.values(), "USA"}) & (both["year"] >= COMPARED_FROM)]


def import_demand_annual(raw: Raw) -> pd.DataFrame:
    """Return Korea's trade with the world by year."""
    names = ("year", "imports_usd_mn", "exports_usd_mn", "source", "status", "note")
    demand = raw.csv("korea_world_goods_trade_annual", names)
    return demand.assign(
        year=demand["year"].astype(int),
        iso3="KOR",
        imports_usd_mn=number(demand["imports_usd_mn"]),
        exports_usd_mn=number(demand["exports_usd_mn"]),
        source=demand["source"].replace(DEMAND_SOURCES),
    )


def macro_annual(raw: Raw) -> pd.DataFrame:
    """Return the selected World Economic Outlook series."""
    weo = raw.parquet("macro_weo_apr2024", WEO)
    weo = weo[weo["iso3"].isin(ECONOMIES) & weo["code"].isin(CODES) & weo["value"].notna()]
    return weo.rename(columns={"is_after_weo_cutoff": "projection"})


def consumer_prices(raw: Raw) -> pd.DataFrame:
    """Return consumer price indices of the United States and Korea."""
    prices = raw.csv("cpi_usa_kor", ("iso3", "year", "month", "index", "base", "source", "note"))
    return prices.assign(
        year=prices["year"].astype(int), month=prices["month"].astype(int), index=number(prices["index"])
    )


def tables() -> tuple[Table, ...]:
    """Return the tables of this module."""
    return (
        Table(
            name="exchange_rates_monthly",
            title="Exchange rates against the US dollar",
            description=(
                "Monthly averages in units of local currency per US dollar from 1981, for Korea and the "
                "economies the report "
                "compares it with. Codes are ISO 3166, and EUR for the euro area (from 1999)."
            ),
            rows=exchange_rates_monthly,
            columns=(
                Column("month", "string", "month", pattern=r"[0-9]{4}-(0[1-9]|1[0-2])"),
                Column("iso3", "string", "currency area", enum=tuple(sorted(CURRENCY_AREAS.values()))),
                Column("lcu_per_usd", "number", "monthly average", "local currency units per USD", minimum=0),
            ),
            key=("iso3", "month"),
            sources=(
                RATES,
                RATES_COPY,
            ),
            licence=PDDL,
            vintage="June 2026; rates are not revised",
            basis="Nominal, average of the month's days",
            time={"field": "month", "frequency": "month"},
            gaps=(
                "Korea starts in April 1981, Taiwan in October 1983, Mexico in November 1993, the euro in "
                "January 1999.",
            ),
            cautions=("Every rate is local currency per dollar, also where the market quotes the other way round.",),
        ),
        Table(
            name="currencies_annual",
            title="Currencies against the US dollar and consumer prices, by year",
            description=(
                "Yearly averages of monthly averages, and consumer prices, for every currency of the collection and "
                "the United States (prices only). For how far a currency fell beside others."
            ),
            rows=currencies_annual,
            columns=(
                Column("year", "integer", "year", minimum=COMPARED_FROM),
                Column("iso3", "string", "economy, or EUR for the euro area", pattern=r"[A-Z]{3}"),
                Column(
                    "lcu_per_usd", "number", "yearly average", "local currency units per USD", required=False, minimum=0
                ),
                Column("prices", "number", "consumer prices", "index (base by economy)", required=False, minimum=0),
            ),
            key=("iso3", "year"),
            sources=(RATES, RATES_COPY, WEO_SOURCE, WEO_COPY),
            licence=IMF,
            vintage="rates June 2026, prices April 2024",
            basis="Nominal rates; price statistics as compiled by the IMF, no projections",
            time={"field": "year", "frequency": "year"},
            gaps=("No consumer prices of the euro area; prices end in 2023 (2022 or earlier where the outlook does).",),
            cautions=(
                "Hong Kong's currency is tied to the dollar, Denmark's to the euro, China's is managed.",
                "The 22 other currencies are those that the Federal Reserve publishes, not all of the world.",
            ),
        ),
        Table(
            name="import_demand_annual",
            title="Korea's goods trade with the world",
            description=(
                "Imports c.i.f. and exports f.o.b. of goods by year in the partner's own statistics. `status` "
                "says how far a "
                "figure can be trusted: final, first release, rounded to USD 0.1 billion, or derived from "
                "another figure."
            ),
            rows=import_demand_annual,
            columns=(
                Column("year", "integer", "year", minimum=1980),
                Column("iso3", "string", "economy", pattern=r"[A-Z]{3}"),
                Column("imports_usd_mn", "number", "imports c.i.f.", "USD million", required=False, minimum=0),
                Column("exports_usd_mn", "number", "exports f.o.b.", "USD million", required=False, minimum=0),
                Column("source", "string", "where the year's figures come from"),
                Column("status", "string", "how final they are", enum=STATUSES),
                Column("note", "string", "what a user must know", required=False),
            ),
            key=("iso3", "year"),
            sources=(
                Source(
                    "IMF Direction of Trade Statistics via Correlates of War trade 4.0 (to 2014)",
                    "https://correlatesofwar.org/data-sets/bilateral-trade/",
                ),
                Source(
                    "Korea Customs Service and Ministry of Trade, Industry and Energy (from 2015)",
                    "https://english.motie.go.kr/",
                ),
                Source(
                    "read from will-cotton4/COW-DataScience, National_COW_4.0.csv",
                    "https://github.com/will-cotton4/COW-DataScience/blob/"
                    "91deddf7e65ea9c07360de737e3cf94adbcce43e/National_COW_4.0.csv",
                ),
                Source(
                    "read from pilsunchoi/KCSDB2, chapter 1, and from press releases of the ministry as reported",
                    "https://github.com/pilsunchoi/KCSDB2/blob/0e4ee3760865be721968f15c3ee111aa26931267/chapters/"
                    "chapter01/chapter01.md",
                ),
            ),
            licence=QUOTED,
            vintage="mixed: final to 2014, first releases and rounded figures from 2015",
            basis="Korean customs basis: imports c.i.f., exports f.o.b., nominal USD",
            time={"field": "year", "frequency": "year"},
            gaps=("Imports of 2021 were not found (about USD 615 billion is implied by a growth rate) and are empty.",),
            cautions=(
                "2016-2020, 2022 and 2023 are first releases or derived from them.",
                "2015, 2024 and 2025 are sums of customs records and run slightly below the headline figure.",
                "Imports are c.i.f.: a share of US exports (f.a.s.) in them is a pseudo-share.",
            ),
        ),
        Table(
            name="macro_annual",
            title="Output, prices and import volume",
            description=(
                "Selected series of the IMF World Economic Outlook of April 2024 for eight economies: "
                + "; ".join(f"{code} {what}" for code, what in CODES.items())
                + ". `projection` is true for years after the outlook's cut-off (2024 on)."
            ),
            rows=macro_annual,
            columns=(
                Column("year", "integer", "year", minimum=1980),
                Column("iso3", "string", "economy", enum=ECONOMIES),
                Column("code", "string", "series", enum=tuple(CODES)),
                Column("value", "number", "value", "by code, see the description"),
                Column("projection", "boolean", "true for a projection of April 2024"),
            ),
            key=("iso3", "code", "year"),
            sources=(
                WEO_SOURCE,
                WEO_COPY,
            ),
            licence=IMF,
            vintage="April 2024",
            basis="National accounts and price statistics as compiled by the IMF",
            time={"field": "year", "frequency": "year"},
            cautions=(
                "Years from 2024 on are projections of April 2024; some figures of 2022 and 2023 are IMF "
                "estimates too.",
            ),
        ),
        Table(
            name="consumer_prices",
            title="Consumer prices of the United States and Korea",
            description=(
                "Consumer price indices, all items, not seasonally adjusted. Month 0 is the average of the year. "
                "The base "
                "differs from row to row and is named in `base`: rebase before use."
            ),
            rows=consumer_prices,
            columns=(
                Column("iso3", "string", "economy", enum=("KOR", "USA")),
                Column("year", "integer", "year", minimum=1990),
                Column("month", "integer", "month 1-12; 0 is the average of the year", minimum=0),
                Column("index", "number", "consumer price index", "index, base in `base`", minimum=0),
                Column("base", "string", "period set to 100", enum=("1982-84=100", "2015=100", "2020=100")),
                Column("source", "string", "where the row comes from"),
                Column("note", "string", "what a user must know", required=False),
            ),
            key=("iso3", "year", "month"),
            sources=(
                Source(
                    "U.S. Bureau of Labor Statistics, CPI-U, all items, not seasonally adjusted",
                    "https://www.bls.gov/cpi/",
                ),
                Source(
                    "OECD Main Economic Indicators, consumer prices of Korea (FRED KORCPIALLMINMEI), to November 2021",
                    "https://fred.stlouisfed.org/series/KORCPIALLMINMEI",
                ),
                Source(
                    "IMF World Economic Outlook, April 2024 (annual averages); Statistics Korea as reported for "
                    "2024 and 2025"
                ),
                Source(
                    "read from HoaVLy04/"
                    "Inflation-and-Interest-Rates-A-Time-Series-Exploration-of-U.S.-Monetary-Policy, CPIAUCNS.csv",
                    "https://github.com/HoaVLy04/"
                    "Inflation-and-Interest-Rates-A-Time-Series-Exploration-of-U.S.-Monetary-Policy/"
                    "blob/386d0208e55f8e679f2916de82074968e0a08a93/CPIAUCNS.csv",
                ),
                Source(
                    "read from Haydenlee2024/altdata, KORCPIALLMINMEI.csv",
                    "https://github.com/Haydenlee2024/altdata/blob/c827f95b6f41df24596e1c19a9e15caa23a48465/"
                    "KORCPIALLMINMEI.csv",
                ),
            ),
            licence=PUBLIC_DOMAIN,
            vintage="US January 2025; Korean months early 2022, years December 2025",
            basis="National consumer price indices, not seasonally adjusted",
            time={"field": "year", "frequency": "month", "within": "month"},
            gaps=(
                "Korean months end in November 2021, US months in January 2025; US years end in 2024, Korean "
                "ones in 2025.",
            ),
            cautions=(
                "Bases differ by row. Korea 2025 is derived from the 2024 index and a growth rate, good to about 0.06.",
                "Only the US series is in the public domain: for the Korean rows the terms of the OECD and the "
                "IMF apply.",
            ),
        ),
    )
