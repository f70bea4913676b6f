"""Reasons against a partner as a donor, each with its source, and a partner's agreements with others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from data_build.spec import QUOTED, Raw, Table
from data_build.trade import KOREA, PARTNER
from korus_research.data.schema import Column, Source

CURATED = Path(__file__).resolve().parent.parent / "curated"
FIRST_YEAR = 1985
SIMILARITY_YEAR = 2013
ALL_IMPORTS = "TOTAL"
DONORS = ("partner", "reason", "relative_to", "from_year", "to_year", "note", "source")
AGREEMENTS = ("iso3", "other", "agreement", "in_force", "precision", "source")
BY_INDUSTRY = ("year", "month", "partner_code", "partner", "naics3", "imports_usd", "duty_usd")
REASONS = {
    "energy": "exporter of oil and gas: trade follows the oil price",
    "sanctions": "under US or UN sanctions that restrict trade",
    "china_duties": "additional US duties on China from 2018",
    "entrepot": "re-exports other countries' goods",
    "pharma_gold": "trade dominated by pharmaceuticals or gold, booked where taxes or vaults are",
    "competitor": "sells the United States what the partner `relative_to` sells, so trade may be diverted from it",
}
DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
CENSUS_NAICS = "https://api.census.gov/data/timeseries/intltrade/imports/naics.html"


def donor_status(raw: Raw) -> pd.DataFrame:
    """Return one row per (partner, reason, relative_to): the curated ones and the competitors found by rule."""
    curated = Raw(CURATED).csv("donor_status", DONORS)
    years = {
        "from_year": curated["from_year"].astype("int64"),
        "to_year": pd.to_numeric(curated["to_year"].mask(curated["to_year"] == "")).astype("Int64"),
    }
    return pd.concat([curated.assign(**years), competitors(raw, KOREA)], ignore_index=True)


def competitors(raw: Raw, partner: str) -> pd.DataFrame:
    """Return the partners whose goods are more like those of `partner` than US imports as a whole are.

    Similarity is Finger and Kreinin's (1979): the sum over industries of the smaller of two shares, 0 to 1.
    """
    imports = raw.parquet("us_imports_naics3_monthly", BY_INDUSTRY)
    rows = imports[(imports["year"] == SIMILARITY_YEAR) & (imports["naics3"] != "00")]
    values = rows.pivot_table(index="partner_code", columns="naics3", values="imports_usd", aggfunc="sum", fill_value=0)
    shares = values.div(values.sum(axis=1), axis=0)
    common = np.minimum(shares.to_numpy(), shares.loc[partner].to_numpy())
    similarity = pd.Series(common.sum(axis=1), index=shares.index)
    bar = similarity[ALL_IMPORTS]
    countries = similarity[similarity.index.str.fullmatch(r"[1-9][0-9]{3}") & (similarity.index != partner)]
    alike = countries[countries > bar]
    return pd.DataFrame(
        {
            "partner": alike.index,
            "reason": "competitor",
            "relative_to": partner,
            "from_year": FIRST_YEAR,
            "to_year": pd.array([pd.NA] * len(alike), dtype="Int64"),
            "note": [
                f"Similarity of its goods with the partner's {value:.3f} in {SIMILARITY_YEAR}, all US imports {bar:.3f}"
                for value in alike
            ],
            "source": f"computed from imports for consumption by NAICS-3 of the Census Bureau, {CENSUS_NAICS}",
        }
    )


def partner_agreements(raw: Raw) -> pd.DataFrame:
    """Return the agreements of a partner with countries other than the United States, with the day each took effect."""
    return Raw(CURATED).csv("partner_agreements", AGREEMENTS)


def tables() -> tuple[Table, ...]:
    """Return the tables of this module."""
    return (
        Table(
            name="donor_status",
            title="Reasons against a partner as a donor of the counterfactual",
            description="Why a partner's trade with the United States may not stand in for another's, by reason. "
            + "; ".join(f"{code}: {text}" for code, text in REASONS.items())
            + ". An agreement with the United States is a reason too and stands in `us_agreements`.",
            rows=donor_status,
            columns=(
                PARTNER,
                Column("reason", "string", "code of the reason, see the description", enum=tuple(REASONS)),
                Column(
                    "relative_to",
                    "string",
                    "the partner whose competitor this one is; empty where the reason holds whoever is studied",
                    required=False,
                    pattern=r"[0-9]{4}",
                ),
                Column(
                    "from_year", "integer", f"first year of the reason; {FIRST_YEAR}, the first of the data, if lasting"
                ),
                Column("to_year", "integer", "last year of the reason, included; empty if it lasts", required=False),
                Column("note", "string", "the fact"),
                Column("source", "string", "where the fact stands"),
            ),
            key=("partner", "reason", "relative_to"),
            sources=(
                Source(
                    "International Monetary Fund, Regional Economic Outlook: Middle East and Central Asia, "
                    "October 2008, country and regional groupings",
                    "https://www.elibrary.imf.org/view/IMF086/09341-9781589067622/09341-9781589067622/ch03.xml",
                ),
                Source(
                    "read from the pages named by row; competitors computed from Census imports by NAICS-3",
                    CENSUS_NAICS,
                ),
            ),
            licence=QUOTED,
            vintage="static",
            basis="Facts about partners, each with its source; a rule selects by reason, never by name",
            gaps=(
                "Covers the 78 partners with US exports or imports above USD 1 billion a year on average in 2000-2010 "
                "and a few smaller ones; one of those 78 without a row has no reason that was found. Smaller partners "
                "were not looked at.",
                "For the Netherlands Antilles, whose exports were those of a refinery, no source was read.",
            ),
            cautions=(
                "Energy is oil revenue above 10 percent of GDP in 2013 by the World Bank's indicators as listed on one "
                "page; Norway (oil and gas above half of exports) and Aruba (a refinery for the US market) have pages "
                "of their own. A lasting reason is given to all years.",
                "Competitors are the partners whose composition of US imports by NAICS-3 in 2013 is more like Korea's "
                "than that of all US imports, among 29 countries; 2013 is a year under the agreement, the first of "
                "such data. China is below that bar and listed because the authors of a study of diversion name it.",
                "The Netherlands are an entrepot by the source that names Singapore one.",
            ),
        ),
        Table(
            name="partner_agreements",
            title="A partner's trade agreements with others",
            description="Agreements of Korea with countries other than the United States and the day each took effect.",
            rows=partner_agreements,
            columns=(
                Column("iso3", "string", "the partner, ISO 3166-1 alpha-3", pattern=r"[A-Z]{3}"),
                Column("other", "string", "the other party or group"),
                Column("agreement", "string", "name of the agreement"),
                Column(
                    "in_force", "string", "first day in force; first of the month if only that was read", pattern=DATE
                ),
                Column("precision", "string", "what was read: the day or the month", enum=("day", "month")),
                Column("source", "string", "where the date stands"),
            ),
            key=("iso3", "other"),
            sources=(
                Source(
                    "Government of the Republic of Korea, official list of free trade agreements (not read here)",
                    "https://www.fta.go.kr/",
                ),
                Source("read from the pages named by row, most of them news of the day"),
            ),
            licence=QUOTED,
            vintage="static",
            basis="Dates of entry into force or of provisional application",
            gaps=(
                "The agreements with Israel and the Philippines have no row: no page with their first day in force had "
                "been read.",
            ),
            cautions=(
                "Australia, Cambodia, Canada and Peru rest on announcements of the day, Indonesia and India on a "
                "private page; of Turkey, Costa Rica, El Salvador and Panama only the month was read.",
                "ASEAN is dated by its first five members (Vietnam, Myanmar, Singapore, Malaysia, Indonesia); others "
                "followed.",
            ),
        ),
    )
