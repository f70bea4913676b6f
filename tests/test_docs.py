"""The documents say what is there: every page, decision and file that code or a document names exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from commands import run

from korus_research.chapters.topic import measured

ROOT = Path(__file__).resolve().parents[1]
SOURCES = [
    *(ROOT / "src").rglob("*.py"),
    *(p for p in (ROOT / "src").rglob("*.toml") if "tables" not in p.parts),
    *(ROOT / "tools").rglob("*.py"),
    *(ROOT / "benchmarks").rglob("*.py"),
]
PAGES = [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
DECISIONS = {int(p.name[:3]) for p in (ROOT / "docs" / "decisions").glob("[0-9]*.md")}
_DECISION = re.compile(r"\bdecisions? (\d+(?:(?:, | and |, and )\d+)*)")


def test_every_page_that_code_names_is_there():
    for path in SOURCES:
        for page in re.findall(r"\bdocs/[\w/]+\.(?:md|json)\b", path.read_text("utf-8")):
            assert (ROOT / page).is_file(), f"{path.relative_to(ROOT)} names {page}"


def test_no_module_names_a_section_of_a_text_that_is_not_here():
    for path in SOURCES:
        assert not re.search(r"[Mm]ethods,? section \d", path.read_text("utf-8")), path.relative_to(ROOT)


def test_every_decision_that_is_named_is_there():
    for path in [*SOURCES, *PAGES]:
        for numbers in _DECISION.findall(path.read_text("utf-8")):
            unknown = {int(n) for n in re.findall(r"\d+", numbers)} - DECISIONS
            assert not unknown, f"{path.relative_to(ROOT)} names decision {unknown}"


def test_decisions_are_numbered_without_a_gap_and_their_index_is_current():
    assert sorted(DECISIONS) == list(range(1, len(DECISIONS) + 1))
    assert run("tools/index_decisions.py", "--check").returncode == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), f"{page.relative_to(ROOT)} links to {target}"


def test_every_topic_has_its_page_of_methods_and_names_it():
    for topic in measured():
        page = f"docs/methods/{topic}.md"
        assert (ROOT / page).is_file()
        folder = ROOT / "src" / "korus_research" / "chapters" / topic
        assert any(page in p.read_text("utf-8") for p in folder.rglob("*.py")), f"no module of {topic} names {page}"


def test_folders_of_where_is_what_are_there():
    text = (ROOT / "docs" / "where.md").read_text("utf-8")
    for name in re.findall(r"`((?:chapters|data|show|methods|run|publish|editions|docs|notebooks)/[\w./]*)`", text):
        base = ROOT if name.startswith(("docs", "notebooks")) else ROOT / "src" / "korus_research"
        assert (base / name).exists(), name


def test_the_readme_and_the_first_hour_lead_to_the_newest_edition():
    editions = {p.parent.name for p in (ROOT / "reports" / "korus").glob("*/brief.pdf")}
    newest = max(name for name in editions if re.fullmatch(r"\d{4}-\d{2}", name))
    for page in (ROOT / "README.md", ROOT / "docs" / "first_hour.md", ROOT / ".ci" / "run"):
        named = set(re.findall(r"\bkorus/(\d{4}-\d{2})\b(?=[/\n])", page.read_text("utf-8")))
        assert newest in named, f"{page.name} names {sorted(named)}"


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) < 120
