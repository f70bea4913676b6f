"""The choices declared in `evidence.toml`."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from korus_research.chapters.choices import Part
from korus_research.data.toml import load_toml
from korus_research.errors import InvalidSpecification

FILE = Path(__file__).with_name("evidence.toml")
Chance = Literal["very_likely", "likely", "open", "unlikely", "very_unlikely"]
CHANCES: tuple[Chance, ...] = get_args(Chance)
Share = Annotated[float, Field(gt=0, lt=1)]


class Chances(Part):
    """The smallest chance that each word stands for; below the last it is very unlikely."""

    very_likely: Share
    likely: Share
    open: Share
    unlikely: Share

    @model_validator(mode="after")
    def _falling(self) -> Chances:
        if not self.very_likely > self.likely > self.open > self.unlikely:
            raise ValueError("the chances fall from very_likely to unlikely")
        return self

    def word(self, chance: float) -> Chance:
        """Return the word for a chance."""
        return next((word for word in CHANCES[:-1] if chance >= getattr(self, word)), CHANCES[-1])


class Pool(Part):
    """How agreements are pooled: by which methods, from which draws of donors, how many of these are fitted anew."""

    methods: tuple[str, ...] = Field(min_length=1)
    draws: int = Field(ge=1000)
    fitted: int = Field(ge=1000)
    seed: int


class Choices(Part):
    """What the file declares."""

    power: Share
    chances: Chances
    pool: Pool


@lru_cache(maxsize=1)
def declared() -> Choices:
    """Read the file once; InvalidSpecification, with line and key, where it can't be read or holds something else."""
    return load_toml(FILE, Choices, InvalidSpecification)
