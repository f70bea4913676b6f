"""The choices declared in `reversal.toml`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from korus_research.chapters.choices import Part
from korus_research.data.toml import load_toml
from korus_research.errors import InvalidSpecification

Month = Annotated[int, Field(ge=1, le=12)]


class Choices(Part):
    """Year and months compared, which cells count, which years are placebos, and how an interval is made.

    `smallest_usd` is in US dollars a month, `level` a share of one.
    """

    year: int
    months: Month
    switch: tuple[Month, ...]
    smallest_usd: float = Field(gt=0)
    left_out: tuple[str, ...]
    placebo_years: tuple[int, ...]
    deciding: str
    level: float = Field(gt=0.5, lt=1)
    draws: int = Field(ge=99)
    seed: int

    @property
    def last(self) -> str:
        """Return the last month compared, "YYYY-MM"."""
        return f"{self.year}-{self.months:02d}"


def declared() -> Choices:
    """Return the choices declared; InvalidSpecification where the file does not say what it must."""
    return load_toml(Path(__file__).with_name("reversal.toml"), Choices, InvalidSpecification)
