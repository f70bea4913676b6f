"""`korus new chapter` in a copy of the checkout: the chapter is a chapter like the others, and a report with it runs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow  # makes reports, small ones (decision 37)

ROOT = Path(__file__).resolve().parents[1]
REPORT = """
import sys
from pathlib import Path
import korus_research
from korus_research.data.parameters import ReportParameters
from korus_research.editions.build import build_report, chapters_of
root = Path(sys.argv[1])
assert Path(korus_research.__file__).is_relative_to(root)
assert "harvest" in dir(korus_research)
assert [chapter.key for chapter in chapters_of(root / "notebooks")][-1] == "harvest"
alone = root / "notebooks" / "chapters.toml"
alone.write_text('chapter = [' + next(l for l in alone.read_text().splitlines() if "harvest" in l) + ']')
build_report(ReportParameters.parse({"as_of": "2016-12"}), out=root / "out", formats=("html",), notebooks=alone.parent)
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout with a new chapter on harvests."""
    root = tmp_path_factory.mktemp("copy-with-a-new-chapter")
    for name in ("src", "notebooks"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"))
    done = korus(root, "new", "chapter", "harvest", "--title", "Harvests", "--question", 'What is "grown"?')
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 8
    return root


def korus(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return python(root, "-m", "korus_research", *words)


def python(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    kept = {**os.environ, "PYTHONPATH": str(root / "src"), "KORUS_CACHE": str(root / "cache")}
    return subprocess.run(
        [sys.executable, *words], cwd=root, env=kept, capture_output=True, text=True, timeout=180, check=False
    )


def test_a_new_chapter_is_listed_and_runs_in_a_report(copy: Path) -> None:
    done = python(copy, "-c", REPORT, str(copy))
    assert done.returncode == 0, done.stderr
    edition = copy / "out" / "korus" / "2016-12"
    page = (edition / "report.html").read_text(encoding="utf-8")
    assert "Harvests" in page
    assert "What is “grown”?" in page or "What is &quot;grown&quot;?" in page
    found = {finding["id"]: finding for finding in json.loads((edition / "findings.json").read_text(encoding="utf-8"))}
    assert found["harvest.exports.change"]["period"] == "2011 to 2016"
    assert (edition / "figures" / "harvest-years.svg").is_file()


def test_a_new_chapter_is_as_the_house_wants_it(copy: Path) -> None:
    folder = copy / "src" / "korus_research" / "chapters" / "harvest"
    bin_ = Path(sys.executable).parent
    for command in (["ruff", "check"], ["ruff", "format", "--check"]):
        done = subprocess.run(
            [bin_ / command[0], *command[1:], "--config", ROOT / "pyproject.toml", folder],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "check_house.py", folder.parents[1], "--all"],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(copy / "src")},
    )  # fmt: skip
    assert "harvest" not in done.stdout


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("harvest", "'harvest' is taken"),
        ("cars", "'cars' is taken"),
        ("methods", "'methods' is taken"),
        ("say", "'say' is taken"),
        ("Rye", "'Rye' can't be a chapter's name"),
        ("rye wheat", "'rye wheat' can't be a chapter's name"),
    ],
)
def test_a_name_that_can_not_be_a_chapters_is_refused_and_nothing_written(copy: Path, name: str, found: str) -> None:
    before = (copy / "notebooks" / "chapters.toml").read_text(encoding="utf-8")
    done = korus(copy, "new", "chapter", name)
    assert done.returncode == 1
    assert done.stderr.startswith(f"InvalidChapter: {found}")
    assert (copy / "notebooks" / "chapters.toml").read_text(encoding="utf-8") == before


def test_outside_a_checkout_there_is_nothing_to_add_to(tmp_path: Path) -> None:
    done = korus(tmp_path, "new", "chapter", "harvest")
    assert done.returncode == 1
    assert "lies in no checkout" in done.stderr
    assert not list(tmp_path.iterdir())
