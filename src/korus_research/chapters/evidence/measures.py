"""What each main estimate could detect, and what several agreements show together (docs/methods/evidence.md)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from korus_research.chapters.counterfactual.estimates.variants import span
from korus_research.chapters.counterfactual.measures import Effects, of as counterfactual_of
from korus_research.chapters.evidence.agreements import percent, pooled_agreements
from korus_research.chapters.evidence.choices import Choices, declared
from korus_research.chapters.forecasts.compared.flows import expected_flows
from korus_research.chapters.forecasts.rules import load_rules
from korus_research.chapters.gravity.measures import of as gravity_of
from korus_research.data.study import Study, measured
from korus_research.errors import MissingInput
from korus_research.methods.series import FLOWS, Flow, complete_years, monthly_flows
from korus_research.methods.synthetic.estimate import WIDEST
from korus_research.methods.synthetic.power import Sensitivity
from korus_research.show.declared import Result

GRAVITY = "gravity"
AT_FORECAST = ("power", "power_low", "power_high", "reached", "reached_low", "reached_high")
Sensitivities = Mapping[tuple[Flow, str], Sensitivity]
Ranges = Mapping[tuple[Flow, str], tuple[float, float] | None]


@dataclass(frozen=True)
class Evidence(Result):
    """What the estimates of one agreement can show.

    Attributes
    ----------
    names : mapping
        The names that sentences use.
    choices : Choices
    level : float
        Level of the intervals.
    leading : str
        The method of the counterfactual that leads.
    estimated : tuple of str
        All methods by which the counterfactual estimates either flow.
    years : str
        The years that the counterfactual's effects are a mean over.
    forecaster : str
        The official study, as sentences name it; empty where none is known.
    forecasts : mapping of flow to (low, high)
        The official forecast, log points; a flow that it does not give is not there.
    sensitivities : mapping of (flow, method) to Sensitivity
        The counterfactual's methods in their order, then gravity.
    ranges : mapping of (flow, method) to (low, high) or None
        The ranges of these estimates as their own chapters give them, log points.
    agreements : DataFrame
        Each agreement's effect by flow and method, see `agreements.pooled_agreements`.
    pools : DataFrame
        What they show together, see there.
    """

    names: Mapping[str, str]
    choices: Choices
    level: float
    leading: str
    estimated: tuple[str, ...]
    years: str
    forecaster: str
    forecasts: Mapping[Flow, tuple[float, float]]
    sensitivities: Sensitivities
    ranges: Ranges
    agreements: pd.DataFrame
    pools: pd.DataFrame

    def of(self, flow: Flow) -> Mapping[str, Sensitivity]:
        """Return the sensitivities of one flow by method."""
        return {method: found for (own, method), found in self.sensitivities.items() if own == flow}

    @property
    def gravity(self) -> bool:
        """Whether the gravity model holds the pair."""
        return any(method == GRAVITY for _, method in self.sensitivities)

    @property
    def pool_method(self) -> str:
        """The method of the pool that words tell: the leading one, or the first where that is not pooled."""
        pooled = self.choices.pool.methods
        return self.leading if self.leading in pooled else pooled[0]

    def pool(self, flow: Flow, scale: str, *, own: bool = True, method: str = "") -> dict[str, Any]:
        """Return one pooled effect, see `pools`; empty where there is none."""
        rows = self.pools[(self.pools["flow"] == flow) & (self.pools["scale"] == scale)]
        rows = rows[(rows["method"] == (method or self.pool_method)) & (rows["own"] == own)]
        return {str(key): value for key, value in rows.iloc[0].items()} if len(rows) else {}

    def to_frame(self) -> pd.DataFrame:
        """Return what can be seen by each method.

        Returns
        -------
        DataFrame, a row a flow and method: effect, low, high (the estimate and its range, percent; NaN where the
        placebos set none), detectable, detectable_fall (percent; NaN where not even an effect of `WIDEST` is found),
        power and power_low, power_high (at the middle and the ends of the forecast),
        reached and reached_low, reached_high (chance that the effect is at least the middle, the upper and the lower
        end), above (chance that it is above zero); shares from 0 to 1, NaN without a forecast.
        """
        rows = []
        for (flow, method), found in self.sensitivities.items():
            size = found.detectable(self.choices.power)
            size = math.nan if size is None or size > WIDEST else size
            low, high = self.ranges[flow, method] or (math.nan, math.nan)
            rows.append(
                {
                    "flow": flow,
                    "method": method,
                    "effect": percent(found.effect),
                    "low": percent(low),
                    "high": percent(high),
                    "detectable": percent(size),
                    "detectable_fall": percent(-size),
                    **self._at_forecast(found, flow),
                    "above": found.at_least(0.0),
                }
            )
        return pd.DataFrame(rows)

    def _at_forecast(self, found: Sensitivity, flow: Flow) -> dict[str, float]:
        if flow not in self.forecasts:
            return dict.fromkeys(AT_FORECAST, math.nan)
        low, high = self.forecasts[flow]
        middle = math.log((math.exp(low) + math.exp(high)) / 2)
        powers = [found.power(size) for size in (middle, low, high)]
        reached = [found.at_least(size) for size in (middle, high, low)]
        return dict(zip(AT_FORECAST, (*powers, *reached), strict=True))


@measured
def of(study: Study) -> Evidence:
    """Return what the main estimates of both flows can show, and what the agreements show together.

    Raises
    ------
    IncompletePanel, NoDonors, InvalidSpecification
        There is no counterfactual: see its measures.
    """
    effects, choices = counterfactual_of(study), declared()
    forecaster, forecasts = _forecasts(study)
    agreements, pools = pooled_agreements(effects, choices)
    gravity, ranges = _gravity(study)
    return Evidence(
        names=study.names,
        choices=choices,
        level=effects.choices.level,
        leading=effects.leading,
        estimated=tuple(dict.fromkeys(method for _, method in effects.methods)),
        years=span(*effects.window.post),
        forecaster=forecaster,
        forecasts=forecasts,
        sensitivities={**_counterfactual(effects), **gravity},
        ranges={**{key: found.interval_log for key, found in effects.methods.items()}, **ranges},
        agreements=agreements,
        pools=pools,
    )


def _forecasts(study: Study) -> tuple[str, Mapping[Flow, tuple[float, float]]]:
    """Return the official study and what it forecast, log points, low and high end; nothing where none is known."""
    rules = load_rules()
    own = rules.of(study.agreement.id)
    if own is None:
        return "", {}
    monthly = monthly_flows(study.load("goods_trade_monthly"), partner=study.agreement.partner.census_code)
    annual = complete_years(monthly)[list(FLOWS)]
    table = expected_flows(study.load("forecasts"), study.load("published_estimates"), annual, rules=rules, own=own)
    found: dict[Flow, tuple[float, float]] = {}
    for row in table[table["study"] == own.reference].to_dict("records"):
        found.setdefault(row["flow"], (math.log1p(row["low"] / 100), math.log1p(row["high"] / 100)))
    return own.reference_short if found else "", found


def _counterfactual(effects: Effects) -> Sensitivities:
    """Return the sensitivities of all methods that have an estimate with a test of its own.

    A unit that is copied exactly before treatment has no error that placebo errors could be put in proportion to.
    """
    return {
        key: Sensitivity(found.effect_log, found.errors_log, found.level)
        for key, found in effects.methods.items()
        if not found.exact
    }


def _gravity(study: Study) -> tuple[Sensitivities, Ranges]:
    """Return those of the gravity model and its ranges; none for an agreement outside its panel.

    The two flows of a pair are no independent placebos: neither is a reference for the other.
    """
    try:
        gravity = gravity_of(study)
    except MissingInput:
        return {}, {}
    placebos = gravity.main.placebos
    pairs = pd.Series(["-".join(sorted(pair)) for pair in placebos.index])
    groups, errors = np.asarray(pd.factorize(pairs)[0]), placebos["effect"].to_numpy(float)
    level, effects = gravity.spec.level, gravity.main.effects
    reach = gravity.main.test.reach(level)
    found = {(flow, GRAVITY): Sensitivity(effects[flow], errors, level, groups) for flow in FLOWS}
    return found, {(flow, GRAVITY): (effects[flow] - reach, effects[flow] + reach) for flow in FLOWS}
