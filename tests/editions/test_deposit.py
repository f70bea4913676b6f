"""README.md and the RO-Crate of an edition: readable by others' tools, true, and found out where they are not."""

from __future__ import annotations

import json
import re
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from rocrate.rocrate import ROCrate

from korus_research.data.catalog import open_catalog
from korus_research.data.parameters import ReportParameters
from korus_research.data.toml import read_toml
from korus_research.editions.content import report_meta
from korus_research.editions.deposit import deposit, untruths
from korus_research.editions.deposit.write import CRATE, README, WORDS
from korus_research.editions.edition import Edition, drafting, open_edition, versions

ROOT = Path(__file__).parents[2]


@pytest.fixture
def edition(tmp_path: Path) -> Edition:
    catalog = open_catalog()
    from korus_research.data.agreements import load_agreement

    resolved = ReportParameters(agreement="korus", as_of="2016-12").resolve()
    meta = report_meta(load_agreement("korus"), resolved)
    about: dict[str, Any] = {
        "agreement": "korus",
        "as_of": meta.as_of,
        "edition": meta.edition,
        "published": meta.published,
        "cite_as": meta.cite_as,
        "name": meta.name,
        "parameters": resolved.model_dump(mode="json"),
        "chapters": {"01_flows.ipynb": "0" * 64},
        "data": {name: catalog.describe(name).sha256 for name in catalog.names},
        "front": {"title": meta.title, "question": meta.subtitle},
    }
    with drafting(tmp_path / "korus" / "2016-12", ("html",)) as draft:
        for name in (
            "findings.json",
            "report.html",
            "claims.csv",
            "tables/flows-table.csv",
            "notebooks/01_flows.ipynb",
        ):
            draft.write(name, f"the content of {name}")
        deposit(draft, about, versions())
        return draft.publish(about, ("html",))


def test_the_crate_is_read_by_rocrate_and_lists_every_file_but_notebooks(edition: Edition) -> None:
    crate = ROCrate(edition.folder)
    files = {str(one.id) for one in crate.data_entities if one.type == "File"}
    there = {p.relative_to(edition.folder).as_posix() for p in edition.folder.rglob("*") if p.is_file()}
    assert files == {name for name in there if not name.startswith("notebooks/")} - {CRATE}
    assert crate.datePublished.strftime("%Y-%m-%d") == open_catalog().compiled
    made = crate.get("#made")
    assert {one["identifier"] for one in made["object"]} == set(open_catalog().names)
    names = [one["@id"] for one in json.loads((edition.folder / CRATE).read_text())["@graph"]]
    assert len(names) == len(set(names))


def test_the_readme_has_the_parts_that_data_editors_ask_for_and_every_table(edition: Edition) -> None:
    text = (edition.folder / README).read_text(encoding="utf-8")
    # The headings of their template, version 1.2.rc1 (doi 10.5281/zenodo.7293838), less the fourth level.
    parts = [
        "Overview",
        "Data Availability and Provenance Statements",
        "Statement about Rights",
        "License for Data",
        "Summary of Availability",
    ]
    parts += ["Details on each Data Source", "Dataset list", "Computational requirements", "Software Requirements"]
    parts += ["Controlled Randomness", "Memory, Runtime, Storage Requirements", "Description of programs/code"]
    parts += [
        "License for Code",
        "Instructions to Replicators",
        "Details on various programs",
        "List of tables and programs",
        "References",
    ]
    assert re.findall(r"^##+ ([^`\n]+)$", re.sub(r"^#### .*$", "", text, flags=re.MULTILINE), re.MULTILINE) == parts
    for name, sha in edition.manifest["data"].items():
        assert f"| {name} |" in text
        assert sha in text
    assert "| `tables/flows-table.csv` | `notebooks/01_flows.ipynb` |" in text
    assert "| `tables/flows-table.csv` |" in text


def test_what_is_true_stays_and_each_damage_is_found(edition: Edition) -> None:
    assert untruths(edition) == []
    (edition.folder / "claims.csv").write_text("other")
    assert untruths(edition) == [f"{CRATE}: claims.csv has another sha256"]
    (edition.folder / "claims.csv").unlink()
    assert f"{CRATE} lists claims.csv, which is not there" in untruths(edition)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (
            lambda m: m["data"].update(goods_trade_monthly="0" * 64),
            f"{CRATE}: another sha256 of table goods_trade_monthly",
        ),
        (lambda m: m["parameters"].update(baseline_year=1999), f"{README} says other than manifest and tables"),
        (lambda m: m.update(cite_as="Somebody else."), f"{CRATE} says other than manifest and tables"),
        (lambda m: m["outputs"].update({"figures/new.svg": "0" * 64}), f"{CRATE} doesn't list figures/new.svg"),
    ],
)
def test_a_manifest_that_says_otherwise_is_found(edition: Edition, damage: Any, told: str) -> None:
    manifest = json.loads(edition.manifest_text)
    damage(manifest)
    assert told in untruths(Edition(edition.folder, manifest))


def test_a_file_that_nobody_lists_is_found(edition: Edition) -> None:
    (edition.folder / "stray.csv").write_text("x")
    assert untruths(edition) == [f"{CRATE} doesn't list stray.csv"]


def test_no_clock_no_machine_and_no_patch_of_python_stands_in_them(edition: Edition) -> None:
    text = (edition.folder / README).read_text() + (edition.folder / CRATE).read_text()
    assert metadata.version("korus-research") in text
    assert f"Python {'.'.join(versions()['python'].split('.')[:2])} " in text
    assert versions()["python"] not in text
    assert str(edition.folder.parents[1]) not in text


def test_the_edition_s_citation_and_that_of_the_software_agree(edition: Edition) -> None:
    cff = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    software, text = read_toml(WORDS).content["software"], (edition.folder / README).read_text(encoding="utf-8")
    authors = ", ".join(one["name"] for one in cff["authors"])
    assert (software["title"], software["license"], software["authors"]) == (cff["title"], cff["license"], [authors])
    assert edition.manifest["cite_as"].startswith(f"{authors} ({open_catalog().compiled[:4]}), ")
    assert f"{authors}. {cff['title']}. Version {cff['version']}." in text
    assert text.count(edition.manifest["cite_as"]) == 2
    crate = ROCrate(edition.folder)
    assert crate.root_dataset["creditText"] == edition.manifest["cite_as"]
    assert crate.root_dataset["author"]["name"] == authors


@pytest.mark.parametrize("folder", sorted(p.parent for p in (ROOT / "reports").glob("*/*/manifest.json")), ids=str)
def test_what_published_editions_say_of_themselves_is_true(folder: Path) -> None:
    edition = open_edition(folder)
    assert edition is not None
    assert untruths(edition) == []
