"""Vehicles by another road: the raw collections, bounds by hand and by property, the raise recomputed by SQL."""

from __future__ import annotations

import csv
from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

import korus_research as kr
from korus_research.chapters.cars.points import (
    allowance_in,
    allowance_terms,
    as_worded,
    bounds,
    by_maker,
    counted_cars,
    sent_back,
    shown_points,
)
from korus_research.chapters.cars.values import raised
from korus_research.data import open_catalog
from korus_research.data.agreements.parts import Commitment
from korus_research.errors import MissingFigures


def term(value: float, start: date, end: date | None = None) -> Commitment:
    about = {
        "id": "limit",
        "kind": "allowance",
        "importer": "KOR",
        "product": "cars",
        "unit": "a year",
        "source": "made",
    }
    return Commitment(value=value, **{"from": start}, to=end, **about)


TERMS = (term(25_000, date(2012, 3, 15), date(2018, 12, 31)), term(50_000, date(2019, 1, 1)))


def points(**columns: object) -> pd.DataFrame:
    row = {
        "year": 2016, "period": "2016", "period_end": "2016-12", "maker": "A", "definition": "d", "units": 1.0,
        "unit": "vehicles", "months": 12, "counts": "us_made", "covers": "maker", "company": "A", "bound": "exact", "worded": "", "repeats": False,
    }  # fmt: skip
    return shown_points(pd.DataFrame([{**row, **columns}]))


# --- the points -------------------------------------------------------------------------------------------------------


def test_every_figure_of_the_collections_is_there_once_or_marked_as_a_repeat(raw_folder):
    with (raw_folder / "us_makers_vehicles_to_korea.csv").open(encoding="utf-8") as file:
        makers = [float(r["units"]) for r in csv.DictReader(file)]
    with (raw_folder / "korea_us_vehicle_units.csv").open(encoding="utf-8") as file:
        units = [float(r["units"]) for r in csv.DictReader(file) if "cap" not in r["series"]]
    held = open_catalog().load("vehicle_points")
    assert sorted(held["units"]) == sorted(makers + units)
    repeats = held[held["repeats"]]
    kept = held[~held["repeats"]]
    for row in repeats.itertuples():  # the same figure stands elsewhere, for the same period and of the same kind
        same = kept[(kept["units"] == row.units) & (kept["year"] == row.year) & (kept["counts"] == row.counts)]
        assert len(same) == 1, row.definition


def test_readings_follow_the_words_of_the_source():
    held = open_catalog().load("vehicle_points")
    worded = held["definition"].str
    assert set(held.loc[worded.contains("allowance"), "counts"]) == {"allowance"}
    assert set(held.loc[worded.contains("exported from the US"), "counts"]) == {"exported"}
    assert set(held.loc[worded.contains("US-built, any maker"), "counts"]) == {"us_built"}
    assert set(held.loc[worded.startswith("brand sales"), "counts"]) == {"brand"}
    assert set(held.loc[worded.contains("all imported|German|Japanese"), "counts"]) == {"other"}
    back = (worded.contains("to US") & ~worded.contains("from the US")).to_numpy()
    assert set(held.loc[back, "counts"]) == {"to_us"}
    assert back.sum() == (held["counts"] == "to_us").sum() == 6
    # What is no count but a ceiling says so in its words or in the note on it.
    said = (
        worded.contains("upper bound") | held["note"].str.contains("printed as (?:less than|below)|no US maker")
    ).to_numpy()
    assert ((held["bound"] != "exact").to_numpy() == said).all()
    # Tesla's sales of 2024 and 2025: most were built in China (korea_imported_car_registrations, note on the Model Y).
    abroad = held[held["counts"] == "brand_abroad"]
    assert (set(abroad["company"]), set(abroad["year"])) == ({"Tesla"}, {2024, 2025})
    assert set(held.loc[worded.contains("AND Japan"), "bound"]) == {"other_scope"}
    assert set(held.loc[held["worded"] != "", "maker"]) == {"Detroit three (as worded)"}
    assert set(held.loc[held["maker"] == "Detroit three (as worded)", "worded"]) == {"GM, Ford, Chrysler"}
    assert set(held.loc[held["unit"] == "percent", "counts"]) == {"other"}
    models = held["maker"].str.contains("only|Colorado|Cadillac\\)|Chevrolet|Jeep|Bolt")
    assert set(held.loc[models, "covers"]) == {"part"}
    assert set(held.loc[held["maker"] == "all", "covers"]) == {"any"}


@pytest.mark.parametrize(("period", "months"), [("2016", 12), ("2012 Q1", 3), ("2024 Jan-Nov", 11), ("2021 May", 1), ("2011-2015 change", 0)])  # fmt: skip
def test_months_of_a_period(period, months):
    held = open_catalog().load("vehicle_points")
    assert set(held.loc[held["period"] == period, "months"]) == {months}


# --- bounds -----------------------------------------------------------------------------------------------------------


def test_bounds_of_2016_by_hand(column_study):
    found = column_study.cars().maker_bounds
    assert dict(zip(found["company"], found["share"], strict=True)) == pytest.approx({"GM": 100 * 13_150 / 25_000, "Ford, Chrysler": 100 * 18_291 / 25_000})  # fmt: skip
    assert (found["addition"] == 0).all()


def test_the_count_of_29800_is_of_2024_and_bounds_nothing(study, raw_folder):
    registered = pd.read_csv(raw_folder / "korea_imported_car_registrations.csv", dtype=str)
    (count,) = registered.loc[(registered["year"] == "2024") & (registered["series"] == "Tesla"), "units"]
    (point,) = study.cars().points.query("company == 'Tesla' and months == 12 and year > 2020").itertuples()
    assert (point.period, point.units) == ("2024", pytest.approx(float(count), abs=50))
    assert "Tesla" not in set(study.cars().bounds.query("year > 2020")["company"])


def test_what_decides_is_built_there(study, column_study):
    # By hand: of one maker GM in 2016; in 2017 a minister's ceiling of cars under the allowance; the others are brands.
    now, then = study.cars().built_there, column_study.cars().built_there
    assert list(zip(now["period"], now["units"], strict=True)) == [("2016", 13_150), ("2017", 10_000)]
    assert list(zip(then["period"], then["units"], strict=True)) == [("2016", 13_150)]
    assert study.cars().findings()["cars.bounds"].value == 2


@given(units=st.integers(0, 200_000), covers=st.sampled_from(["maker", "together", "each", "any"]))
def test_a_brand_built_elsewhere_bounds_nothing_and_a_brand_wherever_built_does_not_decide(units, covers):
    assert bounds(points(units=float(units), covers=covers, counts="brand_abroad"), TERMS).empty
    assert not bounds(points(units=float(units), covers=covers, counts="brand"), TERMS)["built_there"].any()


@pytest.mark.parametrize(("month", "told"), [("2025-10", None), ("2025-11", date(2025, 11, 13))])
def test_the_announced_end_of_the_limit_is_known_from_its_day_on(month, told):
    cars = kr.open_study("korus", as_of=month).cars()
    assert cars.ending == told
    assert ("agreed to end the cap" in kr.cars.say("answer", cars).plain) is (told is not None)


@given(
    units=st.integers(0, 200_000),
    year=st.integers(2012, 2030),
    covers=st.sampled_from(["maker", "together", "each", "any"]),
)
def test_what_lifting_could_add_is_nothing_below_the_allowance_and_unknown_from_it_on(units, year, covers):
    row = bounds(points(units=float(units), year=year, period=str(year), covers=covers), TERMS).iloc[0]
    allowed = 25_000 if year < 2019 else 50_000
    assert row["allowance"] == allowed
    assert row["reached"] == (units >= allowed)
    assert row["addition"] == 0 if units < allowed else np.isnan(row["addition"])


@given(
    units=st.integers(0, 200_000),
    year=st.integers(2012, 2030),
    covers=st.sampled_from(["maker", "together", "each", "any"]),
    bound=st.sampled_from(["upper", "other_scope"]),
)
def test_a_ceiling_never_reaches_the_allowance(units, year, covers, bound):
    found = bounds(points(units=float(units), year=year, period=str(year), covers=covers, bound=bound), TERMS)
    allowed = 25_000 if year < 2019 else 50_000
    assert not found["reached"].any()
    # Below the allowance it says that the allowance was not reached; from it on it says nothing.
    assert list(found["addition"]) == ([0.0] if units < allowed else [])


def test_a_ceiling_for_two_countries_is_no_count_of_one(study):
    cars = study.cars()
    with_japan = cars.points["definition"].str.contains("Japan")
    assert list(cars.points.loc[with_japan, "units"]) == [70_000]
    assert 70_000 not in set(cars.bounds["units"])
    every = cars.bounds[cars.bounds["covers"] == "any"]
    # By hand from the collection: 2012 to 2018 (2017 twice) and 2020 lie above the allowance of one.
    assert every["reached"].sum() == 9


def test_points_read_against_their_words_would_reach_the_allowance(study):
    cars = study.cars()
    by_hand = {2012: 28_361, 2013: 31_654, 2014: 40_000}
    words = cars.worded_bounds
    assert dict(zip(words["year"], words["units"], strict=True)) == by_hand
    assert set(words["covers"]) == {"together"}
    assert words["reached"].all()
    read = cars.bounds[cars.bounds["year"].isin(list(by_hand))]
    assert set(read["covers"]) == {"any"}
    assert as_worded(points()).empty


def test_vehicles_that_went_the_other_way(study, raw_folder):
    back = study.cars().back
    with (raw_folder / "korea_us_vehicle_units.csv").open(encoding="utf-8") as file:
        theirs = [(int(r["year"]), float(r["units"])) for r in csv.DictReader(file) if "to US" in r["series"] and "from the US" not in r["series"]]  # fmt: skip
    with (raw_folder / "usitc4220_vehicles.csv").open(encoding="utf-8") as file:
        theirs += [(2010, float(r["value_low"])) for r in csv.DictReader(file) if r["item"] == "vehicles shipped Korea to US"]  # fmt: skip
    assert sorted(zip(back["year"], back["units"], strict=True)) == sorted(theirs)
    assert study.cars().findings()["cars.back.units"].value == 964_432
    assert not set(back["units"]) & set(study.cars().points["units"])
    empty = sent_back(open_catalog().load("vehicle_points").iloc[:0], study.load("forecasts").iloc[:0])
    assert empty.empty


@given(units=st.floats(0, 1e5), months=st.integers(0, 11), covers=st.sampled_from(["maker", "together", "each", "any"]))
def test_a_part_of_a_year_bounds_nothing(units, months, covers):
    assert bounds(points(units=units, months=months, covers=covers), TERMS).empty


@given(units=st.floats(0, 1e5), covers=st.sampled_from(["part", "none"]))
def test_a_part_of_a_maker_bounds_nothing(units, covers):
    assert bounds(points(units=units, covers=covers), TERMS).empty


def test_a_year_without_an_allowance_bounds_nothing():
    assert bounds(points(year=2011, period="2011"), TERMS).empty
    assert np.isnan(allowance_in(TERMS, 2011))
    assert [allowance_in(TERMS, year) for year in (2012, 2018, 2019, 2040)] == [25_000, 25_000, 50_000, 50_000]


def test_what_is_counted_of_one_maker_by_hand(study):
    # Of the collection: GM's count of 2016 is whole; Explorer, Jeep and Cadillac in 2017 are models; others are limits.
    rows = study.cars().counted
    kinds = {kind: sorted(zip(part["year"], part["units"], strict=True)) for kind, part in rows.groupby("kind")}
    assert kinds["whole"] == [(2016, 13_150)]
    assert kinds["models"] == [(2017, 2_008), (2017, 4_843), (2017, 6_000)]
    assert kinds["at_most"] == [(2016, 18_291), (2017, 10_000), (2020, 11_826), (2020, 46_000)]
    assert list(rows["year"]) == sorted(rows["year"])


@given(units=st.integers(1, 200_000), counts=st.sampled_from(["us_made", "us_built", "brand"]))
def test_a_count_of_some_models_is_shown_as_such_and_of_a_brand_not_at_all(units, counts):
    shown = points(units=float(units), covers="part", counts=counts, why="one model")
    found = counted_cars(shown, bounds(shown, TERMS), TERMS)
    assert list(found["kind"]) == ([] if counts == "brand" else ["models"])


def test_sums_over_all_makers_are_no_bound_of_one_maker():
    both = pd.concat([points(covers="any", company=""), points()])
    assert list(by_maker(bounds(both, TERMS))["covers"]) == ["maker"]


# --- the raise, values, editions --------------------------------------------------------------------------------------


def test_the_raise_by_sql(study):
    path = open_catalog().describe("sector_exports_annual").path
    rows = duckdb.sql(f"""
        select partner, 100.0 * (sum(value_usd) filter (year = 2019) / sum(value_usd) filter (year = 2018) - 1) as change
        from read_parquet('{path}') where code = '87' and year in (2018, 2019) and months = 12 and partner <> '0015'
        group by all having count(*) = 2
    """).df()
    change = rows.set_index("partner")["change"]
    found = study.cars().raised
    assert found.change == pytest.approx(change["5800"], rel=1e-12)
    others = change.drop("5800")
    assert len(found.others) == len(others)
    assert found.above == int((others > change["5800"]).sum())
    assert study.cars().findings()["cars.raise.others"].value == pytest.approx(others.median(), rel=1e-12)


def test_a_planted_jump_is_seen_and_a_lowered_allowance_is_no_raise():
    years = pd.DataFrame({"5800": [100.0, 100.0, 300.0], "1220": [100.0, 100.0, 101.0], "5880": [100.0, 100.0, 99.0], "0015": 1.0}, index=[2017, 2018, 2019])  # fmt: skip
    found = raised(years, TERMS, partner="5800")
    assert found.change == pytest.approx(200)
    assert found.above == 0
    assert found.change > found.high
    lowered = (TERMS[0], term(10_000, date(2019, 1, 1)))
    assert raised(years, lowered, partner="5800") is None
    assert raised(years.loc[:2018], TERMS, partner="5800") is None


def test_a_raise_within_a_year_compares_the_whole_years_around_it():
    years = pd.DataFrame({"5800": [1.0, 5.0, 2.0], "1220": 1.0, "0015": 1.0}, index=[2018, 2019, 2020])
    found = raised(years, (TERMS[0], term(50_000, date(2019, 7, 1))), partner="5800")
    assert found.years == (2018, 2020)
    assert found.change == pytest.approx(100)


def test_values_from_the_raw_files(study, raw_folder):
    printed = pd.read_csv(raw_folder / "korus_product_points.csv").set_index(["year", "series"])["value"]
    f = study.cars().findings()
    assert f["cars.exports.cars_start"].value * 1000 == printed[2011, "US exports of passenger cars to Korea"]
    assert f["cars.imports.cars_end"].value * 1000 == printed[2024, "US imports of HS 8703 from Korea"]
    of_all = {year: printed[year, "US imports of passenger cars from world"] for year in (2011, 2016)}
    own = {year: printed[year, "US imports of passenger cars from Korea"] for year in (2011, 2016)}
    for name, year in (("start", 2011), ("end", 2016)):
        assert f[f"cars.imports.share_{name}"].value == pytest.approx(100 * own[year] / of_all[year])
    assert f["cars.imports.world_growth"].value == pytest.approx(100 * (of_all[2016] / of_all[2011] - 1))


@pytest.mark.parametrize(("as_of", "trucks", "study_known"), [("2026-08", 2041, True), ("2017-11", 2021, False), ("2018-12", 2041, True)])  # fmt: skip
def test_trucks_and_studies_as_known_at_the_month(as_of, trucks, study_known):
    f = kr.open_study("korus", as_of=as_of).cars().findings()
    assert f.names["trucks_free"] == str(trucks)
    assert f.names["trucks_then"] == ("2021" if as_of > "2018-09" else "")  # the text of 2010, until it was changed
    assert f["cars.duty.trucks.now"].value == 25
    assert (f["cars.trucks.imports"].value == 59_000) if study_known else (f["cars.trucks.imports"].value is None)


@pytest.mark.parametrize("as_of", ["2016-12", "2017-11", "2020-06"])
def test_no_point_after_the_edition(as_of):
    cars = kr.open_study("korus", as_of=as_of).cars()
    assert cars.points["period_end"].max() <= as_of
    assert len(cars.allowance) == (1 if as_of < "2018-09" else 2)


def test_an_agreement_without_an_allowance_is_a_clear_error():
    assert allowance_terms(kr.load_agreement("colombia"), "2026-08") == ()
    with pytest.raises(MissingFigures, match="has no allowance of vehicles by maker"):
        kr.open_study("colombia").cars()
