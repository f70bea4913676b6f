"""The answer of the report and its key figure: what happened, and what each method says the agreement did."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from korus_research.chapters.flows.figures import summary_figure
from korus_research.chapters.summary.methods import by_method, method_findings
from korus_research.methods.series import FLOWS
from korus_research.show.figure import Figure
from korus_research.show.sourcing import source_line
from korus_research.show.table import Cell, Column, Table
from korus_research.show.theme import EXPORTS, IMPORTS, QUIET, bare
from korus_research.show.words.prose import Prose, say

if TYPE_CHECKING:
    import matplotlib.figure
    from matplotlib.axes import Axes

    from korus_research.data.study import Study
    from korus_research.show.finding import Finding, Findings

COLOURS = {"exports": EXPORTS, "imports": IMPORTS}
ESTIMATED = "counterfactual.exports.beyond_chance"  # there where the chapter on the counterfactual is
KINDS = {"test": "placebo interval", "spread": "middle of specifications"}
NO_INTERVAL = "no interval"
WIDEST = 110.0  # percent shown to the right; a range that goes further ends in an arrow


def answer(findings: Findings) -> Prose:
    """Return the first paragraph of the report, at most five sentences; effects only where a chapter estimates them."""
    happened = (
        "In {evaluation}, US goods exports to {partner} were {flows.exports.evaluation.change:abs} {flows.exports.evaluation.change:above|below|away from} their level of {baseline}, "
        "imports from {partner} {flows.imports.evaluation.change:abs} {flows.imports.evaluation.change:above|below|away from} theirs",
        "in {latest} exports were {flows.exports.latest.change:abs} {flows.exports.latest.change:above|below|away from} that level and imports {flows.imports.latest.change:abs} {flows.imports.latest.change:above|below|away from} it",
    )
    if ESTIMATED not in findings:
        unknown = "Whether {agreement} delivered what had been forecast, or caused any of what follows, this edition can't say: it estimates no trade without the agreement."
        return say(findings, unknown, f"{happened[0]}.", f"{happened[1][0].upper()}{happened[1][1:]}.", role="answer")
    again = findings["flows.exports.latest.change"].repeats  # the latest months are those of the evaluation year
    seen = happened[0] if again else "; ".join(happened)
    promised = (
        "{forecasts.exports.reference_usd:range} a year for US exports to {partner} (by our reckoning {forecasts.exports.reference:range} of those of {forecasts.exports.reference_base}) "
        "and {forecasts.imports.reference_usd:range} for imports ({forecasts.imports.reference:range})"
    )
    main = (
        "Our main estimate for {counterfactual.exports.effect@period} is {counterfactual.exports.effect:signed} for exports ({counterfactual.exports.effect:range}) "
        "and {counterfactual.imports.effect:signed} for imports ({counterfactual.imports.effect:range})"
    )
    # Of the sentences on the forecast and on chance, those are there whose findings are: of both flows, or of each.
    return say(
        findings | method_findings(findings),
        f"{{methods.both.side:Yes|No|We can't tell}}: what {{agreement}} did to exports and to imports {{methods.both.side:is more than|falls short of|can't be told from}} what was officially forecast, {promised}.",
        f"For exports the answer is {{methods.exports.side:yes|no|that we can't tell}}, for imports {{methods.imports.side:yes|no|that we can't tell}}, if what was promised is the official forecast: {promised}.",
        f"{main}: {{methods.both.beyond_chance:both differ|neither differs|neither differs}} from zero at the {{counterfactual.chance_level}} level.",
        f"{main}: at the {{counterfactual.chance_level}} level that for exports {{methods.exports.beyond_chance:differs|does not differ|does not differ}} from zero, that for imports {{methods.imports.beyond_chance:differs|does not|does not}}.",
        "Other choices say other things: the {methods.count:number} point estimates of [Figure](#fig-summary-effects) run from {methods.exports.lowest:signed} to {methods.exports.highest:signed} for exports and from {methods.imports.lowest:signed} to {methods.imports.highest:signed} for imports, "
        "and {counterfactual.curve.exports.main_above} of all combinations of choices give less for exports than the main estimate.",
        "Of {forecasts.exports.comparisons:number} comparisons with forecasts of exports, our intervals lie wholly below in {forecasts.exports.below:number} and wholly above in {forecasts.exports.above:number}.",
        f"What was seen is no effect: {seen[0].lower()}{seen[1:]}.",
        role="answer",
        optional=True,
    )


def key_figure(study: Study, findings: Findings) -> Figure:
    """Return the effects by method, or trade and balance where this edition estimates none."""
    return effects_by_method(study, findings) if ESTIMATED in findings else summary_figure(study)


def effects_by_method(study: Study, findings: Findings) -> Figure:
    """Return a forest plot: exports and imports, one row a method, with its range."""
    import pandas as pd

    shown = by_method(findings)
    data = pd.DataFrame(
        [
            {
                "flow": e.flow,
                "method": e.method,
                "effect_percent": e.finding.value,
                "low": e.finding.low,
                "high": e.finding.high,
                "range": e.finding.interval,
            }
            for e in shown
        ]
    )
    methods = list(dict.fromkeys(e.method for e in shown))

    def draw() -> matplotlib.figure.Figure:
        import matplotlib.pyplot as plt

        figure, axes = plt.subplots(
            1, 2, figsize=(8.6, 0.75 + 0.36 * len(methods)), sharex=True, sharey=True, layout="constrained"
        )
        for ax, flow in zip(axes, FLOWS, strict=True):
            ax.axvline(0, color="#8A8A8A", linewidth=0.9, zorder=1)
            for e in shown:
                if e.flow == flow:
                    place = len(methods) - 1 - methods.index(e.method)
                    _row(ax, place, e.finding, COLOURS[flow], spread=e.kind == "spread")
            ax.set_title(f"Effect on {flow}", color=COLOURS[flow])
            bare(ax, grid="x")
            ax.set_xlim(-75, WIDEST)
            ax.set_ylim(-0.6, len(methods) - 0.4)
            ax.set_xticks([-50, 0, 50, 100], ["\N{MINUS SIGN}50", "0", "+50", "+100"])
            ax.set_xlabel("percent of what trade would have been")
        axes[0].set_yticks(range(len(methods)), methods[::-1])
        return figure

    datasets = tuple(dict.fromkeys(d for e in shown for d in e.finding.datasets))
    last = max(e.finding.period for e in shown if e.finding.id.endswith(".effect"))[-4:]
    return Figure(
        id="summary-effects",
        title=say(
            findings | method_findings(findings),
            "Point estimates run from {methods.exports.lowest:signed} to {methods.exports.highest:signed} for exports and from {methods.imports.lowest:signed} to {methods.imports.highest:signed} for imports; "
            "the main intervals are {counterfactual.exports.effect:range} and {counterfactual.imports.effect:range}",
            keep=True,
        ),
        subtitle=f"Estimated effect of {study.names['agreement']} on US goods trade with {study.names['partner']} by method, percent, with ranges",
        alt=say(
            findings,
            "Two panels of dots with ranges, one row a method, zero marked.",
            "By synthetic control exports stand at {counterfactual.exports.effect:signed}, imports at {counterfactual.imports.effect:signed}.",
            keep=True,
        ),
        caption="Solid ranges are intervals from placebo tests: effects that the test does not reject."
        + (
            " The dashed one holds all but a tenth of the specifications and is no interval."
            if any(e.kind == "spread" for e in shown)
            else ""
        )
        + (
            " A range that goes on beyond the picture ends in an arrow."
            if any(_beyond(e.finding) for e in shown)
            else ""
        )
        + (" None is drawn where the placebos allow none." if any(e.finding.low is None for e in shown) else ""),
        source=source_line(study, datasets, last),
        datasets=datasets,
        data=data,
        draw=draw,
        made_by="korus_research.chapters.summary.figures.effects_by_method",
        last_period=last,
    )


def effects_table(study: Study, findings: Findings) -> Table | None:
    """Return the effects by method with their ranges, as numbers; None where this edition estimates none."""
    import pandas as pd

    if ESTIMATED not in findings:
        return None
    shown = by_method(findings)
    rows: list[dict[str, Cell]] = [
        {
            "method": e.method,
            "flow": e.flow,
            "estimate": e.finding.text("signed").removesuffix(" percent"),
            "range": e.finding.text("range").removesuffix(" percent") if e.finding.low is not None else NO_INTERVAL,
            "kind": KINDS[e.kind],
            "years": e.finding.period,
        }
        for e in shown
    ]
    data = pd.DataFrame(
        [
            {
                "method": e.method,
                "flow": e.flow,
                "estimate": e.finding.value,
                "low": e.finding.low,
                "high": e.finding.high,
                "range_is": e.finding.interval,
                "years": e.finding.period,
                "finding": e.finding.id,
            }
            for e in shown
        ]
    )
    datasets = tuple(dict.fromkeys(d for e in shown for d in e.finding.datasets))
    last = max(e.finding.period for e in shown if e.finding.id.endswith(".effect"))[-4:]
    return Table(
        id="summary-methods",
        title="Effects by method, with their ranges",
        caption="Percent of what trade would have been without the agreement, as estimated by each method.",
        source=source_line(study, datasets, last),
        datasets=datasets,
        columns=[
            Column("method", "Method", align="left", width=2.4),
            Column("flow", "Flow", align="left", width=0.8),
            Column("estimate", "Estimate", "percent", align="right", width=0.8),
            Column("range", "Range", "percent", align="right", width=1.1),
            Column("kind", "What the range is", align="left", width=1.6),
            Column("years", "Years", align="left", width=1.5),
        ],
        rows=rows,
        row_header="method",
        data=data,
        made_by="korus_research.chapters.summary.figures.effects_table",
        last_period=last,
        notes=(
            "A placebo interval holds the effects that a placebo test does not reject: one that treats others, in their turn, as if they had the agreement."
            + (
                " The middle of the specifications leaves out a tenth of them and is no interval."
                if any(e.kind == "spread" for e in shown)
                else ""
            )
            + (
                f" '{NO_INTERVAL.capitalize()}': the placebos set no limit."
                if any(e.finding.low is None for e in shown)
                else ""
            ),
        ),
        extra_findings=tuple(e.finding for e in shown),
    )


def _beyond(finding: Finding) -> bool:
    """Return whether a range goes on beyond the picture."""
    return finding.high is not None and finding.high > WIDEST - 4


def _row(ax: Axes, y: int, finding: Finding, colour: str, *, spread: bool) -> None:
    value = float(finding.value or 0.0)
    if finding.low is not None and finding.high is not None:
        high = WIDEST - 4 if _beyond(finding) else finding.high
        ax.plot([finding.low, high], [y, y], color=colour, linewidth=1.6, linestyle=(0, (2, 1.5)) if spread else "-")
        if high < finding.high:
            ax.plot([high], [y], marker=">", color=colour, markersize=5)
    ax.plot([value], [y], marker="D" if spread else "o", color=colour, markersize=6, zorder=3)
    ax.annotate(
        replace(finding, decimals=0).text("signed").removesuffix(" percent"), (value, y), xytext=(4, 4),
        textcoords="offset points", ha="left", fontsize=8, color=QUIET,
    )  # fmt: skip
