"""Every measure in months in which there is little or nothing to measure: a result, or one clear error."""

from __future__ import annotations

import math

import pandas as pd
import pytest

import korus_research as kr
from korus_research.chapters.topic import measured
from korus_research.errors import KorusError

QUICK = ("cars", "context", "flows", "products", "reversal", "tariffs")


def spread(agreement: str, count: int) -> list[str]:
    """Months from entry into force to the newest, evenly apart."""
    study = kr.open_study(agreement)
    first = pd.Period(study.agreement.dates.in_force, freq="M")
    months = pd.period_range(first, study.parameters.as_of, freq="M")
    return [str(months[round(place * (len(months) - 1) / (count - 1))]) for place in range(count)]


def answers(study: kr.Study, topic: str) -> bool:
    """Whether a study has the result of a topic; where it doesn't, the error must say what to do."""
    try:
        result = getattr(study, topic)()
    except KorusError as error:
        if not (error.found and error.expected and error.do):
            raise AssertionError(f"{topic}: {error}") from error
        return False
    repr(result)
    for finding in result.findings().values():
        assert finding.value is None or math.isfinite(finding.value), finding.id
    return True


@pytest.mark.parametrize(
    ("month", "there"),
    [
        ("2012-03", {"context", "flows"}),  # entry into force
        ("2012-12", {"context", "flows"}),  # duties by partner begin a month later
        ("2013-06", {"context", "flows", "tariffs"}),
        ("2018-06", {"cars", "context", "flows", "tariffs"}),
    ],
)
def test_a_month_with_little_to_measure_has_a_result_or_one_error(month: str, there: set[str]) -> None:
    study = kr.open_study(as_of=month)
    assert {topic for topic in QUICK if answers(study, topic)} == there


@pytest.mark.slow
@pytest.mark.parametrize("agreement", ["korus", "colombia", "peru", "australia"])
def test_every_measure_of_many_months_is_a_result_or_one_error(agreement: str) -> None:
    for month in spread(agreement, 12):
        study = kr.open_study(agreement, as_of=month)
        there = [topic for topic in measured() if answers(study, topic)]
        assert "flows" in there, month
