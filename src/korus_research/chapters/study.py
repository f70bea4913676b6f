"""A study that answers by topic: `study.cars()` is what `chapters/cars` measures of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any

from korus_research.chapters.lacking import check_own
from korus_research.chapters.topic import measured
from korus_research.data import study as data
from korus_research.data.agreements import own_file
from korus_research.show.finding import Findings

# What a study answers beside the topics, and where it takes that from.
ANSWERS = {"specification_curve": "chapters.counterfactual.effect_curve"}


class Study(data.Study):
    """One agreement studied with one set of parameters. Make it with `open_study`.

    Each topic is a method that measures it: `study.flows()`, `study.counterfactual()`; Tab lists them. `load` reads a
    table, `findings` gathers what may be spoken, `as_known` goes back to an earlier month of data.
    """

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_") or name not in (*measured(), *ANSWERS):
            known = ", ".join((*measured(), *ANSWERS))
            raise AttributeError(f"a study has no '{name}'; topics: {known}", name=name, obj=self)
        module = ANSWERS.get(name, f"chapters.{name}.measures")
        of: Callable[..., Any] = import_module(f"korus_research.{module}").of

        @wraps(of)
        def answer(*given: Any, **named: Any) -> Any:
            return of(self, *given, **named)

        _, *asked = signature(of).parameters.values()
        answer.__signature__ = signature(of).replace(parameters=asked)  # type: ignore[attr-defined]  # without the study
        return answer

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *measured(), *ANSWERS})

    def findings(self) -> Findings:
        """Every finding of every topic that this agreement and month allow, the specification curve apart."""
        from korus_research.chapters.gathered import all_findings

        return all_findings(self)


@wraps(data.open_study)  # whose parameters `kr.open_study?` shows
def open_study(agreement: str | Path = "korus", **options: Any) -> Study:
    """Open a study of one agreement, by its name or by the path of a TOML file.

    Options and errors are those of `korus_research.data.study.open_study`.
    """
    plain = data.open_study(agreement, **options)
    if own_file(agreement) is not None:
        check_own(agreement, plain.agreement)
    return Study(plain.agreement, plain.parameters, plain.catalog, named=plain.named)
