"""korus_research: the results of a trade agreement, from official figure to sentence.

`import korus_research as kr` gives what a notebook uses; each name is loaded when it is first asked for.

>>> import korus_research as kr
>>> kr.list_agreements()[:1]
('korus',)
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

__version__ = "0.2.0"

# Public name -> the module it lives in. Importing this package imports none of them.
_HOMES = {
    "open_study": "chapters.study",
    "Study": "chapters.study",
    "ReportParameters": "data.parameters",
    "list_agreements": "data.agreements",
    "load_agreement": "data.agreements",
    "open_catalog": "data.catalog",
    "Finding": "show.finding",
    "Findings": "show.finding",
    "say": "show.words.prose",
    "formula": "show.blocks",
    "findings_list": "show.blocks",
    "Figure": "show.figure",
    "Table": "show.table",
    "gathered": "chapters.gathered",
    "estimate": "explore.estimate",
    "bench": "explore.bench",
    "KorusError": "errors",
}

__all__ = ["__version__", *_HOMES]  # noqa: PLE0604

if TYPE_CHECKING:
    from korus_research.chapters.gathered import gathered
    from korus_research.chapters.study import Study, open_study
    from korus_research.data import open_catalog
    from korus_research.data.agreements import list_agreements, load_agreement
    from korus_research.data.parameters import ReportParameters
    from korus_research.errors import KorusError
    from korus_research.explore.bench import bench
    from korus_research.explore.estimate import estimate
    from korus_research.show.blocks import findings_list, formula
    from korus_research.show.figure import Figure
    from korus_research.show.finding import Finding, Findings
    from korus_research.show.table import Table
    from korus_research.show.words.prose import say


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _HOMES:
        if name == "explore":
            return import_module(f"{__name__}.explore")
        # A chapter by its name: kr.cars is the folder chapters/cars.
        if not name.startswith("_") and (Path(__file__).parent / "chapters" / name / "__init__.py").is_file():
            return import_module(f"korus_research.chapters.{name}")
        raise AttributeError(f"module 'korus_research' has no attribute '{name}'")

    module = import_module(f"korus_research.{_HOMES[name]}")
    value = getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    chapters = (Path(__file__).parent / "chapters").glob("*/__init__.py")
    return sorted({*__all__, "explore", *(path.parent.name for path in chapters)})
