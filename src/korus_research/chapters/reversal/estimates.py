"""The slopes: the leading estimate, others beside it, each partner and industry left out, and years without duties."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from korus_research.chapters.reversal.choices import Choices
from korus_research.methods.panel_iv import Panel, codes, estimate, slopes

LEAD, SQUARES = "lead", "squares"
WITHOUT_PARTNERS = ("between", "between_without")  # have no effects of partners


def panel(rows: pd.DataFrame, *, instrument: bool = True, weighted: bool = False, effects: bool = True) -> Panel:
    """Return the panel of cells: growth on duty, with the duty by law as instrument or without.

    Effects are of partners and of industries by month; without `effects` of the latter alone.
    """
    partner = rows["partner"].to_numpy(dtype=str)
    y, x, z = (rows[name].to_numpy(dtype=float) for name in ("growth", "duty", "law"))
    month = rows["month"].to_numpy(dtype=int)
    industry = codes(rows["code"].to_numpy(dtype=str), month)
    return Panel(
        y=y,
        x=x,
        z=z if instrument else x,
        first=codes(partner) if effects else np.zeros(len(rows), dtype=np.intp),
        second=industry,
        clusters=codes(partner),
        weights=rows["base"].to_numpy(dtype=float) if weighted else np.ones(len(rows)),
    )


def estimates(rows: pd.DataFrame, revised: pd.DataFrame | None, choices: Choices) -> pd.DataFrame:
    """Return the estimates by key, columns those of `Slope`: the leading one first.

    `revised` are the cells with totals as revised, None where none of them had been.
    """
    kept: dict[str, Any] = {"level": choices.level, "draws": choices.draws, "seed": choices.seed}
    found = {key: asdict(estimate(made, **kept)) for key, made in _panels(rows, revised, choices)}
    return pd.DataFrame.from_dict(found, orient="index")


def _panels(rows: pd.DataFrame, revised: pd.DataFrame | None, choices: Choices) -> Iterator[tuple[str, Panel]]:
    yield LEAD, panel(rows)
    yield SQUARES, panel(rows, instrument=False)
    yield "lead_weighted", panel(rows, weighted=True)
    yield "squares_weighted", panel(rows, instrument=False, weighted=True)
    if revised is not None:
        yield "lead_revised", panel(revised)
        yield "squares_revised", panel(revised, instrument=False)
    yield "settled", panel(rows[~rows["month"].isin(choices.switch)])
    long = long_change(rows)
    yield "long_squares", panel(long, instrument=False)
    yield "between", panel(long, effects=False)
    yield "between_without", panel(long[long["partner"] != choices.deciding], effects=False)


def long_change(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each partner and industry: the means from April on, when duties had begun for everybody."""
    late = rows[rows["month"] >= 4].groupby(["partner", "code"], as_index=False)[["growth", "duty", "law", "base"]]
    return late.mean().assign(month=0)


def left_out(rows: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return both slopes (lead, squares) without each value of `by` ("partner" or "code"), by that value."""
    found = {str(one): slopes(panel(rows[rows[by] != one])) for one in sorted(set(rows[by]))}
    return pd.DataFrame.from_dict(found, orient="index", columns=[LEAD, SQUARES])


def placebos(rows: pd.DataFrame, growths: dict[int, pd.DataFrame]) -> pd.DataFrame:
    """Return both slopes by year, of the growth of a year without these duties on the duties of the cells."""
    found = {}
    for year, growth in growths.items():
        there = rows.drop(columns="growth").merge(growth, on=["partner", "code", "month"])
        found[year] = slopes(panel(there))
    return pd.DataFrame.from_dict(found, orient="index", columns=[LEAD, SQUARES])


def place(value: float, others: pd.Series[float]) -> int:
    """Return the place of a slope among itself and others by its size; 1 is the largest."""
    return 1 + int((others.abs() >= abs(value)).sum())
