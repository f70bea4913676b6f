"""The figure of the scenarios: an end of the agreement, by each estimate of its effect."""

from __future__ import annotations

from korus_research.chapters.gathered import gathered
from korus_research.chapters.scenarios.inputs import method
from korus_research.chapters.scenarios.measures import Scenarios, of
from korus_research.chapters.scenarios.model.choices import tables_used
from korus_research.chapters.scenarios.ranges import PLACES, WORDS, range_kind, side
from korus_research.data.study import Study
from korus_research.methods.equilibrium.pair import Change
from korus_research.show.shown import Picture, capital, figure, theme
from korus_research.show.theme import AXIS, EXPORTS, IMPORTS, INK, QUIET, STRONG, bare


def solved_scenarios(study: Study, findings_file: str = "") -> Scenarios:
    """Return the scenarios, with the effects of the gravity chapter from `findings_file` where the run wrote one.

    Raises
    ------
    UnknownFinding
        The file is not a list of findings.
    """
    return of(study, gathered(study, findings_file)) if findings_file else of(study)


@figure("undone")
def undone_ranges(study: Study) -> Picture | None:
    """Return the effects of undoing the agreement, by each estimate of its effect; None where it is left out."""
    result = of(study)
    if not (keys := result.undone):
        return None
    ranges = [
        (change, places)
        for outcome in (result.outcomes[key] for key in keys)
        for places, changes in (
            (PLACES["flow"], [outcome.flow(flow) for flow in ("exports", "imports")]),
            (PLACES["real_income"], [outcome.change(code) for code in result.parties.values()]),
        )
        for change in changes
    ]
    data = result.to_frame()
    sides = [side(low, high, places) for (_, low, high), places in ranges]
    return Picture(
        of=result,
        data=data[data["scenario"].isin(keys)].reset_index(drop=True),
        last=result.last(*keys),
        given={
            "lines": "; ".join(dict.fromkeys(range_kind(result, key) for key in keys)),
            "hollow": "open" if "open" in sides else "",
            "filled": "closed" if {*sides} - {"open"} else "",
        },
        tables=tables_used(keys),
        draw=lambda: _draw_undone(result, study.agreement.reporter.short),
    )


def _draw_undone(result: Scenarios, reporter: str) -> theme.Figure:
    keys, codes = result.undone, (result.spec.partner, result.spec.reporter)
    drawn, axes = theme.panels(0.5 * len(keys) + 0.9, columns=2, sharey=True)
    for place, key in enumerate(reversed(keys)):
        outcome = result.outcomes[key]
        for shift, flow, colour in ((0.16, "exports", EXPORTS), (-0.16, "imports", IMPORTS)):
            _draw_range(axes[0], place + shift, outcome.flow(flow), PLACES["flow"], colour)
        for shift, economy, colour in zip((0.16, -0.16), codes, (INK, QUIET), strict=True):
            _draw_range(axes[1], place + shift, outcome.change(economy), PLACES["real_income"], colour)
    legends = (
        ((WORDS.label("exports_to", result), EXPORTS), (WORDS.label("imports_from", result), IMPORTS)),
        ((str(result.findings().names["partner"]), INK), (reporter, QUIET)),
    )
    for ax, title, legend in zip(axes, WORDS.labels("panels").values(), legends, strict=True):
        ax.axvline(0, color=AXIS, linewidth=0.9, zorder=1)
        ax.set_title(title, pad=18)
        for (label, colour), x, ha in zip(legend, (0.0, 1.0), ("left", "right"), strict=True):
            ax.text(x, 1.02, label, transform=ax.transAxes, color=colour, fontweight=STRONG, va="bottom", ha=ha)
        ax.set_xlabel(WORDS.label("percent"))
        ax.locator_params(axis="x", nbins=6)
        bare(ax, grid="x")
    axes[0].set_yticks(range(len(keys)), [capital(method(result, key)) for key in reversed(keys)])
    axes[0].set_ylim(-0.5, len(keys) - 0.5)
    return drawn


def _draw_range(ax: theme.Axes, place: float, change: Change, places: int, colour: str) -> None:
    """Draw a range with a dot for its value, hollow where it includes zero."""
    value, low, high = change
    ax.plot([low, high], [place, place], color=colour, linewidth=2.6)
    face = theme.PAPER if side(low, high, places) == "open" else colour
    ax.scatter(value, place, facecolor=face, edgecolor=colour, linewidth=1.4, s=34, zorder=3)
