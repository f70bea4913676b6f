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
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from brief import budget, said
from lxml import html
from pdf_text import PdfText
from same_words import missing, page_blocks, print_blocks

import korus_research as kr
from korus_research.publish.report import read_report
from korus_research.publish.storyboard.parts import name_of, storyboard
from korus_research.show.finding import Finding

pytestmark = pytest.mark.slow


def build(out: Path, *arguments: str, wrap: tuple[str, ...] = ()) -> Path:
    """Run the command in a process of its own and return the edition's folder."""
    command = [*wrap, sys.executable, "-m", "korus_research", "report", "--out", str(out), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    printed = [Path(line).name for line in done.stdout.splitlines()[:-1]]
    assert printed == (["report.html"] if "html" in arguments else ["brief.pdf", "report.html", "report.pdf"])
    (edition,) = (path.parent for path in (out / "korus").glob("*/manifest.json"))
    return edition


@pytest.fixture(scope="module")
def edition(tmp_path_factory) -> Path:
    return build(tmp_path_factory.mktemp("first"))


@pytest.fixture(scope="module")
def pages(edition) -> dict[str, html.HtmlElement]:
    return {name: html.parse(str(edition / f"{name}.html")).getroot() for name in ("report", "annex")}


@pytest.fixture(scope="module")
def notebooks(edition) -> list[dict[str, Any]]:
    return [json.loads(path.read_text("utf-8")) for path in sorted((edition / "notebooks").glob("*.ipynb"))]


@pytest.fixture(scope="module")
def exhibits(notebooks) -> dict[str, dict[str, Any]]:
    """What the notebooks show of figures and tables, by anchor: read from their outputs, not by the publisher."""
    shown: dict[str, dict[str, Any]] = {}
    for output in (o for n in notebooks for cell in n["cells"] for o in cell.get("outputs", ())):
        for mime, data in output.get("data", {}).items():
            if match := re.fullmatch(r"application/vnd\.korus\.(figure|table|datasets)\+json", mime):
                shown[f"{'fig' if match[1] == 'figure' else 'tbl'}-{data['id']}"] = data
    return shown


@pytest.fixture(scope="module", params=["brief", "report", "annex"])
def pdf(edition, request):
    with pikepdf.open(edition / f"{request.param}.pdf") as opened:
        opened.part = request.param
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


def test_every_exhibit_is_in_exactly_one_document(pages, exhibits):
    where = {
        anchor: [name for name, page in pages.items() if page.xpath(f"//*[@id='{anchor}']")] for anchor in exhibits
    }
    assert len(exhibits) > 60
    assert {anchor: names for anchor, names in where.items() if len(names) != 1} == {}


def test_every_exhibit_is_referred_to_in_a_paragraph(pages, exhibits):
    referred = set()
    for name, page in pages.items():
        for href in page.xpath("//main//p//a/@href|//main//li//a/@href|//main//dd//a/@href"):
            file, _, anchor = href.partition("#")
            referred.add((file.removesuffix(".html") or name, anchor))
    lonely = [anchor for anchor in exhibits if not any((name, anchor) in referred for name in pages)]
    assert lonely == []


def test_every_exhibit_stands_in_its_own_section(edition):
    """In the printed report, where exhibits float: none is below the heading of the section after its own."""
    with pikepdf.open(edition / "report.pdf") as opened:
        number = {page.obj.objgen: place for place, page in enumerate(opened.pages)}
        found = pikepdf.NameTree(opened.Root.Names.Dests).items()
        place = {name: (number[at[0].objgen], -float(at[3])) for name, at in found}
    sections = [section for section in storyboard() if f"sec-{section.id}" in place]
    for section, following in pairwise(sections):
        shown = [name for name in section.names if name in place and name.startswith(("fig-", "tbl-"))]
        assert [name for name in shown if place[name] > place[f"sec-{following.id}"]] == []


def test_the_storyboard_names_nothing_that_the_newest_edition_lacks(notebooks):
    whole = read_report(notebooks)
    known = {name_of(block) for block in whole.blocks}
    lacking = [n for section in storyboard() for n in section.names if not n.startswith("#") and n not in known]
    assert lacking == []


def test_alt_texts_are_those_of_the_figures(pages, exhibits):
    for anchor, figure in exhibits.items():
        if not anchor.startswith("fig-"):
            continue
        (shown,) = (f for page in pages.values() for f in page.xpath(f"//figure[@id='{anchor}']"))
        svg = shown.xpath(".//*[local-name()='svg']")[0]
        label = svg.get("aria-label") or " ".join(svg.xpath("./*[local-name()='title' or local-name()='desc']//text()"))
        assert " ".join(figure["alt"].split()) in " ".join(label.split()), anchor


@pytest.mark.parametrize("name", ["report", "annex"])
def test_nothing_outside_is_loaded_and_nothing_else_runs(pages, edition, name):
    page = pages[name]
    assert not page.xpath("//iframe|//object|//embed|//link[@rel='stylesheet']")
    # The page's own policy names its scripts by their hashes, so that no other runs.
    (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    for script in page.xpath("//script[not(@type) or contains(@type, 'javascript') or @type='module']"):
        assert "src" not in script.attrib
        digest = base64.b64encode(hashlib.sha256(script.text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    for rule in ("default-src 'none'", "base-uri 'none'", "form-action 'none'"):
        assert rule in policy
    assert "unsafe-inline" not in policy.split("script-src")[-1]
    loaded = page.xpath("//*/@src|//link/@href|//*[local-name()='image']/@href|//*[local-name()='use']/@href")
    assert all(value.startswith(("data:", "#")) for value in loaded), loaded
    text = (edition / f"{name}.html").read_text("utf-8")
    assert not re.search(r"url\(\s*['\"]?(?!data:|#)", text)


@pytest.mark.parametrize("name", ["report", "annex"])
def test_every_spoken_number_is_its_finding(pages, edition, name):
    findings = {f["id"]: f for f in json.loads((edition / "findings.json").read_text("utf-8"))}
    listed = set(pages["annex"].xpath("//*[@id='numbers']//*/@id"))
    spoken = pages[name].xpath("//*[@data-f]")
    assert len(spoken) > 80
    for element in spoken:
        key, text = element.get("data-f"), element.text_content()
        assert element.xpath("string(a/@href)").endswith(f"#f-{key}")
        assert f"f-{key}" in listed, key
        known = Finding.from_json(findings[key])
        if not re.search(r"\d", text):
            assert text.lower() == known.text("count")  # a sentence may begin with it
            continue
        ends = [replace(known, value=end).text() for end in (known.low, known.high) if end is not None]
        shown = {re.sub(r"[^\d.,]", "", told).strip(".,") for told in (known.text(), known.text("range"), *ends)}
        assert re.sub(r"[^\d.,]", "", text).strip(".,") in shown, (key, text, findings[key]["text"])


def test_links_have_a_target_and_files_exist(pages, edition):
    ids = {name: set(page.xpath("//*/@id")) for name, page in pages.items()}
    for name, page in pages.items():
        for href in page.xpath("//a/@href"):
            file, _, anchor = href.partition("#")
            if re.match(r"https?://|mailto:|data:", href) or file == "../../index.html":
                continue
            assert not file or (edition / file).exists(), href
            if anchor and (file.removesuffix(".html") or name) in ids:
                assert anchor in ids[file.removesuffix(".html") or name], href


def test_tables_and_figures_are_published_with_their_data(edition, exhibits):
    for anchor, data in exhibits.items():
        if data["kind"] == "figure":
            assert (edition / "figures" / f"{data['id']}.svg").stat().st_size > 1000
        if data["kind"] in ("figure", "table"):
            path = edition / f"{data['kind']}s" / f"{data['id']}.csv"
            assert len(path.read_text("utf-8").splitlines()) > 1, anchor


def test_claims_csv_is_the_ledger(edition, study):
    with (edition / "claims.csv").open(encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    assert [r["verdict"] for r in rows] == [v.word for v in kr.claims.of(study).verdicts]


def test_the_published_part_is_small(edition):
    total = sum(p.stat().st_size for p in edition.rglob("*") if p.is_file() and "notebooks" not in p.parts)
    assert total < 14_000_000
    assert (edition / "report.html").stat().st_size < 3_000_000


def test_the_pdfs_are_tagged_titled_and_in_english(pdf):
    root = pdf.Root
    assert str(root.Lang).startswith("en")
    assert bool(root.MarkInfo.Marked)
    assert bool(root.ViewerPreferences.DisplayDocTitle)
    assert "KORUS" in str(pdf.docinfo["/Title"])


def test_the_brief_has_two_pages_and_the_report_at_most_forty(pdf):
    most = {"brief": 2, "report": 40}.get(pdf.part, 200)
    assert len(pdf.pages) <= most


def test_the_brief_keeps_to_its_words_and_numbers(pages):
    words, numbers = budget(said(pages["report"]))
    assert words <= 620
    assert numbers <= 30


def test_the_bookmarks_of_the_report_are_its_sections(edition):
    with pikepdf.open(edition / "report.pdf") as report, report.open_outline() as outline:
        titles = [item.title for item in outline.root]
    for section in (section for section in storyboard() if section.number):
        possible = [line.rpartition("] ")[2] for line in section.title.strip().splitlines()]  # without conditions
        assert any(one in title for title in titles for one in possible), (section.title, titles)


def test_the_pdfs_have_an_alt_text_for_every_figure_and_formula(pdf, pages):
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
    if pdf.part in pages:
        assert len(found["/Figure"]) == len(pages[pdf.part].xpath("//main//figure[contains(@class,'picture')]"))
        assert len(found["/Formula"]) >= len(pages[pdf.part].xpath("//*[local-name()='math'][@display='block']"))
    assert all(len(alt) > 15 for alts in found.values() for alt in alts)


def test_the_pdfs_embed_every_font_a_korean_one_among_them(pdf):
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


@pytest.mark.parametrize("part", ["report", "annex"])
def test_page_and_print_say_the_same(edition, part):
    page, printed = page_blocks(edition / f"{part}.html"), edition / f"{part}.pdf"
    assert len(page) > 500
    assert not missing(page, print_blocks(printed, grids=True))
    assert not missing(print_blocks(printed), page)


@pytest.mark.parametrize("part", ["report", "annex"])
def test_no_heading_is_on_another_page_than_its_text(edition, part):
    assert PdfText(edition / f"{part}.pdf").stranded() == []


def test_less_than_two_pages_of_the_report_are_blank(edition):
    assert sum(PdfText(edition / "report.pdf").blank()) < 2


def test_links_between_the_pdfs_have_a_destination(pdf, edition):
    addresses = {
        str(link.A.URI) for page in pdf.pages for link in page.get("/Annots", ()) if "/URI" in link.get("/A", {})
    }
    between = {tuple(address.split("#")) for address in addresses if not address.startswith("http")}
    assert between
    for file, name in between:
        with pikepdf.open(edition / file) as other:
            assert name in pikepdf.NameTree(other.Root.Names.Dests), (file, name)


def test_the_edition_of_the_column_knows_nothing_later(tmp_path):
    edition = build(tmp_path, "--as-of", "2017-11", "--format", "html")
    assert edition.name == "2017-11"
    page = html.parse(str(edition / "report.html")).getroot()
    # Provenance may name the day on which something was read: disclosures, dataset records, the "Read in" column.
    read_in = "//*[starts-with(@id,'tbl-context-events')]//td[last()]"
    for skipped in page.xpath(
        f"//template|//details|//*[@id='data-datasets']|//*[contains(@class,'records')]|//footer|//*[contains(@class,'citation')]|{read_in}"
    ):
        skipped.getparent().remove(skipped)
    text = " ".join(page.xpath("//main")[0].text_content().split())
    assert "November 2017" in text
    assert "as revised since November 2017" in text
    text = re.sub(
        r"[Vv]intage[^.]*\.|8 January 2018|\(January 2018\)|from (1 January|January 1,) 20(2|4)\d|January 2026|Analysis 2025|eighth year and 2021|(outlook of|Outlook,) April 2024|and stays to 2021|[Ff]ree from 20(2|4)\d|published in [^.]*\.|January 8, 2018|Reuters Breakingviews,? \(?2018\)?|stays? (?:to|until) 20\d\d|as revised since",
        "",
        text,
    )
    for year in re.findall(r"\b20(?:1[89]|2\d)\b", text.split("References")[0]):
        where = text.index(year)
        pytest.fail(f"{year}: …{text[where - 80 : where + 60]}…")
