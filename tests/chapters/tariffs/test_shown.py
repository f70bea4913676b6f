"""How chapters 07 and 08 look: points without lines, gaps without bridges, and editions that lack a part."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.collections import PathCollection

import korus_research as kr
from korus_research.chapters.cars import figures as cars
from korus_research.chapters.cars import tables as car_tables
from korus_research.chapters.tariffs import figures as tariffs
from korus_research.chapters.tariffs import sentences as tariff_prose
from korus_research.chapters.tariffs import tables as tariff_tables
from korus_research.data.parameters import ReportParameters
from korus_research.run.capabilities import capabilities
from korus_research.show.finding import Findings
from korus_research.show.words.sentence import speak
from korus_research.show.theme import IMPORTS, themed


def drawn(figure):
    with themed("test"):
        picture = figure.draw()
        picture.canvas.draw()
    plt.close(picture)
    return picture


def test_no_line_goes_through_a_point(study):
    picture = drawn(cars.maker_points(study))
    levels = {t.value / 1000 for t in study.cars().spec.allowance}
    marks = 0
    for ax in picture.axes:
        for line in ax.lines:  # steps of the allowance only: level, and at its values
            ys = {float(y) for y in line.get_ydata()}
            assert len(ys) == 1
            assert ys <= levels
        marks += sum(len(c.get_offsets()) for c in ax.collections if isinstance(c, PathCollection))
    assert marks == len(study.cars().points)


def test_every_point_stands_where_its_figure_says(study):
    picture = drawn(cars.maker_points(study))
    shown = [o for ax in picture.axes for c in ax.collections if isinstance(c, PathCollection) for o in c.get_offsets()]
    units = sorted(study.cars().points["units"] / 1000)
    assert sorted(float(o[1]) for o in shown) == pytest.approx(units)
    for (x, _), row in zip(sorted(shown, key=lambda o: o[1]), study.cars().points.sort_values("units").itertuples(), strict=True):  # fmt: skip
        assert int(x) == row.year or row.units in (1007, 1015)  # two points of one height nearly


def test_a_ceiling_above_the_allowance_is_drawn_open_and_in_no_table(study):
    picture = drawn(cars.maker_points(study))
    marks = [c for ax in picture.axes for c in ax.collections if isinstance(c, PathCollection)]
    high = next(c for c in marks if float(c.get_offsets()[0][1]) == 70)
    assert tuple(high.get_facecolor()[0][:3]) == (1, 1, 1)
    table = car_tables.maker_bounds(study)
    assert not [row for row in table.rows if "70,000" in str(row["units"])]
    ceilings = [row for row in table.rows if str(row["units"]).startswith("below")]
    assert [(row["units"], row["share"], row["used_up"]) for row in ceilings] == [
        ("below 10,000", "below 40", "no"),
        ("below 11,000", "below 44", "no"),
    ]
    assert "counts and ceilings" in table.title.plain


def test_counts_are_not_called_ceilings_where_there_are_none(study, column_study):
    assert "ceiling" not in cars.maker_points(column_study).title.plain
    assert "counts and ceilings" in cars.maker_points(study).title.plain


def test_both_readings_of_the_points_that_decide_are_printed(study):
    note = next(n for n in car_tables.maker_bounds(study).notes if "Two readings" in n)
    for part in ("28,361 in 2012", "31,654 in 2013", "40,000 in 2014", "GM, Ford and Chrysler", "three of three"):
        assert part in note
    assert "GM, Ford and Chrysler" in car_tables.car_answer(study).plain


def test_tables_have_seven_columns_at_most_and_no_cell_is_empty(study):
    made = [
        car_tables.maker_bounds, car_tables.units_back, car_tables.cars_expected, tariff_tables.duty_steps,
        tariff_tables.added_partners, tariff_tables.added_sectors, tariff_tables.duty_schedule, tariff_tables.duty_free,
    ]  # fmt: skip
    for make in made:
        table = make(study)
        assert len(table.columns) <= 7, table.id
        assert all(str(row[c.key]) for row in table.rows for c in table.columns), table.id


def test_the_schedule_by_year_is_that_of_the_agreement(study):
    agreement = study.agreement
    table = tariff_tables.duty_schedule(study)
    ids = {
        "KOR_8703": "cars-into-korea", "KOR_8704": "trucks-into-korea", "KOR_0201.30": "beef-into-korea",
        "USA_8703": "cars-into-united-states", "USA_8704": "trucks-into-united-states",
    }  # fmt: skip
    assert set(ids) == {c.key for c in table.columns} - {"year", "realised"}
    for row in table.rows:
        for key, id_ in ids.items():
            if row[key] != "\N{EN DASH}":
                (term,) = agreement.commitments_on(date(int(row["year"]), 7, 1), id=id_)
                assert float(row[key]) == term.value, (row["year"], key)
    assert table.rows[0]["realised"] == "1.44"
    assert [row["year"] for row in table.rows if row["realised"] == "\N{EN DASH}"] == ["2025", "2026"]


def test_texts_of_one_product_agree_on_the_years_that_both_hold(study):
    rates = study.load("tariff_rates")
    both = rates.groupby(["importer", "hs", "year"])["rate_pct"].nunique()
    assert (both == 1).all()


def test_what_was_spared_is_said_where_it_is_and_only_there(study, column_study):
    said = tariff_prose.duty_saved_prose(study).plain
    assert "Korean steel was exempt" in said
    assert "With all rates as they were" in said
    assert "Korean steel was exempt" in tariffs.duty_rates(study).caption
    assert "Korean steel was exempt" in tariffs.duty_saved(study).caption
    for text in (
        tariff_prose.duty_saved_prose(column_study).plain,
        tariffs.duty_rates(column_study).caption,
        tariffs.duty_saved(column_study).caption,
    ):
        assert "exempt" not in text


def test_the_rate_of_the_partner_breaks_at_its_gap(study):
    picture = drawn(tariffs.duty_rates(study))
    recent = picture.axes[1]
    own = next(line for line in recent.lines if line.get_color() == IMPORTS and len(line.get_ydata()) > 5)
    values = np.asarray(own.get_ydata(), dtype=float)
    months = study.tariffs().rates.loc[study.tariffs().added.since - tariffs.LEAD_IN :].index
    assert [str(m) for m in months[np.isnan(values)]] == ["2025-12"]


def test_all_scales_begin_at_zero(study):
    for figure in (tariffs.duty_rates(study), cars.maker_points(study), cars.car_values(study)):
        for ax in drawn(figure).axes:
            assert ax.get_ylim()[0] == 0


def test_bars_of_duty_are_the_sums_of_their_months(study):
    table = tariffs.duty_saved(study).data
    f = study.tariffs().findings()
    assert table["saved_usd_bn"].sum() == pytest.approx(f["tariffs.saved.total"].value, rel=1e-9)
    assert table["added_usd_bn"].sum() == pytest.approx(f["tariffs.added.total"].value, rel=1e-9)
    assert table["added_months"].sum() == f["tariffs.added.months"].value


def test_an_edition_before_the_added_duties_says_that_there_are_none(column_study):
    assert tariff_tables.added_partners(column_study) is None
    assert tariff_tables.added_sectors(column_study) is None
    assert "no duty with a rate" in tariff_prose.duty_added_prose(column_study).plain
    assert len(drawn(tariffs.duty_rates(column_study)).axes) == 1
    assert "added" not in tariffs.duty_saved(column_study).title.plain
    assert "there was none" in car_tables.raised_allowance(column_study).plain


def test_secondary_sources_are_said_only_where_they_are_used(study, column_study):
    assert "secondary sources from 20 February 2026" in tariff_prose.duty_added_prose(study).plain
    early = kr.open_study("korus", as_of="2025-11")
    assert "secondary" not in tariff_prose.duty_added_prose(early).plain


@pytest.mark.parametrize(
    ("agreement", "as_of", "has"),
    [
        ("korus", "2026-07", {"vehicles", "realised_duties"}),
        ("korus", "2017-11", {"vehicles", "realised_duties"}),
        ("korus", "2016-12", {"vehicles", "realised_duties"}),
        ("korus", "2016-11", {"realised_duties"}),  # the first whole year of a maker ends in December
        ("korus", "2013-11", set()),
        ("colombia", "2026-07", set()),
        ("chile", "2026-07", set()),
    ],
)
def test_chapters_are_left_out_where_their_data_are_not(agreement, as_of, has):
    month = as_of if agreement == "korus" else None
    found = capabilities(ReportParameters(agreement=agreement, as_of=month).resolve())
    assert found & {"vehicles", "realised_duties"} == has


def test_a_bound_that_reaches_the_allowance_leaves_the_answer_open(study):
    answer, f = car_tables.car_answer(study).sentences[0], study.cars().findings()
    assert "did not exhaust it" in answer.plain
    turned = tuple(replace(x, value=2.0) if x.id == "cars.bounds.reached" else x for x in f.values())
    said = speak(answer.template, Findings(turned, f.names)).plain
    assert "may have been exhausted" in said
    assert "not exhaust" not in said


def test_no_text_says_that_the_cap_did_not_bind_or_what_lifting_it_adds(study, column_study):
    for edition in (study, column_study):
        said = " ".join([car_tables.car_answer(edition).plain, *car_tables.maker_bounds(edition).notes])
        assert "can't be told" in said
        assert "did not bind" not in said
        assert not [key for key in edition.cars().findings() if "addition" in key]


def test_rows_whose_source_conflicts_carry_a_mark_and_their_note(study):
    table = car_tables.maker_bounds(study)
    marked = {
        (row["period"], str(row["maker"])[:-4]): str(row["maker"])[-2] for row in table.rows if ")" in str(row["maker"])
    }
    notes = {note[1]: note for note in table.notes if note.startswith("(")}
    assert {str(row["maker"])[-2] for row in table.rows if ")" in str(row["maker"])} == set(notes)
    assert "12,593" in notes[marked["2016", "GM"]]
    assert "28,498" in notes[marked["2023 (as printed)", "Tesla"]]
    assert any("not clear whether per maker or in total" in note for note in notes.values())
    assert len({marked[year, "All makers"] for year in ("2012", "2013", "2014")}) == 1


def test_the_title_of_the_makers_names_the_point_that_comes_nearest(study):
    bounds = study.cars().maker_bounds
    share = round(float(bounds.loc[~bounds["ceiling"], "share"].max()))
    assert f"{share} percent" in cars.maker_points(study).title.plain


def test_duties_are_calculated_and_not_levied(study, column_study):
    for edition in (study, column_study):
        made = [
            tariff_prose.duty_answer(edition), tariff_prose.duty_saved_prose(edition), tariffs.duty_rates(edition).title,
            tariffs.duty_saved(edition).title, tariff_prose.duty_added_prose(edition), tariffs.duty_saved(edition).subtitle,
        ]  # fmt: skip
        assert not [text for text in map(str, made) if "levied" in text or "collected" in text]


def test_refunds_are_spoken_of_from_the_ruling_on(study):
    early = kr.open_study("korus", as_of="2026-01")
    for prose in (tariff_prose.duty_answer, tariff_prose.duty_added_prose):
        assert "refund" in prose(study).plain
        assert "refund" not in prose(early).plain


def test_what_all_steps_share_is_said_once(study):
    said = tariff_prose.duty_step_prose(study).plain
    assert said.count("other months the same difference") == 1
