"""The chapter as readers of several editions see it: gaps named, words by what is found, figures and tables alike."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from chapter_objects import thin_curve
from planted import planted

import korus_research as kr
from korus_research.chapters.evidence import figures, tables
from korus_research.chapters.evidence.coverage import lacks, rests_on
from korus_research.methods.synthetic.power import Sensitivity
from korus_research.show.words.text import Words

EDITIONS = (("korus", None), ("korus", "2017-11"), ("korus", "2016-12"), ("korus", "2014-06"), ("colombia", None), ("bahrain", None))  # fmt: skip
# Ten agreements and the gravity model are estimated for each of them, at least 6 s of processor time: one here, the others
# with the tests of whole reports.
FEW = [pytest.param(each, marks=() if number == 0 else pytest.mark.slow) for number, each in enumerate(EDITIONS)]


@pytest.fixture(autouse=True, scope="module")
def _few_specifications():
    """What the chapter says of the curve it says alike of a few; the whole is in the tests of whole reports."""
    with thin_curve():
        yield


@pytest.fixture(scope="module", params=FEW, ids=lambda each: f"{each[0]}-{each[1]}")
def edition(request):
    name, as_of = request.param
    return kr.open_study(name, as_of=as_of)


def texts(study, evidence=None) -> str:
    names = ("answer", "ranges", "power", "chances", "details", "how", "pooled", "scales", "disagree", "mind", "limits")
    spoken = (evidence or study.evidence(), study.counterfactual(), study.specification_curve())
    return "\n".join(str(kr.evidence.say(name, spoken) or "") for name in names)


def answer(study, evidence) -> str:
    return str(kr.evidence.say("answer", (evidence, study.counterfactual())))


def test_every_edition_reads_whole(edition):
    evidence = edition.evidence()
    said = texts(edition)
    assert "We can't tell" not in said
    assert ("We have no official forecast" in said) == (edition.agreement.id != "korus")
    assert edition.agreement.partner.short in said
    assert "90 percent" in str(figures.agreements_together(edition).subtitle)
    assert len(answer(edition, evidence).split()) <= 60
    assert len(str(figures.effects_by_method(edition).title).split()) <= 14


def test_the_dot_plot_has_every_method_with_its_own_chapters_range_and_the_median_of_the_curve(edition):
    data = figures.effects_by_method(edition).data.set_index(["flow", "method"])
    own = edition.counterfactual().findings()
    for flow, method in data.index:
        if method == "gravity":
            found = edition.gravity().findings()[f"gravity.{flow}.effect"]
        elif method != figures.CURVE:
            found = own[f"counterfactual.{flow}.method.{method}"]
        else:
            logs = edition.specification_curve().curve.of(flow)["effect_log"]
            assert data.loc[(flow, method), "effect"] == pytest.approx(100 * np.expm1(np.median(logs)))
            continue
        drawn = data.loc[(flow, method)]
        assert drawn["effect"] == pytest.approx(found.value)
        if found.low is not None:
            assert (drawn["low"], drawn["high"]) == pytest.approx((found.low, found.high))
    tested = data.drop(index=figures.CURVE, level="method")
    for flow in ("exports", "imports"):
        rows = tested.loc[flow]
        apart = edition.evidence().findings()[f"evidence.{flow}.apart"]
        assert apart.value == (rows["low"] * rows["high"] > 0).sum()


def test_the_table_of_chances_has_the_lowest_and_the_highest_of_the_table_of_methods(edition):
    chances, methods = tables.chances_table(edition), tables.methods_table(edition)
    for row in chances.rows:
        for key in ("above", "reached", "power"):
            cells = [each[key] for each in methods.rows if each["flow"] == row["flow"]]
            if "\N{EN DASH}" in cells:
                assert row[key] == "\N{EN DASH}"
            else:
                low, high = min(map(int, cells)), max(map(int, cells))
                assert str(row[key]).endswith(f"({low} to {high})")


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
    assert f"KORUS {words} US exports" in answer(study, of(study.evidence(), exports=effect, imports=0.0))


@pytest.mark.parametrize(
    ("forecast", "words"),
    [
        (0.05, "are too imprecise to say"),
        (0.25, "are hardly precise enough to say"),
        (0.9, "are precise enough to say"),
    ],
)
def test_the_answer_turns_with_the_power(study, forecast, words):
    evidence = of(study.evidence(), exports=0.1, imports=0.1)
    evidence = replace(evidence, forecasts={**evidence.forecasts, "imports": (forecast, forecast)})
    assert words in answer(study, evidence)


def test_an_agreement_of_which_no_forecast_is_known_says_so(study):
    said = texts(study, replace(study.evidence(), forecasts={}))
    assert "We have no official forecast" in said
    assert "We can't tell" not in said


def test_a_leading_method_without_a_test_says_why(study):
    evidence = study.evidence()
    kept = {key: found for key, found in evidence.sensitivities.items() if key != ("exports", evidence.leading)}
    without = replace(evidence, sensitivities=kept)
    assert "its path before is copied exactly" in answer(study, without)
    assert "Neither is known for exports by synthetic difference-in-differences" in texts(study, without)


def test_a_pair_outside_the_panel_of_gravity_is_said_and_shown_without_it(study):
    evidence = study.evidence()
    kept = {key: found for key, found in evidence.sensitivities.items() if key[1] != "gravity"}
    ranges = {key: found for key, found in evidence.ranges.items() if key[1] != "gravity"}
    without = replace(evidence, sensitivities=kept, ranges=ranges)
    told = "The gravity model is not in this comparison, since its panel lacks Korea"
    assert told in texts(study, without)
    assert told not in texts(study)
    outside = planted(study, evidence=without)
    for make in (figures.effects_by_method, figures.effects_too_small, tables.methods_table):
        with_it, left_out = make(study), make(outside)
        assert set(with_it.data["method"]) - set(left_out.data["method"]) == {"gravity"}
        assert set(with_it.datasets) - set(left_out.datasets) == {"gravity_panel"}


def test_agreements_that_can_not_be_pooled_are_said(study):
    evidence = study.evidence()
    none = replace(evidence, pools=evidence.pools.iloc[:0])
    said = str(kr.evidence.say("pooled", none))
    assert "Too few agreements or partners are left to pool the agreements for exports" in said
    assert "Too few agreements or partners are left to pool the agreements for imports" in said


@pytest.mark.parametrize(
    ("raw", "scaled", "told"),
    [((2.0, 30.0), (-3.0, 35.0), True), ((-30.0, -2.0), (-35.0, 3.0), True), ((-1.0, 30.0), (-3.0, 35.0), False), ((2.0, 30.0), (1.0, 35.0), False), ((-30.0, -2.0), (-35.0, -1.0), False)],
)  # fmt: skip
def test_agreements_as_they_are_are_told_where_only_their_range_leaves_out_zero(study, raw, scaled, told):
    evidence = study.evidence()
    pools = evidence.pools.copy()
    for scale, ends in (("raw", raw), ("scaled", scaled)):
        pools.loc[(pools["scale"] == scale) & (pools["flow"] == "exports"), ["low", "high"]] = ends
    said = str(kr.evidence.say("pooled", replace(evidence, pools=pools)))
    assert ("zero lies outside the range" in said) == told
    assert ("We don't rely on that" in said) == told


def test_the_title_counts_the_methods_that_would_find_the_forecast(study, monkeypatch):
    evidence = study.evidence()
    able = (evidence.to_frame().query("flow == 'exports'")["power"] >= 0.8).sum()
    title = str(figures.effects_too_small(study).title)
    assert title.startswith("No method") == (able == 0)


def test_the_chapter_is_left_out_with_the_counterfactual():
    assert lacks(kr.open_study("korus", as_of="2012-06")) == ("counterfactual", "counterfactual")
    assert lacks(kr.open_study("korus", as_of="2016-12")) is None


def test_the_chapter_ends_with_the_years_of_the_estimates(study):
    ((what, names, last),) = rests_on(study)
    assert what in Words("evidence").labels("rests_on")
    assert (names, last) == (("goods_trade_monthly",), study.evidence().years[-4:])
