"""Under the agreement: the partner's tariffs as applied, how much of the trade claims the preference, cars by brand."""

from __future__ import annotations

import re

import pandas as pd

from data_build.spec import QUOTED, Licence, Raw, Table, number
from data_build.trade import FLOW, MONTH
from data_build.vintages import known
from korus_research.data.schema import Column, Source
from korus_research.errors import DamagedData

TARIFFS = ("year", "origin", "measure", "value")
CHAPTERS = ("hs2", "imports_usd_bn", "import_weighted_applied_pct", "import_weighted_mfn_pct")
USE = ("period", "flow", "definition", "rate_pct", "source", "where", "note")
CARS = ("year", "series", "units", "source", "where", "note")
KOGL = Licence(
    "Korea Open Government Licence type 1",
    "https://www.kogl.or.kr/info/licenseType1.do",
    "Free to use with attribution to the Korea Customs Service; national aggregates only were taken.",
    "KOGL-1.0",
)
CUSTOMS = Source("Korea Customs Service, tariff files and import records", "https://www.customs.go.kr/")
ATLAS_COPY = Source(
    "read from pilsunchoi/KoreaTariffAtlas, national aggregates of docs/atlas-data.js",
    "https://github.com/pilsunchoi/KoreaTariffAtlas/blob/2371f131ae983249953f0f079eadcfae4b634ebe/docs/atlas-data.js",
)
ORIGINS = {"Canada": "CAN", "China": "CHN", "USA": "USA"} | {o: o for o in ("ASEAN", "EU", "all", "no agreement")}
LINES = "lines_duty_free_pct_1jan"
MEASURES = {
    "import_weighted_applied_pct": ("applied", "percent"),
    "import_weighted_mfn_pct": ("mfn", "percent"),
    "line_average_mfn_pct": ("mfn_lines", "percent"),
    "import_value_duty_free_pct": ("free_value", "percent"),
    "imports_usd_bn": ("imports", "USD billion"),
    LINES: ("free_lines", "percent"),
}
# What the collection calls who counted what, by our three definitions, and the weight where it tells two rows apart.
DEFINITIONS = {
    "KCS": "customs",
    "MOTIE/KCS": "customs",
    "US import statistics": "us_imports",
    "US import statistics (KITA)": "us_imports",
    "implied by duty paid, value-weighted over ad valorem lines": "duty_paid",
    "implied by duty paid, duty-weighted over ad valorem lines": "duty_paid",
}
# Flow seen from the United States, goods, and firms.
USERS = {
    "Korean exports to US": ("imports", "all", "all"),
    "Korean exports to US - large firms": ("imports", "all", "large"),
    "Korean exports to US - small and medium firms": ("imports", "all", "small and medium"),
    "Korean car exports to US": ("imports", "cars", "all"),
    "Korean imports from US": ("exports", "all", "all"),
    "US imports from Korea": ("imports", "all", "all"),
}
US_BRANDS = ("Cadillac", "Chrysler", "Ford", "Ford and Lincoln", "Jeep", "Tesla", "Tesla Model 3", "Tesla Model Y")
OTHER_BRANDS = ("BMW", "BYD", "Lexus", "Mercedes-Benz", "Volvo")
TOGETHER = {"all imported passenger cars": "all", "US brands (share of imported cars percent)": "US brands"}
CHINA_BUILT_FROM = 2023  # the Teslas sold in Korea, most of them (korea_imported_car_registrations.source.md)
SHANGHAI = "built in Shanghai"
LAST = {None: "12", "H1": "06", "Q1": "03"}  # last month of a part of the year


def partner_tariffs_annual(raw: Raw) -> pd.DataFrame:
    """Return Korea's applied tariffs and imports by origin and year; lines free on January 1 are another table."""
    rows = _tariffs(raw)
    return rows[rows["measure"] != "free_lines"]


def partner_tariff_lines(raw: Raw) -> pd.DataFrame:
    """Return the share of Korea's tariff lines free of duty on January 1, by origin and year."""
    rows = _tariffs(raw)
    return rows[rows["measure"] == "free_lines"].rename(columns={"value": "free_pct"})


def _tariffs(raw: Raw) -> pd.DataFrame:
    name = "korea_applied_tariffs_by_origin_annual"
    rows = raw.csv(name, TARIFFS)
    return pd.DataFrame(
        {
            "year": rows["year"].astype(int),
            "importer": "KOR",
            "origin": known(rows["origin"], ORIGINS, f"{name}.csv"),
            "measure": known(rows["measure"], {m: ours for m, (ours, _) in MEASURES.items()}, f"{name}.csv"),
            "value": number(rows["value"]),
        }
    )


def partner_tariff_chapters(raw: Raw) -> pd.DataFrame:
    """Return Korea's tariffs of 2025 by chapter, over imports from everywhere."""
    rows = raw.csv("korea_applied_tariffs_by_chapter_2025", CHAPTERS)
    return pd.DataFrame(
        {
            "year": 2025,
            "importer": "KOR",
            "hs2": rows["hs2"].str.zfill(2),
            "imports_usd_bn": number(rows["imports_usd_bn"]),
            "applied_pct": number(rows["import_weighted_applied_pct"]),
            "mfn_pct": number(rows["import_weighted_mfn_pct"]),
        }
    )


def utilisation_rates(raw: Raw) -> pd.DataFrame:
    """Return how much of the trade that may claim the preference claimed it, in three definitions."""
    name = "korus_utilisation_rates.csv"
    rows = raw.csv("korus_utilisation_rates", USE)
    users = [USERS.get(flow) for flow in rows["flow"]]
    if None in users:
        raise DamagedData(f"{name}: {rows['flow'].iloc[users.index(None)]!r} is not known", expected=", ".join(USERS))
    return rows.assign(
        period_end=rows["period"].map(_ends),
        flow=[user[0] for user in users if user],
        goods=[user[1] for user in users if user],
        firms=[user[2] for user in users if user],
        worded=rows["definition"],
        definition=known(rows["definition"], DEFINITIONS, name),
        rate_pct=number(rows["rate_pct"]),
    )


def car_registrations(raw: Raw) -> pd.DataFrame:
    """Return new registrations of imported cars in Korea by brand, with what is known of where they were built."""
    rows = raw.csv("korea_imported_car_registrations", CARS)
    brands = TOGETHER | {brand: brand for brand in (*US_BRANDS, *OTHER_BRANDS)}
    ends = rows["year"].map(_ends)
    tesla = rows["series"].str.startswith("Tesla") & (ends.str[:4].astype(int) >= CHINA_BUILT_FROM)
    built = pd.Series("unknown", index=rows.index).mask(tesla, "mostly_not_us")
    return pd.DataFrame(
        {
            "period": rows["year"],
            "period_end": ends,
            "brand": known(rows["series"], brands, "korea_imported_car_registrations.csv"),
            "us_brand": rows["series"].isin(US_BRANDS) | rows["series"].str.startswith("US brands"),
            "units": number(rows["units"]),
            "unit": rows["note"].str.startswith("percent;").map({True: "percent", False: "vehicles"}),
            "built": built.mask(rows["note"].str.contains(SHANGHAI), "not_us"),
            "source": rows["source"],
            "where": rows["where"],
            "note": rows["note"],
        }
    )


def _ends(period: str) -> str:
    """Return the last month of "2016", "2012-04", "2015 H1", "2020 Q1", "2017-01..02", "2012-03-15..2012-05-14"."""
    if found := re.fullmatch(r"([0-9]{4})(?: (H1|Q1))?", period):
        return f"{found[1]}-{LAST[found[2]]}"
    if found := re.fullmatch(r"([0-9]{4})-(?:[0-9]{2}\.\.)?([0-9]{2})", period):
        return f"{found[1]}-{found[2]}"
    if found := re.fullmatch(r"[0-9-]{10}\.\.([0-9]{4}-[0-9]{2})-[0-9]{2}", period):
        return found[1]
    raise DamagedData(f"period {period!r} is not understood", expected='for example "2016", "2020 Q1", "2017-01..02"')


def tables() -> tuple[Table, ...]:
    """Return the tables of this module."""
    return (*_tariff_tables(), *_use_tables())


def _tariff_tables() -> tuple[Table, ...]:
    year = Column("year", "integer", "year", minimum=2007)
    importer = Column("importer", "string", "who levies the duty", enum=("KOR",))
    origin = Column(
        "origin", "string", "where the goods come from: an economy or a group", enum=tuple(sorted(ORIGINS.values()))
    )
    kept = tuple(ours for ours, _ in MEASURES.values() if ours != "free_lines")
    return (
        Table(
            name="partner_tariffs_annual",
            title="Korea's tariffs as applied, by origin and year",
            description="`applied` is the statutory rate with agreements and `mfn` that without them, both over the "
            "imports of the year; `mfn_lines` is the mean MFN rate over lines, `free_value` the share of the origin's "
            "imports on lines free for it, and `imports` its imports.",
            rows=partner_tariffs_annual,
            columns=(
                year,
                importer,
                origin,
                Column("measure", "string", "what is measured, see the description", enum=kept),
                Column("value", "number", "value", "percent; USD billion for imports", minimum=0),
            ),
            key=("importer", "origin", "measure", "year"),
            sources=(CUSTOMS, ATLAS_COPY),
            licence=KOGL,
            vintage="2026 (trade to July 2026)",
            basis="Statutory rates on customs records by origin; what importers claimed is another matter",
            time={"field": "year", "frequency": "year"},
            gaps=("`free_value` only of the United States, the European Union and China.",),
            cautions=(
                "Statutory, not paid: as if every importer claimed the preference.",
                "In the year in which an agreement begins the rate is that of a part of the year.",
                "Rates over imports move with the goods imported, not with tariffs alone.",
            ),
        ),
        Table(
            name="partner_tariff_lines",
            title="Korea's tariff lines free of duty on January 1, by origin",
            description="Share of the ten-digit lines at zero for goods of an origin on January 1 of the year.",
            rows=partner_tariff_lines,
            columns=(year, importer, origin, Column("free_pct", "number", "share of lines", "percent", minimum=0)),
            key=("importer", "origin", "year"),
            sources=(CUSTOMS, ATLAS_COPY),
            licence=KOGL,
            vintage="2026",
            basis="Tariff files in force on January 1",
            time={"field": "year", "frequency": "publication-year"},
        ),
        Table(
            name="partner_tariff_chapters",
            title="Korea's tariffs of 2025 by chapter",
            description="Rates as applied and MFN by chapter of the Harmonized System, over imports from everywhere.",
            rows=partner_tariff_chapters,
            columns=(
                year,
                importer,
                Column("hs2", "string", "chapter", pattern=r"[0-9]{2}"),
                Column("imports_usd_bn", "number", "imports from everywhere", "USD billion", minimum=0),
                Column("applied_pct", "number", "rate with agreements", "percent", minimum=0),
                Column("mfn_pct", "number", "rate without them", "percent", minimum=0),
            ),
            key=("importer", "hs2", "year"),
            sources=(CUSTOMS, ATLAS_COPY),
            licence=KOGL,
            vintage="2026",
            basis="Statutory rates over the imports of 2025 from all origins",
            time={"field": "year", "frequency": "year"},
            cautions=(
                "Weights are imports from everywhere: not the cut on goods of one origin.",
                "Chapters 10, 11 and 12 hold rates of over 100 percent outside quotas.",
            ),
        ),
    )


def _use_tables() -> tuple[Table, ...]:
    period = Column("period", "string", "period as the source words it")
    end = Column("period_end", "string", "last month of the period", pattern=MONTH.pattern)
    said = (
        Column("source", "string", "who published the figure"),
        Column("where", "string", "page or file in which it was read"),
        Column("note", "string", "what a user must know", required=False),
    )
    return (
        Table(
            name="utilisation_rates",
            title="How much of the trade claimed the agreement's preference",
            description="Three definitions: `customs` (certificates of origin over exports of eligible goods, and "
            "preferential over eligible imports, Korea Customs Service), `us_imports` (value entered under the "
            "agreement over value not free anyway, US statistics) and `duty_paid` (implied by the duty paid by line).",
            rows=utilisation_rates,
            columns=(
                period,
                end,
                FLOW,
                Column("goods", "string", "goods", enum=("all", "cars")),
                Column("firms", "string", "exporters", enum=("all", "large", "small and medium")),
                Column("definition", "string", "see the description", enum=("customs", "us_imports", "duty_paid")),
                Column("worded", "string", "definition as the collection words it"),
                Column("rate_pct", "number", "rate", "percent", minimum=0),
                *said,
            ),
            key=("definition", "worded", "flow", "goods", "firms", "period"),
            sources=(
                Source("Korea Customs Service, Ministry of Trade and Korea International Trade Association, by row"),
                Source("read from press reports named by row; `duty_paid` from Census imports and duty by line, 2024"),
            ),
            licence=QUOTED,
            vintage="as printed at the time",
            basis="By definition: never chain two",
            time={"field": "period_end", "frequency": "month"},
            gaps=(
                "Nothing for 2013, 2019 and 2021-2023; for US exports nothing after 2012.",
                "The booklets that Korean customs publishes by quarter were not found in a stored copy.",
            ),
            cautions=(
                "Three definitions: never chain or average them.",
                "A rate of `duty_paid` is a lower bound: a line with some duty paid may have claimed nothing or part.",
            ),
        ),
        Table(
            name="car_registrations",
            title="Imported cars newly registered in Korea, by brand",
            description="New registrations of imported passenger cars by brand, not by place of build. `built` says "
            "what is known of it: mostly_not_us (Tesla from 2023: most of those sold in Korea are built in China), "
            "not_us (the source says where else), unknown.",
            rows=car_registrations,
            columns=(
                period,
                end,
                Column("brand", "string", "brand or model; `all` and `US brands` are sums"),
                Column("us_brand", "boolean", "whether the brand is of the United States"),
                Column("units", "number", "registrations, or a share where `unit` says so", "see `unit`", minimum=0),
                Column("unit", "string", "unit of `units`", enum=("vehicles", "percent")),
                Column(
                    "built", "string", "where built, see the description", enum=("unknown", "mostly_not_us", "not_us")
                ),
                *said,
            ),
            key=("brand", "period"),
            sources=(
                Source(
                    "Korea Automobile Importers and Distributors Association (KAIDA) and Carisyou, as reported by the "
                    "press",
                    "https://www.kaida.co.kr/",
                ),
                Source("read from the press reports named by row"),
            ),
            licence=QUOTED,
            vintage="as printed at the time",
            basis="New registrations by brand, wherever built",
            time={"field": "period_end", "frequency": "month"},
            gaps=("No yearly table by brand and country of build for 2012-2025 was found: points only.",),
            cautions=(
                "A US brand is no US-built car: no rise of a brand is trade under the agreement.",
                "Totals before 2024 are of the members of KAIDA and leave Tesla out; from 2024 Tesla is in.",
            ),
        ),
    )
