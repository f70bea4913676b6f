"""Values of the chapter's findings; `findings.toml` describes each."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from korus_research.chapters.reversal.estimates import LEAD, SQUARES, place
from korus_research.chapters.reversal.measures import Reversal
from korus_research.methods.series import USD_PER_BN, month_name
from korus_research.show.declared import Value
from korus_research.show.words.sentence import listed

SPOKEN = (LEAD, SQUARES, "settled", "between", "between_without", "lead_revised")


def names(result: Reversal) -> Mapping[str, str | Sequence[str]]:
    """Return the names used in sentences of the chapter."""
    choices, apart = result.choices, result.without_partner[LEAD]
    bounded = result.estimates[["low", "high"]].abs().max(axis=1) < math.inf
    industries, lead = result.without_industry[LEAD], result.estimates.T[LEAD]
    either = lead["low"] < 0 < lead["high"]
    return {
        **result.names,
        "year": str(choices.year),
        "first_month": month_name(f"{choices.year}-01"),
        "last_month": month_name(choices.last),
        "level": f"{100 * choices.level:.0f}",
        "deciding": result.partner_names[choices.deciding],
        "unbounded": "" if bounded[LEAD] else "yes",
        "either": "yes" if either else "",
        "refused": "yes" if either and lead["chance"] < 1 - choices.level else "",
        "squares_bounded": "yes" if bounded[SQUARES] else "",
        "weakest_without": result.partner_names[str(apart.idxmax())],
        "strongest_without": result.partner_names[str(apart.idxmin())],
        "weakest_industry": result.industry_names[str(industries.idxmax())].lower(),
        "placebo_years": f"{choices.placebo_years[0]} to {choices.placebo_years[-1]}",
        "largest_year": str(result.placebos[LEAD].abs().idxmax()),
        "switch_months": listed([month_name(f"{choices.year}-{choices.switch[k]:02d}") for k in (0, -1)]),
        "cut_years": result.cuts["own"].period,
    }


def values(result: Reversal) -> Iterator[Value]:
    """Yield the value of every finding of the chapter."""
    when = f"January to {month_name(result.choices.last)}"
    for key in (key for key in SPOKEN if key in result.estimates.index):
        row = result.estimates.T[key]
        yield Value(f"slope.{key}", row["value"], when, (row["low"], row["high"]))
    lead = result.estimates.T[LEAD]
    for name, column in (("lead.chance", "chance"), ("cells", "rows"), ("partners", "clusters")):
        yield Value(name, lead[column], when)
    yield Value("without.weakest", result.without_partner[LEAD].max(), when)
    yield Value("without.strongest", result.without_partner[LEAD].min(), when)
    yield Value("without.industry", result.without_industry[LEAD].max(), when)
    yield Value("placebo.largest", result.placebos[LEAD].abs().max(), f"{result.choices.placebo_years[0]} on")
    for key in (LEAD, SQUARES):
        yield Value(f"placebo.{key}.rank", place(float(result.estimates["value"][key]), result.placebos[key]))
    yield from _implied(result)


def _implied(result: Reversal) -> Iterator[Value]:
    for key, cut in result.cuts.items():
        yield Value(f"cut.{key}", 100 * math.expm1(cut.size), cut.period)
    middle, least, most = result.implied
    before, period = result.imports_before / USD_PER_BN, result.cuts["own"].period
    year = period.split(" ")[0]
    yield Value("implied", middle, period, (least, most))
    yield Value("implied.least", least, period)
    yield Value("implied.most", most, period)
    yield Value("implied.usd", middle / 100 * before, year, (least / 100 * before, most / 100 * before))
