"""The builder: the committed tables are what it makes of the collected figures, and it says what is wrong with them."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import duckdb
import pandas as pd
import pytest

from korus_research.data import open_catalog
from korus_research.data.schema import DESCRIPTOR
from korus_research.errors import KorusError

ROOT = Path(__file__).resolve().parents[2]
HOME = open_catalog().folder


def tool(name: str) -> ModuleType:
    """A tool as a module: importing pandas anew for each failure would cost two seconds a test."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def build_data() -> ModuleType:
    return tool("build_data")


def excerpt_collected() -> ModuleType:
    return tool("excerpt_collected")


@pytest.fixture(scope="module")
def built(collected_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("package")
    command = [sys.executable, str(ROOT / "tools" / "build_data.py"), "--raw", str(collected_folder), "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert str(out) in done.stdout
    return out


@pytest.mark.slow
def test_a_fresh_build_has_the_committed_bytes(built: Path) -> None:
    # The committed package was another run in another process: equal bytes are what "twice the same" means.
    names = sorted(
        path.name for path in HOME.iterdir() if path.suffix in (".csv", ".parquet") or path.name == DESCRIPTOR
    )
    assert sorted(path.name for path in built.iterdir()) == names
    for name in names:
        assert (built / name).read_bytes() == (HOME / name).read_bytes(), name


def test_tables_made_of_files_that_are_here_whole_have_the_committed_bytes(
    build_data: ModuleType, raw_folder: Path, tmp_path: Path
) -> None:
    # Without the collection, those whose files are so small that the excerpt holds them as they are.
    whole = set(excerpt_collected().WHOLE)

    class Watched(build_data.Raw):
        def __init__(self, folder: Path) -> None:
            super().__init__(folder)
            self.read: set[str] = set()

        def _read(self, path: Path, *given: Any) -> pd.DataFrame:
            self.read.add(path.name)
            frame: pd.DataFrame = super()._read(path, *given)
            return frame

    made = []
    for table in build_data.all_tables(build_data.Raw(raw_folder)):
        raw = Watched(raw_folder)
        try:
            rows = table.rows(raw)
        except KorusError:  # an excerpt does not add up
            rows = None
        if raw.read <= whole:
            made.append((table, rows))
    assert len(made) > 10
    from data_build.write import write_package

    write_package(made, tmp_path / "out")
    for table, _ in made:
        name = f"{table.name}.{table.format}"
        assert (tmp_path / "out" / name).read_bytes() == (HOME / name).read_bytes(), name


def test_the_excerpt_is_what_its_tool_makes_of_the_collection(collected_folder: Path, tmp_path: Path) -> None:
    excerpt = excerpt_collected()
    excerpt.compile_excerpt(collected_folder, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in excerpt.OUT.iterdir())
    for path in excerpt.OUT.iterdir():
        assert path.read_bytes() == (tmp_path / path.name).read_bytes(), path.name


def test_the_gravity_panel_keeps_as_many_of_the_largest_traders_as_fit(
    build_data: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    from data_build import gravity

    # A and B trade most, then C, then D; E only buys, and 1984 is before the first year.
    flows = [("A", "B", 90.0), ("B", "A", 80.0), ("A", "C", 20.0), ("C", "A", 10.0), ("D", "A", 3.0), ("A", "E", 500.0)]
    rows = pd.DataFrame(
        [(a, b, year, 1e6 * v, int((a, b) == ("A", "B")), "T") for a, b, v in flows for year in (1984, 1988)],
        columns=["exporter", "importer", "year", "export_usd", "has_agreement", "agreement"],
    )
    monkeypatch.setattr(gravity, "MOST_ROWS", 4)
    made = gravity.gravity_panel(SimpleNamespace(parquet=lambda *_: rows))
    assert sorted(zip(made["exporter"], made["importer"], made["trade_usd_mn"], strict=True)) == sorted(flows[:4])
    assert set(made["year"]) == {1988}
    assert made.loc[made["in_force"], ["exporter", "importer", "agreement"]].to_numpy().tolist() == [["A", "B", "T"]]
    assert set(made.loc[~made["in_force"], "agreement"]) == {""}


def test_the_trade_tables_are_the_raw_figures_cell_by_cell(raw_folder: Path, whole_collection: bool) -> None:
    # The rule in SQL, by another engine: newest source first, World kept, other aggregates and all-zero codes dropped;
    # what was not newest, and the page of February 2026, is in the table of replaced values.
    query = f"""
        with cells as (
            select '2026-10' as vintage, year, month, '5800' as partner, unnest(['exports', 'imports']) as flow,
                   unnest([exports_usd_mn, imports_usd_mn]) as value
            from read_csv('{raw_folder}/us_korea_goods_monthly.csv') where year >= 2023
            union
            select '2026-10', year, month, cast(cty_code as varchar), flow, value_usd_mn
            from read_csv('{raw_folder}/us_goods_trade_partners_2025_26_monthly.csv', types = {{'cty_code': 'varchar'}})
            where cty_code = '0015' or cty_code >= '1000'
            union all
            select case when year < 2013 then '2023-03' else '2025-03' end, year, month, cty_code, flow, value_usd_mn
            from read_parquet('{raw_folder}/us_goods_trade_by_country_monthly.parquet')
            where (not is_aggregate or cty_code = '0015') and cty_code not in ('5080', '5160')
            union all
            select '2026-02', year, month, '5800', replace(measure, '_usd_mn', ''), value
            from read_csv('{raw_folder}/vintage_pairs_korea_2025.csv') where vintage like '13 Feb%'
        ), held as (
            select distinct cty_code from read_parquet('{raw_folder}/us_goods_trade_by_country_monthly.parquet')
        ), ranked as (
            select printf('%04d-%02d', year, month) as month, partner, flow, value, vintage,
                   rank() over (partition by year, month, partner, flow order by vintage desc) as age
            from cells where partner in (from held)
        ), ours as (
            select month, partner, flow, value_usd_mn as value, vintage, 1 as new
            from read_parquet('{HOME}/goods_trade_monthly.parquet') where partner in (from held)
            union all
            select month, partner, flow, value_usd_mn, vintage, 2
            from read_csv('{HOME}/goods_trade_replaced.csv', types = {{'partner': 'varchar'}})
        ), wanted as (select month, partner, flow, value, vintage, age as new from ranked)
        select (select count(*) from wanted), (select count(*) from ours), (select count(*) from ours where new = 2),
               (select count(*) from (select * from wanted except select * from ours))
    """
    with duckdb.connect() as connection:
        wanted, ours, replaced, different = connection.execute(query).fetchall()[0]
        zeros = connection.execute(
            f"""select sum(value_usd_mn) from read_parquet('{raw_folder}/us_goods_trade_by_country_monthly.parquet')
                where cty_code in ('5080', '5160')"""
        ).fetchall()[0][0]
    assert wanted == ours
    assert ours > (190_000 if whole_collection else 2_000)
    assert replaced == 2 * (24 + 11)  # Korea: two years of early 2025, and January to November 2025
    assert different == 0
    assert zeros == 0


def test_revised_duties_are_the_raw_figures_and_add_up_to_the_totals_of_the_source(raw_folder: Path) -> None:
    raw = pd.read_csv(raw_folder / "us_realised_duty_by_partner_monthly_2025_26.csv", dtype={"cty_code": str})
    raw = raw[raw["iso3"] != "EU27"]
    totals = pd.read_csv(raw_folder / "us_realised_duty_by_economy_2025_26_totals.csv")
    printed = totals.set_index(["year", "iso3"])["calculated_duty_usd"]
    names = raw.drop_duplicates("cty_code").set_index("cty_code")["iso3"]
    monthly, yearly = (open_catalog().load(name) for name in ("partner_duties_monthly", "realised_duties_annual"))
    monthly = monthly[monthly["month"] >= "2025"]
    assert monthly["duty_usd"].sum() == raw["calculated_duty_usd"].sum()
    assert "0015" not in set(monthly["partner"])
    yearly = yearly[yearly["year"] >= 2025].set_index(["year", "partner"])["duty_usd"]
    for (year, partner), duty in yearly.items():
        assert duty == printed[year, "LISTED" if partner == "0015" else names[partner]], (year, partner)
    assert len(yearly) == 2 * (52 + 1)


def test_the_revision_of_a_month_is_that_of_the_collected_pair(raw_folder: Path) -> None:
    pair = pd.read_csv(raw_folder / "vintage_pairs_korea_2025.csv").query("series == 'duty_on_korea' and month == 11")
    pair = pair.assign(early=pair["vintage"].str.startswith("early"))
    wide = pair.pivot(index="early", columns="measure", values="value")
    rates = 100 * wide["calculated_duty_usd"] / wide["imports_for_consumption_usd"]
    for table, early in (("partner_duties_replaced", True), ("partner_duties_monthly", False)):
        ours = open_catalog().load(table).query("partner == '5800' and month == '2025-11'")
        assert 100 * ours["duty_usd"].item() / ours["imports_usd"].item() == pytest.approx(rates[early], abs=1e-9)
    caution = " ".join(open_catalog().describe("realised_duties_monthly").cautions)
    assert f"had been {rates[True]:.2f} %" in caution
    assert f"is {rates[False]:.2f} %" in caution


@pytest.mark.parametrize(
    ("table", "name", "old"),
    [
        ("goods_trade_monthly", "us_korea_goods_monthly.csv", "census_country.xlsx_2026-10"),
        ("goods_trade_monthly", "us_goods_trade_partners_2025_26_monthly.csv", "census_country.xlsx_2026-10-01"),
        ("goods_trade_replaced", "vintage_pairs_korea_2025.csv", "13 Feb 2026 (c5800 page)"),
        ("realised_duties_monthly", "us_realised_duty_on_korea_monthly_2005_2026.csv", "Census API"),
        ("utilisation_rates", "korus_utilisation_rates.csv", "US import statistics"),
        ("car_registrations", "korea_imported_car_registrations.csv", "Tesla"),
    ],
)
def test_a_row_that_the_build_does_not_know_is_refused(
    raw_folder: Path, tmp_path: Path, build_data: ModuleType, table: str, name: str, old: str
) -> None:
    # A row of a vintage nobody named used to fall out of the table without a word.
    raw = tmp_path / "raw"
    raw.mkdir()
    for path in raw_folder.iterdir():
        if path.name != name:
            (raw / path.name).symlink_to(path)
    text = (raw_folder / name).read_text(encoding="utf-8")
    changed = re.sub(f"(?<=,){re.escape(old)}(?=[,\n])", "of 2027", text, count=1)
    assert changed != text
    (raw / name).write_text(changed, encoding="utf-8")
    made = {each.name: each for each in build_data.all_tables(build_data.Raw(raw_folder))}[table]
    with pytest.raises(KorusError, match=f"{name}: 'of 2027' is not known"):
        made.rows(build_data.Raw(raw))


def test_registrations_say_what_is_not_built_in_the_united_states(raw_folder: Path) -> None:
    raw = pd.read_csv(raw_folder / "korea_imported_car_registrations.csv", dtype=str)
    ours = open_catalog().load("car_registrations")
    assert ours["units"].sum() == pd.to_numeric(raw["units"]).sum()
    tesla = ours["brand"].str.startswith("Tesla")
    late = ours["period"] >= "2023"
    assert set(ours.loc[tesla & late, "built"]) == {"mostly_not_us", "not_us"}
    assert set(ours.loc[~(tesla & late), "built"]) == {"unknown"}
    assert ours.loc[ours["unit"] == "percent", "brand"].tolist() == ["US brands"]


def test_utilisation_keeps_three_definitions_apart(raw_folder: Path) -> None:
    raw = pd.read_csv(raw_folder / "korus_utilisation_rates.csv")
    ours = open_catalog().load("utilisation_rates")
    assert sorted(ours["rate_pct"]) == sorted(raw["rate_pct"])
    assert (ours["definition"] == "us_imports").sum() == raw["definition"].str.startswith("US import").sum()
    assert (ours["definition"] == "duty_paid").sum() == raw["definition"].str.startswith("implied").sum()
    exports = ours[ours["flow"] == "exports"]
    assert (len(exports), exports["period_end"].max()) == (2, "2012-09")  # nothing later was found, as the gap says


def test_korean_chapters_add_up_to_the_published_national_rates(raw_folder: Path) -> None:
    chapters = open_catalog().load("partner_tariff_chapters")
    national = pd.read_csv(raw_folder / "korea_applied_tariffs_by_origin_annual.csv")
    national = national.query("year == 2025 and origin == 'all'").set_index("measure")["value"]
    weights = chapters["imports_usd_bn"] / chapters["imports_usd_bn"].sum()
    assert chapters["imports_usd_bn"].sum() == pytest.approx(national["imports_usd_bn"], abs=0.05)
    # Chapters are rounded to USD 10 million and 0.01 percent.
    assert (weights * chapters["applied_pct"]).sum() == pytest.approx(national["import_weighted_applied_pct"], abs=0.01)
    assert (weights * chapters["mfn_pct"]).sum() == pytest.approx(national["import_weighted_mfn_pct"], abs=0.01)


def test_the_revision_of_korea_is_the_one_the_caution_names(raw_folder: Path) -> None:
    panel = pd.read_parquet(raw_folder / "us_goods_trade_by_country_monthly.parquet")
    old = panel[(panel["cty_code"] == "5800") & (panel["year"] == 2024)].groupby("flow")["value_usd_mn"].sum()
    new = pd.read_csv(raw_folder / "us_korea_goods_monthly.csv").query("year == 2024")
    exports = abs(new["exports_usd_mn"].sum() / old["exports"] - 1) * 100
    imports = abs(new["imports_usd_mn"].sum() / old["imports"] - 1) * 100
    caution = " ".join(open_catalog().describe("goods_trade_monthly").cautions)
    assert f"{exports:.2f} % of exports" in caution
    assert f"{imports:.2f} % of imports" in caution


def test_services_of_all_countries_are_the_collected_totals(raw_folder: Path) -> None:
    totals = pd.read_csv(raw_folder / "bea_us_services_total.csv")
    ours = open_catalog().load("goods_services_bop").query("partner == '0000' and quarter == 0")
    both = totals.merge(ours, on=["year", "flow", "scope"])
    assert len(both) == len(totals) == 104
    assert (both["value_usd_mn_x"] == both["value_usd_mn_y"]).all()


def test_statistics_of_the_macro_table(raw_folder: Path, whole_collection: bool) -> None:
    raw = pd.read_parquet(raw_folder / "macro_weo_apr2024.parquet")
    ours = open_catalog().load("macro_annual")
    both = ours.merge(raw, on=["iso3", "code", "year"], suffixes=("", "_raw"))
    assert (both["value"] == both["value_raw"]).all()
    assert len(both) == len(ours) if whole_collection else len(both) > 300
    assert (ours["projection"] == (ours["year"] >= 2024)).all()
    korea = ours[(ours["iso3"] == "KOR") & (ours["code"] == "NGDPD") & (ours["year"] == 2023)]["value"].item()
    assert korea == pytest.approx(1712.8, abs=0.05)  # World Bank, current USD


def test_no_vehicle_row_points_at_another_row() -> None:
    points = open_catalog().load("vehicle_points")
    for column in ("definition", "source", "where", "note"):
        assert not points[column].str.contains(r"^(?:as 20\d\d|as above|same page)", regex=True).any(), column
    assert not points["definition"].str.contains("cap").any()


@pytest.mark.parametrize("missing", ["us_korea_goods_monthly.csv", "us_goods_trade_by_country_monthly.parquet"])
def test_a_missing_raw_file_is_one_clear_error(
    raw_folder: Path, tmp_path: Path, build_data: ModuleType, capsys: pytest.CaptureFixture[str], missing: str
) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    for path in raw_folder.iterdir():
        if path.name != missing:
            (raw / path.name).symlink_to(path)
    assert build_data.main(["--raw", str(raw), "--out", str(tmp_path / "out")]) == 1
    message = capsys.readouterr().err
    assert message.startswith(f"DamagedData: {raw / missing}: there is no such file")
    assert message.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_raw_file_with_other_columns_is_refused(
    raw_folder: Path, tmp_path: Path, build_data: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    for path in raw_folder.iterdir():
        if path.name != "us_korea_goods_monthly.csv":
            (raw / path.name).symlink_to(path)
    shutil.copy(raw_folder / "us_korea_goods_annual.csv", raw / "us_korea_goods_monthly.csv")
    assert build_data.main(["--raw", str(raw), "--out", str(tmp_path / "out")]) == 1
    assert "us_korea_goods_monthly.csv: has columns year, " in capsys.readouterr().err


def test_no_raw_folder(tmp_path: Path, build_data: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert build_data.main(["--raw", str(tmp_path / "nowhere"), "--out", str(tmp_path / "out")]) == 1
    message = capsys.readouterr().err
    assert message.startswith("DamagedData: ")
    assert "no such folder" in message


def test_an_output_folder_that_is_a_file(tmp_path: Path, build_data: ModuleType) -> None:
    (tmp_path / "out").write_text("in the way", encoding="utf-8")
    from data_build.write import write_package  # found beside the tool, whose import put it on the path

    from korus_research.errors import OutputFolder

    with pytest.raises(OutputFolder, match="is not a folder"):
        write_package([], tmp_path / "out")
    assert (tmp_path / "out").read_text(encoding="utf-8") == "in the way"
