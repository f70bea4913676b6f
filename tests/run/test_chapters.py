"""Every way in which a chapter can be unfit is found before anything runs, and said in one line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from runnable import TAGGED, Notebooks, cell

from korus_research.chapters.notebooks import notebooks_folder
from korus_research.errors import InvalidChapter
from korus_research.run.chapters import load_chapters, read_notebook


@pytest.fixture
def notebooks(tmp_path: Path) -> Notebooks:
    made = Notebooks(tmp_path / "notebooks")
    made.add("00_summary", "1", wave=2)
    made.add("01_flows", "1")
    return made


def test_chapters_come_in_the_order_of_the_list_with_their_metadata(notebooks: Notebooks) -> None:
    summary, flows = notebooks.load()
    assert (summary.stem, summary.wave, summary.reads_findings) == ("00_summary", 2, True)
    assert (flows.key, flows.number, flows.title, flows.question, flows.reads_findings) == (
        "flows",
        "01",
        "Flows",
        "What?",
        False,
    )


def _remove(notebooks: Notebooks) -> None:
    (notebooks.folder / "01_flows.ipynb").unlink()


def _no_tag(notebooks: Notebooks) -> None:
    notebook = notebooks.read("01_flows")
    notebook["cells"][1]["metadata"] = {}
    notebooks.save("01_flows", notebook)


def _two_tags(notebooks: Notebooks) -> None:
    notebook = notebooks.read("01_flows")
    notebook["cells"].append(cell("x = 1", "again", tags=["parameters"]))
    notebooks.save("01_flows", notebook)


def _not_json(notebooks: Notebooks) -> None:
    (notebooks.folder / "01_flows.ipynb").write_text("{")


def _old_format(notebooks: Notebooks) -> None:
    notebook = notebooks.read("01_flows")
    notebooks.save("01_flows", notebook | {"nbformat_minor": 4})


def _no_metadata(notebooks: Notebooks) -> None:
    notebooks.save("01_flows", notebooks.read("01_flows") | {"metadata": {}})


def _whole(content: object) -> Callable[[Notebooks], None]:
    return lambda notebooks: notebooks.save("01_flows", cast("Any", content))


def _second_cell(cell: object) -> Callable[[Notebooks], None]:
    def change(notebooks: Notebooks) -> None:
        notebook = notebooks.read("01_flows")
        notebook["cells"][1] = cell
        notebooks.save("01_flows", notebook)

    return change


def _no_title(notebooks: Notebooks) -> None:
    notebook = notebooks.read("01_flows")
    first = next(cell for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    first["source"] = "What happened to trade?"
    notebooks.save("01_flows", notebook)


def _parameters(text: str) -> Callable[[Notebooks], None]:
    def change(notebooks: Notebooks) -> None:
        notebook = notebooks.read("01_flows")
        notebook["cells"][1]["source"] = text
        notebooks.save("01_flows", notebook)

    return change


def _list(text: str) -> Callable[[Notebooks], None]:
    return lambda notebooks: notebooks.list(text)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_remove, r"01_flows\.ipynb can't be read \(No such file"),
        (_no_tag, r"01_flows\.ipynb has no cell tagged 'parameters'"),
        (_two_tags, r"01_flows\.ipynb has 2 cells tagged"),
        (_not_json, "is not a notebook"),
        (_old_format, "fixed cell ids"),
        (_whole({"nbformat": 3, "nbformat_minor": 0, "worksheets": []}), "fixed cell ids.*save it again"),
        (_whole([1]), r"has no usable content\. Expected JSON of nbformat 4"),
        (_whole({"nbformat": 4, "nbformat_minor": 5, "metadata": {}}), "has no usable 'cells'"),
        (_second_cell([1]), r"has no usable cell 2\."),
        (_second_cell({"cell_type": "markdown", "source": 1}), r"has no usable 'source' in cell 2\."),
        (_second_cell({"cell_type": "code", "source": "", "outputs": [3]}), r"has no usable 'outputs' in cell 2\."),
        (_no_metadata, "does not say which chapter it is"),
        (_no_title, r"01_flows\.ipynb has no title"),
        (_parameters(TAGGED.replace("as_of", "asof")), "lacks as_of"),
        (_parameters(TAGGED + '\nfindings_file = ""'), r"has 'findings_file'"),
        (_parameters(TAGGED + "\nbasline_year = 2"), r"'basline_year' \(did you mean 'baseline_year'\?\)"),
        (_parameters("as_of ="), r"is not Python \(.*line 1"),
        (_list("chapter = 3"), r"chapters\.toml, line 1: chapter is 3"),
        (_list("chapter = ["), r"chapters\.toml: can't be read as TOML"),
        (_list('chapter = [{ file = "../x.ipynb", wave = 1 }]'), r"\.\./x\.ipynb"),
        (_list('chapter = [{ file = "01_flows.ipynb", wave = 4 }]'), "chapter 1 wave is 4"),
        (
            _list('chapter = [{ file = "01_flows.ipynb", wav = 1 }]'),
            r"chapter 1 wav is no field here.*did you mean 'wave'",
        ),
        (
            _list('chapter = [{ file = "01_flows.ipynb", wave = 1 }, { file = "01_flows.ipynb", wave = 1 }]'),
            "two chapters with the file '01_flows'",
        ),
        (
            _list(
                'chapter = [{ file = "01_flows.ipynb", wave = 1 }, { file = "00_summary.ipynb", wave = 2, after = ["01_flow"] }]'
            ),
            r"after '01_flow' \(did you mean '01_flows'\?\)",
        ),
    ],
)
def test_an_unfit_chapter_is_named_with_what_is_wrong(
    notebooks: Notebooks, spoil: Callable[[Notebooks], None], said: str
) -> None:
    spoil(notebooks)
    with pytest.raises(InvalidChapter, match=said):
        notebooks.load()


def test_the_chapters_of_the_project_are_fit_to_run() -> None:
    from korus_research.data.parameters import ReportParameters

    chapters = load_chapters(notebooks_folder(), parameters=tuple(ReportParameters.model_fields))
    stems = [chapter.stem for chapter in chapters]
    assert stems == sorted(stems), "the numbers of the files are the order of the report"
    assert stems == sorted(path.stem for path in notebooks_folder().glob("[0-9]*.ipynb")), (
        "every notebook is in the list"
    )


def test_what_a_chapter_lacks_is_said_by_a_folder_and_in_words() -> None:
    from korus_research.chapters.lacking import coverages, lacking, reason
    from korus_research.data.parameters import ReportParameters

    topics = {
        chapter.key for chapter in load_chapters(notebooks_folder(), parameters=tuple(ReportParameters.model_fields))
    }
    assert {topic for topic, _ in coverages("lacks")} <= topics
    assert lacking(ReportParameters().resolve()) == {}
    lacks = lacking(ReportParameters(agreement="bahrain").resolve())
    assert {"cars", "drivers", "claims", "forecasts"} <= set(lacks)
    assert reason(lacks["forecasts"], "December 2024") == "No forecast of this agreement is known."
    assert "December 2024" in reason(lacks["claims"], "December 2024")


def test_what_jupyterlab_saves_with_a_notebook_is_not_read(notebooks: Notebooks) -> None:
    """It saves by itself after a run: outputs, counts, timings, the kernel of its machine, the state of its view."""
    before = read_notebook(notebooks.folder / "01_flows.ipynb")
    notebook = notebooks.read("01_flows")
    for number, one in enumerate(notebook["cells"]):
        one["source"] = "".join(one["source"]).splitlines(keepends=True)
        one["metadata"] |= {"execution": {"iopub.execute_input": "2026-11-29T09:00:00Z"}, "editable": True}
        if one["cell_type"] == "code":
            one |= {"outputs": [{"output_type": "stream", "name": "stdout", "text": "1"}], "execution_count": number}
    notebook["metadata"] |= {"kernelspec": {"name": "conda-env-trade-py"}, "language_info": {"version": "3.9"}}
    notebooks.save("01_flows", notebook)
    assert read_notebook(notebooks.folder / "01_flows.ipynb") == before
    assert notebooks.load()
