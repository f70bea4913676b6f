"""What `specifications.toml` declares, checked word by word: the choices of the main specification and of the curve.

Windows count from the first full year under an agreement (decision 20); nothing of it is a parameter (decision 23).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from korus_research.data.toml import TomlFile, read_toml
from korus_research.errors import InvalidSpecification, did_you_mean
from korus_research.methods.synthetic.donors import DonorRule
from korus_research.methods.synthetic.estimators import Estimator, Ridges
from korus_research.methods.synthetic.outcomes import Exactness
from korus_research.methods.synthetic.prediction import Bound
from korus_research.methods.synthetic.specification import Frequency, Outcome

FILE = Path(__file__).with_name("specifications.toml")
ENERGY = "energy"  # the reason code that every published effect is told with and without

Before = Annotated[int, Field(lt=0)]
After = Annotated[int, Field(ge=0)]
Threshold = Annotated[float, Field(ge=0)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MainChoices(_Part):
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


class CurveChoices(_Part):
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


class InTime(_Part):
    """The main specification moved to a time before: by how much, where it ends, and the fewest years to fit."""

    shift: Before
    post_last: Before
    fewest_fitted: int = Field(ge=3)


class Method(_Part):
    """One of the methods told side by side."""

    estimator: Estimator
    frequency: Frequency


class _Leading(_Part):
    tie: float = Field(ge=0, lt=1)


class Prediction(_Part):
    """How prediction intervals are made: draws of the fit's noise, their seed, and the bound of later errors told."""

    draws: int = Field(ge=1)
    seed: int
    bound: Bound


class _Exact(_Part):
    rule: Literal["left-out", "ranked"]
    below: float = Field(gt=0)


class _Rule(_Part):
    label: str
    excludes: tuple[str, ...]


class _Solver(_Part):
    ridge_sc: float = Field(gt=0)
    ridge_grid: tuple[Annotated[float, Field(gt=0)], ...] = Field(min_length=1)
    ridge_time: float = Field(gt=0)
    agreement_lead: int = Field(ge=0)
    interval: float = Field(gt=0, lt=1)


class _File(_Part):
    main: MainChoices
    curve: CurveChoices
    methods: dict[str, Method] = Field(min_length=1)
    leading: _Leading
    exact: _Exact
    prediction: Prediction
    placebo_in_time: InTime
    rules: dict[str, _Rule] = Field(min_length=1)
    solver: _Solver


@dataclass(frozen=True)
class Declared:
    """What the file declares.

    `level` is that of intervals, `with_energy` the main rule with energy exporters kept, `exactness` the rule for exact
    fits; of `methods`, by their ids, those whose error is less than a share `tie` above the smallest are told alike.
    """

    main: MainChoices
    curve: CurveChoices
    in_time: InTime
    rules: Mapping[str, DonorRule]
    with_energy: DonorRule
    methods: Mapping[str, Method]
    tie: float
    exactness: Exactness
    prediction: Prediction
    ridges: Ridges
    lead: int
    level: float

    @property
    def chance(self) -> float:
        """The p-value below which an effect is told from chance: the test that intervals of this level invert."""
        return round(1 - self.level, 9)

    def rule(self, name: str) -> DonorRule:
        """Return the donor rule `name`, one of those that the file declares."""
        return self.rules[name]


@lru_cache(maxsize=1)
def declared() -> Declared:
    """Read the file once.

    Raises InvalidSpecification: the file can't be read, holds something else than it must, or names a rule that it does
    not declare.
    """
    return read(FILE)


def read(path: Path) -> Declared:
    """Read a file of declared specifications; errors as for `declared`."""
    toml = read_toml(path, InvalidSpecification)
    file = toml.fitted(_File)
    rules = {name: DonorRule(name, rule.label, rule.excludes) for name, rule in file.rules.items()}
    main = _known(toml, rules, file.main.rule, "main", "rule")
    for place, name in enumerate(file.curve.rule):
        _known(toml, rules, name, "curve", "rule", place)
    kept = set(main.excludes) - {ENERGY}
    alike = [rule for rule in rules.values() if set(rule.excludes) == kept]
    if not alike:
        # Effects are told with and without energy exporters.
        found = f"hold none that excludes what '{main.id}' does, '{ENERGY}' apart"
        raise toml.error(("rules",), found, expected="such a rule", do="Declare it")
    solver = file.solver
    return Declared(
        main=file.main,
        curve=file.curve,
        in_time=file.placebo_in_time,
        rules=rules,
        with_energy=alike[0],
        methods=file.methods,
        tie=file.leading.tie,
        exactness=Exactness(file.exact.rule, file.exact.below),
        prediction=file.prediction,
        ridges=Ridges(sc=solver.ridge_sc, time=solver.ridge_time, grid=solver.ridge_grid),
        lead=solver.agreement_lead,
        level=solver.interval,
    )


def _known(toml: TomlFile, rules: Mapping[str, DonorRule], name: str, *keys: str | int) -> DonorRule:
    """Return the rule `name`, which stands at `keys` of the file."""
    if name not in rules:
        found = f"is '{name}', which is not a donor rule{did_you_mean(name, rules)}"
        raise toml.error(keys, found, expected=f"one of {', '.join(rules)}", do="Correct it, or declare the rule")
    return rules[name]
