"""The counterfactual of one agreement, put together: both flows, their variants, placebos in time, other agreements."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import pandas as pd

from korus_research.chapters.counterfactual.declared import Declared
from korus_research.chapters.counterfactual.findings import effect_findings
from korus_research.chapters.counterfactual.others import agreements_table
from korus_research.chapters.counterfactual.specifications import (
    Calendar,
    before_signature,
    calendar_of,
    in_time,
    main_specification,
)
from korus_research.chapters.counterfactual.variants import variants_table
from korus_research.errors import IncompletePanel, InvalidSpecification, NoDonors
from korus_research.methods.series import FLOWS, MN_PER_BN, Flow
from korus_research.methods.synthetic.donors import AGREEMENT, DonorStatus
from korus_research.methods.synthetic.estimate import Counterfactual, estimate, leave_one_out
from korus_research.methods.synthetic.panel import TradePanel
from korus_research.methods.synthetic.specification import Specification
from korus_research.show.finding import Findings
from korus_research.show.scale import Scale, scale_of


@dataclass(frozen=True, slots=True)
class Treated:
    """An agreement as the estimates see it: its partner and the years it divides time into."""

    id: str
    label: str
    partner: str
    signed: int
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
    in_time, before_signature : mapping of flow to Counterfactual or None
        The same, moved to a time before entry into force, and to one that ends before the year of signature (the first
        where that does so already); None where the data don't reach back far enough.
    """

    spec: EffectsSpec
    panel: TradePanel
    status: DonorStatus
    calendar: Calendar
    main: Mapping[Flow, Counterfactual]
    in_time: Mapping[Flow, Counterfactual | None]
    before_signature: Mapping[Flow, Counterfactual | None]

    @property
    def scale(self) -> Scale:
        """How amounts of money of this agreement are written; the smaller flow decides."""
        means = (float(x.paths.loc[x.spec.post_years, "actual"].mean()) for x in self.main.values())
        return scale_of(*(mean / MN_PER_BN for mean in means))

    def estimate(self, spec: Specification, *, treated: str = "") -> Counterfactual:
        """Estimate another specification, for this partner or `treated`; errors as in `counterfactual.estimate`."""
        return _estimate(self.panel, self.status, spec, treated or self.spec.treated.partner, self.spec.choices)

    def with_energy(self, found: Counterfactual) -> Counterfactual | None:
        """Return an estimate with the energy exporters among its donors; None where the data do not allow one."""
        return self.try_estimate(replace(found.spec, rule=self.spec.choices.with_energy), treated=found.pool.treated)

    def try_estimate(self, spec: Specification, *, treated: str = "") -> Counterfactual | None:
        """Return `estimate`, for this partner or another, or None where the data do not allow one."""
        try:
            return self.estimate(spec, treated=treated)
        except (NoDonors, IncompletePanel, InvalidSpecification):
            return None

    @cached_property
    def variants(self) -> pd.DataFrame:
        """Main specification with one choice changed at a time, see `variants_table`."""
        return variants_table(self)

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
        """Effects of this agreement and of the others, see `agreements_table`."""
        return agreements_table(self)

    @cached_property
    def older_agreements(self) -> tuple[str, ...]:
        """Names of the donors whose agreement with the reporter is too old to count as new."""
        donors = set().union(*(found.pool.donors for found in self.main.values()))
        spec, table = self.main["exports"].spec, self.status.table
        rows = (table["reason"] == AGREEMENT) & table["partner"].isin(donors) & (table["from_year"] <= spec.post[1])
        return tuple(sorted({self.panel.name(str(code)) for code in table.loc[rows, "partner"]}))

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
    """Estimate the main specification of both flows, and the same in times before entry into force and signature.

    Raises
    ------
    IncompletePanel, NoDonors, InvalidSpecification, NotConverged
        The main specification can't be estimated.
    """
    treated, choices = spec.treated, spec.choices
    calendar = calendar_of(panel, treated.partner, in_force=treated.in_force, first_full=treated.first_full)
    main: dict[Flow, Counterfactual] = {}
    before: dict[Flow, Counterfactual | None] = {}
    earlier: dict[Flow, Counterfactual | None] = {}

    def moved(place: Specification | None) -> Counterfactual | None:
        try:
            return None if place is None else _estimate(panel, status, place, treated.partner, choices)
        except (NoDonors, IncompletePanel, InvalidSpecification):
            return None

    for flow in FLOWS:
        declared = main_specification(flow, calendar, choices)
        main[flow] = _estimate(panel, status, declared, treated.partner, choices)
        before[flow] = moved(in_time(declared, calendar, choices))
        earlier[flow] = moved(before_signature(declared, calendar, choices, signed=treated.signed))
    return Effects(spec, panel, status, calendar, main, before, earlier)


def _estimate(
    panel: TradePanel, status: DonorStatus, spec: Specification, treated: str, choices: Declared
) -> Counterfactual:
    return estimate(panel, status, spec, treated=treated, ridges=choices.ridges, lead=choices.lead, level=choices.level)
