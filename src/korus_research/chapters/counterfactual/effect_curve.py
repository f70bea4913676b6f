"""The specification curve of one agreement: every declared specification (decision 22)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from korus_research.chapters.counterfactual.estimates.declared import ENERGY
from korus_research.chapters.counterfactual.estimates.specifications import all_specifications
from korus_research.chapters.counterfactual.measures import Effects, of as effects_of
from korus_research.data.cache.results import How
from korus_research.data.cache.watched import told
from korus_research.data.study import Study
from korus_research.methods.series import FLOWS, Flow
from korus_research.methods.synthetic.curve import Curve, run_curve
from korus_research.methods.synthetic.specification import Specification
from korus_research.show.declared import Result, Value
from korus_research.show.words.text import Words

WORDS = Words("counterfactual")
SAME = 1e-9  # log points


@dataclass(frozen=True)
class EffectCurve(Result):
    """The curve, and the estimates it belongs to."""

    FINDINGS = "effect_curve"

    effects: Effects
    curve: Curve

    @property
    def years(self) -> str:
        """The years that effects are means over: "2013 to 2016, 2019 or 2024"."""
        ends = [str(year) for year in sorted(self.curve.table["post_last"].unique())]
        return WORDS.label(
            "curve_years", first=str(self.effects.calendar.first_full), but_last=ends[:-1], last=ends[-1]
        )

    def __repr__(self) -> str:
        return f"EffectCurve({len(self.curve.table):,} specifications, {self.curve.fits:,} units fitted)"


def of(
    study: Study, *, executor: Executor | None = None, progress: Callable[[int, int], None] | None = None
) -> EffectCurve:
    """Return the curve of a study, remembered by content; see `analyse_curve`, which makes it."""
    effects = effects_of(study)
    return EffectCurve(effects, study.remembered(_curve, _specifications(effects), how=How((executor, progress))))


def _curve(study: Study, specifications: Sequence[Specification], how: How) -> Curve:
    executor, progress = how.values
    return analyse_curve(effects_of(study), executor=executor, progress=progress).curve


def analyse_curve(
    effects: Effects, *, executor: Executor | None = None, progress: Callable[[int, int], None] | None = None
) -> EffectCurve:
    """Run the curve of an agreement; errors as in `run_curve`.

    The work is done by `executor`, in this process if left out: no process is started that nobody asked for. `progress`
    is called with the number of specifications done and in all; if left out who waits is told.
    """
    choices = effects.choices
    curve = run_curve(
        effects.panel,
        effects.status,
        _specifications(effects),
        treated=effects.treated,
        ridges=choices.ridges,
        lead=choices.lead,
        exactness=choices.exactness,
        executor=executor,
        progress=progress or told,
    )
    return EffectCurve(effects, curve)


def _specifications(effects: Effects) -> tuple[Specification, ...]:
    return all_specifications(effects.calendar, effects.choices, effects.status.reasons)


def values(found: EffectCurve) -> Iterator[Value]:
    """Yield the findings on all specifications together."""
    years, curve = found.years, found.curve
    for flow in FLOWS:
        says = {"noun": WORDS.label(f"noun.{flow}", **found.effects.names)}
        count = [Value("specifications", len(curve.of(flow)))] if flow == "exports" else []
        for value in (*_spread(found, flow), *_joint(found, flow), *count):
            yield value.below(f"curve.{flow}", period=years, says=says)


def names(found: EffectCurve) -> Mapping[str, str | Sequence[str]]:
    """Return the names used in sentences about the curve."""
    return {**found.effects.names, "chance": f"{found.effects.choices.chance:.2f}"}


def _spread(found: EffectCurve, flow: Flow) -> Iterator[Value]:
    """Yield the median effect and shares of the specifications."""
    rows = found.curve.of(flow)
    low, high = (float(end) for end in rows["effect_percent"].quantile([0.05, 0.95]))
    # The median in logarithms, as the joint test takes it.
    yield Value("median", 100 * math.expm1(float(rows["effect_log"].median())), bounds=(low, high))
    # The main one is in the curve too, where a larger batch may move its last digits.
    below = rows["effect_log"] < found.effects.main[flow].effect_log - SAME
    yield Value("positive", 100 * float((rows["effect_log"] > 0).mean()))
    yield Value("main_above", 100 * float(below.mean()))
    able = rows["p_floor"] < found.effects.choices.chance  # the others can't reject by construction
    yield Value("unable", int((~able).sum()))
    ranked = rows["donors"] + 2 - 1 / rows["p_floor"]  # the unit itself and the placebos left out
    yield Value("unable_ranked", int((~(ranked / (rows["donors"] + 1) < found.effects.choices.chance)).sum()))
    beyond = rows.loc[able, "p_value"] < found.effects.choices.chance
    yield Value("significant", 100 * float(beyond.mean()) if able.any() else None)


def _joint(found: EffectCurve, flow: Flow) -> Iterator[Value]:
    """Yield the joint test, and the median and the test with energy exporters among the donors and without."""
    joint, choices = found.curve.joint(flow), found.effects.choices
    p = None if joint is None else joint.p_value
    yield Value("p_value", p)
    yield Value("p_floor", None if joint is None else joint.p_floor)
    yield Value("beyond_chance", None if p is None else choices.chance - p)
    yield Value("placebos", None if joint is None else joint.placebos)
    for name, kept in (("energy_kept", True), ("energy_out", False)):
        rules = [name for name, rule in choices.rules.items() if (ENERGY not in rule.excludes) == kept]
        part = found.curve.joint(flow, rules)
        says = {"whether": WORDS.label(f"whether.{name}")}
        yield Value(f"{name}.median", None if part is None else part.median_percent, says=says)
        yield Value(f"{name}.p_value", None if part is None else part.p_value, says=says)
