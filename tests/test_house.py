"""The house around the code: workflows, citation, README, and the two tools that decide whether CI passes."""

from __future__ import annotations

import json
import re
import shutil
import stat
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from commands import run

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


# Workflows and citation: the schemas come with check-jsonschema, so nothing is fetched.


def test_workflows_follow_their_schema() -> None:
    assert {path.name for path in WORKFLOWS} == {"ci.yml", "pages.yml", "refresh.yml"}
    done = run("-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", *WORKFLOWS)
    assert done.returncode == 0, done.stdout + done.stderr


def test_schema_check_notices_a_broken_workflow(tmp_path: Path) -> None:
    broken = tmp_path / "ci.yml"
    broken.write_text((ROOT / ".github" / "workflows" / "ci.yml").read_text().replace("runs-on:", "runs_on:"))
    done = run("-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", broken)
    assert (done.returncode, "runs_on" in done.stdout) == (1, True)


def test_citation_follows_its_schema_and_the_project() -> None:
    path = ROOT / "CITATION.cff"
    done = run("-m", "check_jsonschema", "--builtin-schema", "vendor.citation-file-format", path)
    assert done.returncode == 0, done.stdout + done.stderr
    citation = yaml.safe_load(path.read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (citation["version"], citation["license"]) == (project["version"], project["license"])
    assert citation["authors"] == project["authors"]
    heading = re.search(r"^## (\S+) - (\S+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert heading is not None
    assert heading.groups() == (citation["version"], str(citation["date-released"]))


def test_the_package_names_the_same_version() -> None:
    import korus_research

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert korus_research.__version__ == project["version"]


# What README and CONTRIBUTING promise


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_names_only_what_is_there(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    code = re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL)
    asked = {target for part in code for target in re.findall(r"\bmake ([a-z-]+)", part)}
    assert asked
    assert asked <= targets(), f"no such target: {asked - targets()}"
    links = [link for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text) if "://" not in link]
    gone = [link for link in links if not (ROOT / link).exists()]
    assert not gone
    paths = re.findall(r"`((?:src|tools|docs|tests|notebooks|\.ci|\.github)/[\w./-]*)`", text)
    assert paths
    assert not [path for path in paths if not (ROOT / path).exists()]


def test_readme_shows_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    first = re.findall(r"^make ([a-z-]+)", text.split("```")[1], re.MULTILINE)
    assert first == ["report", "test"]
    assert {"report", "test", "lab", "check", "lock"} <= targets()


def test_readme_types_no_result() -> None:
    """A figure of the report would go stale here: the picture and the edition say them."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    assert not re.findall(r"\$\s?\d|\d\s?(?:%|percent|billion|million)", prose)


def test_picture_of_the_report_is_one() -> None:
    from PIL import Image

    with Image.open(ROOT / "docs" / "report.png") as picture:
        assert picture.width >= 600
        assert (ROOT / "docs" / "report.png").stat().st_size < 600_000


def test_every_command_of_the_readme_is_understood() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    options = set(re.findall(r"(?<![\w-])(--[a-z][a-z-]+)", " ".join(re.findall(r"korus report[^`\n]*", text))))
    done = run("-m", "korus_research", "report", "--help")
    assert options
    assert not [option for option in options if option not in done.stdout]


# .ci/run


def test_ci_is_an_executable_script() -> None:
    path = ROOT / ".ci" / "run"
    assert path.stat().st_mode & stat.S_IXUSR
    assert subprocess.run(["bash", "-n", str(path)], check=False).returncode == 0
    text = path.read_text(encoding="utf-8")
    assert "set -euo pipefail" in text
    assert set(re.findall(r"\bmake ([a-z-]+)", text)) <= targets()
    named = re.search(r"^edition=(\S+)$", text, re.MULTILINE)
    assert named is not None
    assert re.fullmatch(r"korus/\d{4}-\d{2}", named.group(1))


# tools/check_skips.py

RESULTS = """<testsuites><testsuite>
<testcase classname="tests.data.test_build" name="test_same"><skipped type="pytest.skip" message="figures not here">x</skipped></testcase>
<testcase classname="tests.test_a" name="test_fine"/>
<testcase classname="tests.test_a" name="test_later"><skipped type="pytest.xfail" message="known"/></testcase>
</testsuite></testsuites>"""


@pytest.fixture
def check(tmp_path: Path) -> Callable[[str, str], subprocess.CompletedProcess[str]]:
    def call(listed: str, results: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "skips.txt").write_text(listed)
        (tmp_path / "results.xml").write_text(results)
        return run("tools/check_skips.py", tmp_path / "skips.txt", tmp_path / "results.xml")

    return call


def test_listed_skips_pass_and_are_printed(check: Callable[..., Any]) -> None:
    done = check("# why\ntests.data.* | not here\n*::test_later | known\n", RESULTS)
    assert done.returncode == 0, done.stdout
    assert "tests.data.test_build::test_same" in done.stdout
    assert done.stdout.splitlines()[-1] == "tests: 1 passed, 0 failed, 2 skipped"


@pytest.mark.parametrize(
    "listed",
    ["", "tests.data.* | not here\n", "tests.data.* | another reason\n*::test_later | known\n", "tests.data.*\n"],
    ids=["none", "one missing", "other reason", "no reason"],
)
def test_other_skips_fail(check: Callable[..., Any], listed: str) -> None:
    assert check(listed, RESULTS).returncode == 1


def test_failures_and_empty_runs_fail(check: Callable[..., Any]) -> None:
    failed = RESULTS.replace('name="test_fine"/>', 'name="test_fine"><failure message="no"/></testcase>')
    assert check("* | \n", failed).returncode == 1
    assert check("tests.* | not here\ntests.* | known\n", failed).returncode == 1
    assert check("", "<testsuites/>").returncode == 1


# tools/compare_editions.py

FINDING = {"id": "flows.a", "text": "$1.0 billion", "value": 1000.0, "interval": None, "low": None}
ESTIMATE = {"id": "effect.a", "text": "2 %", "value": 0.02, "interval": "95 %", "low": 0.01}
PAGE = '<html><head><style>a {}</style></head><body><h1>Trade</h1><p>It rose.</p><img alt="It rises."></body></html>'


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """Two equal editions, as small as can be."""
    one = tmp_path / "published"
    (one / "tables").mkdir(parents=True)
    manifest = {
        "agreement": "korus",
        "as_of": "2026-08",
        "parameters": {"baseline_year": 2011},
        "data": {"trade": "ab"},
    }
    (one / "manifest.json").write_text(json.dumps(manifest))
    (one / "findings.json").write_text(json.dumps([FINDING, ESTIMATE]))
    for name in ("report.html", "annex.html"):
        (one / name).write_text(PAGE)
    for name in ("brief.pdf", "report.pdf", "annex.pdf"):
        (one / name).write_bytes(b"%PDF-1.7")
    (one / "tables" / "a.csv").write_text("year,value\n2011,1.5\n")
    shutil.copytree(one, tmp_path / "made")
    return one, tmp_path / "made"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_equal_editions_compare_equal(pair: tuple[Path, Path]) -> None:
    done = run("tools/compare_editions.py", *pair)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("report.html", "<style>a {}", "<style>b {}"),  # looks differ, words don't
        ("findings.json", "0.02", "0.0200000001"),  # an estimate within 1e-6
        ("tables/a.csv", "1.5", "1.50000001"),
        ("manifest.json", '"ab"}', '"ab"}, "versions": {"numpy": "9"}'),
    ],
)
def test_what_may_differ_between_machines(pair: tuple[Path, Path], file: str, old: str, new: str) -> None:
    edit(pair[1] / file, old, new)
    assert run("tools/compare_editions.py", *pair).returncode == 0


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("report.html", "It rose.", "It fell."),
        ("report.html", "It rises.", "It falls."),
        ("annex.html", "It rose.", "It fell."),
        ("findings.json", "1000.0", "1000.0001"),  # accounting is exact
        ("findings.json", "0.02", "0.0201"),
        ("findings.json", "$1.0 billion", "$1.1 billion"),
        ("findings.json", "flows.a", "flows.b"),
        ("tables/a.csv", "1.5", "1.6"),
        ("tables/a.csv", "2011,1.5\n", ""),
        ("manifest.json", '"ab"', '"cd"'),
        ("manifest.json", "2011", "2010"),
        ("report.pdf", "%PDF", "none"),
        ("brief.pdf", "%PDF", "none"),
    ],
)
def test_what_may_not(pair: tuple[Path, Path], file: str, old: str, new: str) -> None:
    edit(pair[1] / file, old, new)
    done = run("tools/compare_editions.py", *pair)
    assert done.returncode == 1
    assert done.stdout.strip()


@pytest.mark.parametrize("file", ["report.html", "report.pdf", "tables/a.csv", "manifest.json"])
def test_a_missing_file_is_a_difference(pair: tuple[Path, Path], file: str) -> None:
    (pair[0] / file).unlink()
    assert run("tools/compare_editions.py", *pair).returncode == 1


# tools/check_house.py


def test_the_source_is_as_the_house_wants_it() -> None:
    done = run("tools/check_house.py")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """A package with nothing wrong."""
    folder = tmp_path / "faulty"
    (folder / "chapters" / "cars").mkdir(parents=True)
    for package in (folder, folder / "chapters", folder / "chapters" / "cars"):
        (package / "__init__.py").write_text('"""A folder."""\n')
    (folder / "one.py").write_text('"""One."""\n')
    (folder / "two.py").write_text('"""Two."""\n')
    assert run("tools/check_house.py", folder).stdout == ""
    return folder


SAID = "Exports grew by more than anyone had said"


@pytest.mark.parametrize(
    ("one", "two", "found"),
    [
        ("import faulty.two", "import faulty.one", "circle    faulty: one <-> two"),
        (
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from faulty.two import x",
            "def f_() -> None:\n    '''F.'''\n    from faulty import one",
            "circle    faulty: one <-> two",
        ),
        ("x = 1\n" * 399, "", "length    one.py: 401 lines, more than 400"),
        ("def f():\n    '''F.'''\n" + "    x = 1\n" * 59, "", "length    one.py: f has 61 lines, more than 60"),
        ("def f(): pass", "", "docstring one.py: f has none"),
        ("class A:\n    '''A.'''\n    def f(self): pass", "", "docstring one.py: A.f has none"),
        (f"title = '{SAID}'", "", f"words     one.py: line 2: '{SAID}'"),
        (f"f_(lambda n: f'{SAID} ' + n)", "", f"words     one.py: line 2: '{SAID}'"),
        ("x = f'Exports {1} and imports {2} grew by {3}'", "", ""),
        (f"x = {{'notes': ['{SAID}']}}", "", f"words     one.py: line 2: '{SAID}'"),
        ("x = f'In {1} the exports of {2} grew by {3} and fell'", "", "words     one.py: line 2: 'In {} the exports"),
    ],
)
def test_what_the_house_does_not_want_is_found(faulty: Path, one: str, two: str, found: str) -> None:
    (faulty / "one.py").write_text(f'"""One."""\n{one}\n')
    (faulty / "two.py").write_text(f'"""Two."""\n{two}\n')
    done = run("tools/check_house.py", faulty)
    assert done.returncode == bool(found)
    assert done.stdout.startswith(found)


@pytest.mark.parametrize(
    "told",
    [
        f"raise ValueError('{SAID}')",
        f"x = InvalidFile('{SAID}', do='{SAID}')",
        f"import typer\nx = typer.Option(help='{SAID}')",
        f"def f_():\n    '''{SAID}.'''",
        f"x = Field(3, description='{SAID}')",
        f"# {SAID}",
        f"expected, do = 'a', '{SAID}'",
    ],
)
def test_what_is_told_to_whoever_runs_or_mends_it_may_stay(faulty: Path, told: str) -> None:
    (faulty / "one.py").write_text(f'"""One."""\n{told}\n')
    assert run("tools/check_house.py", faulty).stdout == ""


def test_a_full_folder_is_found_but_chapters_may_be_many(faulty: Path) -> None:
    for name in "abcdefghijklm":
        (faulty / "chapters" / f"{name}.py").write_text('"""A module."""\n')
        (faulty / "chapters" / "cars" / f"{name}.toml").touch()
    done = run("tools/check_house.py", faulty)
    assert done.stdout.splitlines()[0] == "entries   chapters/cars: 13 entries, more than 12"
    assert "entries   chapters:" not in done.stdout
