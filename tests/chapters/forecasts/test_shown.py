"""The chapter as readers of several editions see it: what is shown is what was compared; tables add up; words turn."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

import korus_research as kr
from korus_research.chapters.forecasts import tables
from korus_research.chapters.forecasts.coverage import lacks, rests_on
from korus_research.show.finding import Findings
from korus_research.show.words.sentence import speak
from korus_research.show.words.text import Words

# The counterfactual of 2016-12 is estimated for no other test.
EDITIONS = ("2026-08", "2017-11", pytest.param("2016-12", marks=pytest.mark.slow), "2013-12")


@pytest.fixture(scope="module", params=EDITIONS)
def edition(request):
    study = kr.open_study("korus", as_of=request.param)
    study.forecasts(Findings())  # without gravity, which has tests of its own
    return study


def test_the_small_table_is_forecast_evaluations_estimate_and_change(edition):
    result, table = edition.forecasts(), tables.compared_table(edition)
    groups = table.data.groupby("group").size()
    assert groups["forecast"] == len(result.expected)
    assert groups["ours"] == len(result.ours)
    assert groups.get("published", 0) == len(result.published)
    assert len(table.rows) == 4 + result.published["study"].nunique() <= 6
    first, last = table.rows[0], table.rows[-1]
    reference = result.reference("exports")
    assert first["exports"] == f"+{reference['low']:.0f} to +{reference['high']:.0f}"
    assert "not an effect" in str(last["what"])
    ours = next(row for row in table.rows if "90 percent range" in str(row["what"]))
    leading = result.ours[(result.ours["flow"] == "imports") & (result.ours["range"] == "interval")].iloc[0]
    assert f"{leading['effect']:+.0f} (" in str(ours["imports"]).replace("\N{MINUS SIGN}", "-")


def test_words_say_where_the_range_lies(edition):
    result, effects = edition.forecasts(), edition.counterfactual()
    said, found = kr.forecasts.say("leading", (result, effects)), result.findings()
    words = {"above": "lies above", "below": "lies below", "includes": "includes"}
    for flow in ("exports", "imports"):
        state = found[f"forecasts.{flow}.side"].state
        sentence = next(s for s in said.sentences if f"forecasts.{flow}.side" in s.template)
        assert f"{words[state]} the forecast" in sentence.plain
        for other, text in words.items():
            planted = tuple(replace(f, state=other) if f.id.endswith(".side") else f for f in sentence.findings)
            assert text in speak(sentence.template, Findings(planted, sentence.names)).plain


def test_published_figures_are_counted_once_each(edition):
    table = tables.published_table(edition)
    known = edition.load("published_estimates")
    assert sum(int(row["rows"]) for row in table.rows) == len(known)
    assert len(table.data) == len(known)
    assert known["year"].max() <= int(edition.parameters.as_of[:4])


def test_the_table_of_sides_is_that_of_the_intervals(edition):
    result, table = edition.forecasts(), tables.held_table(edition)
    assert len(table.rows) == len(result.expected)
    for row, theirs in zip(table.rows, result.expected.to_dict("records"), strict=True):
        for ours in result.ours[(result.ours["flow"] == theirs["flow"]) & (result.ours["range"] == "interval")].to_dict("records"):  # fmt: skip
            cell = row[ours["id"]]
            word = cell if isinstance(cell, str) else cell["text"]
            if ours["high"] < theirs["low"]:
                assert word == "below"
            elif ours["low"] > theirs["high"]:
                assert word == "above"
            elif ours["low"] <= theirs["low"] and theirs["high"] <= ours["high"]:
                assert word == "includes"
            else:
                assert word == "reaches in"


def test_sectors_say_that_they_are_no_test(edition):
    table = tables.sector_forecasts(edition)
    assert "No change here is an effect" in table.caption
    assert len(table.notes) == len(table.rows) + 1  # the last says what is left out, and why
    known = set(edition.load("forecasts")["sector"])
    assert all(name in known for name in re.findall(r"'([^']+)' \(", table.notes[-1]))
    before = next(row for row in table.rows if "from before the agreement" in row["sector"])
    if edition.parameters.as_of < "2014-12":
        assert len(table.rows) == 1  # one complete year by code makes no change
    else:
        assert before["first"].endswith(" (2011)")
        assert before["then"] == "5.31"
    assert len(table.findings) > len(table.title.findings)


def test_how_the_two_differ_names_no_later_year(edition):
    table = tables.likeness_table(edition)
    result = edition.forecasts()
    assert {row["aspect"] for row in table.rows} >= {"Text", "Stage", "Economy", "Percent of"}
    assert any(result.post in row["ours"] for row in table.rows)
    assert (table.data["source"].str.len() > 10).all()


@pytest.mark.parametrize(("agreement", "lacking"), [("korus", None), ("colombia", ("forecasts", "forecasts"))])
def test_the_chapter_is_left_out_where_no_forecast_is_held(agreement, lacking):
    assert lacks(kr.open_study(agreement, as_of="2026-08")) == lacking


def test_without_a_full_year_under_the_agreement_the_estimates_are_lacking():
    assert lacks(kr.open_study("korus", as_of="2012-06")) == ("counterfactual", "counterfactual")


def test_the_chapter_ends_with_the_years_of_the_estimate(edition):
    ((what, names, last),) = rests_on(edition)
    assert what in Words("forecasts").labels("rests_on")
    assert (names, last) == (("goods_trade_monthly",), str(edition.forecasts().post_years[1]))


def test_the_words_tell_the_figure_of_the_first_edition(edition):
    result, effects = edition.forecasts(), edition.counterfactual()
    said = kr.forecasts.say("leading", (result, effects)).plain
    assert "first edition" in said  # a method changed after its result had been seen is told, with the old figure
    assert effects.findings()["counterfactual.exports.effect"].text("abs") in said
    assert "can't tell" not in said
