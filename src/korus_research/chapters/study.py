"""A study that answers by topic: `study.cars()` is what `chapters/cars` measures of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

from korus_research.chapters.topic import measured
from korus_research.data import study as data
from korus_research.show.finding import Findings


class Study(data.Study):
    """One agreement studied with one set of parameters. Make it with `open_study`."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_") or name not in measured():
            raise AttributeError(f"a study has no '{name}'; topics: {', '.join(measured())}", name=name, obj=self)
        of: Callable[..., Any] = import_module(f"korus_research.chapters.{name}.measures").of
        return partial(of, self)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *measured()})

    def specification_curve(self, **options: Any) -> Any:
        """Estimate the effects under every declared specification; see `counterfactual.effect_curve.analyse_curve`."""
        from korus_research.chapters.counterfactual.effect_curve import analyse_curve

        return analyse_curve(self.counterfactual(), **options)

    def findings(self) -> Findings:
        """Every finding of every topic that this agreement and month allow, the specification curve apart."""
        from korus_research.chapters.gathered import all_findings

        return all_findings(self)


def open_study(agreement: str = "korus", **options: Any) -> Study:
    """Open a study of one agreement; options and errors are those of `data.study.open_study`."""
    plain = data.open_study(agreement, **options)
    return Study(plain.agreement, plain.parameters, plain.catalog)
