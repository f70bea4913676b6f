"""Duties: what was collected, the steps, the dollars, the added duties (methods section 8)."""

from korus_research.analysis.tariffs.result import Tariffs, analyse_tariffs
from korus_research.analysis.tariffs.spec import TariffsSpec, tariffs_spec

__all__ = ["Tariffs", "TariffsSpec", "analyse_tariffs", "tariffs_spec"]
