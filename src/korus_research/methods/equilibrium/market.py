"""Market clearing: the equilibrium equations for a batch of draws, and their solution by Newton steps."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from korus_research.methods.equilibrium.baseline import Baseline

Array = NDArray[np.float64]
Deficits = Literal["additive", "multiplicative"]
CLOSURES: tuple[Deficits, ...] = get_args(Deficits)

TOLERANCE = 1e-10
_GOAL = 1e-13  # target; residuals that rounding keeps above it are accepted up to the tolerance
_SHARED, _OWN, _HALVINGS = 25, 100, 40  # steps with a common Jacobian, with a draw's own one, halvings of a step
_LARGEST_STEP = 0.5  # of a log wage


class Market:
    """The market-clearing equations of a batch of draws: every economy sells its output.

    `weights` (draws, n, n) are the baseline flows times the effect of costs and duties at given wages; `theta` is the
    trade elasticity.
    """

    def __init__(self, weights: Array, baseline: Baseline, theta: float, deficits: Deficits) -> None:
        self.weights, self.theta = weights, theta
        self.output = baseline.output
        self.absorption = baseline.absorption
        self.additive = deficits == "additive"
        self.world = float(self.output.sum())

    def spending(self, sales: Array) -> Array:
        """Return spending before duty by importer for nominal output `sales`."""
        if self.additive:
            return sales + (self.absorption - self.output)
        spent = self.absorption / self.output * sales
        return np.asarray(spent * (sales.sum(axis=-1) / spent.sum(axis=-1))[:, None])

    def excess(self, logs: Array, weights: Array) -> tuple[Array, Array, Array]:
        """Return excess demand (with the numeraire condition), nominal output, and spending per sum of weights."""
        sales = np.exp(logs) * self.output
        cheap = np.exp(-self.theta * logs)
        sums = (cheap[:, None, :] @ weights)[:, 0, :]
        per_weight = self.spending(sales) / sums
        demand = cheap * (weights @ per_weight[:, :, None])[:, :, 0]
        # Excess demands add up to zero; adding the numeraire condition to them makes the system nonsingular.
        drift = (sales.sum(axis=1) - self.world)[:, None] * (self.output / self.world)
        return demand - sales + drift, sales, per_weight

    def jacobian(self, logs: Array, weights: Array) -> Array:
        """Return the derivatives of `excess` by log wages, one matrix per draw."""
        _, sales, per_weight = self.excess(logs, weights)
        spending = self.spending(sales)
        flows = np.exp(-self.theta * logs)[:, :, None] * weights * per_weight[:, None, :]
        shares = flows / spending[:, None, :]
        demand = flows.sum(axis=2)
        out = self.theta * (shares @ flows.transpose(0, 2, 1))
        if self.additive:
            out += shares * sales[:, None, :]
        else:
            spent = self.absorption / self.output * sales
            own = sales / sales.sum(axis=1, keepdims=True) - spent / spent.sum(axis=1, keepdims=True)
            out += flows + demand[:, :, None] * own[:, None, :]
        row, column = np.diag_indices(len(self.output))
        out[:, row, column] -= self.theta * demand + sales
        return np.asarray(out + (self.output / self.world)[None, :, None] * sales[:, None, :])

    def clear(self) -> tuple[Array, float]:
        """Return log wages and the largest residual: steps with a common Jacobian, then with a draw's own one."""
        start = np.zeros((1, len(self.output)))
        at_mean = self.jacobian(start, self.weights.mean(axis=0, keepdims=True))[0]
        try:
            shared = -np.linalg.inv(at_mean).T
        except np.linalg.LinAlgError:  # a flow is almost zero: left to the damped steps below
            shared = np.zeros_like(at_mean)
        logs = np.zeros((len(self.weights), len(self.output)))
        left, gap = np.arange(len(self.weights)), np.full(len(self.weights), np.inf)
        weights = self.weights
        for _ in range(_SHARED):
            excess, sales, _ = self.excess(logs[left], weights)
            before, gap[left] = gap[left], np.abs(excess / sales).max(axis=1)
            # Rounding may stop progress above the target: a draw within the tolerance that no longer improves is done.
            going = (gap[left] > _GOAL) & ~((gap[left] < TOLERANCE / 10) & (gap[left] > 0.5 * before))
            if not going.any():
                break
            if going.mean() < 0.5:
                left, weights, excess = left[going], weights[going], excess[going]
            logs[left] += np.clip(excess @ shared, -_LARGEST_STEP, _LARGEST_STEP)
        for draw in np.flatnonzero(~(gap < TOLERANCE / 10)):
            logs[draw], gap[draw] = self.newton(self.weights[draw : draw + 1])
        return logs, float(gap.max())

    def newton(self, weights: Array) -> tuple[Array, float]:
        """Return log wages and residual of one draw by damped Newton steps, starting from no change."""
        logs = np.zeros((1, len(self.output)))
        excess, sales, _ = self.excess(logs, weights)
        for _ in range(_OWN):
            if np.abs(excess / sales).max() < _GOAL:
                break
            try:
                step = -np.linalg.solve(self.jacobian(logs, weights), excess[:, :, None])[:, :, 0]
            except np.linalg.LinAlgError:
                break
            step *= min(1.0, 4 * _LARGEST_STEP / max(float(np.abs(step).max()), 1e-300))
            for _ in range(_HALVINGS):
                new, new_sales, _ = self.excess(logs + step, weights)
                # Relative to output, so that rounding in large economies does not mask small ones.
                if np.abs(new / self.output).sum() < np.abs(excess / self.output).sum():
                    break
                step /= 2
            else:
                break
            logs, excess, sales = logs + step, new, new_sales
        return logs[0], float(np.abs(excess / sales).max())

    def flows(self, logs: Array) -> Array:
        """Return the flows before duty at these wages."""
        _, _, per_weight = self.excess(logs, self.weights)
        return np.asarray(np.exp(-self.theta * logs)[:, :, None] * self.weights * per_weight[:, None, :])
