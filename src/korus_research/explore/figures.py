"""Charts of your own estimates: path, placebos, several on one chart, and the chart of the bench."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from korus_research.chapters.counterfactual.estimates.drawn import WIDE, cut, path_panel, placebo_strip
from korus_research.data.study import Study
from korus_research.errors import InvalidFigure
from korus_research.explore.estimate import Estimate
from korus_research.methods.series import MN_PER_BN
from korus_research.show import theme
from korus_research.show.figure import Figure
from korus_research.show.shown import Picture, figure
from korus_research.show.words.text import Words

Made = TypeVar("Made")
WORDS = Words("explore")
TABLES = ("goods_trade_monthly", "donor_status", "us_agreements")
MOST = 8  # estimates on one chart
LINES = (
    theme.EXPORTS,
    theme.IMPORTS,
    theme.BALANCE,
    theme.SERVICES,
    theme.SECURITY,
    theme.INK,
    theme.OTHERS,
    theme.QUIET,
)


def path(mine: Estimate) -> Figure:
    """Return a chart of actual trade, the synthetic path and the placebos' band, by year."""
    return shown(_path, mine)


def placebos(*estimates: Estimate) -> Figure:
    """Return a chart of the standardised effects of partner and placebos, one row per estimate.

    InvalidFigure without an estimate, or with more than `MOST`.
    """
    return shown(_placebos, *estimates)


def together(*estimates: Estimate) -> Figure:
    """Return a chart of the gaps of several estimates in percent, by years since the first full year of each.

    InvalidFigure without an estimate, or with more than `MOST`.
    """
    return shown(_together, *estimates)


def summary(mine: Estimate) -> Figure:
    """Return path and placebos of one estimate side by side, as on the bench."""
    return shown(_bench, mine)


@figure("path", tables=TABLES)
def _path(study: Study, mine: Estimate) -> Picture:
    found = mine.found

    def draw() -> theme.Figure:
        drawn, ax = theme.panels(3.3)
        _draw_path(ax, mine)
        return drawn

    data, given = found.paths.reset_index(), {"cut": "yes" if cut(found) else ""}
    return Picture(of=mine, data=data, draw=draw, given=given, **about(mine))


@figure("placebos", tables=TABLES)
def _placebos(study: Study, *estimates: Estimate) -> Picture:
    data = pd.concat([_ranked(mine) for mine in estimates], ignore_index=True)

    def draw() -> theme.Figure:
        drawn, axes = theme.panels(1.75 * len(estimates) + 0.3, rows=len(estimates), sharex=True, squeeze=False)
        for ax, mine in zip(axes[:, 0], estimates, strict=True):
            placebo_strip(ax, mine.found, theme.COLOURS[mine.flow], mine.partner)
            ax.set_title(_title(mine), color=theme.COLOURS[mine.flow], pad=4)
        axes[-1, 0].set_xlabel(WORDS.label("standardised"), loc="left")
        return drawn

    given = {
        "keys": [mine.key for mine in estimates],
        "beyond": _beyond(data),
        "exact": data.loc[~data["ranked"], "name"].tolist(),
        "bounded": [mine.partner for mine in estimates if mine.banded],
    }
    return Picture(of=[*estimates], data=data, draw=draw, given=given, **about(*estimates))


@figure("together", tables=TABLES)
def _together(study: Study, *estimates: Estimate) -> Picture:
    data = pd.concat([_gaps(mine) for mine in estimates], ignore_index=True)

    def draw() -> theme.Figure:
        drawn, ax = theme.panels(3.3)
        ends, last = [], int(data["since"].max())
        for mine, colour in zip(estimates, LINES, strict=False):
            gaps, first = _gaps(mine), mine.choices.after[0] - mine.choices.starting
            ax.plot(gaps["since"], gaps["gap_percent"], color=colour, label=_title(mine))
            after = gaps[gaps["since"] >= first]
            ax.plot(after["since"], after["gap_percent"], ".", color=colour, markersize=5, label=_title(mine))
            ends.append(
                (float(gaps["since"].iloc[-1]), float(gaps["gap_percent"].iloc[-1]), _short(mine, estimates), colour)
            )
        ax.axhline(0, color=theme.AXIS, linewidth=0.8)
        theme.bare(ax)
        low = int(data["since"].min())
        ax.set_xlim(low, last + (last - low) * 0.5)
        ax.set_xticks([year for year in range(low, last + 1) if year % (10 if theme.narrow() else 5) == 0])
        theme.in_force_line(ax, -0.5, label=WORDS.label("first_full"))
        ax.set_ylabel(WORDS.label("gap"))
        ax.set_xlabel(WORDS.label("since"), loc="left")
        theme.label_ends(ax, ends, x=float(last), size=8.5)
        return drawn

    given = {"keys": [mine.key for mine in estimates]}
    return Picture(of=[*estimates], data=data, draw=draw, given=given, **about(*estimates))


@figure("bench", tables=TABLES)
def _bench(study: Study, mine: Estimate) -> Picture:
    found = mine.found

    def draw() -> theme.Figure:
        drawn, axes = theme.panels(3.1, columns=2, width_ratios=(1.45, 1))
        _draw_path(axes[0], mine)
        placebo_strip(axes[1], found, theme.COLOURS[mine.flow], mine.partner)
        axes[1].set_xlabel(WORDS.label("standardised"), loc="left")
        return drawn

    given = {"cut": "yes" if cut(found) else "", "beyond": _beyond(_ranked(mine))}
    return Picture(of=mine, data=found.paths.reset_index(), draw=draw, given=given, **about(mine))


def _draw_path(ax: theme.Axes, mine: Estimate) -> None:
    found, unit = mine.found, mine.scale.factor / MN_PER_BN
    names, colour = dict(WORDS.labels("paths")), theme.COLOURS[mine.flow]
    path_panel(ax, found, None, colour, unit, names)
    theme.in_force_line(ax, found.spec.treated_from - 0.5, label=WORDS.label("start"))
    ax.set_ylabel(mine.scale.unit)
    last, end = found.paths.iloc[-1] * unit, float(found.paths.index[-1])
    ends = [(end, float(last["actual"]), names["actual"], colour)]
    ends.append((end, float(last["synthetic"]), names["synthetic"], theme.INK))
    if found.interval_log is not None:
        ends.append((end, float(last["low"]), names["band"], theme.QUIET))
    theme.label_ends(ax, ends, x=end, strong=(names["actual"],), size=8.5)


def _ranked(mine: Estimate) -> pd.DataFrame:
    """Return the placebos with their names, their estimate, and whether they are ranked."""
    table = mine.found.placebos.assign(ranked=mine.found.kept)
    names = [mine.panel.name(str(code)) for code in table.index]
    return table.assign(name=names, estimate=_title(mine)).reset_index()


def _beyond(ranked: pd.DataFrame) -> list[str]:
    """Return the names of the units beyond the edge of the axis."""
    return [*ranked.loc[ranked["ranked"] & (ranked["standardised"].abs() > WIDE), "name"]]


def _gaps(mine: Estimate) -> pd.DataFrame:
    """Return the gap in percent of the path, by calendar year and by years since the first full year."""
    paths = mine.found.paths
    years = paths.index.to_numpy(dtype=int)
    return pd.DataFrame(
        {
            "estimate": _title(mine),
            "year": years,
            "since": years - mine.choices.starting,
            "gap_percent": 100 * (paths["actual"] / paths["synthetic"] - 1).to_numpy(dtype=np.float64),
        }
    )


def _short(mine: Estimate, among: Sequence[Estimate]) -> str:
    """Return a short label that distinguishes an estimate from the others of a chart."""
    flow = WORDS.label(f"flows.{mine.flow}") if len({each.flow for each in among}) > 1 else ""
    return WORDS.label("short", mine.findings(), which=flow)


def _title(mine: Estimate) -> str:
    return WORDS.label("of", mine.findings())


def about(*estimates: Estimate) -> dict[str, Any]:
    """Return the arguments common to figures and tables of estimates: last year, suffix of the id, and all findings."""
    return {
        "last": f"{max(mine.found.spec.post[1] for mine in estimates)}",
        "suffix": "".join(f"-{mine.key}" for mine in estimates),
        "findings": tuple(finding for mine in estimates for finding in mine.findings().values()),
    }


def shown(make: Callable[..., Made | None], *estimates: Estimate) -> Made:
    """Return the figure or table that `make` makes of estimates, with the study of the first.

    InvalidFigure if there are none, more than `MOST`, or other objects.
    """
    wrong = [type(mine).__name__ for mine in estimates if not isinstance(mine, Estimate)]
    if wrong or not 1 <= len(estimates) <= MOST:
        found = f"{', '.join(wrong)} in place of an estimate" if wrong else f"{len(estimates)} estimates in one place"
        raise InvalidFigure(
            found,
            expected=f"one to {MOST} results of kr.estimate",
            do="Make them with kr.estimate, and give them one after the other",
        )
    made = make(estimates[0].study, *estimates)
    assert made is not None  # these functions always show something
    return made
