"""Figures and tables of the gravity chapter: what is drawn is what was estimated, and words follow it."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from korus_research.chapters.gravity import figures as shown, tables
from korus_research.chapters.gravity.estimate import Estimates
from korus_research.chapters.gravity.findings import WORDS
from korus_research.show.table import Table


@pytest.fixture(scope="module")
def figures(study):
    return {figure.id: figure for figure in (shown.placebo_distribution(study), shown.yearly_path(study))}


def test_every_placebo_is_a_dot_and_both_flows_are_named(study, figures):
    result, figure = study.gravity(), figures["gravity-placebos"]
    assert len(figure.data) == len(result.main.placebos) + 2
    studied = figure.data[figure.data["studied"]]
    assert set(zip(studied["exporter"], studied["importer"], strict=True)) == {("USA", "KOR"), ("KOR", "USA")}
    said = "".join(ET.fromstring(figure.svg).itertext())
    assert "Exports" in said
    assert "Imports" in said


def test_path_is_zero_in_the_reference_year_and_has_every_year(study, figures):
    data = figures["gravity-path"].data
    assert sorted(data["year"].unique()) == list(study.gravity().main.years)
    assert (data.loc[data["year"] == study.gravity().reference_year, "percent"] == 0).all()
    assert (data["band_low"] <= 0).all()
    assert (data["band_high"] >= 0).all()


def test_pictures_are_the_same_every_time(study, figures):
    assert shown.placebo_distribution(study).svg == figures["gravity-placebos"].svg


@pytest.mark.parametrize("name", ["windows_table", "standards_table", "parts_table"])
def test_tables_have_at_most_seven_columns_and_their_data(study, name):
    table = getattr(tables, name)(study)
    assert isinstance(table, Table)
    assert len(table.columns) <= 7
    assert table.rows
    assert not table.data.empty


def test_windows_table_says_what_was_estimated(study):
    result, table = study.gravity(), tables.windows_table(study)
    assert len(table.rows) == 2 * len(result.estimates)
    main: Estimates = result.main
    cells = {row["flow"]: row for row in table.rows if row["window"].endswith("(main)")}
    for flow in ("exports", "imports"):
        value = 100 * (math.exp(main.effects[flow]) - 1)  # type: ignore[index]
        assert float(cells[flow.capitalize()]["effect"].replace("\N{MINUS SIGN}", "-")) == pytest.approx(value, abs=0.5)
        rank = sorted(abs(b) for b in main.placebos["effect"])
        beyond = sum(b >= abs(main.effects[flow]) for b in rank)  # type: ignore[index]
        assert float(cells[flow.capitalize()]["p"]) == pytest.approx((1 + beyond / 2) / (1 + len(rank) / 2), abs=0.005)


def test_the_table_of_standards_has_the_estimates_of_the_dot_plot_and_the_least_error_of_the_standard_taken(study):
    data = tables.standards_table(study).data.set_index("standard")
    result = study.gravity()
    for flow in ("exports", "imports"):
        assert data.loc[result.main.standard, flow] == pytest.approx(100 * math.expm1(result.main.effects[flow]))
    assert data["chosen"].idxmax() == data["error_logs"].idxmin() == result.main.standard


def test_what_is_said_of_both_flows_is_what_the_path_and_the_intervals_show(study):
    """Signs from the path and the windows as they are published, not from the findings."""
    result, found = study.gravity(), study.gravity().findings()
    path = result.path.assign(inside=result.path["effect"].abs() < result.path["reach"]).set_index(["year", "flow"])
    last = result.main.years[-1]
    assert {"exports", "imports"} == set(path.loc[last].index)
    which = ("neither", "one", "both")
    assert found["gravity.flows_within_last"].state == which[path.loc[last, "inside"].sum()]
    mean = result.main.standings["mean"].effects
    turned = sum(result.main.effects[flow] * mean[flow] < 0 for flow in ("exports", "imports"))
    assert found["gravity.sign_turns"].state == which[turned]
    frame = result.to_frame()
    assert (found["gravity.intervals"].state == "all") is bool(((frame["low"] < 0) & (frame["high"] > 0)).all())


def test_a_note_about_the_year_of_entry_stands_only_under_a_row_without_it(study):
    result = study.gravity()
    assert any("last rows are without it" in note for note in tables.windows_table(study).notes)
    less = replace(result, estimates={key: e for key, e in result.estimates.items() if not e.window.without_entry})
    given = {"reporter": "United States", "without": tables._without_entry(less)}
    notes = WORDS.spoken("table.windows.notes", less, **given).sentences
    assert not [note for note in notes if "last rows" in note.plain]


def test_the_average_agreement_has_its_clustered_interval_in_the_table(study):
    first, found = tables.windows_table(study).rows[0], study.gravity().findings()["gravity.average.effect"]
    printed = [int(x.replace("\N{MINUS SIGN}", "-")) for x in re.findall("[+\N{MINUS SIGN}]?\\d+", first["average"])]
    assert printed == [round(found.value), round(found.low), round(found.high)]
