"""Scenarios about two parties, solved over a range of trade elasticities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from korus_research.methods.equilibrium.baseline import Array, Baseline
from korus_research.methods.equilibrium.market import CLOSURES, Deficits
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
    closures : mapping of Deficits to Outcome
        The same with the range of one deficit closure; the overall range covers both.
    """

    changes: pd.DataFrame
    low: pd.DataFrame
    high: pd.DataFrame
    flows: pd.DataFrame
    by_elasticity: pd.DataFrame
    world: Change
    residual: float
    closures: Mapping[Deficits, Outcome] = field(default_factory=dict)

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
    """The baseline, the codes of the two parties, and the trade elasticities: the main one and all alternatives."""

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

    @property
    def variants(self) -> tuple[tuple[float, Deficits], ...]:
        """All combinations of elasticity and deficit closure, the main ones first."""
        closures = dict.fromkeys((self.deficits, *CLOSURES))
        return tuple((theta, closure) for closure in closures for theta in self.thetas)

    def solve(
        self,
        theta: float,
        closure: Deficits,
        *,
        costs: Array | None = None,
        duties: Array | None = None,
        base: Baseline | None = None,
    ) -> Equilibrium:
        """Return the equilibrium of one variant; errors as in `solve_equilibrium`."""
        return solve_equilibrium(base or self.baseline, costs=costs, duties=duties, elasticity=theta, deficits=closure)

    def measures(self, new: Equilibrium) -> Array:
        """Return percent changes, one row per draw: `MEASURES` of every economy, both flows, world income."""
        pair = [new.flow(self.reporter, self.partner), new.flow(self.partner, self.reporter)]
        levels = [getattr(new, name) for name in MEASURES]
        spent = new.baseline.absorption + new.baseline.revenue
        world = (new.real_income @ spent)[..., None] / spent.sum()
        return np.asarray(100 * (np.concatenate([*levels, np.stack(pair, axis=-1), world], axis=-1) - 1))

    def ranged(self, values: Mapping[tuple[float, Deficits, str], Array], main: str, residual: float) -> Outcome:
        """Return an outcome with the range of all solutions, by variant and case; `main` is the main case."""
        own = {theta: values[theta, self.deficits, main] for theta in self.thetas}
        everything = {key: np.stack([v for (_, of, _), v in values.items() if of == key]) for key in CLOSURES}
        ends = {key: (rows.min(axis=0), rows.max(axis=0)) for key, rows in everything.items()}
        low, high = (pick([one[k] for one in ends.values()], axis=0) for k, pick in enumerate((np.min, np.max)))
        return self.outcome(own, low, high, residual, ends)

    def outcome(
        self,
        values: Mapping[float, Array],
        low: Array,
        high: Array,
        residual: float,
        closures: Mapping[Deficits, tuple[Array, Array]],
    ) -> Outcome:
        """Return an outcome from rows of `measures`: by elasticity, at both ends of the range, and by closure."""
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
            {key: self.outcome(values, *ends, residual, {}) for key, ends in closures.items()},
        )
