from __future__ import annotations

import re
from dataclasses import replace
from operator import attrgetter

import numpy as np
import pytest
from lxml import etree

import korus_research as kr
from korus_research.errors import InvalidFigure
from korus_research.show.blocks import formula
from korus_research.show.table import Column, number, number_range

FIGURES = (
    "flows.flow_levels",
    "flows.starting_points",
    "flows.recent_imports",
    "flows.energy_split",
    "comparators.index",
    "context.timeline",
)
TABLES = ("flows.levels_table", "flows.services_table", "comparators.growth_table", "comparators.rank_table",
          "context.commitments_table", "appendix.parameters_table")  # fmt: skip


@pytest.fixture(scope="module", params=FIGURES)
def figure(request, study):
    return attrgetter(request.param)(kr)(study)


@pytest.fixture(scope="module", params=TABLES)
def table(request, study):
    return attrgetter(request.param)(kr)(study)


def test_every_figure_is_the_same_bytes_twice_and_holds_no_clock_or_path(figure):
    again = replace(figure)
    assert again.svg == figure.svg
    for drawing in (figure.svg, figure.svg_narrow):
        root = etree.fromstring(drawing.encode())
        assert root.findall(".//{*}text"), "letters are text, which can be searched"
        assert root.findall(".//{*}g[@class='tips']"), "marks say their values"
        assert not re.search(r"<dc:date>|/(?:home|root|tmp)/", drawing)


def test_every_figure_shows_what_its_csv_holds(figure):
    data = figure.to_json()
    lines = data["data_csv"].splitlines()
    assert len(lines) - 1 == len(figure.data)
    assert len(data["alt"]) > 80, "an alt text says what the lines do"
    assert data["source"].startswith("Source: ")
    assert data["last_period"]


@pytest.mark.parametrize("field", ["alt", "subtitle", "source"])
def test_a_figure_without_its_words_is_refused(study, field):
    with pytest.raises(InvalidFigure, match=f"has no {field}"):
        replace(kr.context.timeline(study), **{field: ""})


def test_a_figure_needs_an_id_that_can_be_an_anchor(study):
    with pytest.raises(InvalidFigure, match="can't be a figure's id"):
        replace(kr.context.timeline(study), id="Time line")


def test_tables_have_a_cell_a_column_and_the_figures_behind_them(table):
    data = table.to_json()
    keys = {c["key"] for c in data["columns"]}
    assert data["rows"]
    assert all(keys <= set(row) for row in data["rows"])
    assert len(data["columns"]) <= 9
    assert len(data["data_csv"].splitlines()) > len(data["rows"]) - 1


def test_a_row_with_a_gap_is_refused(study):
    table = kr.comparators.rank_table(study)
    with pytest.raises(InvalidFigure, match="a row without extra"):
        replace(table, columns=[*table.columns[:-1], Column(key="extra", label="Extra")])


def test_the_levels_table_shows_the_published_totals(study):
    rows = {row["what"]: row for row in kr.flows.levels_table(study).rows}
    assert rows["Exports"]["2011"] == "43.5"
    assert rows["Imports"]["2016"] == "69.9"
    assert rows["Balance"]["change_2016"] == "−14.4"


@pytest.mark.parametrize(
    ("value", "text"), [(-0.04, "0.0"), (None, "–"), (float("nan"), "–"), (1234.56, "1,234.6"), (-2.25, "−2.2")]
)
def test_numbers_in_cells(value, text):
    assert number(value) == text


def test_a_cell_rounds_a_number_of_a_frame_as_a_sentence_does():
    assert number(np.float64(37 / 40), 2) == number(37 / 40, 2) == "0.93"


def test_a_range_of_one_number_is_that_number():
    assert number_range(-1, 2.5) == "\N{MINUS SIGN}1.0 to 2.5"
    assert number_range(0.4, 0.3, 0, signed=True) == "0"
    assert number_range(float("nan"), float("nan")) == "\N{EN DASH}"


def test_a_formula_needs_words():
    with pytest.raises(InvalidFigure):
        formula("x = y", alt=" ")
    assert "text/latex" in formula("x = y", alt="x equals y")._repr_mimebundle_()
