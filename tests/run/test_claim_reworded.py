"""A claim that is reworded, or new, runs those chapters again that read claims, and no others."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import korus_research
from korus_research.chapters.notebooks import notebooks_folder
from korus_research.editions.build import chapters_of
from korus_research.run.chapters import read_notebook
from korus_research.run.dependencies import build_inputs

PACKAGE = Path(korus_research.__file__).parent
SOURCES = Path("chapters", "claims", "sources")


@pytest.fixture
def package(tmp_path: Path) -> Path:
    copy = tmp_path / "package"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "*.parquet", "*.csv"))
    return copy


def parts(package: Path) -> dict[str, dict[str, str]]:
    """What each chapter depends on, beside parameters and the findings of others."""
    inputs = build_inputs(package=package)
    return {
        chapter.stem: dict(inputs.of_chapter(chapter, read_notebook(chapter.path), {}, {}).parts)
        for chapter in chapters_of()
    }


def changed(before: dict[str, dict[str, str]], after: dict[str, dict[str, str]]) -> dict[str, set[str]]:
    """The names of what differs, of the chapters for which something does."""
    found = {
        stem: {name for name in {**old, **after[stem]} if old.get(name) != after[stem].get(name)}
        for stem, old in before.items()
    }
    return {stem: names for stem, names in found.items() if names}


def readers() -> set[str]:
    """The chapters whose cells name the claims: read as plain text."""
    named = (path for path in notebooks_folder().glob("*.ipynb") if "claims" in path.read_text("utf-8"))
    return {path.stem for path in named}


def test_a_reworded_claim_runs_what_reads_claims(package: Path) -> None:
    before, file = parts(package), SOURCES / "ustr-2018-03.toml"
    text = (package / file).read_text("utf-8")
    assert "rose by 75 percent" in text
    (package / file).write_text(text.replace("rose by 75 percent", "grew by 75 percent"), "utf-8")
    found = changed(before, parts(package))
    assert "15_claims" in found
    assert set(found) <= readers()
    assert all(names == {file.as_posix()} for names in found.values())


def test_a_new_claim_runs_what_reads_claims(package: Path) -> None:
    before = parts(package)
    shutil.copy(package / SOURCES / "ustr-2018-03.toml", package / SOURCES / "another.toml")
    found = changed(before, parts(package))
    assert "15_claims" in found
    assert set(found) <= readers()
    assert "03_counterfactual" not in found
