"""Single values of passenger cars and of beef in trade. Chapters of the tariff are sectors, vehicles are points."""

from __future__ import annotations

import pandas as pd

from data_build.spec import QUOTED, Raw, Table, number
from data_build.trade import FLOW, PARTNER
from korus_research.data.schema import Column, Source
from korus_research.errors import DamagedData

PRODUCTS = ("year", "series", "value", "unit", "source")
# The wording of the collection, read: flow, partner (0015 is all countries), and who counted.
CARS = {
    "US exports of passenger cars to Korea": ("exports", "5800", "US"),
    "value of US vehicles imported into Korea": ("exports", "5800", "Korea"),
    "Korean-reported car exports to US": ("imports", "5800", "Korea"),
    "US imports of HS 8703 from Korea": ("imports", "5800", "US"),
    "US imports of passenger cars from Korea": ("imports", "5800", "US"),
    "US imports of passenger cars from Germany": ("imports", "4280", "US"),
    "US imports of passenger cars from Japan": ("imports", "5880", "US"),
    "US imports of passenger cars from world": ("imports", "0015", "US"),
}
OWN_SUM = "us_imports_from_korea_hs10_2024.csv"  # a sum made when the figures were collected
# Other products, and deficits, which are differences of the rows above.
OTHERS = ("agricultural", "beef", "deficit")


def car_values(raw: Raw) -> pd.DataFrame:
    """Return the single values of cars in trade; a wording that nobody has read raises."""
    points = raw.csv("korus_product_points", PRODUCTS)
    points = points[~points["series"].str.contains("|".join(OTHERS))]
    read = points["series"].map(CARS)
    if read.isna().any():
        raise DamagedData(f"series {points['series'][read.isna()].iloc[0]!r} has no reading", expected="one in CARS")
    return pd.DataFrame(
        {
            "year": points["year"].astype(int),
            "flow": [flow for flow, _, _ in read],
            "partner": [partner for _, partner, _ in read],
            "counted_by": [who for _, _, who in read],
            "value_usd_mn": number(points["value"]),
            "wording": points["series"],
            "source": points["source"].replace(
                {OWN_SUM: "U.S. Census Bureau, sum of the tariff lines of heading 8703"}
            ),
        }
    )


# The spans of the values of beef, by what stands behind the comma of their wording: months from January on.
BEEF, BEEF_SPANS = "US beef exports to Korea", {"": 12, "Jan-Sep": 9, "Jan-Jun": 6}


def beef_values(raw: Raw) -> pd.DataFrame:
    """Return the single values of exports of beef in US dollars; a span that nobody has read raises."""
    points = raw.csv("korus_product_points", PRODUCTS)
    points = points[points["series"].str.startswith(BEEF) & (points["unit"] == "USD mn")]
    spans = points["series"].str.partition(", ")[2]
    if not spans.isin(list(BEEF_SPANS)).all():
        raise DamagedData(f"a span of {BEEF!r} has no reading", expected=f"one of {', '.join(BEEF_SPANS)}")
    return pd.DataFrame(
        {
            "year": points["year"].astype(int),
            "months": spans.map(BEEF_SPANS).astype(int),
            "partner": "5800",
            "value_usd_mn": number(points["value"]),
            "source": points["source"],
        }
    )


def tables() -> tuple[Table, ...]:
    """Return the tables of this module."""
    return (
        Table(
            name="car_values",
            title="Passenger cars in trade: single values",
            description="Values of passenger cars traded between the United States and some partners, as reported; "
            "each with who counted. Points, not a series.",
            rows=car_values,
            columns=(
                Column("year", "integer", "year", minimum=2011),
                FLOW,
                PARTNER,
                Column("counted_by", "string", "whose statistics", enum=("US", "Korea")),
                Column("value_usd_mn", "number", "value", "USD million", minimum=0),
                Column("wording", "string", "what is counted, as the collection words it"),
                Column("source", "string", "who published the figure"),
            ),
            key=("year", "flow", "partner", "counted_by"),
            sources=(
                Source("USITC, USTR and KAMA as reported by the press, named by row"),
                Source(
                    "read from the press reports named by row; 2024: sum of the Census tariff lines of heading 8703"
                ),
            ),
            licence=QUOTED,
            vintage="as printed at the time",
            basis="By row: US statistics (exports f.a.s., imports at customs value) or the partner's own",
            time={"field": "year", "frequency": "year"},
            cautions=("Passenger cars (heading 8703), not the chapter with its parts.",),
        ),
        Table(
            name="beef_values",
            title="Exports of beef: single values",
            description="Values of beef exported from the United States to some partners, by year or its first months, "
            "as reported. Points, not a series.",
            rows=beef_values,
            columns=(
                Column("year", "integer", "year", minimum=2000),
                Column("months", "integer", "months of the year, from January on", minimum=1),
                PARTNER,
                Column("value_usd_mn", "number", "value", "USD million", minimum=0),
                Column("source", "string", "who published the figure"),
            ),
            key=("year", "months", "partner"),
            sources=(Source("US Meat Export Federation as reported by the press, named by row"),),
            licence=QUOTED,
            vintage="as printed at the time",
            basis="As the US Meat Export Federation reports exports",
            time={"field": "year", "frequency": "year"},
            cautions=("Whether variety meat is included is not said.",),
        ),
    )
