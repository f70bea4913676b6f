"""Every kind of bad input ends in exit code 1, one clear line and no traceback, with the published edition as it was."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from runnable import Notebooks, prose

import korus_research.data.catalog
from korus_research import cli
from korus_research.editions.edition import drafting, open_edition

ABOUT = {"agreement": "korus", "as_of": "2016-12", "edition": "Data", "name": "KORUS", "parameters": {}}
Command = Callable[..., tuple[int, str]]


@pytest.fixture
def notebooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Notebooks:
    made = Notebooks(tmp_path / "notebooks")
    made.add("01_flows", prose("Exports rose.", ("flows.exports", 42.3)))
    monkeypatch.setattr("korus_research.editions.build.notebooks_folder", lambda: made.folder)
    return made


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A folder with a published edition."""
    folder = tmp_path / "reports"
    with drafting(folder / "korus" / "2016-12") as draft:
        draft.write("findings.json", "[]")
        draft.publish(ABOUT, ())
    return folder


@pytest.fixture
def korus(
    notebooks: Notebooks, out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Run `korus report --as-of 2016-12` with more options; return its exit code and what it wrote to stderr."""

    def run(*options: str, month: str | None = "2016-12", folder: Path = out) -> tuple[int, str]:
        chosen = ["--as-of", month] if month else []
        arguments = ["korus", "report", *chosen, "--out", str(folder), "--format", "html", *options]
        monkeypatch.setattr(sys, "argv", arguments)
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return int(ended.value.code or 0), capsys.readouterr().err

    return run


def refused(result: tuple[int, str], kind: str, *said: str) -> None:
    code, text = result
    assert code == 1
    lines = [line for line in text.splitlines() if line.startswith(f"{kind}: ")]
    assert len(lines) == 1, text
    for part in said:
        assert part in lines[0]


def one_line_only(result: tuple[int, str], kind: str, *said: str) -> None:
    refused(result, kind, *said)
    assert len(result[1].splitlines()) == 1, "nothing ran, so nothing else is said"


@pytest.fixture(autouse=True)
def _untouched(out: Path) -> object:
    yield
    edition = open_edition(out / "korus" / "2016-12")
    assert edition is not None
    assert edition.problems() == []
    assert edition.html is None, "still the one that was there"
    assert not [p.name for p in (out / "korus").iterdir() if p.name.startswith((".new", ".old", ".2016"))]


def test_unknown_agreement(korus: Command) -> None:
    one_line_only(korus("kurus"), "UnknownAgreement", "'kurus'", "did you mean 'korus'?")
    one_line_only(korus("my.toml"), "UnknownAgreement", "my.toml: no such file")


def test_unknown_parameter(korus: Command) -> None:
    one_line_only(korus("-p", "baseline_yaer", "2011"), "UnknownParameter", "did you mean 'baseline_year'?")
    one_line_only(korus("-p", "as_of"), "UnknownParameter", "is not NAME=VALUE")


@pytest.mark.parametrize(
    ("options", "month", "said"),
    [
        (["--baseline", "soon"], "2016-12", "baseline_year is 'soon'"),
        (["--comparators", "Japan"], "2016-12", "comparators is 'Japan'"),
        ([], "2016-13", "as_of is '2016-13'"),
        ([], "12/2016", "as_of is '12/2016'"),
        (["--format", "docx"], "2016-12", "format is 'docx'"),
        (["--format", ","], "2016-12", "There is no format"),
        ([], "2099-01", "as_of is 2099-01, outside the data"),
        ([], "1980-01", "as_of is 1980-01, outside the data"),
        ([], "2012-02", "as_of is 2012-02, before"),
        (["--baseline", "1850"], "2016-12", "baseline_year is 1850"),
        (["--baseline", "2016"], "2016-12", "baseline_year is 2016"),
        (["--comparators", "9999"], "2016-12", "comparators names '9999'"),
    ],
)
def test_parameters_of_the_wrong_type_or_outside_the_data(
    korus: Command, options: list[str], month: str, said: str
) -> None:
    one_line_only(korus(*options, month=month), "InvalidParameter", said)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("KORUS", "'KORUS' is not an agreement (did you mean 'korus'?)"),
        (".", "'.' is a folder"),
        ("draft", "'draft' is not an agreement. "),
        ("draft", "Write ./draft for the file in this folder"),
        ("mine", "Write ./mine.toml for the file in this folder"),
        ("./folder", "folder: is a directory. Expected an agreement's TOML file"),
        ("./absent.toml", "absent.toml: no such file or directory"),
    ],
)
def test_an_agreement_that_is_none_is_told_what_was_meant(
    korus: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    for file in ("draft", "mine.toml"):
        (tmp_path / file).touch()
    one_line_only(korus("--parameter", f"agreement={name}"), "UnknownAgreement", said)


def test_damaged_data(korus: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Path(korus_research.data.__file__).parent / "tables"
    copied = shutil.copytree(home, tmp_path / "data", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    table = copied / "partners.csv"
    table.write_bytes(table.read_bytes()[:-100])
    monkeypatch.setattr("korus_research.data.catalog.HOME", copied)
    one_line_only(korus(), "DamagedData", "partners")


def test_missing_chapter_file(korus: Command, notebooks: Notebooks) -> None:
    (notebooks.folder / "01_flows.ipynb").unlink()
    one_line_only(korus(), "InvalidChapter", "01_flows.ipynb can't be read")


def test_notebook_without_a_parameters_cell(korus: Command, notebooks: Notebooks) -> None:
    notebook = notebooks.read("01_flows")
    del notebook["cells"][1]
    notebooks.save("01_flows", notebook)
    one_line_only(korus(), "InvalidChapter", "has no cell tagged 'parameters'")


def test_an_output_that_is_not_a_folder(korus: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    one_line_only(korus(folder=tmp_path / "file"), "OutputFolder", "is not a folder")


def test_a_folder_that_is_not_an_edition(korus: Command, out: Path) -> None:
    (out / "korus" / "2017-12").mkdir()
    (out / "korus" / "2017-12" / "thesis.txt").write_text("two years of work")
    one_line_only(korus(month="2017-12"), "OutputFolder", "exists and is not an edition")
    assert (out / "korus" / "2017-12" / "thesis.txt").exists()


def test_a_failing_cell_is_shown_and_kept(korus: Command, notebooks: Notebooks, out: Path) -> None:
    notebooks.add("02_comparators", "shares = {}\nshares['5800']")
    code, text = korus()
    refused((code, text), "ChapterFailed", "02_comparators.ipynb failed in cell 3: KeyError: '5800'", ".failed-2016-12")
    assert "   2 | shares['5800']" in text, "the source"
    assert "KeyError" in text.split("shares['5800']", 1)[1], "the traceback"
    kept = out / "korus" / ".failed-2016-12"
    assert sorted(path.name for path in kept.iterdir()) == ["error.html", "failed.ipynb"]


def test_what_can_not_be_published(korus: Command, notebooks: Notebooks) -> None:
    notebooks.add("02_comparators", "print('a number typed by hand')")
    refused(korus(), "PublishFailed", "prints text to stdout")
