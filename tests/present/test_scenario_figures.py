"""Figures, tables and boxes of the scenarios: what they show is what was solved, and gaps are said once."""

from __future__ import annotations

import re

import pytest

import korus_research as kr
from korus_research.analysis.finding import Finding, Findings
from korus_research.present import scenario_boxes, scenarios
from korus_research.present import scenario_readings as readings
from korus_research.present.figure import Figure
from korus_research.present.prose import Prose
from korus_research.present.table import Table

FIGURES = (scenarios.undone_ranked, scenarios.mfn_ranked, scenarios.duties_ranked)
TABLES = (
    scenarios.scenario_table,
    scenarios.total_trade_table,
    scenarios.elasticity_table,
    scenario_boxes.model_box,
    scenario_boxes.undone_box,
    scenario_boxes.mfn_box,
    scenario_boxes.duties_box,
)


def opened(as_of: str | None = None, *, effects: bool = True):
    """A study whose gravity findings are given, so that nothing is estimated here."""
    study = kr.open_study("korus", as_of=as_of)
    made = [
        Finding(f"gravity.{flow}.log", "x", 0.05, "index", "", "", (), low=-0.3, high=0.4)
        for flow in ("exports", "imports")
    ]
    level = Finding("gravity.level", "x", 90.0, "percent", "", "", ())
    study.scenarios(Findings((*made, level) if effects else ()))
    return study


@pytest.fixture(scope="module")
def newest():
    return opened()


@pytest.fixture(scope="module")
def early():
    return opened("2016-12")


@pytest.mark.parametrize("make", FIGURES)
def test_figures_hold_the_solved_figures_and_both_parties(newest, make):
    figure = make(newest)
    assert isinstance(figure, Figure)
    solved = newest.scenarios().to_frame()
    keys = figure.data["scenario"].unique()
    assert figure.data.equals(solved[solved["scenario"].isin(keys)].reset_index(drop=True))
    assert figure.svg.startswith("<?xml")
    assert {"USA", "KOR"} <= set(figure.data["economy"])


def test_ranks_are_those_of_real_income(newest):
    result = newest.scenarios()
    for outcome in result.outcomes.values():
        table = scenarios._chosen(result, outcome)
        assert table["value"].is_monotonic_increasing
        left = outcome.changes["real_income"].drop(table.index).abs()
        thirds = table.drop(["USA", "KOR"])["value"].abs()
        assert len(thirds) == scenarios.SHOWN
        assert left.max() <= thirds.min()


def test_the_table_prints_what_the_outcomes_hold(newest):
    rows = scenarios.scenario_table(newest).rows
    outcomes = newest.scenarios().outcomes
    assert len(rows) == len(outcomes) == 5
    for row, outcome in zip(rows, outcomes.values(), strict=True):
        printed = float(str(row["partner"]).replace("−", "-"))
        assert printed == pytest.approx(outcome.changes.at["KOR", "real_income"], abs=5e-4)
        low, high = (float(x.replace("−", "-")) for x in str(row["partner_range"]).split(" to "))
        assert (low, high) == pytest.approx(
            (outcome.low.at["KOR", "real_income"], outcome.high.at["KOR", "real_income"]), abs=5e-4
        )


@pytest.mark.parametrize("make", TABLES)
def test_tables_are_made_for_both_editions(newest, early, make):
    assert isinstance(make(newest), Table)
    later = make(early)
    if make is scenario_boxes.duties_box:
        assert isinstance(later, Prose)
        assert "can't tell" in later.plain
    else:
        assert isinstance(later, Table)
        assert "20" + "25" not in str(later.rows)


def test_left_out_scenarios_have_no_picture(early):
    assert scenarios.duties_ranked(early) is None
    assert readings.duties_reading(early) is readings.duties_caveats(early) is None
    assert all(read(early).sentences for read in (readings.effects_reading, readings.undone_reading))
    assert scenarios.undone_ranked(early) is not None


def test_without_gravity_findings_the_first_scenario_is_left_out_and_told():
    study = opened(effects=False)
    assert scenarios.undone_ranked(study) is None
    assert readings.effects_reading(study) is readings.undone_reading(study) is None
    told = scenario_boxes.undone_box(study)
    assert isinstance(told, Prose)
    assert "no estimate of the agreement's effect" in told.plain


def test_no_box_names_a_figure_that_the_findings_do_not_hold(newest):
    """Every percentage in a box is the text of a finding."""
    texts = {f.text() for f in newest.scenarios().findings().values()} | {"90 percent"}
    for make in (scenario_boxes.undone_box, scenario_boxes.mfn_box, scenario_boxes.duties_box):
        for row in make(newest).rows:
            for number in re.findall(r"−?[\d.]+ percent", str(row["assumed"])):
                assert number in texts, row
