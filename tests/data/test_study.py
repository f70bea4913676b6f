"""What a study takes as its parameters: what a notebook, YAML, papermill and numpy make of a code, a year or a month."""

from __future__ import annotations

import dataclasses
from datetime import datetime

import numpy as np
import pandas as pd
import pytest

import korus_research as kr
from korus_research.errors import (
    InvalidAgreement,
    InvalidModel,
    InvalidParameter,
    InvalidSentence,
    InvalidSpecification,
    MissingPartner,
)


@pytest.mark.parametrize(
    "codes", ["5880,5830", " 5880 , 5830", ["5880", "5830"], (5880, "5830"), [5880, 5830], np.array([5880, 5830])]
)
def test_peers_are_codes_however_they_are_written(codes):
    assert kr.open_study("korus", comparators=codes).parameters.comparators == ("5880", "5830")


def test_one_peer_may_be_a_number():
    assert kr.open_study("korus", comparators=5880).parameters.comparators == ("5880",)


@pytest.mark.parametrize("year", [2007, "2007", np.int64(2007), np.int16(2007)])
def test_a_year_is_a_year_however_it_is_written(year):
    assert kr.open_study("korus", baseline_year=year).parameters.baseline_year == 2007


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"comparators": 58.5}, r"comparators is 58\.5\. Expected Census codes"),
        ({"comparators": [True]}, "Expected Census codes"),
        ({"comparators": []}, "Expected Census codes"),
        ({"comparators": [58, 5880]}, "Expected Census codes"),
        ({"baseline_year": np.float64(2007.5)}, r"baseline_year is 2007\.5\."),
        ({"baseline_year": True}, "baseline_year is True"),
    ],
)
def test_what_is_none_is_told_as_it_was_written(given, said):
    with pytest.raises(InvalidParameter, match=said):
        kr.open_study("korus", **given)


@pytest.mark.parametrize(
    ("month", "said"), [("2030-01", "after the last month"), ("2016-13", "Expected a month"), (2016, "as_of is 2016")]
)
def test_what_was_known_by_a_month_needs_a_month_of_the_study(study, month, said):
    with pytest.raises(InvalidParameter, match=said):
        study.as_known(month)


def test_a_day_is_a_day_and_no_year(tmp_path):
    from korus_research.data.agreements.parts import Dates

    given = {"signed": datetime(2007, 6, 30).date(), "sources": {"signed": "x", "in_force": "x"}}
    for wrong in (2012, "2012-03-15", datetime(2012, 3, 15)):
        with pytest.raises(ValueError, match="a date without quotes"):
            Dates(**given, in_force=wrong)
    assert issubclass(InvalidAgreement, kr.errors.KorusError)


def test_frames_without_a_column_name_it():
    from korus_research.methods.equilibrium.baseline import Baseline
    from korus_research.methods.poisson.cube import Cube

    frame = pd.DataFrame({"exporter": ["A"], "importer": ["A"], "year": [2012], "sales": [1.0]})
    with pytest.raises(InvalidModel, match="no column 'value_usd_mn', but exporter, importer, year, sales"):
        Baseline.from_frame(frame)
    with pytest.raises(InvalidModel, match="no column 'trade_usd_mn'"):
        Cube.from_frame(frame)


def test_an_economy_that_trades_with_nobody_is_named():
    from korus_research.methods.equilibrium.baseline import Baseline

    with pytest.raises(InvalidModel, match="C neither sells to nor buys from"):
        Baseline(("A", "B", "C"), np.array([[5.0, 1.0, 0.0], [1.0, 5.0, 0.0], [0.0, 0.0, 5.0]]))


@pytest.mark.shared_results
def test_a_treated_partner_is_a_code_or_the_error_knows_it(study):
    effects = study.counterfactual()
    spec = effects.main["exports"].spec
    assert effects.estimate(spec, treated=5880).pool.treated == "5880"
    with pytest.raises(MissingPartner, match=r"'Japan' is not the code of a partner \(did you mean '5880'"):
        effects.estimate(spec, treated="Japan")
    every_second = tuple(range(2001, 2012, 2))
    with pytest.raises(InvalidSpecification, match="No two years before treatment follow each other"):
        effects.estimate(dataclasses.replace(spec, estimator="sdid", without=every_second))


def test_papermill_is_told_of_a_parameter_that_the_chapter_does_not_read():
    import papermill

    from korus_research.chapters.notebooks import notebooks_folder
    from korus_research.errors import UnknownParameter

    chapter = str(notebooks_folder() / "02_comparators.ipynb")
    with pytest.raises(UnknownParameter, match=r"'asof' is not a parameter of this chapter \(did you mean 'as_of'\?\)"):
        papermill.execute_notebook(chapter, None, {"asof": "2016-12"}, engine_name="korus", progress_bar=False)


@pytest.mark.parametrize("peers", ["4801,4802", "4790", "4610", "5880,4790"])
def test_a_peer_without_the_starting_year_is_told_before_anything_runs(peers):
    """Countries that came later under a code of their own, such as Serbia and Montenegro, or ended before."""
    with pytest.raises(InvalidParameter, match=r"which has data from .* Expected a partner with data for every"):
        kr.open_study("korus", comparators=peers)


@pytest.mark.parametrize("agreement", [None, 3, ["korus"]])
def test_an_agreement_that_is_no_name_is_told(agreement: object) -> None:
    with pytest.raises(InvalidParameter, match="Expected the name of an agreement, or the path of its file"):
        kr.open_study(agreement)  # type: ignore[arg-type]


@pytest.mark.parametrize("given", [None, "korus", 2016])
def test_what_is_no_study_is_told(given: object) -> None:
    with pytest.raises(InvalidParameter, match="is not a study. Expected what `open_study` returns"):
        kr.flows.flow_levels(given)


def test_words_of_one_chapter_are_not_said_of_another(study):
    assert kr.cars.say("answer", study.cars()) is not None
    with pytest.raises(InvalidSentence, match=r"Write kr\.cars\.say\(\"answer\", study\.cars\(\)\)"):
        kr.cars.say("answer", study.flows())


@pytest.mark.parametrize("name", ["definitions", "limits"])
def test_words_that_ask_for_findings_are_not_said_without_any(study, name):
    """Where data begin is a finding: without it they would say that data begin late."""
    needed = rf"'{name}' of sectors is said without a result.*Write kr\.sectors\.say\(\"{name}\", study\.sectors\(\)\)"
    with pytest.raises(InvalidSentence, match=needed):
        kr.sectors.say(name)
    assert kr.sectors.say(name, study.sectors()) is not None
    assert kr.sectors.say("counted") is not None, "which asks for none"
