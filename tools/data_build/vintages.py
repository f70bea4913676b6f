"""Vintages: what the collection calls its pulls, which releases it knows, and what a newer one replaced."""

from __future__ import annotations

import pandas as pd

from data_build.spec import CURATED, QUOTED, Raw, Table, month, number
from korus_research.data.package.releases import RELEASES
from korus_research.data.schema import Column, Source
from korus_research.errors import DamagedData

# The collection says "about early 2026"; its figures end in November 2025, so it was made before March 2026.
EARLY = "2026-02"
PAIRS = ("series", "measure", "year", "month", "vintage", "value")
# The collection names its pulls; the package names the month of the vintage.
GOODS = {
    "census_country.xlsx_2023-03": "2023-03",
    "census_api_2025-03": "2025-03",
    "census_country.xlsx_2026-10": "2026-10",
    "census_country.xlsx_2026-10-01": "2026-10",
    "census_country.xlsx_2026-10 (August release)": "2026-10",
}
# In the pairs of vintages: what the country page of the Census gave in February 2026, and what replaced it.
PAIRED = {
    "13 Feb 2026 (c5800 page)": "2026-02",
    "Oct 2026 (country.xlsx)": "2026-10",
    "early 2026 (tradewartracker NAICS total)": EARLY,
    "Oct 2026 (Census API)": "2026-10",
}
# How the stored copies got a month's duty.
DUTIES = {
    "USITC DataWeb": "dataweb",
    "tradewartracker NAICS total": "census-naics",
    "Census API": "census-api",
}


def known(labels: pd.Series[str], names: dict[str, str], of: str) -> pd.Series[str]:
    """Return the package's name of each label; a label that the build does not know is refused, never left out."""
    read = labels.map(names)
    if read.isna().any():
        raise DamagedData(
            f"{of}: {labels[read.isna()].iloc[0]!r} is not known",
            expected=", ".join(names),
            do="Say in tools/data_build/vintages.py what it is",
        )
    return read


def goods_pairs(raw: Raw) -> pd.DataFrame:
    """Return Korea's goods trade of 2025 as it stood in February 2026: month, flow, value_usd_mn, vintage."""
    pairs = raw.csv("vintage_pairs_korea_2025", PAIRS)
    pairs = pairs.assign(vintage=known(pairs["vintage"], PAIRED, "vintage_pairs_korea_2025.csv"))
    goods = pairs[(pairs["series"] == "goods_korea") & (pairs["vintage"] == "2026-02")]
    return pd.DataFrame(
        {
            "month": month(goods["year"], goods["month"]),
            "flow": goods["measure"].str.removesuffix("_usd_mn"),
            "value_usd_mn": number(goods["value"]),
            "vintage": goods["vintage"],
        }
    )


def duty_pairs(raw: Raw) -> pd.DataFrame:
    """Return the duty on Korea of 2025 as it stood in early 2026, with the columns of realised_duties_monthly."""
    pairs = raw.csv("vintage_pairs_korea_2025", PAIRS)
    of_early = known(pairs["vintage"], PAIRED, "vintage_pairs_korea_2025.csv") == EARLY
    duty = pairs[(pairs["series"] == "duty_on_korea") & of_early]
    duty = duty.assign(value=number(duty["value"]), month=month(duty["year"], duty["month"]))
    wide = duty.pivot(index="month", columns="measure", values="value").reset_index()
    return pd.DataFrame(
        {
            "month": wide["month"],
            "partner": "5800",
            "imports_usd": wide["imports_for_consumption_usd"].astype("int64"),
            "duty_usd": wide["calculated_duty_usd"].astype("int64"),
            "source": DUTIES["tradewartracker NAICS total"],
            "vintage": EARLY,
        }
    )


def releases(raw: Raw) -> pd.DataFrame:
    """Return which months of a table each release gave that the collection knows."""
    held = Raw(CURATED).csv("releases", ("table", "release", "only", "first", "last", "source"))
    return held.assign(complete=True)


def tables() -> tuple[Table, ...]:
    """Return the tables of this module."""
    month_pattern = r"[0-9]{4}-(0[1-9]|1[0-2])"
    return (
        Table(
            name=RELEASES,
            title="Releases of the tables whose older values are known",
            description="Which months of a table each release gave that the collection, or a refresh, has seen. A cell "
            "of the table is of the newest release that gave its month; what a release replaced is in the table that "
            "names the replaced one.",
            rows=releases,
            columns=(
                Column("table", "string", "table of this package"),
                Column("release", "string", "month in which the release was read or made", pattern=month_pattern),
                Column("only", "string", "the only partner it gave; empty for all of the table", required=False),
                Column("first", "string", "first month given; January of a year", pattern=month_pattern),
                Column("last", "string", "last month given; December of a year", pattern=month_pattern),
                Column("complete", "boolean", "whether all that it said can still be had from this package"),
                Column("source", "string", "what was read"),
            ),
            key=("table", "release", "only"),
            sources=(
                Source(
                    "U.S. Census Bureau, Foreign Trade, and the other sources of the tables named",
                    "https://www.census.gov/foreign-trade/",
                ),
            ),
            licence=QUOTED,
            vintage="as collected",
            basis="Vintages as the collected figures name them",
            cautions=("Where the collection knows the year's beginning only, the month is the last that it can be.",),
        ),
    )
