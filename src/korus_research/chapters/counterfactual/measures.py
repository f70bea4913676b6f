"""What trade would have been without the agreement: both flows, variants, placebos (docs/methods/counterfactual.md)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from korus_research.chapters.counterfactual.estimates.declared import declared
from korus_research.chapters.counterfactual.estimates.model import EffectsSpec, Estimates, Treated, estimated
from korus_research.chapters.counterfactual.estimates.specifications import (
    before_signature,
    calendar_of,
    in_time,
    main_specification,
)
from korus_research.chapters.counterfactual.estimates.variants import agreements_table, variants_table
from korus_research.data.agreements import Agreement, list_agreements, load_agreement
from korus_research.data.study import Study, measured
from korus_research.errors import IncompletePanel, InvalidSpecification, NoDonors
from korus_research.methods.series import FLOWS, MN_PER_BN, Flow
from korus_research.methods.synthetic.donors import AGREEMENT, DonorStatus, donor_status
from korus_research.methods.synthetic.estimate import Counterfactual, leave_one_out
from korus_research.methods.synthetic.panel import TradePanel, annual_panel
from korus_research.methods.synthetic.specification import Specification
from korus_research.show.declared import Result
from korus_research.show.scale import Scale, scale_of


@dataclass(frozen=True)
class Effects(Estimates, Result):
    """Estimates of one agreement.

    Attributes
    ----------
    in_time, before_signature : mapping of flow to Counterfactual or None
        The main specification, moved to a time before entry into force, and to one that ends before the year of
        signature (the first where that does so already); None where the data don't reach back far enough.
    """

    in_time: Mapping[Flow, Counterfactual | None]
    before_signature: Mapping[Flow, Counterfactual | None]

    @property
    def scale(self) -> Scale:
        """How amounts of money of this agreement are written; the smaller flow decides."""
        means = (float(x.paths.loc[x.spec.post_years, "actual"].mean()) for x in self.main.values())
        return scale_of(*(mean / MN_PER_BN for mean in means))

    @property
    def window(self) -> Specification:
        """The main specification of exports, whose years are those of imports too."""
        return self.main["exports"].spec

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
        """Names of the donors whose agreement with the reporter is too old to count as new (decision 41)."""
        donors = set().union(*(found.pool.donors for found in self.main.values()))
        table = self.status.table
        rows = (table["reason"] == AGREEMENT) & table["partner"].isin(donors)
        rows &= table["from_year"] <= self.window.post[1]
        return tuple(sorted({self.panel.name(str(code)) for code in table.loc[rows, "partner"]}))

    def to_frame(self) -> pd.DataFrame:
        """Return the paths of both flows in long form."""
        frames = [found.paths.assign(flow=flow).reset_index() for flow, found in self.main.items()]
        return pd.concat(frames, ignore_index=True)

    def __repr__(self) -> str:
        return "Effects(" + "; ".join(repr(found) for found in self.main.values()) + ")"


@measured
def of(study: Study) -> Effects:
    """Return what trade would have been without the agreement; errors as in `estimate_effects`."""
    others = [load_agreement(name) for name in list_agreements() if name != study.agreement.id]
    listed = study.load("partner_agreements")
    own = listed.loc[listed["iso3"] == study.agreement.partner.iso3]
    # An agreement with several countries counts once, from the day it first applied.
    days = own.groupby("agreement")["in_force"].min()
    spec = EffectsSpec(
        treated=_treated(study.agreement),
        choices=declared(),
        others=tuple(sorted((_treated(a) for a in others), key=lambda t: (t.first_full, t.id))),
        partner_agreements=tuple(map(str, days)) if len(days) else None,
        names=study.names,
    )
    panel = annual_panel(study.load("goods_trade_monthly"), study.load("partners"), study.partner_names)
    return estimate_effects(panel, donor_status(study.load("donor_status"), study.load("us_agreements")), spec=spec)


def estimate_effects(panel: TradePanel, status: DonorStatus, *, spec: EffectsSpec) -> Effects:
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
            return None if place is None else estimated(panel, status, place, treated.partner, choices)
        except (NoDonors, IncompletePanel, InvalidSpecification):
            return None

    for flow in FLOWS:
        own = main_specification(flow, calendar, choices)
        main[flow] = estimated(panel, status, own, treated.partner, choices)
        before[flow] = moved(in_time(own, calendar, choices))
        earlier[flow] = moved(before_signature(own, calendar, choices, signed=treated.signed))
    return Effects(spec, panel, status, calendar, main, before, earlier)


def _treated(agreement: Agreement) -> Treated:
    return Treated(
        id=agreement.id,
        label=f"{agreement.partner.short} {agreement.dates.in_force.year}",
        partner=agreement.partner.census_code,
        signed=agreement.dates.signed.year,
        in_force=agreement.dates.in_force.year,
        first_full=agreement.first_full_year,
    )
