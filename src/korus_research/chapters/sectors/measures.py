"""What the chapter measures of a study."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.data.study import Study, measured

if TYPE_CHECKING:
    from korus_research.chapters.sectors.result import Sectors


@measured
def of(study: Study) -> Sectors:
    """Return trade with the partner by sector."""
    from korus_research.chapters.sectors.result import analyse_sectors
    from korus_research.chapters.sectors.spec import SectorsSpec

    a, p = study.agreement, study.parameters
    spec = SectorsSpec(
        partner=a.partner.census_code,
        iso3=a.partner.iso3,
        reporter=a.reporter.iso3,
        in_force=f"{a.dates.in_force:%Y-%m}",
        evaluation_year=a.evaluation_year,
        baseline_year=p.baseline_year,
        names=study.names,
    )
    return analyse_sectors(
        study.load("sector_exports_annual"),
        study.load("sector_imports_annual"),
        study.load("sector_groups"),
        study.load("goods_trade_monthly"),
        study.load("sector_exports_usitc"),
        study.load("sector_exports_domestic"),
        study.load("wiod_sector_shares"),
        spec=spec,
    )
