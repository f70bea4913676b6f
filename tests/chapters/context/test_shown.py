"""The tables of agreed terms and events: what an edition of an earlier month can know of them, and what is marked."""

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
    assert max(row["date"] for row in table.rows) <= "2017-11-30"
    assert "2018" not in " ".join(str(row["event"]) for row in table.rows)
