"""The specification of the gravity estimates: the pair, its entry year, and choices from `gravity.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import Field

from korus_research.chapters.choices import Part
from korus_research.data.toml import load_toml
from korus_research.errors import InvalidSpecification
from korus_research.methods.poisson.standard import Standard

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
    """The pair, its year of entry into force, and the choices of `gravity.toml`.

    `reporter` and `partner` are ISO 3166 codes; a year counts as under the agreement from `entry_year` on, the year of
    entry into force. The standard is the one of `standards` that errs least on placebo flows. `renamed` holds names of
    the panel's agreements that are another name of the same one.
    """

    reporter: str
    partner: str
    entry_year: int
    windows: tuple[Window, ...]
    share: float
    most: int
    fewest: int
    level: float
    standards: tuple[Standard, ...] = ("last", "adjusted")
    large: float = 0.5
    renamed: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def declared(cls, reporter: str, partner: str, entry_year: int, names: Mapping[str, str]) -> GravitySpec:
        """Return the specification with the choices declared in `gravity.toml`.

        Raises
        ------
        InvalidSpecification
            The file can't be read or does not say what it must.
        """
        file = load_toml(FILE, _File, InvalidSpecification)
        rule = file.comparable
        return cls(
            reporter,
            partner,
            entry_year,
            (Window(MAIN, file.main.first_year), *(Window(**each.model_dump()) for each in file.windows)),
            share=rule.share,
            most=rule.most,
            fewest=rule.fewest,
            level=file.interval.level,
            standards=file.standard.allowed,
            large=rule.large,
            renamed={each.before: each.after for each in rule.renamed},
            names=names,
        )


class _Main(Part):
    first_year: int


class _Window(Part):
    key: str
    first_year: int
    without_entry: bool


class _Renamed(Part):
    before: str
    after: str
    source: str


class _Comparable(Part):
    share: float = Field(gt=0)
    most: int = Field(gt=0)
    fewest: int = Field(gt=0)
    large: float = Field(gt=0)
    renamed: tuple[_Renamed, ...] = ()


class _Interval(Part):
    level: float = Field(gt=0, lt=1)


class _Standard(Part):
    allowed: tuple[Standard, ...] = Field(min_length=1)


class _File(Part):
    main: _Main
    standard: _Standard
    windows: tuple[_Window, ...] = Field((), alias="window")
    comparable: _Comparable
    interval: _Interval
