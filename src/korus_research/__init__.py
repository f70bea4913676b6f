"""korus_research: the results of a trade agreement, from official figure to sentence.

`import korus_research as kr` gives what a notebook uses; each name is loaded when it is first asked for.

>>> import korus_research as kr
>>> kr.list_agreements()[:1]
('korus',)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.2.0"

# Public name -> the module it lives in. Importing this package imports none of them.
_HOMES = {
    "open_study": "study",
    "Study": "study",
    "ReportParameters": "study",
    "list_agreements": "agreements",
    "load_agreement": "agreements",
    "open_catalog": "data",
    "judge_claims": "claims",
    "Finding": "analysis.finding",
    "Findings": "analysis.finding",
    "say": "present.prose",
    "formula": "present.blocks",
    "Figure": "present.figure",
    "Table": "present.table",
    "charts": "present.charts",
    "gathered": "present.gathered",
    "progress_bar": "present.progress_bar",
    "KorusError": "errors",
}
_MODULES = {"charts"}

__all__ = ["__version__", *_HOMES]  # noqa: PLE0604

if TYPE_CHECKING:
    from korus_research.agreements import list_agreements, load_agreement
    from korus_research.analysis.finding import Finding, Findings
    from korus_research.claims import judge_claims
    from korus_research.data import open_catalog
    from korus_research.errors import KorusError
    from korus_research.present import charts
    from korus_research.present.blocks import formula
    from korus_research.present.figure import Figure
    from korus_research.present.gathered import gathered
    from korus_research.present.progress_bar import progress_bar
    from korus_research.present.prose import say
    from korus_research.present.table import Table
    from korus_research.study import ReportParameters, Study, open_study


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'korus_research' has no attribute '{name}'")
    from importlib import import_module

    module = import_module(f"korus_research.{_HOMES[name]}")
    value = module if name in _MODULES else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
