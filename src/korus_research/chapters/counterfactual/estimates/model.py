"""Estimates of one agreement: what is estimated and with which data, and any specification of it on demand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from korus_research.chapters.counterfactual.estimates.declared import Declared
from korus_research.chapters.counterfactual.estimates.specifications import Calendar
from korus_research.errors import IncompletePanel, InvalidSpecification, NoDonors
from korus_research.methods.series import Flow
from korus_research.methods.synthetic.donors import DonorStatus
from korus_research.methods.synthetic.estimate import Counterfactual, estimate
from korus_research.methods.synthetic.panel import TradePanel
from korus_research.methods.synthetic.specification import Specification


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
class Estimates:
    """The main specification of both flows, and what any other is estimated from.

    Attributes
    ----------
    main : mapping of flow to Counterfactual
        The main specification.
    """

    spec: EffectsSpec
    panel: TradePanel
    status: DonorStatus
    calendar: Calendar
    main: Mapping[Flow, Counterfactual]

    def estimate(self, spec: Specification, *, treated: str = "") -> Counterfactual:
        """Estimate another specification, for this partner or `treated`; errors as in `methods.synthetic.estimate`."""
        return estimated(self.panel, self.status, spec, treated or self.spec.treated.partner, self.spec.choices)

    def try_estimate(self, spec: Specification, *, treated: str = "") -> Counterfactual | None:
        """Return `estimate`, for this partner or another, or None where the data do not allow one."""
        try:
            return self.estimate(spec, treated=treated)
        except (NoDonors, IncompletePanel, InvalidSpecification):
            return None

    def with_energy(self, found: Counterfactual) -> Counterfactual | None:
        """Return an estimate with the energy exporters among its donors; None where the data do not allow one."""
        return self.try_estimate(replace(found.spec, rule=self.spec.choices.with_energy), treated=found.pool.treated)


def estimated(
    panel: TradePanel, status: DonorStatus, spec: Specification, treated: str, choices: Declared
) -> Counterfactual:
    """Estimate a specification with the declared ridges, lead and level; errors as in `methods.synthetic.estimate`."""
    return estimate(panel, status, spec, treated=treated, ridges=choices.ridges, lead=choices.lead, level=choices.level)
