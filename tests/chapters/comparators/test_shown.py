"""What the chapter shows: columns and words by edition."""

from __future__ import annotations

import korus_research as kr


def test_growth_has_a_pair_of_columns_for_each_year_and_none_before_the_first(study):
    keys = [column.key for column in kr.comparators.growth_table(study).columns]
    last = study.names["last_year"]
    assert keys == ["partner", "exports_2016", "imports_2016", f"exports_{last}", f"imports_{last}"]
    assert len(kr.comparators.growth_table(kr.open_study(as_of="2017-11")).columns) == 3
    assert kr.comparators.growth_table(kr.open_study(as_of="2012-03")) is None


def test_vintages_are_told_only_where_they_differ(study):
    def told(study):
        captions = [kr.comparators.share_over_time(study).caption, kr.comparators.rank_table(study).caption]
        return *("vintage" in caption for caption in captions), any(
            "vintage" in note for note in kr.comparators.growth_table(study).notes
        )

    trade = study.load("goods_trade_monthly").query("month == '2016-12' and partner in ('5800', '0015')")
    differ = trade["vintage"].nunique() > 1
    assert told(kr.open_study(as_of="2016-12")) == (differ,) * 3
    assert told(study) == (True,) * 3


def test_partners_with_a_new_agreement_are_named(study):
    (note, *_) = kr.comparators.growth_table(study).notes
    assert note.endswith("(Panama, Colombia).")
