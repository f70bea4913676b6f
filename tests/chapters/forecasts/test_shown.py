"""Chapter 09 as readers of several editions see it: what is drawn is what was compared; tables add up; words turn."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

import korus_research as kr
from korus_research.chapters.forecasts import figures, tables
from korus_research.chapters.forecasts.coverage import lacks, rests_on
from korus_research.show.finding import Findings
from korus_research.show.words.sentence import speak
from korus_research.show.words.text import Words

EDITIONS = ("2026-08", "2017-11", "2016-12", "2014-06")


@pytest.fixture(scope="module", params=EDITIONS)
def edition(request):
    study = kr.open_study("korus", as_of=request.param)
    study.forecasts(Findings())  # without gravity, which has tests of its own
    return study


def test_everything_that_is_drawn_is_in_the_data_and_in_its_group(edition):
    result, figure = edition.forecasts(), figures.forecast_forest(edition)
    groups = figure.data.groupby("group").size()
    assert groups["forecast"] == len(result.expected)
    assert groups["ours"] == len(result.ours)
    assert groups.get("published", 0) == len(result.published)
    assert set(figure.data["group"]) <= set(figures.GROUPS)
    assert len(figure.png) > 10_000
    # An effect has its range named; a raw change has none.
    assert (figure.data.loc[figure.data["group"] == "raw change", "range"] == "none").all()
    assert figure.data.loc[figure.data["group"] == "ours", "low"].notna().all()


def test_the_title_says_where_the_interval_lies(edition):
    figure = figures.forecast_forest(edition)
    found = edition.forecasts().findings()
    both = "both" if "forecasts.both.side" in found else None  # said once where it is the same for both
    sides = [found[f"forecasts.{both or flow}.side"].state for flow in ("exports", "imports")]
    alike = {"above": "lie above the", "below": "lie below the", "includes": "include the"}
    apart = {"above": "lies above {}", "below": "lies below {}", "includes": "includes {}"}
    said = [apart[side].format(which) for side, which in zip(sides, ("the forecast", "it"), strict=True)]
    assert len(figure.title.sentences) == 1
    assert all(text in str(figure.title) for text in ([alike[sides[0]]] if sides[0] == sides[1] else said))
    template, spoken = figure.title.sentences[0].template, figure.title.findings
    key = next(f.id for f in spoken if f.id.endswith(".side"))
    words = alike if key == "forecasts.both.side" else {v: w.format("the forecast") for v, w in apart.items()}
    for state, text in words.items():
        planted = tuple(replace(f, state=state) if f.id == key else f for f in spoken)
        assert text in speak(template, Findings(planted, found.names)).plain


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
    assert "none is an effect" in table.caption
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
    assert lacks(kr.load_agreement(agreement), kr.open_catalog(), "2026-08") == lacking


def test_without_a_full_year_under_the_agreement_the_estimates_are_lacking():
    assert lacks(kr.load_agreement("korus"), kr.open_catalog(), "2012-06") == ("counterfactual", "counterfactual")


def test_the_chapter_ends_with_the_years_of_the_estimate(edition):
    ((what, names, last),) = rests_on(edition)
    assert what in Words("forecasts").labels("rests_on")
    assert (names, last) == (("goods_trade_monthly",), str(edition.forecasts().post_years[1]))


def test_the_words_leave_out_what_the_edition_has_no_estimate_of(edition):
    result, effects = edition.forecasts(), edition.counterfactual()
    said = kr.forecasts.say("leading", (result, effects)).plain
    assert "gravity" not in said
    assert "the middle nine tenths" not in said
    assert "Over all forecasts of exports" in said
    assert "first edition" in said  # a method changed after its result had been seen is told, with the old figure
    assert effects.findings()["counterfactual.exports.effect"].text("signed") in said
