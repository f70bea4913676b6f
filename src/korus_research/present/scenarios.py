"""Figures, tables and assumption boxes of the scenarios."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.analysis.scenarios.model import UNDONE, Key, Outcome
from korus_research.analysis.scenarios.terms import USED, side
from korus_research.present.figure import Figure
from korus_research.present.prose import Prose, say
from korus_research.present.sourcing import source_line
from korus_research.present.theme import EXPORTS, IMPORTS, INK, OTHERS, QUIET, STRONG, bare

if TYPE_CHECKING:
    import matplotlib.figure
    import pandas as pd
    from matplotlib.axes import Axes

    from korus_research.analysis.scenarios.analyse import Scenarios
    from korus_research.study import Study

SHOWN = 12  # third economies in a ranked picture, those that move furthest
TITLES: dict[Key, str] = {
    "mfn": "Duties before {agreement} back",
    "duties_partner": "New duties on {partner} alone",
    "duties_latest": "New duties on {partner} alone, rate of {duties_latest}",
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


def undone_ranges(study: Study) -> Figure | None:
    """Return what the agreement undone moves by each estimate of its effect; nothing where the scenario is left out.

    A range without a dot includes zero: its middle says nothing.
    """
    result = study.scenarios()
    if "undone" in result.lacking:
        return None
    keys = tuple(key for key in UNDONE if key in result.outcomes)
    parties = {result.spec.partner: INK, result.spec.reporter: QUIET}
    names = result.findings().names

    def draw() -> matplotlib.figure.Figure:
        import matplotlib.pyplot as plt

        figure, axes = plt.subplots(1, 2, figsize=(8.6, 0.62 * len(keys) + 0.95), layout="constrained", sharey=True)
        for place, key in enumerate(reversed(keys)):
            outcome = result.outcomes[key]
            for shift, flow, colour in ((0.16, "exports", EXPORTS), (-0.16, "imports", IMPORTS)):
                value, low, high = map(float, outcome.flows.loc[flow, ["percent", "low", "high"]].to_numpy(dtype=float))
                _span_line(axes[0], place + shift, (value, low, high), 1, colour)
            for shift, (code, colour) in zip((0.16, -0.16), parties.items(), strict=True):
                three = (outcome.changes, outcome.low, outcome.high)
                value, low, high = (float(table.at[code, "real_income"]) for table in three)  # type: ignore[arg-type]
                _span_line(axes[1], place + shift, (value, low, high), DECIMALS, colour)
        them = names["partner"]
        titles = ("Trade between the parties", "Real income")
        legends = (
            ((f"exports to {them}", EXPORTS), (f"imports from {them}", IMPORTS)),
            ((them, INK), (study.agreement.reporter.short, QUIET)),
        )
        for ax, title, legend in zip(axes, titles, legends, strict=True):
            ax.axvline(0, color="#8A8A8A", linewidth=0.9, zorder=1)
            ax.set_title(title, pad=18)
            across = 0.0
            for label, colour in legend:
                mark = ax.text(
                    across, 1.02, label, transform=ax.transAxes, color=colour, fontweight=STRONG, va="bottom"
                )
                mark.set_fontsize(8.5)
                across += 0.035 * len(label) * 0.72 + 0.05
            ax.set_xlabel("percent")
            ax.locator_params(axis="x", nbins=6)
            bare(ax, grid="x")
        axes[0].set_yticks(range(len(keys)), [result.spec.estimates[key].name.capitalize() for key in reversed(keys)])
        axes[0].set_ylim(-0.5, len(keys) - 0.5)
        return figure

    data = result.to_frame()
    datasets = tables_used(keys)
    return Figure(
        id="scenarios-undone",
        title=say(
            result,
            "What ending {agreement} would do isn't known: US exports to {partner} between {scenarios.undone.flow.exports_low:signed} and "
            "{scenarios.undone.flow.exports_high:signed} by the estimates and their intervals",
        ),
        subtitle="Change with the agreement's effect on goods taken out, percent, by estimate of the effect",
        alt=say(
            result,
            "Horizontal ranges about a zero line, for each estimate of the effect one for exports and one for imports, and one for each party's real income.",
            "Those for exports reach from {scenarios.undone.flow.exports_low} to {scenarios.undone.flow.exports_high}, those for imports from {scenarios.undone.flow.imports_low} to {scenarios.undone.flow.imports_high}.",
        ),
        caption=f"Lines: {_intervals([result.outcomes[key] for key in keys])} from the estimate's interval. A dot marks the estimate only where its range leaves zero out. "
        "Flows: goods and services, before duty.",
        source=source_line(study, datasets, last_period(result, keys)),
        datasets=datasets,
        data=data[data["scenario"].isin(keys)].reset_index(drop=True),
        draw=draw,
        made_by="korus_research.present.scenarios.undone_ranges",
        last_period=last_period(result, keys),
    )


def _span_line(ax: Axes, place: float, values: tuple[float, float, float], decimals: int, colour: str) -> None:
    """Draw a range, with a dot for its value where it leaves zero out."""
    value, low, high = values
    ax.plot([low, high], [place, place], color=colour, linewidth=2.6)
    if side(low, high, decimals):
        ax.scatter(value, place, color=colour, s=34, zorder=3)


def mfn_ranked(study: Study) -> Figure | None:
    """Return the ranked real incomes with duties back at those before the agreement."""
    return _ranked(
        study,
        ("mfn",),
        "With the duties before {agreement} back, US exports to {partner} would {scenarios.mfn.flow.exports_side:rise|fall|move either way} ({scenarios.mfn.flow.exports:signed}), imports "
        "{scenarios.mfn.flow.imports_side:rise|fall|move either way} ({scenarios.mfn.flow.imports:signed}) and real income move by less than {scenarios.mfn.bound}",
    )


def duties_ranked(study: Study) -> Figure | None:
    """Return the ranked real incomes under the new duties: on the partner alone, and on all partners."""
    return _ranked(
        study,
        ("duties_partner", "duties_all"),
        "The new duties would {scenarios.duties_partner.real_income.partner_side:raise|lower|move} {partner}'s real income if on {partner} alone ({scenarios.duties_partner.real_income.partner:signed}) "
        "and {scenarios.duties_all.real_income.partner_side:raise|lower|move} it if on all partners ({scenarios.duties_all.real_income.partner:signed})",
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
            1, len(tables), figsize=(8.6, 0.23 * rows + 0.9), layout="constrained", squeeze=False, sharex=True
        )
        for ax, table, key in zip(axes[0], tables, keys, strict=True):
            _draw(ax, table, (result.spec.reporter, result.spec.partner))
            if len(keys) > 1:
                ax.set_title(TITLES[key].format(**result.findings().names))
        return figure

    data = result.to_frame()
    lead = keys[-1]
    datasets = tables_used(keys)
    return Figure(
        id=f"scenarios-{keys[0].replace('_', '-')}",
        title=say(result, title, keep=True),
        subtitle="Change of real income, percent, by economy; the model of this chapter",
        alt=say(
            result,
            "Dots with ranges by economy, ranked around a zero line.",
            f"The range for {{partner}} goes from {{scenarios.{lead}.real_income.partner:range}}, that for the United States from {{scenarios.{lead}.real_income.reporter:range}}; "
            f"the other economy that moves furthest is {{third_{lead}}} with {{scenarios.{lead}.third_most}}.",
        ),
        caption=f"The parties in bold, and the {SHOWN} other economies that move furthest. "
        f"Lines: {_intervals(outcomes)}. Hollow dots: the range includes zero, at the digits printed."
        + _remainder(result, keys),
        source=source_line(study, datasets, last_period(result, keys)),
        datasets=datasets,
        data=data[data["scenario"].isin(keys)].reset_index(drop=True),
        draw=draw,
        made_by=f"korus_research.present.scenarios.{keys[0].split('_')[0]}_ranked",
        last_period=last_period(result, keys),
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
    others = table["value"].drop(parties)
    if outcome.key.startswith("duties"):
        others = others.drop([code for code in result.duties.without_own if code in others.index])
    far = others.abs().nlargest(SHOWN).index
    chosen = table.loc[[*parties, *far]].sort_values("value")
    return chosen.assign(name=[result.economies[str(code)] for code in chosen.index])


def _draw(ax: Axes, table: pd.DataFrame, parties: tuple[str, str]) -> None:
    places = range(len(table))
    for place, (code, row) in zip(places, table.iterrows(), strict=True):
        colour = INK if code in parties else QUIET
        width = 2.4 if code in parties else 1.4
        ax.plot([row["low"], row["high"]], [place, place], color=colour if code in parties else OTHERS, linewidth=width)
        face = colour if side(row["low"], row["high"], DECIMALS) else "white"
        size = 34 if code in parties else 20
        ax.scatter(row["value"], place, facecolor=face, edgecolor=colour, linewidth=1.2, s=size, zorder=3)
    ax.axvline(0, color="#8A8A8A", linewidth=0.9, zorder=1)
    ax.set_yticks(list(places), list(table["name"]))
    for label, code in zip(ax.get_yticklabels(), table.index, strict=True):
        label.set_color(INK if code in parties else QUIET)
        label.set_fontweight(STRONG if code in parties else "normal")
    ax.set_ylim(-0.7, len(table) - 0.3)
    ax.locator_params(axis="x", nbins=6)
    bare(ax, grid="x")
    ax.set_xlabel("percent")


def _remainder(result: Scenarios, keys: tuple[Key, ...]) -> str:
    """A sentence that says which economies are not shown for want of a duty or goods share of their own."""
    if not keys[0].startswith("duties"):
        return ""
    without = len(result.duties.without_own)
    return f" Only economies whose duty and goods share are in the data are shown; the {without} others are in the figures behind it."


def tables_used(keys: tuple[Key, ...]) -> tuple[str, ...]:
    """Return the datasets behind scenarios, each once."""
    return tuple(dict.fromkeys(name for key in keys for name in USED[key]))


def row_titles(result: Scenarios) -> dict[Key, str]:
    """Return what each scenario solved is called in a row of a table."""
    names = result.findings().names
    undone = {key: f"{names['agreement']} undone: {one.name}" for key, one in result.spec.estimates.items()}
    known = {key: title.format(**names) for key, title in TITLES.items() if key in result.outcomes}
    return {**undone, **known}


def _intervals(outcomes: list[Outcome]) -> str:
    return "; ".join(dict.fromkeys(outcome.interval for outcome in outcomes))


def last_period(result: Scenarios, keys: tuple[Key, ...]) -> str:
    """Return the last period behind scenarios: the year of the duties used, or of the baseline."""
    years = [result.spec.baseline_year]
    if result.duties.before is not None:
        years.append(result.duties.years[0])
    if any(key.startswith("duties") for key in keys) and result.duties.added is not None:
        years.append(result.duties.years[1])
    return str(max(years))


def left_out(study: Study, key: str) -> Prose:
    """Return the sentence that says why a scenario, or the agreement undone by any estimate, is left out."""
    what = "undone.flow.exports_least" if key == "undone" else f"{key}.real_income.reporter"
    return say(study.scenarios(), f"{{scenarios.{what}}}", role="note")
