"""The model as asked about two parties: each scenario over a range of trade elasticities, as one outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from korus_research.methods.equilibrium.baseline import Array, Baseline
from korus_research.methods.equilibrium.market import Deficits
from korus_research.methods.equilibrium.solve import Equilibrium, solve_equilibrium
from korus_research.methods.series import FLOWS

MEASURES = ("real_income", "real_gdp", "exports", "imports")
Change = tuple[float, float, float]  # percent, and both ends of its range


@dataclass(frozen=True)
class Outcome:
    """One scenario solved.

    Attributes
    ----------
    changes, low, high : DataFrame
        Percent by economy; columns real_income, real_gdp, exports, imports (with all others, nominal, the numeraire
        world output).
    flows : DataFrame
        The flows between the parties (exports, imports): baseline_usd_bn, percent, low, high; nominal, before duty.
    by_elasticity : DataFrame
        Percent change of real income by trade elasticity; columns reporter, partner.
    world : tuple of float
        Real income of all economies together, weighted by what they spend: percent, low, high.
    residual : float
        Largest market-clearing residual of all its solutions.
    """

    changes: pd.DataFrame
    low: pd.DataFrame
    high: pd.DataFrame
    flows: pd.DataFrame
    by_elasticity: pd.DataFrame
    world: Change
    residual: float

    def change(self, economy: str, measure: str = "real_income") -> Change:
        """Return the change of a measure of one economy: percent, low, high."""
        value, low, high = (float(t.at[economy, measure]) for t in (self.changes, self.low, self.high))  # type: ignore[arg-type]
        return value, low, high

    def flow(self, flow: str) -> Change:
        """Return the change of a flow between the parties: percent, low, high."""
        value, low, high = (float(self.flows.at[flow, end]) for end in ("percent", "low", "high"))  # type: ignore[arg-type]
        return value, low, high


@dataclass(frozen=True)
class PairModel:
    """The baseline, the two parties (its codes), and the trade elasticities: the main one, and all that are tried."""

    baseline: Baseline
    reporter: str
    partner: str
    elasticity: float
    elasticities: tuple[float, ...]
    deficits: Deficits = "additive"

    @property
    def us(self) -> int:
        """Row and column of the reporter."""
        return self.baseline.place(self.reporter)

    @property
    def them(self) -> int:
        """Row and column of the partner."""
        return self.baseline.place(self.partner)

    @property
    def thetas(self) -> tuple[float, ...]:
        """The main elasticity first, then the others."""
        return tuple(dict.fromkeys((self.elasticity, *self.elasticities)))

    def solve(
        self, theta: float, *, costs: Array | None = None, duties: Array | None = None, base: Baseline | None = None
    ) -> Equilibrium:
        """Return the equilibrium at one elasticity, from another baseline where one is given; errors as there."""
        start = base or self.baseline
        return solve_equilibrium(start, costs=costs, duties=duties, elasticity=theta, deficits=self.deficits)

    def measures(self, new: Equilibrium) -> Array:
        """Return percent changes in a row, one a draw: four of every economy, both flows, the world's income."""
        pair = [new.flow(self.reporter, self.partner), new.flow(self.partner, self.reporter)]
        levels = [getattr(new, name) for name in MEASURES]
        spent = new.baseline.absorption + new.baseline.revenue
        world = (new.real_income @ spent)[..., None] / spent.sum()
        return np.asarray(100 * (np.concatenate([*levels, np.stack(pair, axis=-1), world], axis=-1) - 1))

    def ranged(self, values: Mapping[tuple[float, str], Array], main: str, residual: float) -> Outcome:
        """Return an outcome whose range is that of all solutions, by elasticity and case; `main` is the main case."""
        everything = np.stack(list(values.values()))
        own = {theta: values[theta, main] for theta in self.thetas}
        return self.outcome(own, everything.min(axis=0), everything.max(axis=0), residual)

    def outcome(self, values: Mapping[float, Array], low: Array, high: Array, residual: float) -> Outcome:
        """Return rows of `measures` as an outcome: the main ones by elasticity, and both ends of the range."""
        n = len(self.baseline.economies)

        def table(row: Array) -> pd.DataFrame:
            index = pd.Index(self.baseline.economies, name="economy")
            return pd.DataFrame(row[: 4 * n].reshape(4, n).T, index=index, columns=list(MEASURES))

        point = values[self.elasticity]
        us, them, flows = self.us, self.them, self.baseline.flows
        pair = {
            "baseline_usd_bn": np.array([flows[us, them], flows[them, us]]) / 1000,
            "percent": point[4 * n : -1],
            "low": low[4 * n : -1],
            "high": high[4 * n : -1],
        }
        parties = {"reporter": us, "partner": them}
        by_elasticity = pd.DataFrame(
            {who: {theta: float(row[place]) for theta, row in sorted(values.items())} for who, place in parties.items()}
        )
        return Outcome(
            table(point),
            table(low),
            table(high),
            pd.DataFrame(pair, index=pd.Index(FLOWS, name="flow")),
            by_elasticity.rename_axis("elasticity"),
            (float(point[-1]), float(low[-1]), float(high[-1])),
            residual,
        )
