"""One scenario at a time: what changes, how it is solved, what is uncertain in it (methods section 10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Literal

import numpy as np
import pandas as pd

from korus_research.analysis.scenarios.duties import Duties
from korus_research.analysis.scenarios.equilibrium import Array, Baseline, Deficits, Equilibrium, solve_equilibrium
from korus_research.analysis.series import FLOWS, Flow
from korus_research.errors import InvalidModel

Key = Literal[
    "undone_gravity",
    "undone_last",
    "undone_control",
    "mfn",
    "duties_partner",
    "duties_latest",
    "duties_all",
    "duties_margin",
]
KEYS: tuple[Key, ...] = (
    "undone_gravity",
    "undone_last",
    "undone_control",
    "mfn",
    "duties_partner",
    "duties_latest",
    "duties_all",
    "duties_margin",
)
UNDONE: tuple[Key, ...] = KEYS[:3]  # one scenario for each estimate of the agreement's effect
MEASURES = ("real_income", "real_gdp", "exports", "imports")
_CHUNK = 250  # draws solved together: their matrices stay in the processor's cache


@dataclass(frozen=True, slots=True)
class PartialEffect:
    """The agreement's effect on one goods flow at given prices and incomes, in log points.

    `low` and `high` bound an interval of `level`; where they lie unevenly about the estimate the draws do too (a
    two-piece normal).
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


@dataclass(frozen=True)
class Estimate:
    """One estimate of the agreement's effects on both flows: what it is called, and whose chapter it is from."""

    effects: Mapping[Flow, PartialEffect]
    name: str
    chapter: str

    @property
    def level(self) -> float:
        """Level of the intervals, the lower of the two."""
        return min(effect.level for effect in self.effects.values())


@dataclass(frozen=True)
class ScenariosSpec:
    """The parties (codes of the baseline), the estimates of the agreement's effect, and the model's choices.

    Without any estimate, for the reason in `no_effects`, the agreement undone is left out.
    """

    reporter: str
    partner: str
    estimates: Mapping[Key, Estimate]
    no_effects: str = "this edition has no estimate of the agreement's effect on trade"
    baseline_year: int = 2014
    elasticity: float = 4.0
    elasticities: tuple[float, ...] = (3.0, 4.0, 6.0, 8.0)
    deficits: Deficits = "additive"
    draws: int = 10_000
    seed: int = 0
    before: int = 2024
    after: int = 2025
    names: Mapping[str, str] = field(default_factory=dict)


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
    interval : str
        What low and high bound.
    residual : float
        Largest market-clearing residual of all its solutions.
    """

    key: Key
    changes: pd.DataFrame
    low: pd.DataFrame
    high: pd.DataFrame
    flows: pd.DataFrame
    by_elasticity: pd.DataFrame
    world: tuple[float, float, float]
    interval: str
    residual: float


class Model:
    """The baseline with its duties, and one method a scenario."""

    def __init__(self, flows: Baseline, duties: Duties, spec: ScenariosSpec) -> None:
        self.spec, self.duties = spec, duties
        self.us, self.them = flows.place(spec.reporter), flows.place(spec.partner)
        self.others = duties.others_goods.reindex(flows.economies).to_numpy(dtype=float).copy()
        self.others[self.them] = duties.goods["imports"]
        self.economies = flows.economies
        self.baseline = flows
        if duties.before is not None:
            self.baseline = flows.with_duties(self.wedges(duties.before))

    def wedges(self, rates: pd.Series) -> Array:
        """The reporter's duties on goods as rates on whole flows; none on its own sales, none known elsewhere."""
        out = np.zeros_like(self.baseline.flows)
        out[:, self.us] = rates.reindex(self.economies).to_numpy(dtype=float) * self.others
        out[self.us, self.us] = 0.0
        return out

    def solve(self, theta: float, *, costs: Array | None = None, duties: Array | None = None) -> Equilibrium:
        """Solve with the spec's treatment of deficits."""
        return solve_equilibrium(
            self.baseline, costs=costs, duties=duties, elasticity=theta, deficits=self.spec.deficits
        )

    def undone(self, key: Key, estimate: Estimate) -> Outcome:
        """One estimate of the agreement's effect on goods taken out of both flows, as an iceberg cost."""
        spec, effects = self.spec, estimate.effects

        places: dict[Flow, tuple[int, int]] = {"exports": (self.us, self.them), "imports": (self.them, self.us)}

        def costs(drawn: Mapping[Flow, Array], theta: float) -> Array:
            """Costs that take each flow, at given prices and incomes, to services and goods x exp(-effect)."""
            out = np.ones((len(drawn["exports"]), *self.baseline.flows.shape))
            for flow, (i, j) in places.items():
                goods = self.duties.goods[flow]
                out[:, i, j] = (1 - goods + goods * np.exp(-drawn[flow])) ** (-1 / theta)
            return out

        normal = np.random.default_rng(spec.seed).standard_normal((2, spec.draws))
        drawn = {flow: effects[flow].draws(normal[k]) for k, flow in enumerate(FLOWS)}
        parts, residual = [], 0.0
        for first in range(0, spec.draws, _CHUNK):
            part = {flow: values[first : first + _CHUNK] for flow, values in drawn.items()}
            new = self.solve(spec.elasticity, costs=costs(part, spec.elasticity))
            parts.append(self.measures(new))
            residual = max(residual, new.residual)
        sample = np.concatenate(parts)
        point = {flow: np.array([effects[flow].estimate]) for flow in FLOWS}
        solved = {t: self.solve(t, costs=costs(point, t)) for t in self.thetas()}
        values = {t: self.measures(new)[0] for t, new in solved.items()}
        level = estimate.level
        low, high = np.quantile(sample, ((1 - level) / 2, (1 + level) / 2), axis=0)
        worst = max(residual, *(new.residual for new in solved.values()))
        return self.outcome(key, values, low, high, f"{100 * level:.0f} % of draws", worst)

    def mfn(self) -> Outcome:
        """Both parties' duties back to those before the agreement; the range also takes only the first day's cuts."""
        d = self.duties
        assert d.before is not None
        assert d.reporter_mfn is not None
        assert d.partner_mfn is not None

        def rates(partner_cut: float) -> Array:
            out = self.baseline.duties.copy()
            out[self.them, self.us] = d.reporter_mfn * d.goods["imports"]  # type: ignore[operator]
            out[self.us, self.them] = partner_cut * d.goods["exports"]
            return out

        cuts = [d.partner_mfn]
        if d.partner_first_day is not None:
            cuts.append(d.partner_mfn - d.partner_first_day)
        solved = {(t, cut): self.solve(t, duties=rates(cut)) for cut in cuts for t in self.thetas()}
        return self.ranged(
            "mfn",
            {key: self.measures(new) for key, new in solved.items()},
            d.partner_mfn,
            _range(self.thetas()) + (" and over what is undone: the first day's cuts or all" if len(cuts) > 1 else ""),
            max(new.residual for new in solved.values()),
        )

    def new_duties(self, key: Key) -> Outcome:
        """Realised duties: on the partner (new year or latest months), on all, the partner's lost margin."""
        d = self.duties
        assert d.before is not None
        assert d.after is not None
        everyone = self.wedges(d.after)
        latest = everyone[self.them, self.us] if d.latest is None else d.latest * self.others[self.them]
        values: dict[tuple[float, float], Array] = {}
        worst = 0.0
        for t in self.thetas():
            if key in ("duties_partner", "duties_latest"):
                rates = self.baseline.duties.copy()
                rates[self.them, self.us] = latest if key == "duties_latest" else everyone[self.them, self.us]
            else:
                rates = everyone
            new = self.solve(t, duties=rates)
            worst = max(worst, new.residual)
            values[(t, 0.0)] = self.measures(new)
            if key == "duties_margin":
                kept = everyone.copy()
                kept[self.them, self.us] = self.kept_margin * self.others[self.them]
                other = self.solve(t, duties=kept)
                worst = max(worst, other.residual)
                values[(t, 0.0)] = 100 * ((1 + values[(t, 0.0)] / 100) / (1 + self.measures(other) / 100) - 1)
        return self.ranged(key, values, 0.0, _range(self.thetas()), worst)

    @property
    def kept_margin(self) -> float:
        """The rate that would keep the partner's price relative to all others as it was before the new duties."""
        return kept_margin(self.duties, self.spec.partner)

    def thetas(self) -> tuple[float, ...]:
        """The main elasticity first, then the others."""
        return tuple(dict.fromkeys((self.spec.elasticity, *self.spec.elasticities)))

    def measures(self, new: Equilibrium) -> Array:
        """Percent changes in a row, one a draw: four measures of every economy, both flows, the world's income."""
        pair = [new.flow(self.spec.reporter, self.spec.partner), new.flow(self.spec.partner, self.spec.reporter)]
        levels = [getattr(new, name) for name in MEASURES]
        spent = self.baseline.absorption + self.baseline.revenue
        world = (new.real_income @ spent)[..., None] / spent.sum()
        return np.asarray(100 * (np.concatenate([*levels, np.stack(pair, axis=-1), world], axis=-1) - 1))

    def ranged(
        self,
        key: Key,
        values: Mapping[tuple[float, float], Array],
        variant: float,
        interval: str,
        residual: float,
    ) -> Outcome:
        """An outcome whose range is that of all its solutions; `variant` is the main one's second key."""
        everything = np.stack(list(values.values()))
        main = {t: values[(t, variant)] for t in self.thetas()}
        return self.outcome(key, main, everything.min(axis=0), everything.max(axis=0), interval, residual)

    def outcome(
        self, key: Key, values: Mapping[float, Array], low: Array, high: Array, interval: str, residual: float
    ) -> Outcome:
        """Rows of `measures` as an outcome."""
        n = len(self.economies)

        def table(row: Array) -> pd.DataFrame:
            index = pd.Index(self.economies, name="economy")
            return pd.DataFrame(row[: 4 * n].reshape(4, n).T, index=index, columns=list(MEASURES))

        point = values[self.spec.elasticity]
        base = [self.baseline.flows[self.us, self.them], self.baseline.flows[self.them, self.us]]
        pair = {
            "baseline_usd_bn": np.array(base) / 1000,
            "percent": point[4 * n : -1],
            "low": low[4 * n : -1],
            "high": high[4 * n : -1],
        }
        income = {"reporter": self.us, "partner": self.them}
        by_elasticity = pd.DataFrame(
            {who: {t: float(row[place]) for t, row in sorted(values.items())} for who, place in income.items()}
        ).rename_axis("elasticity")
        return Outcome(
            key,
            table(point),
            table(low),
            table(high),
            pd.DataFrame(pair, index=pd.Index(FLOWS, name="flow")),
            by_elasticity,
            (float(point[-1]), float(low[-1]), float(high[-1])),
            interval,
            residual,
        )


def kept_margin(duties: Duties, partner: str) -> float:
    """Return the duty on the partner that keeps its price relative to the others' as before the new duties."""
    assert duties.before is not None
    assert duties.others_before is not None
    assert duties.others_after is not None
    return (1 + duties.others_after) * (1 + float(duties.before[partner])) / (1 + duties.others_before) - 1


def _range(thetas: Iterable[float]) -> str:
    found = sorted(thetas)
    return f"range over trade elasticities {found[0]:g} to {found[-1]:g}"
