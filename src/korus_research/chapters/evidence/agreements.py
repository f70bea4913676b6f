"""The agreements of the reporter by the same methods, and what they show together."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product

import pandas as pd

from korus_research.chapters.counterfactual.estimates.specifications import calendar_of, main_specification
from korus_research.chapters.counterfactual.measures import Effects
from korus_research.chapters.evidence.choices import Choices
from korus_research.data.agreements import Agreement
from korus_research.errors import IncompletePanel, InvalidSpecification, MissingPartner, NoDonors
from korus_research.methods.series import FLOWS, Flow
from korus_research.methods.synthetic.estimate import Counterfactual
from korus_research.methods.synthetic.pooled import SCALES, Draws, Place, distinct_donors, drawn_apart, pool
from korus_research.methods.synthetic.power import Sensitivity

RAW, FIRST, SCALED = SCALES  # see `methods.synthetic.pooled`
POOLS = ["flow", "method", "scale", "own", "count", "effect", "low", "high", "p_value", "above", "detectable"]
EACH = ["flow", "method", "id", "label", "effect", "low", "high", "weight", "reason"]
ByMethod = Mapping[str, Counterfactual]


def pooled_agreements(effects: Effects, choices: Choices) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the effects of each agreement, and pooled.

    Returns
    -------
    DataFrame, a row a flow, method and agreement: id, label, effect, low, high (percent; the interval in units of own
    growth), weight (share in the pool, in these units), reason (why there is no estimate; figures are then NaN).
    DataFrame, a row a flow, method, scale (see `SCALES`) and own (with this agreement, or without): count of
    agreements, effect, low, high, detectable (percent), p_value, above (chance that it is above zero). Pools of fewer
    than two agreements, or with too few distinct donors, are left out.
    """
    each, pools = [], []
    for flow in FLOWS:
        found, reasons = _estimated(effects, choices, flow)
        for method in choices.pool.methods:
            places = [Place(name, by_method[method]) for name, by_method in found.items()]
            draws = _draws(places, effects, choices)
            for scale, own in product(SCALES, (True, False)):
                kept = [k for k, place in enumerate(places) if own or place.name != effects.agreement.id]
                if draws is not None and len(kept) > 1:
                    which = Draws(draws.choice[:, kept], draws.apart[:, kept])
                    made = pool([places[k] for k in kept], which, scale, level=effects.choices.level)
                    about = {"flow": flow, "method": method, "scale": scale, "own": own, "count": len(kept)}
                    pools.append({**about, **_row(made.sensitivity, choices)})
            each += _each(effects, flow, method, places, reasons)
    return pd.DataFrame(each, columns=EACH), pd.DataFrame(pools, columns=POOLS)


def _estimated(effects: Effects, choices: Choices, flow: Flow) -> tuple[Mapping[str, ByMethod], Mapping[str, str]]:
    """Return estimates by agreement and method, agreements in the order of their names, and why others have none.

    In an order that does not depend on whose edition it is, so that every edition draws the same donors.
    """
    found, reasons = {}, {}
    for agreement in sorted(_agreements(effects), key=lambda each: each.id):
        try:
            found[agreement.id] = _by_method(effects, agreement, flow, choices.pool.methods)
        except (NoDonors, IncompletePanel, InvalidSpecification, MissingPartner) as problem:
            reasons[agreement.id] = problem.found
    return found, reasons


def _agreements(effects: Effects) -> Sequence[Agreement]:
    return (effects.agreement, *effects.others)


def _by_method(effects: Effects, agreement: Agreement, flow: Flow, methods: Sequence[str]) -> ByMethod:
    spec = main_specification(flow, calendar_of(effects.panel, agreement), effects.choices)
    found = {}
    for name in methods:
        method = effects.choices.methods[name]
        own = replace(spec, estimator=method.estimator, frequency=method.frequency)
        found[name] = effects.estimate(own, treated=agreement.partner.census_code)
    return found


def _draws(places: Sequence[Place], effects: Effects, choices: Choices) -> Draws | None:
    """Return draws for all places, which serve fewer too; None where there are too few places or distinct donors."""
    if len(places) < 2:
        return None
    try:
        choice = distinct_donors(places, draws=choices.pool.draws, seed=choices.pool.seed)
        return drawn_apart(places, choice, fitted=choices.pool.fitted, ridges=effects.choices.ridges)
    except NoDonors:
        return None


def _row(found: Sensitivity, choices: Choices) -> dict[str, float]:
    return {
        "effect": percent(found.effect),
        **_ends(found),
        "p_value": found.p_value,
        "above": found.at_least(0.0),
        "detectable": percent(found.detectable(choices.power)),
    }


def _each(
    effects: Effects, flow: Flow, method: str, places: Sequence[Place], reasons: Mapping[str, str]
) -> list[dict[str, object]]:
    """Return a row for each agreement, the first in force first."""
    known = {place.name: place for place in places}
    together = sum(1 / float(place.spread[0]) for place in places)
    rows: list[dict[str, object]] = []
    for agreement in sorted(_agreements(effects), key=lambda each: (each.dates.in_force, each.id)):
        label = f"{agreement.partner.short} {agreement.dates.in_force.year}"
        about: dict[str, object] = {"flow": flow, "method": method, "id": agreement.id, "label": label}
        if (place := known.get(agreement.id)) is None:
            rows.append({**about, "reason": reasons[agreement.id]})
            continue
        found = Sensitivity(place.effect, place.scaled, effects.choices.level)
        weight = 1 / float(place.spread[0]) / together
        rows.append({**about, "effect": percent(place.effect), **_ends(found), "weight": weight, "reason": ""})
    return rows


def _ends(found: Sensitivity) -> dict[str, float]:
    low, high = found.interval or (None, None)
    return {"low": percent(low), "high": percent(high)}


def percent(logs: float | None) -> float:
    """Return a change in log points as percent; NaN for none."""
    return math.nan if logs is None else 100 * math.expm1(logs)
