"""Who gains and who loses: ranked real incomes, a panel for each scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.chapters.scenarios.figures import DECIMALS, TITLES, dots, intervals, last_period, tables_used
from korus_research.chapters.scenarios.measures import of as scenarios_of
from korus_research.chapters.scenarios.model import UNDONE, Key, Outcome
from korus_research.chapters.scenarios.terms import side
from korus_research.show.figure import Figure
from korus_research.show.sourcing import source_line
from korus_research.show.theme import INK, OTHERS, QUIET, STRONG, bare
from korus_research.show.words.prose import say

if TYPE_CHECKING:
    import matplotlib.figure
    import pandas as pd
    from matplotlib.axes import Axes

    from korus_research.chapters.scenarios.analyse import Scenarios
    from korus_research.data.study import Study

SHOWN = 12  # third economies in a ranked picture, those that move furthest
PANELS: dict[Key, str] = {**TITLES, "duties_latest": "On {partner} alone, at the latest rate"}


def mfn_ranked(study: Study) -> Figure | None:
    """Return the ranked real incomes with duties back at those before the agreement."""
    return _ranked(
        study,
        ("mfn",),
        "With the duties before {agreement} back, real income in {partner} and in the United States would move by less than {scenarios.mfn.bound} either way",
        "mfn_ranked",
    )


def undone_ranked(study: Study) -> Figure | None:
    """Return the ranked real incomes with the agreement undone, one panel for each estimate of its effect."""
    keys = tuple(key for key in UNDONE if key in scenarios_of(study).outcomes)
    if not keys:
        return None
    return _ranked(
        study,
        keys,
        "With {agreement} undone, the ranges of real income together go from {scenarios.undone.real_income.partner_low:number} to {scenarios.undone.real_income.partner_high:signed} in {partner}, "
        "from {scenarios.undone.real_income.reporter_low:number} to {scenarios.undone.real_income.reporter_high:signed} in the United States",
        "undone_ranked",
    )


def margin_ranked(study: Study) -> Figure | None:
    """Return the ranked real incomes with the partner's margin lost, and at the latest months' duty where it is known."""
    known = scenarios_of(study).outcomes
    margin = "The loss of its margin over others alone would {scenarios.duties_margin.real_income.partner_side:raise|lower|move} {partner}'s real income ({scenarios.duties_margin.real_income.partner:range})"
    latest = "the latest rate on {partner} alone would {scenarios.duties_latest.real_income.partner_side:raise|lower|move} it ({scenarios.duties_latest.real_income.partner:range})"
    if "duties_latest" in known:
        return _ranked(study, ("duties_latest", "duties_margin"), f"{margin}, {latest}", "margin_ranked")
    return _ranked(study, ("duties_margin",), margin, "margin_ranked")


def duties_ranked(study: Study) -> Figure | None:
    """Return the ranked real incomes under the new duties: on the partner alone, and on all partners."""
    return _ranked(
        study,
        ("duties_partner", "duties_all"),
        "The new duties would {scenarios.duties_partner.real_income.partner_side:raise|lower|move} {partner}'s real income if on {partner} alone ({scenarios.duties_partner.real_income.partner:range}) "
        "and {scenarios.duties_all.real_income.partner_side:raise|lower|move} it if on all partners ({scenarios.duties_all.real_income.partner:range})",
        "duties_ranked",
    )


def _ranked(study: Study, keys: tuple[Key, ...], title: str, made_by: str) -> Figure | None:
    result = scenarios_of(study)
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
        titles = panel_titles(result)
        for ax, table, key in zip(axes[0], tables, keys, strict=True):
            _draw(ax, table, (result.spec.reporter, result.spec.partner), ticks=10 - 2 * len(keys))
            if len(keys) > 1:
                ax.set_title(titles[key])
        return figure

    data = result.to_frame()
    lead = keys[-1]
    sides = [
        side(low, high, DECIMALS) for table in tables for low, high in table[["low", "high"]].to_numpy(dtype=float)
    ]
    datasets = tables_used(keys)
    return Figure(
        id=f"scenarios-{made_by.replace('_', '-')}",
        title=say(result, title, keep=True),
        subtitle="Change of real income, percent, by economy; the model of this chapter",
        alt=say(
            result,
            "Dots with ranges by economy, ranked around a zero line.",
            f"The range for {{partner}} goes from {{scenarios.{lead}.real_income.partner:range}}, that for the United States from {{scenarios.{lead}.real_income.reporter:range}}; "
            f"the other economy that moves furthest is {{third_{lead}}} ({{scenarios.{lead}.third_most:range}}).",
        ),
        caption=f"The parties in bold, and the {SHOWN} other economies that move furthest, ranked panel by panel. "
        f"Lines: {intervals(outcomes)}, drawn to the digits printed. {dots(sides)}" + _remainder(result, keys),
        source=source_line(study, datasets, last_period(result, keys)),
        datasets=datasets,
        data=data[data["scenario"].isin(keys)].reset_index(drop=True),
        draw=draw,
        made_by=f"korus_research.chapters.scenarios.ranks.{made_by}",
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


def _draw(ax: Axes, table: pd.DataFrame, parties: tuple[str, str], *, ticks: int) -> None:
    from matplotlib.ticker import MaxNLocator

    # A range that reaches zero in print reaches it in the picture too.
    places, drawn = range(len(table)), table.round(DECIMALS)
    for place, (code, row) in zip(places, drawn.iterrows(), strict=True):
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
    ax.xaxis.set_major_locator(MaxNLocator(ticks, steps=[1, 2, 5, 10]))
    bare(ax, grid="x")
    ax.set_xlabel("percent")


def _remainder(result: Scenarios, keys: tuple[Key, ...]) -> str:
    """A sentence that says which economies are not shown for want of a duty or goods share of their own."""
    if not keys[0].startswith("duties"):
        return ""
    without = len(result.duties.without_own)
    return f" Only economies whose duty and goods share are in the data are shown; the {without} others are in the figures behind it."


def panel_titles(result: Scenarios) -> dict[Key, str]:
    """Return what each scenario is called above its panel."""
    names = result.findings().names
    undone = {key: one.name.capitalize() for key, one in result.spec.estimates.items()}
    return {**undone, **{key: title.format(**names) for key, title in PANELS.items()}}
