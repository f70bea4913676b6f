"""The scenarios in pictures of their ranges, and what their pictures and tables have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.chapters.scenarios.measures import of as scenarios_of
from korus_research.chapters.scenarios.model import UNDONE, Key, Outcome
from korus_research.chapters.scenarios.terms import USED, side
from korus_research.show.figure import Figure
from korus_research.show.sourcing import source_line
from korus_research.show.theme import EXPORTS, IMPORTS, INK, QUIET, STRONG, bare
from korus_research.show.words.prose import Prose, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    import matplotlib.figure
    import pandas as pd
    from matplotlib.axes import Axes

    from korus_research.chapters.scenarios.analyse import Scenarios
    from korus_research.data.study import Study

TITLES: dict[Key, str] = {
    "mfn": "Duties before {agreement} back",
    "duties_partner": "New duties on {partner} alone",
    "duties_latest": "New duties on {partner} alone, latest rate",
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
        return scenarios_of(study)
    from korus_research.chapters.gathered import gathered

    return scenarios_of(study, gathered(study, findings_file))


def undone_ranges(study: Study) -> Figure | None:
    """Return what the agreement undone moves by each estimate of its effect; nothing where the scenario is left out."""
    result = scenarios_of(study)
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
                value, low, high = map(float, _incomes(outcome, parties).loc[code].to_numpy(dtype=float))
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

    sides = [
        side(float(low), float(high), decimals)
        for key in keys
        for decimals, table in ((1, result.outcomes[key].flows), (DECIMALS, _incomes(result.outcomes[key], parties)))
        for low, high in table[["low", "high"]].to_numpy(dtype=float)
    ]
    data = result.to_frame()
    datasets = tables_used(keys)
    return Figure(
        id="scenarios-undone",
        title=say(
            result,
            "{scenarios.undone.open:Every estimate leaves|No estimate leaves|Not every estimate leaves} open whether ending {agreement} would raise or lower US exports to {partner}",
        ),
        subtitle="Change with the agreement's effect on goods taken out, percent, by estimate of the effect",
        alt=say(
            result,
            "Horizontal ranges about a zero line, for each estimate of the effect one for exports and one for imports, and one for each party's real income.",
            "Those for exports reach from {scenarios.undone.flow.exports_low} to {scenarios.undone.flow.exports_high}, those for imports from {scenarios.undone.flow.imports_low} to {scenarios.undone.flow.imports_high}.",
        ),
        caption=f"Lines: {intervals([result.outcomes[key] for key in keys])}. {dots(sides)} "
        "Flows: goods and services, before duty.",
        source=source_line(study, datasets, last_period(result, keys)),
        datasets=datasets,
        data=data[data["scenario"].isin(keys)].reset_index(drop=True),
        draw=draw,
        made_by="korus_research.chapters.scenarios.figures.undone_ranges",
        last_period=last_period(result, keys),
    )


def _incomes(outcome: Outcome, parties: Iterable[str]) -> pd.DataFrame:
    """Return real income of the parties: percent, low, high."""
    import pandas as pd

    three = {"percent": outcome.changes, "low": outcome.low, "high": outcome.high}
    return pd.DataFrame({end: table.loc[list(parties), "real_income"] for end, table in three.items()})


def _span_line(ax: Axes, place: float, values: tuple[float, float, float], decimals: int, colour: str) -> None:
    """Draw a range with a dot for its value, hollow where it includes zero."""
    value, low, high = values
    ax.plot([low, high], [place, place], color=colour, linewidth=2.6)
    face = colour if side(low, high, decimals) else "white"
    ax.scatter(value, place, facecolor=face, edgecolor=colour, linewidth=1.4, s=34, zorder=3)


def dots(sides: Iterable[float]) -> str:
    """Return what the dots of a picture are, hollow ones and filled ones each where there are any.

    `sides` are the sides of zero of the ranges drawn, by the digits printed.
    """
    given = {bool(one) for one in sides}
    if len(given) == 2:
        return "Dots: the central value, hollow where the range includes zero at the digits printed."
    return f"Dots: the central value; every range {'leaves zero out' if True in given else 'includes zero'}."


def tables_used(keys: tuple[Key, ...]) -> tuple[str, ...]:
    """Return the datasets behind scenarios, each once."""
    return tuple(dict.fromkeys(name for key in keys for name in USED[key]))


def row_titles(result: Scenarios) -> dict[Key, str]:
    """Return what each scenario solved is called in a row of a table."""
    names = result.findings().names
    undone = {key: f"{names['agreement']} undone: {one.name}" for key, one in result.spec.estimates.items()}
    known = {key: title.format(**names) for key, title in TITLES.items() if key in result.outcomes}
    return {**undone, **known}


def intervals(outcomes: list[Outcome]) -> str:
    """Return what the ranges of scenarios bound, each kind once."""
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
    return say(scenarios_of(study), f"{{scenarios.{what}}}", role="note")
