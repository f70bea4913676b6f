"""Figures, tables and assumption boxes of the scenarios."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.analysis.scenario_findings import USED
from korus_research.analysis.scenario_model import Key, Outcome
from korus_research.present.figure import Figure
from korus_research.present.prose import Prose, say
from korus_research.present.sourcing import source_line
from korus_research.present.table import Column, Table, number
from korus_research.present.theme import INK, OTHERS, QUIET, STRONG, bare

if TYPE_CHECKING:
    import matplotlib.figure
    import pandas as pd
    from matplotlib.axes import Axes

    from korus_research.analysis.scenarios import Scenarios
    from korus_research.study import Study

SHOWN = 12  # third economies in a ranked picture, those that move furthest
TITLES: dict[Key, str] = {
    "undone": "{agreement} undone",
    "mfn": "Duties before {agreement} back",
    "duties_partner": "New duties on {partner} alone",
    "duties_all": "New duties on all partners",
    "duties_margin": "{partner}'s margin over others lost",
}
DECIMALS = 3


def solved_scenarios(study: Study, findings_file: str = "") -> Scenarios:
    """Return the scenarios, with the effects of the gravity chapter from `findings_file` where the run wrote one.

    Raises
    ------
    UnknownFinding
        The file is not a list of findings.
    """
    if not findings_file:
        return study.scenarios()
    from korus_research.present.gathered import gathered

    return study.scenarios(gathered(study, findings_file))


def undone_ranked(study: Study) -> Figure | None:
    """Return the ranked real incomes with the agreement undone; nothing where the scenario is left out (its box says so)."""
    return _ranked(
        study,
        ("undone",),
        "With {agreement} undone, real income would move by between {scenarios.undone.real_income.partner_low:number} and "
        "{scenarios.undone.real_income.partner_high} in {partner} and by between {scenarios.undone.real_income.reporter_low:number} and "
        "{scenarios.undone.real_income.reporter_high} in the United States",
    )


def mfn_ranked(study: Study) -> Figure | None:
    """Return the ranked real incomes with duties back at those before the agreement."""
    return _ranked(
        study,
        ("mfn",),
        "With the duties before {agreement} back, real income would {scenarios.mfn.real_income.reporter:rise|fall|stay as it is} by "
        "{scenarios.mfn.real_income.reporter:abs} in the United States and "
        "{scenarios.mfn.real_income.partner:rise|fall|stay as it is} by {scenarios.mfn.real_income.partner:abs} in {partner}",
    )


def duties_ranked(study: Study) -> Figure | None:
    """Return the ranked real incomes under the new duties: on the partner alone, and on all partners."""
    return _ranked(
        study,
        ("duties_partner", "duties_all"),
        "The new duties {scenarios.duties_partner.real_income.partner:raise|lower|leave} {partner}'s real income by "
        "{scenarios.duties_partner.real_income.partner:abs} if on {partner} alone, and {scenarios.duties_all.real_income.partner:raise|lower|leave} it by "
        "{scenarios.duties_all.real_income.partner:abs} if on all partners",
    )


def _ranked(study: Study, keys: tuple[Key, ...], title: str) -> Figure | None:
    result = study.scenarios()
    if any(key in result.lacking for key in keys):
        return None
    outcomes = [result.outcomes[key] for key in keys]
    tables = [_chosen(result, outcome) for outcome in outcomes]

    def draw() -> matplotlib.figure.Figure:
        import matplotlib.pyplot as plt

        rows = max(len(table) for table in tables)
        figure, axes = plt.subplots(
            1, len(tables), figsize=(8.6, 0.23 * rows + 0.9), layout="constrained", squeeze=False
        )
        for ax, table, key in zip(axes[0], tables, keys, strict=True):
            _draw(ax, table, (result.spec.reporter, result.spec.partner))
            if len(keys) > 1:
                ax.set_title(TITLES[key].format(**result.findings().names))
        return figure

    data = result.to_frame()
    lead = keys[-1]
    others = len(result.economies) - 2 - SHOWN
    datasets = tuple(dict.fromkeys(name for key in keys for name in USED[key]))
    return Figure(
        id=f"scenarios-{keys[0].replace('_', '-')}",
        title=say(result, title),
        subtitle="Change of real income, percent, by economy; the model of this chapter",
        alt=say(
            result,
            "Dots with ranges by economy, ranked around a zero line.",
            f"Real income of {{partner}} moves by {{scenarios.{lead}.real_income.partner}}, that of the United States by {{scenarios.{lead}.real_income.reporter}}; "
            f"the other economy that moves furthest is {{third_{lead}}} with {{scenarios.{lead}.third_most}}.",
        ),
        caption=f"The parties in bold, and the {SHOWN} other economies that move furthest; the remaining {others} lie between. "
        f"Lines: {_intervals(outcomes)}." + _remainder(result, keys, tables),
        source=source_line(study, datasets, _last(result, keys)),
        datasets=datasets,
        data=data[data["scenario"].isin(keys)].reset_index(drop=True),
        draw=draw,
        made_by=f"korus_research.present.scenarios.{keys[0].split('_')[0]}_ranked",
        last_period=_last(result, keys),
    )


def _chosen(result: Scenarios, outcome: Outcome) -> pd.DataFrame:
    """The parties and the economies that move furthest, ranked."""
    import pandas as pd

    table = pd.DataFrame(
        {
            "value": outcome.changes["real_income"],
            "low": outcome.low["real_income"],
            "high": outcome.high["real_income"],
        }
    )
    parties = [result.spec.reporter, result.spec.partner]
    far = table["value"].drop(parties).abs().nlargest(SHOWN).index
    chosen = table.loc[[*parties, *far]].sort_values("value")
    return chosen.assign(name=[result.economies[str(code)] for code in chosen.index])


def _draw(ax: Axes, table: pd.DataFrame, parties: tuple[str, str]) -> None:
    places = range(len(table))
    for place, (code, row) in zip(places, table.iterrows(), strict=True):
        colour = INK if code in parties else QUIET
        width = 2.4 if code in parties else 1.4
        ax.plot([row["low"], row["high"]], [place, place], color=colour if code in parties else OTHERS, linewidth=width)
        ax.scatter(row["value"], place, color=colour, s=34 if code in parties else 20, zorder=3)
    ax.axvline(0, color="#8A8A8A", linewidth=0.9, zorder=1)
    ax.set_yticks(list(places), list(table["name"]))
    for label, code in zip(ax.get_yticklabels(), table.index, strict=True):
        label.set_color(INK if code in parties else QUIET)
        label.set_fontweight(STRONG if code in parties else "normal")
    ax.set_ylim(-0.7, len(table) - 0.3)
    ax.locator_params(axis="x", nbins=6)
    bare(ax, grid="x")
    ax.set_xlabel("percent")


def _remainder(result: Scenarios, keys: tuple[Key, ...], tables: list[pd.DataFrame]) -> str:
    """A sentence that names the shown economies whose duty or goods share is that of the remainder."""
    if not keys[0].startswith("duties"):
        return ""
    shown = dict.fromkeys(str(code) for table in tables for code in table.index)
    names = [result.economies[code] for code in shown if code in result.duties.without_own]
    return f" With the duty or goods share of the remainder for want of their own: {', '.join(names)}." if names else ""


def _intervals(outcomes: list[Outcome]) -> str:
    return "; ".join(dict.fromkeys(outcome.interval for outcome in outcomes))


def _last(result: Scenarios, keys: tuple[Key, ...]) -> str:
    """The last period behind scenarios: the year of the duties used, or of the baseline."""
    years = [result.spec.baseline_year]
    if result.duties.before is not None:
        years.append(result.duties.years[0])
    if any(key.startswith("duties") for key in keys) and result.duties.after is not None:
        years.append(result.duties.years[1])
    return str(max(years))


def left_out(study: Study, key: Key) -> Prose:
    """Return the sentence that says why a scenario is left out."""
    return say(study.scenarios(), f"{{scenarios.{key}.real_income.reporter}}", role="note")


def scenario_table(study: Study) -> Table:
    """Return every scenario of the edition: real income of the parties and of all, and the flows between the parties."""
    result = study.scenarios()
    names = result.findings().names
    parties = (result.spec.reporter, result.spec.partner)
    rows = []
    for key, outcome in result.outcomes.items():
        low, high = outcome.low["real_income"], outcome.high["real_income"]
        row = {"scenario": TITLES[key].format(**names)}
        for who, code in zip(("reporter", "partner"), parties, strict=True):
            value = float(outcome.changes.at[code, "real_income"])  # type: ignore[arg-type]
            row[who] = number(value, DECIMALS, signed=True)
            row[f"{who}_range"] = _span(float(low[code]), float(high[code]), DECIMALS)
        row["world"] = number(outcome.world[0], DECIMALS, signed=True)
        for flow in ("exports", "imports"):
            row[flow] = number(float(outcome.flows.at[flow, "percent"]), 1, signed=True)  # type: ignore[arg-type]
        rows.append(row)
    keys = tuple(result.outcomes)
    datasets = tuple(dict.fromkeys(name for key in keys for name in USED[key]))
    us, them = names["reporter_adjective"], names["partner"]
    return Table(
        id="scenarios-all",
        title=say(
            result,
            "Goods and services from {partner} are {scenarios.weight.reporter} of what the United States buys, "
            "those from the United States {scenarios.weight.partner} of what {partner} buys",
        ),
        caption="Percent changes; one-off changes of level. Flows: goods and services, nominal, before duty.",
        source=source_line(study, datasets, _last(result, keys)),
        datasets=datasets,
        columns=[
            Column("scenario", "Scenario", align="left", width=2.0),
            Column("reporter", f"{us} real income", "percent"),
            Column("reporter_range", "Range", "percent", align="right", width=1.5),
            Column("partner", f"Real income of {them}", "percent"),
            Column("partner_range", "Range", "percent", align="right", width=1.5),
            Column("world", "All economies", "percent"),
            Column("exports", f"{us} exports to {them}", "percent"),
            Column("imports", f"{us} imports from {them}", "percent"),
        ],
        rows=rows,
        row_header="scenario",
        data=result.to_frame(),
        made_by="korus_research.present.scenarios.scenario_table",
        last_period=_last(result, keys),
        notes=tuple(f"{TITLES[key].format(**names)}: {outcome.interval}." for key, outcome in result.outcomes.items()),
    )


def total_trade_table(study: Study) -> Table:
    """Return real GDP of the parties and their trade with all others, by scenario."""
    result = study.scenarios()
    names = result.findings().names
    parties = {"reporter": result.spec.reporter, "partner": result.spec.partner}
    called = {"reporter": names["reporter_adjective"], "partner": names["partner_adjective"]}
    measures = {"real_gdp": ("real GDP", DECIMALS), "exports": ("exports", 2), "imports": ("imports", 2)}
    rows = []
    for key, outcome in result.outcomes.items():
        row = {"scenario": TITLES[key].format(**names)}
        for what, (_, decimals) in measures.items():
            for who, code in parties.items():
                value = float(outcome.changes.at[code, what])  # type: ignore[arg-type]
                row[f"{what}_{who}"] = number(value, decimals, signed=True)
        rows.append(row)
    keys = tuple(result.outcomes)
    datasets = tuple(dict.fromkeys(name for key in keys for name in USED[key]))
    data = result.to_frame()
    return Table(
        id="scenarios-trade",
        title=say(result, "Real GDP, and trade with all others, by scenario"),
        caption="Percent changes at the main elasticity and, for the agreement undone, at the estimate. Exports to and imports from all others, "
        "goods and services, nominal, before duty, in units of world output.",
        source=source_line(study, datasets, _last(result, keys)),
        datasets=datasets,
        columns=[
            Column("scenario", "Scenario", align="left", width=2.0),
            *(
                Column(f"{what}_{who}", f"{called[who]} {label}", "percent")
                for what, (label, _) in measures.items()
                for who in parties
            ),
        ],
        rows=rows,
        row_header="scenario",
        data=data[data["economy"].isin(parties.values()) & data["measure"].isin(list(measures))].reset_index(drop=True),
        made_by="korus_research.present.scenarios.total_trade_table",
        last_period=_last(result, keys),
    )


def _span(low: float, high: float, decimals: int) -> str:
    return f"{number(low, decimals, signed=True)} to {number(high, decimals, signed=True)}"


def elasticity_table(study: Study) -> Table:
    """Return real income of the parties by trade elasticity."""
    import pandas as pd

    result = study.scenarios()
    names = result.findings().names
    called = {"reporter": names["reporter_adjective"], "partner": names["partner"]}
    thetas = sorted(result.spec.elasticities)
    rows, frames = [], []
    for key, outcome in result.outcomes.items():
        table = outcome.by_elasticity
        frames.append(table.assign(scenario=key).reset_index())
        for who, name in called.items():
            cells = {f"t{t:g}": number(float(table.at[t, who]), DECIMALS, signed=True) for t in thetas}  # type: ignore[arg-type]
            rows.append({"scenario": f"{TITLES[key].format(**names)}: {name}", **cells})
    keys = tuple(result.outcomes)
    datasets = tuple(dict.fromkeys(name for key in keys for name in USED[key]))
    return Table(
        id="scenarios-elasticity",
        title=say(
            result,
            "The results by trade elasticity, from {scenarios.model.elasticity_low:number} to {scenarios.model.elasticity_high:number}",
        ),
        caption="Change of real income, percent. In the first scenario the effect on trade is held and the cost behind it follows from the "
        "elasticity; in the others the duty is held and trade follows.",
        source=source_line(study, datasets, _last(result, keys)),
        datasets=datasets,
        columns=[
            Column("scenario", "Scenario and party", align="left", width=3.0),
            *(Column(f"t{t:g}", f"Elasticity {t:g}", "percent") for t in thetas),
        ],
        rows=rows,
        row_header="scenario",
        data=pd.concat(frames, ignore_index=True),
        made_by="korus_research.present.scenarios.elasticity_table",
        last_period=_last(result, keys),
    )
