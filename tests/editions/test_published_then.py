"""A report of values as published then: its own edition, which says so, beside that of today's values."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from lxml import html
from runnable import Notebooks, prose

from korus_research.data.agreements import load_agreement
from korus_research.data.catalog import open_catalog
from korus_research.data.parameters import ReportParameters, check_published
from korus_research.editions.build import build_report
from korus_research.editions.deposit.check import untruths
from korus_research.editions.edition import Edition, open_edition, pairs
from korus_research.editions.index import find_editions, write_index
from korus_research.errors import InvalidChapter, InvalidParameter

MONTH = "2025-11"
THEN, NOW = "early 2026 (tradewartracker NAICS total)", "Oct 2026 (Census API)"


@pytest.fixture(scope="module")
def editions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Edition]:
    """Both editions of one month, made by the command: of values as published then, and of today's."""
    out = tmp_path_factory.mktemp("site")
    for more in (["--values", "published"], []):
        command = [sys.executable, "-m", "korus_research", "report", "--as-of", MONTH, "--format", "html", *more]
        done = subprocess.run([*command, "--out", str(out)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    folders = {"published": f"{MONTH}-published", "today": MONTH}
    found = {values: open_edition(out / "korus" / name) for values, name in folders.items()}
    return {values: edition for values, edition in found.items() if edition is not None}


def text_of(edition: Edition) -> str:
    pages = (html.parse(str(edition.folder / name)).getroot() for name in ("report.html", "annex.html"))
    return " ".join(" ".join(page.text_content().split()) for page in pages)


@pytest.mark.slow
def test_the_duty_of_the_month_is_that_of_the_pair_of_vintages(editions: dict[str, Edition], raw_folder: Path) -> None:
    pair = pd.read_csv(raw_folder / "vintage_pairs_korea_2025.csv").query("year == 2025 and month == 11")
    value = pair.set_index(["vintage", "measure"])["value"]
    rates = {
        of: 100 * value[vintage, "calculated_duty_usd"] / value[vintage, "imports_for_consumption_usd"]
        for of, vintage in {"published": THEN, "today": NOW}.items()
    }
    assert rates["published"] - rates["today"] > 5  # the revision is what the test is about
    for of, edition in editions.items():
        text, other = text_of(edition), rates["today" if of == "published" else "published"]
        assert f"In November 2025, under new duties, it was {rates[of]:.2f} percent" in text
        assert f"{other:.2f} percent" not in text
        first = re.search(
            r"was first put at ([0-9.]+) percent of imports from Korea and is ([0-9.]+) percent now", text
        )
        told = [float(one) for one in first.groups()] if first else []
        assert told == ([] if of == "published" else [round(rates[one], 1) for one in ("published", "today")])


@pytest.mark.slow
def test_the_edition_says_which_values_it_has(editions: dict[str, Edition]) -> None:
    edition, text = editions["published"], text_of(editions["published"])
    assert edition.manifest["parameters"]["values"] == "published"
    assert "values as published then" in edition.manifest["cite_as"]
    assert "as they were published when November 2025 was new" in text
    assert "Korea: February 2026, as published when November 2025 was new; others as they stand" in text
    for said in ("not as they were first published", "were revised in June 2026", "as revised since November 2025"):
        assert said not in text
        assert said in text_of(editions["today"]), said
    vintages = edition.manifest["vintages"]
    readme = (edition.folder / "README.md").read_text("utf-8")
    assert f"Vintage: {vintages['realised_duties_monthly']}" in readme
    assert "-p values published" in readme
    crate = json.loads((edition.folder / "ro-crate-metadata.json").read_text("utf-8"))["@graph"]
    versions = {one["@id"]: one.get("version") for one in crate}
    assert versions["#table-realised_duties_monthly"] == vintages["realised_duties_monthly"]
    assert not untruths(edition)
    assert "values" not in editions["today"].manifest["parameters"]
    assert "vintages" not in editions["today"].manifest


@pytest.mark.slow
def test_the_list_has_both_and_neither_is_news_of_the_other(editions: dict[str, Edition]) -> None:
    out = editions["today"].folder.parents[1]
    listed = find_editions(out)
    assert {one.folder.name for one in listed} == {MONTH, f"{MONTH}-published"}
    assert not pairs(listed)
    page = html.fromstring(write_index(out).read_text("utf-8"))
    facts = [" ".join(one.text_content().split()) for one in page.xpath("//p[@class='facts']/span[1]")]
    assert facts == ["Data through November 2025", "Data through November 2025, values as published then"]
    ids = page.xpath("//*[@id]/@id")
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"as_of": "2016-12", "values": "published"}, "no table has values as published when 2016-12 was new.*2025-11"),
        ({"as_of": "2016-12", "values": "published", "agreement": "colombia"}, "no table has values as published"),
        ({"as_of": MONTH, "values": "publised"}, "did you mean 'published'"),
        ({"as_of": MONTH, "values": None}, "'today' or 'published'"),
    ],
)
def test_values_that_there_are_none_of_are_one_clear_line(
    tmp_path: Path, given: dict[str, str | None], found: str
) -> None:
    with pytest.raises(InvalidParameter, match=found):
        build_report(ReportParameters.parse(given), out=tmp_path, plain_kernels=True)
    assert not any(tmp_path.iterdir())


def test_months_before_an_agreement_are_not_offered() -> None:
    korus = load_agreement("korus")
    dates = korus.dates.model_copy(update={"in_force": date(2025, 1, 1)})
    with pytest.raises(InvalidParameter, match="Expected as_of 2025-11, 2026-03, "):
        check_published(open_catalog(), korus.model_copy(update={"dates": dates}), "2025-12")


def test_a_chapter_that_does_not_read_which_values_is_told_of(tmp_path: Path) -> None:
    chapters = Notebooks(tmp_path / "notebooks")
    chapters.add("01_flows", prose("Flows."), parameters='agreement = "korus"\nas_of = None')
    parameters = ReportParameters(as_of=MONTH, values="published")
    with pytest.raises(InvalidChapter, match=r"01_flows.ipynb lacks values, which is 'published'"):
        build_report(parameters, out=tmp_path / "site", notebooks=chapters.folder, plain_kernels=True)
