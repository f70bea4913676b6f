"""The baseline of the scenarios: flows of one year with domestic sales, goods shares, average duties."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from data_build.spec import PUBLIC_DOMAIN, QUOTED, Licence, Raw, Table, number
from korus_research.data.schema import Column, Source
from korus_research.errors import DamagedData

CURATED = Path(__file__).resolve().parent.parent / "curated"
YEAR = 2014
FLOWS = (
    "exporter", "importer", "expcode", "impcode", "year", "trade", "eu_enlargement", "other_fta", "FTA",
    "new_eu_pair", "eu_effect", "w_eu", "X_eu", "w_mult", "X_mult",
)  # fmt: skip
SECTORS = (
    "year", "exporter", "importer", "wiod_code", "sector", "intermediate_usd_mn", "final_usd_mn", "total_usd_mn",
)  # fmt: skip
PAIR = ("USA", "KOR")
LAST_GOODS_SECTOR = 16  # c1 to c16: agriculture, mining, manufacturing (ISIC revision 3, A to D)
AVERAGES = ("importer", "item", "measure", "year", "value", "source")
STAGES = {"average ad valorem equivalent, all goods": "before", "AVE remaining after immediate cuts": "first_day"}
ECONOMY = r"[A-Z]{3}"
RELEASE_2016 = "https://www.rug.nl/ggdc/valuechain/wiod/wiod-2016-release"
WIOD_2016 = Licence(
    "Creative Commons Attribution 4.0 International",
    "https://creativecommons.org/licenses/by/4.0/",
    "The 2016 release is licensed for use with attribution (Timmer, Dietzenbacher, Los, Stehrer and de Vries 2015); "
    "here one year, aggregated to pairs of economies.",
    "CC-BY-4.0",
)
WIOD_2013 = Licence(
    "WIOD terms of use",
    "https://www.rug.nl/ggdc/valuechain/wiod/",
    "A compact selection with attribution (Timmer, Dietzenbacher, Los, Stehrer and de Vries 2015); the licence of "
    "the 2013 release was not found: see its terms before redistributing more.",
)


def wiod_baseline_2014(raw: Raw) -> pd.DataFrame:
    """Return every pair's flow of the baseline year, domestic sales included."""
    flows = raw.parquet("gravity_wiod44_2000_2014", FLOWS)
    rows = flows[flows["year"] == YEAR]
    economies = rows["exporter"].nunique()
    if len(rows) != economies**2 or not (rows["trade"] > 0).all():
        raise DamagedData(f"{len(rows)} flows of {economies} economies", expected="a positive flow for every pair")
    return pd.DataFrame(
        {
            "year": rows["year"].astype(int),
            "exporter": rows["exporter"].astype(str),
            "importer": rows["importer"].astype(str),
            "value_usd_mn": rows["trade"].round(6),
        }
    )


def wiod_economies(raw: Raw) -> pd.DataFrame:
    """Return the economies of the baseline with their names and Census codes."""
    return Raw(CURATED).csv("wiod_economies", ("iso3", "name", "partner", "source"))


def wiod_goods_shares(raw: Raw) -> pd.DataFrame:
    """Return goods and all sectors in the flows between the parties, by year."""
    sectors = raw.csv("wiod_us_korea_bilateral_by_sector_1995_2011", SECTORS)
    pair = sectors[
        sectors["exporter"].isin(PAIR) & sectors["importer"].isin(PAIR) & (sectors["exporter"] != sectors["importer"])
    ]
    value = number(pair["total_usd_mn"])
    goods = pair["wiod_code"].str.removeprefix("c").astype(int) <= LAST_GOODS_SECTOR
    keys = [pair[name] for name in ("year", "exporter", "importer")]
    sums = pd.DataFrame({"goods_usd_mn": value.where(goods, 0.0), "total_usd_mn": value}).groupby(keys).sum()
    return sums.reset_index().astype({"year": int})


def average_tariffs(raw: Raw) -> pd.DataFrame:
    """Return the average duty on the other party's goods before the agreement and after its first cuts."""
    averages = raw.csv("korus_average_tariffs", AVERAGES)
    rows = averages[averages["measure"].isin(STAGES)]
    if sorted(rows["importer"]) != sorted(PAIR * len(STAGES)):
        raise DamagedData("The average duties lack a party or a stage", expected="two stages for both parties")
    return pd.DataFrame(
        {
            "year": rows["year"].astype(int) - 1,  # printed in September 2007 for a benchmark of 2008
            "importer": rows["importer"],
            "exporter": rows["importer"].map({"USA": "KOR", "KOR": "USA"}),
            "stage": rows["measure"].map(STAGES),
            "rate_pct": number(rows["value"]),
            "source": rows["source"],
        }
    )


def tables() -> tuple[Table, ...]:
    """Return the tables of this module."""
    exporter = Column("exporter", "string", "economy that sells", pattern=ECONOMY)
    importer = Column("importer", "string", "economy that buys", pattern=ECONOMY)
    year = Column("year", "integer", "year", minimum=1995)
    return (
        Table(
            name="wiod_baseline_2014",
            title="Trade of 44 economies in 2014 with domestic sales",
            description=(
                "What each economy sold to each, itself included: goods and services, for use as inputs and for final "
                "use. The baseline of the scenarios. ROW is the rest of the world."
            ),
            rows=wiod_baseline_2014,
            columns=(
                year,
                exporter,
                importer,
                Column("value_usd_mn", "number", "value before duty", "USD million", minimum=0),
            ),
            key=("year", "exporter", "importer"),
            sources=(
                Source("World Input-Output Database, 2016 release", RELEASE_2016),
                Source(
                    "read from VKudlay/GEGravity, data of Baier, Yotov and Zylkin (2019)",
                    "https://github.com/VKudlay/GEGravity/tree/a5c1db9ceeab57fdda00d79a6f3c484a8001ac1d",
                ),
            ),
            licence=WIOD_2016,
            vintage="2016 release",
            basis="Goods and services at basic prices, nominal; a balanced table of the world, not customs data",
            time={"field": "year", "frequency": "year"},
            format="parquet",
            cautions=(
                "Domestic sales and flows hold inputs as well as final goods, so that an economy's total is its gross "
                "output and not its GDP.",
            ),
        ),
        Table(
            name="wiod_economies",
            title="Economies of the scenarios' baseline",
            description="Names and Census codes of the economies of `wiod_baseline_2014`.",
            rows=wiod_economies,
            columns=(
                Column("iso3", "string", "code in the baseline; ROW is the rest of the world", pattern=ECONOMY),
                Column("name", "string", "short name"),
                Column("partner", "string", "Census Schedule C code, if it has one", required=False),
                Column("source", "string", "where code and name stand"),
            ),
            key=("iso3",),
            sources=(Source("World Input-Output Database, 2016 release", RELEASE_2016),),
            licence=QUOTED,
            vintage="static",
            basis="List of economies",
        ),
        Table(
            name="wiod_goods_shares",
            title="Goods in the flows between the United States and Korea",
            description=(
                "Sales of the goods sectors (agriculture, mining, manufacturing) and of all sectors, between the "
                "parties, by year. Their quotient is the goods share of a flow."
            ),
            rows=wiod_goods_shares,
            columns=(
                year,
                exporter,
                importer,
                Column("goods_usd_mn", "number", "goods sectors c1 to c16", "USD million", minimum=0),
                Column("total_usd_mn", "number", "all 35 sectors", "USD million", minimum=0),
            ),
            key=("year", "exporter", "importer"),
            sources=(
                Source("World Input-Output Database, 2013 release", "https://www.rug.nl/ggdc/valuechain/wiod/"),
                Source(
                    "read from cran/wiod, national tables",
                    "https://github.com/cran/wiod/tree/1515fb55de5655aca08509b105837f6710260f0f",
                ),
            ),
            licence=WIOD_2013,
            vintage="2013 release",
            basis="Goods and services at basic prices, nominal; a balanced table, for shares and not for levels",
            time={"field": "year", "frequency": "year"},
            gaps=("Ends in 2011: the sectors of the 2016 release are not among the figures collected.",),
        ),
        Table(
            name="average_tariffs",
            title="Average duties between the parties before the agreement",
            description=(
                "Average ad valorem equivalent on all goods from the other party, by the US International Trade "
                "Commission: before the agreement, and what its first day leaves. Dated by publication."
            ),
            rows=average_tariffs,
            columns=(
                Column("year", "integer", "year of publication", minimum=2007),
                importer,
                exporter,
                Column(
                    "stage", "string", "before the agreement, or after its immediate cuts", enum=tuple(STAGES.values())
                ),
                Column("rate_pct", "number", "average ad valorem equivalent", "percent", minimum=0),
                Column("source", "string", "where the rate was read"),
            ),
            key=("importer", "exporter", "stage"),
            sources=(
                Source(
                    "US International Trade Commission, Publication 3949 (September 2007, corrected 2010), chapter 2",
                    "https://www.usitc.gov/publications/pub3949.pdf",
                ),
            ),
            licence=PUBLIC_DOMAIN,
            vintage="September 2007",
            basis="Average ad valorem equivalents of the Commission's model for 2008, weighted by its trade flows",
            time={"field": "year", "frequency": "publication-year"},
        ),
    )
