"""The reporter's own figures by year, and how much of them a Comtrade panel holds."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

COLUMNS = ["year", "flow", "partner", "others"]


def annual_census(
    trade: pd.DataFrame, partners: pd.DataFrame, *, also: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Return complete years of the reporter's trade by partner.

    Parameters
    ----------
    trade : DataFrame
        month, partner (Census code), flow, value_usd_mn.
    partners : DataFrame
        partner, iso3: partners without a code are left out.
    also : mapping of Census code to ISO 3166 code, optional
        Codes that the table lacks, such as that of the studied partner.

    Returns
    -------
    DataFrame with year, iso3, flow, value_usd_mn.
    """
    codes = {**dict(zip(partners["partner"], partners["iso3"], strict=True)), **(also or {})}
    rows = trade.assign(iso3=trade["partner"].map(codes).fillna(""))
    rows = rows[rows["iso3"] != ""]
    rows = rows.assign(year=rows["month"].str[:4].astype(int))
    grouped = rows.groupby(["year", "iso3", "flow"])["value_usd_mn"]
    full: pd.DataFrame = grouped.sum()[grouped.count() == 12].reset_index()
    return full


def panel_coverage(panel: pd.DataFrame, census: pd.DataFrame, *, reporter: str, partner: str) -> pd.DataFrame:
    """Return panel flows as shares of Census figures, for the partner and for the other partners in both sources.

    Parameters
    ----------
    panel : DataFrame
        year, exporter, importer, trade_usd_mn.
    census : DataFrame
        As from `annual_census`.
    reporter, partner : str
        ISO 3166 codes.

    Returns
    -------
    DataFrame with year, flow, partner, others (ratios). The others are the same partners in every year.
    """
    rows = []
    for flow, own, other in (("exports", "exporter", "importer"), ("imports", "importer", "exporter")):
        held = panel[panel[own] == reporter].rename(columns={other: "iso3"})[["year", "iso3", "trade_usd_mn"]]
        both = held.merge(census[census["flow"] == flow], on=["year", "iso3"])
        always = both["iso3"].map(both["iso3"].value_counts()) == both["year"].nunique()
        both = both[always | (both["iso3"] == partner)]
        for year, part in both.groupby("year"):
            mine = part["iso3"] == partner
            sums = [part.loc[which, ["trade_usd_mn", "value_usd_mn"]].sum() for which in (mine, ~mine)]
            if all(s["value_usd_mn"] > 0 for s in sums):
                shares = [float(s["trade_usd_mn"] / s["value_usd_mn"]) for s in sums]
                rows.append({"year": int(str(year)), "flow": flow, "partner": shares[0], "others": shares[1]})
    return pd.DataFrame(rows, columns=COLUMNS)
