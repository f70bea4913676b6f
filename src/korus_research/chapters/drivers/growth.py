"""Growth of demand before and after entry into force, in the partner and in the other economies of the data."""

from __future__ import annotations

import numpy as np
import pandas as pd

MEASURES = {"volume": "volume_growth", "income": "income_growth"}


def growth_table(wide: pd.DataFrame, *, before: int, years: int, last: int) -> pd.DataFrame:
    """Average annual growth of import volume and of output, by economy.

    Parameters
    ----------
    wide : DataFrame
        What `panel.observed` gives.
    before, years, last : int
        The last year before entry into force, how many years to it make the "before", and the end of the "after".

    Returns
    -------
    DataFrame by economy: volume_before, volume_after, income_before, income_after in percent a year (geometric means);
    NaN where a year is missing.
    """
    spans = {"before": range(before - years + 1, before + 1), "after": range(before + 1, last + 1)}
    found = {}
    for measure, column in MEASURES.items():
        by_year = wide[column].unstack("year")
        logs = pd.DataFrame(np.log1p(by_year.to_numpy(float) / 100), by_year.index, by_year.columns)
        for name, span in spans.items():
            whole = logs.reindex(columns=list(span))
            found[f"{measure}_{name}"] = 100 * np.expm1(whole.mean(axis=1, skipna=False))
    return pd.DataFrame(found)


def slowdown(table: pd.DataFrame, measure: str, iso3: str) -> float:
    """Return the median change of average growth of the economies other than `iso3`, points a year."""
    others = table.drop(index=iso3)
    return float((others[f"{measure}_after"] - others[f"{measure}_before"]).dropna().median())
