"""The counterfactual for one specification, with its placebos (docs/methods/counterfactual.md)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from korus_research.methods.series import MN_PER_BN
from korus_research.methods.synthetic.donors import DonorPool, DonorStatus, donor_pool
from korus_research.methods.synthetic.estimators import Fits, Ridges, Years, fit
from korus_research.methods.synthetic.outcomes import (
    LEFT_OUT,
    Exactness,
    effects_log,
    keeps_a_path,
    outcomes,
    quarterly,
)
from korus_research.methods.synthetic.panel import TradePanel
from korus_research.methods.synthetic.simplex import Array
from korus_research.methods.synthetic.specification import Specification

WIDEST = math.log(10.0)  # half-width, log points; an interval from a tenth to ten times says nothing


@dataclass(frozen=True)
class Counterfactual:
    """An estimate with its placebos.

    Attributes
    ----------
    spec : Specification
    pool : DonorPool
    fits : Fits
        Rows in the order of the pool: the treated unit, then each donor as a placebo.
    outcome : Array (units, years)
        The fitted outcome: the logarithm of the flow, or its share over the unit's own mean share before treatment.
    scale : Array (units, years)
        The value of one unit of the outcome in USD million: pre-period mean share times world trade; 1 for logs.
    level : float
        Level of the interval.
    exactness : Exactness
        The treatment of units that are fitted almost exactly before treatment.
    """

    spec: Specification
    pool: DonorPool
    fits: Fits
    outcome: Array
    scale: Array
    level: float
    exactness: Exactness = LEFT_OUT

    @property
    def effect_log(self) -> float:
        """Effect in log points: mean gap (log outcome), or log of mean actual over mean synthetic share."""
        return float(effects_log(self.spec, self.fits.effect, self.outcome, self._post)[0])

    @property
    def effect_percent(self) -> float:
        """Effect in percent of the synthetic level."""
        return 100 * math.expm1(self.effect_log)

    @property
    def effect_usd_bn(self) -> float:
        """Effect per year, USD billion: the mean actual flow minus the flow without the effect."""
        return self._money(self.effect_log)

    @property
    def kkt(self) -> float:
        """Largest KKT residual of all programs of this specification."""
        return float(self.fits.kkt.max())

    @property
    def exact(self) -> bool:
        """Whether the treated unit is fitted almost exactly before: with more donors than years, by chance."""
        return bool(self.exactness.exact(self.fits.rmspe)[0])

    @property
    def kept(self) -> NDArray[np.bool_]:
        """Which units are ranked, the treated unit first; see `exactness`."""
        return self.exactness.kept(self.fits.rmspe)

    @property
    def p_value(self) -> float:
        """Rank p-value: share of ranked units, the treated one included, with a standardised effect at least as large.

        NaN for an `exact` fit: any effect is then many times a gap of almost zero, and its rank is chance.
        """
        return self.exactness.p_value(self.fits.standardised, self.fits.rmspe)

    @property
    def p_floor(self) -> float:
        """The smallest possible p-value, 1/(J+1) with J ranked placebos; NaN for an `exact` fit."""
        return self.exactness.p_floor(self.fits.rmspe)

    @property
    def errors_log(self) -> Array:
        """Errors of the estimate according to the ranked placebos, log points, shape (placebos,).

        Each is a placebo's effect over its own RMSPE, times the treated unit's RMSPE; the interval is made of them.
        """
        errors = (self.fits.standardised[self.kept] * self.fits.rmspe[0])[1:]
        own = np.broadcast_to(self.outcome[0], (errors.size, self.outcome.shape[1]))
        return effects_log(self.spec, errors, own, self._post)

    @property
    def rmspe_ratios(self) -> Array:
        """Post- over pre-period root mean squared gap of each unit, the treated one first."""
        after = np.sqrt((self.fits.gap[:, self._post] ** 2).mean(axis=1))
        ratios: Array = after / np.maximum(self.fits.rmspe, np.finfo(float).tiny)
        return ratios

    @property
    def rmspe_ratio(self) -> float:
        """Post- over pre-period root mean squared gap of the treated unit."""
        return float(self.rmspe_ratios[0])

    @cached_property
    def interval_log(self) -> tuple[float, float] | None:
        """Effects, log points, that the placebo test does not reject at 1 - `level`.

        None with too few placebos for that level; if the half-width exceeds `WIDEST` (some placebos are then fitted so
        closely before treatment that their standardised gaps carry no information); if an end would leave no share
        without the effect; or if the treated unit's own fit is `exact`, so that the interval would shrink to a point.

        The weights do not depend on the treated unit's path after treatment, so subtracting a constant effect moves its
        statistic linearly, and the test is inverted in closed form, in the unit of the outcome. For shares the ends are
        converted to log points like the estimate: log of the actual share over the share without that effect.
        """
        placebos = np.sort(np.abs(self.fits.standardised[self.kept][1:]))
        rank = math.ceil(self.level * (placebos.size + 1))
        if rank > placebos.size or self.exact:
            return None
        half = placebos[rank - 1] * self.fits.rmspe[0]
        ends = np.array([self.fits.effect[0] - half, self.fits.effect[0] + half])
        own = np.broadcast_to(self.outcome[0], (2, self.outcome.shape[1]))
        if self.spec.outcome == "share" and not keeps_a_path(ends, own[:, self._post].mean(axis=1)).all():
            return None
        low, high = map(float, effects_log(self.spec, ends, own, self._post))
        return (low, high) if (high - low) / 2 <= WIDEST else None

    @property
    def interval_percent(self) -> tuple[float, float] | None:
        """The interval in percent of the synthetic level."""
        inner = self.interval_log
        return None if inner is None else (100 * math.expm1(inner[0]), 100 * math.expm1(inner[1]))

    @property
    def interval_usd_bn(self) -> tuple[float, float] | None:
        """The interval in USD billion per year, relative to the same mean flow as the effect."""
        inner = self.interval_log
        return None if inner is None else (self._money(inner[0]), self._money(inner[1]))

    def _money(self, effect: float) -> float:
        """Return an effect in log points as USD billion per year, relative to the mean actual flow."""
        actual = float(self.pool.values.iloc[self._post, 0].mean()) / MN_PER_BN
        return -actual * math.expm1(-effect)

    @cached_property
    def paths(self) -> pd.DataFrame:
        """Years by actual, synthetic (USD million), gap (log points or share index) and low, high of the placebos.

        `low` and `high` are the synthetic path minus and plus the size of the placebos' gaps of that year, each over
        its own RMSPE and times the treated unit's, at the rank of `interval_log`; NaN without an interval.
        """
        years = self.pool.values.index
        actual = self.pool.values.iloc[:, 0].to_numpy()
        gap = self.fits.gap[0]
        size = np.full_like(gap, np.nan)
        if self.interval_log is not None:
            ranked = self.kept.nonzero()[0][1:]
            scaled = np.sort(np.abs(self.fits.gap[ranked]) / self.fits.rmspe[ranked, None] * self.fits.rmspe[0], axis=0)
            size = scaled[math.ceil(self.level * (ranked.size + 1)) - 1]
        if self.spec.outcome == "log":
            synthetic = actual * np.exp(-gap)
            band = synthetic * np.exp(-size), synthetic * np.exp(size)
        else:
            synthetic = (self.outcome[0] - gap) * self.scale[0]
            band = synthetic - size * self.scale[0], synthetic + size * self.scale[0]
        return pd.DataFrame(
            {"actual": actual, "synthetic": synthetic, "gap": gap, "low": band[0], "high": band[1]}, index=years
        )

    @property
    def weights(self) -> pd.Series:
        """Positive donor weights by Census code, largest first."""
        weights = pd.Series(self.fits.weights[0, 1:], index=list(self.pool.donors))
        return weights[weights > 0].sort_values(ascending=False, kind="stable")

    @property
    def placebos(self) -> pd.DataFrame:
        """Effect (unit of the outcome), rmspe and standardised effect by unit, the treated unit first."""
        index = pd.Index([self.pool.treated, *self.pool.donors], name="partner")
        columns = {"effect": self.fits.effect, "rmspe": self.fits.rmspe, "standardised": self.fits.standardised}
        return pd.DataFrame(columns, index=index)

    @property
    def _post(self) -> slice:
        first = self.pool.values.index[0]
        return slice(self.spec.post[0] - first, self.spec.post[1] - first + 1)

    def to_frame(self) -> pd.DataFrame:
        """Return `paths`."""
        return self.paths

    def __repr__(self) -> str:
        s = self.spec
        return (
            f"Counterfactual({s.flow}, {s.estimator}, {s.outcome}, {s.pre[0]}-{s.pre[1]} to {s.post[0]}-{s.post[1]}, "
            f"{s.rule.id}: {self.effect_percent:+.1f} percent, p = {self.p_value:.2f}, {len(self.pool.donors)} donors)"
        )


def estimate(
    panel: TradePanel,
    status: DonorStatus,
    spec: Specification,
    *,
    treated: str,
    ridges: Ridges,
    lead: int,
    level: float,
    exactness: Exactness = LEFT_OUT,
) -> Counterfactual:
    """Estimate one specification with all its placebos.

    Raises IncompletePanel, NoDonors, InvalidSpecification, NotConverged: see `donor_pool`, `outcomes`, `quarterly` and
    `estimators.fit`.
    """
    pool = donor_pool(panel, status, spec, treated=treated, lead=lead)
    pre, post = spec.places(spec.pre[0])
    if spec.frequency == "quarterly":
        pool, quarters = quarterly(panel, pool, spec)
        fits = _by_year(fit(quarters, _quarters(pre), _quarters(post), estimator=spec.estimator, ridges=ridges))
        outcome, scale = outcomes(pool, panel.totals[spec.flow], spec)
    else:
        outcome, scale = outcomes(pool, panel.totals[spec.flow], spec)
        fits = fit(outcome, pre, post, estimator=spec.estimator, ridges=ridges)
    return Counterfactual(spec, pool, fits, outcome, scale, level, exactness)


def _quarters(years: Years) -> Years:
    """Return the positions of the quarters of years at these positions."""
    return (4 * years[:, None] + np.arange(4)).ravel()


def _by_year(fits: Fits) -> Fits:
    """Return quarterly fits by year: gaps as means, time weights as sums over the quarters.

    The RMSPE stays that of the quarters, on which the weights were fitted.
    """
    gap, weights = (array.reshape(len(array), -1, 4) for array in (fits.gap, fits.time_weights))
    return replace(fits, gap=gap.mean(axis=2), time_weights=weights.sum(axis=2))


def leave_one_out(result: Counterfactual, *, ridges: Ridges) -> pd.Series:
    """Return the effect, log points, with each weighted donor left out in turn, by its Census code."""
    spec = result.spec
    pre, post = spec.places(spec.pre[0])
    effects = {}
    for donor in result.weights.index:
        keep = [0, *(k for k, code in enumerate(result.pool.donors, start=1) if code != donor)]
        values = result.outcome[keep]
        fits = fit(values, pre, post, estimator=spec.estimator, ridges=ridges, placebos=False)
        effects[str(donor)] = float(effects_log(spec, fits.effect, values, result._post)[0])
    return pd.Series(effects)
