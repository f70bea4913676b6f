"""The KORUS file against the collected figures: every event, commitment and code is one that was collected."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from korus_research.data import open_catalog
from korus_research.data.agreements import load_agreement

KORUS = load_agreement("korus")
ADDED = ("2011-07-01",)  # the agreement of Korea with the European Union, from its own sources
MERGED = {
    "2012-03-15",
    "2016-01-01",
    "2019-01-01",
    "2025-03-12",
    "2025-04-03",
    "2025-04-05",
    "2025-08-07",
    "2025-11-01",
}


def collected(raw_folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(raw_folder / f"{name}.csv", dtype=str, keep_default_na=False)


def test_every_collected_event_is_there_once(raw_folder: Path) -> None:
    events, tariffs = collected(raw_folder, "us_korea_events"), collected(raw_folder, "us_tariff_events_korea")
    assert (len(events), len(tariffs)) == (73, 18)
    expected = sorted([*events["date"], *(day for day in tariffs["date"] if day not in MERGED), *ADDED])
    assert sorted(event.date.isoformat() for event in KORUS.events) == expected
    assert len(KORUS.events) == 73 + 18 - len(MERGED) + len(ADDED)


def test_kinds_differ_from_the_collection_only_where_a_duty_is_the_event(raw_folder: Path) -> None:
    events, tariffs = collected(raw_folder, "us_korea_events"), collected(raw_folder, "us_tariff_events_korea")
    for kind in ("security", "politics"):
        ours = sorted(event.date.isoformat() for event in KORUS.events if event.kind == kind)
        assert ours == sorted(events.loc[events["kind"] == kind, "date"])
    tariff_days = {event.date.isoformat() for event in KORUS.events if event.kind == "tariff"}
    assert set(tariffs["date"]) - tariff_days == {"2012-03-15", "2019-01-01"}  # entry into force is trade
    assert tariff_days - set(tariffs["date"]) == {"2018-02-07", "2018-03-23"}  # safeguard and steel duties
    assert {"2018-02-07", "2018-03-23"} <= set(events.loc[events["kind"] == "trade", "date"])


def test_rates_and_scopes_are_those_collected(raw_folder: Path) -> None:
    tariffs = collected(raw_folder, "us_tariff_events_korea")
    expected = {(row.date, row.scope, float(row.rate_pct) if row.rate_pct else None) for row in tariffs.itertuples()}
    assert {(e.date.isoformat(), e.scope, e.rate_pct) for e in KORUS.events if e.scope} == expected


def test_sources_and_doubts_are_those_collected(raw_folder: Path) -> None:
    events = collected(raw_folder, "us_korea_events")
    ours = {(event.date.isoformat(), event.source.split(";")[0]): event for event in KORUS.events}
    for row in events[events["date"].map(lambda day: day not in MERGED)].itertuples():
        event = ours[row.date, row.source.split(";")[0]]
        assert event.source == row.source
        assert event.verified == (row.verified == "yes")
        assert event.note == row.note
    for event in KORUS.events:
        assert "us_tariff_events_korea" not in event.source
    # What rests on secondary sources alone: the duties whose only sources are two public trackers.
    tariffs = collected(raw_folder, "us_tariff_events_korea")
    assert {e.date.isoformat() for e in KORUS.events if e.secondary} == set(
        tariffs.loc[tariffs["date"] >= "2026-02-20", "date"]
    )


def test_texts_are_our_own(raw_folder: Path) -> None:
    theirs = {
        *collected(raw_folder, "us_korea_events")["event"],
        *collected(raw_folder, "us_tariff_events_korea")["event"],
    }
    copied = {event.text for event in KORUS.events} & theirs
    assert copied <= {"Inter-Korean summit at Panmunjom", "Inter-Korean summit in Pyongyang (to 20 September)"}


@pytest.mark.parametrize(
    ("id", "product", "years"),
    [
        ("cars-into-korea", "passenger cars from USA", range(2005, 2027)),
        ("cars-into-united-states", "passenger cars from Korea", range(2005, 2025)),
        ("trucks-into-korea", "trucks from USA", range(2005, 2027)),
        ("trucks-into-united-states", "light trucks from Korea (as amended)", range(2005, 2042)),
        ("beef-into-korea", "beef from USA (boneless, fresh/chilled)", range(2005, 2032)),
    ],
)
def test_commitments_are_the_rates_of_the_tariff_table(id: str, product: str, years: range) -> None:
    rates = open_catalog().load("tariff_rates")
    rates = rates[rates["product"] == product].set_index("year")["rate_pct"]
    assert list(rates.index) == list(years)
    for year in years:
        # The table has the rate in force for most of the year.
        terms = KORUS.commitments_on(date(year, 7, 1), id=id)
        assert [term.value for term in terms] == [rates[year]], year


def test_beef_falls_by_equal_fifteenths() -> None:
    steps = [c.value for c in KORUS.commitments if c.id == "beef-into-korea"]
    # The schedule truncates to one decimal.
    assert steps == pytest.approx([40 * (15 - n) / 15 for n in range(16)], abs=0.1)


@pytest.mark.parametrize(
    ("day", "allowance"),
    [
        (date(2012, 3, 14), []),
        (date(2012, 3, 15), [25_000]),
        (date(2018, 1, 8), [25_000]),
        (date(2018, 12, 31), [25_000]),
        (date(2019, 1, 1), [50_000]),
        (date(2026, 7, 31), [50_000]),
    ],
)
def test_allowance_per_maker(day: date, allowance: list[float]) -> None:
    assert [c.value for c in KORUS.commitments_on(day, id="vehicles-us-standard-allowance")] == allowance
    assert [c.value for c in KORUS.commitments_on(day, kind="allowance")] == allowance


def test_an_early_edition_does_not_know_the_amendments() -> None:
    early, late = KORUS.commitments_until("2017-11"), KORUS.commitments_until("2026-07")
    assert [(c.value, c.to) for c in early if c.kind == "allowance"] == [(25_000, None)]
    assert [(c.value, c.to) for c in late if c.kind == "allowance"] == [(25_000, date(2018, 12, 31)), (50_000, None)]
    trucks = [(c.value, c.from_.year) for c in early if c.id == "trucks-into-united-states"]
    assert trucks == [(25.0, 2005), (0.0, 2021)]  # the text of 2010: free from 2021, replaced in September 2018
    assert [c.to for c in late if c.id == "trucks-into-united-states"] == [date(2040, 12, 31), None]
    assert {m.label for m in KORUS.milestones_until("2017-11") if m.shown} == {"signed", "in force"}


def test_codes_are_those_of_the_data() -> None:
    partners = open_catalog().load("partners").set_index("partner")
    for party in (KORUS.partner, *KORUS.comparators, *KORUS.context_partners):
        assert partners.loc[party.census_code, "iso3"] == party.iso3
    assert [c.census_code for c in KORUS.comparators] == ["5880", "5830", "4280", "5700", "2010"]
    assert {m for g in KORUS.context_groups for m in g.members} == {"1220", "2010"}


def test_names_and_dates() -> None:
    assert KORUS.names["ko"] == "한미 자유무역협정"
    assert KORUS.partner.names["ko"] == "대한민국"
    assert str(KORUS.dates.signed) == "2007-06-30"
    assert str(KORUS.dates.in_force) == "2012-03-15"
    assert str(KORUS.dates.amendments_in_force) == "2019-01-01"
    assert (KORUS.baseline_year, KORUS.first_full_year, KORUS.evaluation_year) == (2011, 2013, 2016)
    assert KORUS.baseline_years == tuple(range(2007, 2013))
    assert KORUS.party_name("KOR") == "Korea"
    assert KORUS.party_name("JPN") == "JPN"


def test_dates_are_among_the_events() -> None:
    days = {event.date for event in KORUS.events}
    given = KORUS.dates.given()
    assert given.pop("supplement_agreed") == date(2010, 12, 3)  # US date; the event is listed by the Korean one
    assert date(2010, 12, 4) in days
    assert set(given.values()) <= days


def test_it_shows_itself() -> None:
    assert f"{len(KORUS.events)} events" in repr(KORUS)
    assert str(KORUS) == "United States-Korea Free Trade Agreement (KORUS), in force 2012-03-15"
