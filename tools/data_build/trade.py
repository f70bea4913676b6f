"""Trade: Census goods by partner and month, partners' names, BEA goods and services by partner and quarter."""

from __future__ import annotations

import pandas as pd

from data_build.spec import PUBLIC_DOMAIN, Raw, Table, month, number
from data_build.vintages import GOODS, goods_pairs, known
from korus_research.data.schema import Column, Source
from korus_research.errors import DamagedData

WORLD, ALL_COUNTRIES, KOREA = "0015", "0000", "5800"
TOTALS = {"TOTAL": WORLD}  # the code in the tables by chapter and industry

PANEL = ("year", "month", "cty_code", "country", "is_aggregate", "flow", "value_usd_mn", "vintage")
KOREA_MONTHLY = ("year", "month", "exports_usd_mn", "imports_usd_mn", "vintage", "balance_usd_mn")
BOP = ("year", "quarter", "partner", "flow", "scope", "value_usd_mn")
BOP_TOTAL = ("year", "flow", "scope", "value_usd_mn", "partners_summed", "quarters_minus_annual")
GOODS_COLUMNS = ["month", "partner", "flow", "value_usd_mn", "vintage"]
CELL = ["partner", "flow", "month"]

# ISO codes of the partners that a table of the package names by ISO code, or that the BEA table holds.
ISO3 = {
    "1220": "CAN", "2010": "MEX", "3510": "BRA", "4120": "GBR", "4190": "IRL", "4210": "NLD", "4231": "BEL",
    "4279": "FRA", "4280": "DEU", "4419": "CHE", "4759": "ITA", "5081": "ISR", "5170": "SAU", "5330": "IND",
    "5520": "VNM", "5570": "MYS", "5590": "SGP", "5700": "CHN", "5800": "KOR", "5820": "HKG", "5830": "TWN",
    "5880": "JPN", "6021": "AUS",
}  # fmt: skip
# The areas overlap with their members, the remainder is no country: neither is a partner here.
BOP_AREAS = ("CAFTA-DR", "European Union", "South/ Central America")
BOP_REST = "All other countries"
FLOWS = ("exports", "imports")

CENSUS = Source(
    "U.S. Census Bureau, Foreign Trade: goods by country (country.xlsx and the international trade API)",
    "https://www.census.gov/foreign-trade/balance/country.xlsx",
)
CENSUS_COPIES = (
    Source(
        "read from JJamesRoy/ECN3950, country.xlsx of March 2023: 1985-2012",
        "https://github.com/JJamesRoy/ECN3950/blob/2e94778e58b34c7fd3102fb214d6dde2f3cd46e1/country.xlsx",
    ),
    Source(
        "read from Leakathr1n/US-Census-Trade-Analysis, Census API pulls of about March 2025: 2013-2024",
        "https://github.com/Leakathr1n/US-Census-Trade-Analysis/tree/44078db754f5c818ea42b8afb6cb12ab5afa9a8d",
    ),
)
LATEST_COPIES = (
    Source(
        "read from corbett-hobbs/congress-ideology, built from country.xlsx of October 2026: Korea of 2023 and 2024",
        "https://github.com/corbett-hobbs/congress-ideology/tree/31caa71f316e15a560aa25459ad00849328f1e02/"
        "pipeline/output/trade_by_country",
    ),
    Source(
        "read from corbett-hobbs/congress-ideology, built from country.xlsx with August 2026: 47 economies and the "
        "continents, 2025 and 2026",
        "https://github.com/corbett-hobbs/congress-ideology/tree/ada6e805d0e359db339b6203b01c051f646192d5/"
        "pipeline/output/trade_by_country",
    ),
)
PAIR_COPY = Source(
    "read from weiqi-kids/agent.cross-border-trade, the Census page of Korea of 13 February 2026",
    "https://github.com/weiqi-kids/agent.cross-border-trade",
)
BEA = Source(
    "U.S. Bureau of Economic Analysis and Census Bureau, U.S. international trade in goods and services "
    "(FT-900), selected "
    "countries and areas, balance-of-payments basis",
    "https://www.bea.gov/data/intl-trade-investment/international-trade-goods-and-services",
)
BEA_COPY = Source(
    "read from EIG-Research/trade-policy-targets-tracker, BEA workbook of 6 March 2025",
    "https://github.com/EIG-Research/trade-policy-targets-tracker/blob/28f385db5baad93659825037ea6ac6d85f0ab95e/"
    "data/BEA/"
    "trad-geo-time-series-0125.xlsx",
)

PARTNER = Column("partner", "string", "Census Schedule C code of the partner; see `partners`", pattern=r"[0-9]{4}")
FLOW = Column("flow", "string", "direction seen from the United States", enum=FLOWS)
MONTH = Column("month", "string", "month", pattern=r"[0-9]{4}-(0[1-9]|1[0-2])")
VALUE = Column("value_usd_mn", "number", "value, nominal, not seasonally adjusted", "USD million", minimum=0)
VINTAGE = Column(
    "vintage", "string", "month of the release the value was read from", pattern=r"[0-9]{4}-(0[1-9]|1[0-2])"
)
BASIS = "Census basis: exports f.a.s., general imports at customs value, nominal, not seasonally adjusted"


def goods_trade_monthly(raw: Raw) -> pd.DataFrame:
    """Return the newest vintage of every (month, partner, flow) cell."""
    cells = _cells(raw).sort_values(["partner", "flow", "month", "vintage"])
    newest = cells.groupby(CELL)["vintage"].transform("max")
    kept = cells[cells["vintage"] == newest].drop_duplicates()
    if kept.duplicated(CELL).any():
        twice = kept[kept.duplicated(CELL)].iloc[0]
        raise DamagedData(
            f"two files of vintage {twice['vintage']} differ for partner {twice['partner']}, {twice['month']}",
            expected="one value a vintage",
        )
    return kept


def goods_trade_replaced(raw: Raw) -> pd.DataFrame:
    """Return the collected values of months that a newer release replaced."""
    pairs = goods_pairs(raw).assign(partner=KOREA)
    cells = pd.concat([_cells(raw), pairs[GOODS_COLUMNS]], ignore_index=True).drop_duplicates()
    newest = cells.groupby(CELL)["vintage"].transform("max")
    return cells[cells["vintage"] < newest]


def _cells(raw: Raw) -> pd.DataFrame:
    return pd.concat([_panel(raw), _korea(raw), _latest(raw)], ignore_index=True)


def korea_revision(raw: Raw, year: int = 2024) -> dict[str, float]:
    """Return by how many percent the newest figures for Korea in `year` differ from the panel's, by flow."""
    panel, newest = _panel(raw), _korea(raw)
    panel = panel[panel["partner"] == KOREA]
    totals = [f[f["month"].str.startswith(str(year))].groupby("flow")["value_usd_mn"].sum() for f in (panel, newest)]
    return {flow: float(100 * (totals[1][flow] / totals[0][flow] - 1)) for flow in FLOWS}


def partners(raw: Raw) -> pd.DataFrame:
    """Return the name of every partner of the package's tables."""
    panel = _selected(raw)
    names = panel.sort_values("year").drop_duplicates("cty_code", keep="last")
    frame = pd.DataFrame({"partner": names["cty_code"], "name": names["country"], "aggregate": names["is_aggregate"]})
    both = pd.DataFrame({"partner": [ALL_COUNTRIES], "name": ["All countries (sum)"], "aggregate": [True]})
    frame = pd.concat([both, frame.replace({"World, Not Seasonally Adjusted": "World"})], ignore_index=True)
    frame["iso3"] = frame["partner"].map(ISO3).fillna("")
    return frame


def goods_services_bop(raw: Raw) -> pd.DataFrame:
    """Return BEA figures by country, and partner 0000 summed over all countries."""
    bop = _bop(raw)
    panel = _selected(raw)
    names = panel.loc[~panel["is_aggregate"], ["country", "cty_code"]].drop_duplicates()
    codes = dict(zip(names["country"], names["cty_code"], strict=True))
    countries = bop[~bop["partner"].isin((*BOP_AREAS, BOP_REST))].copy()
    # Superseded codes (Israel 5080) lost their all-zero rows in _selected, so each name has one code here.
    countries["partner"] = countries["partner"].map(codes)
    if countries["partner"].isna().any():
        raise DamagedData("a country of the BEA table has no Census code", expected="names as in the Census table")
    return pd.concat([_all_countries(raw, bop), countries], ignore_index=True)


def _all_countries(raw: Raw, bop: pd.DataFrame) -> pd.DataFrame:
    """Return the sums over countries and the remainder; the annual ones must be those of the collection's own table."""
    parts = bop[~bop["partner"].isin(BOP_AREAS) & (bop["scope"] != "goods_services")]
    totals = parts.groupby(["year", "quarter", "flow", "scope"], as_index=False)["value_usd_mn"].sum()
    published = raw.csv("bea_us_services_total", BOP_TOTAL).astype({"year": int}).assign(quarter=0)
    both = totals[totals["quarter"] == 0].merge(published, on=["year", "quarter", "flow", "scope"], how="outer")
    if not (both["value_usd_mn_x"] == number(both["value_usd_mn_y"].astype(str))).all():
        raise DamagedData(
            f"{raw.folder}: bea_us_services_total.csv is not the sum of us_trade_by_partner_bea_bop_quarterly.csv",
            expected="two files of one vintage",
        )
    combined = totals.groupby(["year", "quarter", "flow"], as_index=False)["value_usd_mn"].sum()
    both_scopes: pd.DataFrame = pd.concat([totals, combined.assign(scope="goods_services")], ignore_index=True)
    return both_scopes.assign(partner=ALL_COUNTRIES)


def _bop(raw: Raw) -> pd.DataFrame:
    bop = raw.csv("us_trade_by_partner_bea_bop_quarterly", BOP)
    return bop.assign(
        year=bop["year"].astype(int), quarter=bop["quarter"].astype(int), value_usd_mn=number(bop["value_usd_mn"])
    )


def _selected(raw: Raw) -> pd.DataFrame:
    """Return the panel without the aggregates other than World and without codes that hold nothing but zeros."""
    panel = raw.parquet("us_goods_trade_by_country_monthly", PANEL)
    totals = panel.groupby("cty_code")["value_usd_mn"].sum()
    used = panel["cty_code"].isin(totals[totals > 0].index)
    selected: pd.DataFrame = panel[used & (~panel["is_aggregate"] | (panel["cty_code"] == WORLD))]
    return selected


def _panel(raw: Raw) -> pd.DataFrame:
    panel = _selected(raw)
    return pd.DataFrame(
        {
            "month": month(panel["year"], panel["month"]),
            "partner": panel["cty_code"],
            "flow": panel["flow"],
            "value_usd_mn": panel["value_usd_mn"],
            "vintage": known(panel["vintage"], GOODS, "us_goods_trade_by_country_monthly.parquet"),
        }
    )


def _korea(raw: Raw) -> pd.DataFrame:
    wide = raw.csv("us_korea_goods_monthly", KOREA_MONTHLY)
    wide = wide.assign(vintage=known(wide["vintage"], GOODS, "us_korea_goods_monthly.csv"))
    # Up to 2022 this file repeats the panel, rounded to four decimals: only its newer vintage adds something.
    wide = wide[wide["vintage"] > "2025-03"]
    parts = [
        pd.DataFrame(
            {
                "month": month(wide["year"], wide["month"]),
                "partner": KOREA,
                "flow": flow,
                "value_usd_mn": number(wide[f"{flow}_usd_mn"]),
                "vintage": wide["vintage"],
            }
        )
        for flow in FLOWS
    ]
    return pd.concat(parts, ignore_index=True)


def _latest(raw: Raw) -> pd.DataFrame:
    frame = raw.csv("us_goods_trade_partners_2025_26_monthly", PANEL)
    frame = frame.assign(vintage=known(frame["vintage"], GOODS, "us_goods_trade_partners_2025_26_monthly.csv"))
    # World is the sum of the six continents; they, and the European Union, are no partners here.
    frame = frame[(frame["is_aggregate"] != "True") | (frame["cty_code"] == WORLD)]
    return pd.DataFrame(
        {
            "month": month(frame["year"], frame["month"]),
            "partner": frame["cty_code"],
            "flow": frame["flow"],
            "value_usd_mn": number(frame["value_usd_mn"]),
            "vintage": frame["vintage"],
        }
    )


def tables(raw: Raw) -> tuple[Table, ...]:
    """Return the trade tables; the size of Korea's revision is measured for the caution that names it."""
    revision = korea_revision(raw)
    return (
        Table(
            name="goods_trade_monthly",
            title="US goods trade by partner and month",
            description=(
                "Total exports f.a.s. (domestic exports and re-exports) and general imports at customs value by "
                "partner and "
                "month. One value a cell: the newest vintage collected, named in `vintage`. World is partner "
                "0015; other aggregates of the source are left out."
            ),
            rows=goods_trade_monthly,
            format="parquet",
            columns=(
                MONTH,
                PARTNER,
                FLOW,
                VALUE,
                VINTAGE,
            ),
            key=("partner", "flow", "month"),
            sources=(CENSUS, *CENSUS_COPIES, *LATEST_COPIES),
            licence=PUBLIC_DOMAIN,
            vintage=(
                "March 2023 (1985-2012), early 2025 (2013-2024), October 2026 (Korea from 2023, 47 economies and World "
                "from 2025)"
            ),
            basis=BASIS,
            time={"field": "month", "frequency": "month"},
            gaps=(
                "47 economies and World go on to August 2026; all other partners end in December 2024.",
                "1985-1991: only about 80 partners; World from 1987. Single countries then fall 1-3 % short of World.",
            ),
            cautions=(
                f"Korea from 2023 is of October 2026, World and the other partners of 2023-24 of early 2025: for "
                f"2024 the two differ for Korea by {abs(revision['exports']):.2f} % of exports and "
                f"{abs(revision['imports']):.2f} % of imports. A share of World takes Korea's values of early 2025 "
                "from goods_trade_replaced.",
                "World from 2025 is the sum of the six continents, which the stored copy holds instead: in 2025 within "
                "USD 2.2 million a month of the Census total of exports.",
                "Figures of October 2026 are rounded to USD 0.1 million by the stored copy. Months of 2026 are open to "
                "the revision of June 2027, those of 2018-2024 in the early-2025 vintage to those since.",
                "Zeros of early years are the source's own. Codes that hold nothing but zeros (5080, 5160) are "
                "left out.",
            ),
        ),
        Table(
            name="goods_trade_replaced",
            title="US goods trade: values that a newer release replaced",
            description=(
                "Cells of goods_trade_monthly as an earlier release had them: Korea in 2023 and 2024 as of early 2025, "
                "the vintage of World and of the other partners in these years, and in January to November 2025 as of "
                "February 2026."
            ),
            rows=goods_trade_replaced,
            columns=(MONTH, PARTNER, FLOW, VALUE, VINTAGE),
            replaces="goods_trade_monthly",
            key=("partner", "flow", "month", "vintage"),
            sources=(CENSUS, CENSUS_COPIES[1], PAIR_COPY),
            licence=PUBLIC_DOMAIN,
            vintage="early 2025 (2023-2024), February 2026 (2025)",
            basis=BASIS,
            time={"field": "month", "frequency": "month"},
            cautions=("Superseded: for a share of the same vintage, and for what a revision changed, nothing else.",),
        ),
        Table(
            name="partners",
            title="Names of partners",
            description=(
                "Census Schedule C codes with the names the source gives them, and the ISO 3166 code where a "
                "table of this "
                "package or an agreement uses one. A country whose borders changed has a code for each period."
            ),
            rows=partners,
            columns=(
                PARTNER,
                Column("name", "string", "name in the source (0000 and 0015 named here)"),
                Column("iso3", "string", "ISO 3166-1 alpha-3 code", required=False, pattern=r"[A-Z]{3}"),
                Column("aggregate", "boolean", "true for sums over countries"),
            ),
            key=("partner",),
            sources=(CENSUS, *CENSUS_COPIES),
            licence=PUBLIC_DOMAIN,
            vintage="early 2025",
            basis="Census Schedule C",
            cautions=(
                "0000 is not a Schedule C code: it is this package's sum over all countries in goods_services_bop.",
            ),
        ),
        Table(
            name="goods_services_bop",
            title="US trade in goods and services by partner, balance-of-payments basis",
            description=(
                "Goods, services and both by partner. Quarters are seasonally adjusted; quarter 0 is the annual "
                "figure. Partner "
                "0000 is the sum over all countries and the source's remainder, computed here; its "
                "goods_services is its goods "
                "plus its services. The source's areas (European Union, CAFTA-DR, South and Central America) "
                "overlap with "
                "countries and are left out, as is its remainder."
            ),
            rows=goods_services_bop,
            columns=(
                Column("year", "integer", "year", minimum=1999),
                Column("quarter", "integer", "quarter 1-4; 0 is the year", minimum=0),
                PARTNER,
                FLOW,
                Column("scope", "string", "what is traded", enum=("goods", "services", "goods_services")),
                Column("value_usd_mn", "number", "value, nominal", "USD million"),
            ),
            key=("partner", "scope", "flow", "year", "quarter"),
            sources=(BEA, BEA_COPY),
            licence=PUBLIC_DOMAIN,
            vintage="March 2025, before the annual revision of June 2025",
            basis="Balance-of-payments basis; quarters seasonally adjusted",
            time={"field": "year", "frequency": "quarter", "within": "quarter"},
            gaps=("Ireland and Vietnam have no services of their own to 2005; they are inside 0000.",),
            cautions=(
                "Not the Census basis: goods of 0000 are 1.003-1.018 times the Census World totals.",
                "The four quarters of 0000 differ from its annual figure by up to USD 7 million (rounding).",
                "A published table of the 0000 totals was not read; they are sums of published rows.",
            ),
        ),
    )
