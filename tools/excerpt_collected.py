"""Compile the excerpt of the collected figures that tests read where the collection is not there.

    python tools/excerpt_collected.py --raw DIR [--out DIR]

Small files are taken whole. Of large ones stand the rows and columns that tests read: some partners, and months added
up where tests add them up. Where the collection is there, tests read it instead and hold the excerpt against it.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

import duckdb

OUT = Path(__file__).resolve().parents[1] / "tests" / "data" / "excerpt"

WHOLE = (
    "bea_us_services_total.csv",
    "korea_applied_tariffs_by_chapter_2025.csv",
    "korea_applied_tariffs_by_origin_annual.csv",
    "korea_imported_car_registrations.csv",
    "korea_us_vehicle_units.csv",
    "korea_world_goods_trade_annual.csv",
    "korus_average_tariffs.csv",
    "korus_product_points.csv",
    "korus_projections_and_assessments.csv",
    "korus_public_claims.csv",
    "korus_published_estimates.csv",
    "korus_utilisation_rates.csv",
    "us_korea_events.csv",
    "us_korea_goods_annual.csv",
    "us_korea_goods_monthly.csv",
    "us_makers_vehicles_to_korea.csv",
    "us_realised_duty_by_economy_2025_26_totals.csv",
    "us_realised_duty_by_partner_annual.csv",
    "us_realised_duty_by_partner_monthly_2025_26.csv",
    "us_realised_duty_on_korea_annual.csv",
    "us_realised_duty_on_korea_monthly.csv",
    "us_realised_duty_on_korea_monthly_2005_2026.csv",
    "us_tariff_events_korea.csv",
    "us_tariff_events_korea_additions.csv",
    "usitc4220_vehicles.csv",
    "usitc_sector_exports_to_korea_2013_2017.csv",
    "vintage_pairs_korea_2025.csv",
)

# What stands of a large file, as a query on it. Months that are added up stand under the last of them.
PARTS = {
    "cpi_usa_kor.csv": "select * from raw where month = '0' or year in ('1998', '2007', '2011', '2016', '2020')",
    "fx_monthly.csv": """
        select * from raw where year in ('2011', '2016')
            or (country = 'South Korea' and year in ('1998', '2007', '2020'))""",
    "gravity_penppml_1964_2016.parquet": """
        select exporter::varchar as exporter, importer::varchar as importer, year, has_agreement from raw
        where exporter in ('USA', 'KOR') and (has_agreement = 1 or importer in ('USA', 'KOR'))""",
    "macro_weo_apr2024.parquet": "select * from raw where iso3 in ('KOR', 'USA') or code = 'TMG_RPCH' "
    "or (code = 'PCPI' and year in (2011, 2016))",
    "us_exports_hs2_monthly.parquet": """
        select year, case when year >= 2025 then month else 12 end as month, partner_code, partner, hs2,
               sum(value_usd)::bigint as value_usd
        from raw where partner_code in ('5800', '5880', 'TOTAL') or (hs2 in ('84', '85') and year in (2013, 2016))
        group by all""",
    "us_goods_trade_by_country_monthly.parquet": """
        select * from raw where cty_code in ('0015', '5800', '5880', '2010', '5080', '5160')""",
    "us_goods_trade_partners_2025_26_monthly.csv": """
        select * from raw where cty_code in ('0003', '0015', '2010', '3010', '5700', '5800', '5880')""",
    "us_imports_naics3_monthly.parquet": """
        select year, case when (year, month) = (2019, 5) then 5 when year >= 2024 and month between 4 and 11 then 11
               else 12 end as month, partner_code, partner, naics3,
               sum(imports_usd)::bigint as imports_usd, sum(duty_usd)::bigint as duty_usd
        from raw group by all""",
    "us_trade_by_partner_bea_bop_quarterly.csv": """
        select * from raw where partner ilike '%korea%' and scope ilike '%goods_services%' and quarter = '0'""",
    "wiod_us_korea_bilateral_by_sector_1995_2011.csv": """
        select year, exporter, importer, wiod_code, sector, intermediate_usd_mn, final_usd_mn, total_usd_mn from raw
        where (exporter, importer) in (('USA', 'KOR'), ('KOR', 'USA'))""",
}


def compile_excerpt(raw: Path, out: Path) -> None:
    """Write the excerpt of the collection in `raw` into `out`; twice gives the same bytes."""
    out.mkdir(parents=True, exist_ok=True)
    for name in WHOLE:
        shutil.copyfile(raw / name, out / name)
    for name, query in PARTS.items():
        reader = "read_parquet" if name.endswith(".parquet") else "read_csv"
        text = ", all_varchar = true" if reader == "read_csv" else ""
        form = "format parquet, compression zstd" if reader == "read_parquet" else "format csv"
        with duckdb.connect() as connection:
            connection.execute("set threads = 1")
            connection.execute(f"create view raw as select * from {reader}('{raw / name}'{text})")
            connection.execute(f"copy (select * from ({query}) order by all) to '{out / name}' ({form})")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    parser = argparse.ArgumentParser(description="Compile the excerpt of the collected figures for tests.")
    parser.add_argument("--raw", type=Path, required=True, help="folder with the collected figures")
    parser.add_argument("--out", type=Path, default=OUT, help="folder of the excerpt (default: tests/data/excerpt)")
    options = parser.parse_args(arguments)
    compile_excerpt(options.raw, options.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
