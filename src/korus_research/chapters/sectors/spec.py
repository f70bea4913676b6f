"""Whose trade by sector is compared, and to which years."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Span = Literal["evaluation", "latest"]
SPANS: tuple[Span, ...] = ("evaluation", "latest")


@dataclass(frozen=True, slots=True)
class SectorsSpec:
    """Whose trade, and to which year it is evaluated; the iso3 codes name the parties of the input-output table."""

    partner: str
    iso3: str
    reporter: str
    in_force: str
    evaluation_year: int
    baseline_year: int
    names: Mapping[str, str] = field(default_factory=dict)
