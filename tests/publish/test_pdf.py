"""The PDF as assistive software finds it: read with another library, counted against the notebooks."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import sample
import typst
from publishing import publish

from korus_research.publish.blocks.typst import breakable, string


@pytest.fixture(scope="module")
def pdf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pikepdf.Pdf]:
    folder: Path = tmp_path_factory.mktemp("pdf")
    publish(sample.report(), sample.META, ("pdf",), folder, provenance=sample.provenance)
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
        assert sample.META.title in str(meta["dc:title"])


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
