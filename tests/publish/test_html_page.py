"""The page as a reader's software finds it: parsed again, counted against the notebooks, every link followed."""

from __future__ import annotations

import base64
import re
from collections import Counter
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import lxml.html
import pytest
import sample
from hypothesis import given, settings, strategies as st
from lxml.html import HtmlElement
from publishing import publish

from korus_research.publish import markup
from korus_research.publish.converters import fonts
from korus_research.publish.converters.pandoc import pandoc


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    published = publish(
        sample.report(), sample.META, ("html",), tmp_path_factory.mktemp("page"), provenance=sample.provenance
    )
    return published.folder


@pytest.fixture(scope="module")
def page(folder: Path) -> HtmlElement:
    return lxml.html.fromstring((folder / "report.html").read_text(encoding="utf-8"))


def payloads(kind: str) -> list[dict[str, Any]]:
    mime = f"application/vnd.korus.{kind}+json"
    cells = [cell for notebook in sample.report() for cell in notebook.cells if cell.cell_type == "code"]
    return [output.data[mime] for cell in cells for output in cell.outputs if mime in output.data]


def text(element: HtmlElement) -> str:
    return " ".join(element.text_content().split())


def test_every_figure_is_there_with_its_alt_text(page):
    pictures = page.xpath("//figure[contains(@class,'picture')]//*[local-name()='svg'][@role='img']")
    assert [svg.get("aria-label") for svg in pictures] == [" ".join(f["alt"].split()) for f in payloads("figure")]
    assert len(pictures) == 3
    titles = [text(t) for t in page.xpath("//figure[contains(@class,'picture')]/div[@class='title']")]
    assert all("$42.3 billion" in title for title in titles), "a dollar in a title is a dollar, not mathematics"


def test_every_table_is_there_with_caption_headers_and_cells(page):
    tables = page.xpath("//figure[starts-with(@id,'tbl-')]//table")
    made = payloads("table")
    assert len(tables) == len(made) + len(payloads("datasets"))
    for table in page.xpath("//table"):
        assert text(table.find("caption"))
        assert all(text(th) and th.get("scope") in ("col", "row") for th in table.iter("th"))
    by_id = {figure.get("id"): figure for figure in page.xpath("//figure[starts-with(@id,'tbl-')]")}
    for data in made:
        rows = by_id[f"tbl-{data['id']}"].xpath(".//tbody/tr")
        shown = [[text(cell) for cell in row] for row in rows]
        cells = [[c["text"] if isinstance(c, dict) else c for c in row.values()] for row in data["rows"]]
        assert shown == cells


def test_wide_tables_scroll_by_themselves_and_by_keyboard(page):
    regions = page.xpath("//*[@class='scroll']")
    assert len(regions) == len(page.xpath("//table"))
    names = [region.get("aria-label") for region in regions]
    assert all(region.get("role") == "region" and region.get("tabindex") == "0" for region in regions)
    assert all(names)
    assert len(set(names)) == len(names)


def test_formulas_have_words(page):
    maths = page.xpath("//*[local-name()='math']")
    shown = [m.get("alttext") for m in maths if m.get("display") == "block"]
    assert shown == [f["alt"] for f in payloads("formula")]
    assert [m.get("alttext") for m in maths if m.get("display") == "inline"] == ["x_i"]


def test_nothing_is_loaded(page, folder):
    raw = (folder / "report.html").read_text(encoding="utf-8")
    assert not page.xpath("//iframe|//img|//object|//embed|//form|//base")
    assert [(link.get("rel"), link.get("href")[:5]) for link in page.iter("link")] == [("icon", "data:")]
    assert not [a for e in page.iter() for a in getattr(e, "attrib", {}) if a.startswith("on")]
    assert re.findall(r"url\(\s*(?!data:|#)[^)]*\)|@import", raw) == []
    policy = page.xpath("//meta[@http-equiv]/@content")[0]
    assert all(part in policy for part in ("default-src 'none'", "base-uri 'none'", "form-action 'none'"))


def test_every_id_is_one_and_every_link_arrives(page, folder):
    ids = Counter(page.xpath("//@id"))
    assert [name for name, count in ids.items() if count > 1] == []
    links = page.xpath("//@href") + page.xpath("//@*[local-name()='href' and namespace-uri()!='']")
    assert [link for link in links if link.startswith("#") and link[1:] not in ids] == []
    files = [link for link in links if not re.match(r"#|https://|data:image/svg", link)]
    assert len(files) >= 8, "CSV of five figures and tables, SVG of three"
    assert [link for link in files if not (folder / link).is_file()] == []
    labelled = " ".join(page.xpath("//@aria-labelledby")).split()
    assert [name for name in labelled if name not in ids] == []


def test_references_speak_numbers(page):
    flows = page.xpath("//section[@id='ch-flows']")[0]
    spoken = {a.get("href"): text(a) for a in flows.xpath(".//p//a")}
    assert spoken["#fig-flows-levels"] == "Figure 2"
    assert spoken["#tbl-flows-grid"] == "Table 1"
    assert spoken["#ch-claims"] == "Chapter 12"


def test_a_spoken_number_leads_to_its_finding_and_on_to_its_data(page):
    spans = page.xpath("//span[@class='f']")
    said = [p["markdown"] for p in payloads("prose")] + [c["measured"] for p in payloads("cards") for c in p["cards"]]
    assert len(spans) == sum(markdown.count("{.f ") for markdown in said)
    for span in spans:
        (link,) = span.xpath("./a/@href")
        row = page.get_element_by_id(link[1:])
        assert link == f"#f-{span.get('data-f')}"
        assert text(row.find("th")) == text(span)
        (dataset,) = row.xpath(".//a[starts-with(@href,'#data-')]/@href")
        assert "Public domain" in text(page.get_element_by_id(dataset[1:]))


def test_disclosures_say_where_a_figure_comes_from(page):
    opened = page.xpath("//figure[@id='fig-flows-levels']//details")[0]
    said = text(opened)
    for fact in ("Invented for tests", "2026-11-23", "Public domain", "ab" * 32, "chapters.toy.line", "2026-07"):
        assert fact in said
    assert opened.get("open") is None, "it is quiet until asked"


def test_headings_go_down_one_step_at_a_time(page):
    levels = [int(h.tag[1]) for h in page.iter("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))


def test_landmarks_and_language(page):
    assert page.get("lang") == "en"
    for tag in ("header", "nav", "main", "footer"):
        assert len(page.xpath(f"//{tag}")) == 1
    assert page.xpath("//body/*[1]")[0].get("href") == "#report"
    korean = {word for element in page.xpath("//*[@lang='ko']") for word in text(element).split()}
    assert korean == {"한미", "자유무역협정", "자유무역"}
    assert text(page.xpath("//title")[0]).endswith("Data through July 2026")


def test_korean_font_is_only_there_when_needed_and_only_its_glyphs(page):
    from fontTools.ttLib import TTFont

    style = page.xpath("//style")[0].text
    data = base64.b64decode(re.search(r"data:font/woff;base64,([^)]+)\)", style)[1])  # type: ignore[index]
    assert {chr(code) for code in TTFont(BytesIO(data)).getBestCmap()} == set("한미자유무역협정")
    assert fonts.font_face("Only Latin, 12 %") == ""


def test_verdicts_are_words_and_shapes(page):
    verdicts = page.xpath("//article//p[contains(@class,'verdict')]")
    assert [text(v) for v in verdicts] == [word for word, _ in sample.TONES]
    marks = {lxml.html.tostring(v[0], with_tail=False) for v in verdicts}
    shapes = {re.sub(rb'class="[^"]*"', b"", mark) for mark in marks}
    assert len(shapes) == len(sample.TONES), "each verdict has a shape of its own"


def test_footnotes_of_two_chapters_do_not_meet(page):
    notes = [text(li) for li in page.xpath("//*[@role='doc-endnotes']//li")]
    assert [note.rstrip("↩︎ ") for note in notes] == [
        "A note for the foot of the page, 자유무역.",
        "Another note of the same name.",
    ]


def test_citation_reaches_the_bibliography(page):
    (cited,) = page.xpath("//*[@class='citation']//a/@href")
    assert page.get_element_by_id(cited[1:]).get("class") == "csl-entry"


def test_decimal_points_of_a_column_meet(page):
    cells = page.xpath("//figure[@id='tbl-flows-grid']//tbody/tr/td[1]")
    widths = {cell.xpath("./span[@class='fr']/@style")[0] for cell in cells}
    assert len(widths) == 1, "what follows the point has one width, so the points stand under each other"
    assert {text(cell.xpath("./span")[0])[:1] for cell in cells} <= {"", "."}


def test_every_reference_inside_a_picture_of_the_page_leads_somewhere(page):
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    for use in page.iter("use"):
        target = use.get("href") or use.get("xlink:href")
        assert target[1:] in ids


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.text(
            st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_categories=["Cc", "Zs", "Zl"]) | st.just(" "),
            max_size=40,
        ),
        min_size=1,
        max_size=25,
    )
)
def test_escaped_text_reads_exactly_so(texts):
    lines = [" ".join(t.split()) or "empty" for t in texts]
    source = "\n\n".join(f"::: line\n{markup.escape(line)}\n:::" for line in lines)
    root = lxml.html.fromstring(f"<main>{pandoc(source, 'html')}</main>")
    shown = [" ".join(div.text_content().split()) for div in root.xpath("./div")]
    straight = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "."})

    def same(line: str) -> str:
        return re.sub(r"-+", "-", re.sub(r"\.+", ".", line.translate(straight)))

    assert [same(line) for line in shown] == [same(line) for line in lines]
