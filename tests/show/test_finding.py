from __future__ import annotations

import json

import pytest
from hypothesis import given, strategies as st
from turned import sign_turned

from korus_research.errors import UnknownFinding
from korus_research.show.finding import Finding, Findings, ordinal


def make(value, unit="usd_bn", **more):
    return Finding("a.b", "a measure", value, unit, "2016", "basis", ("goods_trade_monthly",), **more)


@pytest.mark.parametrize(
    ("value", "unit", "style", "text"),
    [
        (-1.1994, "usd_bn", "", "−$1.2 billion"),
        (-1.1994, "usd_bn", "abs", "$1.2 billion"),
        (13.2254, "usd_bn", "signed", "+$13.2 billion"),
        (-0.04, "usd_bn", "", "$0.0 billion"),
        (2.0928, "times", "", "2.09 times"),
        (1.0, "points", "", "1.0 percentage points"),
        (3.0825, "percent", "number", "3.1"),
        (7.0, "rank", "", "7th"),
        (25000.0, "vehicles", "", "25,000 vehicles"),
        (2016.0, "year", "", "2016"),
        (1234.5, "usd_bn", "", "$1,234.5 billion"),
        (0.0, "count", "count", "none"),
        (9.0, "count", "count", "nine"),
        (10.0, "count", "count", "10"),
        (-2.0, "count", "count", "−2"),
    ],
)
def test_a_finding_formats_itself(value, unit, style, text):
    assert make(value, unit).text(style) == text


@pytest.mark.parametrize(
    ("n", "text"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (21, "21st"), (112, "112th")],
)
def test_ordinals(n, text):
    assert ordinal(n) == text


def test_what_rounds_to_zero_has_no_direction():
    assert [make(v).direction for v in (0.04, -0.04, 0.06, -0.06)] == [0, 0, 1, -1]
    assert [make(v, "times").direction for v in (1.004, 0.99, 1.01)] == [0, -1, 1]


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_no_number_is_a_missing_finding_with_a_reason(value):
    finding = make(value)
    assert (finding.value, finding.text()) == (None, "not available")
    assert finding.reason


@given(st.floats(-1e6, 1e6), st.sampled_from(["usd_bn", "percent", "points", "times", "count"]))
def test_json_keeps_everything(value, unit):
    finding = make(value, unit, low=value - 1, high=value + 1, interval="95 percent")
    assert Finding.from_json(json.loads(json.dumps(finding.to_json()))) == finding


@given(st.floats(-1e6, 1e6).filter(lambda v: abs(v) > 0.1))
def test_turning_twice_gives_the_same(value):
    assert sign_turned(sign_turned(make(value))).value == pytest.approx(value)
    assert sign_turned(make(value)).direction == -make(value).direction


def test_one_id_has_one_value():
    with pytest.raises(UnknownFinding, match="Two different findings are called 'a.b'"):
        Findings((make(1.0),)) | Findings((make(2.0),))
    assert len(Findings((make(1.0),)) | Findings((make(1.0),))) == 1


def test_an_unknown_id_suggests_a_close_one():
    with pytest.raises(UnknownFinding, match="did you mean 'a.b'"):
        Findings((make(1.0),))["a.c"]
