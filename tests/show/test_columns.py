"""Columns of a table that stand once for each of a list, as words declare them."""

from __future__ import annotations

import pytest

from korus_research.show.finding import Findings
from korus_research.show.words import file, text
from korus_research.show.words.text import Words

COLUMNS = """
[table.growth]
title = "Growth"
columns = [
  { key = "partner", label = "Partner" },
  { key = "exports_<year>", label = "Exports of {reporter} to <year>", unit = "percent", each = "year in years" },
  { key = "imports_<year>", label = "Imports to <year>", each = "year in years" },
]
"""


@pytest.fixture
def words(tmp_path, monkeypatch) -> Words:
    path = tmp_path / "words.toml"
    path.write_text(COLUMNS)
    monkeypatch.setattr(file, "place", lambda chapter: path)
    return text.Words("growth")


def test_neighbours_go_through_the_list_together(words):
    columns = words.columns("table.growth", Findings((), {"years": ["2016", "2024"], "reporter": "Utopia"}))
    assert [c["key"] for c in columns] == ["partner", "exports_2016", "imports_2016", "exports_2024", "imports_2024"]
    assert [c["label"] for c in columns][1::3] == ["Exports of Utopia to 2016", "Imports to 2024"]


def test_an_empty_list_leaves_the_columns_out(words):
    assert [c["key"] for c in words.columns("table.growth", Findings((), {"years": [], "reporter": "U"}))] == [
        "partner"
    ]


def test_each_goes_through_something():
    column = {"key": "a", "label": "A", "each": "years"}
    ((at, _, expected),) = file.problems({"table": {"growth": {"title": "Growth", "columns": [column]}}})
    assert (at, expected) == (("table", "growth", "columns", 0, "each"), "WORD in NAME")
