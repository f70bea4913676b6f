"""Claims that name a sector: the Commission's domestic exports from before the agreement, and cars by Korean count.

Neither is the speaker's own series, so a claim tried on them is one that names its basis elsewhere.
"""

from __future__ import annotations

import pandas as pd

from korus_research.chapters.claims.kinds.measured import Measured, unknown
from korus_research.chapters.claims.statements import Claim
from korus_research.chapters.sectors.trade import PUBLISHED, domestic_exports
from korus_research.data.study import Study
from korus_research.methods.series import MN_PER_BN
from korus_research.show.declared import basis_of
from korus_research.show.words.text import Words

CARS = "cars"
WORDS = Words("claims")


def sector_measures(claim: Claim, study: Study) -> list[Measured]:
    """Return a claim's change in percent, or its level in USD billion with the one it starts from; empty without any.

    Raises InvalidClaim: the claim names a sector that no table holds from before the agreement.
    """
    what, partner = claim.what, study.agreement.partner.census_code
    if what == CARS:
        table = study.load("car_values")
        own = table[(table["partner"] == partner) & (table["flow"] == "exports") & (table["counted_by"] != "US")]
        series = own.set_index("year")["value_usd_mn"] / MN_PER_BN
        name = WORDS.label("sectors.cars", partner=study.names["partner"])
        basis, data = WORDS.label("sectors.cars_basis"), "car_values"
    elif what in PUBLISHED:
        series = domestic_exports(study.load("sector_exports_domestic"), PUBLISHED[what], partner)
        name = WORDS.label("sectors.domestic", sector=PUBLISHED[what].lower())
        basis, data = basis_of("sectors.domestic.machinery.change"), "sector_exports_domestic"
    else:
        raise unknown(claim, f"{CARS}, or one of {', '.join(PUBLISHED)}")
    first, last = str(claim.first), str(claim.last)
    before, after = (_mean(series, period) for period in (first, last))
    mean = WORDS.label("sectors.mean", first=last[:4], last=last[-4:]) if ".." in last else last
    value, period = after, f"{first} to {mean}"
    if claim.unit == "percent":
        value = None if before is None or after is None else 100 * (after / before - 1)
    said = WORDS.label("basis.flow", series=name, period=period)
    return [Measured(value, said, period, basis, (data,), before=None if claim.stated_before is None else before)]


def _mean(series: pd.Series[float], period: str) -> float | None:
    """Return the value of a year, or the mean of "2012..2015"; None unless every year is held."""
    years = range(int(period[:4]), int(period[-4:]) + 1)
    return float(series.loc[list(years)].mean()) if set(years) <= set(series.index) else None
