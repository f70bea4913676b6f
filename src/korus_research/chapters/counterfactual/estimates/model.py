"""Estimates of one agreement: what is estimated and with which data, and any specification of it on demand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from korus_research.chapters.counterfactual.estimates.declared import Declared
from korus_research.chapters.counterfactual.estimates.specifications import Calendar
from korus_research.data.agreements import Agreement
from korus_research.errors import IncompletePanel, InvalidSpecification, NoDonors
from korus_research.methods.series import Flow
from korus_research.methods.synthetic.donors import DonorStatus
from korus_research.methods.synthetic.estimate import Counterfactual, estimate
from korus_research.methods.synthetic.panel import TradePanel
from korus_research.methods.synthetic.specification import Specification


@dataclass(frozen=True)
class Estimates:
    """The main specification of both flows, and what any other is estimated from.

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

    def estimate(self, spec: Specification, *, treated: str = "") -> Counterfactual:
        """Estimate another specification, for this partner or `treated`; errors as in `methods.synthetic.estimate`."""
        c, treated = self.choices, treated or self.treated
        return estimate(self.panel, self.status, spec, treated=treated, ridges=c.ridges, lead=c.lead, level=c.level)

    def try_estimate(self, spec: Specification, *, treated: str = "") -> Counterfactual | None:
        """Return `estimate`, for this partner or another, or None where the data do not allow one."""
        try:
            return self.estimate(spec, treated=treated)
        except (NoDonors, IncompletePanel, InvalidSpecification):
            return None

    def with_energy(self, found: Counterfactual) -> Counterfactual | None:
        """Return an estimate with the energy exporters among its donors; None where the data do not allow one."""
        return self.try_estimate(replace(found.spec, rule=self.choices.with_energy), treated=found.pool.treated)
