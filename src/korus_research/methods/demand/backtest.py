"""Backtest with rolling origins: forecast errors of the demand equation, and the interval width that covers them.

For every partner with data and every origin, the main specification is estimated on the years to the origin, and its
forecast, given actual demand and exchange rates, is compared with the actual flow. A bootstrap assumes that the
equation remains valid; the backtest errors do not. The published interval is therefore the bootstrap's, widened by the
factor at which it covers the stated share of these errors at that horizon.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from korus_research.methods.demand.equation import estimate, series_of
from korus_research.methods.demand.prediction import predict
from korus_research.methods.demand.specification import Plan
from korus_research.methods.series import FLOWS


@dataclass(frozen=True)
class Backtest:
    """Forecasts and actual flows, and the nominal coverage `level` of the intervals.

    `forecasts` has iso3, flow, origin, horizon, actual, central, low, high (logarithms of USD million), naive (no
    change in real dollars) and score: the error over the half-width on its side (1 is the edge of the interval).
    """

    forecasts: pd.DataFrame
    level: float
    fewest: int
    horizons: int

    def factors(self, without: str | None = None) -> Mapping[int, float]:
        """Return the factor for half-widths by horizon: at least 1, and not decreasing.

        A horizon with fewer than `fewest` forecasts has the factor of the one before. `without` leaves out a partner.
        """
        rows = self.forecasts if without is None else self.forecasts[self.forecasts["iso3"] != without]
        found: dict[int, float] = {}
        factor = 1.0
        for horizon in range(1, self.horizons + 1):
            scores = rows.loc[rows["horizon"] == horizon, "score"].to_numpy(float)
            if len(scores) >= self.fewest:
                # The finite-sample rank of split conformal intervals: the (n + 1) level-th smallest.
                rank = min(int(np.ceil((len(scores) + 1) * self.level)), len(scores))
                factor = max(factor, float(np.sort(scores)[rank - 1]))
            found[horizon] = factor
        return found

    def coverage(self, *, upto: int | None = None, raw: bool = False) -> float:
        """Return the share of actual values inside their interval, up to the horizon `upto`, widened or `raw`.

        A partner's intervals are widened by factors from the other partners.
        """
        rows = self.forecasts if upto is None else self.forecasts[self.forecasts["horizon"] <= upto]
        if raw:
            return float((rows["score"] <= 1).mean())
        held = [
            own["score"] <= own["horizon"].map(dict(self.factors(without=str(iso3))))
            for iso3, own in rows.groupby("iso3", sort=False)
        ]
        return float(pd.concat(held).mean())

    def error(self, column: str, *, flow: str, horizon: int) -> float:
        """Return the root mean squared error in logarithms of `central` or `naive`; NaN without forecasts."""
        rows = self.forecasts
        rows = rows[(rows["flow"] == flow) & (rows["horizon"] == horizon)]
        return float(np.sqrt(((rows["actual"] - rows[column]) ** 2).mean()))


def backtest(tables: Mapping[str, pd.DataFrame], plan: Plan, *, studied: str, before: int) -> Backtest:
    """Return forecasts of the main specification from rolling origins; `tables` has the `demand_table` of each economy.

    The years of the partner `studied` after `before` are the question of the report, and so are not used.
    """
    b, level = plan.backtest, plan.uncertainty.level
    rows: list[pd.DataFrame] = []
    for place, (iso3, table) in enumerate(sorted(tables.items())):
        for number, flow in enumerate(FLOWS):
            series = series_of(table, flow, plan.main)
            end = before if iso3 == studied else series.last
            for origin in range(b.first_origin, before + 1):
                first = max(series.years[0] + 1, origin - b.longest + 1)
                last = min(end, origin + b.horizons)
                if origin - first + 1 < b.shortest or last <= origin:
                    continue
                rng = plan.generator("backtest", place, number, origin)
                equation = estimate(
                    series,
                    plan.main,
                    first=first,
                    last=origin,
                    slowest_return=plan.levels.slowest_return,
                    replications=b.replications,
                    rng=rng,
                )
                found = predict(equation, series, origin=origin, last=last, level=level, rng=rng)
                start, _, _, dollars = series.ahead(origin, last)
                came = series.flow[series.at(origin) + 1 : series.at(last) + 1] + dollars
                about = {"iso3": iso3, "flow": flow, "origin": origin, "horizon": np.arange(1, last - origin + 1)}
                ends = {"central": np.log(found.central), "low": np.log(found.low), "high": np.log(found.high)}
                rows.append(pd.DataFrame({**about, "actual": came, **ends, "naive": start + dollars}))
    names = ["iso3", "flow", "origin", "horizon", "actual", "central", "low", "high", "naive"]
    forecasts = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=names)
    error = forecasts["actual"] - forecasts["central"]
    width = np.where(error >= 0, forecasts["high"] - forecasts["central"], forecasts["central"] - forecasts["low"])
    return Backtest(forecasts.assign(score=error.abs() / width), level, b.fewest, b.horizons)
