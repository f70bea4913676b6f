"""The specification curve of one agreement: every declared specification, run in parallel."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from multiprocessing import get_context

from korus_research.chapters.counterfactual.curve_findings import curve_findings
from korus_research.chapters.counterfactual.effects import Effects
from korus_research.chapters.counterfactual.specifications import all_specifications
from korus_research.methods.synthetic.curve import Curve, run_curve
from korus_research.show.finding import Findings


@dataclass(frozen=True)
class EffectCurve:
    """The curve, and the estimates it belongs to."""

    effects: Effects
    curve: Curve

    def findings(self) -> Findings:
        """Return what may be said of the curve."""
        return self._findings

    @cached_property
    def _findings(self) -> Findings:
        return curve_findings(self.curve, self.effects)

    def __repr__(self) -> str:
        return f"EffectCurve({len(self.curve.table):,} specifications, {self.curve.fits:,} units fitted)"


def workers() -> Executor:
    """Return a pool of one process for each core this process may use.

    The processes are spawned, not forked: a notebook's kernel has threads, and a fork would copy their locks.
    """
    # Which cores a process may use is not told on every system (macOS): there, all that the machine has.
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return ProcessPoolExecutor(cores, mp_context=get_context("spawn"))


def analyse_curve(
    effects: Effects,
    *,
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> EffectCurve:
    """Run the curve of an agreement; see `run_curve` for the parameters and errors.

    Without `executor` the work is done by `workers`, which are stopped at the end.
    """
    choices = effects.spec.choices
    specifications = all_specifications(effects.calendar, choices, effects.status.reasons)

    def run(pool: Executor) -> Curve:
        return run_curve(
            effects.panel,
            effects.status,
            specifications,
            treated=effects.spec.treated.partner,
            ridges=choices.ridges,
            lead=choices.lead,
            executor=pool,
            progress=progress,
        )

    if executor is not None:
        return EffectCurve(effects, run(executor))
    with workers() as pool:
        return EffectCurve(effects, run(pool))
