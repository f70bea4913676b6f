"""Beef: the partner's duty on it by the agreement's text, and single values of exports; no series of it is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from korus_research.data.agreements.parts import Commitment
from korus_research.data.period import day_text
from korus_research.data.study import Study
from korus_research.methods.series import MN_PER_BN, MONTHS_A_YEAR, months_text
from korus_research.show.declared import Result, Value


@dataclass(frozen=True)
class Beef(Result):
    """The steps of the duty that have applied by the last month, and exports of some spans of months."""

    FINDINGS = "beef"

    study_names: Mapping[str, str]
    duty: tuple[Commitment, ...]
    points: pd.DataFrame  # rows of `beef_values`, by time


def beef_of(study: Study) -> Beef:
    """Return the duty on beef and exports of it to the partner, as far as known."""
    as_of, points = study.parameters.as_of, study.load("beef_values")
    known = study.agreement.commitments_until(as_of)
    duty = (c for c in known if c.kind == "duty" and "beef" in c.product and f"{c.from_:%Y-%m}" <= as_of)
    own = points[points["partner"] == study.agreement.partner.census_code].sort_values(["year", "months"])
    return Beef(study.names, tuple(duty), own.reset_index(drop=True))


def names(beef: Beef) -> Mapping[str, str | Sequence[str]]:
    """Return the names used in sentences; `findings.toml` describes each."""
    return {
        **beef.study_names,
        "beef": beef.duty[0].product.partition(",")[0] if beef.duty else "",
        "beef_day": day_text(beef.duty[-1].from_) if beef.duty else "",
        "beef_points": [str(place) for place in beef.points.index],
    }


def values(beef: Beef) -> Iterator[Value]:
    """Yield the duty before the agreement and now, percent, and each value of exports, USD billion."""
    if beef.duty:
        for when, term in (("before", beef.duty[0]), ("now", beef.duty[-1])):
            about: dict[str, Any] = {"says": {"product": term.product}, "decimals": int(bool(term.value % 1))}
            yield Value(f"beef.{when}", term.value, f"from {day_text(term.from_)}", **about)
    for place, row in enumerate(beef.points.to_dict("records")):
        yield Value(f"beef.exports.{place}", row["value_usd_mn"] / MN_PER_BN, _span(row))


def _span(row: Mapping[Any, Any]) -> str:
    """Return a year, or its first months: "January to September 2011"."""
    first = pd.Period(f"{row['year']}-01", "M")
    return str(row["year"]) if row["months"] == MONTHS_A_YEAR else months_text(first, first + row["months"] - 1)
