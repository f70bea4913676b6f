"""Findings on how much of the reporter's exports the panel holds, and what a change of that alone would do.

The panel's exports are mostly the exporter's own reports; what is lost of all of them is in the exporter-year effect.
So the share held of exports to the partner is set beside that of the others, and told as what it is: a condition, not a
correction. For imports the reports are the partner's, of which the Census figures say nothing.
"""

from __future__ import annotations

import math

from korus_research.chapters.gravity.result import percent
from korus_research.chapters.gravity.terms import WHOLE, GravityMaker

DATASETS = ("gravity_panel", "goods_trade_monthly")
REASON = "the panel and the Census figures do not both hold these partners in those years"


def add_coverage(maker: GravityMaker) -> None:
    """Add the shares of Census figures that the panel holds, and exports of the last year if they alone had changed."""
    gravity, noun = maker.gravity, maker.noun["exports"]
    table = gravity.coverage[gravity.coverage["flow"] == "exports"]
    years = table["year"].tolist()
    shares: dict[str, dict[int, float]] = {
        whose: dict(zip(years, table[whose].tolist(), strict=True)) for whose in ("partner", "others")
    }
    first, last = gravity.reference_year, gravity.main.years[-1]
    for whose, whom in (("partner", noun), ("others", "exports to the other partners in both sources")):
        for key, year in (("first", first), ("last", last)):
            maker.add(
                f"exports.coverage.{whose}_{key}",
                f"{whom} in the panel as a share of the Census figure in {year}",
                100 * shares[whose][year] if year in shares[whose] else None,
                "percent",
                str(year),
                decimals=0,
                reason=REASON,
                datasets=DATASETS,
            )
    tilt, even, bounds = None, None, None
    row = gravity.path[(gravity.path["flow"] == "exports") & (gravity.path["year"] == last)].iloc[0]
    if {first, last} <= set(years):
        then, now = (shares["partner"][year] / shares["others"][year] for year in (first, last))
        tilt = 100 * (now / then - 1)
        at = float(row["effect"]) - math.log1p(tilt / 100)
        even, bounds = percent(at), (percent(at - row["reach"]), percent(at + row["reach"]))
    label = f"the change in the coverage of {noun} in the panel against that of other partners"
    period = f"{first} to {last}"
    maker.add("exports.coverage.tilt", label, tilt, "percent", period, decimals=WHOLE, reason=REASON, datasets=DATASETS)
    maker.add(
        "exports.last_even",
        f"{noun} in {last} relative to {first} in the gravity model, if {label} were this pair's alone",
        even,
        "percent",
        str(last),
        decimals=WHOLE,
        bounds=bounds,
        interval=maker.randomised(gravity.main.test),
        reason=REASON,
        datasets=DATASETS,
    )
