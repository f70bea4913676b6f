"""What the gravity chapter must have, and where its panel ends."""

from __future__ import annotations

import pytest

import korus_research as kr
from korus_research.chapters.gravity.coverage import lacks, rests_on


@pytest.mark.parametrize(
    ("agreement", "as_of", "there"),
    [
        ("korus", "2026-08", True),
        ("colombia", "2024-12", True),
        ("korus", "2015-12", False),
        ("korus", "2016-12", True),
    ],
)
def test_a_year_after_entry_into_force_must_be_known(agreement, as_of, there):
    """The panel has 2012 and 2016; a year under the agreement that is not that of its entry is the second."""
    found = lacks(kr.open_study(agreement, as_of=as_of))
    assert found == (None if there else ("gravity", "panel"))


def test_the_panel_ends_with_its_last_year_under_the_agreement(study):
    assert list(rests_on(study)) == [("panel", ("gravity_panel",), "2016")]
