"""What a gravity estimate is asked: the pair, since when, and the choices declared in `gravity.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

FILE = Path(__file__).with_name("gravity.toml")
MAIN = "main"


@dataclass(frozen=True, slots=True)
class Window:
    """Years of the panel to fit on: from `first_year`, with or without the year of entry into force."""

    key: str
    first_year: int
    without_entry: bool = False


@dataclass(frozen=True, slots=True)
class GravitySpec:
    """Whose agreement, since when, and the choices of `gravity.toml`.

    `reporter` and `partner` are ISO 3166 codes; a year counts as under the agreement from `entry_year` on, the year of
    entry into force. `renamed` holds names of the panel's agreements that are another name of the same one.
    """

    reporter: str
    partner: str
    entry_year: int
    windows: tuple[Window, ...]
    share: float
    most: int
    fewest: int
    level: float
    large: float = 0.5
    renamed: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def declared(cls, reporter: str, partner: str, entry_year: int, names: Mapping[str, str]) -> GravitySpec:
        """Return the specification with the choices declared in `gravity.toml`."""
        data = tomllib.loads(FILE.read_text("utf-8"))
        windows = (Window(MAIN, data["main"]["first_year"]), *(Window(**each) for each in data["window"]))
        rule = data["comparable"]
        level = data["interval"]["level"]
        renamed = {each["before"]: each["after"] for each in rule["renamed"]}
        return cls(
            reporter,
            partner,
            entry_year,
            windows,
            share=rule["share"],
            most=rule["most"],
            fewest=rule["fewest"],
            level=level,
            large=rule["large"],
            renamed=renamed,
            names=names,
        )
