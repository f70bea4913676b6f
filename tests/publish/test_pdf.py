"""The PDF as assistive software finds it: read with another library, counted against the notebooks."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import lxml.html
import pikepdf
import pytest
import sample
import typst
from nbformat.v4 import new_markdown_cell
from pdf_text import PdfText
from publishing import publish
from same_words import bare, missing, page_blocks, print_blocks

from korus_research.publish.blocks.typst import breakable, string
from korus_research.publish.converters.fonts import print_fonts
from korus_research.publish.converters.pages import pages
from korus_research.publish.converters.pandoc import pandoc
from korus_research.publish.converters.typst import compiled
from korus_research.publish.markup import typographic


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("pdf")
    publish(sample.report(), sample.META, ("html", "pdf"), made, provenance=sample.provenance)
    return made


@pytest.fixture(scope="module")
def pdf(folder: Path) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(folder / "report.pdf") as opened:
        yield opened


def elements(node: Any, seen: set[tuple[int, int]] | None = None) -> Iterator[Any]:
    """Walk the structure tree."""
    seen = set() if seen is None else seen
    if isinstance(node, pikepdf.Array):
        for kid in node:
            yield from elements(kid, seen)
    elif isinstance(node, pikepdf.Dictionary):
        if node.is_indirect:
            if node.objgen in seen:
                return
            seen.add(node.objgen)
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from elements(node.K, seen)


def alts(pdf: pikepdf.Pdf, kind: str) -> list[str]:
    return [str(e.Alt) for e in elements(pdf.Root.StructTreeRoot) if str(e.S) == kind and "/Alt" in e]


def outline(pdf: pikepdf.Pdf) -> list[str]:
    with pdf.open_outline() as tree:
        return [item.title for item in tree.root]


def test_it_is_tagged_and_says_that_it_is_accessible(pdf):
    assert pdf.Root.MarkInfo.Marked
    assert str(pdf.Root.Lang) == "en"
    assert pdf.Root.ViewerPreferences.DisplayDocTitle
    with pdf.open_metadata() as meta:
        assert str(meta["pdfuaid:part"]) == "1"
        assert (str(meta["pdfaid:part"]), str(meta["pdfaid:conformance"])) == ("2", "A"), "both at once"
        assert sample.META.title in str(meta["dc:title"])


def test_it_has_what_both_standards_ask_of_a_file(pdf):
    """PDF/UA-1 and PDF/A-2: a file that says what it is, letters that can be read back, nothing that runs."""
    assert len(pdf.trailer.ID) == 2
    assert pdf.Root.OutputIntents
    assert "/Filter" not in pdf.Root.Metadata
    assert not {"/JavaScript", "/EmbeddedFiles"} & set(pdf.Root.get("/Names", {}).keys())
    assert not {"/AA", "/OpenAction"} & set(pdf.Root.keys())
    for page in pdf.pages:
        assert all("/ToUnicode" in font for font in page.Resources.get("/Font", {}).values())
        for link in page.get("/Annots", ()):
            assert str(page.Tabs) == "/S", "links in the order of the structure"
            assert str(link.Contents), "each link says where it goes"
            assert link.F == 4, "and is printed"


def test_every_figure_and_formula_has_its_words(pdf):
    made = sample.report()
    expected = [
        " ".join(o.data["application/vnd.korus.figure+json"]["alt"].split())
        for notebook in made
        for cell in notebook.cells
        if cell.cell_type == "code"
        for o in cell.outputs
        if "application/vnd.korus.figure+json" in o.data
    ]
    assert [alt for alt in alts(pdf, "/Figure") if alt] == expected
    assert sorted(alts(pdf, "/Formula")) == sorted(["x_i", "Balance is exports less the sum of imports."])


def test_tables_are_tables_with_headers(pdf):
    kinds = Counter(str(e.S) for e in elements(pdf.Root.StructTreeRoot))
    assert kinds["/Table"] == 3
    assert kinds["/TH"] >= 4 + 4 + 2
    assert kinds["/Caption"] == 3 + 3, "figures and tables"
    assert kinds["/Note"] + kinds["/FENote"] == 2


def attribute(cell: Any, key: str) -> Any:
    """What a cell says of itself as part of a table."""
    return next((one[key] for one in cell.get("/A", ()) if one.get("/O") == "/Table" and key in one), None)


def test_every_row_has_a_header_that_its_cells_name(pdf):
    ids = set(pikepdf.NameTree(pdf.Root.StructTreeRoot.IDTree))
    rows = [row for row in elements(pdf.Root.StructTreeRoot) if str(row.S) == "/TR" and str(row.P.S) == "/TBody"]
    assert len(rows) >= 6 + 6
    for row in rows:
        (head,) = (cell for cell in row.K if str(cell.S) == "/TH")
        assert str(attribute(head, "/Scope")) == "/Row"
        assert str(head.ID) in ids
        for cell in (cell for cell in row.K if str(cell.S) == "/TD"):
            named = [str(one) for one in attribute(cell, "/Headers")]
            assert len(named) == len(set(named)) == 2, "the head of the column and that of the row"
            assert named[1] == str(head.ID)
            assert set(named) <= ids


def test_the_tree_and_the_pages_tell_of_each_other(pdf):
    """After the pass that retags cells every piece of marked content still belongs to the element that holds it."""
    parents = dict(pikepdf.NumberTree(pdf.Root.StructTreeRoot.ParentTree).items())
    for page in pdf.pages:
        for number, element in enumerate(parents[int(page.obj.StructParents)]):
            kids = element.K if isinstance(element.K, pikepdf.Array) else [element.K]
            held = [int(kid.MCID) if isinstance(kid, pikepdf.Dictionary) and "/MCID" in kid else kid for kid in kids]
            assert number in held


def test_places_have_the_page_on_which_their_words_are(folder):
    known, text = pages((folder / "report.pdf").read_bytes()), PdfText(folder / "report.pdf")
    for name, words in (("fig-flows-levels", "Figure 1"), ("ch-claims", "Claims"), ("references", "References")):
        said = "".join(text.pages[known[name] - 1].said.values())
        assert words in said, name


def test_korean_words_are_whole_and_marked(folder):
    printed = PdfText(folder / "report.pdf")
    said = " ".join(text for _, text in printed.blocks())
    assert sample.META.name_ko in said
    assert unicodedata.is_normalized("NFC", said)
    korean = {text for page in printed.pages for language, text in page.foreign if language == "ko" and text.strip()}
    assert set(sample.META.name_ko.split()) <= {word for text in korean for word in text.split()}


def test_the_page_and_the_print_say_the_same(folder):
    page, printed = page_blocks(folder / "report.html"), folder / "report.pdf"
    assert len(page) > 60
    assert not missing(page, print_blocks(printed, grids=True))
    assert not missing(print_blocks(printed), [*page, bare(sample.META.standfirst)])


SIGNS = """The 2010's gap, 5's and 1990s' end, workers' pay, Korea's "gain".

A "-?" mark, x-?y, -5 percent, (-3), \\[-3\\], 2010-2018, −−3, −4, a–b, a -- b, so... on, 3.5-4, +5, \\~ 1/2 // 3.

- -? alone
- "two" and 'three'
"""


def test_signs_that_typst_reads_as_more_come_out_as_they_are(tmp_path):
    report = [sample.chapter("01", "flows", "Korea's '-?'", "What's -1?", [new_markdown_cell(SIGNS)])]
    publish(report, sample.META, ("html", "pdf"), tmp_path, provenance=sample.provenance)
    printed = print_blocks(tmp_path / "report.pdf", grids=True)
    assert not missing(page_blocks(tmp_path / "report.html"), printed)
    assert any("−−3" in text and "x-?y" in text for text in printed)


@pytest.mark.parametrize(
    "text", ["makers' cars", "2010's", "'Below' and \"a b\"", '("x")', '"-?" y', "a 'b' c's", 'no "end" of it', "5' x"]
)
def test_plain_text_has_the_quotes_that_pandoc_gives(text):
    assert typographic(text) == lxml.html.fromstring(pandoc(text, "html")).text_content().strip()


def test_bookmarks_are_the_chapters(pdf):
    assert [title for title in outline(pdf) if title != "References"] == [
        "Summary",
        "1 Flows",
        "12 Claims",
        "13 Data and methods",
    ]


def test_the_only_date_is_that_of_the_edition(pdf):
    assert str(pdf.docinfo["/CreationDate"]).startswith("D:20260731000000")


def test_fonts_travel_with_it(pdf):
    fonts: dict[str, Any] = {}
    for page in pdf.pages:
        for font in page.Resources.get("/Font", {}).values():
            descendant = font.DescendantFonts[0] if "/DescendantFonts" in font else font
            fonts[str(descendant.BaseFont).split("+")[-1]] = descendant.FontDescriptor
    assert all({"/FontFile", "/FontFile2", "/FontFile3"} & set(d.keys()) for d in fonts.values())
    assert any(name.startswith("NanumGothic") for name in fonts), "Korean words have Korean glyphs"
    assert any(name.startswith("LibertinusSerif") for name in fonts)


def test_floats_that_stop_typst_stay_in_their_place(monkeypatch, tmp_path):
    """It stops with an internal error where a float lands between the parts of a table; an edition must not."""
    compiler, asked = typst.Compiler, []

    def stopped(*arguments: Any, sys_inputs: dict[str, str], **more: Any) -> Any:
        asked.append(sys_inputs)
        if sys_inputs.get("floats") != "no":
            error = typst.TypstError("stopped")
            error.message, error.diagnostic = "internal error: parent group", ""
            raise error
        return compiler(*arguments, sys_inputs=sys_inputs, **more)

    monkeypatch.setattr(typst, "Compiler", stopped)
    publish(sample.report(), sample.META, ("pdf",), tmp_path, provenance=sample.provenance)
    assert len(asked) == 2
    assert "Figure 1" in " ".join(text for _, text in PdfText(tmp_path / "report.pdf").blocks())


def test_pages_are_a4(pdf):
    sizes = {tuple(round(float(x)) for x in page.MediaBox) for page in pdf.pages}
    assert sizes == {(0, 0, 595, 842)}


@pytest.mark.parametrize(
    "text", ["plain", 'a "quoted" word', "back\\slash", "#let x = 1", "$5 & $6", "한미 FTA", "a\u2028b", "*_`@<label>"]
)
def test_text_goes_into_typst_as_it_is(text):
    source = f"#metadata({string(text)}) <x>".encode()
    found = json.loads(typst.query(source, "<x>", field="value", one=True))
    assert found == " ".join(text.split())


def test_long_addresses_may_break_and_short_words_may_not():
    address = "internationaltradecomplianceupdate.com/2018/03/26"
    assert breakable(address).replace("\N{ZERO WIDTH SPACE}", "") == address
    assert breakable(address).count("\N{ZERO WIDTH SPACE}") == 4
    assert breakable("and/or 2018-03-26") == "and/or 2018-03-26"


def test_a_chapter_alone_begins_on_the_first_page():
    from korus_research.publish.exporters import KorusPDFExporter

    short = sample.chapter("01", "flows", "Flows", "What happened?", [sample.say("Exports rose.")])
    output, _ = KorusPDFExporter().from_notebook_node(short)
    with pikepdf.open(BytesIO(output)) as opened:
        assert len(opened.pages) == 1


def test_where_floats_find_no_rest_the_document_is_set_without_them():
    """The place of the exhibit and the page of the next section depend on each other."""
    text = "The estimate is a mean over seven years, and the range around it holds nine in ten of the placebos. " * 2
    shown = "#floated(block(height: 150mm, width: 100%)[The exhibit])\n\n"
    parts = [
        (text + "\n\n") * 21,
        shown,
        (text + "\n\n") * 20,
        '#section(number: "2", title: "Two", name: "two")',
    ]
    opening = '#import "report.typ": *\n#show: setup.with(title: "T", authors: ("A",), edition: "E", dated: "D")\n'
    source = opening + '#section(number: "1", title: "One", name: "one")\n\n' + "\n\n".join([*parts, text * 5])
    made = compiled(source, {}, timestamp=datetime(2026, 1, 1, tzinfo=UTC), font_paths=print_fonts(), part="report")
    with pikepdf.open(BytesIO(made)) as opened:
        assert len(opened.pages) >= 2
