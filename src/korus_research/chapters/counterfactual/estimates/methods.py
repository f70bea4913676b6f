"""The declared methods, and the one that leads: that with the smallest errors over placebos."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from korus_research.chapters.counterfactual.estimates.variants import Estimates
from korus_research.methods.series import FLOWS, Flow
from korus_research.methods.synthetic.estimate import Counterfactual

Methods = Mapping[tuple[Flow, str], Counterfactual]


def estimated(estimates: Estimates) -> Methods:
    """Return the main specification of both flows by each declared method, by flow and method.

    A method that the data do not allow (a quarter without trade) is left out for that flow.
    """
    found: dict[tuple[Flow, str], Counterfactual] = {}
    for flow, main in estimates.main.items():
        for name, method in estimates.choices.methods.items():
            spec = replace(main.spec, estimator=method.estimator, frequency=method.frequency)
            made = main if spec == main.spec else estimates.try_estimate(spec)
            if made is not None:
                found[flow, name] = made
    return found


def placebo_error(methods: Methods, name: str, flow: Flow) -> float:
    """Return the root mean square effect of one method on the donors of a flow that all methods share, log points.

    NaN where the method has no estimate of that flow.
    """
    if (flow, name) not in methods:
        return math.nan
    shared = set.intersection(*(set(found.pool.donors) for (own, _), found in methods.items() if own == flow))
    found = methods[flow, name]
    effects = [effect for code, effect in zip(found.pool.donors, found.fits.effect[1:], strict=True) if code in shared]
    return float(np.sqrt(np.mean(np.square(effects))))


def leading(methods: Methods, tie: float) -> str:
    """Return the method with the smallest placebo error over both flows; a lead of less than `tie` is none.

    Then it is the first of those within. Methods that lack a flow do not compete.
    """
    names = list(dict.fromkeys(name for _, name in methods))
    squares = {name: sum(placebo_error(methods, name, flow) ** 2 for flow in FLOWS) for name in names}
    errors = {name: math.sqrt(square) for name, square in squares.items() if square == square}
    return next(name for name, error in errors.items() if error * (1 - tie) <= min(errors.values()))
