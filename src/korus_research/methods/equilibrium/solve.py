"""Structural gravity in general equilibrium, in exact changes (docs/methods/scenarios.md).

One sector, goods differentiated by origin (Armington), each economy's output in fixed supply. Two wedges: iceberg
costs, which use up goods, and ad valorem duties, whose revenue is rebated to the importer's households: E = wL + R + D.
Flows are valued before duty. Let theta be the trade elasticity (the substitution elasticity minus one), hats ratios of
new to old, and A = wL + D expenditure before duty. Then the new flows before duty are

    X'_ij = A'_j X_ij K_ij w_i^-theta / sum_k X_kj K_kj w_k^-theta

with K = cost^-theta (1 + duty)^-(1 + theta) and all of K and w in hats, and wages clear `w_i Y_i = sum_j X'_ij`: a
rebated duty changes where an economy buys, not its expenditure before duty. So wages and flows depend only on the
change of a duty; prices, revenue and real income also on its level. Exact changes: Dekle, Eaton and Kortum (2008); with
tariffs: Costinot and Rodríguez-Clare (2014). The derivation above is our own; two-country cases check it.

Numeraire: world output, the sum of all wages times endowments. Real changes do not depend on it, except that additive
deficits are fixed amounts of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from korus_research.errors import InvalidModel, NotConverged
from korus_research.methods.equilibrium.baseline import Array, Baseline, check_duties
from korus_research.methods.equilibrium.market import TOLERANCE, Deficits, Market


@dataclass(frozen=True)
class Equilibrium:
    """The new equilibrium as ratios to the baseline; leading axes are those of the scenarios or draws.

    Attributes
    ----------
    wages : array (..., n)
        Ratio of each economy's factory-gate price; the numeraire is world output.
    flows : array (..., n, n)
        New flows before duty, exporter by importer, in the baseline's currency.
    prices : array (..., n)
        Ratio of the price index of each economy's purchases, duty included.
    revenue : array (..., n)
        New duty revenue.
    residual : float
        Largest gap between an economy's sales and its output, as a share of its output.
    """

    baseline: Baseline
    wages: Array
    flows: Array
    prices: Array
    revenue: Array
    residual: float

    @cached_property
    def real_income(self) -> Array:
        """Ratio of real income (welfare): expenditure (output plus rebated duty plus deficit) over prices."""
        old = self.baseline.absorption + self.baseline.revenue
        return np.asarray((self.flows.sum(axis=-2) + self.revenue) / old / self.prices)

    @cached_property
    def real_gdp(self) -> Array:
        """Ratio of real GDP: output plus duty over the same prices, without the deficit."""
        old = self.baseline.output + self.baseline.revenue
        return np.asarray((self.wages * self.baseline.output + self.revenue) / old / self.prices)

    @property
    def exports(self) -> Array:
        """Ratio of each economy's nominal exports to all others."""
        return np.asarray(_abroad(self.flows, -1) / _abroad(self.baseline.flows, -1))

    @property
    def imports(self) -> Array:
        """Ratio of each economy's nominal imports, before duty, from all others."""
        return np.asarray(_abroad(self.flows, -2) / _abroad(self.baseline.flows, -2))

    def flow(self, exporter: str, importer: str) -> Array:
        """Return the ratio of one nominal flow before duty."""
        i, j = self.baseline.place(exporter), self.baseline.place(importer)
        return np.asarray(self.flows[..., i, j] / self.baseline.flows[i, j])

    def to_frame(self) -> pd.DataFrame:
        """Return percent changes by economy, for a single scenario."""
        columns = ("real_income", "real_gdp", "exports", "imports", "wages", "prices")
        table = {name: 100 * (getattr(self, name) - 1) for name in columns}
        return pd.DataFrame(table, index=pd.Index(self.baseline.economies, name="economy"))


def solve_equilibrium(
    baseline: Baseline,
    *,
    costs: ArrayLike | None = None,
    duties: ArrayLike | None = None,
    elasticity: float = 4.0,
    deficits: Deficits = "additive",
    tolerance: float = TOLERANCE,
) -> Equilibrium:
    """Solve for the equilibrium after a change of trade costs or duties.

    Parameters
    ----------
    baseline : Baseline
        Flows and the duties in force on them.
    costs : array (..., n, n), optional
        Ratio of new to old iceberg cost by exporter and importer; leading axes are scenarios or draws.
    duties : array (..., n, n), optional
        New ad valorem rates; default: the baseline's.
    elasticity : float
        Trade elasticity theta, positive.
    deficits : {"additive", "multiplicative"}
        Fix each deficit in units of the numeraire, or the ratio of spending to output (a common factor keeps world
        spending equal to output).

    Raises
    ------
    InvalidModel
        An invalid elasticity, cost or duty.
    NotConverged
        A market does not clear to `tolerance`, as a share of the economy's output.
    """
    theta = float(elasticity)
    if not np.isfinite(theta) or theta <= 0:
        raise InvalidModel(f"The trade elasticity is {elasticity}", expected="a positive number", do="Take about 4")
    if deficits not in ("additive", "multiplicative"):
        raise InvalidModel(f"Deficits are '{deficits}'", expected="'additive' or 'multiplicative'")
    change, rates = _changes(baseline, costs, duties)
    wedge = (1 + rates) / (1 + baseline.duties)
    weights = baseline.flows * change**-theta
    if duties is not None:
        weights = weights * wedge ** -(1 + theta)
    leading = weights.shape[:-2]
    market = Market(weights.reshape(-1, *baseline.flows.shape), baseline, theta, deficits)
    logs, residual = market.clear()
    if not residual <= tolerance:
        raise NotConverged(
            f"Markets clear to {residual:.1e} of an economy's output",
            expected=f"at most {tolerance:.0e}",
            do="Look for a prohibitive cost or an economy whose deficit the scenario can't finance",
        )
    flows = market.flows(logs).reshape(*leading, *baseline.flows.shape)
    wages = np.exp(logs).reshape(*leading, -1)
    paid = baseline.flows * (1 + baseline.duties)
    cheaper = (change * wedge if duties is not None else change) ** -theta * wages[..., :, None] ** -theta
    prices = ((paid * cheaper).sum(axis=-2) / paid.sum(axis=0)) ** (-1 / theta)
    return Equilibrium(baseline, wages, flows, prices, (rates * flows).sum(axis=-2), residual)


def _changes(baseline: Baseline, costs: ArrayLike | None, duties: ArrayLike | None) -> tuple[Array, Array]:
    """Return checked ratios of iceberg costs and new duty rates."""
    change = np.ones_like(baseline.flows) if costs is None else np.asarray(costs, dtype=float)
    if not np.isfinite(change).all() or (change <= 0).any():
        raise InvalidModel("A ratio of iceberg costs is not a positive number", expected="1 for no change")
    rates = baseline.duties if duties is None else np.asarray(duties, dtype=float)
    check_duties(rates)
    if rates.shape[-2:] != baseline.flows.shape or change.shape[-2:] != baseline.flows.shape:
        raise InvalidModel(
            f"Costs of shape {change.shape} and duties of shape {rates.shape}",
            expected=f"{baseline.flows.shape} in the last two axes",
        )
    return change, rates


def shocked(baseline: Baseline, factors: Sequence[tuple[str, str, float]]) -> Array:
    """Return a matrix of ones with factors for single pairs: (exporter, importer, factor).

    MissingPartner for an economy that is not in the baseline, InvalidModel for a factor that is not positive.
    """
    out = np.ones_like(baseline.flows)
    for exporter, importer, factor in factors:
        if not (np.isfinite(factor) and factor > 0):
            found = f"The factor from {exporter} to {importer} is {factor}"
            raise InvalidModel(found, expected="a positive number, 1 for no change", do="Correct it")
        out[baseline.place(exporter), baseline.place(importer)] = factor
    return out


def _abroad(flows: Array, axis: int) -> Array:
    return np.asarray(flows.sum(axis=axis) - np.diagonal(flows, axis1=-2, axis2=-1))
