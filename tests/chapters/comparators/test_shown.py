"""What the chapter shows: columns and words by edition."""

from __future__ import annotations

import korus_research as kr


def test_growth_has_a_pair_of_columns_for_each_year_and_none_before_the_first(study):
    keys = [column.key for column in kr.comparators.growth_table(study).columns]
    last = study.names["last_year"]
    assert keys == ["partner", "exports_2016", "imports_2016", f"exports_{last}", f"imports_{last}"]
    assert len(kr.comparators.growth_table(kr.open_study(as_of="2017-11")).columns) == 3
    assert kr.comparators.growth_table(kr.open_study(as_of="2012-03")) is None


def test_vintages_are_told_only_where_they_differ_and_never_of_a_share():
    # To 2024 the newest figures of Korea are younger than the world's; a share takes both from one release.
    def told(study):
        shown = (kr.comparators.rank_table(study).caption,)
        return [
            any("published in" in text for text in texts) for texts in (shown, kr.comparators.growth_table(study).notes)
        ]

    assert told(kr.open_study(as_of="2024-12")) == [False, True]
    assert told(kr.open_study()) == [False, False]


def test_the_latest_months_have_a_column_unless_they_are_a_year(study):
    def keys(study):
        return [column.key for column in kr.comparators.rank_table(study).columns]

    assert keys(study)[-1] == "rank_recent"
    assert "rank_recent" not in keys(kr.open_study(as_of="2024-12"))
    note = "larger economies"
    assert note in kr.comparators.rank_table(study).caption
    assert note not in kr.comparators.rank_table(kr.open_study(as_of="2017-11")).caption


def test_partners_with_a_new_agreement_are_named(study):
    (note, *_) = kr.comparators.growth_table(study).notes
    assert note.endswith("(Panama and Colombia).")
