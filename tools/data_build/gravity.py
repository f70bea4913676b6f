"""The bilateral panel of the gravity chapter: flows among the largest traders, every fourth year, and agreements."""

from __future__ import annotations

import pandas as pd

from data_build.spec import Licence, Raw, Table
from korus_research.data.schema import Column, Source

FIRST_YEAR = 1988
MOST_ROWS = 50_000
RAW = "gravity_penppml_1964_2016"
PROVISIONS = "ad_14 cp_23 tbt_07 tbt_33 tf_41 tf_45 env_18 et_38 inv_22 ipr_15 ipr_44 lm_10 moc_21 ser_47 ste_30 cp_26"
COLUMNS = (
    "exporter", "importer", "year", "export_usd", "agreement_id", "agreement",
    *("_prov_".join(name.rsplit("_", 1)) for name in PROVISIONS.split()), "has_agreement",
)  # fmt: skip
COMTRADE = Licence(
    "MIT (package penppml); UN Comtrade terms for the flows",
    "https://opensource.org/license/mit",
    "A compact selection with attribution to UN Comtrade, the World Bank's Deep Trade Agreements database and the "
    "package penppml; see the terms of UN Comtrade before redistributing more.",
)


def gravity_panel(raw: Raw) -> pd.DataFrame:
    """Return the panel: as many of the largest traders as fit in MOST_ROWS rows, each of them an exporter.

    Size is exports plus imports over all years kept. Codes that never export are areas "not specified", ships' stores
    and dependent territories of which only imports are recorded.
    """
    rows = raw.parquet(RAW, COLUMNS)
    rows = rows[rows["year"] >= FIRST_YEAR].astype({"exporter": str, "importer": str, "agreement": str})
    exports = rows.groupby("exporter")["export_usd"].sum()
    exports = exports[exports > 0]
    size = exports.add(rows.groupby("importer")["export_usd"].sum(), fill_value=0)[exports.index]
    order = size.sort_values(ascending=False, kind="stable").index
    rank = pd.Series(range(1, len(order) + 1), index=order)
    ranks = pd.concat([rows["exporter"].map(rank), rows["importer"].map(rank)], axis=1)
    among = rows.assign(rank=ranks.max(axis=1, skipna=False)).dropna(subset="rank")
    held = among["rank"].value_counts().sort_index().cumsum()
    kept = among[among["rank"] <= held[held <= MOST_ROWS].index[-1]]
    return pd.DataFrame(
        {
            "year": kept["year"].astype(int),
            "exporter": kept["exporter"],
            "importer": kept["importer"],
            "trade_usd_mn": (kept["export_usd"] / 1e6).round(6),
            "in_force": kept["has_agreement"] == 1,
            "agreement": kept["agreement"].where(kept["has_agreement"] == 1, ""),
        }
    )


def tables() -> tuple[Table, ...]:
    """Return the tables of this module."""
    country = "ISO 3166 alpha-3 code; BLX is Belgium and Luxembourg, ROM Romania"
    return (
        Table(
            name="gravity_panel",
            title="Bilateral goods trade of the largest traders and agreements in force, every fourth year",
            description="Exports among the largest traders, every fourth year from 1988, and whether a trade "
            "agreement between the two is in force, for gravity estimates.",
            rows=gravity_panel,
            columns=(
                Column("year", "integer", "every fourth year"),
                Column("exporter", "string", country, pattern=r"[A-Z]{3}"),
                Column("importer", "string", country, pattern=r"[A-Z]{3}"),
                Column(
                    "trade_usd_mn", "number", "exports, nominal; 0 where none were reported", "USD million", minimum=0
                ),
                Column("in_force", "boolean", "an agreement between the two is in force in the year"),
                Column("agreement", "string", "its name in the source, empty without one", required=False),
            ),
            key=("exporter", "importer", "year"),
            sources=(
                Source("United Nations Statistics Division, UN Comtrade", "https://comtradeplus.un.org/"),
                Source(
                    "World Bank, Deep Trade Agreements database (Mattoo, Rocha and Ruta 2020)",
                    "https://datatopics.worldbank.org/dta/",
                ),
                Source(
                    "read from tomzylkin/penppml, data/trade.rda (MIT licence; Breinlich, Corradi, Rocha, Ruta, Santos "
                    "Silva and Zylkin 2021)",
                    "https://github.com/tomzylkin/penppml/tree/e6a4e2375c218eec27632e3a19b01450cdc9753f",
                ),
            ),
            licence=COMTRADE,
            vintage="June 2021",
            basis="UN Comtrade, exports as the source holds them (mostly exporters' own reports), nominal US dollars",
            time={"field": "year", "frequency": "year"},
            format="parquet",
            gaps=(
                "Every fourth year, 1988 to 2016; no sales of a country to itself.",
                "No row where a country did not report, and none under agreements that others have since replaced: "
                "penppml leaves those out (Canada and the United States in 1992, before NAFTA).",
                "As many of the largest traders by exports plus imports as fit in 50,000 rows; codes that never "
                "export are dropped.",
            ),
            cautions=(
                "Below Census levels for the United States (exports to Korea in 2016: 35.5 billion, not 42.3), by more "
                "in later years: never mix with Census series.",
                "An agreement counts whatever its depth, agreements of partial scope among developing countries too.",
                "Oil exporters' reports often name no destination: their flows to single partners move with that.",
            ),
        ),
    )
