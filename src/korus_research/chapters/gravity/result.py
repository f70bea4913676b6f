"""What a gravity estimate is asked and what it returns."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd

from korus_research.methods.poisson.placebo import RandomisationTest
from korus_research.methods.poisson.pyfixest import PyfixestFit
from korus_research.methods.series import FLOWS, Flow

if TYPE_CHECKING:
    from korus_research.show.finding import Findings

FILE = Path(__file__).with_name("gravity.toml")
MAIN = "main"
Part = Literal["never", "always", "large"]
PARTS: tuple[Part, ...] = get_args(Part)


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


@dataclass(frozen=True)
class Estimates:
    """The model on one window.

    Attributes
    ----------
    effects, errors : mapping of flow to float
        Direction-specific effects and their clustered standard errors, in logs.
    average, average_error : float
        The average agreement's coefficient and its error.
    placebos : DataFrame
        One row for each comparable directed pair, index (exporter, importer): `effect` given to it, in logs; `size`,
        the pair's smaller mean flow as a share of the studied pair's; `lasting`, an agreement in force throughout.
    years : tuple of int
        Years fitted on.
    observations : int
    """

    window: Window
    effects: Mapping[Flow, float]
    errors: Mapping[Flow, float]
    average: float
    average_error: float
    placebos: pd.DataFrame
    years: tuple[int, ...]
    observations: int

    @cached_property
    def test(self) -> RandomisationTest:
        """The randomisation test among the placebos."""
        return RandomisationTest(self.placebos["effect"].to_numpy())

    def among(self, part: Part, *, large: float) -> RandomisationTest:
        """Return the same test among a part of the placebos: of pairs never or always under an agreement, or large."""
        chosen = {
            "never": ~self.placebos["lasting"],
            "always": self.placebos["lasting"],
            "large": self.placebos["size"] >= large,
        }
        return RandomisationTest(self.placebos.loc[chosen[part], "effect"].to_numpy())


@dataclass(frozen=True)
class Gravity:
    """Estimates by window, the path by year, and how the panel compares with Census figures.

    Attributes
    ----------
    estimates : mapping of window key to Estimates
        `main` first; a window that equals another, spans no year before or after entry into force, or has too few
        comparable pairs, is left out.
    path : DataFrame
        flow, year, effect, reach, p: effects relative to the reference year, in logs; half-width of the interval by
        randomisation, and p-value. The reference year is the last of the panel before entry into force.
    pretrend : mapping of flow to float
        P-value of the largest standardised deviation before the reference year, among those of the placebos.
    coverage : DataFrame
        year, flow, partner, others: panel flow as a share of the Census figure, of the partner and of the reporter's
        other partners that both sources name.
    pyfixest : PyfixestFit
        The main fit by pyfixest, from which the published effects and errors come.
    difference : float
        Largest difference of its coefficients from those of our own solver, in logs.
    countries : int
    """

    spec: GravitySpec
    estimates: Mapping[str, Estimates]
    path: pd.DataFrame
    pretrend: Mapping[Flow, float]
    coverage: pd.DataFrame
    pyfixest: PyfixestFit
    difference: float
    countries: int

    @property
    def main(self) -> Estimates:
        """The main estimates."""
        return self.estimates[MAIN]

    @property
    def reference_year(self) -> int:
        """Last year of the panel before entry into force."""
        return max(year for year in self.main.years if year < self.spec.entry_year)

    def directed(self, flow: Flow) -> tuple[str, str]:
        """Return exporter and importer of a flow of the reporter."""
        pair = (self.spec.reporter, self.spec.partner)
        return pair if flow == "exports" else pair[::-1]

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each window and flow: effect, error, p, low, high (logs), placebos, observations."""
        rows = []
        for key, e in self.estimates.items():
            reach = e.test.reach(self.spec.level)
            for flow in FLOWS:
                b = e.effects[flow]
                rows.append(
                    {
                        "window": key, "flow": flow, "effect": b, "error": e.errors[flow], "p": e.test.p_value(b),
                        "low": b - reach, "high": b + reach, "average": e.average, "average_error": e.average_error,
                        "placebos": len(e.placebos), "observations": e.observations,
                    }
                )  # fmt: skip
        return pd.DataFrame(rows)

    def findings(self) -> Findings:
        """Return what chapter 05 may say."""
        return self._findings

    @cached_property
    def _findings(self) -> Findings:
        from korus_research.chapters.gravity.findings import gravity_findings

        return gravity_findings(self)

    def __repr__(self) -> str:
        shown = ", ".join(f"{flow} {self.main.effects[flow]:+.3f}" for flow in FLOWS)
        return f"Gravity({self.spec.reporter}-{self.spec.partner}: {shown} logs; {len(self.main.placebos)} placebos)"


def percent(logs: float) -> float:
    """Return a change in logs as percent."""
    return 100 * float(np.expm1(logs))
