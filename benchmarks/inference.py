"""Speed of the inference, side by side in one run.

    python -m benchmarks.inference             (a) to (c), some two minutes
    python -m benchmarks.inference --report    and (d): one report from nothing, to hold (c) against

(a) all placebos of all US agreements, both flows, with their intervals and with the trios of the leave-two-out test,
    against a loop of a general solver, SciPy's SLSQP, one programme at a time;
(b) prediction intervals against the same solver, draw by draw;
(c) what each part of the newer inference takes with nothing remembered, of a processor's time, which other work on the
    machine doesn't change: methods side by side with quarters, prediction intervals and the leave-two-out test, power
    and the agreements together.

It fails where two ways to the same answer differ: speed is measured here, not tested. Run it with one BLAS thread
(OPENBLAS_NUM_THREADS=1), as reports are.
"""

from __future__ import annotations

import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy import optimize

from benchmarks.counterfactual import SAME_SC, scipy_loop, timed, windows
from korus_research.chapters.counterfactual.estimates.methods import estimated
from korus_research.chapters.counterfactual.estimates.second_inference import second
from korus_research.chapters.counterfactual.estimates.side_by_side import exact_frame, ridges_frame
from korus_research.chapters.counterfactual.estimates.specifications import calendar_of, main_specification
from korus_research.chapters.counterfactual.measures import Effects
from korus_research.chapters.study import open_study
from korus_research.errors import KorusError
from korus_research.methods.series import FLOWS
from korus_research.methods.synthetic.estimate import Counterfactual
from korus_research.methods.synthetic.estimators import Ridges, fit, fit_rows
from korus_research.methods.synthetic.leave_two_out import trios
from korus_research.methods.synthetic.prediction import predict
from korus_research.methods.synthetic.simplex import Array

SAME_TRIOS = 5e-4  # log points: as SAME_SC, for the worst of twenty thousand programmes
DRAWS = 20  # of a prediction interval in (b): one of SciPy's takes long
SAME_REACH = 1e-3  # log points: SLSQP stops before the constraint is met, or at a point that is none
FEW = 4  # flows of agreements whose prediction intervals are held against SciPy's


def main_estimates(effects: Effects) -> dict[str, Counterfactual]:
    """Return the main specification of every agreement and flow that the data allow, by name."""
    found = {}
    for agreement in (effects.agreement, *effects.others):
        for flow in FLOWS:
            try:
                spec = main_specification(flow, calendar_of(effects.panel, agreement), effects.choices)
                estimate = effects.estimate(spec, treated=agreement.partner.census_code)
            except KorusError:
                continue
            found[f"{agreement.partner.short}, {flow}"] = estimate
    return found


def all_placebos(effects: Effects, estimates: dict[str, Counterfactual]) -> list[str]:
    """(a) Every placebo and interval, twice. Returns what differs."""
    ridges = effects.choices.ridges

    def batched() -> list[tuple[Counterfactual, tuple[float, float] | None]]:
        made = (replace(each, fits=fit(*windows(each), estimator="sc", ridges=ridges)) for each in estimates.values())
        return [(each, each.interval_log) for each in made]

    ours, again = timed(batched, 9)
    slow, loops = timed(lambda: [scipy_loop(each, ridges.sc) for each in estimates.values()])
    units = sum(len(each.outcome) for each in estimates.values())
    apart = max(float(np.abs(a.fits.effect - b).max()) for (a, _), b in zip(again, loops, strict=True))
    print(f"\n(a) {len(estimates)} estimates of agreements: {units} fits with all placebos and intervals")
    print(f"    batched {1e3 * ours:8.1f} ms   SciPy SLSQP loop {1e3 * slow:9.1f} ms   ratio {slow / ours:6.1f}   "
          f"largest difference {apart:.1e} log points")  # fmt: skip
    wrong = [f"placebos differ from SciPy's by {apart:.1e}"] if apart > SAME_SC else []
    return wrong + two_out(estimates, ridges)


def two_out(estimates: dict[str, Counterfactual], ridges: Ridges) -> list[str]:
    """(a) goes on: the trios of the leave-two-out test. Returns what differs."""

    def batched(found: Counterfactual) -> Array:
        pre, post = windows(found)[1:]
        rows, allowed = trios(len(found.outcome))
        return fit_rows(found.outcome, pre, [post], rows, allowed, estimator="sc", ridges=ridges)[0].effect

    ours, effects = timed(lambda: [batched(each) for each in estimates.values()], 3)
    slow, loops = timed(lambda: [scipy_loop(each, ridges.sc, trios(len(each.outcome))) for each in estimates.values()])
    apart = max(float(np.abs(a - b).max()) for a, b in zip(effects, loops, strict=True))
    print(f"    with leave-two-out, {sum(map(len, effects))} fits more")
    print(f"    batched {1e3 * ours:8.1f} ms   SciPy SLSQP loop {1e3 * slow:9.1f} ms   ratio {slow / ours:6.1f}   "
          f"largest difference {apart:.1e} log points")  # fmt: skip
    return [f"trios differ from SciPy's by {apart:.1e}"] if apart > SAME_TRIOS else []


def scipy_reach(found: Counterfactual, draws: int, seed: int) -> Array:
    """Return both ends of the errors of weights and level, each draw two programmes of SLSQP with its constraint."""
    values, pre, post = windows(found)
    weights = found.fits.weights[0, 1:]
    Z = np.column_stack([values[1:, pre].T, np.ones(len(pre))])
    beta = np.append(weights, values[0, pre].mean() - weights @ values[1:, pre].mean(axis=1))
    residual = values[0, pre] - Z @ beta
    freedom = min(int((weights >= 1e-6).sum()), len(pre) - 1)
    noise = np.random.default_rng(seed).normal(size=(draws, len(pre)))
    noise *= np.abs(residual) * math.sqrt(len(pre) / (len(pre) - freedom))
    Q, p = Z.T @ Z / len(pre), np.append(values[1:, post].mean(axis=1), 1.0)
    lower = np.where(weights < near_zero(values[1:, pre], residual, weights), weights, 0.0)
    lower[weights.argmax()] = 0.0
    bounds = [*zip(lower, np.full(len(lower), np.inf), strict=True), (-np.inf, np.inf)]
    ends = np.empty((2, draws))
    for draw, each in enumerate(noise):
        G = Z.T @ each / len(pre)
        room = {
            "type": "ineq",
            "fun": lambda x, G=G: 1e3 * (2 * G @ (x - beta) - (x - beta) @ Q @ (x - beta)),
            "jac": lambda x, G=G: 1e3 * (2 * G - 2 * Q @ (x - beta)),
        }
        one = {"type": "eq", "fun": lambda x: x[:-1].sum() - 1, "jac": lambda x: np.append(np.ones(len(x) - 1), 0.0)}
        for place, sign in enumerate((-1.0, 1.0)):
            solved = optimize.minimize(
                lambda x, sign=sign: sign * p @ x,
                beta,
                jac=lambda x, sign=sign: sign * p,
                bounds=bounds,
                constraints=[one, room],
                method="SLSQP",
                options={"ftol": 1e-12, "maxiter": 500},
            )
            ends[place, draw] = -p @ (solved.x - beta)
    return ends


def near_zero(donors: Array, residual: Array, weights: Array) -> float:
    """Return below what a weight is near zero: Cattaneo, Feng and Titiunik's rho of type 2, at most 0.2."""
    years, sizes = donors.shape[1], donors.std(axis=1, ddof=1)
    positive = int((weights >= 1e-6).sum()) + 1
    rate = math.sqrt(math.log(len(weights) + 1) * positive * math.log(years) / years)
    return min(float(residual.std() * sizes.max() / sizes.min() ** 2) * rate, 0.2)


def intervals(estimates: dict[str, Counterfactual]) -> list[str]:
    """(b) Prediction intervals, twice. Returns what differs."""
    wrong = []
    usable = {name: found for name, found in estimates.items() if not found.exact}
    print(f"\n(b) prediction intervals, {DRAWS} draws each; time a draw")
    for name, found in list(usable.items())[:FEW]:
        values, pre, post = windows(found)
        weights = found.fits.weights[0, 1:]

        def batched(v=values, a=pre, b=post, w=weights, draws=DRAWS) -> Array:  # type: ignore[no-untyped-def]
            fitted: Array = predict(v, a, [b], w, level=0.9, draws=draws, seed=1).fitted[0]
            return fitted

        ours, fitted = timed(batched, 3)
        many, _ = timed(lambda b=batched: b(draws=400), 2)  # type: ignore[misc]
        slow, ends = timed(lambda f=found: scipy_reach(f, DRAWS, 1))  # type: ignore[misc]
        theirs = [np.quantile(ends[0], 0.025), np.quantile(ends[1], 0.975)]
        apart = float(np.abs(fitted - theirs).max())
        print(f"    {name:20s} batched {1e3 * ours / DRAWS:6.2f} ms ({1e3 * many / 400:.2f} of 400)   SciPy SLSQP "
              f"{1e3 * slow / DRAWS:8.2f} ms   ratio {slow / ours:6.1f} ({400 * slow / DRAWS / many:.0f})   "
              f"largest difference {apart:.1e} log points")  # fmt: skip
        if apart > SAME_REACH:
            wrong.append(f"the prediction interval of {name} differs from SciPy's by {apart:.1e}")
    return wrong


def processor(work: Callable[[], object], repeat: int = 1) -> float:
    """Return the seconds of a processor that the quickest of `repeat` runs takes."""
    took = []
    for _ in range(repeat):
        start = time.process_time()
        work()
        took.append(time.process_time() - start)
    return min(took)


def parts(effects: Effects) -> float:
    """(c) The newer inference, part by part. Returns its seconds of a processor."""
    named = dict.fromkeys((next(iter(effects.choices.methods)), effects.leading))
    study = open_study("korus")
    study.counterfactual(), study.gravity(), study.forecasts()  # what power and the agreements together read
    took = {
        "methods side by side, quarters": processor(lambda: estimated(effects), 3),
        "rules for exact placebos, ridges": processor(lambda: (exact_frame(effects), ridges_frame(effects)), 3),
        "prediction intervals, leave-two-out": processor(
            lambda: [
                second(effects.main[flow], {name: effects.methods[flow, name] for name in named}, effects.choices)
                for flow in FLOWS
            ],
            3,
        ),
        "power, agreements together": processor(study.evidence),
    }
    print("\n(c) seconds of a processor for the newer inference, nothing remembered")
    for name, seconds in took.items():
        print(f"    {name:38s} {seconds:6.2f}")
    print(f"    {'in all':38s} {sum(took.values()):6.2f}")
    return sum(took.values())


def report(added: float) -> None:
    """(d) A report from nothing, with what the newer inference is of it."""
    with tempfile.TemporaryDirectory() as room:
        command = [sys.executable, "-m", "korus_research", "report", "--out", f"{room}/report"]
        start = time.perf_counter()
        subprocess.run(
            command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "KORUS_CACHE": f"{room}/cache"}
        )
        took, used = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = used.ru_utime + used.ru_stime
    print(f"\n(d) a report from nothing: {took:.1f} s, {seconds:.1f} of a processor; with (c) "
          f"{100 * added / (seconds - added):.0f} percent more than without")  # fmt: skip


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as cache:
        os.environ["KORUS_CACHE"] = cache
        effects = open_study("korus").counterfactual()
        estimates = main_estimates(effects)
        differ = [*all_placebos(effects, estimates), *intervals(estimates)]
        seconds = parts(effects)
    if "--report" in sys.argv[1:]:
        report(seconds)
    if differ:
        sys.exit("; ".join(differ))
