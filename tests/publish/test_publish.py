"""What is refused before anything is written, and that the same input gives the same files."""

from __future__ import annotations

import copy
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
import sample
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell
from publishing import publish

from korus_research.errors import PublishFailed
from korus_research.publish.publish import typeset
from korus_research.publish.report import read_report


def one(*cells: Any) -> list[Any]:
    return [sample.chapter("01", "flows", "Flows", "What happened?", cells)]


COMPLETE = replace(sample.META, left_out=())


def refused(tmp_path: Path, *cells: Any, formats: tuple[str, ...] = ("html",)) -> str:
    with pytest.raises(PublishFailed) as caught:
        publish(one(*cells), COMPLETE, formats, tmp_path, provenance=sample.provenance)  # type: ignore[arg-type]
    assert caught.value.expected, "an error says what was expected"
    assert caught.value.do, "and what to do"
    assert not list(tmp_path.iterdir()), "nothing is written when something is refused"
    return str(caught.value)


def shown(**output: Any) -> Any:
    kind = output.pop("output_type")
    return new_code_cell("x", execution_count=1, outputs=[new_output(kind, **output)])


def test_printed_text_names_chapter_and_cell(tmp_path):
    message = refused(tmp_path, sample.say("Fine."), shown(output_type="stream", name="stderr", text="a warning\n"))
    assert "Chapter flows, cell 3" in message
    assert "a warning" in message
    assert "stderr" in message


def test_blank_printed_text_is_nothing(tmp_path):
    cells = one(shown(output_type="stream", name="stdout", text="\n"), sample.say("Fine."))
    assert publish(cells, sample.META, ("html",), tmp_path, provenance=sample.provenance).files


@pytest.mark.parametrize("data", [{"text/plain": "42"}, {"text/html": "<b>4</b>"}, {"image/png": "aGk="}])
def test_unknown_output_is_refused(tmp_path, data):
    message = refused(tmp_path, shown(output_type="display_data", data=data))
    assert "Chapter flows, cell 2" in message
    assert next(iter(data)) in message


def test_unknown_kind_of_ours_is_refused(tmp_path):
    assert "vnd.korus.hologram" in refused(tmp_path, sample.show("hologram", {"id": "x"}))


def test_failed_cell_is_refused(tmp_path):
    cell = shown(output_type="error", ename="ZeroDivisionError", evalue="division by zero", traceback=[])
    assert "ZeroDivisionError: division by zero" in refused(tmp_path, cell)


@pytest.mark.parametrize("key", ["alt", "title", "source"])
def test_figure_without_words_is_refused(tmp_path, key):
    assert f"'lead' without {key}" in refused(tmp_path, sample.figure("lead", **{key: ""}))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("<path id", "<script>1</script><path id", "script"),
        ("<path id", '<path onload = "go()" id', "script"),
        ('xlink:href="#dot"', 'xlink:href="https://example.org/a.svg"', "from elsewhere"),
        ("<svg", "<gvs", "not an SVG"),
    ],
)
def test_picture_that_does_not_stand_by_itself_is_refused(tmp_path, old, new, said):
    assert said in refused(tmp_path, sample.figure("lead", svg=sample.svg().replace(old, new)))


def test_table_is_checked(tmp_path):
    columns = [{"key": "a", "label": " ", "unit": "", "align": "left", "width": None}]
    assert "without a label: a" in refused(tmp_path, sample.table("t", columns=columns, row_header="a"))
    assert "is not a column" in refused(tmp_path, sample.table("t", row_header="b"))
    assert "lacks a cell" in refused(tmp_path, sample.table("t", rows=[{"year": "2011"}]))


@pytest.mark.parametrize(
    ("markdown", "said"),
    [
        ("<b>bold</b>", "raw markup"),
        ("<!-- note -->", "raw markup"),
        ("```{=html}\n<b>\n```", "raw markup"),
        ("`<b>`{=html}", "raw markup"),
        ("See [Figure](#fig-nowhere).", "#fig-nowhere"),
        ("See [Chapter](#ch-nowhere).", "#ch-nowhere"),
        ("# Second title", "level 1"),
        ("#### Too deep", "level 4 after one of level 1"),
    ],
)
def test_markdown_that_cannot_be_set_is_refused(tmp_path, markdown, said):
    message = refused(tmp_path, new_markdown_cell(markdown))
    assert "Chapter flows, cell 2" in message
    assert said in message


@pytest.mark.parametrize("format", ["html", "pdf"])
@pytest.mark.parametrize(
    ("markdown", "said"),
    [
        ("![p](attachment:a.png)", "a picture in Markdown"),
        ("\\begin{align}\na &= b\n\\end{align}", "a TeX environment that is not between"),
        ("![p](picture.png)", "a picture in Markdown"),
        ("![p](https://example.org/t.png)", "a picture in Markdown"),
        ("![p](data:image/png;base64,aGk=)", "a picture in Markdown"),
        ("![p][ref]\n\n[ref]: picture.png", "a picture in Markdown"),
        ("[p](javascript:void)", "a link to javascript:"),
        ("[p]( JavaScript:void)", "a link to JavaScript:"),
        ("[p](file:///dev/null)", "a link to file:"),
        ("<data:text/plain,a>", "a link to data:"),
        ("Text `#x`{=typst}.", "raw markup"),
        ("~~~ {=html}\nx\n~~~", "raw markup"),
        ("Said [@nobody-2011].", "nobody-2011"),
        ("## Two\n\n```\n# a comment\n```\n\n#### Four", "level 4 after one of level 2"),
    ],
)
def test_what_would_be_lost_or_differ_is_refused_alike_in_both_formats(tmp_path, format, markdown, said):
    message = refused(tmp_path, new_markdown_cell(markdown), formats=(format,))
    assert said in message
    assert "Chapter flows, cell 2" in message


def test_a_raw_cell_is_refused_and_an_empty_one_is_nothing(tmp_path):
    assert "cell 2: a raw cell" in refused(tmp_path, new_raw_cell("<b>for LaTeX only</b>"))
    cells = one(new_raw_cell(" "), sample.say("Fine."))
    assert publish(cells, COMPLETE, ("html",), tmp_path, provenance=sample.provenance).files


def test_headings_of_one_cell_go_on_in_the_next_whatever_stands_between(tmp_path):
    cells = one(new_markdown_cell("## Two\n\n```\n# a comment\n```"), new_markdown_cell("### Three"))
    published = publish(cells, COMPLETE, ("html", "pdf"), tmp_path, provenance=sample.provenance)
    assert "<h4" in (published.folder / "report.html").read_text()


def test_a_sign_that_no_font_has_is_told_with_its_cell(tmp_path):
    message = refused(
        tmp_path, new_markdown_cell("Fine."), new_markdown_cell("Odd: \N{OLD PERSIAN SIGN A}"), formats=("pdf",)
    )
    assert "Chapter flows, cell 3" in message


def test_less_than_in_prose_is_no_markup(tmp_path):
    cells = one(new_markdown_cell("p < 0.05 and 3 > 2, and `<b>` is code."))
    published = publish(cells, sample.META, ("html",), tmp_path, provenance=sample.provenance)
    text = (published.folder / "report.html").read_text()
    assert "p &lt; 0.05 and 3 &gt; 2" in text
    assert "<code>&lt;b&gt;</code>" in text


def test_citation_that_is_not_in_the_bibliography_is_refused(tmp_path):
    assert "nobody2099" in refused(tmp_path, new_markdown_cell("As shown [@nobody2099]."))


def test_spoken_number_needs_its_finding(tmp_path):
    assert "'flows.ghost'" in refused(tmp_path, sample.say(sample.span("flows.ghost", "$1 billion")))


def test_one_finding_has_one_value(tmp_path):
    first = sample.say("A.", sample.finding("flows.end", "$1.5 billion", 1.5))
    second = sample.say("B.", sample.finding("flows.end", "$1.6 billion", 1.6))
    message = refused(tmp_path, first, second)
    assert "1.6" in message
    assert "1.5" in message


def test_two_figures_of_one_id(tmp_path):
    message = refused(tmp_path, sample.figure("lead"), sample.figure("lead"))
    assert "cell 3" in message
    assert "cell 2" in message


def test_typst_refusal_is_ours(tmp_path, monkeypatch):
    # An alt text that is lost on the way would make an inaccessible PDF: Typst must stop it, and we must say so.
    from korus_research.publish.blocks import typst

    monkeypatch.setattr(typst, "string", lambda text: '""' if "climbs" in str(text) else f'"{text}"')
    message = refused(tmp_path, sample.figure("lead", svg=sample.svg()), formats=("pdf",))
    assert "Typst refused" in message


def test_unknown_format(tmp_path):
    assert "docx" in refused(tmp_path, sample.say("A."), formats=("docx",))
    assert "(none)" in refused(tmp_path, sample.say("A."), formats=())


def test_no_chapters_are_an_empty_report(tmp_path):
    assert publish([], sample.META, ("html",), tmp_path, provenance=sample.provenance).files


def test_reference_to_a_chapter_left_out_becomes_words(tmp_path):
    cells = one(new_markdown_cell("See [Chapter](#ch-gravity) and [Table](#tbl-gravity-windows)."))
    published = publish(cells, sample.META, ("html",), tmp_path, provenance=sample.provenance)
    text = (published.folder / "report.html").read_text()
    assert "<em>Gravity</em>" in text
    assert "Table in the full report" in text
    assert "#ch-gravity" not in text


def test_same_input_same_bytes_anywhere(tmp_path):
    first = publish(sample.report(), sample.META, ("html", "pdf"), tmp_path / "a", provenance=sample.provenance)
    paths = [tmp_path / f"{i}.ipynb" for i in range(len(sample.report()))]
    for path, notebook in zip(paths, sample.report(), strict=True):
        nbformat.write(notebook, path)
    read = [nbformat.read(path, as_version=4) for path in paths]
    second = publish(read, sample.META, ("pdf", "html"), tmp_path / "b" / "deeper", provenance=sample.provenance)
    names = [path.relative_to(first.folder) for path in first.files]
    assert [path.relative_to(second.folder) for path in second.files] == names
    assert [n for n in names if (first.folder / n).read_bytes() != (second.folder / n).read_bytes()] == []
    assert str(tmp_path) not in (first.folder / "report.html").read_text()


def test_files_beside_the_report_are_those_of_the_chapters(tmp_path):
    published = publish(sample.report(), sample.META, ("html",), tmp_path, provenance=sample.provenance)
    names = {str(path.relative_to(tmp_path)) for path in published.files}
    figures = {"summary-lead", "flows-levels", "flows-balance"}
    expected = {f"figures/{name}.{kind}" for name in figures for kind in ("svg", "csv")}
    assert names == expected | {"tables/flows-grid.csv", "tables/claims-long.csv", "report.html"}
    assert (tmp_path / "figures/flows-levels.csv").read_text() == "month,value\n2026-07,1.5\n"
    assert (tmp_path / "figures/flows-levels.svg").read_text() == sample.svg(), "the file is the picture as it was made"


def test_numbers_run_through_the_report_in_order():
    report = read_report(sample.report())
    assert {k: v.replace("\N{NO-BREAK SPACE}", " ") for k, v in report.labels.items()} == {
        "ch-summary": "Summary",
        "ch-flows": "Chapter 1",
        "ch-claims": "Chapter 12",
        "ch-data": "Chapter 13",
        "fig-summary-lead": "Figure 1",
        "fig-flows-levels": "Figure 2",
        "fig-flows-balance": "Figure 3",
        "tbl-flows-grid": "Table 1",
        "tbl-claims-long": "Table 2",
        "tbl-datasets": "Table 3",
    }


def test_reading_leaves_the_notebooks_alone():
    notebooks = sample.report()
    before = copy.deepcopy(notebooks)
    read_report(notebooks)
    assert notebooks == before


def test_nbconvert_and_the_report_make_the_same_of_the_same_chapters():
    from korus_research.publish.exporters import KorusHTMLExporter, KorusPDFExporter

    files: dict[str, bytes] = {}
    typeset(sample.report(), sample.META, ("html", "pdf"), files.__setitem__)
    for name, kind in (("html", KorusHTMLExporter), ("pdf", KorusPDFExporter)):
        output, resources = kind().from_notebooks(sample.report(), sample.META)
        beside = resources.get("outputs", {})
        made = {f"report.{name}": output.encode() if isinstance(output, str) else output, **beside}
        assert made.items() <= files.items()


def test_a_chapter_alone_needs_no_other(tmp_path):
    from korus_research.publish.exporters import KorusHTMLExporter, KorusPDFExporter

    flows = sample.report()[1]
    page, resources = KorusHTMLExporter().from_notebook_node(flows)
    assert "<em>Claims</em> of the full report" in page
    assert set(resources["outputs"]) >= {"figures/flows-levels.svg", "tables/flows-grid.csv"}
    pdf, resources = KorusPDFExporter().from_notebook_node(flows)
    assert pdf.startswith(b"%PDF")
    assert not resources.get("outputs"), "nothing is written beside a PDF, which links to no file"


def convert(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "jupyter", "nbconvert", *options, "01_flows.ipynb"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)


def written(folder: Path, *cells: Any) -> Any:
    """Write a chapter that asks for the kernel of another machine."""
    notebook = sample.chapter("01", "flows", "Flows", "What happened?", cells)
    notebook.metadata["kernelspec"] = {"name": "conda-env-trade-py", "display_name": "Trade", "language": "python"}
    nbformat.write(notebook, folder / "01_flows.ipynb")
    return notebook


FORMULA = (
    "from korus_research.show.blocks import formula\n"
    "import matplotlib.pyplot as plt\n"
    "plt.close(plt.subplots()[0])\n"
    "formula('a = b', alt='a equals b')"
)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["korus-html", "korus_html"])
def test_a_notebook_that_has_not_run_is_run_when_asked_and_else_refused_in_a_line(tmp_path, name):
    written(tmp_path, new_code_cell(FORMULA))
    done = convert(tmp_path, "--execute", "--to", name)
    assert done.returncode == 0, done.stderr
    assert 'alttext="a equals b"' in (tmp_path / "01_flows.html").read_text()
    (tmp_path / "01_flows.html").unlink()
    done = convert(tmp_path, "--to", name)
    assert done.returncode == 1
    assert "PublishFailed: Chapter flows has not run." in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "01_flows.html").exists()


@pytest.mark.slow
def test_a_cell_that_fails_while_exporting_is_one_line(tmp_path):
    written(tmp_path, new_code_cell("1 / 0"))
    done = convert(tmp_path, "--execute", "--to", "korus-pdf")
    assert done.returncode == 1
    assert re.search(r"Chapter flows, cell \d+, failed with ZeroDivisionError: division by zero", done.stderr)
    assert "Traceback" not in done.stderr


def test_a_notebook_of_which_some_cells_have_run_is_refused():
    from korus_research.publish.exporters import check_run

    ran = new_code_cell("x", execution_count=1)
    notebook = sample.chapter("01", "flows", "Flows", "What happened?", [ran, new_code_cell(""), new_code_cell("y")])
    with pytest.raises(PublishFailed, match="Chapter flows has not run from cell 4 on"):
        check_run(notebook)
    del notebook.metadata["korus"]
    with pytest.raises(PublishFailed, match="mine.ipynb has not run from"):
        check_run(notebook, "mine.ipynb")


def test_a_chapter_without_data_names_no_month():
    from korus_research.publish.exporters import KorusHTMLExporter

    page, _ = KorusHTMLExporter().from_notebook_node(
        sample.chapter("01", "flows", "Flows", "What happened?", [new_markdown_cell("Only words.")])
    )
    assert "Data through" not in page
