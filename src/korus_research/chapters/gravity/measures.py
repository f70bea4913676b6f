"""What the chapter measures of a study."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.data.study import Study, measured

if TYPE_CHECKING:
    from korus_research.chapters.gravity.estimate import Gravity


@measured
def of(study: Study) -> Gravity:
    """Return the three-way gravity model of the agreement, with its randomisation test."""
    from korus_research.chapters.gravity.census import annual_census
    from korus_research.chapters.gravity.estimate import GravitySpec, analyse_gravity

    a = study.agreement
    spec = GravitySpec.declared(a.reporter.iso3, a.partner.iso3, a.dates.in_force.year, study.names)
    own = {a.partner.census_code: a.partner.iso3}
    census = annual_census(study.load("goods_trade_monthly"), study.load("partners"), also=own)
    return analyse_gravity(study.load("gravity_panel"), census, spec=spec)
