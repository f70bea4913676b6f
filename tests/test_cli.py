"""The `korus` command: what it understands, how fast it answers, and where it puts things."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import korus_research
from korus_research import cli
from korus_research.cli.report import default_out
from korus_research.data import open_catalog
from korus_research.data.agreements import list_agreements
from korus_research.editions.edition import Edition


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the command in this process and return its exit code."""
    monkeypatch.setattr(sys, "argv", ["korus", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[dict[str, Any]]:
    """What the command asks of `build_report`, which does not run."""
    calls: list[dict[str, Any]] = []

    def build_report(parameters: Any, **more: Any) -> Edition:
        calls.append({**parameters.model_dump(), **more})
        outputs = {f"report.{name}": "" for name in more["formats"]}
        return Edition(tmp_path / "korus" / "2016-12", {"name": "KORUS", "edition": "Data", "outputs": outputs})

    monkeypatch.setattr("korus_research.editions.build.build_report", build_report)
    return calls


# What takes long to import; benchmarks/report.py prints the seconds, this test says who would spend them.
HEAVY = {
    "pandas",
    "numpy",
    "matplotlib",
    "seaborn",
    "pyarrow",
    "pydantic",
    "papermill",
    "nbconvert",
    "nbformat",
    "typst",
    "jupyterlab",
}


@pytest.mark.parametrize(
    "statement",
    ["import korus_research", "from korus_research.cli import main; sys.argv = ['korus', '--help']; main()"],
)
def test_the_front_door_imports_nothing_heavy(statement: str) -> None:
    code = f"import sys\ntry:\n    {statement}\nexcept SystemExit:\n    pass\nprint(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in done.stderr.split()}
    assert "korus_research" in loaded
    assert not loaded & HEAVY


def test_the_installed_command_and_the_module_are_the_same() -> None:
    installed = Path(sys.executable).with_name("korus")
    texts = [
        subprocess.run([*command, *arguments], capture_output=True, text=True, check=True).stdout
        for arguments in (["--version"], ["report", "--help"])
        for command in ([str(installed)], [sys.executable, "-m", "korus_research"])
    ]
    assert texts[0] == texts[1] == f"korus-research {korus_research.__version__}\n"
    assert texts[2] == texts[3]
    for option in ("--as-of", "--baseline", "--comparators", "--out", "--jobs", "--format", "-p, --parameter"):
        assert option in texts[2]


def test_options_become_typed_parameters(
    asked: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    options = ["--as-of", "2016-12", "--baseline", "2010", "--comparators", "5880, 5830", "--out", str(tmp_path)]
    assert call(monkeypatch, "report", "korus", *options, "--jobs", "3", "--format", "HTML") == 0
    (got,) = asked
    assert (got["agreement"], got["as_of"], got["baseline_year"]) == ("korus", "2016-12", 2010)
    assert (got["comparators"], got["out"], got["jobs"], got["formats"]) == (("5880", "5830"), tmp_path, 3, ["html"])


@pytest.mark.parametrize(
    "words",
    [
        ["-p", "as_of", "2016-12", "-p", "baseline_year", "2010"],
        ["--parameter", "as_of", "2016-12", "-p", "baseline_year=2010"],
        ["-p", "as_of=2016-12", "--baseline", "2010"],
    ],
)
def test_parameters_can_be_given_by_name_as_papermill_takes_them(
    asked: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    assert call(monkeypatch, "report", *words) == 0
    assert (asked[0]["as_of"], asked[0]["baseline_year"], asked[0]["comparators"]) == ("2016-12", 2010, None)


def test_a_parameter_given_twice_is_refused(
    asked: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "report", "--as-of", "2016-12", "-p", "as_of", "2017-11") == 1
    assert "as_of is given twice" in capsys.readouterr().err
    assert not asked


def test_the_paths_and_the_seconds_are_printed_last(
    asked: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert call(monkeypatch, "report") == 0
    html, pdf, last = capsys.readouterr().out.splitlines()
    assert (html, pdf) == ("korus/2016-12/report.html", "korus/2016-12/report.pdf")
    assert re.fullmatch(r"KORUS, Data: \d+\.\d s", last)


def test_reports_go_to_the_checkout_one_is_in_else_to_the_current_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    root = Path(korus_research.__file__).parents[2]
    monkeypatch.chdir(root / "src" / "korus_research")
    assert default_out() == root / "reports"
    monkeypatch.chdir(tmp_path)
    assert default_out() == tmp_path / "reports"


def test_data_list_has_a_line_for_every_dataset(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "data", "list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("\t")[0] for line in lines] == list(open_catalog().names)


def test_data_show_tells_where_a_dataset_comes_from(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "data", "show", "partners") == 0
    assert open_catalog().describe("partners").sha256 in capsys.readouterr().out
    assert call(monkeypatch, "data", "show", "partner") == 1
    assert "did you mean 'partners'?" in capsys.readouterr().err


def test_data_verify_says_that_the_embedded_package_is_sound(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "data", "verify") == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(open_catalog().names)
    assert all(line.startswith("ok") for line in lines)


def test_agreements_are_listed_by_the_name_that_report_takes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "agreements") == 0
    lines = capsys.readouterr().out.splitlines()
    assert tuple(line.split("\t")[0] for line in lines) == list_agreements()
    assert "2012-03-15" in next(line for line in lines if line.startswith("korus\t"))


def test_debugging_shows_the_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KORUS_DEBUG", "1")
    monkeypatch.setattr(sys, "argv", ["korus", "data", "show", "nothing"])
    with pytest.raises(korus_research.KorusError):
        cli.main()


@pytest.mark.parametrize(
    "words", [["report", "--out", ""], ["lab", "", "--no-start"], ["data", "build", "--answers", ""]]
)
def test_an_empty_argument_is_no_folder(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert call(monkeypatch, *words) == 1
    assert "An argument is empty" in capsys.readouterr().err
    assert not any(tmp_path.iterdir())
