"""What the demand equations are: the specification file, and whose trade is studied between which years."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from korus_research.errors import InvalidParameter
from korus_research.methods.series import Flow

Purpose = Literal["exports", "imports", "bounds", "backtest"]
_PURPOSES: tuple[Purpose, ...] = ("exports", "imports", "bounds", "backtest")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Specification(_Part):
    """One way to write the demand equation; `drivers.toml` says what the words mean."""

    id: str
    label: str
    form: Literal["growth", "levels"]
    demand: Literal["income", "volume"] = "income"
    outcome: Literal["real", "nominal"] = "real"
    trend: bool = True
    without: bool = False


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
    """Everything declared about the equations (`drivers.toml`)."""

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
        ids = [s.id for s in self.specifications]
        main = self.main
        if len(set(ids)) != len(ids) or main.demand != "income" or main.form != "growth" or not main.trend:
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
        """Return random numbers that are the same in every run, apart for each purpose."""
        key = (_PURPOSES.index(purpose), *more)
        return np.random.default_rng(np.random.SeedSequence(self.uncertainty.seed, spawn_key=key))


@cache
def load_plan(path: Path | None = None) -> Plan:
    """Return the declared plan.

    Raises
    ------
    InvalidParameter
        The file can't be read or does not say what it must.
    """
    target = path or Path(str(files("korus_research.chapters.drivers") / "drivers.toml"))
    try:
        return Plan.model_validate(tomllib.loads(target.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidParameter(
            f"{target.name} can't be read ({error})", expected="a TOML file", do="Restore it"
        ) from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "top level"
        raise InvalidParameter(
            f"{target.name}, {where}: {first['msg']}", expected="the fields of Plan", do="Correct the entry"
        ) from None


@dataclass(frozen=True, slots=True)
class DriversSpec:
    """Whose trade with whom, and between which years.

    `before` is the last calendar year wholly before entry into force: the equations end there, and what they predict
    starts from it. `others` are the partners that the equation is tried on, Census code and economy.
    """

    partner: str
    iso3: str
    reporter: str
    baseline_year: int
    before: int
    evaluation_year: int
    first_full_year: int
    others: tuple[tuple[str, str], ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)


def importer(flow: Flow, spec: DriversSpec) -> str:
    """Return whose demand buys a flow: the partner's for exports, the reporter's for imports."""
    return spec.iso3 if flow == "exports" else spec.reporter
