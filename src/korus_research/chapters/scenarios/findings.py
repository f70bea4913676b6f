"""The findings of the scenarios: what a model implies, with its range."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from korus_research.chapters.scenarios.inputs import add_inputs
from korus_research.chapters.scenarios.model import KEYS, Key, Outcome
from korus_research.chapters.scenarios.sensitivity import add_tests
from korus_research.chapters.scenarios.terms import MODEL, NEW_LEAD, USED, is_undone, months_of, side
from korus_research.chapters.scenarios.undone import add_undone
from korus_research.methods.series import FLOWS
from korus_research.show.finding import Findings, Unit
from korus_research.show.making import Maker

if TYPE_CHECKING:
    from korus_research.chapters.scenarios.analyse import Scenarios

NAMED = {
    "undone_gravity": "with the agreement undone by the gravity model on all years",
    "undone_last": "with the agreement undone by the gravity model against its last year before it",
    "undone_control": "with the agreement undone by the synthetic control",
    "mfn": "with duties back at those before the agreement",
    "duties_partner": "with the new duties on {country} alone",
    "duties_latest": "with the duty of the latest months on {country} alone",
    "duties_all": "with the new duties on all partners",
    "duties_margin": "with the margin of {country} lost",
}
MEASURED = {
    "real_income": "real income",
    "real_gdp": "real GDP",
    "exports": "exports to all others",
    "imports": "imports from all others",
}
BASIS = "structural gravity model on input-output tables of {year}, goods and services, one-off change of level"


def scenario_findings(scenarios: Scenarios) -> Findings:
    """Return every finding of the scenarios, with ids `scenarios.*`, and names that sentences about them use."""
    spec = scenarios.spec
    names = {
        **spec.names,
        "model_year": str(spec.baseline_year),
        "duties_before": str(scenarios.duties.years[0]),
        "duties_after": months_of(scenarios.duties),
        "duties_latest": scenarios.duties.latest_months or months_of(scenarios.duties),
        "goods_year": str(scenarios.duties.goods_year),
    }
    basis = BASIS.format(year=spec.baseline_year)
    parties = {"reporter": spec.reporter, "partner": spec.partner}
    called = {
        "reporter": names.get("reporter_adjective", spec.reporter),
        "partner": names.get("partner_adjective", spec.partner),
        "country": names.get("partner", spec.partner),
    }
    maker = Maker("scenarios", basis=basis, datasets=MODEL, period=str(spec.baseline_year))
    for key in KEYS:
        if key not in scenarios.outcomes and key not in scenarios.lacking:
            continue  # another of its kind tells why
        outcome = scenarios.outcomes.get(key)
        reason = scenarios.lacking.get(key)
        # One sentence tells why the scenarios of new duties are left out; the others about them are not spoken.
        lead = NEW_LEAD if reason and key.startswith("duties") else None
        for what, label, unit, decimals, triple in _numbers(outcome, parties, called):
            value, low, high = triple
            said = f"the change of {label} {NAMED[key].format(**called)}"
            own = f"{key}.{what}"
            again = None if lead in (None, f"scenarios.{own}") else lead
            maker.add(
                own,
                said,
                value,
                unit,
                decimals=decimals,
                bounds=(low, high),
                interval=None if outcome is None else outcome.interval,
                datasets=USED[key],
                reason=reason,
                repeats=again,
            )
            if what in _RANGED:
                where = None if low is None or high is None else side(low, high, decimals)
                maker.add(
                    f"{own}_side",
                    f"the side of zero on which the range of {said} lies",
                    where,
                    "index",
                    datasets=USED[key],
                    reason=reason,
                    repeats=lead,
                )
        if not is_undone(key) or outcome is not None:
            names |= _third(scenarios, key, outcome, maker, reason, lead)
    add_undone(scenarios, maker, called)
    add_tests(scenarios, maker, called)
    _bound(scenarios, maker)
    add_inputs(scenarios, maker, called)
    return maker.findings(names)


_RANGED = {
    *(f"{what}.{who}" for what in ("real_income", "cents", "exports") for who in ("reporter", "partner")),
    *(f"flow.{flow}" for flow in FLOWS),
    "world",
}
_Triple = tuple[float | None, float | None, float | None]


def _numbers(
    outcome: Outcome | None, parties: dict[str, str], called: dict[str, str]
) -> list[tuple[str, str, Unit, int, _Triple]]:
    """What is measured of one scenario: id, label, unit, decimals, (value, low, high)."""
    nothing: _Triple = (None, None, None)
    out: list[tuple[str, str, Unit, int, _Triple]] = []
    for who, code in parties.items():
        for measure, label in MEASURED.items():
            triple = nothing
            if outcome is not None:
                triple = (
                    float(outcome.changes.at[code, measure]),  # type: ignore[arg-type]
                    float(outcome.low.at[code, measure]),  # type: ignore[arg-type]
                    float(outcome.high.at[code, measure]),  # type: ignore[arg-type]
                )
            decimals = 3 if measure.startswith("real") else 2
            out.append((f"{measure}.{who}", f"{called[who]} {label}", "percent", decimals, triple))
            if measure == "real_income":
                # A hundredth of a percent is a cent in a hundred dollars.
                cents: _Triple = nothing if triple[0] is None else tuple(100 * v for v in triple if v is not None)  # type: ignore[assignment]
                out.append((f"cents.{who}", f"a hundred dollars of {called[who]} income", "index", 1, cents))
    for flow in FLOWS:
        label = f"{called['reporter']} {flow} {'to' if flow == 'exports' else 'from'} {called['country']}"
        triple = nothing
        dollars: _Triple = nothing
        if outcome is not None:
            value, low, high, base = outcome.flows.loc[flow, ["percent", "low", "high", "baseline_usd_bn"]].to_numpy(
                float
            )
            triple = (float(value), float(low), float(high))
            dollars = (float(base * value / 100), float(base * low / 100), float(base * high / 100))
        out.append((f"flow.{flow}", label, "percent", 1, triple))
        out.append((f"dollars.{flow}", label, "usd_bn", 1, dollars))
    out.append(("world", "real income of all economies together", "percent", 3, outcome.world if outcome else nothing))
    return out


def _third(
    scenarios: Scenarios, key: Key, outcome: Outcome | None, maker: Maker, reason: str | None, lead: str | None
) -> dict[str, str]:
    """Third economies: how many gain and lose over the whole range, and the one that moves furthest."""
    spec = scenarios.spec
    up = down = own = None
    furthest: _Triple = (None, None, None)
    name = "no economy"
    if outcome is not None:
        rest = outcome.changes["real_income"].drop([spec.reporter, spec.partner])
        if key.startswith("duties"):  # a duty of the remainder would be an economy's own in name only
            rest = rest.drop([code for code in scenarios.duties.without_own if code in rest.index])
        own = float(len(rest))
        ends = zip(outcome.low.loc[rest.index, "real_income"], outcome.high.loc[rest.index, "real_income"], strict=True)
        sides = [side(float(low), float(high), 3) for low, high in ends]
        up, down = float(sides.count(1)), float(sides.count(-1))
        code = str(rest.abs().idxmax())
        furthest = tuple(float(t.at[code, "real_income"]) for t in (outcome.changes, outcome.low, outcome.high))  # type: ignore[assignment,arg-type]
        name = scenarios.economies[code]
    for what, label, value in (
        ("third", "how many other economies have figures of their own", own),
        ("third_up", "how many other economies gain over the whole range", up),
        ("third_down", "how many other economies lose over the whole range", down),
    ):
        maker.add(f"{key}.{what}", label, value, "count", datasets=USED[key], reason=reason, repeats=lead)
    maker.add(
        f"{key}.third_most",
        "the change of real income of the other economy that moves furthest",
        furthest[0],
        "percent",
        decimals=3,
        bounds=furthest[1:],
        interval=None if outcome is None else outcome.interval,
        datasets=USED[key],
        reason=reason,
        repeats=lead,
    )
    return {f"third_{key}": name}


def _bound(scenarios: Scenarios, maker: Maker) -> None:
    """What real income of either party stays below, either way: with the duties put back, and in all scenarios."""
    outcome, reason = scenarios.outcomes.get("mfn"), scenarios.lacking.get("mfn")
    label = f"what real income moves by at most, either way, {NAMED['mfn']}"
    value = None if outcome is None else _reach(scenarios, [outcome])
    maker.add("mfn.bound", label, value, "percent", decimals=2, datasets=USED["mfn"], reason=reason)
    every = [*scenarios.outcomes.values()]
    label = "what real income of either party moves by at most in any scenario, either way"
    used = tuple(dict.fromkeys(name for one in every for name in USED[one.key]))
    value = _reach(scenarios, every) if every else None
    gone = next(iter(scenarios.lacking.values()), None)
    maker.add("bound", label, value, "percent", decimals=2, datasets=used or MODEL, reason=gone)


def _reach(scenarios: Scenarios, outcomes: list[Outcome]) -> float:
    """Return the end of a range of real income of either party that lies furthest from zero, in percent, rounded up."""
    parties = [scenarios.spec.reporter, scenarios.spec.partner]
    ends = [table.loc[parties, "real_income"].abs().max() for one in outcomes for table in (one.low, one.high)]
    return math.ceil(100 * float(max(ends))) / 100
