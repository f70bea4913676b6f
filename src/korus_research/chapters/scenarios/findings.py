"""Values of the findings of the scenarios: what the model implies, with ranges."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from korus_research.chapters.scenarios.inputs import values as inputs
from korus_research.chapters.scenarios.measures import TESTED, Scenarios
from korus_research.chapters.scenarios.model.choices import BASELINE, DUTIES, USED, Key, tables_used
from korus_research.chapters.scenarios.model.estimates import UNDONE
from korus_research.chapters.scenarios.ranges import NEW_LEAD, PLACES, WORDS, range_kind, side
from korus_research.methods.equilibrium.market import CLOSURES
from korus_research.methods.equilibrium.pair import Change
from korus_research.methods.series import FLOWS, Flow
from korus_research.show.declared import Value

UNDONE_LEAD = "undone.flow.exports_low"  # says why the agreement is not undone; the others repeat it
_BOTH = ("real_income.reporter", "real_income.partner")
_SIDES = ("real_income.reporter_side", "real_income.partner_side")
_THIRD = ("third", "third_up", "third_down")
# What is made of each scenario of duties: what the chapter speaks of.
_MADE: Mapping[Key, tuple[str, ...]] = {
    "mfn": (_BOTH[1], *_SIDES, "cents.reporter", "cents.partner", "flow.exports", "flow.imports"),
    "duties_partner": (*_BOTH, "flow.imports"),
    "duties_latest": (*_BOTH[1:], "flow.imports"),
    "duties_all": (*_BOTH, "flow.imports", "world", *_THIRD),
    "duties_margin": (_BOTH[1], "flow.imports"),
}


def names(result: Scenarios) -> dict[str, str | list[str]]:
    """Return the names used in sentences about the scenarios."""
    spec, duties = result.spec, result.duties
    return {
        "reporter_adjective": spec.reporter,
        "partner_adjective": spec.partner,
        "partner": spec.partner,
        **spec.names,
        "model_year": str(spec.baseline_year),
        "duties_before": str(duties.years[0]),
        "duties_after": duties.after_months,
        "duties_latest": duties.latest_months or duties.after_months,
        "goods_year": str(duties.goods_year),
        "elasticities": [f"{theta:g}" for theta in sorted(spec.elasticities)],
    }


def values(result: Scenarios) -> Iterator[Value]:
    """Yield every finding of the scenarios."""
    year = str(result.spec.baseline_year)
    for found in (
        *_scenarios(result),
        *_closures(result),
        *_undone(result),
        *_bounds(result),
        *_tests(result),
        *inputs(result),
    ):
        yield found if found.period is not None else found._replace(period=year)


def _scenarios(result: Scenarios) -> Iterator[Value]:
    """Yield the outcomes of each scenario of duties."""
    for key in DUTIES:
        if key == "duties_latest" and key not in result.outcomes:
            continue  # another of its kind says why
        says = {"when": WORDS.label(f"when.{key}", partner=str(names(result)["partner"]))}
        for what in _MADE[key]:
            yield _value(result, key, what)._replace(says=says, tables=USED[key])


def _value(result: Scenarios, key: Key, what: str) -> Value:
    """Return one finding of a scenario, or that there is none where it is left out."""
    own, outcome = f"{key}.{what}", result.outcomes.get(key)
    if outcome is None:
        return Value(own, None, repeats=NEW_LEAD if key != "mfn" and own != NEW_LEAD else None)
    if what in _THIRD:
        sides = [side(*outcome.change(code)[1:], PLACES["real_income"]) for code in result.others(key)]
        return Value(own, len(sides) if what == "third" else sides.count({"third_up": "above"}.get(what, "below")))
    change = _change(result, key, what.removesuffix("_side"))
    if what.endswith("_side"):
        return Value(own, side(*change[1:], PLACES[what.partition(".")[0]]))
    return Value(own, change[0], bounds=change[1:], interval=range_kind(result, key))


def _change(result: Scenarios, key: Key, what: str) -> Change:
    """Return the change of one measure in a scenario: percent, low, high."""
    outcome = result.outcomes[key]
    measure, _, which = what.partition(".")
    if measure == "world":
        return outcome.world
    if measure == "flow":
        return outcome.flow(which)
    if measure == "cents":
        return _cents(outcome.change(result.parties[which]))
    return outcome.change(result.parties[which], measure)


def _cents(change: Change) -> Change:
    """Return a change in cents in a hundred dollars: a hundredth of a percent is one."""
    value, low, high = change
    return 100 * value, 100 * low, 100 * high


def _closures(result: Scenarios) -> Iterator[Value]:
    """Yield the reporter's real income by closure of the deficits, and of how many ranges the side of zero depends."""
    key: Key = "duties_all" if "duties_all" in result.outcomes else "mfn"
    code, outcome = result.spec.reporter, result.outcomes.get(key)
    says = {"when": WORDS.label(f"when.{key}", partner=str(names(result)["partner"]))}
    places, depends = PLACES["real_income"], []
    for closure in CLOSURES:
        where = None if outcome is None else side(*outcome.closures[closure].change(code)[1:], places)
        yield Value(f"closure.{closure}", where, says=says, tables=USED[key])
    for one in result.outcomes.values():
        for party in result.parties.values():
            sides = {side(*by.change(party)[1:], places) for by in one.closures.values()}
            depends.append(len(sides) > 1)
    used = tables_used(result.outcomes) or BASELINE
    yield Value("closure.ranges", len(depends), tables=used)
    yield Value("closure.depends", sum(depends), tables=used)


def _undone(result: Scenarios) -> Iterator[Value]:
    """Yield the ends of the ranges by all estimates, and how the estimates stand beside the duties put back."""
    found = [result.outcomes[key] for key in result.undone]
    tables, lead = tables_used(result.undone or UNDONE), None if found else UNDONE_LEAD
    changes = {f"flow.{flow}": [one.flow(flow) for one in found] for flow in FLOWS}
    changes |= {f"cents.{who}": [_cents(one.change(code)) for one in found] for who, code in result.parties.items()}
    for what, ranges in changes.items():
        ends = {"low": min((c[1] for c in ranges), default=None), "high": max((c[2] for c in ranges), default=None)}
        for end, value in ends.items():
            own = f"undone.{what}_{end}"
            yield Value(own, value, repeats=None if own == lead else lead, tables=tables)
    exports = changes["flow.exports"]
    where = side(min(c[1] for c in exports), max(c[2] for c in exports), 0) if exports else None
    yield Value("undone.flow.exports_side", where, repeats=lead, tables=tables)
    zero = [side(*c[1:], PLACES["flow"]) == "open" for c in exports]
    state = None if not zero else "every" if all(zero) else "some" if any(zero) else "none"
    yield Value("undone.open", state, repeats=lead, tables=tables)
    if found and "mfn" in result.outcomes:
        back = result.outcomes["mfn"].flow("exports")[0]
        both = tables_used((*result.undone, "mfn"))
        yield Value("undone.opposite", sum(c[0] * back < 0 for c in exports), tables=both)


def _bounds(result: Scenarios) -> Iterator[Value]:
    """Yield the percent that real income of either party moves by less than in all scenarios, rounded up."""
    changes = [one.change(code) for one in result.outcomes.values() for code in result.parties.values()]
    furthest = max((abs(end) for _, *ends in changes for end in ends), default=None)
    bound = None if furthest is None else math.ceil(100 * furthest) / 100
    yield Value("bound", bound, tables=tables_used(result.outcomes) or BASELINE)


def _tests(result: Scenarios) -> Iterator[Value]:
    """Yield real income with the partner's duties on others in the baseline, and flows with a duty on goods alone."""
    for key in ("mfn", *TESTED):
        outcome, code = result.tested.get(key), result.spec.partner
        value, low, high = (math.nan,) * 3 if outcome is None else outcome.change(code)
        yield Value(
            f"elsewhere.{key}",
            value,
            bounds=(low, high),
            interval=range_kind(result, key),
            says=_lacking(result, key),
            repeats=_lead(result, key),
            tables=tuple(dict.fromkeys((*USED[key], "average_tariffs"))),
        )
    former, added, code = result.duties.former, result.duties.added, result.spec.partner
    yield from _levied(result, "exports", "mfn", 0.0, math.nan if former is None else former.before[1])
    old, new = (math.nan, math.nan) if added is None else (float(added.before[code]), float(added.after[code]))
    yield from _levied(result, "imports", "duties_partner", old, new)


def _lacking(result: Scenarios, key: Key) -> dict[str, str]:
    """Return why something of a scenario is not told: it is left out, or there are no duties to test it by."""
    kind = "averages" if key in result.outcomes else "mfn" if key == "mfn" else "new"
    return {"lacking": WORDS.label(f"lacking.{kind}")}


def _lead(result: Scenarios, key: Key) -> str | None:
    return NEW_LEAD if key in DUTIES[1:] and key not in result.outcomes else None


def _levied(result: Scenarios, flow: Flow, key: Key, old: float, new: float) -> Iterator[Value]:
    """Yield the flow at given prices and the main elasticity: the duty times the goods share on all, and on goods."""
    power, share = -(1 + result.spec.elasticity), result.duties.goods[flow]
    whole = 100 * (((1 + share * new) / (1 + share * old)) ** power - 1)
    alone = 100 * share * (((1 + new) / (1 + old)) ** power - 1)
    for what, value in (("whole", whole), ("goods", alone)):
        yield Value(
            f"levied.{flow}.{what}", value, says=_lacking(result, key), tables=USED[key], repeats=_lead(result, key)
        )
