"""Single figures of vehicles, each with its definition and what it bounds."""

from __future__ import annotations

import calendar
import re

import pandas as pd

from data_build.donors import CURATED
from data_build.spec import QUOTED, Raw, Table, number
from korus_research.data.schema import Column, Source
from korus_research.errors import DamagedData

MAKERS = ("year", "maker", "definition", "units", "source", "where", "note")
UNITS = ("year", "series", "units", "source")
MONTHS = {name: f"{i:02d}" for i, name in enumerate(calendar.month_abbr)}

# The collection's rows point at the row before; a row of the package stands alone.
DETROIT = "worded as sales of GM, Ford and Chrysler; almost surely US-built by any maker"
DETROIT_WHERE = "asiamattersforamerica.org/articles/detroits-big-three-enjoying-record-high-sales-in-korea-since-fta"
TESLA_PAGE = "Korean trade article on 2024 registrations"
BACK_REFERENCES = {
    "definition": {"as 2012": DETROIT, "as 2012, rounded": f"{DETROIT}, rounded"},
    "where": {
        "as 2012": DETROIT_WHERE,
        "same page": "xn--2q1bm7vs1dxvcf1hkxpmpar7b.xn--3e0b707e (Korean page of Dec 2024)",
    },
    "source": {"same page": TESLA_PAGE},
    "note": {
        "as 2012": "CONFLICT: continues the 13,669 series, which Korea Herald defines as vehicles imported from the US",
        "as 2012; source also says +20.6 percent a year over three years, which does not fit 13,669 to 40,000": (
            "source also says +20.6 percent a year over three years, which does not fit 13,669 to 40,000"
        ),
        "as 2015": "printed as original equipment manufacturers",
    },
}
# Printed for a year that another count corrects: Tesla's registrations were 29,750 in 2024 by its importers' count
# (korea_imported_car_registrations).
CORRECTED = {"2023 (as printed)": "2024"}
# The limits are commitments of the agreement, not observations.
LIMITS = "per-maker cap"
# Our reading of each point, in tools/curated/vehicle_points.csv: one row a point, found by what the source says.
POINT = ["period", "maker", "definition", "units"]
READINGS = (*POINT, "counts", "covers", "company", "bound", "worded", "repeats", "why")
COUNTS = ("us_built", "us_made", "brand", "brand_abroad", "exported", "allowance", "to_us", "other")
BOUNDS = ("exact", "upper", "other_scope")
COVERS = ("maker", "part", "together", "each", "any", "none")


def vehicle_points(raw: Raw) -> pd.DataFrame:
    """Return single figures of vehicles sold or shipped, each with its definition, from both collections."""
    makers = raw.csv("us_makers_vehicles_to_korea", MAKERS)
    makers = makers.assign(period=makers["year"].replace(CORRECTED), unit="vehicles")
    makers["unit"] = makers["unit"].mask(makers["note"] == "percent", "percent")
    units = raw.csv("korea_us_vehicle_units", UNITS)
    units = units[~units["series"].str.startswith(LIMITS)]
    split = [_series(text) for text in units["series"]]
    points = pd.DataFrame(
        {
            "period": [f"{year} {months}".strip() for year, (_, months) in zip(units["year"], split, strict=True)],
            "maker": ["in the definition" for _ in split],
            "definition": [definition for definition, _ in split],
            "units": units["units"].to_numpy(),
            "unit": "vehicles",
            "source": units["source"].to_numpy(),
            "where": "",
            "note": "",
        }
    )
    both = pd.concat([makers.replace(BACK_REFERENCES), points], ignore_index=True)
    both = _with_readings(both)
    ends = both["period"].map(_period_end)
    return both.assign(
        year=ends.str[:4].astype(int),
        period_end=ends,
        months=both["period"].map(_months),
        units=number(both["units"]),
        repeats=both["repeats"] == "true",
    )


def _with_readings(points: pd.DataFrame) -> pd.DataFrame:
    """Return the points with what each counts and whose cars it covers; every point has one reading, or it raises."""
    readings = Raw(CURATED).csv("vehicle_points", READINGS)
    read = points.merge(readings, on=POINT, how="left", validate="one_to_one", indicator=True)
    if len(readings) != len(points) or (read["_merge"] != "both").any():
        lacking = read.loc[read["_merge"] != "both", "definition"].tolist()
        raise DamagedData(
            f"{len(readings)} readings for {len(points)} vehicle points; without one: {lacking or 'none'}",
            expected="one row in tools/curated/vehicle_points.csv for each point",
        )
    return read


def _series(text: str) -> tuple[str, str]:
    """Return definition and months of "Ford sold in Korea, Jan-Aug"."""
    found = re.fullmatch(r"(.*), (Jan-[A-Z][a-z]{2})", text)
    return (found[1], found[2]) if found else (text, "")


def _period_end(period: str) -> str:
    """Return the last month of "2016", "2012 Q1", "2024 Jan-Nov", "2021 May" or "2011-2013 change"."""
    if found := re.fullmatch(r"(?:[0-9]{4}-)?([0-9]{4})(?: change)?", period):
        return f"{found[1]}-12"
    if found := re.fullmatch(r"([0-9]{4}) Q([1-4])", period):
        return f"{found[1]}-{3 * int(found[2]):02d}"
    if found := re.fullmatch(r"([0-9]{4}) (?:[A-Z][a-z]{2}-)?([A-Z][a-z]{2})", period):
        return f"{found[1]}-{MONTHS[found[2]]}"
    raise DamagedData(
        f"vehicle period {period!r} is not understood", expected='for example "2016", "2012 Q1", "2024 Jan-Nov"'
    )


def _months(period: str) -> int:
    """Return how many months "2016" (12), "2012 Q1" (3), "2024 Jan-Nov" (11) or "2021 May" (1) hold; 0 for a change."""
    if period.endswith("change"):
        return 0
    if found := re.fullmatch(r"[0-9]{4} (?:([A-Z][a-z]{2})-)?([A-Z][a-z]{2})", period):
        last = int(MONTHS[found[2]])
        return last - int(MONTHS[found[1]]) + 1 if found[1] else 1
    return 3 if re.fullmatch(r"[0-9]{4} Q[1-4]", period) else 12


def tables() -> tuple[Table, ...]:
    """Return the tables of this module."""
    note = Column("note", "string", "what a user must know", required=False)
    where = Column("where", "string", "page or address in the source", required=False)
    return (
        Table(
            name="vehicle_points",
            title="Vehicles between the United States and Korea: single figures",
            description=(
                "Single figures of vehicles built, shipped, registered or sold, each with its own definition. "
                "They are points, "
                "never a series: no two definitions may be chained or added. The limits of the agreement are "
                "commitments and "
                "stand in the agreement."
            ),
            rows=vehicle_points,
            columns=(
                Column("year", "integer", "year in which the period ends", minimum=2009),
                Column("period", "string", "period as the source words it"),
                Column("period_end", "string", "last month of the period", pattern=r"[0-9]{4}-(0[1-9]|1[0-2])"),
                Column("maker", "string", "maker as the source words it"),
                Column("definition", "string", "what is counted"),
                Column("units", "number", "count, or change in percent where `unit` says so", "see `unit`"),
                Column("unit", "string", "unit of `units`", enum=("vehicles", "percent")),
                Column("months", "integer", "months of the period; 0 for a change", "months", minimum=0),
                Column(
                    "counts",
                    "string",
                    "what is counted, as we read the definition: us_built (built in the US, imported into Korea), "
                    "us_made (made in the US, sold or newly registered in Korea), brand (sold under the brand, "
                    "wherever built), brand_abroad (the same, most built in neither country), exported (leaving "
                    "the US), allowance (under the safety-standard "
                    "allowance), to_us (shipped the other way, from Korea to the US), other",
                    enum=COUNTS,
                ),
                Column(
                    "covers",
                    "string",
                    "whose cars: all of one maker, part of one (some brands or models), several makers together, each "
                    "maker (a ceiling), any maker that builds in the country shipped from, none of these",
                    enum=COVERS,
                ),
                Column("company", "string", "maker or makers covered, by one name each", required=False),
                Column(
                    "bound",
                    "string",
                    "what the figure is of what it covers: exact (a count, rounded or not), upper (a ceiling that "
                    "somebody named), other_scope (a figure for more than the two countries)",
                    enum=BOUNDS,
                ),
                Column(
                    "worded",
                    "string",
                    "makers that the source's words credit with the figure, where it is read otherwise",
                    required=False,
                ),
                Column("repeats", "boolean", "whether another row holds the same figure in other words"),
                Column("why", "string", "why it is read so, where the words leave doubt", required=False),
                Column("source", "string", "who published the figure"),
                where,
                note,
            ),
            key=("period", "maker", "definition", "units"),
            sources=(
                Source(
                    "Korea Automobile Manufacturers Association (KAMA) and Korea Automobile Importers and Distributors "
                    "Association (KAIDA), as reported by the press",
                    "https://www.kama.or.kr/",
                ),
                Source("read from the press reports named by row"),
            ),
            licence=QUOTED,
            vintage="as printed at the time",
            basis="Five definitions: US-built imports by any maker; US-made new registrations; brand sales wherever "
            "built; exports counted in the US; vehicles under the safety-standard allowance",
            time={"field": "period_end", "frequency": "month"},
            gaps=(
                "No yearly table by maker, no count under the allowance by maker and year, no US-built total for "
                "2019 and "
                "2021-2024 was found.",
            ),
            cautions=(
                "Never chain or add points of different definitions.",
                "Two collections overlap: the same figure may stand twice with two wordings.",
                "The figures of 2012-2014 credited to three makers are almost surely US-built cars of any maker.",
                "A ceiling is no count: it can show that cars stayed below it, never that they reached it.",
                "counts, covers, company, bound, worded and repeats are our reading "
                "(tools/curated/vehicle_points.csv), not the source's.",
            ),
        ),
    )
