"""The specification curve: the effect under every declared combination of choices, and the same for every placebo.

How many specifications are significant is no inference: they share data. The joint test runs the whole curve for each
donor as if it had the agreement, and ranks the partner's median among theirs (Simonsohn, Simmons and Nelson 2020, with
placebo units in place of resampled data).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from korus_research.methods.series import Flow
from korus_research.methods.synthetic.donors import DonorPool, DonorStatus
from korus_research.methods.synthetic.estimators import Ridges, fit_windows
from korus_research.methods.synthetic.outcomes import LEFT_OUT, Exactness, effects_log, outcomes
from korus_research.methods.synthetic.panel import TradePanel
from korus_research.methods.synthetic.simplex import Array
from korus_research.methods.synthetic.specification import Specification

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Joint:
    """The joint test of one flow: the partner's median over its curve among the placebos' medians."""

    median_percent: float
    median_standardised: float
    p_value: float
    p_floor: float
    placebos: int


@dataclass(frozen=True)
class Curve:
    """Effects of one partner under every specification.

    Attributes
    ----------
    table : DataFrame
        One row a specification: flow, its choices, effect_log, effect_percent, p_value (NaN where the fit is exact, see
        `Counterfactual.exact`), p_floor (the smallest p-value that its placebos can give), donors, rmspe, kkt.
    effects, standardised : DataFrame
        Specifications (rows as in `table`) by units: effects in log points, and over the unit's own RMSPE; NaN where a
        unit is no donor, and the second where the rule for exact fits leaves the unit out. The treated unit is the
        first column.
    """

    table: pd.DataFrame
    effects: pd.DataFrame
    standardised: pd.DataFrame

    @property
    def fits(self) -> int:
        """How many units were fitted in all."""
        return int(self.effects.notna().to_numpy().sum())

    def of(self, flow: Flow) -> pd.DataFrame:
        """Return the rows of one flow, smallest effect first."""
        return self.table[self.table["flow"] == flow].sort_values("effect_log", kind="stable")

    def joint(self, flow: Flow, rules: Collection[str] | None = None) -> Joint | None:
        """Return the joint test of one flow, on units that are in every specification of it.

        A unit's median is over the specifications that do not copy it exactly. `rules` are ids of donor rules: the test
        is then of the specifications with one of these. None without any.
        """
        chosen = self.table["flow"] == flow
        if rules is not None:
            chosen &= self.table["rule"].isin(list(rules))
        if not chosen.any():
            return None
        rows = chosen.to_numpy()
        medians = self.standardised.loc[rows, self.effects.loc[rows].notna().all()].median().dropna()
        units = medians.index
        if self.effects.columns[0] not in units:
            return None  # every one of them copies the treated unit exactly
        size = medians.abs()
        return Joint(
            median_percent=100 * float(np.expm1(self.effects.loc[rows].iloc[:, 0].median())),
            median_standardised=float(medians.iloc[0]),
            p_value=float((size >= size.iloc[0]).mean()),
            p_floor=1.0 / len(units),
            placebos=len(units) - 1,
        )


@dataclass(frozen=True)
class _Task:
    """Specifications that share the pre-period, rule and threshold: the unit of work of an executor."""

    members: tuple[tuple[int, Specification, DonorPool], ...]
    totals: pd.Series
    ridges: Ridges
    exactness: Exactness


@dataclass(frozen=True)
class _Row:
    """What is kept of one specification."""

    number: int
    units: tuple[str, ...]
    effects: Array
    standardised: Array
    p_value: float
    p_floor: float
    rmspe: float
    kkt: float


def run_curve(
    panel: TradePanel,
    status: DonorStatus,
    specifications: Iterable[Specification],
    *,
    treated: str,
    ridges: Ridges,
    lead: int,
    exactness: Exactness = LEFT_OUT,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Curve:
    """Estimate every specification with all its placebos.

    The work is done by `executor` (a `ProcessPoolExecutor`, say; here and now if left out: the result does not depend
    on it); `progress` is called with the number of specifications done and in all.

    Raises IncompletePanel, NoDonors, InvalidSpecification, NotConverged: the first specification that can't be
    estimated stops the curve; none is dropped silently.
    """
    specs = tuple(specifications)
    tasks = _tasks(panel, status, specs, treated=treated, ridges=ridges, lead=lead, exactness=exactness)
    rows: list[_Row | None] = [None] * len(specs)
    done = 0
    if executor is None:
        results: Iterable[list[_Row]] = map(_run, tasks)
    else:
        futures = [executor.submit(_run_alone, task) for task in tasks]
        results = (future.result() for future in as_completed(futures))
    with threadpool_limits(1):  # once for all of them: to find what has threads takes some milliseconds
        for result in results:
            for row in result:
                rows[row.number] = row
            done += len(result)
            if progress is not None:
                progress(done, len(specs))
    return _gathered(specs, [row for row in rows if row is not None], treated)


def _tasks(
    panel: TradePanel,
    status: DonorStatus,
    specs: tuple[Specification, ...],
    *,
    treated: str,
    ridges: Ridges,
    lead: int,
    exactness: Exactness = LEFT_OUT,
) -> list[_Task]:
    pools: dict[tuple[object, ...], DonorPool] = {}
    grouped: dict[tuple[object, ...], list[tuple[int, Specification, DonorPool]]] = {}
    for number, spec in enumerate(specs):
        group = (spec.flow, spec.rule, spec.threshold, spec.pre)
        key = (*group, spec.post[1])
        if key not in pools:
            pools[key] = spec.pool(panel, status, treated=treated, lead=lead)
        grouped.setdefault(group, []).append((number, spec, pools[key]))
    return [_Task(tuple(members), panel.totals[members[0][1].flow], ridges, exactness) for members in grouped.values()]


def _run_alone(task: _Task) -> list[_Row]:
    # In a worker. The programs are small: libraries that share each among all cores take five times as long.
    with threadpool_limits(1):
        return _run(task)


def _run(task: _Task) -> list[_Row]:
    # Specifications that differ only in where they end share weights or at least the batch they are solved in; the
    # longest window of donors that are the same holds the values of all.
    alike: dict[tuple[object, ...], list[tuple[int, Specification, DonorPool]]] = {}
    for member in task.members:
        _, spec, pool = member
        alike.setdefault((spec.estimator, spec.outcome, spec.without, pool.donors), []).append(member)
    return [row for members in alike.values() for row in _run_windows(members, task)]


def _run_windows(members: list[tuple[int, Specification, DonorPool]], task: _Task) -> list[_Row]:
    _, longest, pool = max(members, key=lambda member: member[1].post[1])
    values = outcomes(pool, task.totals, longest)[0]
    start = int(pool.values.index[0])
    pre = longest.places(start)[0]
    posts = [spec.places(start)[1] for _, spec, _ in members]
    found = fit_windows(values, pre, posts, estimator=longest.estimator, ridges=task.ridges)
    units = (pool.treated, *pool.donors)
    rows = []
    for (number, spec, _), post, fits in zip(members, posts, found, strict=True):
        effects = effects_log(spec, fits.effect, values, slice(int(post[0]), int(post[-1]) + 1))
        rule, rmspe = task.exactness, fits.rmspe
        p_values = rule.p_value(fits.standardised, rmspe), rule.p_floor(rmspe)
        out = rule.exact(rmspe) & (rule.rule == "left-out")
        standardised = np.where(out, np.nan, fits.standardised)
        rows.append(_Row(number, units, effects, standardised, *p_values, float(rmspe[0]), float(fits.kkt.max())))
    return rows


def _gathered(specs: tuple[Specification, ...], rows: list[_Row], treated: str) -> Curve:
    units = [treated, *sorted({code for row in rows for code in row.units} - {treated})]
    place = {code: k for k, code in enumerate(units)}
    effects, standardised = (np.full((len(specs), len(units)), np.nan) for _ in range(2))
    lines: list[Mapping[str, object]] = []
    for row, spec in zip(rows, specs, strict=True):
        columns = [place[code] for code in row.units]
        effects[row.number, columns] = row.effects
        standardised[row.number, columns] = row.standardised
        lines.append(
            {
                "flow": spec.flow,
                **spec.choices,
                "effect_log": float(row.effects[0]),
                "effect_percent": 100 * float(np.expm1(row.effects[0])),
                "p_value": row.p_value,
                "p_floor": row.p_floor,
                "donors": len(columns) - 1,
                "rmspe": row.rmspe,
                "kkt": row.kkt,
            }
        )
    return Curve(pd.DataFrame(lines), pd.DataFrame(effects, columns=units), pd.DataFrame(standardised, columns=units))
