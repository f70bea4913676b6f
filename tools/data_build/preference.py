"""Duties of 2025 and 2026 by law, imports by industry before them, and the lines of 2024 under each agreement."""

from __future__ import annotations

import pandas as pd

from data_build.spec import PUBLIC_DOMAIN, Licence, Raw, Table, month, number
from data_build.tariffs import ALL_GOODS, BY_INDUSTRY, CENSUS_DUTIES, CONSUMPTION, GROUPS, MONTHLY_FROM, NAICS_COPY
from data_build.trade import MONTH, PARTNER
from korus_research.data.schema import Column, Source
from korus_research.errors import DamagedData

EUROPEAN_UNION = "European Union"
# Its members among the partners of the tables by industry: the model has one rate for all of them.
MEMBERS = ("4010", "4190", "4210", "4231", "4279", "4280", "4330", "4700", "4759")
STATUTORY = ("date", "country", "added_tariff_pct", "imports_2024_usd", "base_tariff_2024_pct")
LINES = ("cty_code", "hs8", "imports_usd", "duty_usd", "hs10_lines")
LINES_YEAR = 2024
# Partners with a US agreement that are held line by line, and rich suppliers without one, whose duty on a line is what
# the partner would have paid: the European Union, Japan, the United Kingdom, Switzerland.
PREFERRED = ("3010", "3330", "3370", "5590", "5800", "6021")
USUAL = ("0003", "5880", "4120", "4419")
LEAST = 100_000  # US dollars of their imports on a line, below which it has no usual rate
MIT = Licence(
    "MIT License",
    "https://opensource.org/license/mit",
    "Free to use, change and pass on with the notice of copyright: Trade War Tracker.",
    "MIT",
)
MODEL_COPY = Source(
    "read from tradewartracker/trade-war-redux-2025, country-by-time.csv, of July 23, 2026",
    "https://github.com/tradewartracker/trade-war-redux-2025/blob/726c5958e1e43eb08ac076a1e602ae3149164b03/"
    "country-by-time.csv",
)
LINES_COPY = Source(
    "read from tradewartracker/trade-war-redux-2025, data/2024-hs10-imports<code>.parquet, summed to eight digits",
    "https://github.com/tradewartracker/trade-war-redux-2025/tree/726c5958e1e43eb08ac076a1e602ae3149164b03/data",
)


def added_duties_statutory(raw: Raw) -> pd.DataFrame:
    """Return the duty that orders of 2025 and 2026 added by partner and day of change, as a model derives it."""
    rows = raw.csv("us_statutory_added_tariff_by_country_2025_26", STATUTORY)
    named = _by_industry(raw)[["partner_code", "partner"]].drop_duplicates()
    code = dict(zip(named["partner"], named["partner_code"], strict=True))
    single = rows[rows["country"] != EUROPEAN_UNION].assign(partner=lambda frame: frame["country"].map(code))
    union = rows[rows["country"] == EUROPEAN_UNION]
    if union.empty or single["partner"].nunique() < len(code) - len(MEMBERS):
        missing = sorted(set(code.values()) - set(MEMBERS) - set(single["partner"].dropna()))
        raise DamagedData(f"the model has no duty for the partners {', '.join(missing)}", expected="all of the tables")
    members = pd.concat([union.assign(partner=member) for member in MEMBERS])
    kept = pd.concat([single.dropna(subset=["partner"]), members])
    return pd.DataFrame(
        {
            "date": kept["date"],
            "month": kept["date"].str[:7],
            "partner": kept["partner"],
            "added_pct": number(kept["added_tariff_pct"]),
        }
    )


def _by_industry(raw: Raw) -> pd.DataFrame:
    """Return the rows of single partners and industries."""
    rows = raw.parquet("us_imports_naics3_monthly", BY_INDUSTRY)
    single = ~rows["partner_code"].isin([*GROUPS, "TOTAL"])
    return rows[single & (rows["naics3"] != ALL_GOODS)]


def sector_imports_earlier(raw: Raw) -> pd.DataFrame:
    """Return imports by partner, industry and month before `sector_duties_monthly` begins."""
    rows = _by_industry(raw)
    rows = rows[rows["year"] < MONTHLY_FROM]
    return pd.DataFrame(
        {
            "month": month(rows["year"], rows["month"]),
            "partner": rows["partner_code"],
            "code": rows["naics3"],
            "imports_usd_th": (rows["imports_usd"] / 1000).round().astype("int64"),
        }
    )


def preference_lines(raw: Raw) -> pd.DataFrame:
    """Return imports and duty of each line by partner under an agreement, and the duty of others on the same line."""
    rows = raw.parquet("us_imports_hs8_partners_2024", LINES)
    others = rows[rows["cty_code"].isin(USUAL)].groupby("hs8")[["imports_usd", "duty_usd"]].sum()
    others = others[others["imports_usd"] >= LEAST]
    own = rows[rows["cty_code"].isin(PREFERRED) & (rows["imports_usd"] > 0)]
    joined = own.join(others, on="hs8", rsuffix="_usual")
    return pd.DataFrame(
        {
            "year": LINES_YEAR,
            "partner": joined["cty_code"],
            "hs8": joined["hs8"],
            "imports_usd": joined["imports_usd"],
            "duty_usd": joined["duty_usd"],
            "usual_pct": (100 * joined["duty_usd_usual"] / joined["imports_usd_usual"]).round(6),
        }
    )


def tables() -> tuple[Table, ...]:
    """Return the tables of this module."""
    code = Column("code", "string", "NAICS industry, three digits", pattern=r"[0-9]{3}")
    imports = Column("imports_usd", "integer", "imports for consumption, customs value", "USD", minimum=0)
    return (
        Table(
            name="added_duties_statutory",
            title="Duty added by orders of 2025 and 2026, by partner and day of change (a model)",
            description="Percentage points that orders of 2025 and 2026 add to the duty of 2024, on the imports of "
            "2024, by partner and day from which they hold. Members of the European Union have its rate.",
            rows=added_duties_statutory,
            columns=(
                Column("date", "string", "day from which it holds", pattern=r"\d{4}-\d{2}-\d{2}"),
                MONTH,
                PARTNER,
                Column("added_pct", "number", "duty added to that of 2024", "percentage points"),
            ),
            key=("partner", "date"),
            sources=(
                Source(
                    "Trade War Tracker, a model of the orders",
                    "https://github.com/tradewartracker/trade-war-redux-2025",
                ),
                MODEL_COPY,
            ),
            licence=MIT,
            vintage="July 23, 2026",
            basis="A model of orders, weighted by imports of 2024: no observation",
            time={"field": "month", "frequency": "month"},
            cautions=(
                "An estimate from the text of the orders. From April to November 2025 it is well above what was "
                "calculated at entry.",
            ),
        ),
        Table(
            name="sector_imports_earlier",
            title="US imports by partner, industry and month, 2013 to 2023",
            description="Imports for consumption by partner and NAICS industry, in the months before "
            "sector_duties_monthly, in thousands of dollars; single partners only.",
            rows=sector_imports_earlier,
            columns=(
                MONTH,
                PARTNER,
                code,
                Column("imports_usd_th", "integer", "imports for consumption, customs value", "USD 1,000", minimum=0),
            ),
            key=("partner", "code", "month"),
            sources=(CENSUS_DUTIES, NAICS_COPY),
            licence=PUBLIC_DOMAIN,
            vintage="early 2026",
            basis=CONSUMPTION,
            time={"field": "month", "frequency": "month"},
            format="parquet",
        ),
        Table(
            name="preference_lines",
            title="US imports under agreements line by line, 2024, with the duty of others on the line",
            description="Imports for consumption and calculated duty by tariff line of eight digits from six partners "
            "with a US agreement; and what suppliers without one (the European Union, Japan, the United Kingdom, "
            "Switzerland together) paid on the same line.",
            rows=preference_lines,
            columns=(
                Column("year", "integer", "year", minimum=LINES_YEAR),
                PARTNER,
                Column("hs8", "string", "line of the US tariff, eight digits", pattern=r"\d{8}"),
                imports,
                Column("duty_usd", "integer", "calculated duty", "USD", minimum=0),
                Column(
                    "usual_pct",
                    "number",
                    "duty over imports of suppliers without an agreement on the line; empty where they sold under "
                    "USD 100,000",
                    "percent",
                    required=False,
                    minimum=0,
                ),
            ),
            key=("partner", "hs8"),
            sources=(CENSUS_DUTIES, LINES_COPY),
            licence=PUBLIC_DOMAIN,
            vintage="2024 as revised in June 2025",
            basis=CONSUMPTION,
            time={"field": "year", "frequency": "year"},
            format="parquet",
            gaps=(
                "Lines on which suppliers without an agreement sold under USD 100,000 have no usual rate. Bahrain, "
                "Morocco, Oman and Panama are not held.",
            ),
            cautions=(
                "The usual rate holds duties on single goods too (steel and aluminum), and is that of the mix "
                "within a line. The list of rates itself is not embedded.",
            ),
        ),
    )
