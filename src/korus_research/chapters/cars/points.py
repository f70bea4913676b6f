"""Makers' points beside the allowance, and what each says of its use. Points are never joined, added or chained.

The allowance counts vehicles built to the reporter's standards and not to the partner's. What a maker builds in the
reporter's country and sells in the partner's is at least that many, and so is what it sells there wherever built: a
count of all the cars of a maker bounds its use of the allowance from above. A count of some of its models does not, nor
does part of a year. A count of all makers together bounds each, but loosely. A ceiling that somebody named is no count:
below the allowance it says that the allowance was not reached, above it nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from korus_research.chapters.cars.spec import Term
from korus_research.methods.series import MONTHS_A_YEAR

ELSEWHERE = ("other", "to_us")  # what is counted does not go to the partner
CEILINGS = ("upper", "other_scope")
OF_ONE_MAKER = ("maker", "together", "each")
OF_ALL = "any"
STUDIED_BACK = "vehicles shipped Korea to US"  # the wording in `forecasts`


def shown_points(points: pd.DataFrame) -> pd.DataFrame:
    """Return the points that say something of vehicles going to the partner, each figure once.

    Parameters
    ----------
    points : DataFrame
        `vehicle_points`.

    Returns
    -------
    DataFrame with its columns, `whole_year` and `ceiling` (bool: somebody's upper bound, or a figure for more than
    the partner, and no count).
    """
    kept = points[~points["counts"].isin(ELSEWHERE) & ~points["repeats"] & (points["unit"] == "vehicles")]
    whole, ceiling = kept["months"] == MONTHS_A_YEAR, kept["bound"].isin(CEILINGS)
    return kept.assign(whole_year=whole, ceiling=ceiling).reset_index(drop=True)


def as_worded(points: pd.DataFrame) -> pd.DataFrame:
    """Return the points that are read against their words, as the words have them: of the makers named together.

    Parameters
    ----------
    points : DataFrame
        Of `shown_points`.
    """
    kept = points[points["worded"] != ""]
    return kept.assign(covers="together", company=kept["worded"])


def sent_back(points: pd.DataFrame, forecasts: pd.DataFrame) -> pd.DataFrame:
    """Return the points of vehicles going from the partner to the reporter, the first year first.

    Parameters
    ----------
    points, forecasts : DataFrame
        `vehicle_points`, `forecasts`; the latter holds what a study counted before the agreement (its benchmarks).

    Returns
    -------
    DataFrame with year, company (empty for all makers), definition, units, source.
    """
    own = points[(points["counts"] == "to_us") & ~points["repeats"]]
    counted = forecasts[(forecasts["kind"] == "benchmark") & (forecasts["metric"] == STUDIED_BACK)]
    study = pd.DataFrame(
        {
            "year": counted["base"].astype(int),
            "company": "",
            "definition": counted["metric"] + ", " + counted["sector"],
            "units": counted["high"].astype(float),
            "source": counted["study"],
        }
    )
    columns = list(study.columns)
    both = pd.concat([study, own[columns]], ignore_index=True)
    return both.sort_values(["year", "units"], ascending=[True, False]).reset_index(drop=True)


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
    (whether a count reaches it, which a ceiling never does), `addition` (vehicles that lifting it could add: 0 where
    the bound lies below it, NaN where it does not, because sales that were not made are not among the figures).
    Ceilings from the allowance on say nothing and are left out.
    """
    kept = points[points["whole_year"] & points["covers"].isin([*OF_ONE_MAKER, OF_ALL])].copy()
    kept["allowance"] = [allowance_in(terms, int(year)) for year in kept["year"]]
    kept["allowance"] = kept["allowance"].astype(float)
    kept = kept.dropna(subset=["allowance"])
    kept["share"] = 100 * kept["units"] / kept["allowance"]
    kept = kept[~kept["ceiling"] | (kept["units"] < kept["allowance"])]
    kept["reached"] = kept["units"] >= kept["allowance"]
    kept["addition"] = kept["reached"].map({False: 0.0, True: float("nan")}).astype(float)
    return kept.sort_values(["year", "covers", "units"]).reset_index(drop=True)


def by_maker(bounded: pd.DataFrame) -> pd.DataFrame:
    """Return the bounds that are of one maker, of some together or of each: not those of all makers in one sum."""
    return bounded[bounded["covers"].isin(OF_ONE_MAKER)].reset_index(drop=True)
