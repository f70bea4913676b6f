"""The chapter as readers of several editions see it: gaps named, words by what is found, figures and tables alike."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

import korus_research as kr
from korus_research.chapters.evidence import figures, tables
from korus_research.chapters.evidence.coverage import lacks, rests_on
from korus_research.methods.synthetic.power import Sensitivity
from korus_research.show.words.text import Words

EDITIONS = (("korus", None), ("korus", "2017-11"), ("korus", "2016-12"), ("korus", "2014-06"), ("colombia", None), ("bahrain", None))  # fmt: skip


@pytest.fixture(scope="module", params=EDITIONS, ids=lambda each: f"{each[0]}-{each[1]}")
def edition(request):
    name, as_of = request.param
    return kr.open_study(name, as_of=as_of)


def texts(evidence) -> str:
    names = ("answer", "methods", "sizes", "how", "pooled", "scales", "limits")
    return "\n".join(str(kr.evidence.say(name, evidence) or "") for name in names)


def test_every_edition_reads_whole(edition):
    evidence = edition.evidence()
    said = texts(evidence)
    assert "We can't tell" not in said
    assert ("official forecast to compare with" in said) == (edition.agreement.id != "korus")
    assert "Korea" not in said or edition.agreement.id == "korus"
    assert "90 percent" in str(figures.agreements_together(edition).subtitle)
    answer = str(kr.evidence.say("answer", evidence))
    assert len(answer.split()) <= 60


def test_figures_and_tables_show_the_same(edition):
    evidence = edition.evidence()
    figure, table = figures.effects_too_small(edition), tables.methods_table(edition)
    assert len(figure.data) == len(table.rows) == len(evidence.sensitivities)
    for row, r in zip(table.rows, figure.data.to_dict("records"), strict=True):
        assert row["above"] == f"{100 * r['above']:.0f}"
        assert (row["power"] == "\N{EN DASH}") == math.isnan(r["power"])
        assert (row["detectable"] == "\N{EN DASH}") == math.isnan(r["detectable"])
    assert len(figure.png) > 10_000
    together, pools = figures.agreements_together(edition), tables.pools_table(edition)
    assert len(together.png) > 10_000
    assert len(pools.rows) == 2 * len(evidence.choices.pool.methods)
    assert (together.data["high"] >= together.data["low"]).all()


def of(evidence, **effects: float):
    """The evidence with errors that are known, and an effect for each flow by the leading method."""
    errors = np.linspace(-0.2, 0.2, 30)
    planted = {(flow, evidence.leading): Sensitivity(effect, errors, 0.9) for flow, effect in effects.items()}
    return replace(evidence, sensitivities={**evidence.sensitivities, **planted})


@pytest.mark.parametrize(
    ("effect", "words"),
    [(0.4, "very likely raised"), (0.12, "probably raised"), (0.0, "may or may not have raised"), (-0.12, "probably did not raise"), (-0.4, "very likely did not raise")],
)  # fmt: skip
def test_the_answer_turns_with_the_chance(study, effect, words):
    answer = kr.evidence.say("answer", of(study.evidence(), exports=effect, imports=0.0))
    assert f"KORUS {words} US exports" in str(answer.sentences[0].plain)


@pytest.mark.parametrize(
    ("forecast", "words"),
    [(0.05, "far too few to settle it"), (0.25, "too few to rely on"), (0.9, "enough to rely on")],
)
def test_the_answer_turns_with_the_power(study, forecast, words):
    evidence = of(study.evidence(), exports=0.1, imports=0.1)
    evidence = replace(evidence, forecasts={**evidence.forecasts, "imports": (forecast, forecast)})
    assert words in str(kr.evidence.say("answer", evidence))


def test_a_leading_method_without_a_test_says_why(study):
    evidence = study.evidence()
    kept = {key: found for key, found in evidence.sensitivities.items() if key != ("exports", evidence.leading)}
    without = replace(evidence, sensitivities=kept)
    said = str(kr.evidence.say("answer", without))
    assert "its path before is copied exactly" in said
    assert "Nothing of the kind can be said of exports by synthetic difference-in-differences" in texts(without)


def test_agreements_that_can_not_be_pooled_are_said(study):
    evidence = study.evidence()
    none = replace(evidence, pools=evidence.pools.iloc[:0])
    said = str(kr.evidence.say("pooled", none))
    assert "Too few agreements or partners are left to pool the agreements for exports" in said
    assert "Too few agreements or partners are left to pool the agreements for imports" in said


def test_the_title_counts_the_methods_that_would_find_the_forecast(study, monkeypatch):
    evidence = study.evidence()
    able = (evidence.to_frame().query("flow == 'exports'")["power"] >= 0.8).sum()
    title = str(figures.effects_too_small(study).title)
    assert title.startswith("No method") == (able == 0)


def test_the_chapter_is_left_out_with_the_counterfactual():
    korus, catalog = kr.load_agreement("korus"), kr.open_catalog()
    assert lacks(korus, catalog, "2012-06") == ("counterfactual", "counterfactual")
    assert lacks(korus, catalog, "2016-12") is None


def test_the_chapter_ends_with_the_years_of_the_estimates(study):
    ((what, names, last),) = rests_on(study)
    assert what in Words("evidence").labels("rests_on")
    assert (names, last) == (("goods_trade_monthly",), study.evidence().years[-4:])
