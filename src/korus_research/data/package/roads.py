"""For each table, what answers of sources give, what only the collected figures give, and the public road to that."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, RootModel

from korus_research.data.toml import load_toml

FILE = Path(__file__).with_name("roads.toml")


class Road(BaseModel):
    """How a table is made again by somebody who has not got the collection.

    `collected` is what only the collected figures give today ("" where answers give all of it), `road` how that can be
    had; addresses are the sources of the table. Of a table that answers reach: `precision` is by how much a value may
    differ and be the same with more digits, `releases` whether replaced values are kept, `every_code` whether it
    has all codes of the source, so that a new one is told, `summed_from` the table of which it holds sums.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    collected: str
    road: str
    precision: float = 0.0
    releases: bool = False
    every_code: bool = False
    summed_from: str = ""


class _Roads(RootModel[dict[str, Road]]):
    pass


@cache
def roads() -> dict[str, Road]:
    """Return the roads by table; InvalidFile where `roads.toml` does not say what it must."""
    return load_toml(FILE, _Roads).root
