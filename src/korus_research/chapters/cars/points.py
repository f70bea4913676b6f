"""Makers' points beside the allowance, and what each says of its use. Points are never joined, added or chained.

The allowance counts vehicles built to the reporter's standards and not to the partner's. What a maker builds in the
reporter's country and sells in the partner's is at least that many, and so is what it sells there wherever built: a
count of all the cars of a maker bounds its use of the allowance from above. A count of some of its models does not, nor
does part of a year. A count of all makers together bounds each, but loosely. A ceiling that somebody named is no count:
below the allowance it says that the allowance was not reached, above it nothing. That it was not used up does not
say that it held nobody back (decision 50).

Only counts of cars built in the reporter's country are counts of what the allowance is for. A count of a brand wherever
built is an upper limit of them, and stands apart; where most of a brand's cars come from elsewhere it bounds nothing
(decision 80).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import nan

import pandas as pd

from korus_research.data.agreements import Agreement
from korus_research.data.agreements.parts import Commitment
from korus_research.methods.series import MONTHS_A_YEAR

ELSEWHERE = ("other", "to_us")  # what is counted does not go to the partner
ABROAD = "brand_abroad"  # a brand most of whose cars are built in neither country
BUILT_THERE = ("us_built", "us_made", "allowance")
CEILINGS = ("upper", "other_scope")
OF_ONE_MAKER = ("maker", "together", "each")
OF_ALL = "any"
STUDIED_BACK = "vehicles shipped Korea to US"  # the wording in `forecasts`
PER_MAKER = "per maker"


def allowance_terms(agreement: Agreement, as_of: str) -> tuple[Commitment, ...]:
    """Return the allowance of vehicles by maker, by the dates its values apply; empty for an agreement without one."""
    return tuple(c for c in agreement.commitments_until(as_of) if c.kind == "allowance" and PER_MAKER in c.unit)


def allowance_in(terms: Sequence[Commitment], year: int) -> float:
    """Return the allowance that applies at the end of a calendar year; NaN where there is none."""
    return next((term.value for term in terms if term.applies_on(date(year, 12, 31))), nan)


def _allowed(rows: pd.DataFrame, terms: Sequence[Commitment]) -> pd.Series[float]:
    return rows["year"].map(lambda year: allowance_in(terms, int(year))).astype(float)


def shown_points(points: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `vehicle_points` about vehicles exported to the partner, each figure once.

    More columns: `whole_year`, and `ceiling` (somebody's upper bound, or a figure for more than the partner: no count).
    """
    kept = points[~points["counts"].isin(ELSEWHERE) & ~points["repeats"] & (points["unit"] == "vehicles")]
    whole, ceiling = kept["months"] == MONTHS_A_YEAR, kept["bound"].isin(CEILINGS)
    return kept.assign(whole_year=whole, ceiling=ceiling).reset_index(drop=True)


def as_worded(points: pd.DataFrame) -> pd.DataFrame:
    """Return the points that we read against their wording, as worded: of the makers named together."""
    kept = points[points["worded"] != ""]
    return kept.assign(covers="together", company=kept["worded"])


def sent_back(points: pd.DataFrame, forecasts: pd.DataFrame) -> pd.DataFrame:
    """Return the points about vehicles exported by the partner to the reporter, by year.

    From `vehicle_points` and from what a study counted before the agreement (benchmarks in `forecasts`): year, company
    (empty for all makers), definition, units, source.
    """
    counted = forecasts[(forecasts["kind"] == "benchmark") & (forecasts["metric"] == STUDIED_BACK)]
    study = counted.assign(company="", definition=counted["metric"] + ", " + counted["sector"])
    study = study[["base", "company", "definition", "high", "study"]].astype({"base": int, "high": float})
    study.columns = pd.Index(["year", "company", "definition", "units", "source"])
    own = points[(points["counts"] == "to_us") & ~points["repeats"]][list(study.columns)]
    both = pd.concat([study, own], ignore_index=True)
    return both.sort_values(["year", "units"], ascending=[True, False]).reset_index(drop=True)


def bounds(points: pd.DataFrame, terms: Sequence[Commitment]) -> pd.DataFrame:
    """Return the points that bound the use of the allowance from above, and what lifting it could add.

    Returns
    -------
    DataFrame with the columns of `shown_points` and: `built_there` (whether it counts only cars built in the reporter's
    country; else it is an upper limit of them), `allowance` (vehicles), `share` (units over it, percent),
    `reached` (whether a count reaches it, which a ceiling never does), `addition` (vehicles that lifting it could
    add: 0 where the bound lies below it, NaN where it does not, because sales that were not made are not among the
    figures). Ceilings from the allowance on say nothing and are left out, as are brands built elsewhere.
    """
    whose = points["covers"].isin([*OF_ONE_MAKER, OF_ALL]) & (points["counts"] != ABROAD)
    kept = points[points["whole_year"] & whose].copy()
    kept["built_there"] = kept["counts"].isin(BUILT_THERE)
    kept["allowance"] = _allowed(kept, terms)
    kept = kept.dropna(subset=["allowance"])
    kept["share"] = 100 * kept["units"] / kept["allowance"]
    kept = kept[~kept["ceiling"] | (kept["units"] < kept["allowance"])]
    kept["reached"] = kept["units"] >= kept["allowance"]
    # Sales that were not made are counted nowhere: from the allowance on the number is unknown (decision 29).
    kept["addition"] = kept["reached"].map({False: 0.0, True: float("nan")}).astype(float)
    return kept.sort_values(["year", "covers", "units"]).reset_index(drop=True)


def by_maker(bounded: pd.DataFrame) -> pd.DataFrame:
    """Return the bounds on one maker, several together or each; not sums over all makers."""
    return bounded[bounded["covers"].isin(OF_ONE_MAKER)].reset_index(drop=True)


def counted_cars(points: pd.DataFrame, bounded: pd.DataFrame, terms: Sequence[Commitment]) -> pd.DataFrame:
    """Return the counts of one maker's cars in whole years under the allowance, by year, the highest first.

    The rows of `bounds` that are of one maker, of some together or of each, and counts of some models built in the
    reporter's country, which bound nothing. One more column, `kind`: "whole" (all of a maker's cars built there),
    "models" (some of them) or "at_most" (a ceiling, or a brand's cars wherever built; the lowest where there are more).
    """
    whole = by_maker(bounded)
    at_most = whole["ceiling"] | ~whole["built_there"]
    models = points[points["whole_year"] & points["counts"].isin(BUILT_THERE) & (points["covers"] == "part")]
    models = models.assign(kind="models", allowance=_allowed(models, terms))
    both = pd.concat([whole.assign(kind=at_most.map({True: "at_most", False: "whole"})), models])
    ranked = both.dropna(subset=["allowance"]).sort_values(["year", "units"], ascending=[True, False])
    return ranked.drop_duplicates(["company", "year", "kind"], keep="last").reset_index(drop=True)
