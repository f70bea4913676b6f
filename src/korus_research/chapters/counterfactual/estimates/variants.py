"""Estimates of one agreement: any specification on demand, one choice changed at a time, and the other agreements."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from korus_research.chapters.counterfactual.estimates.declared import Declared
from korus_research.chapters.counterfactual.estimates.specifications import Calendar, calendar_of, main_specification
from korus_research.data.agreements import Agreement
from korus_research.errors import IncompletePanel, InvalidSpecification, MissingPartner, NoDonors
from korus_research.methods.series import FLOWS, MN_PER_BN, Flow, partner_code
from korus_research.methods.synthetic.donors import DonorStatus
from korus_research.methods.synthetic.estimate import Counterfactual, estimate
from korus_research.methods.synthetic.panel import TradePanel
from korus_research.methods.synthetic.specification import Specification
from korus_research.show.words.text import Words

WORDS = Words("counterfactual")


@dataclass(frozen=True)
class Estimates:
    """The main specification of both flows, and the data to estimate any other.

    Attributes
    ----------
    others : tuple of Agreement
        The reporter's other agreements, by their first full year.
    partner_agreements : tuple of str or None
        Days ("YYYY-MM-DD") on which other agreements of the partner entered into force; None where the data hold no
        list of them.
    names : mapping
        The names that sentences use.
    main : mapping of flow to Counterfactual
        The main specification.
    """

    agreement: Agreement
    others: tuple[Agreement, ...]
    choices: Declared
    partner_agreements: tuple[str, ...] | None
    names: Mapping[str, str]
    panel: TradePanel
    status: DonorStatus
    calendar: Calendar
    main: Mapping[Flow, Counterfactual]

    @property
    def treated(self) -> str:
        """Census code of the partner."""
        return self.agreement.partner.census_code

    def estimate(self, spec: Specification, *, treated: str | int = "") -> Counterfactual:
        """Estimate another specification, for this partner or `treated`, a Census code.

        MissingPartner where there is none of that code; other errors as in `methods.synthetic.estimate`.
        """
        c, treated = self.choices, partner_code(treated or self.treated)
        how: dict[str, Any] = {"ridges": c.ridges, "lead": c.lead, "level": c.level, "exactness": c.exactness}
        return estimate(self.panel, self.status, spec, treated=treated, **how)

    def try_estimate(self, spec: Specification, *, treated: str = "") -> Counterfactual | None:
        """Return `estimate`, for this partner or another, or None where the data do not allow one."""
        try:
            return self.estimate(spec, treated=treated)
        except (NoDonors, IncompletePanel, InvalidSpecification):
            return None

    def with_energy(self, found: Counterfactual) -> Counterfactual | None:
        """Return an estimate with the energy exporters among its donors; None where the data do not allow one."""
        return self.try_estimate(replace(found.spec, rule=self.choices.with_energy), treated=found.pool.treated)


def variants_table(effects: Estimates) -> pd.DataFrame:
    """Return the main specification of both flows and its variants.

    Returns
    -------
    DataFrame, a row a flow and variant: flow, choice, value, label, cell (how tables name it), years, and the columns
    of `figures`. The first row of a flow is the main specification. Variants that the data do not allow are left out,
    and so are donor rules whose further reason codes nobody has beside this partner.
    """
    rows = []
    for flow in FLOWS:
        main = effects.main[flow]
        for choice, value, what, spec in _variants(main.spec, effects.calendar, effects.choices):
            if choice == "rule" and _codes(effects, spec) == _codes(effects, main.spec):
                continue
            found = main if spec == main.spec else effects.try_estimate(spec)
            if found is not None:
                names = {kind: WORDS.label(f"variants.{choice}.{kind}", what=what) for kind in ("label", "cell")}
                about = {"flow": flow, "choice": choice, "value": value, **names, "years": span(*found.spec.post)}
                rows.append({**about, **figures(found)})
    return pd.DataFrame(rows)


def figures(found: Counterfactual) -> dict[str, object]:
    """Return an estimate's columns in tables: effect_percent, low, high (percent), effect_usd_bn, p_value, donors.

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


def span(first: int, last: int) -> str:
    """Return years as the period of a finding: "2013 to 2019"."""
    return f"{first}" if first == last else f"{first} to {last}"


def _codes(effects: Estimates, spec: Specification) -> frozenset[str]:
    return frozenset(code for code in spec.rule.excludes if effects.status.concerns(code, effects.treated))


Variant = tuple[str, str, str | list[str], Specification]


def _variants(main: Specification, calendar: Calendar, choices: Declared) -> Iterable[Variant]:
    """Yield the main specification, then it with one choice of the curve in place of its own: choice, value, name."""
    yield "main", "main", main.rule.label, main
    curve, seen = choices.curve, {main}

    def once(choice: str, value: str, what: str | list[str], **changes: object) -> Iterable[Variant]:
        try:
            changed = replace(main, **changes)  # type: ignore[arg-type]
        except InvalidSpecification:
            return
        if changed not in seen:
            seen.add(changed)
            yield choice, value, what, changed

    for name in curve.estimator:
        yield from once("estimator", name, WORDS.label(f"values.{name}"), estimator=name)
    for rule in map(choices.rule, choices.rules):
        yield from once("rule", rule.id, rule.label, rule=rule)
    for size in curve.threshold_usd_mn:
        yield from once("threshold", f"{size:.0f}", f"{size / MN_PER_BN:g}", threshold=size)
    for offset in curve.pre_first:
        year = calendar.year(offset)
        yield from once("pre_first", f"{offset}", f"{year}", pre=(year, main.pre[1]))
    for offset in curve.pre_last:
        year = calendar.year(offset)
        yield from once("pre_last", f"{offset}", f"{year}", pre=(main.pre[0], year))
    for years in curve.without:
        inside = tuple(y for y in years if main.pre[0] <= y <= main.pre[1])
        if inside:
            yield from once("without", "-".join(map(str, years)), [f"{y}" for y in inside], without=inside)
    for offset in curve.post_last:
        year = calendar.year(offset)
        yield from once("post_last", f"{offset}", f"{year}", post=(main.post[0], year))
    for outcome in curve.outcome:
        yield from once("outcome", outcome, WORDS.label(f"values.{outcome}"), outcome=outcome)


def agreements_table(effects: Estimates) -> pd.DataFrame:
    """Return the effects of this agreement and of the others.

    Returns
    -------
    DataFrame, a row a flow and agreement: id, label, partner, first_full, flow, the columns of `figures`,
    with_energy_percent and with_energy_p (the same with energy exporters among the donors; NaN where that can't be
    estimated), reason. Where an agreement can't be estimated the figures are NaN and `reason` says why.
    """
    rows = []
    for other in (effects.agreement, *effects.others):
        label = f"{other.partner.short} {other.dates.in_force.year}"
        of = {"id": other.id, "label": label, "partner": other.partner.census_code, "first_full": other.first_full_year}
        for flow in FLOWS:
            try:
                found = effects.main[flow] if other.id == effects.agreement.id else _other(effects, other, flow)
            except (NoDonors, IncompletePanel, InvalidSpecification, MissingPartner) as problem:
                rows.append({**of, "flow": flow, "reason": problem.found})
                continue
            kept = effects.with_energy(found)
            energy = (math.nan, math.nan) if kept is None else (kept.effect_percent, kept.p_value)
            known = dict(zip(("with_energy_percent", "with_energy_p"), energy, strict=True))
            rows.append({**of, "flow": flow, **figures(found), **known, "reason": ""})
    return pd.DataFrame(rows)


def _other(effects: Estimates, other: Agreement, flow: Flow) -> Counterfactual:
    spec = main_specification(flow, calendar_of(effects.panel, other), effects.choices)
    return effects.estimate(spec, treated=other.partner.census_code)
