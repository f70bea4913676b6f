"""Findings declared as data: what is handed down, patterns, states, and what is refused."""

from __future__ import annotations

import pytest

from korus_research.chapters.topic import measured, topics
from korus_research.errors import InvalidFindings
from korus_research.show import declared
from korus_research.show.declared import Declarations, Value, _read, made

CONTENT = {
    "basis": "a basis of {period}",
    "unit": "percent",
    "tables": ["goods_trade_monthly"],
    "missing": "nobody counted {who}",
    "names": {"who": "somebody"},
    "share": {
        "label": "the share of {who} in {period}",
        "decimals": 0,
        "<code>": {"label": "the share of <code> {code}"},
    },
    "mood": {"label": "the mood", "states": ["open", "closed"]},
}


@pytest.fixture(autouse=True)
def _declarations(monkeypatch, tmp_path):
    monkeypatch.setattr(declared, "declarations", lambda chapter: Declarations(tmp_path / "findings.toml", CONTENT))


def test_what_stands_above_is_handed_down():
    (share,) = made("x", [Value("share", 12.3456, "2016", (1.0, 20.0))], {"who": "us"}).values()
    assert (share.id, share.label, share.unit, share.decimals) == ("x.share", "the share of us in 2016", "percent", 0)
    assert (share.basis, share.datasets) == ("a basis of 2016", ("goods_trade_monthly",))
    assert (share.low, share.high) == (1.0, 20.0)


def test_a_pattern_is_one_declaration_for_many():
    findings = made("x", [Value("share.5800", 1.0, "2016"), Value("share.2010", 2.0, "2016")], {"who": "us"})
    assert [f.label for f in findings.values()] == ["the share of <code> 5800", "the share of <code> 2010"]


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_without_a_value_there_is_a_reason_and_no_interval(value):
    (share,) = made("x", [Value("share", value, "2016", (1.0, 2.0))], {"who": "us"}).values()
    assert (share.value, share.low, share.interval, share.reason) == (None, None, None, "nobody counted us")


@pytest.mark.parametrize("bounds", [(float("-inf"), 20.0), (1.0, float("nan")), (float("nan"), float("inf"))])
def test_an_interval_without_an_end_is_none(bounds):
    (share,) = made("x", [Value("share", 12.0, "2016", bounds)], {"who": "us"}).values()
    assert (share.value, share.low, share.high, share.interval) == (12.0, None, None, None)
    assert share.text("range") == "not available"


def test_a_choice_has_a_state_and_no_number():
    (mood,) = made("x", [Value("mood", "open", "2016")], {"who": "us"}).values()
    assert (mood.value, mood.state, mood.text()) == (None, "open", "open")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (Value("sahre", 1.0), "did you mean 'share'"),
        (Value("mood", 1.0), "one of open, closed"),
        (Value("share", "open"), "Expected a number"),
    ],
)
def test_what_is_not_declared_is_refused(value, message):
    with pytest.raises(InvalidFindings, match=message):
        made("x", [value], {"who": "us"})


WRONG = {
    "[a]\nlabel = 'x'\n": ("line 2: a label", "without a unit"),
    "unit = 'pct'\n": ("line 1: unit", "is 'pct'"),
    "unit = 'percent'\n[a]\nlable = 'x'\n": ("line 3: a lable", "did you mean 'label'"),
    "unit = 'percent'\n[a]\nlabel = 'x {y'\n": ("line 3: a label", "brace that stands alone"),
    "[a\n": ("findings.toml", "TOML", "line 1"),
}


@pytest.mark.parametrize("content", WRONG, ids=range(len(WRONG)))
def test_a_wrong_file_is_one_error_with_file_line_and_key(tmp_path, content):
    path = tmp_path / "findings.toml"
    path.write_text(content, "utf-8")
    state = path.stat()
    with pytest.raises(InvalidFindings) as caught:
        _read(path, state.st_mtime_ns, state.st_size)
    for part in WRONG[content]:
        assert part in str(caught.value)


def test_the_topics_are_the_folders():
    assert set(measured()) <= set(topics()) | {"claims"}
