"""Declared choices of the demand equations: forms, sample, intervals, random numbers."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

Purpose = Literal["exports", "imports", "bounds", "backtest"]
_PURPOSES: tuple[Purpose, ...] = ("exports", "imports", "bounds", "backtest")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Specification(_Part):
    """One form of the demand equation."""

    id: str
    label: str
    form: Literal["growth", "levels"]  # growth on growth, or error correction with last year's levels
    demand: Literal["income", "volume"] = "income"  # the importer's real output, or the volume of all its imports
    outcome: Literal["real", "nominal"] = "real"  # deflated by the reporter's consumer prices, or in current dollars
    trend: bool = True  # includes a constant
    without: bool = False  # leaves out the crisis years


class _Sample(_Part):
    first_year: int
    source: str


class _Crisis(_Part):
    years: tuple[int, ...]
    reason: str
    source: str


class _Benchmark(_Part):
    years: int = Field(ge=1)


class _Uncertainty(_Part):
    level: float = Field(gt=0, lt=1)
    replications: int = Field(ge=100)
    seed: int

    @property
    def ends(self) -> list[float]:
        """The quantiles at the ends of an interval."""
        tail = (1 - self.level) / 2
        return [tail, 1 - tail]


class _Levels(_Part):
    slowest_return: float = Field(gt=0, lt=1)
    most_unreturning: float = Field(gt=0, lt=1)


class _Bounds(_Part):
    level: float = Field(gt=0, lt=1)
    replications: int = Field(ge=1000)


class _Backtest(_Part):
    first_origin: int
    shortest: int
    longest: int
    horizons: int
    fewest: int
    replications: int


class Plan(_Part):
    """All declared choices; the first specification is the main one."""

    sample: _Sample
    specifications: tuple[Specification, ...] = Field(alias="specification", min_length=1)
    crisis: _Crisis
    benchmark: _Benchmark
    uncertainty: _Uncertainty
    levels: _Levels
    bounds: _Bounds
    backtest: _Backtest

    @model_validator(mode="after")
    def _main_is_income(self) -> Plan:
        ids, main = {s.id for s in self.specifications}, self.main
        if len(ids) != len(self.specifications) or main.demand != "income" or main.form != "growth" or not main.trend:
            raise ValueError("unique ids, and first a specification in growth on income, with a trend")
        return self

    @property
    def main(self) -> Specification:
        """The main specification: the first."""
        return self.specifications[0]

    def omitted(self, specification: Specification) -> tuple[int, ...]:
        """Return the years that a specification leaves out."""
        return self.crisis.years if specification.without else ()

    def generator(self, purpose: Purpose, *more: int) -> np.random.Generator:
        """Return a random generator with a fixed seed for each purpose."""
        key = (_PURPOSES.index(purpose), *more)
        return np.random.default_rng(np.random.SeedSequence(self.uncertainty.seed, spawn_key=key))
