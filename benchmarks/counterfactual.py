"""Speed of the counterfactual, side by side in one run.

    python benchmarks/counterfactual.py

(a) one specification with all its placebos against loops of a general solver on the same problem and of diff-diff;
(b) the whole specification curve on the cores of this machine, with its memory;
(c) how time grows with the number of specifications and of donors.

It fails where two ways to the same answer differ, or where a fit misses its conditions of optimality: speed is measured
here, not tested.
"""

from __future__ import annotations

import resource
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import numpy as np
from scipy import optimize

from korus_research.chapters.counterfactual.effect_curve import analyse_curve
from korus_research.chapters.counterfactual.estimates.specifications import all_specifications
from korus_research.chapters.counterfactual.measures import Effects
from korus_research.chapters.study import open_study
from korus_research.methods.synthetic.curve import run_curve
from korus_research.methods.synthetic.estimate import Counterfactual
from korus_research.methods.synthetic.estimators import Years, fit
from korus_research.methods.synthetic.simplex import ACCEPTED, Array, Mask

T = TypeVar("T")

# Log points. SLSQP stops where its loss changes by 1e-14, which leaves weights some 1e-6 apart; diff-diff rounds more.
SAME_SC, SAME_SDID = 1e-4, 1e-2


def timed(work: Callable[[], T], repeat: int = 1) -> tuple[float, T]:
    """Return the seconds of the quickest of `repeat` runs and the result."""
    best = float("inf")
    for _ in range(repeat):
        start = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - start)
    return best, result


def windows(found: Counterfactual) -> tuple[Array, Years, Years]:
    """Return the outcome, and the columns before and after."""
    return found.outcome, *found.spec.places(found.spec.pre[0])


def scipy_loop(found: Counterfactual, ridge: float, trios: tuple[Years, Mask] | None = None) -> Array:
    """Return effects with synthetic control solved by SLSQP, one by one: the identical programmes.

    Of every unit on the donors but itself, or of the units and on the donors of `trios`.
    """
    values, pre, post = windows(found)
    centred = values[:, pre] - values[:, pre].mean(axis=1, keepdims=True)
    penalty = ridge * float((centred**2).sum()) / len(values)
    effects = []
    everyone = np.arange(len(values)), ~np.eye(len(values), dtype=bool) & (np.arange(len(values)) > 0)
    for unit, allowed in zip(*(trios or everyone), strict=True):
        donors = np.flatnonzero(allowed)
        X, y, n = centred[donors], centred[unit], len(donors)

        def loss(w: Array, X: Array = X, y: Array = y) -> float:
            return float(((y - w @ X) ** 2).sum() + penalty * (w**2).sum())

        def slope(w: Array, X: Array = X, y: Array = y) -> Array:
            result: Array = -2 * X @ (y - w @ X) + 2 * penalty * w
            return result

        solved = optimize.minimize(
            loss,
            np.full(n, 1 / n),
            jac=slope,
            bounds=[(0, 1)] * n,
            constraints={"type": "eq", "fun": lambda w: w.sum() - 1, "jac": np.ones_like},
            method="SLSQP",
            options={"ftol": 1e-14, "maxiter": 1000},
        )
        gap = values[unit] - solved.x @ values[donors]
        effects.append(gap[post].mean() - gap[pre].mean())
    return np.array(effects)


def diff_diff_loop(found: Counterfactual) -> Array:
    """Fit SDID for every unit with diff-diff, one by one."""
    from diff_diff import SyntheticDiD

    logs: Any = np.log(found.pool.values)
    years = [*found.spec.pre_years, *found.spec.post_years]
    effects = []
    for unit in logs.columns:
        others = [c for c in found.pool.donors if c != unit]
        long = logs[[unit, *others]].loc[years].reset_index(names="year").melt("year", var_name="unit", value_name="y")
        long["treated"] = (long["unit"] == unit).astype(int)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fitted = SyntheticDiD(variance_method="jackknife").fit(
                long, "y", "treated", "unit", "year", post_periods=found.spec.post_years
            )
        effects.append(float(fitted.att))
    return np.array(effects)


def one_specification(effects: Effects) -> list[str]:
    """(a) One specification with all its placebos, three ways. Returns what differs."""
    wrong = []
    ridges = effects.choices.ridges
    for flow, found in effects.main.items():
        values, pre, post = windows(found)
        print(f"\n(a) {flow}: {len(values)} units, {len(pre)} years before, {len(post)} after")
        ours, sc = timed(lambda v=values, a=pre, b=post: fit(v, a, b, estimator="sc", ridges=ridges), 5)  # type: ignore[misc]
        slow, loop = timed(lambda f=found: scipy_loop(f, ridges.sc))  # type: ignore[misc]
        apart = float(np.abs(sc.effect - loop).max())
        print(f"  synthetic control   batched {1e3 * ours:8.1f} ms   SciPy SLSQP loop {1e3 * slow:9.1f} ms   "
              f"ratio {slow / ours:6.1f}   largest difference {apart:.1e} log points")  # fmt: skip
        if apart > SAME_SC:
            wrong.append(f"synthetic control of {flow} differs from SciPy's by {apart:.1e}")
        keep = np.array([*pre, *post])
        both = np.arange(len(pre)), np.arange(len(pre), len(keep))
        ours, sdid = timed(lambda v=values, k=keep, b=both: fit(v[:, k], *b, estimator="sdid", ridges=ridges), 5)  # type: ignore[misc]
        slow, loop = timed(lambda f=found: diff_diff_loop(f))  # type: ignore[misc]
        apart = float(np.abs(sdid.effect - loop).max())
        print(f"  SDID                batched {1e3 * ours:8.1f} ms   diff-diff loop   {1e3 * slow:9.1f} ms   "
              f"ratio {slow / ours:6.1f}   largest difference {apart:.1e} log points")  # fmt: skip
        if apart > SAME_SDID:
            wrong.append(f"SDID of {flow} differs from diff-diff's by {apart:.1e}")
    return wrong


def whole_curve(effects: Effects) -> list[str]:
    """(b) The whole curve, in worker processes. Returns what is wrong with it."""
    seconds, found = timed(lambda: analyse_curve(effects))
    own, workers = (
        resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    print(f"\n(b) {len(found.curve.table):,} specifications, {found.curve.fits:,} fits with placebos: {seconds:.1f} s, "
          f"{1e6 * seconds / found.curve.fits:.0f} microseconds a fit")  # fmt: skip
    worst = float(found.curve.table["kkt"].max())
    print(
        f"    peak memory: {own:.0f} MB here, up to {workers:.0f} MB in each worker; largest KKT residual {worst:.1e}"
    )
    main = effects.main["exports"]
    again = found.curve.table.query("flow == 'exports' and estimator == 'sc' and outcome == 'log'")
    apart = float((again["effect_log"] - main.effect_log).abs().min())
    wrong = [f"a fit of the curve misses its conditions by {worst:.1e}"] if worst > ACCEPTED else []
    return wrong + ([f"the curve lacks the main estimate by {apart:.1e}"] if apart > 1e-9 else [])


def growth(effects: Effects) -> None:
    """(c) Time against size."""
    choices = effects.choices
    specs = all_specifications(effects.calendar, choices, effects.status.reasons)
    print("\n(c) time against the number of specifications (one process)")
    for count in (135, 270, 540, 1080):
        chosen = specs[:: len(specs) // count][:count]
        seconds, _ = timed(
            lambda c=chosen: run_curve(  # type: ignore[misc]
                effects.panel, effects.status, c, treated=effects.treated, ridges=choices.ridges, lead=2
            )
        )
        print(f"    {count:5d} specifications {seconds:6.2f} s   {1e3 * seconds / count:5.2f} ms each")
    print("    time against the number of donors (SDID with all placebos, 11 years before, simulated)")
    rng = np.random.default_rng(1)
    for donors in (20, 40, 80, 160):
        values = rng.normal(size=(donors + 1, 20)).cumsum(axis=1) * 0.1
        work = partial(fit, values, np.arange(11), np.arange(13, 20), estimator="sdid", ridges=choices.ridges)
        seconds, _ = timed(work, 3)
        print(f"    {donors:5d} donors {1e3 * seconds:9.1f} ms   {1e6 * seconds / (donors + 1) ** 2:6.1f} us a pair")


if __name__ == "__main__":
    found = open_study("korus").counterfactual()
    differ = [*one_specification(found), *whole_curve(found)]
    growth(found)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\npeak memory of this process in all: {peak:.0f} MB")
    if differ:
        sys.exit("; ".join(differ))
