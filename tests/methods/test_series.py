from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from korus_research.errors import MissingPartner
from korus_research.methods.series import complete_years, monthly_flows, months_text, percent_change, trailing_year


def toy(months: list[str], exports: list[float], imports: list[float], partner: str = "9999") -> pd.DataFrame:
    rows = [
        {"month": m, "partner": partner, "flow": f, "value_usd_mn": v}
        for m, x, y in zip(months, exports, imports, strict=True)
        for f, v in (("exports", x), ("imports", y))
    ]
    return pd.DataFrame(rows)


def months(start: str, count: int) -> list[str]:
    return [str(p) for p in pd.period_range(start, periods=count, freq="M")]


def test_balance_is_exports_less_imports_in_any_row_order():
    table = toy(months("2011-01", 3), [5.0, 7.0, 1.0], [6.5, 7.0, 0.5]).sample(frac=1, random_state=1)
    assert monthly_flows(table, partner="9999")["balance"].tolist() == [-1.5, 0.0, 0.5]


def test_an_unknown_partner_is_an_error_that_says_what_to_do():
    with pytest.raises(MissingPartner, match="no rows for partner '1234'.*korus partners"):
        monthly_flows(toy(["2011-01"], [1], [1]), partner="1234")


def test_a_year_with_a_missing_month_is_left_out_and_not_scaled_up():
    table = toy(months("2010-01", 36), [1.0] * 36, [2.0] * 36)
    table = table[table["month"] != "2011-06"]
    annual = complete_years(monthly_flows(table, partner="9999"))
    assert annual["exports"].to_dict() == {2010: 12.0, 2012: 12.0}


def test_a_twelve_month_sum_over_a_gap_is_missing():
    table = toy(months("2010-01", 36), list(range(36)), [0.0] * 36)
    table = table[table["month"] != "2011-06"]
    sums = trailing_year(monthly_flows(table, partner="9999"))["exports"]
    assert sums.loc["2011-05"] == sum(range(5, 17))
    assert sums.loc["2011-06":"2012-05"].isna().all()
    assert sums.loc["2012-06"] == sum(range(18, 30))


@settings(max_examples=40)
@given(st.lists(st.floats(0, 1e6), min_size=24, max_size=60))
def test_december_sums_equal_calendar_years(values):
    # By another road: numpy's own cumulative sum, differenced; tolerance for adding in another order.
    monthly = monthly_flows(toy(months("2001-01", len(values)), values, [0.0] * len(values)), partner="9999")
    annual = complete_years(monthly)["exports"]
    running = np.concatenate([[0.0], np.cumsum(values)])
    for year in annual.index:
        end = (year - 2000) * 12
        assert annual[year] == pytest.approx(running[end] - running[end - 12], rel=1e-9, abs=1e-3)
        assert trailing_year(monthly)["exports"].loc[f"{year}-12"] == pytest.approx(annual[year], rel=1e-9, abs=1e-3)


@given(st.floats(0.01, 1e6), st.floats(0, 1e6))
def test_a_percent_change_leads_from_one_value_to_the_other(before, after):
    assert before + before * percent_change(before, after) / 100 == pytest.approx(after, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize(
    ("before", "after"), [(0.0, 5.0), (0.0, 0.0), (None, 5.0), (5.0, None), (math.nan, 5.0), (5.0, math.nan)]
)
def test_a_change_from_nothing_or_to_what_is_missing_is_none(before, after):
    assert percent_change(before, after) is None


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        ("2025-04", "2025-11", "April to November 2025"),
        ("2025-12", "2026-02", "December 2025 to February 2026"),
        ("2025-04", "2025-04", "April 2025"),
    ],
)
def test_a_span_of_months_names_a_year_once_where_it_can(first, last, text):
    assert months_text(pd.Period(first, "M"), pd.Period(last, "M")) == text
