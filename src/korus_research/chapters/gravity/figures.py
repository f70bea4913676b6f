"""Figures of the gravity estimates."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from korus_research.chapters.gravity.measures import of as gravity_of
from korus_research.chapters.gravity.result import percent
from korus_research.chapters.gravity.terms import WHOLE
from korus_research.methods.series import FLOWS
from korus_research.show.figure import Figure
from korus_research.show.sourcing import source_line
from korus_research.show.table import number
from korus_research.show.theme import EXPORTS, IMPORTS, INK, OTHERS, QUIET, bare, mark_in_force
from korus_research.show.words.prose import say

if TYPE_CHECKING:
    import matplotlib.figure
    import pandas as pd
    from matplotlib.axes import Axes

    from korus_research.chapters.gravity.result import Gravity
    from korus_research.data.study import Study

DATA = ("gravity_panel",)
COLOURS = {"exports": EXPORTS, "imports": IMPORTS}
TICKS = (-90, -75, -50, -25, 0, 50, 100, 200, 400, 900)
WIDEST = 1.5  # logs shown either side of zero; placebos beyond stand at the edge


def placebo_distribution(study: Study) -> Figure:
    """Return the agreement's estimates among those of comparable pairs, one dot for each flow of a pair."""
    result = gravity_of(study)
    main, level = result.main, result.spec.level
    effects = main.placebos["effect"]
    reach = main.test.reach(level)

    def draw() -> matplotlib.figure.Figure:
        import matplotlib.pyplot as plt

        figure, ax = plt.subplots(figsize=(8.6, 3.1), layout="constrained")
        edge = min(WIDEST, max(float(effects.abs().max()), *(abs(main.effects[flow]) for flow in FLOWS)) + 0.05)
        width = edge / 30
        stacks: dict[int, int] = {}
        xs, ys = [], []
        for effect in sorted(effects):
            bin_ = round(max(-edge, min(edge, effect)) / width)
            stacks[bin_] = stacks.get(bin_, 0) + 1
            xs.append(bin_ * width)
            ys.append(stacks[bin_])
        top = max(ys)
        ax.axvspan(-reach, reach, color="#F1EFEA", zorder=0)
        ax.scatter(xs, ys, s=13, color=OTHERS, linewidths=0, zorder=2)
        ax.axvline(0, color="#8A8A8A", linewidth=0.8, zorder=1)
        # The higher label belongs to the estimate on the left, so that two that lie close stay apart.
        ordered = sorted(FLOWS, key=lambda flow: main.effects[flow])
        for step, flow in enumerate(ordered):
            x, height = main.effects[flow], top * (1.42 - 0.2 * step)
            ax.plot([x, x], [0, height], color=COLOURS[flow], linewidth=2.2, zorder=3)
            ends = (number(percent(end), WHOLE, signed=True) for end in (x, x - reach, x + reach))
            ax.annotate(
                "{} {} %\n({} to {})".format(flow.capitalize(), *ends),
                (x, height),
                xytext=(-5 if step == 0 else 5, 0),
                textcoords="offset points",
                ha="right" if step == 0 else "left",
                va="top",
                color=COLOURS[flow],
                fontweight=700,
                fontsize=9.5,
            )
        middle = ax.get_xaxis_transform()
        ax.text(0, 1.0, f"{level:.0%} of the dots", transform=middle, color=QUIET, fontsize=8, ha="center", va="bottom")
        ax.set_xlim(-edge - width, edge + width)
        ax.set_ylim(0, top * 1.48)
        bare(ax, grid="")
        _percent_axis(ax, "x")
        ax.set_yticks([])
        ax.set_xlabel("percent, logarithmic")
        return figure

    last = str(main.years[-1])
    note = "Those further out stand at the edge." if float(effects.abs().max()) > WIDEST else ""
    return Figure(
        id="gravity-placebos",
        title=say(
            result,
            "Of {gravity.placebos} flows of pairs whose agreement, or lack of one, did not change, {gravity.exports.beyond} moved as far as exports, "
            "{gravity.imports.beyond} as far as imports",
        ),
        subtitle=f"Effects in the gravity model on the flows under {study.names['agreement']} and, for comparison, on those of pairs without a change of agreement, percent",
        alt=say(
            result,
            "A heap of grey dots around zero, one for each of {gravity.placebos} flows between comparable pairs.",
            "The line for exports stands at {gravity.exports.effect} ({gravity.exports.effect:range}), {gravity.exports.inside:within|outside|at the edge of} the shaded middle; "
            "that for imports at {gravity.imports.effect} ({gravity.imports.effect:range}), {gravity.imports.inside:within|outside|at the edge of} it.",
        ),
        caption=f"Each dot is a placebo: the same model asked what {study.names['agreement']} did to a flow of another pair, which it doesn't concern. These pairs have trade both ways in every year, "
        f"no agreement that begins, ends or takes another's place, and flows of at least {result.spec.share:.0%} of the smaller one between the {study.agreement.reporter.short} and {study.names['partner']}. "
        f"The shaded range holds {level:.0%} of the dots; in brackets, the interval of each estimate. {note}".strip(),
        source=source_line(study, DATA, last),
        datasets=DATA,
        data=_placebo_data(result),
        draw=draw,
        made_by="korus_research.chapters.gravity.figures.placebo_distribution",
        last_period=last,
    )


def yearly_path(study: Study) -> Figure:
    """Return two panels, exports and imports: the pair's flow by year relative to the last year before the agreement."""
    result = gravity_of(study)
    path = result.path

    def draw() -> matplotlib.figure.Figure:
        import matplotlib.pyplot as plt

        figure, axes = plt.subplots(1, 2, figsize=(8.6, 2.9), sharey=True, layout="constrained")
        for ax, flow in zip(axes, FLOWS, strict=True):
            rows = path[path["flow"] == flow]
            years, effects, reach = (rows[c].to_numpy() for c in ("year", "effect", "reach"))
            ax.fill_between(years, -reach, reach, color="#E9E7E2", linewidth=0, zorder=0)
            if ax is axes[0]:
                ax.annotate(
                    f"{result.spec.level:.0%} of comparable flows",
                    (years[0], -reach[0]),
                    xytext=(4, 5),
                    textcoords="offset points",
                    color=QUIET,
                    fontsize=8,
                )
            ax.axhline(0, color="#8A8A8A", linewidth=0.8)
            ax.plot(years, effects, color=COLOURS[flow], marker="o", markersize=4.5, zorder=3)
            ax.plot(
                [result.reference_year], [0], marker="o", markersize=4.5, color="white", markeredgecolor=INK, zorder=4
            )
            mark_in_force(ax, study.agreement.dates.in_force)
            ax.set_title(flow.capitalize(), color=COLOURS[flow], pad=16)
            ax.set_xticks(years)
            ax.margins(x=0.04)
            bare(ax)
        _percent_axis(axes[0], "y")
        axes[0].set_ylabel(f"percent, {result.reference_year} = 0, logarithmic")
        return figure

    last = str(result.main.years[-1])
    return Figure(
        id="gravity-path",
        title=say(
            result,
            "Beside what each trades with everybody, {gravity.earliest_both:both flows had shrunk|both flows had grown|the two flows had not moved the same way} from {gravity.earliest_both@period} to {gravity.reference}; "
            "in {gravity.last_both@period} {gravity.last_both:both lie|neither lies|one of the two lies} within what comparable flows show",
            keep=True,
        ),
        subtitle=f"Trade of {study.names['partner']} with the {study.agreement.reporter.short} beyond what each trades with everybody, by year, relative to {result.reference_year}, percent",
        alt=say(
            result,
            "Two panels of points joined by lines, zero in {gravity.reference}, the last year of the panel before the agreement; a grey band spreads from that year.",
            *(
                f"{flow.capitalize()} stand {{gravity.{flow}.earliest:above|below|at}} zero in {{gravity.{flow}.earliest@period}}, {{gravity.{flow}.earliest_inside:within|outside|at the edge of}} the band, "
                f"and {{gravity.{flow}.last:above|below|at}} zero in {{gravity.{flow}.last@period}}, {{gravity.{flow}.last_inside:within|outside|at the edge of}} it."
                for flow in FLOWS
            ),
            keep=True,
        ),
        caption=f"Each year is estimated by itself; the hollow point is the year compared with. The grey band is where {result.spec.level:.0%} of the comparable flows lie. "
        f"The hairline marks entry into force, {study.names['in_force']}.",
        source=source_line(study, DATA, last),
        datasets=DATA,
        data=path.assign(
            percent=path["effect"].map(percent),
            band_low=(-path["reach"]).map(percent),
            band_high=path["reach"].map(percent),
        ),
        draw=draw,
        made_by="korus_research.chapters.gravity.figures.yearly_path",
        last_period=last,
    )


def _placebo_data(result: Gravity) -> pd.DataFrame:
    """Return placebos and the studied flows in one frame."""
    import pandas as pd

    placebos = result.main.placebos.reset_index().assign(studied=False)
    own = [
        {"exporter": pair[0], "importer": pair[1], "effect": result.main.effects[flow], "studied": True}
        for flow in FLOWS
        for pair in (result.directed(flow),)
    ]
    frame = pd.concat([pd.DataFrame(own), placebos], ignore_index=True)
    return frame.assign(percent=frame["effect"].map(percent))


def _percent_axis(ax: Axes, which: str) -> None:
    """Label an axis of logs in percent."""
    low, high = ax.get_xlim() if which == "x" else ax.get_ylim()
    shown = [tick for tick in TICKS if low <= math.log1p(tick / 100) <= high]
    places, texts = [math.log1p(tick / 100) for tick in shown], [number(float(tick), 0, signed=True) for tick in shown]
    if which == "x":
        ax.set_xticks(places, texts)
    else:
        ax.set_yticks(places, texts)
