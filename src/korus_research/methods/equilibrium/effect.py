"""Removal of a partial effect from the flows of two parties, as iceberg costs, with its uncertainty simulated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from korus_research.errors import InvalidModel
from korus_research.methods.equilibrium.baseline import Array
from korus_research.methods.equilibrium.market import CLOSURES, Deficits
from korus_research.methods.equilibrium.pair import Outcome, PairModel
from korus_research.methods.series import FLOWS, Flow

_CHUNK = 250  # draws solved together: their matrices fit into the processor's cache


@dataclass(frozen=True)
class PartialEffect:
    """An effect on one goods flow at given prices and incomes, in log points.

    `low` and `high` are an interval at `level`. Draws follow a split normal distribution: half normals of different
    widths on either side, whose quantiles are the estimate and the ends of the interval.
    """

    estimate: float
    low: float
    high: float
    level: float = 0.9

    def __post_init__(self) -> None:
        ordered = np.isfinite([self.low, self.high]).all() and self.low <= self.estimate <= self.high
        if not (ordered and 0 < self.level < 1):
            raise InvalidModel(
                f"An effect of {self.estimate:g} in [{self.low:g}, {self.high:g}]",
                expected="numbers, the estimate within its interval",
                do="Correct the effect",
            )

    def draws(self, normal: Array) -> Array:
        """Return draws for standard normal numbers."""
        side = np.where(normal > 0, self.high - self.estimate, self.estimate - self.low)
        return np.asarray(self.estimate + side * normal / NormalDist().inv_cdf((1 + self.level) / 2))


def taken_out(
    model: PairModel, effects: Mapping[Flow, PartialEffect], goods: Mapping[Flow, float], *, draws: int, seed: int
) -> Outcome:
    """Return the outcome of removing the effects from both flows, with the range of the draws at the effects' level.

    Parameters
    ----------
    model : PairModel
    effects, goods : mapping of flow
        Each flow's effect on goods, and the share of goods in the flow (a fraction).
    draws, seed : int
        Draws of the effects, independent for the two flows; elasticities and deficit closures alternate.

    Raises
    ------
    InvalidModel, NotConverged
        As `solve_equilibrium`.
    """
    normal = np.random.default_rng(seed).standard_normal((2, draws))
    drawn = {flow: effects[flow].draws(normal[k]) for k, flow in enumerate(FLOWS)}
    parts: dict[Deficits, list[Array]] = {closure: [] for closure in CLOSURES}
    residual = 0.0
    # Elasticities and closures are used equally often (decisions 47 and 72).
    for turn, (theta, closure) in enumerate(model.variants):
        own = {flow: values[turn :: len(model.variants)] for flow, values in drawn.items()}
        for first in range(0, len(own["exports"]), _CHUNK):
            part = {flow: values[first : first + _CHUNK] for flow, values in own.items()}
            new = model.solve(theta, closure, costs=_costs(model, part, goods, theta))
            parts[closure].append(model.measures(new))
            residual = max(residual, new.residual)
    level = min(effect.level for effect in effects.values())
    rows = {closure: np.concatenate(found) for closure, found in parts.items()}
    tails = ((1 - level) / 2, (1 + level) / 2)
    low, high = np.quantile(np.concatenate(list(rows.values())), tails, axis=0)
    ends = {closure: tuple(np.quantile(found, tails, axis=0)) for closure, found in rows.items()}
    point = {flow: np.array([effects[flow].estimate]) for flow in FLOWS}
    solved = {
        theta: model.solve(theta, model.deficits, costs=_costs(model, point, goods, theta)) for theta in model.thetas
    }
    values = {theta: model.measures(new)[0] for theta, new in solved.items()}
    return model.outcome(values, low, high, max(residual, *(new.residual for new in solved.values())), ends)


def _costs(model: PairModel, drawn: Mapping[Flow, Array], goods: Mapping[Flow, float], theta: float) -> Array:
    """Return iceberg costs that, at given prices and incomes, reduce each flow to services and goods x exp(-effect)."""
    out = np.ones((len(drawn["exports"]), *model.baseline.flows.shape))
    places: dict[Flow, tuple[int, int]] = {"exports": (model.us, model.them), "imports": (model.them, model.us)}
    for flow, (i, j) in places.items():
        share = goods[flow]
        out[:, i, j] = (1 - share + share * np.exp(-drawn[flow])) ** (-1 / theta)
    return out
