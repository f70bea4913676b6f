"""The names used in sentences about flows; `findings.toml` describes each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from korus_research.chapters.flows.measures import LATEST, PRIOR, Flows
from korus_research.chapters.flows.recent import Recent
from korus_research.data.period import day_text
from korus_research.methods.series import FLOWS, month_name
from korus_research.show.words.text import Words

WORDS = Words("flows")
NAMED = 4  # partners that a sentence names; of more, it says how many


def names(flows: Flows) -> Mapping[str, str | Sequence[str]]:
    """Return the names used in sentences about the flows."""
    evaluation, newest = str(flows.evaluation_year or ""), "" if flows.latest_is_evaluation else LATEST
    prior = PRIOR if PRIOR in flows.starts else ""
    ends = [end for end in (evaluation, newest) if end]
    periods = [period for period in (str(flows.baseline_year), prior, *ends) if period]
    first_split = 0 if flows.energy is None or len(flows.energy) < 2 else int(flows.energy.index[0])
    partial, latest = flows.partial_year, {"short": WORDS.label("latest"), "quarters": WORDS.label("latest_quarters")}
    return {
        **flows.study_names,
        "usd": flows.scale.unit,
        "usd_short": flows.scale.short,
        "periods": periods,
        "ends": ends,
        **{f"head_{period}": flows.span(period).removeprefix("the ") for period in periods},
        **{f"{how}_{end}": name if end == LATEST else end for how, name in latest.items() for end in ends},
        "newest": flows.span(newest) if newest else "",
        "newest_quarters": flows.span("bop_goods_services:latest12") if newest else "",
        "prior": flows.span(prior).removeprefix("the ") if prior else "",
        "partial_year": str(partial or ""),
        "partial_start": str(partial) if partial in flows.agreement.baseline_years else "",
        "services_end": flows.services_end,
        **_recent_names(flows),
        **_higher_names(flows),
        "energy_late": "yes" if first_split > flows.baseline_year else "",
        "energy_why": "" if first_split else WORDS.label(f"why.{no_energy(flows)}", **flows.study_names),
        "slump": "2009" if {"2009", "2010"} <= set(flows.starts_before) else "",
    }


def no_energy(flows: Flows) -> str:
    """Return the key of the reason why there is no split by energy."""
    return "energy_elsewhere" if flows.energy_elsewhere else "no_energy"


def _recent_names(flows: Flows) -> Mapping[str, str | Sequence[str]]:
    recent = flows.recent
    found, large = (recent.alike, len(recent.growth) - 1) if recent else ((), 0)
    industries, many = recent.industries if recent else "", str(len(found)) if len(found) > NAMED else ""
    return {
        "recent_months": recent.span_name if recent else "",
        "recent_apart": "yes" if recent and recent.apart else "",
        "alike": found[:NAMED],
        "alike_all": many if len(found) == large else "",
        "alike_more": many if len(found) < large else "",
        "industries_end": month_name(industries) if industries and industries < flows.last_month else "",
        "industries_none": "yes" if recent and not industries else "",
        "duty_changes": _duty_changes(flows, recent) if recent else (),
    }


def _duty_changes(flows: Flows, recent: Recent) -> tuple[str, ...]:
    """Return the days between the extremes on which duties outside the agreement changed."""
    start, end = (month.end_time.date() for month, _ in recent.extremes)
    changes = flows.duty_changes(start + timedelta(days=1), end)
    return tuple(day_text(day) for day in dict.fromkeys(changes))


def _higher_names(flows: Flows) -> Mapping[str, str]:
    """Return whether trade was higher than later at none, some or all starting points before the agreement."""
    evaluation, later = ([_higher(flows, what, end) for what in FLOWS] for end in (str(flows.evaluation_year), LATEST))
    return {
        **{f"higher_{what}": told for what, told in zip(FLOWS, evaluation, strict=True)},
        "higher_latest": "" if "" in later else "none" if {*later} == {"none"} else "some",
    }


def _higher(flows: Flows, what: str, end: str) -> str:
    grid = flows.grid(what).loc[list(flows.starts_before)]
    if end not in grid or grid[end].isna().all():
        return ""
    falls = grid[end].dropna() < 0
    return "all" if falls.all() else "some" if falls.any() else "none"
