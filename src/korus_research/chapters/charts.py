"""Every figure, table and block of the report by one name, for notebooks: `kr.charts.flow_levels(study)`."""

from korus_research.chapters.summary.figures import answer, effects_table, key_figure
from korus_research.show.blocks import findings_list

__all__ = [
    "answer",
    "effects_table",
    "findings_list",
    "key_figure",
]
