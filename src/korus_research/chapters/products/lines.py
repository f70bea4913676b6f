"""Growth line by line against the cut of the duty on the line, from a user's files.

Three slopes on the fall of the log of one plus the duty: within chapters of the tariff; as a triple difference, in
which every line has its own growth over all partners and every partner its own over all lines; and as a placebo, the
growth before the agreement on the same cuts. Errors by chapter.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from korus_research.chapters.products.choices import Choices
from korus_research.chapters.products.files import LineFiles
from korus_research.errors import MissingFigures, NotIdentified
from korus_research.methods.panel_iv import Codes, Panel, Slope, codes, estimate

WITHIN, TRIPLE, PLACEBO = "within", "triple", "placebo"


@dataclass(frozen=True)
class LineEstimates:
    """Slopes of one flow by key; `placebo` is missing where the files don't reach back far enough."""

    flow: str
    years: tuple[int, int]
    slopes: dict[str, Slope]


def growth(trade: pd.DataFrame, first: int, last: int, smallest: float) -> pd.DataFrame:
    """Return partner, line, chapter and growth (log) of the lines traded in both years, at least `smallest` dollars."""
    wide = trade[trade["year"].isin([first, last])].pivot(index=["partner", "line"], columns="year", values="value_usd")
    wide = wide.reindex(columns=[first, last]).astype(float)
    kept = wide[(wide >= smallest).all(axis=1)]
    rows = kept.assign(growth=kept[last].apply(np.log) - kept[first].apply(np.log))["growth"].reset_index()
    return rows.assign(chapter=rows["line"].str[:2])


def estimate_lines(
    files: LineFiles, flow: str, partner: str, years: tuple[int, int], choices: Choices
) -> LineEstimates | None:
    """Return the slopes of one flow; None where the files hold nothing of it.

    Raises
    ------
    MissingFigures
        The partner has no line with a duty that is traded in both years.
    NotIdentified
        The cuts don't vary within chapters.
    """
    trade = files.trade[files.trade["flow"] == flow].drop(columns="flow")
    duties = files.duties[files.duties["flow"] == flow].drop(columns="flow")
    if trade.empty or duties.empty:
        return None
    cuts = duties.assign(cut=np.log1p(duties["before_pct"] / 100) - np.log1p(duties["after_pct"] / 100))
    first, last = years
    rows = growth(trade, first, last, choices.smallest_usd).merge(cuts[["line", "cut"]], on="line")
    own = rows[rows["partner"] == partner]
    if own.empty:
        raise MissingFigures(
            f"The files have no {flow} of partner '{partner}' on lines with a duty in {first} and {last}",
            expected="both years in trade.csv, and the same lines in duties.csv",
            do="See docs/data.md",
        )
    kept: dict[str, Any] = {"level": choices.level, "draws": choices.draws, "seed": choices.seed}
    slopes = {WITHIN: estimate(_within(own), **kept)}
    if rows["partner"].nunique() > 1:
        slopes[TRIPLE] = estimate(_triple(rows, partner), **kept)
    earlier = growth(trade, first - choices.before, first, choices.smallest_usd).merge(cuts[["line", "cut"]], on="line")
    before = earlier[earlier["partner"] == partner]
    if len(before):
        with suppress(NotIdentified):  # too few lines were traded so early
            slopes[PLACEBO] = estimate(_within(before), **kept)
    return LineEstimates(flow, years, slopes)


def _within(rows: pd.DataFrame) -> Panel:
    return _panel(rows, np.zeros(len(rows), dtype=np.intp), _codes(rows, "chapter"))


def _triple(rows: pd.DataFrame, partner: str) -> Panel:
    cut_of_partner = rows.assign(cut=rows["cut"].where(rows["partner"] == partner, 0.0))
    return _panel(cut_of_partner, _codes(rows, "partner"), _codes(rows, "line"))


def _panel(rows: pd.DataFrame, first: Codes, second: Codes) -> Panel:
    growth, cut = (rows[name].to_numpy(dtype=float) for name in ("growth", "cut"))
    return Panel(growth, cut, cut, first, second, _codes(rows, "chapter"), np.ones(len(rows)))


def _codes(rows: pd.DataFrame, column: str) -> Codes:
    return codes(rows[column].to_numpy(dtype=str))
