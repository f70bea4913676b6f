"""Makers' points beside the allowance, and what each says of its use. Points are never joined, added or chained.

The allowance counts vehicles built to the reporter's standards and not to the partner's. What a maker builds in the
reporter's country and sells in the partner's is at least that many, and so is what it sells there wherever built: a
count of all the cars of a maker bounds its use of the allowance from above. A count of some of its models does not, nor
does part of a year. A count of all makers together bounds each, but loosely.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from korus_research.analysis.cars.spec import Term

YEAR = 12
OF_ONE_MAKER = ("maker", "together", "each")
OF_ALL = "any"


def shown_points(points: pd.DataFrame) -> pd.DataFrame:
    """Return the points that say something of vehicles going to the partner, each figure once.

    Parameters
    ----------
    points : DataFrame
        `vehicle_points`.

    Returns
    -------
    DataFrame with its columns and `whole_year` (bool).
    """
    kept = points[(points["counts"] != "other") & ~points["repeats"] & (points["unit"] == "vehicles")]
    return kept.assign(whole_year=kept["months"] == YEAR).reset_index(drop=True)


def allowance_in(terms: Sequence[Term], year: int) -> float | None:
    """Return the allowance that applies at the end of a calendar year; None where there is none."""
    for term in terms:
        if term.start.year <= year and (term.end is None or term.end.year > year or _whole(term, year)):
            return term.value
    return None


def _whole(term: Term, year: int) -> bool:
    return term.end is not None and term.end.year == year and (term.end.month, term.end.day) == (12, 31)


def bounds(points: pd.DataFrame, terms: Sequence[Term]) -> pd.DataFrame:
    """Return the points that bound the use of the allowance from above, with what lifting it could add.

    Parameters
    ----------
    points : DataFrame
        Of `shown_points`.
    terms : sequence of Term
        The allowance by date.

    Returns
    -------
    DataFrame with the columns of `points` and: `allowance` (vehicles), `share` (units over it, percent), `reached`
    (whether units reach it), `addition` (vehicles that lifting it could add: 0 where the bound lies below it, NaN where
    it does not, because sales that were not made are not among the figures), `beyond` (vehicles beyond it, which were
    sold all the same).
    """
    kept = points[points["whole_year"] & points["covers"].isin([*OF_ONE_MAKER, OF_ALL])].copy()
    kept["allowance"] = [allowance_in(terms, int(year)) for year in kept["year"]]
    kept["allowance"] = kept["allowance"].astype(float)
    kept = kept.dropna(subset=["allowance"])
    kept["share"] = 100 * kept["units"] / kept["allowance"]
    kept["reached"] = kept["units"] >= kept["allowance"]
    kept["addition"] = kept["reached"].map({False: 0.0, True: float("nan")}).astype(float)
    kept["beyond"] = (kept["units"] - kept["allowance"]).clip(lower=0)
    return kept.sort_values(["year", "covers", "units"]).reset_index(drop=True)


def by_maker(bounded: pd.DataFrame) -> pd.DataFrame:
    """Return the bounds that are of one maker, of some together or of each: not those of all makers in one sum."""
    return bounded[bounded["covers"].isin(OF_ONE_MAKER)].reset_index(drop=True)


def tightest(bounded: pd.DataFrame) -> pd.DataFrame:
    """Return for each company and year the smallest of its bounds; a bound of several together is one of each."""
    split = by_maker(bounded).assign(company=lambda f: f["company"].str.split(", ")).explode("company")
    order = split.sort_values(["company", "year", "units"])
    return order.groupby(["company", "year"], as_index=False).first()
