"""A study binds one agreement, one set of parameters and the data; its methods return results."""

from korus_research.parameters import ReportParameters, ResolvedParameters
from korus_research.study.study import Study, open_study

__all__ = ["ReportParameters", "ResolvedParameters", "Study", "open_study"]
