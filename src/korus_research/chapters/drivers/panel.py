"""One partner's annual figures for demand equations: trade, output, import volume, prices, real exchange rate."""

from __future__ import annotations

import pandas as pd

from korus_research.errors import MissingFigures
from korus_research.methods.series import FLOWS, complete_years, monthly_flows

CODES = {"NGDP_R": "income", "PCPI": "prices", "TMG_RPCH": "volume_growth", "NGDP_RPCH": "income_growth"}


def observed(macro: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of an outlook that are no projections, wide: index (iso3, year), columns of `CODES`."""
    rows = macro.loc[~macro["projection"].astype(bool) & macro["code"].isin(CODES)]
    wide = rows.pivot(index=["iso3", "year"], columns="code", values="value").rename(columns=CODES)
    return wide.reindex(columns=list(CODES.values())).sort_index()


def annual_rate(rates: pd.DataFrame, iso3: str) -> pd.Series[float]:
    """Return local currency per dollar by year: the mean of twelve monthly averages; other years are left out."""
    rows = rates.loc[rates["iso3"] == iso3]
    if rows.empty:
        raise MissingFigures(
            f"No exchange rate of {iso3} is held",
            expected="monthly rates in exchange_rates_monthly",
            do="Choose a partner that has them, or add the series with tools/build_data.py",
        )
    by_year = rows.groupby(rows["month"].str[:4].astype(int))["lcu_per_usd"].agg(["mean", "size"])
    return by_year.loc[by_year["size"] == 12, "mean"].rename("rate").rename_axis("year")


def real_value(rates: pd.DataFrame, wide: pd.DataFrame, iso3: str, reporter: str) -> pd.Series[float]:
    """Return the real value of a currency in the reporter's: its dollars times the ratio of consumer prices, by year.

    A fall is a weaker currency. The level has no meaning (price indices have bases), only its changes.
    """
    value: pd.Series[float] = prices(wide, iso3) / prices(wide, reporter) / annual_rate(rates, iso3)
    return value.dropna().rename("real_value")


def prices(wide: pd.DataFrame, iso3: str) -> pd.Series[float]:
    """Return an economy's consumer price index by year."""
    return _of(wide, iso3)["prices"].dropna()


def demand_table(
    trade: pd.DataFrame, rates: pd.DataFrame, wide: pd.DataFrame, *, partner: str, iso3: str, reporter: str
) -> pd.DataFrame:
    """Annual figures of one partner, of years in which every column is held.

    Parameters
    ----------
    trade, rates : DataFrame
        The datasets goods_trade_monthly and exchange_rates_monthly.
    wide : DataFrame
        What `observed` gives.

    Returns
    -------
    DataFrame by year: exports, imports (USD million, the reporter's statistics), deflator (reporter's consumer prices),
    income and volume of each side (`income_exports` is the output of whoever buys the exports), real_value.

    Raises
    ------
    MissingPartner
        No trade with the partner.
    MissingFigures
        No exchange rate, output or prices of an economy, or no year that has all of them.
    """
    flows = complete_years(monthly_flows(trade, partner=partner))
    table = pd.DataFrame({flow: flows[flow] for flow in FLOWS})
    table["deflator"] = prices(wide, reporter)
    for flow, buyer in (("exports", iso3), ("imports", reporter)):
        own = _of(wide, buyer)
        table[f"income_{flow}"] = own["income"]
        table[f"volume_{flow}"] = (1 + own["volume_growth"] / 100).cumprod()
    table["real_value"] = real_value(rates, wide, iso3, reporter)
    needed = [c for c in table.columns if not c.startswith("volume")]
    table = table.dropna(subset=needed)
    if table.empty or len(table) != table.index[-1] - table.index[0] + 1:
        raise MissingFigures(
            f"The figures of {iso3} leave {'no year' if table.empty else 'gaps between years'}",
            expected="trade, output, prices and exchange rates of consecutive years",
            do="Check macro_annual, exchange_rates_monthly and goods_trade_monthly for the partner",
        )
    return table


def _of(wide: pd.DataFrame, iso3: str) -> pd.DataFrame:
    if iso3 not in wide.index.get_level_values("iso3"):
        raise MissingFigures(
            f"No output and prices of {iso3} are held",
            expected="the economy in macro_annual, years that are no projections",
            do="Choose a partner that has them, or add the economy in tools/data_build/macro.py",
        )
    return pd.DataFrame(wide.xs(iso3, level="iso3"))
