"""Two other ways of inference: prediction intervals, which use no placebo, and the leave-two-out test."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from korus_research.chapters.counterfactual.estimates.declared import Declared
from korus_research.methods.synthetic.estimate import Counterfactual
from korus_research.methods.synthetic.leave_two_out import LeaveTwoOut, leave_two_out
from korus_research.methods.synthetic.outcomes import effects_log
from korus_research.methods.synthetic.prediction import BOUNDS, Bound, predict


@dataclass(frozen=True)
class Second:
    """Another inference for one flow.

    Attributes
    ----------
    predicted : mapping of bound (None: errors of weights and level alone) to (low, high), percent, or None
        Prediction intervals of synthetic control, the method declared; None where its fit is exact or no such method.
    two_out : mapping of method to LeaveTwoOut or None
        The test for the method declared first and for the one that leads; None by quarter, where it is not made.
    """

    predicted: Mapping[Bound | None, tuple[float, float]] | None
    two_out: Mapping[str, LeaveTwoOut | None]


def second(main: Counterfactual, methods: Mapping[str, Counterfactual], choices: Declared) -> Second:
    """Return both for one flow: of the main specification, and of each of `methods`, which are by their ids.

    Errors as for `predict` and `leave_two_out`.
    """
    return Second(_predicted(main, choices), {name: _two_out(found, choices) for name, found in methods.items()})


def _predicted(found: Counterfactual, choices: Declared) -> Mapping[Bound | None, tuple[float, float]] | None:
    """Return the intervals in percent of the synthetic level."""
    if found.exact or found.spec.estimator != "sc":
        return None
    spec, choice = found.spec, choices.prediction
    pre, post = spec.places(spec.pre[0])
    weights = found.fits.weights[0, 1:]
    made = predict(found.outcome, pre, [post], weights, level=found.level, draws=choice.draws, seed=choice.seed)
    ends: dict[Bound | None, tuple[float, float]] = {}
    for bound in (None, *BOUNDS):
        own = found.outcome[[0, 0]]
        low, high = effects_log(spec, made.interval(bound)[0], own, slice(int(post[0]), int(post[-1]) + 1))
        ends[bound] = 100 * math.expm1(float(low)), 100 * math.expm1(float(high))
    return ends


def _two_out(found: Counterfactual, choices: Declared) -> LeaveTwoOut | None:
    if found.spec.frequency != "annual":
        return None
    pre, post = found.spec.places(found.spec.pre[0])
    ridges, rule = choices.ridges, found.exactness
    return leave_two_out(found.outcome, pre, post, estimator=found.spec.estimator, ridges=ridges, exactness=rule)
