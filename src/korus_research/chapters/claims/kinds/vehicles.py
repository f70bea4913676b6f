"""Claims that lifting the allowance of vehicles would help: what it could have added, count by count."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from korus_research.chapters.cars.measures import Cars
from korus_research.chapters.cars.measures import of as cars_of
from korus_research.chapters.cars.points import OF_ALL, by_maker
from korus_research.chapters.claims.kinds.measured import Condition, Measured, known, unknown
from korus_research.chapters.claims.statements import Claim
from korus_research.data.study import Study
from korus_research.show.words.text import Words

WORDS = Words("claims")
LIFTING = "lifting the allowance"


def allowance_measures(claim: Claim, study: Study) -> list[Measured]:
    """Return what lifting the allowance could have added by count, vehicles a year, the newest single maker first.

    Nothing where the count lies below the allowance; no value where it reaches it, or is of all makers together: sales
    that were not made are in no figure. Empty where no count bounds the use of the allowance by a maker.

    Raises InvalidClaim: the claim is about something else than lifting the allowance.
    """
    if claim.what != LIFTING:
        raise unknown(claim, LIFTING)
    cars = known(cars_of, study)
    if cars is None or by_maker(cars.bounds).empty:
        return []
    order = cars.bounds.assign(single=cars.bounds["covers"] == "maker", sum=cars.bounds["addition"].isna())
    order = order.sort_values(["sum", "year", "single"], ascending=[True, False, False])
    reported = cars.findings()["cars.bounds"].basis
    return [_one(row, study.names["reporter_adjective"], reported) for row in order.to_dict("records")]


def _one(row: Mapping[Hashable, Any], built: str, reported: str) -> Measured:
    value = None if row["reached"] else float(row["addition"])
    basis = WORDS.label(
        "vehicles.count",
        who=str(row["company"]).replace(", ", " and ") or WORDS.label("vehicles.all", built=built),
        period=str(row["period"]),
        definition=str(row["definition"]),
        units=f"{row['units']:,.0f}",
        allowance=f"{row['allowance']:,.0f}",
    )
    return Measured(value, basis, str(row["period"]), reported, ("vehicle_points",), value, value)


def allowance_conditions(claim: Claim, study: Study) -> tuple[Condition, ...]:
    """Return the premise that the allowance held a maker back, and the test that a raise of it makes possible."""
    cars = known(cars_of, study)
    if cars is None:
        return ()
    findings, others = cars.findings(), uncounted(cars)
    more = {"least": "", "all": "", "year": ""}
    if others is not None:
        more = {"least": f"{others.least:,.0f}", "all": f"{others.all:,.0f}", "year": str(others.year)}
    says = WORDS.label("vehicles.premise", findings, **more)
    # One maker at the allowance makes it hold; it fails only if what is left to all others together stays below it.
    held = bool(cars.maker_bounds["reached"].any())
    none = others is not None and others.most < others.allowance
    premise = Condition(says, True if held else False if none else None, premise=True)
    if cars.raised is None:
        return premise, Condition(WORDS.label("vehicles.not_raised"), holds=None, premise=False)
    raised = cars.raised.change > cars.raised.high
    return premise, Condition(WORDS.label("vehicles.raised", findings), raised, premise=False)


@dataclass(frozen=True, slots=True)
class Uncounted:
    """Cars of makers without a count of their own in a year: at least and at most, of all, beside the allowance."""

    year: int
    all: float
    least: float
    most: float
    allowance: float


def uncounted(cars: Cars) -> Uncounted | None:
    """Return what the counted makers leave of all cars, in the newest year with counts of both; None without one.

    A maker's sales wherever built may hold cars built elsewhere: taken off, they leave the least that others can have.
    The most is what is left after counts of cars built in the reporter's country only.
    """
    every = cars.bounds[cars.bounds["covers"] == OF_ALL]
    makers = cars.maker_bounds[cars.maker_bounds["covers"] != "each"].drop_duplicates(["year", "company"])
    years = set(every["year"]) & set(makers["year"])
    if not years:
        return None
    year = max(years)
    top = every[every["year"] == year].sort_values("units").iloc[-1]
    own = makers[makers["year"] == year]
    whole = float(top["units"])
    left = [whole - float(rows["units"].sum()) for rows in (own, own[own["counts"] == "us_made"])]
    return Uncounted(int(year), whole, max(left[0], 0.0), max(left[1], 0.0), float(top["allowance"]))
