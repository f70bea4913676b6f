"""Annual figures of one partner: what demand equations need, how demand grew, and the accounts of total imports.

An account is exact by construction: a flow is the buyer's total imports (volume and price) times the seller's share in
them. It shares out a change and says nothing about its cause.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from korus_research.errors import MissingFigures
from korus_research.methods.decomposition import log_mean_split
from korus_research.methods.series import FLOWS, MONTHS_A_YEAR, Flow, complete_years, monthly_flows

PARTS = ("volume", "price", "share")
MEASURES = {"volume": "volume_growth", "income": "income_growth"}
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
            f"There is no exchange rate for {iso3}",
            expected="monthly rates in exchange_rates_monthly",
            do="Choose a partner that has them, or add the series with tools/build_data.py",
        )
    by_year = rows.groupby(rows["month"].str[:4].astype(int))["lcu_per_usd"].agg(["mean", "size"])
    return by_year.loc[by_year["size"] == MONTHS_A_YEAR, "mean"].rename("rate").rename_axis("year")


def real_value(rates: pd.DataFrame, wide: pd.DataFrame, iso3: str, reporter: str) -> pd.Series[float]:
    """Return the real value of a currency in the reporter's: its dollars times the ratio of consumer prices, by year.

    A fall is a weaker currency. The level has no meaning (price indices have bases), only its changes.
    """
    value: pd.Series[float] = prices(wide, iso3) / prices(wide, reporter) / annual_rate(rates, iso3)
    return value.dropna().rename("real_value")


def values_beside(table: pd.DataFrame, reporter: str) -> dict[str, pd.DataFrame]:
    """Return the value in the reporter's currency of every currency in `currencies_annual`, by year and economy.

    `nominal` is dollars for a unit, `real` that times the ratio of consumer prices, NaN where an economy has none; only
    changes have a meaning.
    """
    wide = table.pivot(index="year", columns="iso3", values=["lcu_per_usd", "prices"])
    nominal = 1 / wide["lcu_per_usd"].drop(columns=reporter)
    ratio = wide["prices"].div(wide["prices"][reporter], axis=0)
    return {"nominal": nominal, "real": (nominal * ratio).dropna(axis="columns", how="all")}


def prices(wide: pd.DataFrame, iso3: str) -> pd.Series[float]:
    """Return an economy's consumer price index by year."""
    return _of(wide, iso3)["prices"].dropna()


def demand_table(
    trade: pd.DataFrame, rates: pd.DataFrame, wide: pd.DataFrame, *, partner: str, iso3: str, reporter: str
) -> pd.DataFrame:
    """Return annual figures of one partner in years with every column; `wide` is from `observed`.

    Columns: exports, imports (USD million, the reporter's statistics), deflator (reporter's consumer prices), income
    and volume of each side (`income_exports` is the output of whoever buys the exports), real_value. MissingPartner
    without trade; MissingFigures without exchange rate, output or prices, or a year that has all of them.
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
            f"The data for {iso3} have {'no year' if table.empty else 'gaps between years'}",
            expected="trade, output, prices and exchange rates of consecutive years",
            do="Check macro_annual, exchange_rates_monthly and goods_trade_monthly for the partner",
        )
    return table


def _of(wide: pd.DataFrame, iso3: str) -> pd.DataFrame:
    if iso3 not in wide.index.get_level_values("iso3"):
        raise MissingFigures(
            f"There are no output and prices for {iso3}",
            expected="the economy in macro_annual, years that are no projections",
            do="Choose a partner that has them, or add the economy in tools/data_build/macro.py",
        )
    return pd.DataFrame(wide.xs(iso3, level="iso3"))


def growth_table(wide: pd.DataFrame, *, before: int, years: int, last: int) -> pd.DataFrame:
    """Return average annual growth of import volume and of output by economy, percent (geometric means).

    Columns: volume_before, volume_after, income_before, income_after; NaN where a year is missing. "Before" are the
    `years` to `before`, the last year before entry into force; "after" are those from then to `last`.
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


def total_imports(demand: pd.DataFrame, iso3: str) -> pd.DataFrame:
    """Return imports_usd_mn (c.i.f., its own statistics) and status of an economy by year; MissingFigures without."""
    own = demand.loc[(demand["iso3"] == iso3) & demand["imports_usd_mn"].notna()].set_index("year")
    if own.empty:
        raise MissingFigures(
            f"There are no total imports for {iso3}",
            expected="the partner's own statistics in import_demand_annual",
            do="Choose a partner that has them, or add its series with tools/build_data.py",
        )
    return own


def accounts(flow: Flow, own: pd.Series, total: pd.Series, wide: pd.DataFrame, iso3: str) -> pd.DataFrame:
    """Return a flow (`own`), the `total` imports of its buyer and the share in them, by year in which both are held.

    Imports and their total are of the same statistics, so their share is a true one; exports f.a.s. over the partner's
    imports c.i.f. are a pseudo-share, too low. Columns: the flow and imports_total (USD million), share, volume
    (index of the buyer's goods imports; NaN after the outlook's last actual year), price (in dollars, implied: total
    over volume).
    """
    growth = wide.loc[iso3]["volume_growth"].dropna() if iso3 in wide.index.get_level_values("iso3") else None
    table = pd.DataFrame({flow: own, "imports_total": total}).dropna()
    table["share"] = table[flow] / table["imports_total"]
    # A gap in a year of total imports must not break the chain of volumes, so that is made on its own years.
    table["volume"] = np.nan if growth is None else (1 + growth / 100).cumprod()
    table["price"] = table["imports_total"] / table["volume"]
    return table


def split(table: pd.DataFrame, first: int, last: int, flow: Flow = "exports") -> pd.DataFrame:
    """Split the change of a flow between two years into total imports of the buyer and the share in them.

    As `log_mean_split` gives it, with the amounts as usd_mn and the rows volume, price, share, imports_total (volume
    and price together) and the flow; NaN where no volume is held. MissingFigures where a year is not in the table.
    """
    parts = log_mean_split(table, [*PARTS, "imports_total"], flow, first=first, last=last)
    return parts.rename(columns={"amount": "usd_mn"})
