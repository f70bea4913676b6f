"""Figures of the response to the duties of 2025."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from korus_research.chapters.reversal.estimates import LEAD
from korus_research.chapters.reversal.measures import Reversal, of as reversal_of
from korus_research.data.study import Study
from korus_research.show.shown import Picture, Words, figure, theme

WORDS = Words("reversal")
TABLES = ("sector_duties_monthly", "added_duties_statutory", "sector_imports_earlier")
WIDEST = 4.5  # percent; ends of intervals beyond it are cut off


@figure("responses", tables=TABLES)
def responses(study: Study) -> Picture:
    """Return every estimate with its interval, and the placebo years."""
    result = reversal_of(study)
    labels = WORDS.labels("estimates")
    kinds = result.estimates.assign(kind="estimate", what=[labels[key] for key in result.estimates.index])
    years = result.placebos.rename(columns={LEAD: "value"}).assign(
        kind="placebo", what=result.placebos.index.astype(str)
    )
    data = pd.concat([kinds, years[["value", "kind", "what"]]])[["kind", "what", "value", "low", "high", "chance"]]
    data = data.replace([np.inf, -np.inf], np.nan)
    beyond = (result.estimates[["low", "high"]].abs() > WIDEST).any(axis=None)
    given = {"beyond": "yes" if beyond else ""}
    return Picture(of=result, data=data, last=result.choices.last, given=given, draw=lambda: _draw(result, labels))


def _draw(result: Reversal, labels: Mapping[str, str]) -> theme.Figure:
    drawn, (left, right) = theme.panels(3.6, columns=2, width_ratios=[1.9, 1])
    for row, (key, found) in enumerate(result.estimates[::-1].iterrows()):
        colour = theme.IMPORTS if key == LEAD else theme.QUIET
        ends = np.clip([found["low"], found["high"]], -WIDEST, WIDEST)
        left.plot(ends, [row, row], color=colour, linewidth=1.6, solid_capstyle="butt")
        left.scatter([found["value"]], [row], color=colour, s=34 if key == LEAD else 20, zorder=3)
    keys = list(result.estimates.index[::-1])
    left.set_yticks(range(len(keys)), [labels[str(key)] for key in keys])
    left.set_xlim(-WIDEST, WIDEST)
    _finish(left, "this_year")
    years = result.placebos[LEAD]
    right.scatter(years, years.index, color=theme.OTHERS, s=20, zorder=3)
    right.scatter([result.estimates.loc[LEAD, "value"]], [result.choices.year], color=theme.IMPORTS, s=34, zorder=3)
    right.set_yticks([int(years.index[0]), int(years.index[len(years) // 2]), result.choices.year])
    _finish(right, "other_years")
    return drawn


def _finish(ax: theme.Axes, title: str) -> None:
    theme.value_axis(ax)
    ax.set_xlabel(WORDS.label("axis"))
    ax.set_title(WORDS.label(title), fontsize=9.5)
