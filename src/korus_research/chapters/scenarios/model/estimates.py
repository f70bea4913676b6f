"""Estimates of the agreement's effect from other chapters, which scenarios undo (decision 17)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from korus_research.methods.equilibrium.effect import PartialEffect
from korus_research.methods.series import FLOWS, Flow
from korus_research.show.finding import Findings

Undone = Literal["undone_gravity", "undone_control"]
UNDONE: tuple[Undone, ...] = get_args(Undone)  # one scenario for each estimate of the agreement's effect
# Chapter, finding, the finding that holds the level of its interval, and in how many parts of a log it is given.
_SOURCES: Mapping[Undone, tuple[str, str, str, float]] = {
    "undone_gravity": ("gravity", "gravity.{}.log", "gravity.level", 1.0),
    "undone_control": ("counterfactual", "counterfactual.{}.effect_log", "counterfactual.interval_level", 100.0),
}


@dataclass(frozen=True)
class Estimate:
    """One estimate of the agreement's effects on both flows.

    Attributes
    ----------
    effects : mapping of flow to PartialEffect
        In log points, each with its interval.
    chapter : str
        Whose it is.
    period, datasets
        Years and tables of that chapter's finding.
    reference : str
        The year that it compares with, where that is one year.
    """

    effects: Mapping[Flow, PartialEffect]
    chapter: str
    period: str = ""
    datasets: tuple[str, ...] = ()
    reference: str = ""

    @property
    def level(self) -> float:
        """Level of the intervals, the lower of the two."""
        return min(effect.level for effect in self.effects.values())


def estimates_from(findings: Findings) -> dict[Undone, Estimate]:
    """Return the estimates of the agreement's effect that have an interval on both flows, in the order of `UNDONE`.

    They are the gravity model by its standard (decision 71) and the synthetic control.
    """
    out: dict[Undone, Estimate] = {}
    for key, (chapter, name, of_level, parts) in _SOURCES.items():
        level = _known(findings, of_level)
        effects: dict[Flow, PartialEffect] = {}
        period, datasets = "", tuple[str, ...]()
        for flow in FLOWS:
            if level is None or name.format(flow) not in findings:
                break
            found = findings[name.format(flow)]
            if found.value is None or found.low is None or found.high is None:
                break
            low, value, high = (end / parts for end in (found.low, found.value, found.high))
            effects[flow] = PartialEffect(value, low, high, level / 100)
            period, datasets = found.period, found.datasets
        else:
            year = _known(findings, "gravity.reference") if key == "undone_gravity" else None
            out[key] = Estimate(effects, chapter, period, datasets, "" if year is None else f"{year:.0f}")
    return out


def _known(findings: Findings, key: str) -> float | None:
    return findings[key].value if key in findings else None
