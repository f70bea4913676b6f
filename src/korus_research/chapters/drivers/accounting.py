"""Accounting of a change in a flow: the buyer's total imports (volume and price), and the seller's share in them.

Exact by construction: no residual, nothing estimated. Shares out a change; says nothing about its cause.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from korus_research.chapters.drivers.panel import observed
from korus_research.errors import MissingFigures
from korus_research.methods.series import Flow

PARTS = ("volume", "price", "share")


def accounting_table(
    trade_years: pd.DataFrame, demand: pd.DataFrame, macro: pd.DataFrame, *, iso3: str
) -> pd.DataFrame:
    """Exports, the partner's total imports and the pseudo-share, by year in which both are held.

    Parameters
    ----------
    trade_years : DataFrame
        By year, column exports in USD million (f.a.s., the reporter's statistics).
    demand : DataFrame
        The dataset import_demand_annual (c.i.f., the partner's statistics).
    macro : DataFrame
        The dataset macro_annual.

    Returns
    -------
    DataFrame by year: exports, imports_total (USD million), share (exports / imports_total; f.a.s. over c.i.f., so a
    pseudo-share, below the true one), volume (index of the volume of the partner's goods imports; NaN after the
    outlook's last actual year), price (imports_total / volume: the dollar price implied), status.

    Raises
    ------
    MissingFigures
        The partner's own statistics are not held.
    """
    own = demand.loc[demand["iso3"] == iso3].set_index("year")
    own = own.loc[own["imports_usd_mn"].notna()]
    if own.empty:
        raise MissingFigures(
            f"No total imports of {iso3} are held",
            expected="the partner's own statistics in import_demand_annual",
            do="Choose a partner that has them, or add its series with tools/build_data.py",
        )
    return _accounts("exports", trade_years["exports"], own["imports_usd_mn"], macro, iso3).assign(status=own["status"])


def import_table(
    trade_years: pd.DataFrame, world_years: pd.DataFrame, macro: pd.DataFrame, *, iso3: str
) -> pd.DataFrame:
    """Imports from the partner, the reporter's total imports and the share in them, by year.

    Both are general imports at customs value of the same statistics, so that the share is a true one.

    Parameters
    ----------
    trade_years, world_years : DataFrame
        By year, column imports in USD million: from the partner, and from the world.
    macro, iso3
        The dataset macro_annual, and the reporter.

    Returns
    -------
    DataFrame by year as `accounting_table` has it, with imports in the place of exports and no status.
    """
    return _accounts("imports", trade_years["imports"], world_years["imports"], macro, iso3)


def _accounts(flow: Flow, own: pd.Series, total: pd.Series, macro: pd.DataFrame, iso3: str) -> pd.DataFrame:
    wide = observed(macro)
    growth = wide.loc[iso3]["volume_growth"].dropna() if iso3 in wide.index.get_level_values("iso3") else None
    table = pd.DataFrame({flow: own, "imports_total": total}).dropna()
    table["share"] = table[flow] / table["imports_total"]
    # A gap in a year of total imports must not break the chain of volumes, so that is made on its own years.
    table["volume"] = np.nan if growth is None else (1 + growth / 100).cumprod()
    table["price"] = table["imports_total"] / table["volume"]
    return table


def split(table: pd.DataFrame, first: int, last: int, flow: Flow = "exports") -> pd.DataFrame:
    """Share out the change of a flow between two years among total imports and the share in them.

    The logarithm of the flow is the sum of the logarithms of volume, price and share, so log changes add up exactly. In
    dollars each part is its log change times the logarithmic mean of the two values, which adds up exactly too
    (the logarithmic mean divisia split).

    Returns
    -------
    DataFrame with rows volume, price, share, imports_total (volume and price together) and the flow (all); columns
    log_points (100 times the log change), percent, usd_mn. Volume and price are NaN where no volume is held.

    Raises
    ------
    MissingFigures
        A year is not in the table.
    """
    for year in (first, last):
        if year not in table.index:
            raise MissingFigures(
                f"{flow.capitalize()} and total imports of {year} are not both held",
                expected=f"a year among {table.index[0]}-{table.index[-1]} with both",
                do="Choose another span",
            )
    columns = [*PARTS, "imports_total", flow]
    ratio = (table.loc[last, columns] / table.loc[first, columns]).astype(float)
    logs = np.log(ratio)
    start, end = (float(table[flow].loc[year]) for year in (first, last))
    mean = start if end == start else (end - start) / np.log(end / start)
    return pd.DataFrame({"log_points": 100 * logs, "percent": 100 * (ratio - 1), "usd_mn": mean * logs})
