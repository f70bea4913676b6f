"""What if: the agreement undone, MFN duties back, the new duties of the reporter (methods section 10).

Each scenario is solved by `equilibrium` on the flows of one year. What is uncertain in it is carried to the results:
the partial effect of the agreement by draws from its interval, duties by the range over trade elasticities. A scenario
says what a model implies of an assumed change, not what was observed.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from typing import Any

import pandas as pd

from korus_research.chapters.scenarios.duties import Duties
from korus_research.chapters.scenarios.model import KEYS, UNDONE, Estimate, Key, Outcome, PartialEffect, ScenariosSpec
from korus_research.chapters.scenarios.world import World
from korus_research.methods.equilibrium.baseline import Baseline
from korus_research.methods.series import FLOWS, Flow
from korus_research.show.finding import Findings

__all__ = [
    "KEYS",
    "UNDONE",
    "Estimate",
    "PartialEffect",
    "Scenarios",
    "ScenariosSpec",
    "analyse_scenarios",
    "estimates_from",
    "model_choices",
]
# Finding, and what takes it to log points: gravity gives logs or percent, the synthetic control hundredths of logs.
_SOURCES: dict[Key, str] = {
    "undone_gravity": "gravity.{}.log",
    "undone_last": "gravity.{}.last",
    "undone_control": "counterfactual.{}.effect_log",
}

TESTED: tuple[Key, ...] = ("duties_partner", "duties_all")  # scenarios of new duties solved with others' duties too


@dataclass(frozen=True)
class Scenarios:
    """The scenarios that the edition's data allow, and why the others are left out.

    Attributes
    ----------
    outcomes : mapping of key to Outcome
        In the order of `KEYS`; the agreement is undone once for each estimate of its effect.
    lacking : mapping of str to str
        Reasons, worded to follow "in this edition: ", by key; `undone` where there is no estimate at all.
    duties : Duties
        Rates and shares used.
    economies : mapping of str to str
        Names by code.
    tested : mapping of key to Outcome
        Scenarios of duties with the partner's duty of before the agreement on its imports from everybody else.
    sources : Findings
        Those from which the estimates were read, for sentences about them.
    """

    spec: ScenariosSpec
    baseline: Baseline
    duties: Duties
    outcomes: Mapping[Key, Outcome]
    lacking: Mapping[str, str]
    economies: Mapping[str, str]
    tested: Mapping[Key, Outcome] = field(default_factory=dict)
    sources: Findings = field(default_factory=Findings)

    def to_frame(self) -> pd.DataFrame:
        """Return all outcomes in long form: scenario, economy, measure, percent, low, high."""
        frames = []
        for key, outcome in self.outcomes.items():
            stacked = [getattr(outcome, name).stack().rename(name) for name in ("changes", "low", "high")]
            table = pd.concat(stacked, axis=1).rename(columns={"changes": "percent"})
            frames.append(table.rename_axis(["economy", "measure"]).reset_index().assign(scenario=key))
        columns = ["scenario", "economy", "measure", "percent", "low", "high"]
        return pd.concat(frames, ignore_index=True)[columns] if frames else pd.DataFrame(columns=columns)

    def findings(self) -> Findings:
        """Return what chapter 10 may say."""
        return self._findings

    @cached_property
    def _findings(self) -> Findings:
        from korus_research.chapters.scenarios.findings import scenario_findings

        return scenario_findings(self)

    def __repr__(self) -> str:
        return f"Scenarios({', '.join(self.outcomes)}; {len(self.economies)} economies, {self.spec.baseline_year})"


def model_choices() -> dict[str, Any]:
    """Return the choices of `scenarios.toml` under the names of `ScenariosSpec`."""
    text = resources.files("korus_research.chapters.scenarios").joinpath("scenarios.toml").read_text("utf-8")
    read = tomllib.loads(text)
    return {
        **read["model"],
        "elasticities": tuple(read["model"]["elasticities"]),
        **read["monte_carlo"],
        "before": read["duties"]["before"],
        "after": read["duties"]["after"],
    }


def estimates_from(findings: Findings) -> dict[Key, Estimate]:
    """Return the estimates of the agreement's effect that have an interval on both flows, in the order of `UNDONE`.

    They are the gravity model against all earlier years, the same against the last year of its panel before entry into
    force, and the synthetic control.
    """
    out: dict[Key, Estimate] = {}
    for key in UNDONE:
        chapter = "counterfactual" if key == "undone_control" else "gravity"
        level = _known(findings, f"{chapter}.interval_level" if key == "undone_control" else "gravity.level")
        effects: dict[Flow, PartialEffect] = {}
        period, datasets = "", tuple[str, ...]()
        for flow in FLOWS:
            found = findings[name] if (name := _SOURCES[key].format(flow)) in findings else None
            if level is None or found is None or found.value is None or found.low is None or found.high is None:
                break
            low, value, high = (_logs(key, end) for end in (found.low, found.value, found.high))
            effects[flow] = PartialEffect(value, low, high, level / 100)
            period, datasets = found.period, found.datasets
        else:
            out[key] = Estimate(effects, _named(findings, key), chapter, period, datasets)
    return out


def _logs(key: Key, value: float) -> float:
    if key == "undone_control":
        return value / 100
    return math.log1p(value / 100) if key == "undone_last" else value


def _named(findings: Findings, key: Key) -> str:
    if key == "undone_control":
        return "synthetic control"
    year = _known(findings, "gravity.reference") if key == "undone_last" else None
    return "gravity over all years" if year is None else f"gravity against {year:.0f}"


def _known(findings: Findings, key: str) -> float | None:
    return findings[key].value if key in findings else None


def analyse_scenarios(
    flows: pd.DataFrame,
    economies: pd.DataFrame,
    duties: Duties,
    *,
    spec: ScenariosSpec,
    sources: Findings | None = None,
) -> Scenarios:
    """Solve every scenario that its inputs allow.

    Parameters
    ----------
    flows : DataFrame
        exporter, importer, value_usd_mn of the baseline year, domestic sales included.
    economies : DataFrame
        iso3, name.
    duties : Duties
        Rates and goods shares.
    sources : Findings, optional
        Those from which the estimates were read.

    Raises
    ------
    MissingPartner
        A party is not in the baseline.
    InvalidModel, NotConverged
        As `solve_equilibrium`.
    """
    baseline = Baseline.from_frame(flows)
    world = World(baseline, duties, spec)
    outcomes: dict[Key, Outcome] = {}
    lacking: dict[str, str] = {}
    if not spec.estimates:
        lacking["undone"] = spec.no_effects
    for key, estimate in spec.estimates.items():
        outcomes[key] = world.undone(key, estimate)
    if duties.former is None:
        lacking["mfn"] = "the realised duty or the average duties before the agreement are not among the data"
    else:
        outcomes["mfn"] = world.mfn(duties.former)
    for key in KEYS[KEYS.index("mfn") + 1 :]:
        if key == "duties_latest" and duties.latest is None:
            continue  # no months after the year of the new duties: nothing to add to it
        if duties.added is None:
            lacking[key] = "realised duties by partner are not among its data for a year of the new duties"
        else:
            outcomes[key] = world.new_duties(key, duties.added)
    names = dict(zip(economies["iso3"], economies["name"], strict=True))
    return Scenarios(
        spec,
        baseline,
        duties,
        outcomes,
        lacking,
        {code: names[code] for code in baseline.economies},
        tested=_tested(baseline, duties, spec),
        sources=sources or Findings(),
    )


def _tested(baseline: Baseline, duties: Duties, spec: ScenariosSpec) -> dict[Key, Outcome]:
    """Solve scenarios of duties with the partner's former duty in force on its imports from everybody else."""
    if duties.former is None:
        return {}
    world = World(baseline, duties, spec, elsewhere=duties.former.before[1])
    out: dict[Key, Outcome] = {"mfn": world.mfn(duties.former)}
    if duties.added is not None:
        out |= {key: world.new_duties(key, duties.added) for key in TESTED}
    return out
