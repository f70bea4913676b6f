"""The true report, end to end: built twice, once without any network, parsed in HTML and opened as PDF."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest
from lxml import html

import korus_research as kr
from korus_research.show.finding import Finding

FIGURES = [
    "summary-effects",
    "flows-levels",
    "flows-starts",
    "flows-energy",
    "comparators-index",
    "counterfactual-methods",
    "counterfactual-paths",
    "counterfactual-placebos",
    "counterfactual-curve",
    "counterfactual-agreements",
    "drivers-exports-path",
    "drivers-accounting",
    "drivers-currency",
    "drivers-volume",
    "drivers-import-accounting",
    "drivers-imports-path",
    "gravity-placebos",
    "gravity-path",
    "evidence-seen",
    "evidence-together",
    "sectors-contributions",
    "sectors-contributions-latest",
    "sectors-paths",
    "sectors-shift",
    "sectors-before",
    "cars-makers",
    "cars-duties",
    "cars-values",
    "tariffs-rates",
    "tariffs-saved",
    "reversal-responses",
    "products-use",
    "forecasts-forest",
    "scenarios-undone",
    "scenarios-undone-ranked",
    "scenarios-mfn-ranked",
    "scenarios-duties-ranked",
    "scenarios-margin-ranked",
    "context-timeline",
]
TABLES = [
    "summary-methods",
    "flows-table",
    "flows-services-table",
    "comparators-growth",
    "comparators-rank",
    "counterfactual-methods",
    "counterfactual-weights",
    "counterfactual-ridges",
    "counterfactual-dropped",
    "counterfactual-exact",
    "counterfactual-checks",
    "counterfactual-second",
    "counterfactual-variants",
    "counterfactual-confounders",
    "counterfactual-partner-agreements",
    "drivers-amounts",
    "drivers-exports-equations",
    "drivers-imports-amounts",
    "drivers-imports-equations",
    "gravity-standards",
    "gravity-parts",
    "gravity-windows",
    "gravity-phase",
    "gravity-beside-counterfactual",
    "evidence-methods",
    "evidence-pools",
    "sectors-exports",
    "sectors-imports",
    "sectors-definitions",
    "sectors-published",
    "sectors-shift-table",
    "sectors-concentration",
    "sectors-bases",
    "cars-bounds",
    "cars-units-back",
    "cars-expected",
    "tariffs-steps",
    "tariffs-added-partners",
    "tariffs-added-sectors",
    "tariffs-schedule",
    "tariffs-duty-free",
    "tariffs-applied",
    "tariffs-utilisation",
    "reversal-estimates",
    "reversal-left-out",
    "products-chapters",
    "products-groups",
    "forecasts-likeness",
    "forecasts-held",
    "forecasts-published",
    "forecasts-sectors",
    "scenarios-box-model",
    "scenarios-box-undone",
    "scenarios-box-mfn",
    "scenarios-box-duties",
    "scenarios-income",
    "scenarios-flows",
    "scenarios-trade",
    "scenarios-elasticity",
    "context-commitments",
    "context-events-trade-tariff",
    "context-events-security-politics",
    "claims-speakers",
    "claims-files",
    "claims-bases",
    "claims-lexicon",
    "claims-changed",
    "claims-odds",
    "data-last-periods",
    "data-parameters",
]
FORMULAS = 7

pytestmark = pytest.mark.slow


def build(out: Path, *arguments: str, wrap: tuple[str, ...] = ()) -> Path:
    """Run the command in a process of its own and return the edition's folder."""
    command = [*wrap, sys.executable, "-m", "korus_research", "report", "--out", str(out), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    (edition,) = (path.parent for path in (out / "korus").glob("*/manifest.json"))
    return edition


@pytest.fixture(scope="module")
def edition(tmp_path_factory) -> Path:
    return build(tmp_path_factory.mktemp("first"))


@pytest.fixture(scope="module")
def page(edition):
    return html.parse(str(edition / "report.html")).getroot()


@pytest.fixture(scope="module")
def pdf(edition):
    with pikepdf.open(edition / "report.pdf") as opened:
        yield opened


def test_the_same_bytes_in_another_folder_without_any_network(tmp_path):
    """An early edition, built twice: it has the chapters that compute in a pool and costs a third of the newest."""
    if not shutil.which("unshare") or subprocess.run(["unshare", "-rn", "true"], check=False).returncode:
        pytest.skip("user namespaces are not permitted here")
    early = ("--as-of", "2014-06")
    once = build(tmp_path / "a folder", *early)
    again = build(tmp_path / "another folder", *early, "--jobs", "1", wrap=("unshare", "-rn"))

    def hashes(folder: Path) -> dict[str, str]:
        files = (p for p in folder.rglob("*") if p.is_file())
        return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}

    first, second = hashes(once), hashes(again)
    assert "figures/counterfactual-curve.svg" in first
    assert first == second


def test_figures_tables_and_formulas_are_all_there(page):
    assert [f.get("id") for f in page.xpath("//figure[contains(@class,'picture')]")] == [f"fig-{i}" for i in FIGURES]
    assert len(page.xpath("//table/caption")) >= len(TABLES)
    for table in TABLES:
        assert page.xpath(f"//*[@id='tbl-{table}']"), table
    assert len(page.xpath("//*[local-name()='math'][@display='block']")) == FORMULAS


def test_alt_texts_are_those_of_the_figures(page, study):
    shown = {
        f.get("id"): f.xpath(".//*[local-name()='svg']")[0] for f in page.xpath("//figure[contains(@class,'picture')]")
    }
    for name, make in (("flows-levels", kr.flows.flow_levels), ("context-timeline", kr.context.timeline)):
        svg = shown[f"fig-{name}"]
        label = svg.get("aria-label") or " ".join(svg.xpath("./*[local-name()='title' or local-name()='desc']//text()"))
        assert str(make(study).alt) in label


def test_nothing_outside_is_loaded_and_nothing_runs(page, edition):
    assert not page.xpath("//iframe|//object|//embed|//link[@rel='stylesheet']")
    # The one script filters the ledger; the page's own policy names it by its hash, so that no other runs.
    (script,) = page.xpath("//script")
    assert not script.attrib
    digest = base64.b64encode(hashlib.sha256(script.text.encode()).digest()).decode()
    (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert f"script-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy.split("script-src")[1]
    loaded = page.xpath("//*/@src|//link/@href|//*[local-name()='image']/@href|//*[local-name()='use']/@href")
    assert all(value.startswith(("data:", "#")) for value in loaded), loaded
    text = (edition / "report.html").read_text("utf-8")
    assert not re.search(r"url\(\s*['\"]?(?!data:|#)", text)


def test_every_spoken_number_is_its_finding(page, edition):
    findings = {f["id"]: f for f in json.loads((edition / "findings.json").read_text("utf-8"))}
    spoken = page.xpath("//*[@data-f]")
    assert [e.xpath("string(a/@href)") for e in spoken] == [f"#f-{e.get('data-f')}" for e in spoken]
    assert len(spoken) > 80
    for element in spoken:
        finding, text = findings[element.get("data-f")], element.text_content()
        if not re.search(r"\d", text):
            assert text.lower() == Finding.from_json(finding).text("count")  # a sentence may begin with it
            continue
        bare = re.sub(r"[^\d.,]", "", text).strip(".,")
        known = Finding.from_json(finding)
        shown = {re.sub(r"[^\d.,]", "", told).strip(".,") for told in (known.text(), known.text("range"))}
        assert bare in shown, (element.get("data-f"), text, finding["text"])


def test_links_within_the_page_have_a_target_and_files_exist(page, edition):
    ids = set(page.xpath("//*/@id"))
    for href in page.xpath("//a/@href"):
        if href.startswith("#"):
            assert href[1:] in ids, href
        elif not re.match(r"https?://|mailto:", href):
            assert (edition / href.split("#")[0]).exists(), href


def test_tables_and_figures_are_published_with_their_data(edition):
    for name in FIGURES:
        assert (edition / "figures" / f"{name}.svg").stat().st_size > 1000
        assert len((edition / "figures" / f"{name}.csv").read_text("utf-8").splitlines()) > 1
    for name in TABLES:
        assert len((edition / "tables" / f"{name}.csv").read_text("utf-8").splitlines()) > 1


def test_claims_csv_is_the_ledger(edition, study):
    with (edition / "claims.csv").open(encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    assert [r["verdict"] for r in rows] == [v.word for v in kr.claims.of(study).verdicts]


def test_the_published_part_is_small(edition):
    total = sum(p.stat().st_size for p in edition.rglob("*") if p.is_file() and "notebooks" not in p.parts)
    assert total < 14_000_000  # three chapters more than in July 2026


def test_the_pdf_is_tagged_titled_in_english_and_has_bookmarks(pdf):
    root = pdf.Root
    assert str(root.Lang).startswith("en")
    assert bool(root.MarkInfo.Marked)
    assert bool(root.ViewerPreferences.DisplayDocTitle)
    assert "KORUS" in str(pdf.docinfo["/Title"])
    with pdf.open_outline() as outline:
        titles = [item.title for item in outline.root]
    for chapter in ("Summary", "Flows", "Comparators", "Context", "Claims", "Data and methods"):
        assert any(chapter in title for title in titles), (chapter, titles)


def test_the_pdf_has_an_alt_text_for_every_figure_and_formula(pdf):
    found: dict[str, list[str]] = {"/Figure": [], "/Formula": []}

    def walk(node) -> None:
        if isinstance(node, pikepdf.Dictionary):
            if (kind := str(node.get("/S", ""))) in found:
                found[kind].append(str(node.get("/Alt", "")))
            walk(node.get("/K"))
        elif isinstance(node, pikepdf.Array):
            for child in node:
                walk(child)

    walk(pdf.Root.StructTreeRoot.K)
    assert len(found["/Figure"]) == len(FIGURES)
    assert len(found["/Formula"]) >= FORMULAS
    assert all(len(alt) > 15 for alts in found.values() for alt in alts)


def test_the_pdf_embeds_every_font_a_korean_one_among_them(pdf):
    names = set()
    for page in pdf.pages:
        for font in (page.Resources.get("/Font") or {}).values():
            base = font
            descendants = font.get("/DescendantFonts")
            if descendants is not None:
                base = descendants[0]
            descriptor = base.get("/FontDescriptor")
            assert descriptor is not None
            assert any(key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3"))
            names.add(str(base.BaseFont))
    assert any("Libertinus" in name for name in names)
    assert any("Nanum" in name for name in names)


def test_the_edition_of_the_column_knows_nothing_later(tmp_path):
    edition = build(tmp_path, "--as-of", "2017-11", "--format", "html")
    assert edition.name == "2017-11"
    page = html.parse(str(edition / "report.html")).getroot()
    # Provenance may name the day on which something was read: disclosures, dataset records, the "Read in" column.
    read_in = "//*[starts-with(@id,'tbl-context-events')]//td[last()]"
    for skipped in page.xpath(
        f"//details|//*[@id='data-datasets']|//*[contains(@class,'records')]|//footer|//*[contains(@class,'citation')]|{read_in}"
    ):
        skipped.getparent().remove(skipped)
    text = " ".join(page.xpath("//main")[0].text_content().split())
    assert "November 2017" in text
    assert "today's vintage" in text.replace("’", "'")
    text = re.sub(
        r"[Vv]intage[^.]*\.|8 January 2018|\(January 2018\)|from (1 January|January 1,) 20(2|4)\d|January 2026|Analysis 2025|eighth year and 2021|(outlook of|Outlook,) April 2024|and stays to 2021|[Ff]ree from 20(2|4)\d|published in [^.]*\.",
        "",
        text,
    )
    for year in re.findall(r"\b20(?:1[89]|2\d)\b", text.split("References")[0]):
        where = text.index(year)
        pytest.fail(f"{year}: …{text[where - 80 : where + 60]}…")
