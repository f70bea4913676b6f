"""Every way a table or its descriptor can be broken ends in one clear error that names the file."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from korus_research.cli import data as show
from korus_research.data import open_catalog
from korus_research.data.package.read import content_sha256
from korus_research.data.schema import DESCRIPTOR
from korus_research.errors import DamagedData

HOME = open_catalog().folder
PARTNERS, RATES, PANEL = "partners.csv", "realised_duties_annual.csv", "goods_trade_monthly.parquet"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package of four tables, its panel cut to two partners: a sound one that is quick to verify."""
    folder = tmp_path_factory.mktemp("template")
    descriptor = json.loads((HOME / DESCRIPTOR).read_text(encoding="utf-8"))
    descriptor["resources"] = [
        r for r in descriptor["resources"] if r["path"] in (PANEL, PARTNERS, RATES, "exchange_rates_monthly.csv")
    ]
    (folder / DESCRIPTOR).write_text(json.dumps(descriptor), encoding="utf-8")
    for resource in descriptor["resources"]:
        shutil.copy(HOME / resource["path"], folder)
    panel = pd.read_parquet(folder / PANEL)
    panel = panel[panel["partner"].isin(["5800", "5880"])]
    panel.to_parquet(folder / PANEL, index=False)
    columns = open_catalog().describe("goods_trade_monthly").columns
    rehash(folder, PANEL, **{"korus:rows": len(panel), "korus:content_sha256": content_sha256(panel, columns)})
    assert open_catalog(folder).verify() == []
    return folder


@pytest.fixture
def package(template: Path, tmp_path: Path) -> Path:
    for path in template.iterdir():
        shutil.copy(path, tmp_path)
    return tmp_path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def rehash(package: Path, file: str, **changes: Any) -> None:
    """Make the descriptor agree with the edited file, so that only the schema is left to object."""
    path = package / DESCRIPTOR
    descriptor = json.loads(path.read_text(encoding="utf-8"))
    resource = next(r for r in descriptor["resources"] if r["path"] == file)
    content = (package / file).read_bytes()
    resource |= {"hash": f"sha256:{hashlib.sha256(content).hexdigest()}", "bytes": len(content), **changes}
    path.write_text(json.dumps(descriptor), encoding="utf-8")


def refused(package: Path, file: str, found: str) -> None:
    """The table is refused with its file, what was found and what to do; `verify` says the same."""
    catalog = open_catalog(package)
    name = file.split(".", maxsplit=1)[0]
    with pytest.raises(DamagedData) as caught:
        catalog.load(name)
    message = str(caught.value)
    assert str(package / file) in message
    assert re.search(found, message), message
    assert "reinstall" in caught.value.do
    assert "\n" not in message
    problems = catalog.verify()
    assert [problem.dataset for problem in problems] == [name]
    assert problems[0].found == message
    lines, sound = show.verify_lines(catalog)
    assert not sound
    assert sum(line.startswith("damaged") for line in lines) == 1


def test_missing_table(package: Path) -> None:
    (package / RATES).unlink()
    refused(package, RATES, "no such file")


@pytest.mark.parametrize("file", [RATES, PANEL])
def test_truncated_table(package: Path, file: str) -> None:
    content = (package / file).read_bytes()
    (package / file).write_bytes(content[: len(content) // 2])
    refused(package, file, "holds|rows|read as")


def test_empty_table(package: Path) -> None:
    (package / PANEL).write_bytes(b"")
    refused(package, PANEL, "can't be read as parquet")


def test_table_cut_at_the_end_of_a_line(package: Path) -> None:
    lines = (package / RATES).read_text(encoding="utf-8").splitlines(keepends=True)
    (package / RATES).write_text("".join(lines[:-3]), encoding="utf-8")
    refused(package, RATES, rf"has {len(lines) - 4} rows.*{len(lines) - 1} rows")


def test_one_digit_changed(package: Path) -> None:
    edit(package / RATES, "2013,0015,2241103466205", "2013,0015,2241103466206")
    refused(package, RATES, "was edited.*sha256")


def test_one_value_of_the_panel_changed(package: Path) -> None:
    frame = pd.read_parquet(package / PANEL)
    frame.loc[100, "value_usd_mn"] += 0.1
    frame.to_parquet(package / PANEL)
    refused(package, PANEL, "was edited")


def test_panel_written_by_another_writer_has_the_same_content(package: Path) -> None:
    # Not damage of the rows: the file's hash differs, the content hash is the same.
    frame = pd.read_parquet(package / PANEL)
    frame.to_parquet(package / PANEL, compression="gzip")
    dataset = open_catalog(package).describe("goods_trade_monthly")
    assert hashlib.sha256(dataset.path.read_bytes()).hexdigest() != dataset.sha256
    assert content_sha256(pd.read_parquet(dataset.path), dataset.columns) == dataset.content_sha256


def test_extra_column(package: Path) -> None:
    path = package / PARTNERS
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([f"{lines[0]},mood", *(f"{line},good" for line in lines[1:])]) + "\n", encoding="utf-8")
    rehash(package, PARTNERS)
    refused(package, PARTNERS, "extra column mood")


def test_missing_column_of_the_panel(package: Path) -> None:
    pd.read_parquet(package / PANEL).drop(columns="vintage").to_parquet(package / PANEL)
    rehash(package, PANEL)
    refused(package, PANEL, "lacks column vintage")


def test_columns_in_another_order(package: Path) -> None:
    frame = pd.read_csv(package / PARTNERS, dtype=str, keep_default_na=False)
    frame[["name", "partner", "iso3", "aggregate"]].to_csv(package / PARTNERS, index=False)
    rehash(package, PARTNERS)
    refused(package, PARTNERS, "order name, partner")


@pytest.mark.parametrize(
    ("column", "value", "found"),
    [
        ("year", "next", r"year holds 'next' in data row 6.*integer"),
        ("year", "2013.5", r"year holds '2013.5' in data row 6.*whole number"),
        ("year", "", r"year holds nothing in data row 6"),
        ("year", "1913", r"year holds '1913.*2013 or more"),
        ("partner", "58", r"partner holds '58' in data row 6.*like"),
        ("partner", "", r"partner holds nothing in data row 6"),
        ("duty_usd", "-1", r"duty_usd holds '-1'.*0 or more"),
    ],
)
def test_value_that_breaks_the_schema(package: Path, column: str, value: str, found: str) -> None:
    frame = pd.read_csv(package / RATES, dtype=str, keep_default_na=False)
    frame.loc[5, column] = value
    frame.to_csv(package / RATES, index=False, lineterminator="\n")
    rehash(package, RATES)
    refused(package, RATES, found)


@pytest.mark.parametrize(
    ("column", "value", "found"),
    [
        ("flow", "transit", r"flow holds 'transit' in data row 6.*exports, imports"),
        ("flow", None, r"flow holds nothing in data row 6"),
        ("month", "2013-13", r"month holds '2013-13' in data row 6"),
        ("value_usd_mn", float("nan"), r"value_usd_mn holds nothing in data row 6"),
        ("value_usd_mn", -3.0, r"value_usd_mn holds '-3.0'.*0 or more"),
    ],
)
def test_value_of_the_panel_that_breaks_the_schema(package: Path, column: str, value: Any, found: str) -> None:
    frame = pd.read_parquet(package / PANEL)
    frame.loc[5, column] = value
    frame.to_parquet(package / PANEL, index=False)
    rehash(package, PANEL)
    refused(package, PANEL, found)


def test_numbers_stored_as_text_in_the_panel(package: Path) -> None:
    frame = pd.read_parquet(package / PANEL)
    frame["value_usd_mn"] = frame["value_usd_mn"].astype(str)
    frame.to_parquet(package / PANEL, index=False)
    rehash(package, PANEL)
    refused(package, PANEL, "value_usd_mn holds str.*type number")


def test_codes_stored_as_numbers_in_the_panel(package: Path) -> None:
    frame = pd.read_parquet(package / PANEL)
    frame["partner"] = frame["partner"].astype(int)
    frame.to_parquet(package / PANEL, index=False)
    rehash(package, PANEL)
    refused(package, PANEL, "partner holds int64.*text|can't be read")


@pytest.mark.parametrize("file", [RATES, PANEL])
def test_a_row_twice(package: Path, file: str) -> None:
    if file == RATES:
        frame = pd.read_csv(package / file, dtype=str)
        pd.concat([frame, frame.iloc[[7]]]).to_csv(package / file, index=False, lineterminator="\n")
    else:
        frame = pd.read_parquet(package / file)
        pd.concat([frame, frame.iloc[[7]]]).to_parquet(package / file, index=False)
    rehash(package, file, **{"korus:rows": len(frame) + 1})
    refused(package, file, r"two rows for .*partner \d{4}")


def test_content_hash_that_does_not_fit(package: Path) -> None:
    rehash(package, PARTNERS, **{"korus:content_sha256": "0" * 64})
    problems = open_catalog(package).verify()
    assert [(p.dataset, "content hash" in p.found) for p in problems] == [("partners", True)]


def test_a_table_nobody_lists(package: Path) -> None:
    (package / "smuggled.csv").write_text("a\n1\n", encoding="utf-8")
    problems = open_catalog(package).verify()
    assert [p.file.name for p in problems] == ["smuggled.csv"]
    lines, sound = show.verify_lines(open_catalog(package))
    assert not sound
    assert any("smuggled.csv" in line for line in lines)


def broken(package: Path, found: str) -> None:
    with pytest.raises(DamagedData) as caught:
        open_catalog(package)
    assert str(package / DESCRIPTOR) in str(caught.value)
    assert re.search(found, str(caught.value)), str(caught.value)


def test_no_descriptor(package: Path) -> None:
    (package / DESCRIPTOR).unlink()
    broken(package, "no such file")


def test_descriptor_cut_in_the_middle(package: Path) -> None:
    text = (package / DESCRIPTOR).read_text(encoding="utf-8")
    (package / DESCRIPTOR).write_text(text[: len(text) // 2], encoding="utf-8")
    broken(package, "JSON")


@pytest.mark.parametrize("text", ["[]", "{}", '{"resources": []}', '{"resources": {}}'])
def test_descriptor_without_resources(package: Path, text: str) -> None:
    (package / DESCRIPTOR).write_text(text, encoding="utf-8")
    broken(package, "lists no resources")


@pytest.mark.parametrize(
    "name", ["title", "hash", "korus:rows", "korus:vintage", "schema", "sources", "licenses", "korus:coverage"]
)
def test_descriptor_without_a_property(package: Path, name: str) -> None:
    path = package / DESCRIPTOR
    descriptor = json.loads(path.read_text(encoding="utf-8"))
    del descriptor["resources"][2][name]
    path.write_text(json.dumps(descriptor), encoding="utf-8")
    broken(package, f"exchange_rates_monthly has no usable '{name}'")


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("path", "../secrets.csv", "leaves the folder"),
        ("path", "/etc/passwd", "leaves the folder"),
        ("format", "xlsx", "xlsx"),
        ("hash", "md5:1", "sha256"),
        ("korus:time", {"field": "nowhere", "frequency": "month"}, "korus:time"),
        ("korus:time", {"field": "month", "frequency": "now and then"}, "now and then"),
    ],
)
def test_descriptor_with_a_wrong_property(package: Path, name: str, value: Any, found: str) -> None:
    path = package / DESCRIPTOR
    descriptor = json.loads(path.read_text(encoding="utf-8"))
    descriptor["resources"][2][name] = value
    path.write_text(json.dumps(descriptor), encoding="utf-8")
    broken(package, found)


def test_a_dataset_listed_twice(package: Path) -> None:
    path = package / DESCRIPTOR
    descriptor = json.loads(path.read_text(encoding="utf-8"))
    descriptor["resources"].append(descriptor["resources"][0])
    path.write_text(json.dumps(descriptor), encoding="utf-8")
    broken(package, "goods_trade_monthly is listed twice")
