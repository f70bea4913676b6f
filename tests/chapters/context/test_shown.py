"""The tables of agreed terms, duties and events: what an edition of an earlier month can know, and what is marked."""

from __future__ import annotations

import pytest

import korus_research as kr

TRUCKS, LIMIT = "Light trucks from Korea", "Vehicles built to US safety standards"


def terms(month: str | None) -> dict[str, dict[str, str]]:
    return {row["product"]: row for row in kr.context.commitments_table(kr.open_study(as_of=month)).rows}


def test_the_end_of_the_truck_duty_moved_by_twenty_years():
    then, now = terms("2017-11")[TRUCKS], terms(None)[TRUCKS]
    assert (then["steps"], then["changed"]) == ("0 from January 1, 2021", "\N{EN DASH}")
    assert now["steps"] == "0 from January 1, 2041"
    assert now["changed"] == "0 from January 1, 2021, as agreed in 2010; replaced on September 24, 2018"


@pytest.mark.parametrize(("month", "told"), [("2016-12", False), ("2025-10", False), ("2025-11", True), (None, True)])
def test_the_end_of_the_limit_is_told_from_its_announcement_on(month, told):
    assert ("to end, announced on November 13, 2025" in terms(month)[LIMIT]["changed"]) is told


def test_pages_that_carry_little_weight_are_marked_and_the_mark_explained():
    table = kr.context.events_table(kr.open_study(), "security")
    marked = [row for row in table.rows if "\N{SECTION SIGN}" in str(row["event"])]
    assert {row["source"] for row in marked} == {"en.wikipedia.org THAAD_deployment_by_South_Korea"}
    assert "\N{SECTION SIGN}" in " ".join(table.notes)
    early = kr.context.events_table(kr.open_study(as_of="2012-12"), "security")
    assert "\N{SECTION SIGN}" not in " ".join(early.notes)


def test_no_event_after_the_edition_is_told():
    table = kr.context.events_table(kr.open_study(as_of="2017-11"), "trade", "tariff")
    assert table.data["date"].max() <= "2017-11-30"
    assert "2018" not in " ".join(str(row["event"]) for row in table.rows)


def matrix(month: str | None) -> dict[str, list[str]]:
    table = kr.context.matrix(kr.open_study(as_of=month))
    keys = [column.key for column in table.columns][1:]
    return {row["subject"]: [row[key] for key in keys] for row in table.rows}


def test_the_matrix_says_what_each_round_laid_down_and_no_more_than_was_known():
    # The fact sheets: cars 2.5 percent and free from 2016, trucks free from 2021 and, since 2018, from 2041.
    now, then = matrix(None), matrix("2017-11")
    assert now["US duty on Korean cars"] == [
        "2.5 percent", "Free from 2016", "No change", "15 percent, the usual duty included",
    ]  # fmt: skip
    assert now["US duty on Korean light trucks"][:3] == ["25 percent", "Free from 2021", "Free from 2041"]
    assert now["US-standard cars a maker may sell in Korea"][1:] == [
        "25,000 a year",
        "50,000 a year",
        "Limit to be dropped",
    ]
    assert then["US duty on Korean light trucks"] == ["25 percent", "Free from 2021"]
    investment = "Korean investment and purchases in the United States"
    assert investment not in then, "no round had laid anything down on it"
    assert now[investment][1:3] == ["Not covered", "No change"]
    assert matrix("2019-06")["US duty on Korean cars"] == ["2.5 percent", "Free from 2016", "No change"]
    assert matrix("2025-04")["US duty on Korean cars"][3] == "25 percent on top of the usual duty"
    assert matrix("2025-10")["US-standard cars a maker may sell in Korea"][3] == "No change"


def test_changes_are_counted_as_the_matrix_shows_them():
    found = kr.open_study().context().findings()
    cells = list(matrix(None).values())
    for place, key in ((2, "2018"), (3, "2025")):
        changed = sum(row[place] not in ("No change", "Not covered") for row in cells)
        assert found[f"context.changes.{key}"].value == changed


def test_what_was_put_off_is_told_with_both_days():
    said = str(kr.context.say("put_off", kr.open_study().context()))
    assert "January 1, 2021; in 2018 it was put off to January 1, 2041" in said
    assert "2041" not in str(kr.context.say("put_off", kr.open_study(as_of="2017-11").context()))


def test_duties_today_are_the_latest_of_each_kind_of_goods():
    def on(month):
        table = kr.context.duties_today(kr.open_study(as_of=month))
        return {row["goods"]: (row["duty"], row["since"].rstrip("\u2020\u2021")) for row in table.rows}

    assert kr.context.duties_today(kr.open_study(as_of="2017-11")) is None
    # A quota on steel since May 2018 is no duty on much of trade.
    assert kr.context.duties_today(kr.open_study(as_of="2019-01")) is None
    assert on("2026-02")["Most Korean goods"] == ("10 percent on top of the usual duty", "February 24, 2026")
    assert on("2026-08")["Most Korean goods"] == ("12.5 percent, the usual duty included", "July 24, 2026")
    assert next(iter(on("2026-08"))) == "Most Korean goods"


def test_the_timeline_marks_ten_dates_and_earlier_editions_only_those_that_had_come():
    assert len(kr.open_study().context().marked) == 10
    early = kr.context.timeline(kr.open_study(as_of="2012-06"))
    assert "March 15, 2012" in str(early.alt)
    assert "2016" not in str(early.alt)


def test_an_agreement_without_terms_or_events_says_so_and_shows_none():
    study = kr.open_study("colombia")
    context = study.context()
    shown = (kr.context.matrix, kr.context.duties_today, kr.context.timeline, kr.context.commitments_table)
    assert [make(study) for make in shown] == [None] * 4
    assert kr.context.events_table(study, "trade") is None
    assert kr.context.say("today", context) is None, "what Colombian goods pay today has not been collected"
    assert "have not been collected" in str(kr.context.say("limits", context))
    assert "took effect on May 15, 2012" in str(kr.context.say("answer", context))
