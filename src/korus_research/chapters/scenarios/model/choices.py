"""The scenarios, the tables that each rests on, and the choices declared in `scenarios.toml`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import Field

from korus_research.chapters.choices import Part
from korus_research.chapters.scenarios.model.estimates import UNDONE, Estimate, Undone
from korus_research.data.toml import load_toml
from korus_research.errors import InvalidSpecification
from korus_research.methods.equilibrium.market import Deficits

FILE = Path(__file__).with_name("scenarios.toml")
Duty = Literal["mfn", "duties_partner", "duties_latest", "duties_all", "duties_margin"]
DUTIES: tuple[Duty, ...] = get_args(Duty)
Key = Undone | Duty
KEYS: tuple[Key, ...] = (*UNDONE, *DUTIES)

# The realised duties of the reporter are in force in the baseline of every scenario.
BASELINE = ("wiod_baseline_2014", "wiod_goods_shares")
_BASE = (*BASELINE, "realised_duties_annual", "goods_services_bop")
USED: Mapping[Key, tuple[str, ...]] = {
    "undone_gravity": (*_BASE, "gravity_panel"),
    "undone_control": (*_BASE, "goods_trade_monthly", "donor_status", "us_agreements"),
    "mfn": (*_BASE, "realised_duties_monthly", "average_tariffs"),
    "duties_partner": _BASE,
    "duties_latest": (*_BASE, "realised_duties_monthly"),
    "duties_all": _BASE,
    "duties_margin": _BASE,
}


def tables_used(keys: Iterable[Key]) -> tuple[str, ...]:
    """Return the tables behind scenarios, each once."""
    return tuple(dict.fromkeys(name for key in keys for name in USED[key]))


@dataclass(frozen=True, slots=True)
class ScenariosSpec:
    """The parties (codes of the baseline), the estimates of its agreement's effect, the choices of `scenarios.toml`.

    Without any estimate the agreement undone is left out.
    """

    reporter: str
    partner: str
    estimates: Mapping[Undone, Estimate]
    baseline_year: int
    elasticity: float
    elasticities: tuple[float, ...]
    deficits: Deficits
    draws: int
    seed: int
    before: int
    after: int
    names: Mapping[str, str] = field(default_factory=dict)


def model_choices() -> dict[str, Any]:
    """Return the choices of `scenarios.toml` under the names of `ScenariosSpec`.

    Raises
    ------
    InvalidSpecification
        The file can't be read or does not say what it must.
    """
    file = load_toml(FILE, _File, InvalidSpecification)
    years = {"before": file.duties.before, "after": file.duties.after}
    return {**file.model.model_dump(), **file.monte_carlo.model_dump(), **years}


class _Model(Part):
    baseline_year: int
    elasticity: float = Field(gt=0)
    elasticities: tuple[float, ...] = Field(min_length=1)
    deficits: Deficits


class _MonteCarlo(Part):
    draws: int = Field(gt=0)
    seed: int


class _Duties(Part):
    before: int
    after: int
    source: str


class _File(Part):
    model: _Model
    monte_carlo: _MonteCarlo
    duties: _Duties
