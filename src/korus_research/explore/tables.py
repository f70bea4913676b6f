"""Tables of your own estimates: effects with power, pre-period fit, donors."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from korus_research.chapters.evidence.choices import declared as evidence
from korus_research.data.study import Study
from korus_research.explore.estimate import Estimate
from korus_research.explore.figures import TABLES, about, shown
from korus_research.methods.series import MN_PER_BN
from korus_research.show.scale import Scale
from korus_research.show.shown import Rows, table
from korus_research.show.table import Table, amount, number, number_range
from korus_research.show.words.text import NOTHING, Words

WORDS = Words("explore")
SHOWN = 12  # donors of a table, the largest weight first


def effect(*estimates: Estimate) -> Table:
    """Return effects with ranges, p-values and power, one column per estimate; errors as for `figures.placebos`."""
    return shown(_effect, *estimates)


def balance(mine: Estimate) -> Table:
    """Return growth, spread and gap of partner, path and donors before treatment, percent."""
    return shown(_balance, mine)


def donors(mine: Estimate) -> Table:
    """Return the donors of the path with their weights and their placebo effects."""
    return shown(_donors, mine)


def measures(mine: Estimate, scale: Scale) -> dict[str, str]:
    """Return the column of the table of effects for one estimate, as text by the names of its rows."""
    found = mine.found
    low, high = found.interval_percent or (math.nan, math.nan)
    spec, label = found.spec, WORDS.label
    return {
        "effect": number(found.effect_percent, 0, signed=True),
        "range": number_range(low, high, 0, signed=True) if low == low else number(None),
        "usd": amount(found.effect_usd_bn, scale, signed=True),
        "p_value": number(found.p_value, 2),
        "p_floor": number(found.p_floor, 3),
        "detectable": number(mine.detectable_percent, 0),
        "chance": number(mine.chance_percent, 0),
        "donors": number(len(found.pool.donors), 0),
        "method": label(f"estimators.{spec.estimator}"),
        "fitted": label("years", first=f"{spec.pre[0]}", last=f"{spec.pre[1]}"),
        "over": label("years", first=f"{spec.post[0]}", last=f"{spec.post[1]}"),
    }


def row_labels(mine: Estimate) -> Mapping[str, str]:
    """Return the row labels of `measures`, by their names."""
    given = {"level": f"{100 * mine.found.level:.0f}", "power": f"{100 * evidence().power:.0f}"}
    return {name: WORDS.label(f"rows.{name}", unit=mine.scale.unit, **given) for name in WORDS.labels("rows")}


def balance_frame(mine: Estimate) -> pd.DataFrame:
    """Return growth, spread, error and largest gap (rows, percent) of own, path and donors (columns).

    Growth and spread are of changes of logarithms over the fitted years, also for an outcome in shares; donors are
    averaged with equal weights. Gaps are between a unit and its own path, minus their mean; the path has none.
    """
    found = mine.found
    years = [year for year in found.spec.pre_years if year in found.paths.index]
    logs = np.log(found.pool.values.loc[years].to_numpy(dtype=float) / MN_PER_BN)
    path = np.log(found.paths.loc[years, "synthetic"].to_numpy(dtype=float))
    places = [int(year) - int(found.paths.index[0]) for year in years]
    gaps = found.fits.gap[:, places]
    gaps = gaps - gaps.mean(axis=1, keepdims=True)
    one_year = np.diff(years) == 1

    def moved(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> list[float]:
        steps = np.diff(values)[one_year]
        return [100 * float(steps.mean()), 100 * float(steps.std())]

    others = [moved(logs[:, unit]) for unit in range(1, logs.shape[1])]
    error, largest = (100 * each for each in (np.sqrt((gaps**2).mean(axis=1)), np.abs(gaps).max(axis=1)))
    return pd.DataFrame(
        {
            "own": [*moved(logs[:, 0]), error[0], largest[0]],
            "path": [*moved(path), math.nan, math.nan],
            "donors": [*np.mean(others, axis=0), error[1:].mean(), largest[1:].mean()],
        },
        index=pd.Index(["growth", "spread", "error", "largest"], name="measure"),
    )


@table("effect", tables=TABLES)
def _effect(study: Study, *estimates: Estimate) -> Rows:
    # Columns are identified by their heads, so these must be unique.
    heads = [WORDS.label("of", mine.findings()) for mine in estimates]
    heads = [f"{head} ({n})" if heads.count(head) > 1 else head for n, head in enumerate(heads, start=1)]
    columns = [measures(mine, estimates[0].scale) for mine in estimates]
    rows = [
        {"what": label, **{head: cells[name] for head, cells in zip(heads, columns, strict=True)}}
        for name, label in row_labels(estimates[0]).items()
    ]
    return Rows(of=NOTHING, rows=rows, data=pd.DataFrame(rows), given={"heads": heads}, **about(*estimates))


@table("balance", tables=TABLES)
def _balance(study: Study, mine: Estimate) -> Rows:
    frame = balance_frame(mine)
    rows = [
        {"what": WORDS.label(f"balance.{name}"), **{str(key): float(value) for key, value in row.items()}}
        for name, row in frame.iterrows()
    ]
    before = {"last": f"{mine.found.spec.pre[1]}"}
    return Rows(of=mine, rows=rows, data=frame.reset_index(), **about(mine) | before)


@table("donors", tables=TABLES)
def _donors(study: Study, mine: Estimate) -> Rows:
    weights = mine.found.weights
    own = mine.found.placebos.loc[weights.index]
    frame = pd.DataFrame(
        {
            "name": [mine.panel.name(str(code)) for code in weights.index],
            "weight": 100 * weights.to_numpy(),
            "effect": 100 * np.expm1(own["effect"].to_numpy(dtype=float)),
            "rmspe": 100 * own["rmspe"].to_numpy(dtype=float),
        }
    )
    return Rows(of=mine, rows=frame.head(SHOWN).to_dict("records"), data=frame, **about(mine))
