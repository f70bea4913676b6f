"""The KORUS file against the collected figures: every event, commitment and code is one that was collected."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest

from korus_research.data import open_catalog
from korus_research.data.agreements import load_agreement

KORUS = load_agreement("korus")
# Events from pages of their own, or from the second list of tariff events, which the first two lists lack.
ADDED = {
    "2011-07-01", "2010-12-03", "2018-03-15", "2018-03-27", "2025-05-28", "2025-07-07", "2025-08-25", "2025-08-29",
    "2026-03-12", "2026-06-02", "2026-06-08",
}  # fmt: skip
# Of the second list: a day that conflicts with the order's own, the repeats of days told already, a date not read, and
# what is still to come stay out.
LEFT_OUT = {"2025-08-09", "2025-11-14", "2026-02-20", "2026-07-31", "2027-01-01"}
# Pages of nobody's responsibility; what was first read there has another page now, or is marked.
WEAK = ("piglix", "blogspot", "raginikathail", "studio-amor", "fasa.nyc", "redcensor", "wikipedia", "encyclop")
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


def as_written_here(text: str) -> str:
    """A collected text with its days as they are written in the United States."""

    def day(found: re.Match[str]) -> str:
        written = datetime.strptime(f"{found[1]} {found[2][:3]} {found[3]}", "%d %b %Y")
        return f"{written:%B} {written.day}, {written.year}"

    return re.sub(r"\b(\d{1,2}) ((?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*) (\d{4})\b", day, text)


def added_tariffs(raw_folder: Path) -> pd.DataFrame:
    more = collected(raw_folder, "us_tariff_events_korea_additions")
    assert set(more["date"]) >= LEFT_OUT
    return more[~more["date"].isin(LEFT_OUT)]


def test_every_collected_event_is_there_once(raw_folder: Path) -> None:
    events, tariffs = collected(raw_folder, "us_korea_events"), collected(raw_folder, "us_tariff_events_korea")
    more = added_tariffs(raw_folder)
    assert (len(events), len(tariffs), len(more)) == (73, 18, 7)
    expected = [*events["date"], *(day for day in tariffs["date"] if day not in MERGED), *more["date"], *ADDED]
    assert sorted(event.date.isoformat() for event in KORUS.events) == sorted(expected)


def test_kinds_differ_from_the_collection_only_where_a_duty_is_the_event(raw_folder: Path) -> None:
    events, tariffs = collected(raw_folder, "us_korea_events"), collected(raw_folder, "us_tariff_events_korea")
    for kind in ("security", "politics"):
        ours = sorted(event.date.isoformat() for event in KORUS.events if event.kind == kind)
        assert ours == sorted(events.loc[events["kind"] == kind, "date"])
    tariffs = pd.concat([tariffs, added_tariffs(raw_folder)])
    tariff_days = {event.date.isoformat() for event in KORUS.events if event.kind == "tariff"}
    assert set(tariffs["date"]) - tariff_days == {"2012-03-15", "2019-01-01"}  # entry into force is trade
    # Safeguard and steel duties, and the change of the metal duties of which only law firms' pages were read.
    assert tariff_days - set(tariffs["date"]) == {"2018-02-07", "2018-03-23", "2026-06-08"}
    assert {"2018-02-07", "2018-03-23"} <= set(events.loc[events["kind"] == "trade", "date"])


def test_rates_and_scopes_are_those_collected(raw_folder: Path) -> None:
    tariffs = collected(raw_folder, "us_tariff_events_korea")
    tariffs = pd.concat([tariffs, added_tariffs(raw_folder)])
    rows = tariffs.replace({"scope": {"steel, aluminium": "steel, aluminum"}}).itertuples()  # our spelling
    expected = {(row.date, row.scope, float(row.rate_pct) if row.rate_pct else None) for row in rows}
    found = {(e.date.isoformat(), e.scope, e.rate_pct) for e in KORUS.events if e.scope}
    assert found == expected | {("2026-06-08", "metal derivatives", 15.0)}


def test_sources_and_doubts_are_those_collected_or_better(raw_folder: Path) -> None:
    events = collected(raw_folder, "us_korea_events")
    ours = {(event.date.isoformat(), event.kind): event for event in KORUS.events}
    of_its_own = {"2018-03-26", "2010-12-04", "2025-07-30", "2025-11-13"}  # told anew, with the page that says it
    for row in events[events["date"].map(lambda day: day not in MERGED | of_its_own)].itertuples():
        event = ours[row.date, "tariff" if (row.date, row.kind) not in ours else row.kind]
        assert event.verified == (row.verified == "yes")
        if not any(site in row.source for site in (*WEAK, "pdfdokument")):
            assert event.source == as_written_here(row.source)
            assert event.note == as_written_here(row.note)
    for event in KORUS.events:
        assert "us_tariff_events_korea" not in event.source


def test_no_weak_page_is_named_without_its_mark() -> None:
    named = [e for e in KORUS.events if any(site in e.source for site in WEAK)]
    assert all(e.weak for e in named)
    terms = [
        *KORUS.dates.sources.values(),
        *(m.source for m in KORUS.milestones),
        *(c.source for c in KORUS.confounders),
    ]
    assert not [source for source in terms if any(site in source for site in WEAK)]


def test_what_rests_on_trackers_alone_is_marked(raw_folder: Path) -> None:
    trackers = {e.date.isoformat() for e in KORUS.events if e.kind == "tariff" and e.secondary}
    # The second list says of each of its rows that no order was read; of the first, what two trackers alone say.
    assert trackers == {*added_tariffs(raw_folder)["date"], "2026-04-06", "2026-06-08", "2026-07-24"}


def test_the_limit_of_vehicles_is_to_end_and_only_editions_from_then_on_know_it() -> None:
    (then,), (now,) = (
        [c for c in KORUS.commitments_until(month) if c.kind == "allowance" and c.value == 50_000]
        for month in ("2025-10", "2025-11")
    )
    assert (then.end_announced, now.end_announced) == (None, date(2025, 11, 13))
    assert now.to is None  # no page says from which day
    assert "50,000" in next(e.text for e in KORUS.events if e.date == date(2025, 11, 13) and e.kind == "trade")


def test_the_supplement_has_two_days_and_the_agreement_in_principle_too() -> None:
    texts = {e.date: e.text for e in KORUS.events}
    assert "agree" in texts[date(2010, 12, 3)]
    assert "up to 11 billion" in texts[date(2010, 12, 4)]
    assert "Seoul" in texts[date(2018, 3, 26)]
    assert "reached" in texts[date(2018, 3, 27)]


@pytest.mark.parametrize(
    ("day", "base", "added"),
    [
        (date(2025, 4, 3), 0.0, 25.0),  # cars: 25 on top of nothing
        (date(2025, 4, 3), 25.0, 25.0),  # light trucks: on top of their 25
        (date(2025, 11, 1), 0.0, 15.0),  # 90 FR 55964: up to 15 in all
        (date(2025, 11, 1), 25.0, 0.0),  # and nothing where the base is higher
        (date(2026, 7, 24), 2.5, 10.0),  # 91 FR 47318: up to 12.5 in all, the base included
        (date(2026, 7, 24), 12.5, 0.0),
    ],
)
def test_an_inclusive_duty_tops_up_to_its_rate(day: date, base: float, added: float) -> None:
    event = next(e for e in KORUS.events if e.date == day and e.kind == "tariff" and (e.products or e.inclusive))
    rate = event.rate_pct or 0.0
    assert (max(rate - base, 0.0) if event.inclusive else rate) == added


def test_a_replaced_term_is_history_from_the_day_it_was_replaced() -> None:
    trucks = {
        month: [(c.agreed, c.from_.year) for c in KORUS.replaced_until(month) if c.id == "trucks-into-united-states"]
        for month in ("2018-08", "2018-09")
    }
    assert trucks == {"2018-08": [], "2018-09": [(date(2010, 12, 3), 2021)]}


def test_texts_are_our_own(raw_folder: Path) -> None:
    theirs = {
        *collected(raw_folder, "us_korea_events")["event"],
        *collected(raw_folder, "us_tariff_events_korea")["event"],
    }
    copied = {event.text for event in KORUS.events} & theirs
    assert copied <= {"Inter-Korean summit at Panmunjom", "Inter-Korean summit in Pyongyang (to September 20)"}


@pytest.mark.parametrize(
    ("id", "product", "years"),
    [
        ("cars-into-korea", "passenger cars from USA", range(2005, 2027)),
        ("cars-into-united-states", "passenger cars from Korea", range(2005, 2027)),
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
    assert set(given.values()) <= days


def test_it_shows_itself() -> None:
    assert f"{len(KORUS.events)} events" in repr(KORUS)
    assert str(KORUS) == "United States-Korea Free Trade Agreement (KORUS), in force 2012-03-15"


def test_a_duty_left_in_force_is_told_with_the_rate_of_its_event():
    left = [(event, one.duty) for event in KORUS.events for one in event.standing if one.wide]
    assert left
    for event, duty in left:
        rate = event.rate_pct
        numbers = [float(number) for number in re.findall(r"\d+(?:\.\d+)?", duty)]
        assert numbers == [] if not rate else max(numbers) == rate, event.text
        assert ("included" in duty) == event.inclusive, event.text


def test_duties_left_in_force_are_those_of_their_day():
    def on(day: date) -> dict[str, str]:
        return {one.goods: one.duty for one in KORUS.standing_on(day)}

    assert on(date(2025, 3, 11)) == {}, "no duty had been added"
    # The fact sheet of November 2025: 15 percent with the base duty, on cars and on most goods.
    assert set(on(date(2025, 12, 31)).values()) == {"50 percent", "15 percent, the usual duty included"}
    assert on(date(2026, 2, 23))["most Korean goods"] == "the usual duty", "the court had ended the emergency duties"
    assert KORUS.standing_on(date(2017, 11, 30)) == ()


def test_what_changed_in_brief_is_told_of_its_own_event():
    told = [event for event in KORUS.events if event.in_brief]
    assert {event.date.year for event in told} == {2010, 2018, 2025, 2026}
    for event in told:
        assert event.in_brief.endswith(".")
        assert len(event.in_brief.split()) <= 20
