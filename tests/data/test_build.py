"""The builder: the committed tables are what it makes of the collected figures, and it says what is wrong with them."""

from __future__ import annotations

import importlib.util
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


def test_the_trade_table_is_the_raw_figures_cell_by_cell(raw_folder: Path, whole_collection: bool) -> None:
    # The rule in SQL, by another engine: newest source first, World kept, other aggregates and all-zero codes dropped.
    query = f"""
        with cells as (
            select 1 as age, year, month, '5800' as partner, unnest(['exports', 'imports']) as flow,
                   unnest([exports_usd_mn, imports_usd_mn]) as value
            from read_csv('{raw_folder}/us_korea_goods_monthly.csv') where year >= 2023
            union all
            select 1, year, month, cast(cty_code as varchar), flow, value_usd_mn
            from read_csv('{raw_folder}/us_goods_trade_comparators_2025_26_monthly.csv')
            union all
            select 2, year, month, cty_code, flow, value_usd_mn
            from read_parquet('{raw_folder}/us_goods_trade_by_country_monthly.parquet')
            where (not is_aggregate or cty_code = '0015') and cty_code not in ('5080', '5160')
        ), held as (
            select distinct cty_code from read_parquet('{raw_folder}/us_goods_trade_by_country_monthly.parquet')
        ), wanted as (
            select printf('%04d-%02d', year, month) as month, partner, flow, arg_min(value, age) as value
            from cells where partner in (from held) group by all
        ), ours as (
            select month, partner, flow, value_usd_mn as value from read_parquet('{HOME}/goods_trade_monthly.parquet')
            where partner in (from held)
        )
        select (select count(*) from wanted), (select count(*) from ours),
               (select count(*) from (select * from wanted except select * from ours))
    """
    with duckdb.connect() as connection:
        wanted, ours, different = connection.execute(query).fetchall()[0]
        zeros = connection.execute(
            f"""select sum(value_usd_mn) from read_parquet('{raw_folder}/us_goods_trade_by_country_monthly.parquet')
                where cty_code in ('5080', '5160')"""
        ).fetchall()[0][0]
    assert wanted == ours
    assert ours == 197_540 if whole_collection else ours > 2_000
    assert different == 0
    assert zeros == 0


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

    with pytest.raises(OutputFolder, match="can't be written"):
        write_package([], tmp_path / "out")
    assert (tmp_path / "out").read_text(encoding="utf-8") == "in the way"
