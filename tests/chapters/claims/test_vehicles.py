"""Claim 7, on lifting the limit: what the counts known in January 2018 admit, and what planted counts would."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from planted import planted

import korus_research as kr
from korus_research.chapters.cars.points import bounds, shown_points
from korus_research.chapters.claims.kinds.measured import Condition, Measured
from korus_research.chapters.claims.kinds.vehicles import allowance_conditions, allowance_measures, uncounted
from korus_research.chapters.claims.statements import load_claims
from korus_research.errors import InvalidClaim


def claim():
    return next(c for _, c in load_claims("korus", as_of="2017-11") if c.id == "lifting-the-cap")


def counted(study, counts: dict[str, float], every: float | None = None):
    """The study with makers' counts given by hand."""
    cars = study.cars()
    rows = [
        {
            "year": 2016, "period": "2016", "period_end": "2016-12", "maker": name, "definition": "planted",
            "units": units, "unit": "vehicles", "months": 12, "counts": "us_made", "covers": "maker",
            "company": "" if name == "all" else name, "bound": "exact", "worded": "", "repeats": False,
        } | ({"counts": "us_built", "covers": "any"} if name == "all" else {})
        for name, units in {**counts, **({} if every is None else {"all": every})}.items()
    ]  # fmt: skip
    return with_points(study, shown_points(pd.DataFrame(rows, columns=[*cars.points.columns.drop("whole_year")])))


def with_points(study, points: pd.DataFrame):
    """The study with other points of makers."""
    cars = study.cars()
    return planted(study, cars=replace(cars, points=points, bounds=bounds(points, cars.allowance)))


def test_the_verdict_in_every_edition_is_that_of_what_was_known_then(study, column_study):
    for edition in (study, column_study):
        v = next(v for v in kr.claims.of(edition).verdicts if v.claim.id == "lifting-the-cap")
        assert v.word == "not identified"
        assert {m.period for m, _ in v.tried} == {"2012", "2013", "2014", "2015", "2016"}
        # By hand from the collection: two counts of makers lie below 25,000, five sums over all makers above it.
        assert sorted(m.value is None for m, _ in v.tried) == [False] * 2 + [True] * 5
        assert v.measured is not None
        assert v.measured.value == 0
        # 60,174 less 13,150 and 18,291, as they were printed: other makers may have reached the limit, or not.
        assert [c.holds for c in v.conditions] == [None, None]
        assert "at least 28,733 of the 60,174" in v.conditions[0].says


def test_a_count_that_reaches_the_limit_has_no_value_and_makes_the_premise_hold(column_study):
    over = counted(column_study, {"A": 12_000.0, "B": 31_000.0})
    values = {m.basis.split(",")[0]: m.value for m in allowance_measures(claim(), over)}
    assert values == {"A": 0.0, "B": None}
    assert [c.holds for c in allowance_conditions(claim(), over) if c.premise] == [True]


@pytest.mark.parametrize(
    ("every", "held"),
    [
        (None, None),  # nothing is known of other makers
        (49_998.0, False),  # 24,999 are left to them together: none of them can have reached it
        (49_999.0, None),  # 25,000 are left: one of them may have
    ],
)
def test_the_premise_fails_only_if_no_maker_can_have_reached_the_limit(column_study, every, held):
    under = counted(column_study, {"A": 24_999.0}, every)
    assert [c.holds for c in allowance_conditions(claim(), under) if c.premise] == [held]


def test_sales_wherever_built_leave_the_least_to_others_and_not_the_most(column_study):
    under = counted(column_study, {"A": 10_000.0}, 40_000.0)
    points = under.cars().points.assign(counts=["brand", "us_built"])
    found = uncounted(with_points(under, points).cars())
    assert (found.least, found.most) == (30_000, 40_000)


def test_without_any_count_it_is_not_testable(column_study):
    assert allowance_measures(claim(), counted(column_study, {})) == []


def test_the_raise_is_a_test_once_it_is_known(study):
    test = [c for c in allowance_conditions(claim(), study) if not c.premise]
    found = study.cars().raised
    assert [c.holds for c in test] == [found.change > found.others.quantile(0.75)]
    assert isinstance(test[0], Condition)


def test_a_claim_about_something_else_is_refused(study):
    with pytest.raises(InvalidClaim, match="measures 'beef'"):
        allowance_measures(claim().model_copy(update={"what": "beef"}), study)


def test_measures_are_of_vehicles(study):
    assert all(
        isinstance(m, Measured) and m.datasets == ("vehicle_points",) for m in allowance_measures(claim(), study)
    )
