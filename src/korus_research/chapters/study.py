"""A study that answers by topic: `study.cars()` is what `chapters/cars` measures of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from korus_research.data import study as data
from korus_research.errors import Lacking
from korus_research.show.finding import Findings

HERE = Path(__file__).parent


def topics() -> tuple[str, ...]:
    """Return the names of the chapters that measure something, sorted: the folders that hold `measures.py`."""
    return tuple(sorted(path.parent.name for path in HERE.glob("*/measures.py")))


class Study(data.Study):
    """One agreement studied with one set of parameters. Make it with `open_study`."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_") or name not in topics():
            raise AttributeError(f"a study has no '{name}'; topics: {', '.join(topics())}", name=name, obj=self)
        of: Callable[..., Any] = import_module(f"korus_research.chapters.{name}.measures").of
        return partial(of, self)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *topics()})

    def specification_curve(self, **options: Any) -> Any:
        """Estimate the effects under every declared specification; see `counterfactual.effect_curve.analyse_curve`."""
        from korus_research.chapters.counterfactual.effect_curve import analyse_curve

        return analyse_curve(self.counterfactual(), **options)

    def findings(self) -> Findings:
        """Every finding of every analysis that this agreement and month allow, the specification curve apart."""
        found: Findings = self.flows().findings() | self.comparators().findings() | self.context().findings()
        for analysis in (self.counterfactual, self.drivers, self.gravity, self.scenarios):
            try:
                found = found | analysis().findings()
            except Lacking:
                continue
        return found


def open_study(agreement: str = "korus", **options: Any) -> Study:
    """Open a study of one agreement; options and errors are those of `data.study.open_study`."""
    plain = data.open_study(agreement, **options)
    return Study(plain.agreement, plain.parameters, plain.catalog)
