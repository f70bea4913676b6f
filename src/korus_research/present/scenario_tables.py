"""Tables of the scenarios: what each moves, trade with all others, and how much the elasticity matters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.analysis.scenarios.model import Key
from korus_research.analysis.scenarios.terms import is_undone, side
from korus_research.analysis.series import FLOWS
from korus_research.present.prose import say
from korus_research.present.scenarios import DECIMALS, last_period, row_titles, tables_used
from korus_research.present.sourcing import source_line
from korus_research.present.table import Column, Table, number

if TYPE_CHECKING:
    from korus_research.analysis.scenarios.analyse import Scenarios
    from korus_research.study import Study


def scenario_table(study: Study) -> Table:
    """Return every scenario of the edition: real income of the parties and of all, and the flows between the parties."""
    result = study.scenarios()
    names = result.findings().names
    parties = (result.spec.reporter, result.spec.partner)
    titles = row_titles(result)
    rows = []
    for key, outcome in result.outcomes.items():
        low, high = outcome.low["real_income"], outcome.high["real_income"]
        row = {"scenario": titles[key]}
        for who, code in zip(("reporter", "partner"), parties, strict=True):
            value = float(outcome.changes.at[code, "real_income"])  # type: ignore[arg-type]
            ends = float(low[code]), float(high[code])
            row[who] = number(value if side(*ends, DECIMALS) else None, DECIMALS, signed=True)
            row[f"{who}_range"] = _span(*ends, DECIMALS)
        for flow in FLOWS:
            value, *around = map(float, outcome.flows.loc[flow, ["percent", "low", "high"]].to_numpy(dtype=float))
            row[flow] = number(value if side(around[0], around[1], 1) else None, 1, signed=True)
            row[f"{flow}_range"] = _span(around[0], around[1], 0)
        rows.append(row)
    keys = tuple(result.outcomes)
    datasets = tables_used(keys)
    us, them = names["reporter_adjective"], names["partner"]
    return Table(
        id="scenarios-all",
        title=say(
            result,
            "Goods and services from {partner} are {scenarios.weight.reporter} of what the United States buys, "
            "those from the United States {scenarios.weight.partner} of what {partner} buys",
        ),
        caption="Percent changes; one-off changes of level. Flows: goods and services, nominal, before duty. "
        "Where a range includes zero no central value is given.",
        source=source_line(study, datasets, last_period(result, keys)),
        datasets=datasets,
        columns=[
            Column("scenario", "Scenario", align="left", width=2.0),
            Column("reporter", f"{us} real income", "percent"),
            Column("reporter_range", "Range", "percent", align="right", width=1.5),
            Column("partner", f"Real income of {them}", "percent"),
            Column("partner_range", "Range", "percent", align="right", width=1.5),
            Column("exports", f"{us} exports to {them}", "percent"),
            Column("exports_range", "Range", "percent", align="right", width=1.2),
            Column("imports", f"{us} imports from {them}", "percent"),
            Column("imports_range", "Range", "percent", align="right", width=1.2),
        ],
        rows=rows,
        row_header="scenario",
        data=result.to_frame(),
        made_by="korus_research.present.scenario_tables.scenario_table",
        last_period=last_period(result, keys),
        notes=_ranges(result, titles),
    )


def _ranges(result: Scenarios, titles: dict[Key, str]) -> tuple[str, ...]:
    """Say what the ranges are, once for all scenarios that have the same."""
    kinds: dict[str, list[str]] = {}
    for key, outcome in result.outcomes.items():
        kinds.setdefault(outcome.interval, []).append(titles[key])
    return tuple(f"{'; '.join(of)}: {kind}." for kind, of in kinds.items())


def total_trade_table(study: Study) -> Table:
    """Return real GDP of the parties and their trade with all others, by scenario."""
    result = study.scenarios()
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
                value, low, high = (float(t.at[code, what]) for t in (outcome.changes, outcome.low, outcome.high))  # type: ignore[arg-type]
                known = side(low, high, decimals) != 0
                row[f"{what}_{who}"] = number(value, decimals, signed=True) if known else _span(low, high, decimals)
        rows.append(row)
    keys = tuple(result.outcomes)
    datasets = tables_used(keys)
    data = result.to_frame()
    return Table(
        id="scenarios-trade",
        title=say(result, "Real GDP, and trade with all others, by scenario"),
        caption="Percent changes at the main elasticity; where the range includes zero, the range. Exports to and imports from all others, "
        "goods and services, nominal, before duty, in units of world output.",
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
        made_by="korus_research.present.scenario_tables.total_trade_table",
        last_period=last_period(result, keys),
    )


def _span(low: float, high: float, decimals: int) -> str:
    return f"{number(low, decimals, signed=True)} to {number(high, decimals, signed=True)}"


def elasticity_table(study: Study) -> Table | None:
    """Return real income of the parties by trade elasticity; nothing where only the agreement undone is solved."""
    import pandas as pd

    result = study.scenarios()
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
    datasets = tables_used(keys)
    return Table(
        id="scenarios-elasticity",
        title=say(
            result,
            "The results by trade elasticity, from {scenarios.model.elasticity_low:number} to {scenarios.model.elasticity_high:number}",
        ),
        caption="Change of real income, percent. The duty is held and trade follows. The agreement undone is left out: its range is that of the effect.",
        source=source_line(study, datasets, last_period(result, keys)),
        datasets=datasets,
        columns=[
            Column("scenario", "Scenario and party", align="left", width=3.0),
            *(Column(f"t{t:g}", f"Elasticity {t:g}", "percent") for t in thetas),
        ],
        rows=rows,
        row_header="scenario",
        data=pd.concat(frames, ignore_index=True),
        made_by="korus_research.present.scenario_tables.elasticity_table",
        last_period=last_period(result, keys),
    )
