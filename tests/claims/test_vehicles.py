"""Claim 7, on lifting the limit: what the counts known in January 2018 admit, and what planted counts would."""

from __future__ import annotations

import pandas as pd
import pytest

import korus_research as kr
from korus_research.analysis.cars.points import shown_points
from korus_research.claims.measures import Condition, Measured
from korus_research.claims.model import load_claims
from korus_research.claims.vehicles import allowance_conditions, allowance_measures
from korus_research.errors import InvalidClaim


def claim():
    return next(c for _, c in load_claims("korus", as_of="2017-11") if c.id == "lifting-the-cap")


class Planted:
    """A study whose makers' counts are given by hand."""

    def __init__(self, counts: dict[str, float]) -> None:
        from dataclasses import replace

        from korus_research.analysis.cars.points import bounds

        cars = kr.open_study("korus", as_of="2017-11").cars()
        rows = [
            {
                "year": 2016, "period": "2016", "period_end": "2016-12", "maker": name, "definition": "planted",
                "units": units, "unit": "vehicles", "months": 12, "counts": "us_made", "covers": "maker",
                "company": name, "bound": "exact", "worded": "", "repeats": False,
            }
            for name, units in counts.items()
        ]  # fmt: skip
        points = shown_points(pd.DataFrame(rows, columns=[*cars.points.columns.drop("whole_year")]))
        self.made = replace(cars, points=points, bounds=bounds(points, cars.spec.allowance))

    def cars(self):
        return self.made


def test_the_verdict_in_every_edition_is_that_of_what_was_known_then(study, column_study):
    for edition in (study, column_study):
        v = next(v for v in kr.judge_claims(edition).verdicts if v.claim.id == "lifting-the-cap")
        assert v.word == "not supported"
        assert {m.period for m, _ in v.tried} == {"2012", "2013", "2014", "2015", "2016"}
        # By hand from the collection: two counts of makers lie below 25,000, five sums over all makers above it.
        assert sorted(m.value is None for m, _ in v.tried) == [False] * 2 + [True] * 5
        assert v.measured is not None
        assert v.measured.value == 0
        assert [c.holds for c in v.conditions] == [False, False]


def test_a_count_that_reaches_the_limit_has_no_value_and_makes_the_premise_hold():
    over = Planted({"A": 12_000.0, "B": 31_000.0})
    values = {m.basis.split(",")[0]: m.value for m in allowance_measures(claim(), over)}
    assert values == {"A": 0.0, "B": None}
    assert [c.holds for c in allowance_conditions(claim(), over) if c.premise] == [True]
    under = Planted({"A": 24_999.0})
    assert [c.holds for c in allowance_conditions(claim(), under) if c.premise] == [False]


def test_without_any_count_it_is_not_testable():
    assert allowance_measures(claim(), Planted({})) == []


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
