"""Other people's readers agree: DuckDB on the numbers, frictionless on the standard, the gravity panel on the agreements."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from korus_research.data import open_catalog
from korus_research.data.schema import DESCRIPTOR

CATALOG = open_catalog()
PACKAGE: dict[str, Any] = json.loads((CATALOG.folder / DESCRIPTOR).read_text(encoding="utf-8"))
CONNECTION = duckdb.connect(config={"threads": 1})
QUICK_ROWS = 3_000  # frictionless reads Parquet row by row: 5,000 rows a second
RESOURCES = {resource["name"]: resource for resource in PACKAGE["resources"]}


def relation(name: str) -> str:
    """A DuckDB source for the table, every column of a CSV as text."""
    path = CATALOG.folder / RESOURCES[name]["path"]
    return (
        f"read_parquet('{path}')" if path.suffix == ".parquet" else f"read_csv('{path}', header=true, all_varchar=true)"
    )


def ask(query: str) -> list[tuple[Any, ...]]:
    return CONNECTION.execute(query).fetchall()


@pytest.mark.parametrize("name", CATALOG.names)
def test_duckdb_counts_the_rows_and_keys_of_the_descriptor(name: str) -> None:
    key = ", ".join(f'"{column}"' for column in RESOURCES[name]["schema"]["primaryKey"])
    rows, keys = ask(f"select count(*), count(distinct ({key})) from {relation(name)}")[0]
    assert rows == keys == RESOURCES[name]["korus:rows"]


@pytest.mark.parametrize("name", CATALOG.names)
def test_duckdb_sums_what_the_catalog_loads(name: str) -> None:
    frame = CATALOG.load(name)
    fields = [f["name"] for f in RESOURCES[name]["schema"]["fields"] if f["type"] in ("number", "integer")]
    sums = ", ".join(f'sum(cast("{field}" as double))' for field in fields)
    totals = ask(f"select {sums} from {relation(name)}")[0] if fields else ()
    for field, total in zip(fields, totals, strict=True):
        # Two summation orders of doubles.
        assert total == pytest.approx(float(frame[field].sum()), rel=1e-12), field


@pytest.mark.parametrize(
    "name",
    [
        n
        for n, r in RESOURCES.items()
        if r.get("korus:time", {}).get("frequency") == "month" and "within" not in r["korus:time"]
    ],
)
def test_duckdb_finds_the_coverage_of_the_descriptor(name: str) -> None:
    field = RESOURCES[name]["korus:time"]["field"]
    first, last = ask(f'select min("{field}"), max("{field}") from {relation(name)}')[0]
    assert {"first": first, "last": last} == RESOURCES[name]["korus:coverage"]


def test_countries_add_up_to_the_world_from_1992() -> None:
    years = ask(
        f"""select left(month, 4) as year, flow, sum(value_usd_mn) filter (partner <> '0015')
            / sum(value_usd_mn) filter (partner = '0015') from {relation("goods_trade_monthly")}
            where month between '1992-01' and '2022-12' group by all"""
    )
    assert len(years) == 2 * 31
    # The source's own tolerance: 0.2 % (unidentified countries, timing adjustments).
    assert max(abs(ratio - 1) for _, _, ratio in years) < 0.002


def test_one_vintage_a_cell_and_the_newest_for_korea() -> None:
    vintages = dict(
        ask(
            f"select left(month, 4), min(vintage) from {relation('goods_trade_monthly')} where partner = '5800' group by 1"
        )
    )
    assert {vintages[str(year)] for year in range(1985, 2013)} == {"2023-03"}
    assert {vintages[str(year)] for year in range(2013, 2023)} == {"2025-03"}
    assert {vintages[str(year)] for year in range(2023, 2027)} == {"2026-10"}


def test_energy_is_part_of_exports_to_korea() -> None:
    rows = ask(
        f"""select t.month, cast(e.value_usd_mn as double) / t.value_usd_mn
            from {relation("goods_trade_monthly")} t join {relation("exports_energy_monthly")} e using (month, partner)
            where t.flow = 'exports' and t.partner = '5800'"""
    )
    assert len(rows) == 161  # January 2013 to May 2026
    assert all(0 < share < 0.6 for _, share in rows)
    years = dict(
        ask(
            f"""select left(month, 4), sum(cast(value_usd_mn as double)) / 1e3
                from {relation("exports_energy_monthly")} where partner = '5800' group by 1"""
        )
    )
    # Exports of energy: about 1.5 bn in 2016, about 20 bn in 2022.
    assert years["2016"] == pytest.approx(1.5, abs=0.1)
    assert years["2022"] == pytest.approx(20, abs=1)


def test_parquet_carries_no_trace_of_its_writer() -> None:
    content = (CATALOG.folder / "goods_trade_monthly.parquet").read_bytes()
    assert content.startswith(b"PAR1")
    assert content.endswith(b"PAR1")
    for trace in (b"pandas", b"ARROW:schema", b"parquet-cpp", b"arrow version"):
        assert trace not in content
    created = ask(f"select created_by from parquet_file_metadata('{CATALOG.folder / 'goods_trade_monthly.parquet'}')")
    assert created == [("korus-research",)]


def test_frictionless_accepts_the_descriptor_and_the_tables() -> None:
    frictionless = pytest.importorskip("frictionless")
    # Without the profile's address: frictionless would fetch it, and it carries version 2 by itself.
    descriptor = {key: value for key, value in PACKAGE.items() if key != "$schema"}
    assert list(frictionless.Package.metadata_validate(descriptor)) == []
    package = frictionless.Package.from_descriptor(descriptor, basepath=str(CATALOG.folder))
    quick = [resource for resource in package.resources if RESOURCES[resource.name]["korus:rows"] < QUICK_ROWS]
    for resource in quick:
        report = resource.validate()
        assert report.valid, (resource.name, report.flatten(["type", "note"])[:3])
    assert {resource.path.rpartition(".")[2] for resource in quick} == {"csv", "parquet"}
    assert len(quick) > 30


@pytest.mark.slow
def test_frictionless_validates_the_whole_package_as_its_command_does() -> None:
    pytest.importorskip("frictionless")
    command = [sys.executable, "-m", "frictionless", "validate", str(CATALOG.folder / DESCRIPTOR)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    assert "INVALID" not in done.stdout
    assert done.stdout.count("VALID") == len(CATALOG.names)


@pytest.mark.parametrize("name", CATALOG.names)
def test_every_table_says_where_it_comes_from(name: str) -> None:
    resource = RESOURCES[name]
    assert not resource["sources"][0]["title"].startswith("read from")
    # A table written down by hand says of each row where it was read, or is this project's own grouping or a printed one.
    fields = {field["name"] for field in resource["schema"]["fields"]}
    printed = name in ("sector_groups", "sector_exports_usitc")
    read = any(source["title"].startswith("read from") for source in resource["sources"])
    assert read or printed or fields & {"source", "where"}
    for field in ("korus:terms", "korus:vintage", "korus:basis", "description", "title"):
        assert resource[field]
    for address in [source.get("path") for source in resource["sources"]] + [resource["licenses"][0]["path"]]:
        assert address is None or re.match(r"https://[a-z]", address)


def test_us_agreements_are_those_of_the_gravity_panel(raw_folder: Path) -> None:
    flows = pd.read_parquet(
        raw_folder / "gravity_penppml_1964_2016.parquet", columns=["exporter", "importer", "year", "has_agreement"]
    )
    flagged = flows[(flows["exporter"] == "USA") & (flows["has_agreement"] == 1)].groupby("importer")["year"].min()
    iso3 = {"5110": "JOR", "3370": "CHL", "7140": "MAR", "2110": "SLV", "2150": "HND", "2190": "NIC", "2050": "GTM", "5250": "BHR",
            "2470": "DOM", "2230": "CRI", "5230": "OMN", "3330": "PER", "3010": "COL", "2250": "PAN"}  # fmt: skip
    partners = CATALOG.load("partners").set_index("partner")["iso3"].to_dict()
    agreements = CATALOG.load("us_agreements")
    found = {
        iso3.get(p) or partners[p]: int(day[:4])
        for p, day in zip(agreements["partner"], agreements["in_force"], strict=True)
    }
    assert set(found) == set(flagged.index)
    for country, year in found.items():
        # The panel has every fourth year: the first flagged one is the first panel year on or after entry into force.
        late = {"CRI": 2009, "CAN": 1989}
        panel_year = 4 * -(-year // 4)
        if country == "CRI":  # flagged with the rest of CAFTA-DR, before Costa Rica's own date
            assert flagged[country] == 2008 < late[country]
        elif country == "CAN":  # the panel knows NAFTA, not the agreement of 1989 before it
            assert flagged[country] == 1996
        else:
            assert flagged[country] == panel_year, country
