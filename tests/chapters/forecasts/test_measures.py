"""Forecasts against outcomes: percentages from the raw files, the rules row by row, sides by property, planted effects."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, strategies as st

import korus_research as kr
from korus_research.chapters.forecasts.compared.flows import SIDES, held_against, judged_rows, our_estimates, side
from korus_research.chapters.forecasts.rules import load_rules
from korus_research.chapters.forecasts.saved import saved_beside
from korus_research.data import open_catalog
from korus_research.errors import InvalidSpecification, MissingFigures
from korus_research.show.finding import Finding, Findings

NO_GRAVITY = Findings()
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def forecasts():
    return kr.open_study("korus").forecasts(NO_GRAVITY)


@pytest.fixture(scope="module")
def trade(raw_folder):
    table = pd.read_csv(raw_folder / "us_korea_goods_monthly.csv")
    return table.groupby("year")[["exports_usd_mn", "imports_usd_mn"]].sum().set_axis(["exports", "imports"], axis=1)


def test_dollars_become_percent_of_the_trade_that_others_name_too(forecasts, trade, raw_folder):
    # Cato's bulletin prints the trade of 2007 as 34.4 and 47.6 billion, and "about 30" and "about 14" percent.
    printed = pd.read_csv(raw_folder / "korus_projections_and_assessments.csv").set_index("metric")["low"].astype(float)
    for flow, text, about in (("exports", "US exports to Korea in 2007 (base)", 30), ("imports", "US imports from Korea in 2007 (base)", 14)):  # fmt: skip
        base = trade.loc[2007, flow] / 1e3
        assert base == pytest.approx(printed[text], abs=0.05)
        reference = forecasts.reference(flow)
        assert reference["low"] == pytest.approx(100 * reference["usd_low"] / base, rel=1e-3)
        assert (reference["low"] + reference["high"]) / 2 == pytest.approx(about, abs=0.5)


def test_a_forecast_that_stands_in_two_files_counts_once(forecasts):
    counted = forecasts.expected.groupby("flow")["study"].agg(["size", "nunique"])
    assert counted.to_numpy().tolist() == [[6, 6], [6, 6]]  # table 7.1 of Publication 3949 lists five, and itself
    older = forecasts.expected[forecasts.expected["study"].str.contains("3452")]
    assert older["low"].tolist() == [54.0, 21.4]  # as table 7.1 prints it, not rounded by the press


def test_the_evaluation_of_2018_is_about_the_trade_it_is_set_against(forecasts, trade):
    after, before = (trade.loc[a:b, "imports"].mean() / 1e3 for a, b in ((2012, 2016), (2007, 2011)))
    assert after - before == pytest.approx(18.4, abs=0.05)  # the total increase that it prints
    row = forecasts.published.query("year == 2018 and flow == 'imports'").iloc[0]
    low, high = 3.16, 6.63  # billion, as printed; the shares printed beside them are 17.2 and 36 percent
    assert (low / 18.4, high / 18.4) == pytest.approx((0.172, 0.36), abs=0.001)
    assert (row["low"], row["high"]) == pytest.approx(
        (100 * low / (after - low), 100 * high / (after - high)), rel=1e-3
    )


def test_evaluations_are_told_by_name_with_what_they_printed(study, trade):
    # 3.16 to 6.63 billion of 2012-16 imports less them; 7.5 billion of 2012-22 (press release of July 3, 2023).
    found = study.forecasts().findings()
    for key, amounts, years in (("government", (3.16, 6.63), (2012, 2016)), ("institute", (7.5, 7.5), (2012, 2022))):
        level = trade.loc[years[0] : years[1], "imports"].mean() / 1e3
        ends = [100 * amount / (level - amount) for amount in amounts]
        one = found[f"forecasts.imports.published.{key}"]
        assert (one.low, one.high) == pytest.approx(ends, rel=1e-3)
        assert found.names[f"{key}_by"]
    said = kr.forecasts.say("evaluated", study.forecasts()).plain
    assert "The Korean government's evaluation of 2018" in said
    assert "metals" in said


def test_every_published_row_is_beside_ours_or_has_its_reason(forecasts, raw_folder):
    raw = pd.read_csv(raw_folder / "korus_published_estimates.csv")
    added = pd.read_csv(ROOT / "tools" / "curated" / "published_estimates.csv")
    assert (len(raw), len(added)) == (89, 5)
    assert added["source_address"].str.startswith("https://").all()
    raw, judged = pd.concat([raw, added]), forecasts.judged
    assert len(judged) == len(raw)
    assert (judged["comparable"] == judged["why"].eq("")).all()
    assert judged["percent"].notna().equals(judged["comparable"])
    # Nothing but evaluations of this agreement is comparable; forecasts repeated as findings are marked.
    assert set(judged.loc[judged["comparable"], "kind"]) == {"ex_post"}
    told = raw["note"].str.contains("press presents it as ex-post", na=False)
    assert judged["marked"].sum() == told.sum() == 4
    assert (judged["kind"].value_counts() == raw["kind"].value_counts()).all()


@given(st.floats(-90, 200), st.floats(0, 200), st.floats(-90, 400))
def test_an_interval_lies_below_above_or_includes(low, width, forecast):
    found = side(low, low + width, forecast)
    assert found in SIDES
    assert (found == "includes") == (low <= forecast <= low + width)
    assert {"below": "above", "above": "below", "includes": "includes"}[found] == side(-low - width, -low, -forecast)


def effect(flow: str, value: float, low: float | None, high: float | None) -> Finding:
    return Finding(f"counterfactual.{flow}.method.sdid", "the effect", value, "percent", "2013 to 2019", "toy", ("goods_trade_monthly",), low=low, high=high, interval="toy")  # fmt: skip


@pytest.mark.parametrize(("interval", "sides"), [((-5.0, 9.0), (1, 0, 0)), ((-5.0, 20.0), (0, 1, 0)), ((31.0, 40.0), (0, 0, 1))])  # fmt: skip
def test_planted_effects_are_held_against_planted_forecasts(interval, sides):
    rules = load_rules()
    findings = {f.id: f for f in (effect("exports", sum(interval) / 2, *interval), effect("imports", 0.0, None, None))}
    ours = our_estimates(findings, rules=rules, leading="sdid")
    expected = pd.DataFrame([{"study": "toy", "flow": "exports", "low": 10.0, "high": 30.0}, {"study": "toy", "flow": "imports", "low": 1.0, "high": 1.0}])  # fmt: skip
    held = held_against(ours, expected)
    assert set(held["flow"]) == {"exports"}  # an estimate without an interval decides nothing
    both = sides if sides != (0, 1, 0) else None
    counts = tuple(int((held["side"] == name).sum()) for name in ("below", "includes", "above"))
    assert counts == (tuple(2 * n for n in both) if both else (1, 1, 0))  # 20 is below 30 and includes 10


def test_the_method_that_leads_comes_first_whatever_the_order_declared():
    rules, methods = load_rules(), ("sc", "sdid", "did")
    findings = {
        key: replace(effect("exports", float(i), i - 1.0, i + 1.0), id=key)
        for i, key in enumerate(f"counterfactual.exports.method.{m}" for m in methods)
    }
    for leading in methods:
        ours = our_estimates(findings, rules=rules, leading=leading)
        assert ours["id"].iloc[0] == leading
        assert sorted(ours["id"]) == sorted(methods)
        assert [label.endswith("(leads)") for label in ours["label"]] == [True, False, False]


@pytest.mark.slow
def test_what_others_concluded_is_as_printed_and_not_told_before_it_was_published(study):
    printed = {
        "balance": (2016, 15.8),
        "diverted": (2019, (13.1 + 13.8) / 2),
    }  # NBER Working Paper 25613; Publication 4614
    for key, (year, value) in printed.items():
        now = study.forecasts().findings()[f"forecasts.found.{key}"]
        assert now.value == pytest.approx(value)
        before = kr.open_study("korus", as_of=f"{year - 1}-12").forecasts(Findings())
        assert f"forecasts.found.{key}" not in before.findings()
        assert before.findings().names[f"{key}_by"] == ""
    assert study.forecasts().findings().names["review_year"] == "2024"


def test_the_promise_stands_beside_its_own_warning_and_output(study, raw_folder):
    printed = pd.read_csv(raw_folder / "korus_projections_and_assessments.csv").query("metric == 'US GDP, change'")
    output = study.forecasts().findings()["forecasts.output"]
    assert (output.low, output.high) == (printed["low"].item(), printed["high"].item()) == (10.1, 11.9)
    said = kr.forecasts.say("promise", study.forecasts()).plain
    assert "not changes in total trade" in said


def test_the_six_are_chosen_by_a_rule_that_is_told_and_a_narrower_variant_stands_apart(study):
    found, own = study.forecasts().findings(), load_rules().of("korus")
    assert found["forecasts.exports.studies"].value == 6
    assert own.chosen in kr.forecasts.say("points", study.forecasts()).plain
    assert [found[f"forecasts.{flow}.narrower"].value for flow in ("exports", "imports")] == [25.5, 23.3]  # table 7.1
    assert 25.5 not in set(study.forecasts().expected["low"])
    moved = next(like for like in own.likeness if "other studies" in like.aspect)
    assert "barriers to services" in moved.forecast
    assert "productivity" in moved.forecast


def test_the_counts_that_sentences_speak_are_those_of_a_plain_loop(forecasts):
    found = forecasts.findings()
    for flow in ("exports", "imports"):
        ours = forecasts.ours.query("flow == @flow and range == 'interval'")
        theirs = [v for r in forecasts.expected.query("flow == @flow").itertuples() for v in sorted({r.low, r.high})]
        below = sum(high < value for high in ours["high"] for value in theirs)
        above = sum(low > value for low in ours["low"] for value in theirs)
        counted = [found[f"forecasts.{flow}.{name}"].value for name in ("below", "above", "comparisons")]
        assert counted == [below, above, len(ours) * len(theirs)]
        assert found[f"forecasts.{flow}.includes"].value == len(ours) * len(theirs) - below - above


def test_sector_outcomes_are_those_of_the_raw_chapters(forecasts, raw_folder):
    raw = pd.read_parquet(raw_folder / "us_exports_hs2_monthly.parquet")
    own = raw[raw["partner_code"] == "5800"]
    table = own.groupby(["year", "hs2"])["value_usd"].sum()
    for key, codes in (("machinery", ["84"]), ("apparel_out", ["61", "62"])):
        sums = [sum(table[y, c] for c in codes) for y in (2013, 2016)]
        row = forecasts.sectors.set_index("key").loc[key]
        assert row["change"] == pytest.approx(100 * (sums[1] / sums[0] - 1), abs=1e-6)
        assert (row["first_year"], row["year"]) == (2013, 2016)
    grains = forecasts.sectors.set_index("key").loc["grains"]
    assert grains["change"] == pytest.approx(100 * (table[2016, "10"] / table[2013, "10"] - 1), abs=1e-6)
    assert (grains["low"], grains["high"]) == (2.2, 2.2)


def test_machinery_is_set_beside_its_forecast_from_before_the_agreement_too(forecasts):
    # Printed in the Commission's reviews, USD million: to Korea 5,516 and 5,309, to the world 115,535 and 108,685.
    row = forecasts.sectors.set_index("key").loc["machinery_before"]
    assert (row["first_year"], row["year"], row["late_year"]) == (2011, 2016, 2017)
    assert row["change"] == pytest.approx(100 * (5_309 / 5_516 - 1))
    assert row["elsewhere"] == pytest.approx(100 * ((108_685 - 5_309) / (115_535 - 5_516) - 1))
    assert row["late_change"] == pytest.approx(100 * (8_338 / 5_516 - 1))
    found = forecasts.findings()
    assert found["forecasts.sector.machinery_before.change"].period == "2011 to 2016"
    assert "forecasts.sector.machinery_before.expected" not in found  # the forecast is that of the other row


def test_every_forecast_of_a_sectors_trade_is_set_beside_trade_or_left_out_with_a_reason():
    table = open_catalog().load("forecasts")
    own = load_rules().of("korus")
    about = table[(table["kind"] == "ex_ante") & (table["sector"] != "all")]
    about = about[about["metric"].str.contains("US exports|US imports")]
    about = about[about["unit"].isin(["percent", "USD mn", "vehicles"])]  # shares of an increase are no forecast of it
    beside = {rule.sector for rule in own.sector}
    assert set(about["sector"]) == beside | set(own.sector_left_out)
    assert beside.isdisjoint(own.sector_left_out)


def test_the_reasons_that_are_spoken_are_the_most_frequent(forecasts):
    counts = forecasts.judged.loc[~forecasts.judged["comparable"], "why"].value_counts()
    found = forecasts.findings()
    for place, key in enumerate(("first", "second")):
        assert found[f"forecasts.published.why_{key}"].value == counts.iloc[place]
        assert counts[found.names[f"why_{key}"]] == counts.iloc[place]
    assert found["forecasts.published.left_out"].value == counts.sum()


def test_the_duty_saved_stands_beside_ours_for_the_same_year(raw_folder):
    study = kr.open_study("korus")
    found = saved_beside(study.load("published_estimates"), study.tariffs(), load_rules().of("korus")).findings()
    raw = pd.read_csv(raw_folder / "korus_published_estimates.csv")
    row = raw[raw["method"] == "tariff savings calculation"].iloc[0]
    assert found["forecasts.saved.published"].value == row["estimate"] == 0.483
    # Ours by another road: the rate of 2011 on the imports of 2014, less the duty collected.
    duty = pd.read_csv(raw_folder / "us_realised_duty_on_korea_monthly.csv")
    sums = duty.groupby("year")[["imports_for_consumption_usd", "calculated_duty_usd"]].sum()
    (value, paid), (value_then, paid_then) = sums.loc[2014], sums.loc[2011]
    ours = (paid_then / value_then * value - paid) / 1e9
    assert found["forecasts.saved.base"].value == pytest.approx(ours, rel=1e-6)
    assert found["forecasts.saved.base_gap"].value == pytest.approx(100 * (ours / 0.483 - 1))
    assert found["forecasts.saved.matched"].value < 0.483
    then = kr.open_study("korus", as_of="2015-12")
    assert saved_beside(then.load("published_estimates"), then.tariffs(), load_rules().of("korus")) is None


def test_raw_changes_stand_apart_and_depend_on_the_year_they_start_from(forecasts, trade):
    for row in forecasts.raw.itertuples():
        if row.first == row.last:
            expected = 100 * (trade.loc[row.last, row.flow] / trade.loc[row.start, row.flow] - 1)
            assert row.change == pytest.approx(expected, rel=1e-4)
    assert not set(forecasts.raw["start"].astype(str)) & set(forecasts.ours["id"])


def test_an_earlier_edition_knows_fewer_evaluations(column_study):
    then = column_study.forecasts(NO_GRAVITY)
    assert then.published.empty
    assert then.judged["year"].max() <= 2017
    assert not [key for key in then.findings() if ".published.government" in key or ".published.institute" in key]
    assert "no evaluation had been published" in kr.forecasts.say("evaluated", then).plain
    assert then.findings()["forecasts.published.comparable"].value == 0
    assert then.post == "2013 to 2016"


def test_an_agreement_without_forecasts_is_a_named_lack():
    with pytest.raises(MissingFigures, match="There is no forecast for 'colombia'"):
        kr.open_study("colombia").forecasts(NO_GRAVITY)


def test_a_window_that_is_not_complete_leaves_the_row_out(forecasts):
    rules = load_rules()
    short = forecasts.annual.loc[:2015]
    judged = judged_rows(forecasts.judged[["study", "year", "kind", "method", "outcome", "window", "estimate", "bound", "unit", "source_address", "note"]], short, rules=rules, own=rules.of("korus"))  # fmt: skip
    assert not judged["comparable"].any()
    assert judged["why"].str.contains("not all in this edition").any()


@pytest.mark.parametrize("text", ["not toml [", "estimate = []\nrule = []\nagreement = []\n", "[[rule]]\nid = 'x'\n"])
def test_damaged_rules_are_one_clear_error(tmp_path, text):
    path = tmp_path / "rules.toml"
    path.write_text(text)
    with pytest.raises(InvalidSpecification, match=r"rules\.toml"):
        load_rules(path)


def test_no_expected_row_is_a_named_lack():
    study = kr.open_study("korus")
    load = study.load
    study.load = lambda name: load(name).iloc[:0] if name in ("forecasts", "published_estimates") else load(name)
    with pytest.raises(MissingFigures):
        study.forecasts(NO_GRAVITY)
