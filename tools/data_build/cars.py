"""Single values of passenger cars in trade. Chapter 87 and NAICS 336 are sectors, vehicles are points."""

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
    )
