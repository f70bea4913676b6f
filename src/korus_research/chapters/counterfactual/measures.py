"""What the chapter measures of a study."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.data.agreements import load_agreement
from korus_research.data.study import Study, measured

if TYPE_CHECKING:
    from korus_research.chapters.counterfactual.effects import Effects, Treated
    from korus_research.data.agreements import Agreement


@measured
def of(study: Study) -> Effects:
    """Return what trade would have been without the agreement."""
    from korus_research.chapters.counterfactual.declared import declared
    from korus_research.chapters.counterfactual.effects import EffectsSpec, analyse_effects
    from korus_research.data.agreements import list_agreements
    from korus_research.methods.synthetic.donors import donor_status
    from korus_research.methods.synthetic.panel import annual_panel

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
    return analyse_effects(panel, donor_status(study.load("donor_status"), study.load("us_agreements")), spec=spec)


def _treated(agreement: Agreement) -> Treated:
    from korus_research.chapters.counterfactual.effects import Treated

    return Treated(
        id=agreement.id,
        label=f"{agreement.partner.short} {agreement.dates.in_force.year}",
        partner=agreement.partner.census_code,
        signed=agreement.dates.signed.year,
        in_force=agreement.dates.in_force.year,
        first_full=agreement.first_full_year,
    )
