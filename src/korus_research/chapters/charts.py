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
from korus_research.chapters.scenarios.boxes import duties_box, mfn_box, model_box, undone_box
from korus_research.chapters.scenarios.figures import solved_scenarios, undone_ranges
from korus_research.chapters.scenarios.ranks import duties_ranked, margin_ranked, mfn_ranked, undone_ranked
from korus_research.chapters.scenarios.readings import (
    duties_caveats,
    duties_reading,
    limits_reading,
    mfn_reading,
    standard_reading,
    undone_reading,
)
from korus_research.chapters.scenarios.tables import elasticity_table, flows_table, income_table, total_trade_table
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
    "duties_box",
    "duties_caveats",
    "duties_ranked",
    "duties_reading",
    "effects_table",
    "elasticity_table",
    "findings_list",
    "flows_table",
    "forecast_answer",
    "forecast_forest",
    "held_table",
    "income_table",
    "key_figure",
    "likeness_table",
    "limits_reading",
    "margin_ranked",
    "mfn_box",
    "mfn_ranked",
    "mfn_reading",
    "model_box",
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
    "solved_scenarios",
    "standard_reading",
    "total_trade_table",
    "undone_box",
    "undone_ranges",
    "undone_ranked",
    "undone_reading",
]
