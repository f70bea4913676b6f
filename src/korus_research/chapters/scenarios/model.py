"""What a scenario is asked and what it returns: the estimates, the choices, the outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Literal, get_args

import numpy as np
import pandas as pd

from korus_research.errors import InvalidModel
from korus_research.methods.equilibrium.market import Array, Deficits
from korus_research.methods.series import Flow

Key = Literal[
    "undone_gravity",
    "undone_last",
    "undone_control",
    "mfn",
    "duties_partner",
    "duties_latest",
    "duties_all",
    "duties_margin",
]
KEYS: tuple[Key, ...] = get_args(Key)
UNDONE: tuple[Key, ...] = KEYS[:3]  # one scenario for each estimate of the agreement's effect
MEASURES = ("real_income", "real_gdp", "exports", "imports")


@dataclass(frozen=True, slots=True)
class PartialEffect:
    """The agreement's effect on one goods flow at given prices and incomes, in log points.

    `low` and `high` bound an interval of `level`. Draws have half their mass on either side of the estimate, each side
    a half normal of its own width, so that their quantiles are the estimate and the interval's ends.
    """

    estimate: float
    low: float
    high: float
    level: float = 0.9

    def __post_init__(self) -> None:
        ordered = np.isfinite([self.low, self.high]).all() and self.low <= self.estimate <= self.high
        if not (ordered and 0 < self.level < 1):
            raise InvalidModel(
                f"An effect of {self.estimate:g} in [{self.low:g}, {self.high:g}]",
                expected="numbers, the estimate within its interval",
                do="Correct the effect",
            )

    def draws(self, normal: Array) -> Array:
        """Return draws for standard normal numbers."""
        side = np.where(normal > 0, self.high - self.estimate, self.estimate - self.low)
        return np.asarray(self.estimate + side * normal / NormalDist().inv_cdf((1 + self.level) / 2))


@dataclass(frozen=True)
class Estimate:
    """One estimate of the agreement's effects on both flows: its name, whose chapter it is from, years and datasets."""

    effects: Mapping[Flow, PartialEffect]
    name: str
    chapter: str
    period: str = ""
    datasets: tuple[str, ...] = ()

    @property
    def level(self) -> float:
        """Level of the intervals, the lower of the two."""
        return min(effect.level for effect in self.effects.values())


@dataclass(frozen=True)
class ScenariosSpec:
    """The parties (codes of the baseline), the estimates of its agreement's effect, the choices of `scenarios.toml`.

    Without any estimate, for the reason in `no_effects`, the agreement undone is left out.
    """

    reporter: str
    partner: str
    estimates: Mapping[Key, Estimate]
    baseline_year: int
    elasticity: float
    elasticities: tuple[float, ...]
    deficits: Deficits
    draws: int
    seed: int
    before: int
    after: int
    no_effects: str = "this edition has no estimate of the agreement's effect on trade"
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """One scenario solved.

    Attributes
    ----------
    changes, low, high : DataFrame
        Percent by economy; columns real_income, real_gdp, exports, imports (with all others, nominal, the numeraire
        world output).
    flows : DataFrame
        The flows between the parties (exports, imports): baseline_usd_bn, percent, low, high; nominal, before duty.
    by_elasticity : DataFrame
        Percent change of real income by trade elasticity; columns reporter, partner.
    world : tuple of float
        Real income of all economies together, weighted by what they spend: percent, low, high.
    interval : str
        What low and high bound.
    residual : float
        Largest market-clearing residual of all its solutions.
    """

    key: Key
    changes: pd.DataFrame
    low: pd.DataFrame
    high: pd.DataFrame
    flows: pd.DataFrame
    by_elasticity: pd.DataFrame
    world: tuple[float, float, float]
    interval: str
    residual: float
