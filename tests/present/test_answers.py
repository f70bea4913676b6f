"""The front page: the answer and the key figure, with the effects of an edition and without."""

from __future__ import annotations

import re

import pytest

import korus_research as kr
from korus_research.analysis.finding import Findings
from korus_research.analysis.methods import by_method


@pytest.fixture(scope="module")
def estimated(study) -> Findings:
    described = study.flows().findings() | study.comparators().findings()
    return described | study.counterfactual().findings()


def test_an_edition_without_estimates_says_so_and_shows_trade(study):
    described = study.flows().findings()
    answer = str(kr.charts.answer(described))
    assert "can't say: it estimates no trade without the agreement" in answer
    assert kr.charts.key_figure(study, described).id == "summary-trade"


def test_the_answer_gives_the_main_effects_and_leaves_out_what_no_chapter_found(study, estimated):
    prose = kr.charts.answer(estimated)
    spoken = {f.id for f in prose.findings}
    assert {"counterfactual.exports.effect", "counterfactual.imports.effect", "counterfactual.clear"} <= spoken
    assert not any(key.startswith("forecasts.") for key in spoken), "there is no such chapter here"
    assert len(prose.sentences) <= 5


def test_the_key_figure_draws_every_method_that_has_an_estimate_once_a_flow(study, estimated):
    figure = kr.charts.key_figure(study, estimated)
    assert figure.id == "summary-effects"
    drawn = figure.data.set_index(["flow", "method"])["effect_percent"]
    assert len(drawn) == len(by_method(estimated)) == 6
    for flow, found in study.counterfactual().main.items():
        assert drawn[flow, "Synthetic control (main)"] == pytest.approx(found.effect_percent)
    labels = re.findall(r"<!-- ([^>]*) -->", figure.svg)
    for value in drawn:
        assert any(f"{abs(value):.0f}" in label for label in labels), value
