"""What one's own notebook shows is published by the exporters, and by no report: read back from page and PDF."""

from __future__ import annotations

import base64
import io
import subprocess
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from lxml import html
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from korus_research.data.catalog import open_catalog
from korus_research.errors import PublishFailed
from korus_research.publish.exporters import KorusHTMLExporter, KorusPDFExporter
from korus_research.publish.report import read_report


def shown(source: str, *outputs) -> nbformat.NotebookNode:
    return new_code_cell(source, execution_count=1, outputs=list(outputs))


def data(**kinds) -> nbformat.NotebookNode:
    return new_output(
        "execute_result", {key.replace("_", "/", 1): value for key, value in kinds.items()}, execution_count=1
    )


def notebook(*cells) -> nbformat.NotebookNode:
    return new_notebook(cells=[new_markdown_cell("# Mine\n\n*What?*"), *cells])


def pixels() -> str:
    made = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(made, "png")
    return base64.b64encode(made.getvalue()).decode()


FRAME = pd.DataFrame({"partner": ["Korea", "a|b <c> *d* [@census]"], "value": [1.5, -2.0]})
MULTI = pd.DataFrame(
    {("x", "a"): [1, 2], ("x", "b"): [3, 4], ("y", "c"): [5.5, 6.5]}, index=pd.Index(["r", "s"], name="n")
)
STREAM = new_output("stream", name="stdout", text="read 3 files `x` ```y``` \x1b[31mred\x1b[0m\n")
CELLS = (
    shown("print()", STREAM),
    shown("frame", data(text_html=FRAME.to_html(), text_plain=repr(FRAME))),
    shown("multi", data(text_html=MULTI.to_html(), text_plain=repr(MULTI))),
    shown("#| fig-alt: A red square.\n#| fig-cap: Red", data(image_png=pixels(), text_plain="<Figure size 640x480>")),
    shown("1", data(text_plain="{'a': 1}")),
    shown("plt.plot()", data(text_plain="[<matplotlib.lines.Line2D at 0x7f00>]")),
    shown("Markdown", data(text_markdown="some **bold**", text_plain="<IPython.core.display.Markdown object>")),
    shown("warn", new_output("stream", name="stderr", text="a warning\n")),
)


@pytest.fixture(scope="module")
def page() -> html.HtmlElement:
    text, _ = KorusHTMLExporter().from_notebook_node(notebook(*CELLS))
    return html.fromstring(text)


def test_printed_text_stands_as_it_was_printed(page):
    codes = [code.text_content() for code in page.iter("pre")]
    assert codes[0] == "read 3 files `x` ```y``` red"
    assert "{'a': 1}" in codes
    words = page.text_content()
    assert "a warning" not in words
    assert "0x7f00" not in words
    assert "some bold" in words


def test_frames_are_tables_with_the_cells_that_pandas_shows(page):
    tables = [table for table in page.iter("table") if not table.get("class")]
    (first, second) = (pd.read_html(io.StringIO(html.tostring(table).decode()))[0] for table in tables[:2])
    assert list(first.iloc[:, 1]) == list(FRAME["partner"])
    assert [float(value) for value in first.iloc[:, 2]] == list(FRAME["value"])
    assert list(second.columns)[1:] == ["x a", "x b", "y c"]
    assert list(second.iloc[:, 0]) == ["r", "s"]
    assert second.iloc[1, 3] == 6.5


def test_a_picture_has_its_alternative_text_and_title(page):
    (figure,) = page.iter("figure")
    (svg,) = figure.iter("svg")
    assert svg.get("aria-label") == "A red square." or "A red square." in html.tostring(svg).decode()
    assert "Red" in figure.text_content()
    assert "CSV" not in figure.text_content(), "there are no figures behind it"


def test_the_pdf_has_the_same(tmp_path: Path):
    made, _ = KorusPDFExporter().from_notebook_node(notebook(*CELLS))
    (tmp_path / "x.pdf").write_bytes(made)
    text = subprocess.run(
        ["pdftotext", str(tmp_path / "x.pdf"), "-"], capture_output=True, text=True, check=True
    ).stdout
    for word in ("read 3 files", "Korea", "6.5", "some bold", "Red"):
        assert word in text


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (shown("plt.show()", data(image_png=pixels())), "a picture without alternative text"),
        (shown("#| fig-alt: x", data(image_png="AAAA")), "a picture that can't be read"),
        (
            shown("x", data(text_html="<b>hi</b>", text_plain="<IPython.core.display.HTML object>")),
            "HTML that holds no",
        ),
        (shown("x", data(application_json={})), "an output of type application/json"),
        (shown("x", new_output("error", ename="E", evalue="no")), "it failed with E: no"),
        (shown("x", new_output("stream", name="stdout", text="x" * 200_000)), "characters of printed text"),
        (shown("#| fig-alt: x", data(**{"image_svg+xml": "<svg><script>1</script></svg>"})), "holds a script"),
    ],
)
def test_what_cant_be_published_names_its_cell_and_what_to_do(cell, said):
    with pytest.raises(PublishFailed) as caught:
        KorusHTMLExporter().from_notebook_node(notebook(cell))
    assert str(caught.value).startswith("Chapter chapter-1, cell 2: ")
    assert said in str(caught.value)
    assert caught.value.do


@pytest.mark.parametrize("cell", CELLS[:5])
def test_a_reports_chapters_show_none_of_it(cell):
    with pytest.raises(PublishFailed):
        read_report([notebook(cell)])


def test_the_day_of_the_data_is_no_day_of_publishing(page, tmp_path):
    """A notebook by itself is published on a day that nothing tells: no clock is read."""
    told = {term.text_content(): term.getnext().text_content() for term in page.iter("dt")}
    assert "Published" not in told
    assert told["Data package"].endswith(open_catalog().compiled[:4])
    assert not page.xpath("//meta[@name='citation_publication_date']")
    content, _ = KorusPDFExporter().from_notebook_node(notebook(*CELLS))
    (tmp_path / "own.pdf").write_bytes(content)
    text = subprocess.run(["pdftotext", tmp_path / "own.pdf", "-"], capture_output=True, text=True, check=True).stdout
    assert f"Data package of {told['Data package']}" in text
    assert "Published" not in text
