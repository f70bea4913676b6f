"""The counterfactual of one agreement, put together: both flows, their variants, placebos in time, other agreements."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import pandas as pd

from korus_research.analysis.counterfactual.donors import DonorStatus
from korus_research.analysis.counterfactual.estimate import Counterfactual, Specification, estimate, leave_one_out
from korus_research.analysis.counterfactual.findings import effect_findings
from korus_research.analysis.counterfactual.panel import TradePanel
from korus_research.analysis.counterfactual.specifications import Calendar, Declared, in_time, main_specification
from korus_research.analysis.finding import Findings
from korus_research.analysis.scale import Scale, scale_of
from korus_research.analysis.series import FLOWS, MN_PER_BN, Flow
from korus_research.errors import IncompletePanel, InvalidSpecification, NoDonors


@dataclass(frozen=True, slots=True)
class Treated:
    """An agreement as the estimates see it: its partner and the years it divides time into."""

    id: str
    label: str
    partner: str
    in_force: int
    first_full: int


@dataclass(frozen=True)
class EffectsSpec:
    """What is estimated, and the names sentences use.

    `partner_agreements` are the days ("YYYY-MM-DD") on which other agreements of the partner entered into force; None
    where the data hold no list of them.
    """

    treated: Treated
    choices: Declared
    others: tuple[Treated, ...] = ()
    partner_agreements: tuple[str, ...] | None = None
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Effects:
    """Estimates of one agreement.

    Attributes
    ----------
    main : mapping of flow to Counterfactual
        The main specification.
    in_time : mapping of flow to Counterfactual or None
        The same, moved to a time before the agreement; None where the data don't reach back far enough.
    """

    spec: EffectsSpec
    panel: TradePanel
    status: DonorStatus
    calendar: Calendar
    main: Mapping[Flow, Counterfactual]
    in_time: Mapping[Flow, Counterfactual | None]

    @property
    def scale(self) -> Scale:
        """How amounts of money of this agreement are written; the smaller flow decides."""
        means = (float(x.paths.loc[x.spec.post_years, "actual"].mean()) for x in self.main.values())
        return scale_of(*(mean / MN_PER_BN for mean in means))

    def estimate(self, spec: Specification) -> Counterfactual:
        """Estimate another specification for the same partner; errors as in `counterfactual.estimate`."""
        return _estimate(self.panel, self.status, spec, self.spec.treated.partner, self.spec.choices)

    @cached_property
    def variants(self) -> pd.DataFrame:
        """Main specification with one choice changed at a time.

        Returns
        -------
        DataFrame, a row a flow and variant: flow, choice, value, label, effect_percent, low, high (percent),
        effect_usd_bn, p_value, donors. The first row of a flow is the main specification. Variants that the data do
        not allow are left out, and so are donor rules whose further reason codes nobody has beside this partner.
        """
        rows = []
        for flow in FLOWS:
            main = self.main[flow]
            for choice, value, label, spec in _variants(main.spec, self.calendar, self.spec.choices):
                if choice == "rule" and self._codes(spec) == self._codes(main.spec):
                    continue
                try:
                    found = main if spec == main.spec else self.estimate(spec)
                except (NoDonors, IncompletePanel, InvalidSpecification):
                    continue
                rows.append({"flow": flow, "choice": choice, "value": value, "label": label, **_row(found)})
        return pd.DataFrame(rows)

    @cached_property
    def without_donor(self) -> Mapping[Flow, pd.Series]:
        """Effect in percent without each donor that has weight, by the donor's Census code."""
        ridges = self.spec.choices.ridges
        return {
            flow: leave_one_out(found, ridges=ridges).map(lambda x: 100 * math.expm1(x))
            for flow, found in self.main.items()
        }

    @cached_property
    def agreements(self) -> pd.DataFrame:
        """Effects of this agreement and of the others, each by the main specification in its own years.

        Returns
        -------
        DataFrame, a row a flow and agreement: id, label, partner, first_full, flow, effect_percent, low, high,
        effect_usd_bn, p_value, donors, reason. Where an agreement can't be estimated the figures are NaN and `reason`
        says why.
        """
        rows = []
        for treated in (self.spec.treated, *self.spec.others):
            for flow in FLOWS:
                about = {
                    "id": treated.id,
                    "label": treated.label,
                    "partner": treated.partner,
                    "first_full": treated.first_full,
                    "flow": flow,
                }
                try:
                    found = self.main[flow] if treated == self.spec.treated else self._other(treated, flow)
                except (NoDonors, IncompletePanel, InvalidSpecification) as problem:
                    rows.append({**about, "reason": problem.found})
                    continue
                rows.append({**about, **_row(found), "reason": ""})
        return pd.DataFrame(rows)

    def _codes(self, spec: Specification) -> frozenset[str]:
        return frozenset(c for c in spec.rule.excludes if self.status.concerns(c, self.spec.treated.partner))

    def _other(self, treated: Treated, flow: Flow) -> Counterfactual:
        calendar = Calendar(treated.in_force, treated.first_full, self.calendar.first_year, self.calendar.last_year)
        spec = main_specification(flow, calendar, self.spec.choices)
        return _estimate(self.panel, self.status, spec, treated.partner, self.spec.choices)

    def to_frame(self) -> pd.DataFrame:
        """Return the paths of both flows in long form."""
        frames = [found.paths.assign(flow=flow).reset_index() for flow, found in self.main.items()]
        return pd.concat(frames, ignore_index=True)

    def findings(self) -> Findings:
        """Return what chapter 03 may say, the specification curve apart."""
        return self._findings

    @cached_property
    def _findings(self) -> Findings:
        return effect_findings(self)

    def __repr__(self) -> str:
        return "Effects(" + "; ".join(repr(found) for found in self.main.values()) + ")"


def analyse_effects(panel: TradePanel, status: DonorStatus, *, spec: EffectsSpec) -> Effects:
    """Estimate the main specification of both flows, and the same in a time before the agreement.

    Raises
    ------
    IncompletePanel, NoDonors, InvalidSpecification, NotConverged
        The main specification can't be estimated.
    """
    treated = spec.treated
    first, last = panel.years
    own = panel.last_year(treated.partner)
    calendar = Calendar(treated.in_force, treated.first_full, first, min(last, own))
    main: dict[Flow, Counterfactual] = {}
    before: dict[Flow, Counterfactual | None] = {}
    for flow in FLOWS:
        declared = main_specification(flow, calendar, spec.choices)
        main[flow] = _estimate(panel, status, declared, treated.partner, spec.choices)
        try:
            earlier = in_time(declared, calendar, spec.choices)
            before[flow] = _estimate(panel, status, earlier, treated.partner, spec.choices)
        except (NoDonors, IncompletePanel, InvalidSpecification):
            before[flow] = None
    return Effects(spec, panel, status, calendar, main, before)


def _variants(
    main: Specification, calendar: Calendar, choices: Declared
) -> Iterable[tuple[str, str, str, Specification]]:
    """Yield the main specification, then it with one choice of the curve in place of its own."""
    yield "main", "main", "main specification", main
    nouns = {"did": "difference-in-differences", "sc": "synthetic control", "sdid": "synthetic DiD"}
    seen = {main}

    def once(choice: str, value: str, label: str, **changes: object) -> Iterable[tuple[str, str, str, Specification]]:
        try:
            changed = replace(main, **changes)  # type: ignore[arg-type]
        except InvalidSpecification:
            return
        if changed not in seen:
            seen.add(changed)
            yield choice, value, label, changed

    for name in choices.curve["estimator"]:
        yield from once("estimator", name, nouns[name], estimator=name)
    for rule in choices.rules.values():
        yield from once("rule", rule.id, f"donors: {rule.label}", rule=rule)
    for size in choices.curve["threshold_usd_mn"]:
        yield from once("threshold", f"{size}", f"donors above {size / 1000:g} billion", threshold=float(size))
    for offset in choices.curve["pre_first"]:
        year = calendar.year(offset)
        yield from once("pre_first", f"{offset}", f"fitted from {year}", pre=(year, main.pre[1]))
    for offset in choices.curve["pre_last"]:
        year = calendar.year(offset)
        yield from once("pre_last", f"{offset}", f"fitted to {year}", pre=(main.pre[0], year))
    for years in choices.curve["without"]:
        inside = tuple(y for y in years if main.pre[0] <= y <= main.pre[1])
        if inside:
            label = "fitted without " + " and ".join(map(str, inside))
            yield from once("without", "-".join(map(str, years)), label, without=inside)
    for offset in choices.curve["post_last"]:
        year = calendar.year(offset)
        yield from once("post_last", f"{offset}", f"effect to {year}", post=(main.post[0], year))
    for outcome in choices.curve["outcome"]:
        yield from once("outcome", outcome, "outcome: share in trade with the world", outcome=outcome)


def _row(found: Counterfactual) -> dict[str, object]:
    low, high = found.interval_percent or (float("nan"), float("nan"))
    return {
        "effect_percent": found.effect_percent,
        "low": low,
        "high": high,
        "effect_usd_bn": found.effect_usd_bn,
        "p_value": found.p_value,
        "donors": len(found.pool.donors),
    }


def _estimate(
    panel: TradePanel, status: DonorStatus, spec: Specification, treated: str, choices: Declared
) -> Counterfactual:
    return estimate(panel, status, spec, treated=treated, ridges=choices.ridges, lead=choices.lead, level=choices.level)
