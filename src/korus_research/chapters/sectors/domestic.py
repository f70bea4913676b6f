"""Domestic exports in the Commission's sectors, as its yearly reviews print them: points from before other tables."""

from __future__ import annotations

import pandas as pd

from korus_research.methods.series import MN_PER_BN


def domestic_exports(table: pd.DataFrame, sector: str, partner: str) -> pd.Series[float]:
    """Return domestic exports of a sector by year, newest edition first, USD billion.

    Parameters
    ----------
    table : DataFrame
        `sector_exports_domestic`.
    """
    rows = table[(table["sector"] == sector) & (table["partner"] == partner)]
    newest = rows.sort_values("edition").drop_duplicates("year", keep="last")
    return (newest.set_index("year")["value_usd_mn"] / MN_PER_BN).sort_index()
