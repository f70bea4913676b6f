"""Claims that lifting the allowance of vehicles would help: what it could have added to the makers that are named."""

from __future__ import annotations

import pandas as pd

from korus_research.chapters.cars.measures import Cars, of as cars_of
from korus_research.chapters.claims.kinds.measured import Condition, Measured
from korus_research.chapters.claims.statements import Claim
from korus_research.data.study import Study, known
from korus_research.show.words.text import Words

WORDS = Words("claims")
LIFTING = "lifting the allowance"


def allowance_measures(claim: Claim, study: Study) -> list[Measured]:
    """Return what lifting the allowance could have added by count, vehicles a year, counts of US-built cars first.

    Counts of the makers that the claim names (of any maker where it names none), of one or of some together. Nothing
    where the count lies below the allowance; no value where it reaches it: sales that were not made are in no figure.
    Empty where no count bounds the use of the allowance by these makers.
    """
    cars = known(cars_of, study)
    if cars is None or (bounds := named_bounds(claim, cars)).empty:
        return []
    order = bounds.sort_values(["built_there", "year"], ascending=[False, False])
    reported = cars.findings()["cars.bounds"].basis
    measures = []
    for row in order.to_dict("records"):
        value, period = None if row["reached"] else float(row["addition"]), str(row["period"])
        units, allowance = f"{row['units']:,.0f}", f"{row['allowance']:,.0f}"
        who = str(row["company"]).replace(", ", " and ")
        said = {"who": who, "period": period, "definition": str(row["definition"]), "units": units}
        basis = WORDS.label("vehicles.count", **said, allowance=allowance)
        counted = WORDS.label("vehicles.counted", who=who, units=units)
        measures.append(
            Measured(
                value, basis, period, reported, ("vehicle_points",), value, value, counted=counted, theirs=allowance
            )
        )
    return measures


def named_bounds(claim: Claim, cars: Cars) -> pd.DataFrame:
    """Return the bounds, each of makers that are all among those a claim names."""
    bounds = cars.maker_bounds
    if not claim.makers:
        return bounds
    own = bounds["company"].map(lambda named: set(named.split(", ")) <= set(claim.makers))
    return bounds[own.astype(bool)]


def allowance_conditions(claim: Claim, study: Study) -> tuple[Condition, ...]:
    """Return the premise that the allowance held a named maker back, and the test that a raise of it makes possible.

    The premise holds with one count at the allowance. It fails if in one year every maker that is named has a count
    below it, alone or with others of them; else nobody can tell.
    """
    cars = known(cars_of, study)
    if cars is None:
        return ()
    bounds = named_bounds(claim, cars)
    covered = {
        year: set().union(*(set(named.split(", ")) for named in rows["company"]))
        for year, rows in bounds[~bounds["reached"]].groupby("year")
    }
    all_counted = [str(year) for year, makers in covered.items() if claim.makers and makers >= set(claim.makers)]
    year, reached = max(all_counted, default=""), bool(bounds["reached"].any())
    says = WORDS.label("vehicles.premise", reached="yes" if reached else "", year=year, makers=list(claim.makers))
    premise = Condition(says, True if reached else False if year else None, premise=True)
    if cars.raised is None:
        return premise, Condition(WORDS.label("vehicles.not_raised"), holds=None, premise=False)
    raised = cars.raised.change > cars.raised.high
    return premise, Condition(WORDS.label("vehicles.raised", cars.findings()), raised, premise=False)
