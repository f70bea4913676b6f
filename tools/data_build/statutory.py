"""The agreement's texts: statutory rates of a few products, and what share of lines and of trade they freed."""

from __future__ import annotations

import pandas as pd

from data_build.spec import PUBLIC_DOMAIN, QUOTED, Raw, Table, number
from korus_research.data.schema import Column, Source

AVERAGES = ("importer", "item", "measure", "year", "value", "source")
# The collection ends this series in 2024; the agreement's special rate has stayed in the tariff beside added duties.
CARS_SINCE = [
    {
        "importer": "USA",
        "product": "passenger cars from Korea",
        "hs": "8703",
        "year": year,
        "rate_pct": "0.0",
        "source": "Harmonized Tariff Schedule of the United States, heading 8703, special rate (KR): free",
        "note": "duties added since 2025 are not part of it",
    }
    for year in ("2025", "2026")
]
SHARES = {
    "MFN lines free before FTA": ("before", "lines"),
    "lines free on implementation": ("first_day", "lines"),
    "lines free by year 10": ("year_10", "lines"),
    "US exports by value duty-free at once": ("first_day", "value"),
    "imports from Korea by value duty-free at once": ("first_day", "value"),
}


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
    rates = pd.concat([rates, pd.DataFrame(CARS_SINCE)], ignore_index=True)
    return rates.assign(year=rates["year"].astype(int), rate_pct=number(rates["rate_pct"]))


def tables() -> tuple[Table, ...]:
    """Return the tables of this module."""
    return (
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
