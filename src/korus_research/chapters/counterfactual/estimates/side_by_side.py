"""Comparisons: methods, rules for placebos that are copied exactly, and ridges of synthetic control."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal

import pandas as pd

from korus_research.chapters.counterfactual.estimates.methods import placebo_error
from korus_research.chapters.counterfactual.estimates.variants import figures, span
from korus_research.chapters.counterfactual.measures import Effects
from korus_research.methods.series import FLOWS
from korus_research.methods.synthetic.estimate import Counterfactual
from korus_research.methods.synthetic.estimators import fit, left_out_errors, ridge_errors
from korus_research.methods.synthetic.outcomes import Exactness

RULES: tuple[Literal["ranked", "left-out"], ...] = ("ranked", "left-out")


def methods_frame(effects: Effects) -> pd.DataFrame:
    """Return a row a flow and method: flow, method, the columns of `figures`, p_floor, placebo_error, leads."""
    rows = [
        {"flow": flow, "method": name, **figures(found), "p_floor": found.p_floor}
        | {"placebo_error": 100 * placebo_error(effects.methods, name, flow), "leads": name == effects.leading}
        for (flow, name), found in effects.methods.items()
    ]
    return pd.DataFrame(rows)


def earlier_frame(effects: Effects) -> pd.DataFrame:
    """Return the placebos in time by each method: flow, time, method, years of the effect, the columns of `figures`."""
    rows = [
        {"flow": flow, "time": time, "method": name, "years": span(*found.spec.post), **figures(found)}
        for (flow, time, name), found in effects.earlier.items()
    ]
    return pd.DataFrame(rows)


def exact_frame(effects: Effects) -> pd.DataFrame:
    """Return the effects of both flows by the method declared first and the one that leads, by each rule for errors.

    Returns
    -------
    DataFrame, a row a flow, method and rule: flow, method, rule, the columns of `figures`, p_floor. The rules are
    "ranked" (exact placebos too, as in the first edition), "left-out", and "left-one-out", by which gaps are measured
    against the error in years that a fit had not seen.
    """
    rows = []
    for name in dict.fromkeys((effects.choices.first_method, effects.leading)):
        for flow in FLOWS:
            found = effects.methods[flow, name]
            spec, below, ridges = found.spec, found.exactness.below, effects.choices.ridges
            by_rule: dict[str, Counterfactual] = {
                rule: replace(found, exactness=Exactness(rule, below)) for rule in RULES
            }
            if spec.frequency == "annual":
                pre, _ = spec.places(spec.pre[0])
                errors = left_out_errors(found.outcome, pre, estimator=spec.estimator, ridges=ridges)
                by_rule["left-one-out"] = replace(found, fits=replace(found.fits, rmspe=errors))
            about = {"flow": flow, "method": name}
            rows += [{**about, "rule": rule, **figures(by), "p_floor": by.p_floor} for rule, by in by_rule.items()]
    return pd.DataFrame(rows)


def ridges_frame(effects: Effects) -> pd.DataFrame:
    """Return synthetic control by ridge of the grid: flow, ridge, effect_percent, error (percent).

    `error` is that of `ridge_errors`, over donors and years left out.
    """
    rows = []
    for flow, main in effects.main.items():
        pre, post = main.spec.places(main.spec.pre[0])
        grid = effects.choices.ridges.grid
        errors = ridge_errors(main.outcome, pre, grid)
        for ridge, error in zip(grid, errors, strict=True):
            ridges = replace(effects.choices.ridges, sc=ridge)
            effect = fit(main.outcome, pre, post, estimator="sc", ridges=ridges, placebos=False).effect[0]
            percent = 100 * math.expm1(float(effect))
            rows.append({"flow": flow, "ridge": ridge, "effect_percent": percent, "error": 100 * float(error)})
    return pd.DataFrame(rows)
