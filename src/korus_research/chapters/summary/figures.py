"""The key figure of the report: what each method says the agreement did, or what happened."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from korus_research.chapters.flows.figures import summary_figure
from korus_research.chapters.summary.methods import ESTIMATED, MethodEstimate, by_method
from korus_research.data.study import Study
from korus_research.methods.series import FLOWS
from korus_research.show import theme
from korus_research.show.figure import Figure
from korus_research.show.finding import Finding, Findings
from korus_research.show.shown import Picture, figure
from korus_research.show.words.text import Words

WORDS = Words("summary")
WIDEST = 110.0  # percent shown to the right; a range that goes further ends in an arrow


def key_figure(study: Study, findings: Findings) -> Figure | None:
    """Return the effects by method, or trade and balance where this edition estimates none."""
    return effects_by_method(study, findings) if ESTIMATED in findings else summary_figure(study)


@figure("effects")
def effects_by_method(study: Study, findings: Findings) -> Picture:
    """Return a forest plot: exports and imports, one row a method, with its range."""
    shown = by_method(findings)
    methods = list(dict.fromkeys(e.method for e in shown))

    def draw() -> theme.Figure:
        drawn, axes = theme.panels(0.75 + 0.36 * len(methods), columns=2, sharex=True, sharey=True)
        for ax, flow in zip(axes, FLOWS, strict=True):
            ax.axvline(0, color="#8A8A8A", linewidth=0.9, zorder=1)
            for e in shown:
                if e.flow == flow:
                    place = len(methods) - 1 - methods.index(e.method)
                    _row(ax, place, e.finding, theme.COLOURS[flow], spread=e.kind == "spread")
            ax.set_title(WORDS.label(f"effect_on.{flow}"), color=theme.COLOURS[flow])
            theme.bare(ax, grid="x")
            ax.set_xlim(-75, WIDEST)
            ax.set_ylim(-0.6, len(methods) - 0.4)
            ax.set_xticks([-50, 0, 50, 100], ["\N{MINUS SIGN}50", "0", "+50", "+100"])
            ax.set_xlabel(WORDS.label("effect_axis"))
        axes[0].set_yticks(range(len(methods)), methods[::-1])
        return drawn

    numbers = (("effect_percent", "value"), ("low", "low"), ("high", "high"), ("range", "interval"))
    data = [
        {"flow": e.flow, "method": e.method, **{name: getattr(e.finding, key) for name, key in numbers}} for e in shown
    ]
    tables, last = rested_on(shown)
    return Picture(of=findings, data=pd.DataFrame(data), draw=draw, last=last, tables=tables, given=ranges(shown))


def rested_on(shown: tuple[MethodEstimate, ...]) -> tuple[tuple[str, ...], str]:
    """Return the tables of estimates, and the last year of an effect."""
    tables = tuple(dict.fromkeys(table for e in shown for table in e.finding.datasets))
    return tables, max(e.finding.period for e in shown if e.finding.id.endswith(".effect"))[-4:]


def ranges(shown: tuple[MethodEstimate, ...]) -> dict[str, list[str]]:
    """Return the methods whose range is a spread, goes on beyond the picture, or is lacking, as words ask for them."""
    return {
        "spread": [e.method for e in shown if e.kind == "spread"],
        "beyond": [e.method for e in shown if _beyond(e.finding)],
        "unbounded": [e.method for e in shown if e.finding.low is None],
    }


def _beyond(finding: Finding) -> bool:
    """Return whether a range goes on beyond the picture."""
    return finding.high is not None and finding.high > WIDEST - 4


def _row(ax: theme.Axes, y: int, finding: Finding, colour: str, *, spread: bool) -> None:
    value = float(finding.value or 0.0)
    if finding.low is not None and finding.high is not None:
        high = WIDEST - 4 if _beyond(finding) else finding.high
        ax.plot([finding.low, high], [y, y], color=colour, linewidth=1.6, linestyle=(0, (2, 1.5)) if spread else "-")
        if high < finding.high:
            ax.plot([high], [y], marker=">", color=colour, markersize=5)
    ax.plot([value], [y], marker="D" if spread else "o", color=colour, markersize=6, zorder=3)
    text = replace(finding, decimals=0).text("signed").removesuffix(" percent")
    ax.annotate(text, (value, y), xytext=(4, 4), textcoords="offset points", ha="left", fontsize=8, color=theme.QUIET)
