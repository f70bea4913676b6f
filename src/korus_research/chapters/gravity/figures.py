"""Figures of the gravity estimates."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import pandas as pd

from korus_research.chapters.gravity.estimate import percent
from korus_research.chapters.gravity.findings import WORDS
from korus_research.chapters.gravity.measures import Gravity, of
from korus_research.data.study import Study
from korus_research.methods.series import FLOWS, Flow
from korus_research.show.shown import Picture, capital, figure, number, theme

TICKS = (-90, -75, -50, -25, 0, 50, 100, 200, 400, 900)
WIDEST = 1.5  # logs shown either side of zero; placebos beyond stand at the edge


@figure("placebos", tables=("gravity_panel",))
def placebo_distribution(study: Study) -> Picture:
    """Return the agreement's estimates among those of comparable pairs, one dot for each flow of a pair."""
    result = of(study)
    furthest = float(result.main.placebos["effect"].abs().max())
    return Picture(
        of=result,
        data=_placebo_data(result),
        last=result.last,
        given={"reporter": study.agreement.reporter.short, "beyond": str(WIDEST) if furthest > WIDEST else ""},
        draw=lambda: _draw_placebos(result),
    )


@figure("path", tables=("gravity_panel",))
def yearly_path(study: Study) -> Picture:
    """Return a panel a flow: the pair's flow by year relative to the last year of the panel before the agreement."""
    result = of(study)
    path = result.path
    return Picture(
        of=result,
        data=path.assign(
            percent=path["effect"].map(percent),
            band_low=(-path["reach"]).map(percent),
            band_high=path["reach"].map(percent),
        ),
        last=result.last,
        given={"reporter": study.agreement.reporter.short},
        draw=lambda: _draw_path(result, study.agreement.dates.in_force),
    )


def _draw_placebos(result: Gravity) -> theme.Figure:
    main = result.main
    effects, reach = main.placebos["effect"], main.test.reach(result.spec.level)
    drawn, ax = theme.panels(3.1)
    edge = min(WIDEST, max(float(effects.abs().max()), *(abs(main.effects[flow]) for flow in FLOWS)) + 0.05)
    width = edge / 30
    xs, ys = _stacked(effects, edge, width)
    top = max(ys)
    ax.axvspan(-reach, reach, color=theme.WASH, zorder=0)
    ax.scatter(xs, ys, s=13, color=theme.OTHERS, linewidths=0, zorder=2)
    for x, y in zip(xs, ys, strict=True):
        theme.tip_at(ax, x, y, f"{number(percent(x), 0, signed=True)} {WORDS.label('percent')}")
    ax.axvline(0, color=theme.AXIS, linewidth=0.8, zorder=1)
    # The higher label belongs to the estimate on the left, so that two that lie close stay apart.
    for step, flow in enumerate(sorted(FLOWS, key=lambda flow: main.effects[flow])):
        _draw_estimate(ax, flow, main.effects[flow], reach, top * (1.42 - 0.2 * step), left=step == 0)
    above: dict[str, Any] = {"transform": ax.get_xaxis_transform(), "ha": "center", "va": "bottom"}
    ax.text(0, 1.0, WORDS.label("middle", result), color=theme.QUIET, fontsize=8, **above)
    ax.set_xlim(-edge - width, edge + width)
    ax.set_ylim(0, top * 1.48)
    theme.bare(ax, grid="")
    _percent_axis(ax, "x")
    ax.set_yticks([])
    ax.set_xlabel(WORDS.label("axis.placebos"))
    return drawn


def _stacked(effects: pd.Series[float], edge: float, width: float) -> tuple[list[float], list[int]]:
    """Return the coordinates of dots stacked in bins; those beyond the edge stand at it."""
    stacks: dict[int, int] = {}
    xs, ys = [], []
    for effect in sorted(effects):
        bin_ = round(max(-edge, min(edge, effect)) / width)
        stacks[bin_] = stacks.get(bin_, 0) + 1
        xs.append(bin_ * width)
        ys.append(stacks[bin_])
    return xs, ys


def _draw_estimate(ax: theme.Axes, flow: Flow, x: float, reach: float, height: float, *, left: bool) -> None:
    """Draw the line of an estimate with its value and interval on one side."""
    ax.plot([x, x], [0, height], color=theme.COLOURS[flow], linewidth=2.2, zorder=3)
    value, low, high = (number(percent(end), 0, signed=True) for end in (x, x - reach, x + reach))
    text = f"{capital(flow)} {value}\n({WORDS.label('range', low=low, high=high)})"
    style: dict[str, Any] = {"ha": "right" if left else "left", "va": "top", "fontweight": theme.STRONG}
    shift = (-5 if left else 5, 0)
    theme.note(ax, text, (x, height), shift, size=9.5, colour=theme.COLOURS[flow], edge=False, **style)


def _draw_path(result: Gravity, in_force: date) -> theme.Figure:
    drawn, axes = theme.panels(2.9, columns=2, sharey=True)
    for ax, flow in zip(axes, FLOWS, strict=True):
        rows = result.path[result.path["flow"] == flow]
        years, effects, reach = (rows[c].to_numpy() for c in ("year", "effect", "reach"))
        ax.fill_between(years, -reach, reach, color=theme.BAND, linewidth=0, zorder=0)
        if ax is axes[0]:
            theme.note(ax, WORDS.label("band", result), (years[0], -reach[0]), (4, 5), edge=False)
        ax.axhline(0, color=theme.AXIS, linewidth=0.8)
        for year, effect in zip(years, effects, strict=True):
            said = f"{number(percent(effect), 0, signed=True)} {WORDS.label('percent')}"
            theme.tip_at(ax, year, effect, f"{capital(flow)}, {year}: {said}")
        dot: dict[str, Any] = {"marker": "o", "markersize": 4.5}
        ax.plot(years, effects, color=theme.COLOURS[flow], zorder=3, **dot)
        ax.plot(result.reference_year, 0, color=theme.PAPER, markeredgecolor=theme.INK, zorder=4, **dot)
        theme.mark_in_force(ax, in_force)
        ax.set_title(capital(flow), color=theme.COLOURS[flow], pad=16)
        ax.set_xticks(years)
        ax.margins(x=0.04)
        theme.bare(ax)
    _percent_axis(axes[0], "y")
    axes[0].set_ylabel(WORDS.label("axis.path", result))
    return drawn


def _placebo_data(result: Gravity) -> pd.DataFrame:
    """Return placebos and the studied flows in one frame."""
    placebos = result.main.placebos.reset_index().assign(studied=False)
    spec, effects = result.spec, result.main.effects
    own = pd.DataFrame({"exporter": [spec.reporter, spec.partner], "importer": [spec.partner, spec.reporter]})
    own = own.assign(effect=[effects[flow] for flow in FLOWS], studied=True)
    frame = pd.concat([own, placebos], ignore_index=True)
    return frame.assign(percent=frame["effect"].map(percent))


def _percent_axis(ax: theme.Axes, which: str) -> None:
    """Label an axis of logs in percent."""
    low, high = ax.get_xlim() if which == "x" else ax.get_ylim()
    shown = [tick for tick in TICKS if low <= math.log1p(tick / 100) <= high]
    places, texts = [math.log1p(tick / 100) for tick in shown], [number(float(tick), 0, signed=True) for tick in shown]
    if which == "x":
        ax.set_xticks(places, texts)
    else:
        ax.set_yticks(places, texts)
