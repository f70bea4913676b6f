"""Tables around the agreements: who has one with the United States since when, and exports of energy."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from data_build.spec import PUBLIC_DOMAIN, Raw, Table, month
from korus_research.data.schema import Column, Source

CURATED = Path(__file__).resolve().parent.parent / "curated"
ENERGY = "27"
PARTNER = Column("partner", "string", "Census Schedule C code", pattern=r"[0-9]{4}")


def us_agreements(raw: Raw) -> pd.DataFrame:
    """Return the partners with a free trade agreement with the United States and the day it took effect."""
    return Raw(CURATED).csv("us_agreements", ("partner", "agreement", "in_force", "source"))


def exports_energy_monthly(raw: Raw) -> pd.DataFrame:
    """Return exports of HS chapter 27 in USD million, single countries and the world, one row a month."""
    columns = ("year", "month", "partner_code", "partner", "hs2", "value_usd")
    exports = raw.parquet("us_exports_hs2_monthly", columns)
    rows = exports[(exports["hs2"] == ENERGY) & ~exports["partner_code"].isin(("0003", "USMCA"))]
    # Census publishes no row for a chapter without exports, so a partner's absent month is a zero it implies.
    months = exports.loc[exports["hs2"] == "00", ["year", "month", "partner_code"]].drop_duplicates()
    keys = ["year", "month", "partner_code"]
    full = months[months["partner_code"].isin(rows["partner_code"])].merge(
        rows[[*keys, "value_usd"]], how="left", on=keys
    )
    return pd.DataFrame(
        {
            "month": month(full["year"], full["month"]),
            "partner": full["partner_code"].replace("TOTAL", "0015"),
            "value_usd_mn": (full["value_usd"].fillna(0) / 1e6).round(6),
        }
    )


def tables() -> tuple[Table, ...]:
    """Return the tables of this module."""
    return (
        Table(
            name="us_agreements",
            title="Free trade agreements of the United States by partner",
            description="Every partner of a US free trade agreement and the day it entered into force.",
            rows=us_agreements,
            columns=(
                PARTNER,
                Column("agreement", "string", "name of the agreement"),
                Column("in_force", "string", "first day in force", pattern=r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
                Column("source", "string", "where the date stands"),
            ),
            key=("partner",),
            sources=(
                Source(
                    "Office of the United States Trade Representative, free trade agreements",
                    "https://ustr.gov/trade-agreements/free-trade-agreements",
                ),
            ),
            licence=PUBLIC_DOMAIN,
            vintage="static",
            basis="Dates of entry into force; the first agreement where one replaced another",
            cautions=(
                "Written down by hand from the pages named by row, and checked by year against the agreement flags of "
                "the gravity panel to 2016. The day of Israel was not read in a page; that of Panama rests on the "
                "announcement.",
                "Limited arrangements (Japan 2020) are not free trade agreements and are not listed.",
            ),
        ),
        Table(
            name="exports_energy_monthly",
            title="US exports of energy (HS 27) by partner and month",
            description="Total exports f.a.s. of HS chapter 27, mineral fuels, to 30 partners and the world (0015).",
            rows=exports_energy_monthly,
            columns=(
                Column("month", "string", "month", pattern=r"[0-9]{4}-(0[1-9]|1[0-2])"),
                PARTNER,
                Column("value_usd_mn", "number", "value, nominal, not seasonally adjusted", "USD million", minimum=0),
            ),
            key=("partner", "month"),
            sources=(
                Source(
                    "U.S. Census Bureau, international trade API, exports by Harmonized System",
                    "https://api.census.gov/data/timeseries/intltrade/exports/hs.html",
                ),
                Source(
                    "read from tradewartracker/us-exports-hs2, data/top30-HS2-exports.parquet (MIT licence)",
                    "https://github.com/tradewartracker/us-exports-hs2/tree/9d16b59ad527e6bf097aa5e7e65819cfb156c01f",
                ),
            ),
            licence=PUBLIC_DOMAIN,
            vintage="July 2026",
            basis="Census basis: total exports f.a.s., nominal, not seasonally adjusted",
            time={"field": "month", "frequency": "month"},
            gaps=("Begins in January 2013; ends in May 2026.", "30 countries and the world; no other partner."),
            cautions=("A month in which a partner bought none is a zero.",),
        ),
    )
