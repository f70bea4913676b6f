"""How the chapter on cars looks: points without lines, both readings of what decides, and editions that lack a part."""

from __future__ import annotations

from dataclasses import replace

import pytest
from matplotlib.colors import to_hex
from pictures import drawn
from planted import planted
from views import views

import korus_research as kr
from korus_research.chapters.cars import figures, tables
from korus_research.chapters.cars.coverage import lacks, rests_on
from korus_research.show.theme import EXPORTS
from korus_research.show.words.text import Words


def test_every_bar_is_a_count_and_the_line_is_the_cap_of_its_year(study):
    (ax,) = drawn(figures.maker_points(study)).axes
    rows = study.cars().counted
    assert [bar.get_width() * 1000 for bar in ax.patches] == pytest.approx(list(rows["units"]))
    step = next(line for line in ax.lines if len(line.get_xdata()) == 2 * len(rows))
    of_bars = {round(bar.get_y() + bar.get_height() / 2): i for i, bar in enumerate(ax.patches)}
    for x, y in zip(step.get_xdata()[::2], step.get_ydata()[::2], strict=True):
        assert x * 1000 == rows["allowance"].iloc[of_bars[round(y + 0.5)]]
        assert x * 1000 == (25_000 if rows["year"].iloc[of_bars[round(y + 0.5)]] < 2019 else 50_000)


def test_the_names_of_the_bars_say_their_counts(study):
    (ax,) = drawn(figures.maker_points(study)).axes
    for label, units in zip(ax.get_yticklabels(), study.cars().counted["units"], strict=True):
        assert f"{units:,.0f}" in label.get_text()


def test_a_ceiling_above_the_allowance_is_in_no_table(study):
    table = tables.maker_bounds(study)
    assert not [row for row in table.rows if "70,000" in str(row["units"])]
    ceilings = [row for row in table.rows if str(row["units"]).startswith("below")]
    assert [(row["units"], row["share"], row["used_up"]) for row in ceilings] == [
        ("below 10,000", "below 40", "no"),
        ("below 11,000", "below 44", "no"),
    ]


def test_both_readings_of_the_points_that_decide_are_printed(study):
    note = next(n for n in tables.maker_bounds(study).notes if "Two readings" in n)
    for part in ("28,361 in 2012", "31,654 in 2013", "40,000 in 2014", "GM, Ford and Chrysler", "three of them"):
        assert part in note
    assert "GM, Ford and Chrysler" in kr.cars.say("counted", study.cars()).plain


def test_a_count_that_reaches_the_limit_is_said_to(study):
    reached = replace_points(study, units=30_000.0)
    answer = kr.cars.say("answer", reached).plain
    assert "At least one maker" in answer
    assert "No maker" not in answer


def replace_points(study, **columns):
    """The cars of a study with GM's count planted."""
    cars = study.cars()
    gm = (cars.points["company"] == "GM") & (cars.points["counts"] == "us_made") & (cars.points["covers"] == "maker")
    points = cars.points.copy()
    for name, value in columns.items():
        points.loc[gm, name] = value
    return replace(cars, points=points)


def test_no_text_says_that_the_cap_did_not_bind_or_what_lifting_it_adds(study, column_study):
    for edition in (study, column_study):
        said = " ".join([kr.cars.say("answer", edition.cars()).plain, *tables.maker_bounds(edition).notes])
        assert "No count can show" in said
        assert "did not bind" not in said
        assert not [key for key in edition.cars().findings() if "addition" in key]


def test_rows_whose_source_conflicts_carry_a_mark_and_their_note(study):
    table = tables.maker_bounds(study)
    marked = {
        (row["period"], str(row["maker"])[:-4]): str(row["maker"])[-2] for row in table.rows if ")" in str(row["maker"])
    }
    notes = {note[1]: note for note in table.notes if note.startswith("(")}
    assert {str(row["maker"])[-2] for row in table.rows if ")" in str(row["maker"])} == set(notes)
    assert "12,593" in notes[marked["2016", "GM"]]
    assert any("not clear whether per maker or in total" in note for note in notes.values())
    assert len({marked[year, "All makers"] for year in ("2012", "2013", "2014")}) == 1


def test_only_a_count_of_all_of_a_makers_cars_built_there_is_full(study):
    (ax,) = drawn(figures.maker_points(study)).axes
    full = {bar.get_width() * 1000 for bar in ax.patches if to_hex(bar.get_facecolor()).upper() == EXPORTS}
    assert full == set(study.cars().counted.query("kind == 'whole'")["units"])


def test_tables_have_seven_columns_at_most_and_no_cell_is_empty(study):
    for make in views("cars", "Table").values():
        table = make(study)
        assert len(table.columns) <= 7, table.id
        assert all(str(row[c.key]) for row in table.rows for c in table.columns), table.id


def test_the_scale_begins_at_zero(study):
    assert drawn(figures.maker_points(study)).axes[0].get_xlim()[0] == 0


def test_cars_stand_beside_cars(study):
    table = tables.cars_alone(study)
    by_hand = {"US exports to Korea": "1.3", "US imports from Korea": "–", "US imports from Germany": "26.6"}
    assert {row["what"]: row["2015"] for row in table.rows if row["what"] in by_hand} == by_hand
    assert str(table.rows[-1]["what"]).endswith("all countries")


def test_values_of_two_definitions_in_one_row_are_told_with_their_years(study):
    held = study.load("car_values").query("partner == '5800' and counted_by == 'US' and flow == 'imports'")
    (note,) = tables.cars_alone(study).notes
    for wording, of in held.groupby("wording"):
        assert f"{wording} ({' and '.join(str(year) for year in sorted(of['year']))})" in note
    alike = study.cars().values.assign(wording="cars")
    assert tables.cars_alone(planted(study, cars=replace(study.cars(), values=alike))).notes == ()


def test_an_edition_before_the_raise_says_that_there_was_none(column_study):
    assert "there was none" in kr.cars.say("raised", column_study.cars()).plain


@pytest.mark.parametrize(
    ("agreement", "as_of", "there"),
    [
        ("korus", "2026-08", True),
        ("korus", "2017-11", True),
        ("korus", "2016-12", True),
        ("korus", "2016-11", False),  # the first whole year of a maker ends in December
        ("korus", "2013-11", False),
        ("colombia", None, False),
        ("chile", None, False),
    ],
)
def test_the_chapter_is_left_out_where_its_data_are_not(agreement, as_of, there):
    assert lacks(kr.open_study(agreement, as_of=as_of)) == (None if there else ("cars", "vehicles"))


def test_the_chapter_rests_on_makers_figures_to_their_last_month(study):
    ((what, names, last),) = rests_on(study)
    assert what in Words("cars").labels("rests_on")
    assert (names, last) == (("vehicle_points",), study.cars().last_point)
    assert [last for *_, last in rests_on(kr.open_study("colombia"))] == [""]


def test_brands_are_those_of_the_table_and_of_whole_years(study):
    shown, held = tables.cars_registered(study), study.load("car_registrations").set_index(["brand", "period"])["units"]
    said = {(row["brand"], year): cell for row in shown.rows for year, cell in row.items() if year.isdigit()}
    assert said["Tesla", "2025"] == f"{held['Tesla', '2025']:,.0f}"
    assert said["All imported cars", "2023"] == f"{held['all', '2023']:,.0f}"
    assert said["Tesla", "2022"] == "–"
    assert tables.cars_registered(kr.open_study("colombia")) is None
