"""Your own counterfactual of one flow, with any partner, first year, windows, donors and estimator."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from korus_research.chapters.counterfactual.estimates.declared import declared
from korus_research.chapters.evidence.choices import declared as evidence
from korus_research.data.study import Study
from korus_research.errors import InvalidSpecification, NoDonors
from korus_research.explore.choices import Choices, choose
from korus_research.explore.code import code_of
from korus_research.methods.series import MN_PER_BN, Flow
from korus_research.methods.synthetic.donors import FEWEST, DonorStatus, donor_status
from korus_research.methods.synthetic.estimate import WIDEST, Counterfactual, estimate as estimated
from korus_research.methods.synthetic.panel import TradePanel, annual_panel
from korus_research.methods.synthetic.power import Sensitivity
from korus_research.methods.synthetic.specification import DonorRule, Specification
from korus_research.show.declared import Result
from korus_research.show.scale import Scale, scale_of

OWN_LIST = "own_list"  # the reason code that excludes all but the donors named by the user


@dataclass(frozen=True)
class Ground:
    """The data that all estimates of a study use."""

    panel: TradePanel
    status: DonorStatus


@dataclass(frozen=True)
class Estimate(Result):
    """One estimate with its placebos, made by `estimate`; `code` is the call that reproduces it."""

    study: Study = field(repr=False)
    choices: Choices
    found: Counterfactual = field(repr=False)
    panel: TradePanel = field(repr=False)

    @property
    def partner(self) -> str:
        """Name of the partner."""
        return self.panel.name(self.choices.partner)

    @cached_property  # with a plain property that returns a Literal, jedi can't complete the object
    def flow(self) -> Flow:
        """Exports or imports of the United States."""
        return self.choices.flow

    @property
    def scale(self) -> Scale:
        """The scale in which its amounts are written."""
        return scale_of(float(self.found.paths.loc[self.found.spec.post_years, "actual"].mean()) / MN_PER_BN)

    @cached_property
    def sensitivity(self) -> Sensitivity | None:
        """The power of its placebo test; None for an exact fit."""
        found = self.found
        return None if found.exact else Sensitivity(found.effect_log, found.errors_log, found.level)

    @property
    def detectable_percent(self) -> float:
        """The smallest rise that the test detects with the declared power, percent; NaN if none up to tenfold."""
        seen = self.sensitivity
        logs = None if seen is None else seen.detectable(evidence().power)
        return math.nan if logs is None or logs > WIDEST else 100 * math.expm1(logs)

    @property
    def chance_percent(self) -> float:
        """The probability of a positive effect, by the placebos' errors and a flat prior, percent."""
        return math.nan if self.sensitivity is None else 100 * self.sensitivity.at_least(0.0)

    @property
    def banded(self) -> bool:
        """Whether it has an interval."""
        return self.found.interval_log is not None

    @property
    def key(self) -> str:
        """The unique part of the ids of its findings and figures: `imports-5520-2015-1f0a`."""
        from korus_research.data.cache.store import digest

        kept = digest(repr((self.choices, self.study.parameters.as_of)))[:4]
        return f"{self.flow}-{self.choices.partner}-{self.choices.starting}-{kept}"

    @property
    def code(self) -> str:
        """The Python code that reproduces this estimate exactly on the same data."""
        donors = [self.panel.name(code) for code in self.choices.donors]
        return code_of(self.study, self.choices, partner=self.partner, donors=donors)

    def to_frame(self) -> pd.DataFrame:
        """Return years by actual, synthetic (USD million), gap, low, high: see `Counterfactual.paths`."""
        return self.found.paths

    def __repr__(self) -> str:
        return f"Estimate({self.partner}, {self.found!r})"


def estimate(
    study: Study,
    flow: str = "exports",
    *,
    partner: str | int | None = None,
    starting: int | None = None,
    before: tuple[int, int] | None = None,
    after: tuple[int, int] | None = None,
    donors: Iterable[str | int] | str | int | None = None,
    rule: str | None = None,
    threshold: float | None = None,
    estimator: str | None = None,
    outcome: str | None = None,
    frequency: str = "annual",
    without: Iterable[int] = (),
) -> Estimate:
    """Estimate the trade with a partner without the agreement or event that began in a year.

    Defaults are the choices declared for the report (chapters/counterfactual/estimates/specifications.toml).

    Parameters
    ----------
    study : Study
        Its data are used, up to its `as_of`.
    flow : str
        "exports" or "imports" of the United States.
    partner : str or int
        Name or Census code; default: the partner of the study.
    starting : int
        First full year of what is studied; default: that of the agreement with the partner.
    before, after : pair of int
        First and last year fitted, and first and last year of the effect; default: relative to `starting` as declared.
    donors : names or codes
        At least five donors of your own, in place of a rule.
    rule, threshold
        A declared donor rule, and the smallest mean annual flow of a donor, USD million.
    estimator, outcome, frequency
        "sc", "sc-cv", "sdid" or "did"; "log" or "share"; "annual" or "quarterly".
    without : years
        Years of the pre-period that are not fitted.

    Returns an Estimate.

    Raises
    ------
    MissingPartner, InvalidSpecification, IncompletePanel, NoDonors
        An unknown name or word, windows out of order, fewer than five donors, or years outside the data.
    """
    given: dict[str, Any] = {
        "partner": partner,
        "starting": starting,
        "before": before,
        "after": after,
        "donors": donors,
        "rule": rule,
    }
    given |= {"threshold": threshold, "estimator": estimator, "outcome": outcome, "without": without}
    ground = ground_of(study)
    chosen, in_force = choose(study, ground.panel, flow, frequency=frequency, **given)
    return Estimate(study, chosen, study.remembered(made, chosen, in_force), ground.panel)


def ground_of(study: Study) -> Ground:
    """Return the panel of partners and the donor status, computed once; InvalidSpecification if it is not a study."""
    if not hasattr(study, "remembered"):
        raise InvalidSpecification(
            f"{type(study).__name__} in place of a study", expected="a study", do="Open one with kr.open_study()"
        )
    return study.once(_ground)


def _ground(study: Study) -> Ground:
    panel = annual_panel(study.load("goods_trade_monthly"), study.load("partners"), study.partner_names)
    return Ground(panel, donor_status(study.load("donor_status"), study.load("us_agreements")))


def made(study: Study, chosen: Choices, in_force: int) -> Counterfactual:
    """Return the counterfactual for the choices `chosen`; errors as for `estimate`."""
    ground, choices = ground_of(study), declared()
    rule, status = choices.rule(chosen.rule), ground.status
    if chosen.donors:
        rule, status = DonorRule(OWN_LIST, OWN_LIST, (OWN_LIST,)), _listed(ground, chosen)
    spec = Specification(
        flow=chosen.flow,
        estimator=chosen.estimator,  # type: ignore[arg-type]
        outcome=chosen.outcome,  # type: ignore[arg-type]
        pre=chosen.before,
        without=chosen.without,
        post=chosen.after,
        rule=rule,
        threshold=chosen.threshold,
        treated_from=in_force,
        frequency=chosen.frequency,  # type: ignore[arg-type]
    )
    how: dict[str, Any] = {"ridges": choices.ridges, "lead": choices.lead, "level": choices.level}
    return estimated(ground.panel, status, spec, treated=chosen.partner, exactness=choices.exactness, **how)


def _listed(ground: Ground, chosen: Choices) -> DonorStatus:
    """Return a status that excludes all but the named donors; NoDonors if too many of these lack a year."""
    flows = ground.panel.flows[chosen.flow]
    years = range(chosen.before[0], chosen.after[1] + 1)
    lacking = [code for code in chosen.donors if not _whole(flows, code, years) and code != chosen.partner]
    if len(set(chosen.donors) - {chosen.partner} - set(lacking)) < FEWEST and lacking:
        raise NoDonors(
            f"Of the donors named, {', '.join(map(ground.panel.name, lacking))} lack {chosen.flow} in a year",
            expected=f"at least {FEWEST} with {chosen.flow} in every year from {years[0]} to {years[-1]}",
            do="Name others, or choose a shorter window",
        )
    others = [code for code in flows.columns if code not in chosen.donors]
    empty = dict.fromkeys(ground.status.table.columns)
    rows = [{**empty, "partner": code, "reason": OWN_LIST} for code in others]
    return DonorStatus(pd.DataFrame(rows).astype({"from_year": float, "to_year": float}))


def _whole(flows: pd.DataFrame, code: str, years: range) -> bool:
    return code in flows and bool((flows[code].reindex(list(years)) > 0).all())
