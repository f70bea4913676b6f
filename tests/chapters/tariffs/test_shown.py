"""How the chapter on tariffs looks: gaps without bridges, sums of months, and editions that lack a part."""

from __future__ import annotations

import re
from datetime import date

import numpy as np
import pytest
from pictures import drawn
from views import views

import korus_research as kr
from korus_research.chapters.tariffs import figures, tables
from korus_research.chapters.tariffs.coverage import lacks, rests_on
from korus_research.show.theme import IMPORTS
from korus_research.show.words.text import Words


def test_the_schedule_by_year_is_that_of_the_agreement(study):
    agreement = study.agreement
    table = tables.duty_schedule(study)
    ids = {
        "KOR_8703": "cars-into-korea", "KOR_8704": "trucks-into-korea", "KOR_020130": "beef-into-korea",
        "USA_8703": "cars-into-united-states", "USA_8704": "trucks-into-united-states",
    }  # fmt: skip
    assert set(ids) == {c.key for c in table.columns} - {"year", "realised"}
    for row in table.rows:
        for key, id_ in ids.items():
            if row[key] != "\N{EN DASH}":
                (term,) = agreement.commitments_on(date(int(row["year"]), 7, 1), id=id_)
                assert float(row[key]) == term.value, (row["year"], key)
    assert table.rows[0]["realised"] == "1.44"
    assert [row["year"] for row in table.rows if row["realised"] == "\N{EN DASH}"] == ["2026"]


def test_texts_of_one_product_agree_on_the_years_that_both_hold(study):
    rates = study.load("tariff_rates")
    both = rates.groupby(["importer", "hs", "year"])["rate_pct"].nunique()
    assert (both == 1).all()


def test_what_was_spared_is_said_where_it_is_and_only_there(study, column_study):
    said = kr.tariffs.say("saved", study.tariffs()).plain
    assert "Korean steel was exempt" in said
    assert "With all rates as they were" in said
    assert "Korean steel was exempt" in figures.duty_rates(study).caption
    for text in (
        kr.tariffs.say("saved", column_study.tariffs()).plain,
        figures.duty_rates(column_study).caption,
        figures.duty_saved(column_study).caption,
    ):
        assert "exempt" not in text


def test_the_rate_of_the_partner_is_drawn_to_its_last_month(study):
    recent = drawn(figures.duty_rates(study)).axes[1]
    own = next(line for line in recent.lines if line.get_color() == IMPORTS and len(line.get_ydata()) > 5)
    values = np.asarray(own.get_ydata(), dtype=float)
    assert np.isfinite(values).all()
    assert values[-1] == pytest.approx(study.tariffs().findings()["tariffs.rate.now"].value)


def test_bars_of_duty_are_the_sums_of_their_months(study):
    table = figures.duty_saved(study).data
    f = study.tariffs().findings()
    assert table["saved_usd_bn"].sum() == pytest.approx(f["tariffs.saved.total"].value, rel=1e-9)
    assert table["added_usd_bn"].sum() == pytest.approx(f["tariffs.added.total"].value, rel=1e-9)
    assert table["added_months"].sum() == f["tariffs.added.months"].value


def test_secondary_sources_are_said_only_where_they_are_used(study, column_study):
    assert "in part on secondary sources" in kr.tariffs.say("counted", study.tariffs()).plain
    assert (
        kr.tariffs.say("counted", column_study.tariffs()) is None
        or not kr.tariffs.say("counted", column_study.tariffs()).sentences
    )


def test_duties_are_calculated_and_not_levied(study, column_study):
    for edition in (study, column_study):
        made = [
            kr.tariffs.say("answer", edition.tariffs()), kr.tariffs.say("saved", edition.tariffs()), figures.duty_rates(edition).title,
            figures.duty_saved(edition).title, kr.tariffs.say("added", edition.tariffs()), figures.duty_saved(edition).subtitle,
        ]  # fmt: skip
        assert not [text for text in map(str, made) if "levied" in text or "collected" in text]


def test_refunds_are_spoken_of_from_the_ruling_on(study):
    early = kr.open_study("korus", as_of="2026-01")
    for name in ("answer", "added"):
        assert "refund" in kr.tariffs.say(name, study.tariffs()).plain
        assert "refund" not in kr.tariffs.say(name, early.tariffs()).plain


def test_what_all_steps_share_is_said_once(study):
    said = kr.tariffs.say("steps", study.tariffs()).plain
    assert said.count("other months the same difference") == 1


def test_tables_have_seven_columns_at_most_and_no_cell_is_empty(study):
    for make in views("tariffs", "Table").values():
        table = make(study)
        assert len(table.columns) <= 7, table.id
        assert all(str(row[c.key]) for row in table.rows for c in table.columns), table.id


def test_all_scales_begin_at_zero(study):
    for ax in drawn(figures.duty_rates(study)).axes:
        assert ax.get_ylim()[0] == 0


def test_an_edition_before_the_added_duties_says_that_there_are_none(column_study):
    assert tables.added_partners(column_study) is None
    assert tables.added_sectors(column_study) is None
    assert "no duty outside the agreement" in kr.tariffs.say("added", column_study.tariffs()).plain
    for name in ("answer", "course", "saving", "readings"):
        said = kr.tariffs.say(name, column_study.tariffs()).plain
        assert not re.search("new dut|added|annulled|refunded|spared|202", said), (name, said)
    assert len(drawn(figures.duty_rates(column_study)).axes) == 1
    assert "added" not in figures.duty_saved(column_study).title.plain


@pytest.mark.parametrize(
    ("agreement", "as_of", "there"),
    [
        ("korus", "2026-08", True),
        ("korus", "2017-11", True),
        ("korus", "2016-12", True),
        ("korus", "2016-11", True),
        ("korus", "2013-11", False),
        ("colombia", None, False),
        ("chile", None, False),
    ],
)
def test_the_chapter_is_left_out_where_its_data_are_not(agreement, as_of, there):
    assert lacks(kr.open_study(agreement, as_of=as_of)) == (None if there else ("tariffs", "realised_duties"))


def test_the_chapter_rests_on_duty_by_month_and_by_partner(study):
    held = {what: last for what, _, last in rests_on(study)}
    assert set(held) == set(Words("tariffs").labels("rests_on"))
    assert held["own"] == study.tariffs().last_month
    assert {what: last for what, _, last in rests_on(kr.open_study("chile"))}["own"] == ""


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2012-03-15..2012-05-14", "March 15 to May 14, 2012"),
        ("2017-01..02", "January to February 2017"),
        ("2012-04", "April 2012"),
        ("2015 H1", "2015, first half"),
        ("2020 Q1", "2020, first quarter"),
        ("2024", "2024"),
    ],
)
def test_periods_are_written_as_people_write_them(written, said):
    assert tables._period(written) == said


def test_chapters_are_ordered_by_the_duty_that_agreements_take_away(study):
    shown, held = kr.tariffs.partner_by_chapter(study), study.load("partner_tariff_chapters")
    taken = (held["imports_usd_bn"] * (held["mfn_pct"] - held["applied_pct"])).nlargest(len(shown.rows))
    assert [row["imports_usd_bn"] for row in shown.rows] == [
        f"{value:.1f}" for value in held.loc[taken.index, "imports_usd_bn"]
    ]
    assert kr.tariffs.partner_by_chapter(kr.open_study("colombia")) is None
