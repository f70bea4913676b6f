"""The main specification with one choice changed at a time."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from korus_research.chapters.counterfactual.declared import Declared
from korus_research.chapters.counterfactual.findings import span_of
from korus_research.chapters.counterfactual.specifications import Calendar
from korus_research.errors import InvalidSpecification
from korus_research.methods.series import FLOWS
from korus_research.methods.synthetic.estimate import Counterfactual
from korus_research.methods.synthetic.specification import Specification

if TYPE_CHECKING:
    from korus_research.chapters.counterfactual.effects import Effects

ESTIMATOR_NAMES = {"did": "difference-in-differences", "sc": "synthetic control", "sdid": "synthetic DiD"}


def variants_table(effects: Effects) -> pd.DataFrame:
    """Return the main specification of both flows and its variants.

    Returns
    -------
    DataFrame, a row a flow and variant: flow, choice, value, label, and the columns of `figures`. The first row of a
    flow is the main specification. Variants that the data do not allow are left out, and so are donor rules whose
    further reason codes nobody has beside this partner.
    """
    rows = []
    for flow in FLOWS:
        main = effects.main[flow]
        for choice, value, label, spec in _variants(main.spec, effects.calendar, effects.spec.choices):
            if choice == "rule" and _codes(effects, spec) == _codes(effects, main.spec):
                continue
            found = main if spec == main.spec else effects.try_estimate(spec)
            if found is not None:
                years = span_of(*found.spec.post)
                rows.append(
                    {"flow": flow, "choice": choice, "value": value, "label": label, "years": years, **figures(found)}
                )
    return pd.DataFrame(rows)


def figures(found: Counterfactual) -> dict[str, object]:
    """Return what tables tell of an estimate: effect_percent, low, high (percent), effect_usd_bn, p_value, donors.

    The interval is NaN where there is none, and the p-value where the fit is exact.
    """
    low, high = found.interval_percent or (math.nan, math.nan)
    return {
        "effect_percent": found.effect_percent,
        "low": low,
        "high": high,
        "effect_usd_bn": found.effect_usd_bn,
        "p_value": found.p_value,
        "donors": len(found.pool.donors),
    }


def _codes(effects: Effects, spec: Specification) -> frozenset[str]:
    treated = effects.spec.treated.partner
    return frozenset(code for code in spec.rule.excludes if effects.status.concerns(code, treated))


def _variants(
    main: Specification, calendar: Calendar, choices: Declared
) -> Iterable[tuple[str, str, str, Specification]]:
    """Yield the main specification, then it with one choice of the curve in place of its own."""
    yield "main", "main", "main specification", main
    curve, seen = choices.curve, {main}

    def once(choice: str, value: str, label: str, **changes: object) -> Iterable[tuple[str, str, str, Specification]]:
        try:
            changed = replace(main, **changes)  # type: ignore[arg-type]
        except InvalidSpecification:
            return
        if changed not in seen:
            seen.add(changed)
            yield choice, value, label, changed

    for name in curve.estimator:
        yield from once("estimator", name, ESTIMATOR_NAMES[name], estimator=name)
    for rule in choices.rules.values():
        yield from once("rule", rule.id, f"donors: {rule.label}", rule=rule)
    for size in curve.threshold_usd_mn:
        yield from once("threshold", f"{size:.0f}", f"donors above {size / 1000:g} billion", threshold=size)
    for offset in curve.pre_first:
        year = calendar.year(offset)
        yield from once("pre_first", f"{offset}", f"fitted from {year}", pre=(year, main.pre[1]))
    for offset in curve.pre_last:
        year = calendar.year(offset)
        yield from once("pre_last", f"{offset}", f"fitted to {year}", pre=(main.pre[0], year))
    for years in curve.without:
        inside = tuple(y for y in years if main.pre[0] <= y <= main.pre[1])
        if inside:
            label = "fitted without " + " and ".join(map(str, inside))
            yield from once("without", "-".join(map(str, years)), label, without=inside)
    for offset in curve.post_last:
        year = calendar.year(offset)
        yield from once("post_last", f"{offset}", f"effect to {year}", post=(main.post[0], year))
    for outcome in curve.outcome:
        yield from once("outcome", outcome, "outcome: share in trade with the world", outcome=outcome)
