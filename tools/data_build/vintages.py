"""Vintages: what the collection calls its pulls, and the values that a newer release replaced."""

from __future__ import annotations

import pandas as pd

from data_build.spec import Raw, month, number
from korus_research.errors import DamagedData

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
    "early 2026 (tradewartracker NAICS total)": "early 2026",
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
