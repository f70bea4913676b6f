"""Report and annex as pages: their heads, what they carry for their pop-overs and their search, links to themselves."""

from __future__ import annotations

import csv
from pathlib import Path

import lxml.html
import pytest
import two_pages
from lxml.html import HtmlElement

from korus_research.publish.blocks.page import answer_in, picture_in


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return two_pages.published(tmp_path_factory.mktemp("pages"))


@pytest.fixture(scope="module")
def pages(folder: Path) -> dict[str, HtmlElement]:
    return {name: lxml.html.fromstring((folder / f"{name}.html").read_text("utf-8")) for name in ("report", "annex")}


def text(element: HtmlElement) -> str:
    return " ".join(element.text_content().split())


def test_the_head_links_the_files_that_the_edition_has_and_no_other(pages):
    links = {name: page.xpath("//ul[@class='files']//a/@href") for name, page in pages.items()}
    assert links["report"] == ["annex.html", "report.pdf", "claims.csv", "../../index.html", "#edition"]
    assert links["annex"] == ["report.html", "report.pdf", "claims.csv", "../../index.html", "#edition"]
    about = text(pages["report"].xpath("//footer")[0])
    for fact in ("Cite as", "The korus-research authors (2026)", "MIT License", "issue tracker"):
        assert fact in about
    assert "Published November 28, 2026" in text(pages["report"].xpath("//p[@class='facts']")[0])


def test_the_head_says_to_programs_what_it_is(pages):
    said = {m.get("name") or m.get("property"): m.get("content") for m in pages["report"].iter("meta")}
    assert said["citation_publication_date"] == "2026/11/28"
    assert said["og:title"] == said["citation_title"] == "Did the toy agreement deliver?"
    assert not [value for value in said.values() if value and "://" in value], "no address is known"


def test_a_page_without_the_list_carries_the_lines_of_its_own_numbers(pages):
    (unseen,) = pages["report"].xpath("//template[@id='numbers-here']//tr")
    (listed,) = [row for row in pages["annex"].xpath("//section[@id='numbers']//tr") if row.get("id") == "f-flows.end"]
    for row in (unseen, listed):
        for fact in ("$42.3 billion", "40.00 to 44.50, 90 percent range", "toy measure", "2016", "Toy basis"):
            assert fact in text(row)
    assert unseen.xpath(".//a/@href") == ["annex.html#data-toy_trade"]
    assert listed.xpath(".//a/@href")[0] == "#data-toy_trade"
    assert not pages["annex"].xpath("//template[@id='numbers-here']")
    assert {a.get("href") for a in pages["report"].xpath("//*[@class='f']/a")} == {"annex.html#f-flows.end"}


def test_the_search_of_each_page_knows_the_titles_of_the_other(pages):
    titles = {
        name: {a.get("href"): text(a) for a in page.xpath("//template[@id='titles']/a")} for name, page in pages.items()
    }
    assert titles["report"]["annex.html#fig-flows-more"] == "Copper kettles of the annex"
    assert titles["annex"]["report.html#sec-trade"] == "What happened to toys?"
    assert not {href.split("#")[0] for href in titles["report"]} - {"annex.html"}


def test_headings_link_to_themselves_and_sections_to_their_neighbours(pages):
    for page in pages.values():
        ids = set(page.xpath("//@id"))
        anchors = page.xpath("//a[@class='anchor']")
        assert len(anchors) == len(page.xpath("//main//h2[@id]|//main//h3[@id]"))
        assert all(a.get("href")[1:] in ids and a.get("aria-label").startswith("Link to: ") for a in anchors)
    turns = [[a.get("href") for a in turn.iter("a")] for turn in pages["report"].xpath("//*[@class='turn']")]
    assert turns == [["#top", "#sec-cars"], ["#sec-trade", "#top", "#sec-said"], ["#sec-cars", "#top"]]


def test_what_can_be_copied_of_a_figure_is_its_file(pages, folder):
    (data,) = pages["report"].xpath("//*[@id='fig-flows-levels']//template[@class='data']")
    with (folder / "figures" / "flows-levels.csv").open(encoding="utf-8") as file:
        assert [line.split("\t") for line in data.text.splitlines()] == list(csv.reader(file))


def test_the_answer_and_the_picture_that_come_first_are_found():
    page = '<div class="standfirst">\n<p>It <em>fell</em> &amp; rose.</p>\n</div><div class="answer"><p>No.</p></div>'
    assert answer_in(page) == "It fell & rose."
    assert answer_in("<p>None.</p>") == picture_in("<p>None.</p>") == ""
    assert (
        picture_in('<figure class="picture wide" id="fig-toy-trade"><figure class="picture" id="fig-b">') == "toy-trade"
    )
