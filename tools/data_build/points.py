"""Single figures: vehicles with their definitions, forecasts, published estimates."""

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
STUDIES = ("study", "kind", "metric", "low", "high", "unit", "note", "where")
ESTIMATES = (
    "study", "year", "method", "outcome", "window", "estimate", "unit", "source_address", "note", "kind",
)  # fmt: skip
MONTHS = {name: f"{i:02d}" for i, name in enumerate(calendar.month_abbr)}

# When each study became known. Cato's bulletin is undated in the copy; it uses the trade of 2014.
STUDY_YEARS = {
    "USITC Pub. 3949 (Sept 2007)": 2007,
    "USITC (2001 study, Pub. 3452)": 2001,
    "Cato Free Trade Bulletin on USITC 3949": 2015,
    "White House fact sheet 2010-11 (quoted by EPI)": 2010,
    "EPI (Scott, 5 May 2016)": 2016,
    "USTR fact sheet 2018": 2018,
    "USTR (Mar 2016, quoted by Politico)": 2016,
    "PIIE/uskoreaconnect (Schott/Hufbauer)": 2017,
    "USITC Pub. 3949 (Sept 2007, corrected printing March 2010)": 2007,
    "CRS RL34330 (2008 edition) summarising USITC Pub. 3949": 2008,
    "USITC Pub. 4220 (March 2011, inv. 332-523)": 2011,
    "USITC Pub. 4791 (June 2018, inv. FTA 103-031)": 2018,
}
INFERRED = {
    "Cato Free Trade Bulletin on USITC 3949": "year inferred: the text uses the trade of 2014",
    "PIIE/uskoreaconnect (Schott/Hufbauer)": "year inferred: the page is undated, about 2017",
}
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
FORECAST_NOTES = {
    "as above": "tariff+TRQ removal, fully implemented, 2008 baseline",
    "as above; close to 13,669 for 2011 in Korean data": (
        "year given as last year in an April 2011 text; close to 13,669 for 2011 in Korean data"
    ),
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


def forecasts(raw: Raw) -> pd.DataFrame:
    """Return forecasts, benchmarks and official assessments from the three collections, each figure once."""
    studies = raw.csv("korus_projections_and_assessments", STUDIES).assign(sector="all", base="")
    sectors = raw.csv(
        "usitc3949_sector_projections",
        ("sector", "flow", "change_low", "change_high", "unit", "base", "source", "where", "note"),
    )
    # Its first rows repeat the totals of the first collection in USD million.
    sectors = sectors[~((sectors["sector"] == "All goods") & (sectors["unit"] == "USD mn"))]
    sectors = sectors.rename(columns={"flow": "metric", "change_low": "low", "change_high": "high", "source": "study"})
    vehicles = raw.csv(
        "usitc4220_vehicles",
        ("publication", "item", "scope", "value_low", "value_high", "unit", "year_or_base", "where", "note"),
    ).rename(
        columns={
            "publication": "study",
            "item": "metric",
            "scope": "sector",
            "value_low": "low",
            "value_high": "high",
            "year_or_base": "base",
        }
    )
    vehicles["sector"] = vehicles["sector"].replace({"as above": None}).ffill()
    vehicles["base"] = vehicles["base"].replace({"as above": None}).ffill()
    observed = vehicles["base"].isin(("2007", "2010"))
    vehicles["kind"] = observed.map({True: "benchmark", False: "ex_ante"})
    both = pd.concat([studies, sectors.assign(kind="ex_ante"), vehicles], ignore_index=True)
    years = both["study"].map(STUDY_YEARS)
    if years.isna().any():
        raise DamagedData(
            f"study {both['study'][years.isna()].iloc[0]!r} has no year", expected="a year in STUDY_YEARS"
        )
    inferred = both["study"].map(INFERRED).fillna("")
    note = both["note"].replace(FORECAST_NOTES).str.cat(inferred, sep="; ").str.strip("; ")
    return both.assign(year=years.astype(int), low=number(both["low"]), high=number(both["high"]), note=note)


def published_estimates(raw: Raw) -> pd.DataFrame:
    """Return the figures of published evaluations."""
    collected = raw.csv("korus_published_estimates", ESTIMATES)
    added = Raw(CURATED).csv("published_estimates", ESTIMATES)  # read later, each on the page that its row names
    estimates = pd.concat([collected, added], ignore_index=True)
    # The collection marks the ends of a range in the note: "low; of a total increase of 18.4 bn".
    marked = estimates["note"].str.extract(r"^(?:(low|high)(?:; |$))?(.*)$")
    return estimates.assign(
        year=estimates["year"].astype(int),
        estimate=number(estimates["estimate"]),
        bound=marked[0].fillna("point"),
        note=marked[1],
    )


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
        Table(
            name="forecasts",
            title="Forecasts of the agreement's effects, benchmarks and official assessments",
            description=(
                "What official studies expected before the agreement (ex_ante), the figures they started from "
                "(benchmark), and "
                "what officials and others said afterwards (ex_post, ex_post_claim, claim). low equals high for "
                "a single figure."
            ),
            rows=forecasts,
            columns=(
                Column("study", "string", "who said it"),
                Column("year", "integer", "year in which it became known", minimum=2001),
                Column(
                    "kind",
                    "string",
                    "what kind of figure",
                    enum=("benchmark", "claim", "ex_ante", "ex_post", "ex_post_claim"),
                ),
                Column("metric", "string", "what was measured or expected"),
                Column("sector", "string", "sector or product; `all` for all goods or the economy"),
                Column("low", "number", "lower end", "see `unit`", required=False),
                Column("high", "number", "upper end", "see `unit`"),
                Column("unit", "string", "unit of low and high"),
                Column("base", "string", "what the change is measured against", required=False),
                note,
                Column("where", "string", "page or address in the source"),
            ),
            key=("study", "metric", "sector", "unit"),
            sources=(
                Source(
                    "U.S. International Trade Commission, Publications 3949 (2007), 3452 (2001), 4220 (2011) and "
                    "4791 (2018)",
                    "https://www.usitc.gov/publications/332/pub3949.pdf",
                ),
                Source("read from page copies, news reports and releases, named by row"),
            ),
            licence=QUOTED,
            vintage="as printed at the time",
            basis="By study; USITC 3949: change against a 2008 baseline without the agreement, tariffs and quotas "
            "only, fully in force, text before the changes of 2010-11",
            time={"field": "year", "frequency": "publication-year"},
            gaps=(
                "USITC 3949: table 2.2 and the sectors motor vehicles, electronics, chemicals, meat and oilseeds "
                "were not "
                "found.",
                "USITC 4220: base year, base values and effects on output were not found; its figures are second hand.",
            ),
            cautions=(
                "Ex-ante figures are changes against a model's baseline, not against an earlier year.",
                "Percentages and dollars of USITC 4220 rest on different bases.",
            ),
        ),
        Table(
            name="published_estimates",
            title="Published evaluations of the agreement and of agreements like it",
            description=(
                "Figures of evaluations as read in abstracts and press reports: ex-post and ex-ante estimates, "
                "descriptive figures "
                "that make no causal claim, advocacy, and studies of other agreements. A range is two rows, "
                "named in `bound`."
            ),
            rows=published_estimates,
            columns=(
                Column("study", "string", "authors and publication"),
                Column("year", "integer", "year of publication", minimum=2001),
                Column(
                    "kind",
                    "string",
                    "what kind of figure",
                    enum=("advocacy", "comparator", "descriptive", "ex_ante", "ex_post", "ex_post_all_agreements"),
                ),
                Column("method", "string", "how it was estimated"),
                Column("outcome", "string", "of what"),
                Column("window", "string", "period or comparison"),
                Column(
                    "estimate",
                    "number",
                    "figure; empty where only its sign or significance was read",
                    "see `unit`",
                    required=False,
                ),
                Column("bound", "string", "end of a range, or a single figure", enum=("point", "low", "high")),
                Column("unit", "string", "unit of the estimate"),
                Column("source_address", "string", "page where it was read"),
                note,
            ),
            key=("study", "outcome", "window", "unit", "bound"),
            sources=(
                Source("The publications named by row"),
                Source("read from the abstracts and press reports at source_address"),
            ),
            licence=QUOTED,
            vintage="as printed at the time",
            basis="By study",
            time={"field": "year", "frequency": "publication-year"},
            gaps=(
                "Full texts of USITC 4614 and 5199, of the KIEP reports and the tables of Russ and Swenson were "
                "not read.",
            ),
            cautions=(
                "Press and abstract level. Rows of kind ex_post_all_agreements are not about KORUS alone.",
                "Some press reports present the forecast of 2007 as a finding: the note says where.",
            ),
        ),
    )
