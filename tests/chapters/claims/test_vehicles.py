"""Claim 7, on lifting the limit: what the counts known in January 2018 admit, and what planted counts would."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from planted import planted

from korus_research.chapters.cars.points import shown_points
from korus_research.chapters.claims.kinds.measured import Condition, Measured
from korus_research.chapters.claims.kinds.vehicles import allowance_conditions, allowance_measures
from korus_research.chapters.claims.measures import measure
from korus_research.chapters.claims.statements import load_claims
from korus_research.errors import InvalidClaim


def claim():
    return next(c for _, c in load_claims("korus", as_of="2017-11") if c.id == "lifting-the-cap")


def counted(study, counts: dict[str, float]):
    """The study with makers' counts of US-built cars given by hand; several makers in one count by commas."""
    cars = study.cars()
    rows = [
        {
            "year": 2016, "period": "2016", "period_end": "2016-12", "maker": name, "definition": "planted",
            "units": units, "unit": "vehicles", "months": 12, "counts": "us_made",
            "covers": "together" if "," in name else "maker", "company": name, "bound": "exact", "worded": "", "repeats": False,
        }
        for name, units in counts.items()
    ]  # fmt: skip
    return with_points(study, shown_points(pd.DataFrame(rows, columns=[*cars.points.columns.drop("whole_year")])))


def with_points(study, points: pd.DataFrame):
    """The study with other points of makers."""
    cars = study.cars()
    return planted(study, cars=replace(cars, points=points))


def test_the_verdict_in_every_edition_is_that_of_what_was_known_then(ledger, column_ledger):
    for edition in (ledger, column_ledger):
        v = next(v for v in edition.verdicts if v.claim.id == "lifting-the-cap")
        assert v.word == "Wrong"
        # By hand from the collection: 13,150 of GM, 18,291 of Ford and Chrysler, both of 2016 and below 25,000.
        assert [(m.period, m.value) for m, _ in v.tried] == [("2016", 0.0), ("2016", 0.0)]
        assert "13,150" in v.tried[0][0].basis
        assert [c.holds for c in v.conditions] == [False, None]
        assert "GM, Ford and Chrysler" in v.conditions[0].says
        assert v.claim.changed.was == "Can't be settled"


def test_makers_that_the_claim_does_not_name_do_not_count(column_study):
    others = counted(column_study, {"GM, Ford, Chrysler": 24_000.0, "BMW": 31_000.0, "Ford, BMW": 40_000.0})
    assert [m.value for m in allowance_measures(claim(), others)] == [0.0]
    assert [c.holds for c in allowance_conditions(claim(), others) if c.premise] == [False]
    everybody = claim().model_copy(update={"makers": ()})
    assert sorted(m.value is None for m in allowance_measures(everybody, others)) == [False, True, True]
    assert [c.holds for c in allowance_conditions(everybody, others) if c.premise] == [True]


def test_a_count_that_reaches_the_limit_has_no_value_and_makes_the_premise_hold(column_study):
    over = counted(column_study, {"GM": 12_000.0, "Ford": 31_000.0})
    values = {m.basis.split(",")[0]: m.value for m in allowance_measures(claim(), over)}
    assert values == {"GM": 0.0, "Ford": None}
    assert [c.holds for c in allowance_conditions(claim(), over) if c.premise] == [True]


@pytest.mark.parametrize(
    ("counts", "held"),
    [
        ({"GM": 24_999.0}, None),  # nothing is known of the two others
        ({"GM": 24_999.0, "Ford, Chrysler": 24_999.0}, False),  # all three, below the limit of one
        ({"GM": 24_999.0, "Ford, Chrysler": 25_000.0}, True),
    ],
)
def test_the_premise_fails_only_if_every_maker_that_is_named_was_counted_below(column_study, counts, held):
    under = counted(column_study, counts)
    assert [c.holds for c in allowance_conditions(claim(), under) if c.premise] == [held]


def test_without_any_count_it_is_not_testable(column_study):
    assert allowance_measures(claim(), counted(column_study, {})) == []


def test_the_raise_is_a_test_once_it_is_known(study):
    test = [c for c in allowance_conditions(claim(), study) if not c.premise]
    found = study.cars().raised
    assert [c.holds for c in test] == [found.change > found.others.quantile(0.75)]
    assert isinstance(test[0], Condition)


def test_a_claim_about_something_else_is_refused(study):
    source, own = next(pair for pair in load_claims("korus", as_of="2017-11") if pair[1].id == "lifting-the-cap")
    with pytest.raises(InvalidClaim, match="measures 'beef'. Expected one of lifting the allowance"):
        measure(own.model_copy(update={"what": "beef"}), source, study)


def test_measures_are_of_vehicles(study):
    assert all(
        isinstance(m, Measured) and m.datasets == ("vehicle_points",) for m in allowance_measures(claim(), study)
    )
