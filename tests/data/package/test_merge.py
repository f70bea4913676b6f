"""Newer rows over held ones: by another road a dictionary, and revisions that were planted."""

from __future__ import annotations

import random

import pandas as pd
import pytest

from korus_research.data import open_catalog
from korus_research.data.package.merge import Merged, merged
from korus_research.data.schema import Dataset

CATALOG = open_catalog()
DUTIES = CATALOG.describe("partner_duties_monthly")
HELD = CATALOG.load("partner_duties_monthly")
KEY = ["partner", "month"]


def row(partner: str, month: str, imports: float, duty: float) -> dict[str, object]:
    return {"month": month, "partner": partner, "imports_usd": imports, "duty_usd": duty}


def put(heard: list[dict[str, object]], dataset: Dataset = DUTIES, held: pd.DataFrame = HELD, **how: float) -> Merged:
    return merged(dataset, held, pd.DataFrame(heard), **how)  # type: ignore[arg-type]


def test_a_dictionary_updated_in_turn_says_the_same() -> None:
    dice = random.Random(1)
    sample = HELD.sample(400, random_state=1)
    heard = [
        row(partner, month, value + dice.choice([0, 0, 1000]), duty + dice.choice([0, 5]))
        for partner, month, value, duty in zip(
            sample["partner"], sample["month"], sample["imports_usd"], sample["duty_usd"], strict=True
        )
    ]
    heard += [row(partner, "2026-09", dice.randrange(10**9), 7) for partner in ("5800", "5880", "5700")] * 2
    expected = {(p, m): (i, d) for m, p, i, d in HELD.itertuples(index=False)}
    expected |= {(r["partner"], r["month"]): (r["imports_usd"], r["duty_usd"]) for r in heard}
    made = put(heard)
    assert {(p, m): (i, d) for m, p, i, d in made.rows.itertuples(index=False)} == expected
    assert len(made.rows) == len(expected)
    assert set(made.added["month"]) == {"2026-09"}
    assert len(made.added) == 3
    assert (made.was[KEY].to_numpy() == made.now[KEY].to_numpy()).all()
    assert not (
        (made.was["imports_usd"] == made.now["imports_usd"]) & (made.was["duty_usd"] == made.now["duty_usd"])
    ).any()


def test_the_same_again_changes_nothing() -> None:
    assert merged(DUTIES, HELD, HELD.sample(frac=1, random_state=2)).same


def test_a_value_within_the_precision_of_the_table_stays() -> None:
    trade, held = CATALOG.describe("goods_trade_monthly"), CATALOG.load("goods_trade_monthly")
    mine = held[(held["partner"] == "5800") & (held["month"] >= "2026-01")]
    exact = mine.assign(value_usd_mn=mine["value_usd_mn"] + 0.04, vintage="2026-12")
    assert merged(trade, held, exact, precision=0.05).same
    revised = merged(trade, held, exact, precision=0.03)
    assert len(revised.now) == len(mine)
    assert set(revised.now["vintage"]) == {"2026-12"}
    assert set(revised.was["vintage"]) == {"2026-10"}


def test_a_mark_that_changes_is_a_change_though_the_number_stays() -> None:
    weo, held = CATALOG.describe("macro_annual"), CATALOG.load("macro_annual")
    first = held[held["year"] == 2024].assign(projection=False)
    assert len(merged(weo, held, first, precision=0.1).now) == len(first)


@pytest.mark.parametrize(
    ("heard", "why"),
    [
        (row("9999", "2026-08", 1, 1), "a code that the table doesn't have"),
        (row("5800", "2012-12", 1, 1), "before the table's first month"),
        (row("5800", "2026-10", 1, 1), "after the month asked for"),
    ],
)
def test_what_the_table_does_not_hold_is_left_out(heard: dict[str, object], why: str) -> None:
    made = merged(DUTIES, HELD, pd.DataFrame([heard]), through="2026-09")
    assert made.same, why
    assert made.unknown == (("9999",) if heard["partner"] == "9999" else ())


def test_a_year_of_fewer_months_does_not_take_the_place_of_one_of_more() -> None:
    annual, held = CATALOG.describe("realised_duties_annual"), CATALOG.load("realised_duties_annual")
    of_2026 = held[(held["partner"] == "5800") & (held["year"] == 2026)]
    fewer = of_2026.assign(months=of_2026["months"] - 1, imports_usd=1, duty_usd=1)
    assert merged(annual, held, fewer).same
    more = of_2026.assign(months=of_2026["months"] + 1, imports_usd=10**12)
    assert merged(annual, held, more).now["months"].tolist() == (of_2026["months"] + 1).tolist()
