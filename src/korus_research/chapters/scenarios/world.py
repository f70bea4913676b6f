"""One scenario at a time: what changes, how it is solved, what is uncertain in it (methods section 10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from korus_research.chapters.scenarios.duties import Added, Duties, Former
from korus_research.chapters.scenarios.model import MEASURES, Estimate, Key, Outcome, ScenariosSpec
from korus_research.methods.equilibrium.baseline import Baseline
from korus_research.methods.equilibrium.market import Array
from korus_research.methods.equilibrium.solve import Equilibrium, solve_equilibrium
from korus_research.methods.series import FLOWS, Flow

_CHUNK = 250  # draws solved together: their matrices stay in the processor's cache


@dataclass(frozen=True)
class Case:
    """Duties between the parties on goods, as fractions: the partner's on the reporter and the reporter's on it."""

    old_partner: float
    old_reporter: float
    new_partner: float
    new_reporter: float


class World:
    """The baseline with its duties, and one method a scenario.

    Of duties in the baseline only the reporter's are known. `elsewhere` puts one rate on the goods that the partner
    imports from everybody but the reporter, to see what the lack of others' duties does.
    """

    def __init__(self, flows: Baseline, duties: Duties, spec: ScenariosSpec, *, elsewhere: float = 0.0) -> None:
        self.spec, self.duties, self.elsewhere = spec, duties, elsewhere
        self.us, self.them = flows.place(spec.reporter), flows.place(spec.partner)
        self.others = duties.others_goods.reindex(flows.economies).to_numpy(dtype=float).copy()
        self.others[self.them] = duties.goods["imports"]
        self.economies = flows.economies
        none = pd.Series(0.0, index=pd.Index(flows.economies))
        self.baseline = flows
        self.baseline = flows.with_duties(self.wedges(none if duties.before is None else duties.before))

    def wedges(self, rates: pd.Series) -> Array:
        """The reporter's duties on goods as rates on whole flows, and `elsewhere`; none on own sales."""
        out = np.zeros_like(self.baseline.flows)
        # The goods share of the partner's other imports is not in the data: that of its imports from the reporter.
        out[:, self.them] = self.elsewhere * self.duties.goods["exports"]
        out[self.us, self.them] = out[self.them, self.them] = 0.0
        out[:, self.us] = rates.reindex(self.economies).to_numpy(dtype=float) * self.others
        out[self.us, self.us] = 0.0
        return out

    def solve(
        self, theta: float, *, costs: Array | None = None, duties: Array | None = None, base: Baseline | None = None
    ) -> Equilibrium:
        """Solve with the spec's treatment of deficits, from another baseline where one is given."""
        return solve_equilibrium(
            base or self.baseline, costs=costs, duties=duties, elasticity=theta, deficits=self.spec.deficits
        )

    def undone(self, key: Key, estimate: Estimate) -> Outcome:
        """One estimate of the agreement's effect on goods taken out of both flows, as an iceberg cost.

        Its range is that of draws of the effect, each solved with one of the elasticities in turn.
        """
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
        for turn, theta in enumerate(self.thetas()):
            own = {flow: values[turn :: len(self.thetas())] for flow, values in drawn.items()}
            for first in range(0, len(own["exports"]), _CHUNK):
                part = {flow: values[first : first + _CHUNK] for flow, values in own.items()}
                new = self.solve(theta, costs=costs(part, theta))
                parts.append(self.measures(new))
                residual = max(residual, new.residual)
        sample = np.concatenate(parts)
        point = {flow: np.array([effects[flow].estimate]) for flow in FLOWS}
        solved = {t: self.solve(t, costs=costs(point, t)) for t in self.thetas()}
        values = {t: self.measures(new)[0] for t, new in solved.items()}
        level = estimate.level
        low, high = np.quantile(sample, ((1 - level) / 2, (1 + level) / 2), axis=0)
        worst = max(residual, *(new.residual for new in solved.values()))
        interval = f"{100 * level:.0f} % of draws of the effect and of {_thetas(self.thetas())}"
        return self.outcome(key, values, low, high, interval, worst)

    def cases(self, former: Former) -> dict[str, Case]:
        """The duties put back: all cuts undone, the study's averages on both sides, and the first day's cuts alone.

        The first takes the reporter's side as it was realised. In the last what the first day left stays in force
        before and after.
        """
        ours, theirs = former.before
        now = 0.0 if self.duties.before is None else float(self.duties.before[self.spec.partner])
        found = {"all": Case(0.0, now, theirs, former.realised), "study": Case(0.0, 0.0, theirs, ours)}
        if former.first_day is not None:
            kept_ours, kept_theirs = former.first_day
            found["first_day"] = Case(kept_theirs, kept_ours, theirs, ours)
        return found

    def mfn(self, former: Former) -> Outcome:
        """Both parties' duties back to those before the agreement; the range is that of all its cases."""
        goods = self.duties.goods

        def rates(partner: float, reporter: float) -> Array:
            out = self.baseline.duties.copy()
            out[self.them, self.us] = reporter * goods["imports"]
            out[self.us, self.them] = partner * goods["exports"]
            return out

        cases = self.cases(former)
        solved: dict[tuple[float, str], Equilibrium] = {}
        for name, case in cases.items():
            base = self.baseline.with_duties(rates(case.old_partner, case.old_reporter))
            new = rates(case.new_partner, case.new_reporter)
            solved |= {(t, name): self.solve(t, duties=new, base=base) for t in self.thetas()}
        tried = ("all cuts, by the realised duty or the study's average", "the first day's cuts alone")[
            : len(cases) - 1
        ]
        return self.ranged(
            "mfn",
            {key: self.measures(new) for key, new in solved.items()},
            "all",
            f"range over {_thetas(self.thetas())} and over what is undone: {', or '.join(tried)}",
            max(new.residual for new in solved.values()),
        )

    def new_duties(self, key: Key, added: Added) -> Outcome:
        """Realised duties: on the partner (new year or latest months), on all, the partner's lost margin."""
        d = self.duties
        everyone = self.wedges(added.after)
        latest = everyone[self.them, self.us] if d.latest is None else d.latest * self.others[self.them]
        values: dict[tuple[float, str], Array] = {}
        worst = 0.0
        for t in self.thetas():
            if key in ("duties_partner", "duties_latest"):
                rates = self.baseline.duties.copy()
                rates[self.them, self.us] = latest if key == "duties_latest" else everyone[self.them, self.us]
            else:
                rates = everyone
            new = self.solve(t, duties=rates)
            worst = max(worst, new.residual)
            values[t, key] = self.measures(new)
            if key == "duties_margin":
                kept = everyone.copy()
                kept[self.them, self.us] = added.kept_margin(self.spec.partner) * self.others[self.them]
                other = self.solve(t, duties=kept)
                worst = max(worst, other.residual)
                values[t, key] = 100 * ((1 + values[t, key] / 100) / (1 + self.measures(other) / 100) - 1)
        return self.ranged(key, values, key, f"range over {_thetas(self.thetas())}", worst)

    def thetas(self) -> tuple[float, ...]:
        """The main elasticity first, then the others."""
        return tuple(dict.fromkeys((self.spec.elasticity, *self.spec.elasticities)))

    def measures(self, new: Equilibrium) -> Array:
        """Percent changes in a row, one a draw: four measures of every economy, both flows, the world's income."""
        pair = [new.flow(self.spec.reporter, self.spec.partner), new.flow(self.spec.partner, self.spec.reporter)]
        levels = [getattr(new, name) for name in MEASURES]
        spent = new.baseline.absorption + new.baseline.revenue
        world = (new.real_income @ spent)[..., None] / spent.sum()
        return np.asarray(100 * (np.concatenate([*levels, np.stack(pair, axis=-1), world], axis=-1) - 1))

    def ranged(
        self, key: Key, values: Mapping[tuple[float, str], Array], main: str, interval: str, residual: float
    ) -> Outcome:
        """An outcome whose range is that of all its solutions; `main` is the second key of the main ones."""
        everything = np.stack(list(values.values()))
        own = {t: values[t, main] for t in self.thetas()}
        return self.outcome(key, own, everything.min(axis=0), everything.max(axis=0), interval, residual)

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


def _thetas(thetas: Iterable[float]) -> str:
    found = sorted(thetas)
    return f"trade elasticities {found[0]:g} to {found[-1]:g}"
