"""Values as published then: the real pair of vintages of 2025 from the raw figures, and releases that were planted."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from korus_research.data import open_catalog
from korus_research.data.package.releases import (
    MOST_BYTES,
    as_released,
    bounded,
    cell_vintages,
    complete_from,
    first_known,
    gave_all,
    of_spans,
    replaced_by,
    vintage_of,
    with_release,
    with_replaced,
)
from korus_research.data.study import open_study
from korus_research.errors import InvalidParameter

CATALOG = open_catalog()
DUTIES = CATALOG.describe("partner_duties_monthly")
KEY = list(DUTIES.key)


@pytest.fixture(scope="module")
def pairs(raw_folder: Path) -> pd.DataFrame:
    frame = pd.read_csv(raw_folder / "vintage_pairs_korea_2025.csv")
    frame["month"] = [f"{y}-{m:02d}" for y, m in zip(frame["year"], frame["month"], strict=True)]
    return frame.set_index(["measure", "month"])


@pytest.mark.parametrize(
    ("table", "column", "measure", "label", "flow"),
    [
        ("goods_trade_monthly", "value_usd_mn", "exports_usd_mn", "13 Feb 2026 (c5800 page)", "exports"),
        ("goods_trade_monthly", "value_usd_mn", "imports_usd_mn", "13 Feb 2026 (c5800 page)", "imports"),
        ("partner_duties_monthly", "duty_usd", "calculated_duty_usd", "early 2026 (tradewartracker NAICS total)", None),
        (
            "realised_duties_monthly",
            "duty_usd",
            "calculated_duty_usd",
            "early 2026 (tradewartracker NAICS total)",
            None,
        ),
    ],
)
def test_korea_in_2025_as_published_and_as_it_is_today(
    pairs: pd.DataFrame, table: str, column: str, measure: str, label: str, flow: str | None
) -> None:
    for values, vintage in (("published", label), ("today", None)):
        study = open_study(as_of="2025-11", values=values)
        rows = study.load(table)
        rows = rows[(rows["partner"] == "5800") & (rows["month"] >= "2025-01")]
        rows = rows if flow is None else rows[rows["flow"] == flow]
        mine = pairs.loc[measure]
        of = mine[mine["vintage"] == label] if vintage else mine[mine["vintage"] != label]
        expected = of["value"].reindex(rows["month"])
        assert rows[column].tolist() == pytest.approx(expected.tolist(), abs=0.051)
        assert len(rows) == 11
        assert study.vintage(table).published is (values == "published")
        assert study.vintage(table).release == ("2026-02" if values == "published" else "2026-10")


def test_the_duty_of_november_2025_was_14_percent_and_is_8() -> None:
    def rate(values: str) -> float:
        rows = open_study(as_of="2025-11", values=values).load("realised_duties_monthly").set_index("month")
        return float(100 * rows.loc["2025-11", "duty_usd"] / rows.loc["2025-11", "imports_usd"])

    # As the note of the collection says of the two releases.
    assert (round(rate("published"), 2), round(rate("today"), 2)) == (14.00, 8.38)


def test_where_no_release_of_the_time_is_known_values_are_today_s() -> None:
    study = open_study(as_of="2016-12", values="published")
    assert not study.vintage("goods_trade_monthly").published
    assert study.load("goods_trade_monthly").equals(open_study(as_of="2016-12").load("goods_trade_monthly"))
    assert not study.vintage("forecasts").release
    with pytest.raises(InvalidParameter, match="'today' or 'published'"):
        open_study(values="publsihed")


def test_the_newest_month_is_as_published_either_way() -> None:
    for values in ("today", "published"):
        found = open_study(values=values).vintage("goods_trade_monthly")
        assert found.published
        assert found.release == "2026-10"


# Three releases of one partner's two months: the second changed the first month, the third both.
PLANTED = pd.DataFrame([("2026-01", 30), ("2026-02", 22)], columns=["month", "imports_usd"]).assign(
    partner="5800", duty_usd=1
)
OLDER = pd.DataFrame(
    [("2026-01", 10, "2026-03"), ("2026-01", 20, "2026-04"), ("2026-02", 21, "2026-04")],
    columns=["month", "imports_usd", "vintage"],
).assign(partner="5800", duty_usd=1)
RELEASES = pd.DataFrame(
    [("2026-03", "2026-01"), ("2026-04", "2026-02"), ("2026-05", "2026-02")], columns=["release", "last"]
).assign(table=DUTIES.name, only="", first="2026-01", complete=True, source="planted")


@pytest.mark.parametrize(("release", "expected"), [("2026-03", [10, 21]), ("2026-04", [20, 21]), ("2026-05", [30, 22])])
def test_each_release_gives_back_what_it_said(release: str, expected: list[int]) -> None:
    rows = as_released(DUTIES, PLANTED[[c.name for c in DUTIES.columns]], OLDER, RELEASES, release)
    assert rows.sort_values("month")["imports_usd"].tolist() == expected


@pytest.mark.parametrize(
    ("as_of", "release", "published"),
    [
        ("2026-01", "2026-03", True),
        ("2026-02", "2026-04", True),
        ("2025-06", "2026-05", False),
        ("2026-06", "2026-05", False),
    ],
)
def test_an_edition_of_a_month_would_have_used_the_first_release_that_reaches_it(
    as_of: str, release: str, published: bool
) -> None:
    found = vintage_of(DUTIES.name, RELEASES, as_of)
    assert (found.release, found.published) == (release, published)


@pytest.mark.parametrize(
    ("release", "expected"),
    [("2026-03", []), ("2026-04", [("2026-01", 10)]), ("2026-05", [("2026-01", 10), ("2026-01", 20), ("2026-02", 21)])],
)
def test_what_had_been_replaced_by_a_release_is_what_it_and_those_before_it_changed(
    release: str, expected: list[tuple[str, int]]
) -> None:
    rows = PLANTED[[c.name for c in DUTIES.columns]]
    found = replaced_by(DUTIES, rows, OLDER, RELEASES, release)
    assert list(zip(found["month"], found["imports_usd"], strict=True)) == expected


def test_a_row_that_a_later_release_no_longer_has_is_given_back() -> None:
    names = [c.name for c in DUTIES.columns]
    gone = OLDER[OLDER["vintage"] == "2026-03"].assign(partner="0015", imports_usd=99)
    older = pd.concat([OLDER, gone], ignore_index=True)
    rows = as_released(DUTIES, PLANTED[names], older, RELEASES, "2026-03")
    assert rows.loc[rows["partner"] == "0015", "imports_usd"].tolist() == [99]
    assert replaced_by(DUTIES, PLANTED[names], older, RELEASES, "2026-03").empty
    assert gave_all(DUTIES, PLANTED[names][:1], older, RELEASES, "2026-03")
    assert not gave_all(DUTIES, PLANTED[names].assign(partner="1220"), older, RELEASES, "2026-03")


def test_a_projection_made_before_a_month_is_not_what_was_published_then() -> None:
    outlook = RELEASES.assign(release=["2024-04", "2025-10", "2026-04"], last="2029-12")
    assert not vintage_of(DUTIES.name, outlook, "2024-06").published
    assert vintage_of(DUTIES.name, outlook, "2026-02").release == "2026-04"


def test_the_months_of_which_values_are_held_are_those_a_study_can_have() -> None:
    months = CATALOG.published_months(partner="5800")
    assert {"2024-12", "2025-11", "2026-08"} <= set(months)
    for month in ("2016-12", "2026-01", *months[-3:]):
        study = open_study(as_of=month, values="published")
        assert any(study.vintage(name).published for name in CATALOG.names) is (month in months)


def test_a_release_of_which_something_was_left_out_is_not_said_to_be_as_published() -> None:
    later = complete_from(with_release(RELEASES, DUTIES, "2026-06", PLANTED), DUTIES.name, "2026-04")
    assert not vintage_of(DUTIES.name, later, "2026-01").published
    assert vintage_of(DUTIES.name, later, "2026-02").published
    assert later.loc[later["release"] == "2026-06", ["first", "last"]].to_numpy().tolist() == [["2026-01", "2026-02"]]


def test_replaced_values_are_dated_by_the_release_that_had_them_and_kept_within_the_bound() -> None:
    assert set(cell_vintages(DUTIES, PLANTED, RELEASES)) == {"2026-05"}
    kept = with_replaced(DUTIES, OLDER, PLANTED, RELEASES, "2020-01")
    assert len(kept) == 5
    assert kept.loc[kept["vintage"] == "2026-05", "imports_usd"].tolist() == [30, 22]
    assert first_known(kept, KEY).sort_values("month")["imports_usd"].tolist() == [10, 21]
    held = CATALOG.load(DUTIES.name)
    many = pd.concat([held.assign(vintage=f"2024-{month:02d}") for month in range(1, 7)])
    rows, kept_from = bounded(with_replaced(DUTIES, many, held.head(1), RELEASES, "2026-01"))
    assert len(rows.to_csv(index=False)) <= MOST_BYTES
    assert rows["vintage"].min() == kept_from > "2024-01"
    assert bounded(OLDER)[1] == ""


def test_vintages_that_a_source_keeps_become_releases_and_replaced_values() -> None:
    # Two flows of one partner: January out in March, February in April with January revised; exports of February late.
    spans = pd.DataFrame(
        [
            ("2026-01", "exports", 10.0, "2026-03-05"),
            ("2026-01", "exports", 11.0, "2026-04-06"),
            ("2026-02", "exports", 12.0, "2026-05-07"),
            ("2026-01", "imports", 20.0, "2026-03-05"),
            ("2026-02", "imports", 21.0, "2026-04-06"),
        ],
        columns=["month", "flow", "value_usd_mn", "known_from"],
    ).assign(partner="5800", known_to="9999-12-31")
    trade = CATALOG.describe("goods_trade_monthly")
    rows = spans.drop_duplicates(["month", "flow"], keep="last").assign(vintage="2026-10")
    replaced, releases = of_spans(trade, rows[[c.name for c in trade.columns]], spans, 0.05)
    assert replaced[["month", "flow", "value_usd_mn", "vintage"]].to_numpy().tolist() == [
        ["2026-01", "exports", 10.0, "2026-03"]
    ]
    assert releases[["release", "last"]].to_numpy().tolist() == [["2026-03", "2026-01"], ["2026-05", "2026-02"]]
    then = as_released(trade, rows[[c.name for c in trade.columns]], replaced, releases, "2026-03")
    assert then.set_index(["month", "flow"]).loc[("2026-01", "exports"), "value_usd_mn"] == 10.0
