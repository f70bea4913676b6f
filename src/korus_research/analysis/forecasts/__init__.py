"""What was forecast and what others found, beside our own estimates (methods section 9)."""

from korus_research.analysis.forecasts.result import Forecasts, ForecastsSpec, analyse_forecasts
from korus_research.analysis.forecasts.rules import AgreementRules, Rules, load_rules

__all__ = ["AgreementRules", "Forecasts", "ForecastsSpec", "Rules", "analyse_forecasts", "load_rules"]
