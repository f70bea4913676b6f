"""Tables of the scenarios: what each moves, trade with all others, and how much the elasticity matters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from korus_research.chapters.scenarios.figures import DECIMALS, last_period, row_titles, tables_used
from korus_research.chapters.scenarios.measures import of as scenarios_of
from korus_research.chapters.scenarios.model import Key
from korus_research.chapters.scenarios.terms import is_undone
from korus_research.methods.series import FLOWS
from korus_research.show.sourcing import source_line
from korus_research.show.table import Column, Table, number
from korus_research.show.words.prose import Prose, say

if TYPE_CHECKING:
    from pandas import DataFrame

    from korus_research.chapters.scenarios.analyse import Scenarios
    from korus_research.data.study import Study


def income_table(study: Study) -> Table:
    """Return what every scenario of the edition does to the real income of the parties."""
    result = scenarios_of(study)
    names = result.findings().names
    parties = {"reporter": result.spec.reporter, "partner": result.spec.partner}
    rows = []
    for key, title in row_titles(result).items():
        outcome = result.outcomes[key]
        row = {"scenario": title}
        for who, code in parties.items():
            three = [float(t.at[code, "real_income"]) for t in (outcome.changes, outcome.low, outcome.high)]  # type: ignore[arg-type]
            row[who], row[f"{who}_range"] = _ranged(three, DECIMALS, DECIMALS)
        rows.append(row)
    data = result.to_frame()
    return _all_scenarios(
        study,
        "income",
        say(
            result,
            "In no scenario does the range of real income, in {partner} or in the United States, reach beyond {scenarios.bound} either way",
        ),
        "Percent changes of real income; one-off changes of level. No central value stands without its range; where that includes zero, the model leaves the direction open.",
        {"reporter": f"{names['reporter_adjective']} real income", "partner": f"Real income of {names['partner']}"},
        rows,
        data[data["measure"] == "real_income"].reset_index(drop=True),
    )


def flows_table(study: Study) -> Table:
    """Return what every scenario of the edition does to the flows between the parties."""
    import pandas as pd

    result = scenarios_of(study)
    names = result.findings().names
    rows, frames = [], []
    for key, title in row_titles(result).items():
        flows = result.outcomes[key].flows
        frames.append(flows.assign(scenario=key).reset_index())
        row = {"scenario": title}
        for flow in FLOWS:
            three = [float(flows.at[flow, end]) for end in ("percent", "low", "high")]  # type: ignore[arg-type]
            row[flow], row[f"{flow}_range"] = _ranged(three, 1, 0)
        rows.append(row)
    us, them = names["reporter_adjective"], names["partner"]
    return _all_scenarios(
        study,
        "flows",
        say(result, _flows_title(result)),
        "Percent changes of flows of goods and services, nominal, before duty. No central value stands without its range.",
        {"exports": f"{us} exports to {them}", "imports": f"{us} imports from {them}"},
        rows,
        pd.concat(frames, ignore_index=True),
    )


def _flows_title(result: Scenarios) -> str:
    """Say what the last scenario of duties that the edition has does to both flows, or what is open without one."""
    named: dict[Key, str] = {
        "duties_all": "Under the new duties on all partners",
        "mfn": "With the duties before {agreement} back",
    }
    for key, when in named.items():
        if key in result.outcomes:
            flow = f"scenarios.{key}.flow"
            return (
                f"{when} US exports to {{partner}} {{{flow}.exports_side:would rise|would fall|could rise or fall}} ({{{flow}.exports:range}}), "
                f"imports from {{partner}} {{{flow}.imports_side:would rise|would fall|could rise or fall}} ({{{flow}.imports:range}})"
            )
    return "{scenarios.undone.open:Every estimate leaves|No estimate leaves|Not every estimate leaves} open whether ending {agreement} would raise or lower US exports to {partner}"


def _all_scenarios(
    study: Study,
    what: str,
    title: Prose,
    caption: str,
    labels: dict[str, str],
    rows: list[dict[str, str]],
    data: DataFrame,
) -> Table:
    """A table with a row a scenario, and for each of two measures its value and range."""
    result = scenarios_of(study)
    keys = tuple(result.outcomes)
    datasets = tables_used(keys)
    columns = [Column("scenario", "Scenario", align="left", width=2.6)]
    for key, label in labels.items():
        columns += [
            Column(key, label, "percent"),
            Column(f"{key}_range", "Range", "percent", align="right", width=1.4),
        ]
    return Table(
        id=f"scenarios-{what}",
        title=title,
        caption=caption,
        source=source_line(study, datasets, last_period(result, keys)),
        datasets=datasets,
        columns=columns,
        rows=rows,
        row_header="scenario",
        data=data,
        made_by=f"korus_research.chapters.scenarios.tables.{what}_table",
        last_period=last_period(result, keys),
        notes=_ranges(result, row_titles(result)),
    )


def _ranged(three: Sequence[float], decimals: int, ends: int) -> tuple[str, str]:
    """Return the cells of a value and of its range."""
    value, low, high = three
    return number(value, decimals, signed=True), _span(low, high, ends)


def _ranges(result: Scenarios, titles: dict[Key, str]) -> tuple[str, ...]:
    """Say what the ranges are, once for all scenarios that have the same."""
    kinds: dict[str, list[str]] = {}
    for key, outcome in result.outcomes.items():
        called = f"{result.findings().names['agreement']} undone" if is_undone(key) else titles[key]
        kinds.setdefault(outcome.interval, []).append("New duties" if key.startswith("duties") else called)
    return tuple(f"{'; '.join(dict.fromkeys(of))}: {kind}." for kind, of in kinds.items())


def total_trade_table(study: Study) -> Table:
    """Return real GDP of the parties and their trade with all others, by scenario."""
    result = scenarios_of(study)
    names = result.findings().names
    parties = {"reporter": result.spec.reporter, "partner": result.spec.partner}
    called = {"reporter": names["reporter_adjective"], "partner": names["partner_adjective"]}
    titles = row_titles(result)
    measures = {"real_gdp": ("real GDP", DECIMALS), "exports": ("exports", 2), "imports": ("imports", 2)}
    rows = []
    for key, outcome in result.outcomes.items():
        row = {"scenario": titles[key]}
        for what, (_, decimals) in measures.items():
            for who, code in parties.items():
                low, high = (float(t.at[code, what]) for t in (outcome.low, outcome.high))  # type: ignore[arg-type]
                row[f"{what}_{who}"] = _span(low, high, decimals)
        rows.append(row)
    keys = tuple(result.outcomes)
    datasets = tables_used(keys)
    data = result.to_frame()
    return Table(
        id="scenarios-trade",
        title=say(result, _trade_title(result)),
        caption="Ranges of percent changes. Exports to and imports from all others, goods and services, nominal, before duty, in units of world output.",
        source=source_line(study, datasets, last_period(result, keys)),
        datasets=datasets,
        columns=[
            Column("scenario", "Scenario", align="left", width=2.0),
            *(
                Column(f"{what}_{who}", f"{called[who]} {label}", "percent", align="right")
                for what, (label, _) in measures.items()
                for who in parties
            ),
        ],
        rows=rows,
        row_header="scenario",
        data=data[data["economy"].isin(parties.values()) & data["measure"].isin(list(measures))].reset_index(drop=True),
        made_by="korus_research.chapters.scenarios.tables.total_trade_table",
        last_period=last_period(result, keys),
    )


def _trade_title(result: Scenarios) -> str:
    """Say what the new duties on all partners do to all exports of the party that levies them, where they are solved."""
    if "duties_all" not in result.outcomes:
        return "Ranges of real GDP, and of trade with all others, by scenario"
    own = "scenarios.duties_all.exports.reporter"
    return f"Under the new duties on all partners US exports to all of them {{{own}_side:would rise|would fall|could rise or fall}} ({{{own}:range}})"


def _span(low: float, high: float, decimals: int) -> str:
    return f"{number(low, decimals, signed=True)} to {number(high, decimals, signed=True)}"


def _elasticity_title(result: Scenarios) -> str:
    """Say whether the reporter gains or loses by its own duties whatever the elasticity, where they are solved."""
    if "duties_all" not in result.outcomes:
        return "Real income by trade elasticity, from {scenarios.model.elasticity_low:number} to {scenarios.model.elasticity_high:number}"
    return (
        "With trade elasticities from {scenarios.model.elasticity_low:number} to {scenarios.model.elasticity_high:number} the United States "
        "{scenarios.duties_all.real_income.reporter_side:gains|loses|may gain or lose} by its own duties on all partners, if nobody answers"
    )


def elasticity_table(study: Study) -> Table | None:
    """Return real income of the parties by trade elasticity; nothing where only the agreement undone is solved."""
    import pandas as pd

    result = scenarios_of(study)
    names = result.findings().names
    called = {"reporter": names["reporter_adjective"], "partner": names["partner"]}
    thetas = sorted(result.spec.elasticities)
    rows, frames = [], []
    titles = row_titles(result)
    outcomes = {key: outcome for key, outcome in result.outcomes.items() if not is_undone(key)}
    if not outcomes:
        return None
    for key, outcome in outcomes.items():
        table = outcome.by_elasticity
        frames.append(table.assign(scenario=key).reset_index())
        for who, name in called.items():
            cells = {f"t{t:g}": number(float(table.at[t, who]), DECIMALS, signed=True) for t in thetas}  # type: ignore[arg-type]
            rows.append({"scenario": f"{titles[key]}: {name}", **cells})
    keys = tuple(outcomes)
    undone = len(keys) < len(result.outcomes)
    without = " The agreement undone is left out: its draws take every elasticity." if undone else ""
    datasets = tables_used(keys)
    return Table(
        id="scenarios-elasticity",
        title=say(
            result,
            _elasticity_title(result),
        ),
        caption=f"Change of real income, percent, each row over its range of elasticities. The duty is held and trade follows.{without}",
        source=source_line(study, datasets, last_period(result, keys)),
        datasets=datasets,
        columns=[
            Column("scenario", "Scenario and party", align="left", width=3.0),
            *(Column(f"t{t:g}", f"Elasticity {t:g}", "percent") for t in thetas),
        ],
        rows=rows,
        row_header="scenario",
        data=pd.concat(frames, ignore_index=True),
        made_by="korus_research.chapters.scenarios.tables.elasticity_table",
        last_period=last_period(result, keys),
    )
