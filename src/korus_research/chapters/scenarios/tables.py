"""Tables of the scenarios: their outcomes, trade with all others, and results by trade elasticity."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from korus_research.chapters.scenarios.inputs import method
from korus_research.chapters.scenarios.measures import Scenarios, of
from korus_research.chapters.scenarios.model.choices import Key, tables_used
from korus_research.chapters.scenarios.ranges import PLACES, WORDS, range_kind
from korus_research.chapters.tariffs.schedule import added_since
from korus_research.data.study import Study
from korus_research.methods.equilibrium.pair import Change
from korus_research.methods.series import FLOWS
from korus_research.show.shown import Prose, Rows, number, table


@table("income")
def income_table(study: Study) -> Rows:
    """Return the real income of the parties in every scenario of the edition."""
    result = of(study)
    data = result.to_frame()
    places = PLACES["real_income"]
    rows = [
        {"scenario": _row_title(result, key)}
        | {k: v for who, code in result.parties.items() for k, v in _ranged(who, one.change(code), places, places)}
        for key, one in result.outcomes.items()
    ]
    return _all_scenarios(result, rows, data[data["measure"] == "real_income"].reset_index(drop=True))


@table("flows")
def flows_table(study: Study) -> Rows:
    """Return the flows between the parties in every scenario of the edition."""
    result = of(study)
    rows = [
        {"scenario": _row_title(result, key)}
        | {k: v for flow in FLOWS for k, v in _ranged(flow, one.flow(flow), PLACES["flow"], 0)}
        for key, one in result.outcomes.items()
    ]
    frames = [one.flows.assign(scenario=key).reset_index() for key, one in result.outcomes.items()]
    return _all_scenarios(result, rows, pd.concat(frames, ignore_index=True))


def _all_scenarios(result: Scenarios, rows: Sequence[dict[str, str]], data: pd.DataFrame) -> Rows:
    """Return a table with a row a scenario; its notes explain each kind of range once."""
    kinds: dict[str, list[str]] = {}
    for key in result.outcomes:
        kind = "undone" if key in result.spec.estimates else "duties" if key.startswith("duties") else key
        kinds.setdefault(range_kind(result, key), []).append(WORDS.label(f"kind.{kind}", result))
    return Rows(
        of=result,
        data=data,
        last=result.last(),
        rows=rows,
        tables=tables_used(result.outcomes),
        notes=tuple(f"{'; '.join(dict.fromkeys(of_kind))}: {kind}." for kind, of_kind in kinds.items()),
    )


@table("trade")
def total_trade_table(study: Study) -> Rows:
    """Return real GDP of the parties and their trade with all others, by scenario."""
    result = of(study)
    measures = {"real_gdp": 3, "exports": 2, "imports": 2}
    rows = [
        {"scenario": _row_title(result, key)}
        | {
            f"{what}_{who}": _span(outcome.change(code, what), decimals)
            for what, decimals in measures.items()
            for who, code in result.parties.items()
        }
        for key, outcome in result.outcomes.items()
    ]
    data = result.to_frame()
    own = data["economy"].isin(result.parties.values()) & data["measure"].isin(list(measures))
    tables = tables_used(result.outcomes)
    return Rows(of=result, data=data[own].reset_index(drop=True), last=result.last(), rows=rows, tables=tables)


@table("elasticity")
def elasticity_table(study: Study) -> Rows | None:
    """Return real income of the parties by trade elasticity; nothing where only the agreement undone is solved."""
    result = of(study)
    outcomes = {key: outcome for key, outcome in result.outcomes.items() if key not in result.spec.estimates}
    if not outcomes:
        return None
    rows, frames = [], []
    for key, outcome in outcomes.items():
        by_theta = outcome.by_elasticity
        frames.append(by_theta.assign(scenario=key).reset_index())
        for who in result.parties:
            title = WORDS.label(f"row_of.{who}", result, scenario=_row_title(result, key))
            rows.append({"scenario": title} | {f"t{theta:g}": float(x) for theta, x in by_theta[who].items()})
    return Rows(
        of=result,
        data=pd.concat(frames, ignore_index=True),
        last=result.last(*outcomes),
        rows=rows,
        tables=tables_used(outcomes),
        given={"undone": "yes" if len(outcomes) < len(result.outcomes) else ""},
    )


def left_out(study: Study, what: str) -> Prose | None:
    """Return the sentence that says why a scenario is left out; nothing where it is solved.

    `what` is `undone`, by any estimate, `mfn` or `duties_partner`; of new duties nothing is said before there are any.
    """
    result = of(study)
    if what.startswith("duties") and added_since(study.agreement, study.parameters.as_of) is None:
        return None
    solved = bool(result.undone) if what == "undone" else what in result.outcomes
    lead = "undone.flow.exports_low" if what == "undone" else f"{what}.real_income.reporter"
    return None if solved else WORDS.say("left_out", result, lead=lead)


def duties_reading(study: Study) -> Prose | None:
    """Return the paragraph on the new duties; None where they are left out."""
    return WORDS.say("duties", of(study)) if "duties_all" in of(study).outcomes else None


def _row_title(result: Scenarios, key: Key) -> str:
    """Return the name of a scenario in a row of a table."""
    if key in result.spec.estimates:
        return WORDS.label("title.undone", result, method=method(result, key))
    return WORDS.label(f"title.{key}", result)


def _ranged(key: str, change: Change, decimals: int, ends: int) -> list[tuple[str, str]]:
    """Return the cells of a value and of its range, without which no central value stands (decision 48)."""
    return [(key, number(change[0], decimals, signed=True)), (f"{key}_range", _span(change, ends))]


def _span(change: Change, decimals: int) -> str:
    low, high = (number(end, decimals, signed=True) for end in change[1:])
    return WORDS.label("span", low=low, high=high)
