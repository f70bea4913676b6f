"""What if: the agreement undone, MFN duties back, the new duties of the reporter (docs/methods/scenarios.md).

Each scenario is solved by methods/equilibrium on the flows of one year. What is uncertain in it is carried to the
results: the partial effect of the agreement by draws from its interval, duties by the range over trade elasticities. A
scenario says what a model implies of an assumed change, not what was observed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from korus_research.chapters.counterfactual.measures import of as counterfactual_of
from korus_research.chapters.gravity.measures import of as gravity_of
from korus_research.chapters.scenarios.model.choices import DUTIES, Duty, Key, ScenariosSpec, model_choices
from korus_research.chapters.scenarios.model.duties import Duties, duties_from
from korus_research.chapters.scenarios.model.estimates import UNDONE, Undone, estimates_from
from korus_research.chapters.scenarios.model.world import World
from korus_research.data.study import Study, measured
from korus_research.errors import MissingFigures, MissingInput
from korus_research.methods.equilibrium.baseline import Baseline
from korus_research.methods.equilibrium.pair import Outcome
from korus_research.show.declared import Result
from korus_research.show.finding import Findings

TESTED: tuple[Duty, ...] = ("duties_partner", "duties_all")  # scenarios of new duties solved with others' duties too


@dataclass(frozen=True)
class Scenarios(Result):
    """The scenarios that the edition's data allow.

    Attributes
    ----------
    spec : ScenariosSpec
        Parties, estimates and choices.
    baseline : Baseline
        Flows of the baseline year.
    duties : Duties
        Rates and shares used.
    outcomes : mapping of key to Outcome
        In the order of `KEYS`; the agreement is undone once for each estimate of its effect. Those are left out for
        which there is no estimate, no duty before the agreement, or no duty of a year of the new ones.
    economies : mapping of str to str
        Names by code.
    tested : mapping of key to Outcome
        Scenarios of duties with the partner's duty of before the agreement on its imports from everybody else.
    """

    spec: ScenariosSpec
    baseline: Baseline
    duties: Duties
    outcomes: Mapping[Key, Outcome]
    economies: Mapping[str, str]
    tested: Mapping[Key, Outcome] = field(default_factory=dict)

    @property
    def undone(self) -> tuple[Undone, ...]:
        """The estimates of the agreement's effect that were taken out."""
        return tuple(key for key in UNDONE if key in self.outcomes)

    @property
    def parties(self) -> dict[str, str]:
        """Codes of the parties in the baseline, by what they are: reporter, partner."""
        return {"reporter": self.spec.reporter, "partner": self.spec.partner}

    def others(self, key: Key) -> list[str]:
        """Return the third economies of a scenario; under new duties only those with figures of their own."""
        imputed = self.duties.without_own if key.startswith("duties") else ()
        return [code for code in self.outcomes[key].changes.index if code not in (*self.parties.values(), *imputed)]

    def last(self, *keys: Key) -> str:
        """Return the last period behind scenarios (all without `keys`): year of the duties used, or of the baseline."""
        years = [self.spec.baseline_year]
        if self.duties.before is not None:
            years.append(self.duties.years[0])
        if any(key.startswith("duties") for key in keys or self.outcomes) and self.duties.added is not None:
            years.append(self.duties.years[1])
        return str(max(years))

    def to_frame(self) -> pd.DataFrame:
        """Return all outcomes in long form: scenario, economy, measure, percent, low, high."""
        frames = []
        for key, outcome in self.outcomes.items():
            stacked = [getattr(outcome, name).stack().rename(name) for name in ("changes", "low", "high")]
            table = pd.concat(stacked, axis=1).rename(columns={"changes": "percent"})
            frames.append(table.rename_axis(["economy", "measure"]).reset_index().assign(scenario=key))
        columns = ["scenario", "economy", "measure", "percent", "low", "high"]
        return pd.concat(frames, ignore_index=True)[columns] if frames else pd.DataFrame(columns=columns)

    def __repr__(self) -> str:
        return f"Scenarios({', '.join(self.outcomes)}; {len(self.economies)} economies, {self.spec.baseline_year})"


@measured
def of(study: Study, findings: Findings | None = None) -> Scenarios:
    """Return the scenarios of a study; given `findings` of gravity spare its estimation.

    Raises
    ------
    MissingFigures
        The baseline is not known by the month of the study.
    MissingPartner, InvalidModel, NotConverged
        As `solve_scenarios`.
    """
    a, choices = study.agreement, model_choices()
    flows = study.load("wiod_baseline_2014")
    flows = flows[flows["year"] == choices["baseline_year"]]
    if flows.empty:
        raise MissingFigures(
            f"The scenarios start from {choices['baseline_year']}, later than {study.parameters.as_of}",
            expected="an edition that ends later",
            do="Choose a later month as as_of",
        )
    estimates = estimates_from(_effects_found(study, findings))
    spec = ScenariosSpec(a.reporter.iso3, a.partner.iso3, estimates, names=study.names, **choices)
    duties = duties_from(study.load, spec, partner=a.partner.census_code, agreement_year=a.baseline_year)
    return solve_scenarios(flows, study.load("wiod_economies"), duties, spec=spec)


def _effects_found(study: Study, findings: Findings | None) -> Findings:
    """Return the findings of gravity, as given or else estimated, and of the counterfactual, which takes a second."""
    found = {} if findings is None else {key: f for key, f in findings.items() if key.startswith("gravity.")}
    for analysis in (counterfactual_of, gravity_of) if findings is None else (counterfactual_of,):
        try:
            found |= analysis(study).findings()
        except MissingInput:
            continue  # the scenarios go without that estimate
    return Findings(tuple(found.values()))


def solve_scenarios(flows: pd.DataFrame, economies: pd.DataFrame, duties: Duties, *, spec: ScenariosSpec) -> Scenarios:
    """Solve every scenario that its inputs allow.

    Parameters
    ----------
    flows : DataFrame
        exporter, importer, value_usd_mn of the baseline year, domestic sales included.
    economies : DataFrame
        iso3, name.
    duties : Duties
        Rates and goods shares.

    Raises
    ------
    MissingPartner
        A party is not in the baseline.
    InvalidModel, NotConverged
        As `solve_equilibrium`.
    """
    baseline = Baseline.from_frame(flows)
    world = World(baseline, duties, spec)
    outcomes: dict[Key, Outcome] = {key: world.undone(estimate) for key, estimate in spec.estimates.items()}
    if duties.former is not None:
        outcomes["mfn"] = world.mfn(duties.former)
    if duties.added is not None:
        # No months after the year of the new duties: nothing to add to it.
        new = [key for key in DUTIES[1:] if key != "duties_latest" or duties.latest is not None]
        outcomes |= {key: world.new_duties(key, duties.added) for key in new}
    names = dict(zip(economies["iso3"], economies["name"], strict=True))
    return Scenarios(
        spec,
        baseline,
        duties,
        outcomes,
        {code: names[code] for code in baseline.economies},
        tested=_tested(baseline, duties, spec),
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
