"""What studies expected of the agreement, and what they found afterwards: figures as printed."""

from __future__ import annotations

import pandas as pd

from data_build.donors import CURATED
from data_build.spec import QUOTED, Raw, Table, number
from korus_research.data.schema import Column, Source
from korus_research.errors import DamagedData

STUDIES = ("study", "kind", "metric", "low", "high", "unit", "note", "where")
ESTIMATES = (
    "study", "year", "method", "outcome", "window", "estimate", "unit", "source_address", "note", "kind",
)  # fmt: skip

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
FORECAST_NOTES = {
    "as above": "tariff+TRQ removal, fully implemented, 2008 baseline",
    "as above; close to 13,669 for 2011 in Korean data": (
        "year given as last year in an April 2011 text; close to 13,669 for 2011 in Korean data"
    ),
}


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


def tables() -> tuple[Table, ...]:
    """Return the tables of this module."""
    note = Column("note", "string", "what a user must know", required=False)
    return (
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
