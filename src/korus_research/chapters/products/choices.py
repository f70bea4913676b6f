"""The choices declared in `products.toml`."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from korus_research.chapters.choices import Part
from korus_research.data.toml import load_toml
from korus_research.errors import InvalidSpecification


class Choices(Part):
    """Upper ends of groups of lines (US dollars; percent), and how a user's lines are compared."""

    sizes_usd: tuple[float, ...]
    rates_pct: tuple[float, ...]
    least_pct: float = Field(gt=0)
    smallest_usd: float = Field(gt=0)
    before: int = Field(ge=1)
    level: float = Field(gt=0.5, lt=1)
    draws: int = Field(ge=99)
    seed: int


def declared() -> Choices:
    """Return the choices declared; InvalidSpecification where the file does not say what it must."""
    return load_toml(Path(__file__).with_name("products.toml"), Choices, InvalidSpecification)
