"""A value comes back as it was, to the last bit; what can't be trusted is refused, and nothing of it runs."""

from __future__ import annotations

import json
import struct
from contextlib import suppress
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

from korus_research.data.cache.codec import Damaged, NotEncodable, decode, encode
from korus_research.show.finding import Finding, Findings
from korus_research.show.scale import Scale

FINDING = Finding("a.b", "a", 0.1, "percent", "2011", "Census", ("partners",), low=-0.0)
MONTHS = pd.period_range("2011-01", periods=3, freq="M")


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        -3,
        0.1 + 0.2,
        -0.0,
        float("inf"),
        "한국",
        b"\x00\xff",
        (1, [2.5, ("x",)], {}),
        {("a", 1): [None], 2: {"b": date(2012, 3, 15)}},
        MappingProxyType({"a": 1}),
        {1, 2},
        frozenset({"a"}),
        datetime(2012, 3, 15, 1, 2, 3, tzinfo=UTC),
        np.float64(0.1),
        np.int64(3),
        np.bool_(True),
        pd.Period("2012-03", freq="M"),
        pd.Timestamp("2012-03-15"),
        FINDING,
        Scale(1),
    ],
    ids=repr,
)
def test_a_value_comes_back(value: Any) -> None:
    found = decode(encode(value))
    assert type(found) is type(value)
    assert found == value
    assert repr(found) == repr(value)


def test_not_a_number_comes_back() -> None:
    for value in (float("nan"), np.float64("nan"), pd.NaT, pd.NA):
        found = decode(encode(value))
        assert type(found) is type(value)
        assert pd.isna(found)


@given(st.lists(st.floats(width=64), max_size=20))
def test_numbers_come_back_to_the_last_bit(numbers: list[float]) -> None:
    array = np.array(numbers)
    assert decode(encode(array)).tobytes() == array.tobytes()
    found = decode(encode([x for x in numbers if x == x]))
    assert [struct.pack("d", x) for x in found] == [struct.pack("d", x) for x in numbers if x == x]


@pytest.mark.parametrize("order", ["C", "F"])
def test_an_array_lies_in_memory_as_before(order: Any) -> None:
    """Sums depend on it in their last digit."""
    found = decode(encode(np.asarray(np.arange(6.0).reshape(2, 3), order=order)))
    assert found.flags[f"{order}_CONTIGUOUS"]
    assert found.flags.writeable
    assert found.tolist() == [[0, 1, 2], [3, 4, 5]]


FRAMES = {
    "numbers": pd.DataFrame({"a": [1.5, np.nan], "b": [0.1, -0.0]}, index=pd.Index([2011, 2012], name="year")),
    "mixed": pd.DataFrame({"partner": ["5800", None], "value": [1.5, 2.5], 3: [True, False], "n": [1, 2]}),
    "texts": pd.DataFrame({"a": pd.array(["x", None], dtype="str"), "b": pd.array(["x", pd.NA], dtype="string")}),
    "objects": pd.DataFrame({"a": pd.Series([1, "x", (2.5,)], dtype=object)}),
    "months": pd.DataFrame({"v": [1.0, 2.0, 3.0], "m": MONTHS}, index=MONTHS),
    "dates": pd.DataFrame({"d": pd.to_datetime(["2011-01-01", "2012-01-01"])}),
    "two levels": pd.DataFrame({"v": [1.0, 2.0]}, index=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["x", None])),
    "categories": pd.DataFrame({"c": pd.Categorical(["b", "a"], categories=["b", "a"], ordered=True)}),
    "twice the same name": pd.DataFrame([[1, "x"]], columns=["a", "a"]),
    "empty": pd.DataFrame({"a": pd.Series([], dtype=float)}),
    "nothing": pd.DataFrame(),
    "columns with a name": pd.DataFrame([[1.0]], columns=pd.Index(["a"], name="flow")),
}  # fmt: skip


@pytest.mark.parametrize("name", list(FRAMES))
def test_a_frame_comes_back(name: str) -> None:
    frame = FRAMES[name]
    found = decode(encode(frame))
    pd.testing.assert_frame_equal(found, frame, check_exact=True, check_freq=True, check_column_type=True)
    for column in range(frame.shape[1]):
        series = frame.iloc[:, column]
        pd.testing.assert_series_equal(decode(encode(series)), series, check_exact=True)


def test_a_range_of_days_keeps_its_frequency() -> None:
    series = pd.Series([1.0, 2.0], index=pd.date_range("2011-01-01", periods=2, freq="MS"))
    assert decode(encode(series)).index.freqstr == "MS"


def test_what_is_held_twice_is_one_afterwards() -> None:
    frame = pd.DataFrame({"a": [1.0]})
    one, two = decode(encode([frame, frame]))
    assert one is two


def test_what_a_result_has_made_already_comes_with_it() -> None:
    findings = Findings((FINDING,), {"partner": "Korea"})
    found = decode(encode({"a": findings}))["a"]
    assert found == findings
    assert found["a.b"] == FINDING


@pytest.mark.parametrize("value", [object(), print, type, pytest, {"a": [lambda: 1]}, Damaged("x"), 1j])
def test_other_things_are_refused(value: Any) -> None:
    with pytest.raises(NotEncodable):
        encode(value)


def test_a_value_that_holds_itself_is_refused() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(NotEncodable):
        encode(value)


def packed(tree: Any) -> bytes:
    text = json.dumps(tree).encode()
    return struct.pack("<Q", len(text)) + text


@pytest.mark.parametrize(
    "tree",
    [
        ["data", "os:system", {"command": "true"}, {}],
        ["data", "korus_research.cli:app", {}, {}],
        ["data", "korus_research.data.cache.store:Cache", {"folder": "x", "bound": 1}, {}],
        ["data", "korus_research.data.cache.codec:json.JSONDecoder", {}, {}],
        ["data", "korus_research.show.finding:Finding", {"id": "a"}, {}],
        ["member", "korus_research.show.finding:Finding", "x"],
        ["model", "korus_research.show.finding:Finding", ["dict"], []],
        ["named", "collections:Counter", []],
        ["array", ["numbers", "|O", [1], "C", 0, 8]],
        ["array", ["numbers", "<f8", [1], "C", 0, 8]],
        ["again", 7],
        ["eval", "1"],
        {"a": 1},
    ],
)
def test_foreign_bytes_are_refused(tree: Any) -> None:
    with pytest.raises(Damaged):
        decode(packed(tree))


@given(st.binary(max_size=60))
def test_any_bytes_are_a_value_or_damaged(content: bytes) -> None:
    with suppress(Damaged):
        decode(content)
