"""Where the rows of each table come from: what sources answer, and how to obtain the rest without the collection."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, RootModel

from korus_research.data.toml import load_toml

FILE = Path(__file__).with_name("origins.toml")


class Origin(BaseModel):
    """Where the rows of one table come from.

    `collected` is the part that only the collected figures hold ("" if the sources answer with all of it), `obtain`
    how anybody can obtain that part; addresses are in the table's `sources`. The rest matters to tables that answers
    update: `precision` is the largest difference that counts as rounding, `releases` keeps replaced values,
    `every_code` says that the table holds all codes of the source, so that a new one is reported, and `summed_from`
    names the table of which this one holds sums.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    collected: str
    obtain: str
    precision: float = 0.0
    releases: bool = False
    every_code: bool = False
    summed_from: str = ""


class _Origins(RootModel[dict[str, Origin]]):
    pass


@cache
def origins() -> dict[str, Origin]:
    """Return the origins by table; InvalidFile if `origins.toml` does not fit the model."""
    return load_toml(FILE, _Origins).root
