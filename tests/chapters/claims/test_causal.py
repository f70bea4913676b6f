"""Claims about causes: the rule of the lexicon on hand-made values, and what the two of the column rest on."""

from __future__ import annotations

import pytest

import korus_research as kr
from korus_research.chapters.claims.kinds.measured import Condition, Measured
from korus_research.chapters.claims.lexicon import FILE, load_lexicon
from korus_research.chapters.claims.measures import causal_verdict, measure
from korus_research.chapters.claims.statements import load_claims
from korus_research.errors import InvalidClaim

HOLDS, FAILS = (Condition("it fell", holds, premise=True) for holds in (True, False))
PASSED, FAILED = (Condition("nothing to say", holds, premise=False) for holds in (True, False))
UNKNOWN = Condition("it may have fallen", None, premise=True)


def values(*intervals: tuple[float, float, float]) -> list[Measured]:
    return [Measured(v, f"basis {i}", "2016", "interval", ("goods_trade_monthly",), low, high) for i, (v, low, high) in enumerate(intervals)]  # fmt: skip


CLEAR, OPEN, OTHER = (-2.0, -3.0, -1.0), (-2.0, -4.0, 0.5), (1.0, 0.5, 2.0)


@pytest.mark.parametrize(
    ("intervals", "conditions", "verdict"),
    [
        ((CLEAR, CLEAR), (HOLDS, PASSED), "Right"),
        ((CLEAR, OPEN), (HOLDS, PASSED), "Can't be settled"),
        ((CLEAR, CLEAR), (HOLDS, FAILED), "Can't be settled"),
        ((CLEAR, CLEAR), (FAILS, PASSED), "Wrong"),
        # An interval that holds a fall among other values does not speak against one; only all of them without it do.
        ((OPEN, OTHER), (HOLDS, PASSED), "Can't be settled"),
        ((OPEN, OPEN), (HOLDS, PASSED), "Can't be settled"),
        ((OTHER, OTHER), (HOLDS, PASSED), "Wrong"),
        ((OTHER, OTHER), (HOLDS, FAILED), "Wrong"),
        ((CLEAR, CLEAR), (UNKNOWN, PASSED), "Can't be settled"),
        ((OTHER, OTHER), (UNKNOWN, PASSED), "Wrong"),
        ((), (HOLDS, PASSED), "Not tested"),
    ],
)
def test_the_rule_on_hand_made_values(intervals, conditions, verdict):
    source, claim = next(pair for pair in load_claims("korus", as_of="2017-11") if pair[1].id == "weak-won")
    found = causal_verdict(source, claim, values(*intervals), conditions)
    assert found.word == verdict


def test_what_the_column_says_of_the_won_and_of_demand_is_tried_on_every_declared_equation(study, verdicts):
    plan = study.drivers().plan
    assert len(verdicts["weak-won"].tried) == len(plan.specifications) == 8
    assert len(verdicts["tepid-demand"].tried) == 2 * len(plan.specifications)
    for id_ in ("weak-won", "tepid-demand"):
        v = verdicts[id_]
        # The verdict follows from what is shown, counted again here.
        right = sum(m.high < 0 and m.low < 0 and m.value < 0 for m, _ in v.tried)
        assert v.right_on == right
        assert (v.word == "Right") == (right == len(v.tried) and all(c.holds for c in v.conditions))


def test_a_falsification_test_that_can_not_tell_nothing_from_the_estimate_is_not_passed(study, verdicts):
    # By hand from the findings: nothing and this year's coefficient in one interval is no test (a reviewer's point).
    findings = study.drivers().findings()
    for id_, driver in (("weak-won", "value"), ("tepid-demand", "demand")):
        lead = findings[f"drivers.exports.lead.{driver}"]
        own = float(study.drivers().main("exports").equation.elasticity(driver)[0])
        (test,) = [c for c in verdicts[id_].conditions if not c.premise]
        powerless = lead.low <= 0 <= lead.high and lead.low <= own <= lead.high
        assert test.holds == (None if powerless else lead.low <= 0 <= lead.high)
        assert ("too weak" in test.says) == powerless
    assert [c.holds for v in ("weak-won", "tepid-demand") for c in verdicts[v].conditions if not c.premise] == [
        True,
        None,
    ]


def test_the_card_says_that_most_currencies_did_worse_than_the_won(study, verdicts):
    found = study.as_known("2017-11").drivers().findings()
    lower, compared = (int(found[f"drivers.currency.evaluation.real_{key}"].value) for key in ("lower", "compared"))
    premise = next(c.says for c in verdicts["weak-won"].conditions if "real value" in c.says)
    assert f"{lower} of {compared} other currencies did worse" in premise
    assert lower > compared / 2  # the won did better than most of them: weak against the dollar only


def test_they_are_judged_on_the_year_that_was_known(verdicts):
    assert {m.period for id_ in ("weak-won", "tepid-demand") for m, _ in verdicts[id_].tried} == {"2016"}


def test_the_premise_turns_with_the_currency(column_study):
    # The won gained in real terms from 2011 to 2013: then a weak one can't be to blame, whatever the equation says.
    then = kr.open_study("korus", as_of="2013-12")
    source, claim = next(pair for pair in load_claims("korus", as_of="2017-11") if pair[1].id == "weak-won")
    from korus_research.chapters.claims.kinds.drivers import driver_conditions, driver_measures

    found = causal_verdict(source, claim, driver_measures(claim, then), driver_conditions(claim, then))
    assert found.word == "Wrong"


def test_an_agreement_without_figures_is_not_testable(column_study):
    from korus_research.chapters.claims.kinds.drivers import driver_measures

    _, claim = next(pair for pair in load_claims("korus", as_of="2017-11") if pair[1].id == "weak-won")
    assert driver_measures(claim, kr.open_study("colombia")) == []


def test_a_driver_nobody_knows_is_one_clear_error(column_study):
    source, claim = next(pair for pair in load_claims("korus", as_of="2017-11") if pair[1].id == "weak-won")
    with pytest.raises(InvalidClaim, match="'weather'. Expected one of currency, demand"):
        measure(claim.model_copy(update={"what": "weather"}), source, column_study)


def test_the_rule_is_data_and_says_what_it_does(tmp_path):
    assert "right if" in load_lexicon().causal.says
    path = tmp_path / "lexicon.toml"
    path.write_text(FILE.read_text("utf-8").replace("\nsupported_from = 1.0", "\nsupported_from = 0.0"))
    with pytest.raises(InvalidClaim, match="causal supported_from is 0"):
        load_lexicon(path)
