"""Figures, tables and boxes of the scenarios: what they show is what was solved, and gaps are said once."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from planted import planted
from views import views

import korus_research as kr
from korus_research.chapters.scenarios import (
    box_tables as scenario_boxes,
    figures as scenarios,
    tables as scenario_tables,
)
from korus_research.chapters.scenarios.ranges import WORDS
from korus_research.show.figure import Figure
from korus_research.show.finding import Finding, Findings
from korus_research.show.table import Table
from korus_research.show.words.prose import Prose


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


@pytest.fixture(scope="module", params=["2017-11", pytest.param("2016-12", marks=pytest.mark.slow)])
def early(request):
    return opened(request.param)  # other tests have estimated the counterfactual of 2017-11


@pytest.mark.parametrize("name", views("scenarios", "Figure"))
def test_figures_hold_the_solved_figures_and_both_parties(newest, name):
    figure = views("scenarios", "Figure")[name](newest)
    assert isinstance(figure, Figure)
    solved = newest.scenarios().to_frame()
    keys = figure.data["scenario"].unique()
    assert figure.data.equals(solved[solved["scenario"].isin(keys)].reset_index(drop=True))
    assert figure.svg.startswith("<?xml")
    assert {"USA", "KOR"} <= set(figure.data["economy"])


def test_the_table_prints_what_the_outcomes_hold(newest):
    rows = scenario_tables.income_table(newest).rows
    outcomes = newest.scenarios().outcomes
    keys = ["undone_gravity", "undone_control", "mfn", "duties_partner", "duties_latest", "duties_all", "duties_margin"]
    assert len(rows) == len(outcomes)
    assert list(outcomes) == keys
    for row, outcome in zip(rows, outcomes.values(), strict=True):
        printed = float(str(row["partner"]).replace("−", "-"))
        assert printed == pytest.approx(outcome.changes.at["KOR", "real_income"], abs=5e-4)
        low, high = (float(x.replace("−", "-")) for x in str(row["partner_range"]).split(" to "))
        assert (low, high) == pytest.approx(
            (outcome.low.at["KOR", "real_income"], outcome.high.at["KOR", "real_income"]), abs=5e-4
        )


@pytest.mark.parametrize("name", views("scenarios", "Table"))
def test_tables_are_made_for_both_editions(newest, early, name):
    make = views("scenarios", "Table")[name]
    assert isinstance(make(newest), Table)
    later = make(early)
    if name == "duties_box":
        assert later is None
        assert scenario_tables.left_out(early, "duties_partner") is None  # nobody had added any
    else:
        assert isinstance(later, Table)
        assert "20" + "25" not in str(later.rows)


def test_left_out_scenarios_have_no_picture(early):
    assert scenario_tables.duties_reading(early) is None
    assert kr.scenarios.say("caveats", early.scenarios()) is None
    assert kr.scenarios.say("undone", early.scenarios()).sentences
    assert scenario_tables.left_out(early, "undone") is scenario_tables.left_out(early, "mfn") is None
    assert scenarios.undone_ranges(early) is not None


def test_with_the_agreement_undone_alone_there_is_no_table_by_elasticity(early):
    result = early.scenarios()
    undone = {key: outcome for key, outcome in result.outcomes.items() if key.startswith("undone")}
    assert undone
    alone = replace(result, outcomes=undone)
    assert scenario_tables.elasticity_table(planted(early, scenarios=alone)) is None


def test_no_table_has_more_than_seven_columns(newest):
    assert all(len(make(newest).columns) <= 7 for make in views("scenarios", "Table").values())


def test_flows_table_prints_the_solved_flows(newest):
    table, outcomes = scenario_tables.flows_table(newest), newest.scenarios().outcomes
    for row, outcome in zip(table.rows, outcomes.values(), strict=True):
        low, high = (float(x.replace("−", "-")) for x in str(row["imports_range"]).split(" to "))
        assert (low, high) == pytest.approx(outcome.flows.loc["imports", ["low", "high"]].tolist(), abs=0.5)


def test_what_others_duties_would_change_is_told(newest, early):
    said, before = (kr.scenarios.say("others_duties", edition.scenarios()) for edition in (newest, early))
    for key in ("mfn", "duties_partner", "duties_all"):
        found = newest.scenarios().findings()[f"scenarios.elsewhere.{key}"]
        assert f"{abs(found.low):.3f}" in said.plain
        assert f"{abs(found.high):.3f}" in said.plain
    assert "2025" not in before.plain
    assert len(before.sentences) == 3


def test_an_estimate_is_taken_out_by_each_method_that_has_one():
    study = opened(effects=False)
    assert list(study.scenarios().spec.estimates) == ["undone_control"]
    effects = [row for row in scenario_boxes.undone_box(study).rows if str(row["what"]).startswith("Effect on goods")]
    assert len(effects) == 2
    assert all("synthetic control" in str(row["what"]) for row in effects)


def test_what_the_closures_move_is_told_and_in_every_range(newest):
    result = newest.scenarios()
    depends = 0
    for outcome in result.outcomes.values():
        for code in ("USA", "KOR"):
            ends = [one.change(code)[1:] for one in outcome.closures.values()]
            assert outcome.change(code)[1] <= max(low for low, _ in ends)
            assert outcome.change(code)[2] >= min(high for _, high in ends)
            sides = {(round(low, 3) > 0) - (round(high, 3) < 0) for low, high in ends}
            depends += len(sides) == 2
    said = kr.scenarios.say("closures", result)
    assert result.findings()["scenarios.closure.depends"].value == depends
    assert ("changes side" in said.plain or "change side" in said.plain) is (depends > 0)


def test_the_answer_says_how_far_the_model_missed(newest, early):
    said = kr.scenarios.say("answer", newest.scenarios()).sentences[-1].plain
    gap = newest.scenarios().findings()["scenarios.observed.gap"]
    assert said.startswith("The model is a weak guide")
    assert f"{abs(gap.low):.0f} to" in said
    assert f"{abs(gap.high):.0f} percentage points above" in said
    assert "weak guide" not in kr.scenarios.say("answer", early.scenarios()).plain


def test_a_dot_is_hollow_where_the_range_includes_zero():
    import matplotlib.pyplot as plt
    from matplotlib.colors import to_rgb

    figure, ax = plt.subplots()
    scenarios._draw_range(ax, 0, (0.2, -0.1, 0.5), 1, "black")
    scenarios._draw_range(ax, 0, (0.2, 0.1, 0.5), 1, "black")
    assert [tuple(dots.get_facecolor()[0][:3]) for dots in ax.collections] == [to_rgb("white"), to_rgb("black")]
    plt.close(figure)


def test_a_caption_speaks_of_hollow_dots_only_beside_filled_ones(newest):
    def dots(hollow: str, filled: str) -> str:
        given = {"lines": "x", "hollow": hollow, "filled": filled}
        return WORDS.spoken("figure.undone.caption", newest.scenarios(), **given).sentences[1].plain

    assert "hollow" in dots("open", "closed")
    assert dots("open", "") == "Dots: the central value; every range includes zero."
    assert dots("", "closed") == "Dots: the central value; every range leaves zero out."


def test_every_cell_of_the_table_of_trade_is_a_range(newest):
    table, outcomes = scenario_tables.total_trade_table(newest), newest.scenarios().outcomes
    for row, outcome in zip(table.rows, outcomes.values(), strict=True):
        low, high = (float(x.replace("−", "-")) for x in str(row["exports_reporter"]).split(" to "))
        solved = (outcome.low.at["USA", "exports"], outcome.high.at["USA", "exports"])
        assert (low, high) == pytest.approx(solved, abs=0.005)


def test_nothing_speaks_of_new_duties_before_there_were_any(early):
    said = [kr.scenarios.say(name, early.scenarios()) for name in ("answer", "ended", "undone", "mfn", "closures")]
    told = [prose.plain for prose in said if prose]
    assert len(told) == len(said)
    for name in ("missed", "new_duties", "caveats"):
        assert not kr.scenarios.say(name, early.scenarios())
    for make in views("scenarios", "Table").values():
        if (table := make(early)) is not None:
            told += [str(table.rows), table.title.plain, table.caption, *table.notes]
    assert not [text for text in told if re.search("[Nn]ew dut|20" + "2", text)]


def test_the_bound_of_all_scenarios_holds_every_range_of_both_parties(newest):
    result = newest.scenarios()
    solved = result.to_frame().query("economy in ('USA', 'KOR') and measure == 'real_income'")
    most = solved[["low", "high"]].abs().max(axis=None)
    assert most <= result.findings()["scenarios.bound"].value < most + 0.01


def test_without_any_estimate_the_first_scenario_is_left_out_and_told(newest):
    result = newest.scenarios()
    duties = {key: outcome for key, outcome in result.outcomes.items() if not key.startswith("undone")}
    alone = replace(result, spec=replace(result.spec, estimates={}), outcomes=duties)
    study = planted(newest, scenarios=alone)
    assert scenarios.undone_ranges(study) is None
    assert kr.scenarios.say("undone", alone) is None
    assert scenario_boxes.undone_box(study) is None
    told = scenario_tables.left_out(study, "undone")
    assert isinstance(told, Prose)
    assert "no estimate of the agreement's effect" in told.plain


def test_no_box_names_a_figure_that_the_findings_do_not_hold(newest):
    """Every percentage in a box is the text of a finding."""
    found = newest.scenarios().findings().values()
    texts = {f.text(style) for f in found for style in ("", "signed")} | {"90 percent"}
    texts |= {end for f in found if f.low is not None for end in f.text("range").split(" to ")}
    for make in (scenario_boxes.undone_box, scenario_boxes.mfn_box, scenario_boxes.duties_box):
        for row in make(newest).rows:
            for number in re.findall(r"[−+]?[\d.]+ percent", str(row["assumed"])):
                assert number in texts, row
