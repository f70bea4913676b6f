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
from korus_research.methods.synthetic.pooled import Choice, Place, distinct_donors, place_of, pool
from korus_research.methods.synthetic.power import Sensitivity

RAW, SCALED = "raw", "scaled"  # placebos' effects as they are, or in units of each unit's own growth
SCALES = (RAW, SCALED)
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
        drawn: dict[tuple[str, ...], Choice | None] = {}
        for method in choices.pool.methods:
            by_scale = {scale: _places(found, method, own_growth=scale == SCALED) for scale in SCALES}
            for scale, own in product(SCALES, (True, False)):
                places = [p for p in by_scale[scale] if own or p.name != effects.agreement.id]
                row = _pool(places, drawn, choices, level=effects.choices.level)
                if row is not None:
                    pools.append({"flow": flow, "method": method, "scale": scale, "own": own, **row})
            each += _each(effects, flow, method, by_scale[SCALED], reasons)
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


def _places(found: Mapping[str, ByMethod], method: str, *, own_growth: bool) -> list[Place]:
    return [place_of(name, by_method[method], own_growth=own_growth) for name, by_method in found.items()]


def _pool(
    places: Sequence[Place], drawn: dict[tuple[str, ...], Choice | None], choices: Choices, *, level: float
) -> dict[str, float] | None:
    """Return one pooled effect; None where there is nothing to pool. `drawn` keeps the draws by the agreements' ids."""
    if len(places) < 2:
        return None
    key = tuple(place.name for place in places)
    if key not in drawn:
        try:
            drawn[key] = distinct_donors(places, draws=choices.pool.draws, seed=choices.pool.seed)
        except NoDonors:
            drawn[key] = None
    choice = drawn[key]
    if choice is None:
        return None
    found = pool(places, choice, level=level).sensitivity
    return {
        "count": len(places),
        "effect": _percent(found.effect),
        **_ends(found),
        "p_value": found.p_value,
        "above": found.at_least(0.0),
        "detectable": _percent(found.detectable(choices.power)),
    }


def _each(
    effects: Effects, flow: Flow, method: str, places: Sequence[Place], reasons: Mapping[str, str]
) -> list[dict[str, object]]:
    """Return a row for each agreement, the first in force first."""
    known = {place.name: place for place in places}
    precision = sum(1 / place.variance for place in places)
    rows: list[dict[str, object]] = []
    for agreement in sorted(_agreements(effects), key=lambda each: (each.dates.in_force, each.id)):
        label = f"{agreement.partner.short} {agreement.dates.in_force.year}"
        about: dict[str, object] = {"flow": flow, "method": method, "id": agreement.id, "label": label}
        if (place := known.get(agreement.id)) is None:
            rows.append({**about, "reason": reasons[agreement.id]})
            continue
        found = Sensitivity(place.effect, place.errors, effects.choices.level)
        weight = 1 / place.variance / precision
        rows.append({**about, "effect": _percent(place.effect), **_ends(found), "weight": weight, "reason": ""})
    return rows


def _ends(found: Sensitivity) -> dict[str, float]:
    low, high = found.interval or (None, None)
    return {"low": _percent(low), "high": _percent(high)}


def _percent(logs: float | None) -> float:
    """Return log points as percent; NaN for none."""
    return math.nan if logs is None else 100 * math.expm1(logs)
