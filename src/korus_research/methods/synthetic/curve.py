"""The specification curve: the effect under every declared combination of choices, for the partner and each placebo.

The number of significant specifications is no test, since they share data. The joint test computes the whole curve for
each donor as if it had the agreement, and ranks the partner's median among theirs (Simonsohn, Simmons and Nelson 2020,
with placebo units in place of resampled data).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from korus_research.methods.series import Flow
from korus_research.methods.synthetic.donors import DonorPool, DonorStatus, donor_pool
from korus_research.methods.synthetic.estimators import Ridges, fit_windows
from korus_research.methods.synthetic.outcomes import LEFT_OUT, Exactness, effects_log, outcomes
from korus_research.methods.synthetic.panel import TradePanel
from korus_research.methods.synthetic.simplex import Array
from korus_research.methods.synthetic.specification import Specification

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Joint:
    """The joint test of one flow: the rank of the partner's median over its curve among the placebos' medians."""

    median_percent: float
    p_value: float
    p_floor: float
    placebos: int


@dataclass(frozen=True)
class Curve:
    """Effects of one partner under every specification.

    Attributes
    ----------
    table : DataFrame
        One row per specification: flow, its choices, effect_log, effect_percent, p_value (NaN for an exact fit, see
        `Counterfactual.exact`), p_floor (the smallest possible p-value), donors, rmspe, kkt.
    effects, standardised : DataFrame
        Specifications (rows as in `table`) by units, the treated unit first: effects in log points, and divided by the
        unit's own RMSPE; NaN for a unit that is not a donor, and in the second for one that the rule for exact fits
        leaves out.
    """

    table: pd.DataFrame
    effects: pd.DataFrame
    standardised: pd.DataFrame

    @property
    def fits(self) -> int:
        """The number of fits, placebos included."""
        return int(self.effects.notna().to_numpy().sum())

    def of(self, flow: Flow) -> pd.DataFrame:
        """Return the rows of one flow, smallest effect first."""
        return self.table[self.table["flow"] == flow].sort_values("effect_log", kind="stable")

    def joint(self, flow: Flow, rules: Collection[str] | None = None) -> Joint | None:
        """Return the joint test of one flow, on the units that are in all of its specifications.

        A unit's median is over the specifications that do not fit it exactly. With `rules` (ids of donor rules), the
        test is limited to specifications with one of them. None if there is no specification.
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
            return None  # all of them fit the treated unit exactly
        size = medians.abs()
        return Joint(
            median_percent=100 * float(np.expm1(self.effects.loc[rows].iloc[:, 0].median())),
            p_value=float((size >= size.iloc[0]).mean()),
            p_floor=1.0 / len(units),
            placebos=len(units) - 1,
        )


@dataclass(frozen=True)
class _Task:
    """Specifications with the same pre-period, rule and threshold: one task for an executor."""

    members: tuple[tuple[int, Specification, DonorPool], ...]
    totals: pd.Series
    ridges: Ridges
    exactness: Exactness


@dataclass(frozen=True)
class _Row:
    """The results of one specification."""

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

    `executor` (such as a `ProcessPoolExecutor`; default: this process) does the work, and does not affect the result;
    `progress` is called with the number of specifications done and the total.

    Raises IncompletePanel, NoDonors, InvalidSpecification or NotConverged for the first specification that can't be
    estimated; none is dropped silently.
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
    with threadpool_limits(1):  # once for all: inspecting the loaded libraries takes some milliseconds
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
    exactness: Exactness,
) -> list[_Task]:
    pools: dict[tuple[object, ...], DonorPool] = {}
    grouped: dict[tuple[object, ...], list[tuple[int, Specification, DonorPool]]] = {}
    for number, spec in enumerate(specs):
        group = (spec.flow, spec.rule, spec.threshold, spec.pre)
        key = (*group, spec.post[1])
        if key not in pools:
            pools[key] = donor_pool(panel, status, spec, treated=treated, lead=lead)
        grouped.setdefault(group, []).append((number, spec, pools[key]))
    return [_Task(tuple(members), panel.totals[members[0][1].flow], ridges, exactness) for members in grouped.values()]


def _run_alone(task: _Task) -> list[_Row]:
    # In a worker. The programs are small: multithreaded libraries would take five times as long.
    with threadpool_limits(1):
        return _run(task)


def _run(task: _Task) -> list[_Row]:
    # Specifications that differ only in their last year share weights, or at least the batch in which they are solved;
    # with the same donors, the longest window has the values of all.
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
