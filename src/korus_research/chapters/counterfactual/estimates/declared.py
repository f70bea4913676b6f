"""The choices declared in `specifications.toml`: of the main specification, and of the curve.

Windows count from the first full year under an agreement (decision 20); nothing of it is a parameter (decision 23).
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from korus_research.chapters.choices import Part
from korus_research.data.toml import Keys, Misplaced, load_toml
from korus_research.errors import InvalidSpecification, did_you_mean
from korus_research.methods.synthetic.estimators import Estimator, Ridges
from korus_research.methods.synthetic.outcomes import Exactness
from korus_research.methods.synthetic.prediction import Bound
from korus_research.methods.synthetic.specification import DonorRule, Frequency, Outcome

FILE = Path(__file__).with_name("specifications.toml")
ENERGY = "energy"  # the reason code that every published effect is told with and without

Before = Annotated[int, Field(lt=0)]
After = Annotated[int, Field(ge=0)]
Threshold = Annotated[float, Field(ge=0)]


class MainChoices(Part):
    """The main specification; windows in years from the first full year under the agreement."""

    estimator: Estimator
    outcome: Outcome
    pre: tuple[Before, Before]
    post: tuple[After, After]
    without: tuple[int, ...]
    rule: str
    threshold_usd_mn: Threshold

    @model_validator(mode="after")
    def _in_order(self) -> MainChoices:
        if not (self.pre[0] < self.pre[1] and self.post[0] <= self.post[1]):
            raise ValueError("windows begin before they end")
        return self


class CurveChoices(Part):
    """The values that each choice takes in the curve, in the order in which they are combined."""

    estimator: tuple[Estimator, ...] = Field(min_length=1)
    outcome: tuple[Outcome, ...] = Field(min_length=1)
    pre_first: tuple[Before, ...] = Field(min_length=1)
    pre_last: tuple[Before, ...] = Field(min_length=1)
    without: tuple[tuple[int, ...], ...] = Field(min_length=1)
    post_last: tuple[After, ...] = Field(min_length=1)
    rule: tuple[str, ...] = Field(min_length=1)
    threshold_usd_mn: tuple[Threshold, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _in_order(self) -> CurveChoices:
        if max(self.pre_first) >= min(self.pre_last):
            raise ValueError("every first fitted year comes before every last one")
        return self


class InTime(Part):
    """The placebo in time: by how much the main specification is moved, its end, and the fewest years to fit."""

    shift: Before
    post_last: Before
    fewest_fitted: int = Field(ge=3)


class Method(Part):
    """One of the methods compared."""

    estimator: Estimator
    frequency: Frequency


class _Leading(Part):
    tie: float = Field(ge=0, lt=1)


class Prediction(Part):
    """How prediction intervals are made: draws of the fit's noise, their seed, and the bound of later errors."""

    draws: int = Field(ge=1)
    seed: int
    bound: Bound


class _Exact(Part):
    rule: Literal["left-out", "ranked"]
    below: float = Field(gt=0)


class _Rule(Part):
    label: str
    excludes: tuple[str, ...]


class _Solver(Part):
    ridge_sc: float = Field(gt=0)
    ridge_grid: tuple[Annotated[float, Field(gt=0)], ...] = Field(min_length=1)
    ridge_time: float = Field(gt=0)
    agreement_lead: int = Field(ge=0)
    interval: float = Field(gt=0, lt=1)


class Declared(Part):
    """The content of the file; donor rules and the methods compared are by their ids."""

    main: MainChoices
    curve: CurveChoices
    methods: dict[str, Method] = Field(min_length=1)
    leading: _Leading
    exact: _Exact
    prediction: Prediction
    placebo_in_time: InTime
    rules: dict[str, _Rule] = Field(min_length=1)
    solver: _Solver

    @model_validator(mode="after")
    def _rules_there(self) -> Declared:
        asked: list[tuple[Keys, str]] = [(("main", "rule"), self.main.rule)]
        asked += [(("curve", "rule", place), name) for place, name in enumerate(self.curve.rule)]
        for at, name in asked:
            if name not in self.rules:
                found = f"'{name}', which is not a donor rule{did_you_mean(name, self.rules)}"
                raise Misplaced(at, found, f"one of {', '.join(self.rules)}")
        if not self._alike():
            wanted = f"one that excludes what '{self.main.rule}' does, '{ENERGY}' apart"
            raise Misplaced(("rules",), ", ".join(self.rules), wanted)
        return self

    def _alike(self) -> list[str]:
        """Return the rules that exclude what the main one does, energy exporters apart."""
        kept = {*self.rules[self.main.rule].excludes} - {ENERGY}
        return [name for name, rule in self.rules.items() if {*rule.excludes} == kept]

    def rule(self, name: str) -> DonorRule:
        """Return the donor rule `name`, one of those that the file declares."""
        return DonorRule(name, self.rules[name].label, self.rules[name].excludes)

    @property
    def with_energy(self) -> DonorRule:
        """The main rule with energy exporters kept: every published effect is told with and without them."""
        return self.rule(self._alike()[0])

    @property
    def first_method(self) -> str:
        """The method declared first, that of the main specification."""
        return next(iter(self.methods))

    @property
    def exactness(self) -> Exactness:
        """The rule for placebos that are copied almost exactly."""
        return Exactness(self.exact.rule, self.exact.below)

    @property
    def ridges(self) -> Ridges:
        """How strongly weights are drawn to even ones."""
        return Ridges(sc=self.solver.ridge_sc, time=self.solver.ridge_time, grid=self.solver.ridge_grid)

    @property
    def lead(self) -> int:
        """Years before entry into force from which an agreement of a donor counts."""
        return self.solver.agreement_lead

    @property
    def level(self) -> float:
        """Level of the intervals, a share of one."""
        return self.solver.interval

    @property
    def chance(self) -> float:
        """The p-value below which an effect is told from chance: the test that intervals of this level invert."""
        return round(1 - self.level, 9)


@lru_cache(maxsize=1)
def declared() -> Declared:
    """Read the file once.

    Raises InvalidSpecification: the file can't be read, holds something else than it must, or names a rule that it does
    not declare.
    """
    return read(FILE)


def read(path: Path) -> Declared:
    """Read a file of declared specifications; errors as for `declared`."""
    return load_toml(path, Declared, InvalidSpecification)
