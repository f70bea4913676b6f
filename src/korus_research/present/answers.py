"""The answer of the report and its key figure: what happened, and what each method says the agreement did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.analysis.series import FLOWS
from korus_research.present.figure import Figure
from korus_research.present.flows import summary_figure
from korus_research.present.prose import Prose, say
from korus_research.present.sourcing import source_line
from korus_research.present.theme import EXPORTS, IMPORTS, QUIET, bare

if TYPE_CHECKING:
    import matplotlib.figure
    from matplotlib.axes import Axes

    from korus_research.analysis.finding import Finding, Findings
    from korus_research.study import Study

COLOURS = {"exports": EXPORTS, "imports": IMPORTS}
ESTIMATED = "counterfactual.exports.beyond_chance"  # there where the chapter on the counterfactual is
WIDEST = 110.0  # percent shown to the right; a range that goes further ends in an arrow
# What is drawn, top to bottom: the finding of each flow, and what its range is.
ROWS = (
    ("counterfactual.{}.effect", "Synthetic control (main)", "test"),
    ("counterfactual.{}.estimator.sdid", "Synthetic difference-in-differences", "test"),
    ("counterfactual.{}.estimator.did", "Difference-in-differences", "test"),
    ("counterfactual.curve.{}.median", "All specifications: the median", "spread"),
    ("gravity.{}.effect", "Gravity model", "test"),
)


def answer(findings: Findings) -> Prose:
    """Return the first paragraph of the report, at most five sentences; effects only where a chapter estimates them."""
    happened = (
        "In {evaluation}, US goods exports to {partner} were {flows.exports.evaluation.change:abs} {flows.exports.evaluation.change:above|below|away from} their level of {baseline}, "
        "imports from {partner} {flows.imports.evaluation.change:abs} {flows.imports.evaluation.change:above|below|away from} theirs.",
        "In {latest}, exports were {flows.exports.latest.change:abs} {flows.exports.latest.change:above|below|away from} that level and imports {flows.imports.latest.change:abs} {flows.imports.latest.change:above|below|away from} it.",
    )
    if ESTIMATED not in findings:
        unknown = "Whether {agreement} caused any of this, or delivered what had been forecast, this edition can't say: it estimates no trade without the agreement."
        return say(findings, *happened, unknown, role="answer")
    return say(
        findings,
        *happened,
        "Against what trade would have been without {agreement}, the main estimate for {counterfactual.exports.effect@period} is {counterfactual.exports.effect:signed} for exports, {counterfactual.exports.beyond_chance:more than|no more than|no more than} chance could give, "
        "and {counterfactual.imports.effect:signed} for imports, {counterfactual.imports.beyond_chance:more than|no more than|no more than} it could give.",
        "Over all {counterfactual.curve.specifications:number} specifications the median is {counterfactual.curve.exports.median:signed} for exports and {counterfactual.curve.imports.median:signed} for imports: {counterfactual.curve.exports.beyond_chance:more than|no more than|no more than} partners without the agreement show for the first, {counterfactual.curve.imports.beyond_chance:more than|no more than|no more than} they show for the second.",
        "The gravity model has exports {gravity.exports.effect:signed} and imports {gravity.imports.effect:signed}, the first {gravity.exports.inside:within|outside|at the edge of} and the second {gravity.imports.inside:within|outside|at the edge of} what comparable pairs show.",
        role="answer",
        optional=True,
    )


def key_figure(study: Study, findings: Findings) -> Figure:
    """Return the effects by method, or trade and balance where this edition estimates none."""
    return effects_by_method(study, findings) if ESTIMATED in findings else summary_figure(study)


def effects_by_method(study: Study, findings: Findings) -> Figure:
    """Return a forest plot: exports and imports, one row a method, with its range."""
    import pandas as pd

    shown = [
        (flow, name, kind, findings[key.format(flow)])
        for flow in FLOWS
        for key, name, kind in ROWS
        if key.format(flow) in findings and findings[key.format(flow)].value is not None
    ]
    data = pd.DataFrame(
        [
            {"flow": flow, "method": name, "effect_percent": f.value, "low": f.low, "high": f.high, "range": f.interval}
            for flow, name, _, f in shown
        ]
    )
    methods = [name for _, name, _ in ROWS if name in set(data["method"])]

    def draw() -> matplotlib.figure.Figure:
        import matplotlib.pyplot as plt

        figure, axes = plt.subplots(1, 2, figsize=(8.6, 2.6), sharex=True, sharey=True, layout="constrained")
        for ax, flow in zip(axes, FLOWS, strict=True):
            ax.axvline(0, color="#8A8A8A", linewidth=0.9, zorder=1)
            for own, name, kind, finding in shown:
                if own == flow:
                    _row(ax, len(methods) - 1 - methods.index(name), finding, COLOURS[flow], spread=kind == "spread")
            ax.set_title(f"Effect on {flow}", color=COLOURS[flow])
            bare(ax, grid="x")
            ax.set_xlim(-75, WIDEST)
            ax.set_ylim(-0.6, len(methods) - 0.4)
            ax.set_xticks([-50, 0, 50, 100], ["\N{MINUS SIGN}50", "0", "+50", "+100"])
            ax.set_xlabel("percent of what trade would have been")
        axes[0].set_yticks(range(len(methods)), methods[::-1])
        return figure

    datasets = tuple(dict.fromkeys(d for *_, f in shown for d in f.datasets))
    last = max(f.period for *_, f in shown if f.id.endswith(".effect"))[-4:]
    return Figure(
        id="summary-effects",
        title=say(
            findings,
            "By synthetic control exports {counterfactual.exports.effect:signed}, {counterfactual.exports.beyond_chance:more than|no more than|no more than} chance could give; "
            "imports {counterfactual.imports.effect:signed}, {counterfactual.imports.beyond_chance:more than|no more than|no more than} it could give",
            keep=True,
        ),
        subtitle=f"Estimated effect of {study.names['agreement']} on US goods trade with {study.names['partner']} by method, percent, with ranges",
        alt=say(
            findings,
            "Two panels of dots with ranges, one row a method, zero marked.",
            "By synthetic control exports stand at {counterfactual.exports.effect:signed}, imports at {counterfactual.imports.effect:signed}.",
            keep=True,
        ),
        caption="Solid ranges are intervals from placebo tests: effects that the test does not reject. The dashed one holds all but a tenth of the specifications and is "
        "no interval. A range that goes on beyond the picture ends in an arrow; none is drawn where the placebos allow none.",
        source=source_line(study, datasets, last),
        datasets=datasets,
        data=data,
        draw=draw,
        made_by="korus_research.present.answers.effects_by_method",
        last_period=last,
    )


def _row(ax: Axes, y: int, finding: Finding, colour: str, *, spread: bool) -> None:
    value = float(finding.value or 0.0)
    if finding.low is not None and finding.high is not None:
        high = min(finding.high, WIDEST - 4)
        ax.plot([finding.low, high], [y, y], color=colour, linewidth=1.6, linestyle=(0, (2, 1.5)) if spread else "-")
        if high < finding.high:
            ax.plot([high], [y], marker=">", color=colour, markersize=5)
    ax.plot([value], [y], marker="D" if spread else "o", color=colour, markersize=6, zorder=3)
    ax.annotate(
        finding.text("signed").removesuffix(" percent"), (value, y), xytext=(0, 5), textcoords="offset points",
        ha="center", fontsize=8, color=QUIET,
    )  # fmt: skip
