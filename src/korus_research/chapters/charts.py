"""Every figure, table and block of the report by one name, for notebooks: `kr.charts.flow_levels(study)`."""

from korus_research.chapters.forecasts.figures import (
    compared_forecasts,
    forecast_answer,
    forecast_forest,
    held_table,
    likeness_table,
    published_table,
)
from korus_research.chapters.forecasts.sector_tables import savings_beside, sector_forecasts
from korus_research.chapters.sectors.figures import (
    sector_contributions,
    sector_contributions_latest,
    sector_paths,
    sector_shares,
    sector_shift,
)
from korus_research.chapters.sectors.published_tables import sector_definitions, sector_published
from korus_research.chapters.sectors.tables import (
    sector_bases,
    sector_concentration,
    sector_exports_table,
    sector_imports_table,
    sector_shift_table,
)
from korus_research.chapters.summary.figures import answer, effects_table, key_figure
from korus_research.show.blocks import findings_list

__all__ = [
    "answer",
    "compared_forecasts",
    "effects_table",
    "findings_list",
    "forecast_answer",
    "forecast_forest",
    "held_table",
    "key_figure",
    "likeness_table",
    "published_table",
    "savings_beside",
    "sector_bases",
    "sector_concentration",
    "sector_contributions",
    "sector_contributions_latest",
    "sector_definitions",
    "sector_exports_table",
    "sector_forecasts",
    "sector_imports_table",
    "sector_paths",
    "sector_published",
    "sector_shares",
    "sector_shift",
    "sector_shift_table",
]
