"""What the scenarios must have, and where their baseline ends."""

from __future__ import annotations

import pytest

import korus_research as kr
from korus_research.chapters.scenarios.coverage import lacks, rests_on


@pytest.mark.parametrize(
    ("agreement", "as_of", "there"),
    [("korus", "2026-08", True), ("korus", "2013-12", False), ("colombia", "2024-12", False)],
)
def test_the_baseline_must_hold_both_parties(agreement, as_of, there):
    found = lacks(kr.open_study(agreement, as_of=as_of))
    assert found == (None if there else ("scenarios", "baseline"))


def test_the_baseline_is_of_one_year_where_it_holds_the_parties(study):
    assert list(rests_on(study)) == [("baseline", ("wiod_baseline_2014",), "2014")]
    assert [last for *_, last in rests_on(kr.open_study("colombia"))] == [""]
