"""Claims about expectations: the rule on planted intervals, the column's claim counted again, forecasts judged once."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest

import korus_research as kr
from korus_research.chapters.claims.kinds import expectations
from korus_research.chapters.claims.kinds.expectations import expectation_measures, judged_month
from korus_research.chapters.claims.kinds.measured import Condition
from korus_research.chapters.claims.measures import causal_verdict, measure
from korus_research.chapters.claims.statements import load_claims
from korus_research.errors import InvalidClaim
from korus_research.show.finding import Findings

NOTEBOOK = Path(__file__).resolve().parents[3] / "notebooks" / "15_claims.ipynb"


@pytest.fixture(scope="module")
def fell_short():
    return next(pair for pair in load_claims("korus", as_of="2026-08") if pair[1].id == "short-of-expectations")


@pytest.fixture(scope="module")
def promised():
    return next(pair for pair in load_claims("korus", as_of="2026-08") if pair[1].id == "exports-plus-11-billion")


class Toy:
    """What a comparison must have: intervals of ours and forecasts, both planted."""

    post = "2013 to 2016"

    def __init__(self, *intervals: tuple[float, float]) -> None:
        forecasts = (10.0, 20.0)
        self.annual = pd.DataFrame({"exports": {2007: 40_000.0}, "imports": {2007: 50_000.0}})
        self.expected = pd.DataFrame([{"study": "toy", "year": 2007}])
        self.ours = pd.DataFrame(
            [{"flow": "exports", "id": f"e{i}", "label": f"estimate {i}", "effect": (a + b) / 2, "low": a, "high": b, "range": "interval"} for i, (a, b) in enumerate(intervals)]
        )  # fmt: skip
        self.held = pd.DataFrame(
            [{"flow": "exports", "estimate": r.id, "label": r.label, "study": "toy", "end": end, "forecast": f, "effect": r.effect, "low": r.low, "high": r.high} for r in self.ours.itertuples() for end, f in zip(("low", "high"), forecasts, strict=True)]
        )  # fmt: skip

    def said(self, study, year):
        return f"{study}, {year}"


PASSED, FAILED, NO_POWER = (Condition("nothing before", holds, premise=False) for holds in (True, False, None))


@pytest.mark.parametrize(
    ("intervals", "condition", "verdict"),
    [
        (((-5, 5), (-8, 9)), PASSED, "Right"),  # the first lies below the lowest forecast, 10
        (((-5, 5), (12, 30)), PASSED, "Right"),  # the others do not decide
        (((-5, 5), (-8, 9)), FAILED, "Can't be settled"),  # but something is found before the agreement too
        (((-5, 5), (-8, 9)), NO_POWER, "Can't be settled"),  # or the test could not have found anything
        (((-5, 15), (-8, 9)), PASSED, "Can't be settled"),
        (((10, 15), (-8, 9)), PASSED, "Wrong"),  # the first lies nowhere below the lowest forecast
        ((), PASSED, "Not tested"),
    ],
)
def test_fell_short_on_planted_intervals(monkeypatch, fell_short, column_study, intervals, condition, verdict):
    source, claim = fell_short
    monkeypatch.setattr(expectations, "known_forecasts", lambda study, findings: Toy(*intervals) if intervals else None)
    values = expectation_measures(claim, column_study, None)
    assert causal_verdict(source, claim, values, (condition,)).word == verdict


@pytest.mark.parametrize(
    ("intervals", "verdict"),
    [
        (((1, 27), (-40, 80)), "Right"),  # more than nothing, and at most 11 of 40 billion, which are 27.5 percent
        (((1, 28), (1, 27)), "Can't be settled"),
        (((-5, 20), (1, 27)), "Can't be settled"),  # perhaps nothing
        (((-9, -1), (1, 27)), "Wrong"),  # a fall
        (((28, 40), (1, 27)), "Wrong"),  # more than all that was promised
    ],
)
def test_a_promise_in_dollars_on_planted_intervals(monkeypatch, promised, column_study, intervals, verdict):
    source, claim = promised
    monkeypatch.setattr(expectations, "known_forecasts", lambda study, findings: Toy(*intervals))
    values = expectation_measures(claim, column_study, None)
    assert values[0].low == pytest.approx(0.4 * intervals[0][0])
    assert causal_verdict(source, claim, values, (PASSED,)).word == verdict


def test_the_columns_claim_counted_again_from_the_findings(verdicts, column_study, gravity, raw_folder):
    found = verdicts["short-of-expectations"]
    effects = column_study.counterfactual()
    base = pd.read_csv(raw_folder / "us_korea_goods_monthly.csv").query("year == 2007")["exports_usd_mn"].sum()
    lowest = 100 * 9_700 / base  # of the official forecast, 9.7 to 10.9 billion
    leading = effects.findings()["counterfactual.exports.leading"]
    decisive = found.tried[0][0]
    assert (decisive.value, decisive.low, decisive.high) == pytest.approx(
        tuple(end - lowest for end in (leading.value, leading.low, leading.high))
    )
    assert found.word == ("Right" if leading.high < lowest and all(c.holds for c in found.conditions) else "Can't be settled")  # fmt: skip
    ranges = [f for m in effects.choices.methods if (f := effects.findings().get(f"counterfactual.exports.method.{m}"))]
    highs = [f.high for f in ranges if f.high is not None] + [gravity["gravity.exports.effect"].high]
    table = pd.read_csv(raw_folder / "korus_published_estimates.csv")
    older = table[table["note"].str.contains("table 7.1", na=False) & (table["outcome"] == "US exports to Korea")]
    forecasts = [*older["estimate"], lowest, 100 * 10_900 / base]
    below = sum(high < forecast for high in highs for forecast in forecasts)
    assert (found.right_on, len(found.tried)) == (below, len(highs) * len(forecasts))
    assert {m.period for m, _ in found.tried} == {"2013 to 2016"}  # what January 2018 could know


def test_the_falsification_that_is_quoted_is_the_harshest(study, verdicts):
    effects = study.as_known("2017-11").counterfactual()
    tried = [effects.in_time["exports"], effects.before_signature["exports"]]
    worst = max(tried, key=lambda found: abs(found.effect_percent))
    (test,) = verdicts["short-of-expectations"].conditions
    assert f"{abs(worst.effect_percent):.0f} percent higher" in test.says
    assert worst.effect_percent > 0
    assert worst.effect_percent == pytest.approx(23, abs=1)  # 2002 to 2006, as the referee found it
    assert test.holds is None  # as large as the estimate, so no test


def test_the_odds_of_the_rule_by_a_plain_loop(study, verdicts):
    v = verdicts["short-of-expectations"]
    found = study.as_known("2017-11").counterfactual().led["exports"]
    errors, forecast = list(found.errors_log), v.tried[0][0].forecast
    reached = [found.effect_log + s * e >= math.log1p(forecast / 100) for e in errors for s in (1, -1)]
    assert v.odds.reached == pytest.approx(100 * sum(reached) / len(reached))
    for world, share in zip(v.odds.worlds, (0.0, 0.5, 1.0), strict=True):
        assert world.effect == pytest.approx(share * forecast)
        short = 0
        for place, error in enumerate(errors):
            others = sorted((abs(e) for i, e in enumerate(errors) if i != place), reverse=True)
            # Rejected where at most so many of the others, and itself, are as far: p of at most 0.1 among all of them.
            half = others[math.floor(0.1 * (len(others) + 1) + 1e-9) - 1]
            for sign in (1, -1):
                high = 100 * math.expm1(math.log1p(world.effect / 100) + sign * error + half)
                short += high < forecast
        assert world.right == pytest.approx(100 * short / (2 * len(errors)))
        assert 0 <= world.right + world.wrong <= 100


def test_a_rule_that_could_never_be_met_is_seen_to_be(study, ledger, verdicts):
    # "Up to 11 billion" needs a range above nothing that ends by 11: no placebo leaves room for one.
    v = verdicts["exports-plus-11-billion"]
    assert {world.right for world in v.odds.worlds} == {0.0}
    table = kr.claims.odds_table(study, ledger)
    assert len(table.rows) == 6
    assert "What the rule for expectations can say" in NOTEBOOK.read_text(encoding="utf-8")


def test_a_forecast_is_judged_on_the_years_of_the_main_estimate_and_not_before(
    study, verdicts, column_ledger, gravity, promised
):
    assert judged_month(study) == "2019-12"
    then = next(v for v in column_ledger.verdicts if v.claim.id == "exports-plus-11-billion")
    assert then.word == "Not tested"
    assert "2019" in then.needs
    now = verdicts["exports-plus-11-billion"]
    assert {m.period for m, _ in now.tried} == {"2013 to 2019"}
    source, claim = promised
    sooner = study.as_known("2019-12")
    assert judged_month(sooner) == "2019-12"
    assert causal_verdict(source, claim, measure(claim, source, sooner, gravity), ()).tried == now.tried


@pytest.mark.slow  # the gravity model is fitted for it
def test_gravity_of_a_later_month_is_what_the_study_alone_would_find(column_study, column_ledger):
    assert kr.claims.of(column_study).verdicts == column_ledger.verdicts


def test_sector_claims_are_told_what_a_test_would_take_and_a_raw_change_beside(ledger):
    by_number = {v.claim.number: v for v in ledger.verdicts}
    cards = {c["number"]: c for c in kr.claims.column_cards(ledger).data["cards"]}
    for number in (10, 11):
        assert by_number[number].word == "Not tested"
        assert by_number[number].measured is None
        assert "neither an effect nor a test" in cards[str(number)]["why"]
        assert cards[str(number)]["link"] == "#ch-forecasts"
    assert [f.id for f in by_number[10].beside] == ["forecasts.sector.vehicles_out.change"]


def test_machinery_is_told_from_before_the_agreement_and_beside_all_others(ledger):
    # From the printed tables as they were collected: USD million to Korea and to the world, 2011 and 2016.
    own, world = (5_516, 5_309), (115_535, 108_685)
    beside = next(v.beside for v in ledger.verdicts if v.claim.number == 11)
    assert [f.period for f in beside] == ["2011 to 2016"] * 2
    assert beside[0].value == pytest.approx(100 * (own[1] / own[0] - 1))
    others = [w - o for w, o in zip(world, own, strict=True)]
    assert beside[1].value == pytest.approx(100 * (others[1] / others[0] - 1))


def test_the_card_says_which_years_it_was_judged_on_and_what_the_chapter_has(study, ledger, column_ledger, gravity):
    def why(judged):
        cards = kr.claims.column_cards(judged).data["cards"]
        return next(c["why"] for c in cards if c["number"] == "12")

    now, then = why(ledger), why(column_ledger)
    for text in (now, then):
        assert "We judge it on 2013 to 2016, the full years known when it was said" in text
    row = study.forecasts(gravity).held.iloc[0]
    points = row["effect"] - row["forecast"]
    told = f"{abs(points):.0f} percentage points {'lower' if points < 0 else 'higher'}"
    assert told in now.split("Over 2013 to 2019, the years used elsewhere in this report")[1]
    assert "2019" not in then


def test_gravity_of_another_panel_is_not_taken(monkeypatch, study, column_study, gravity):
    monkeypatch.setattr(expectations, "forecasts_of", lambda months, taken=None: taken)
    assert expectations.known_forecasts(column_study, gravity) == expectations.gravity_alone(gravity)
    assert expectations.known_forecasts(study.as_known("2013-12"), gravity) is None
    assert expectations.known_forecasts(study, Findings()) is None


def test_an_amount_without_its_base_year_is_one_clear_error(promised, column_study):
    source, claim = promised
    for change in ({"base_year": None}, {"unit": "points"}, {"unit": "percent", "base_year": None}):
        with pytest.raises(ValueError, match="a base_year where it is in usd_bn|has the unit points or usd_bn"):
            type(claim)(**{**claim.model_dump(exclude_unset=True), **change})
    with pytest.raises(InvalidClaim, match="'balance'. Expected one of exports, imports"):
        measure(claim.model_copy(update={"what": "balance"}), source, column_study)
