"""Forecasts by sector beside trade by sector. Without a counterfactual, a change is no effect."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from korus_research.chapters.forecasts.compared.flows import EX_ANTE
from korus_research.chapters.forecasts.rules import AgreementRules, SectorRule
from korus_research.chapters.sectors.trade import domestic_exports
from korus_research.methods.series import MN_PER_BN, MONTHS_A_YEAR, USD_PER_BN, WORLD, Flow

_VERBS: dict[Flow, str] = {"exports": "US exports", "imports": "US imports"}


def sector_outcomes(
    forecasts: pd.DataFrame,
    tables: Mapping[Flow, pd.DataFrame],
    domestic: pd.DataFrame,
    *,
    partner: str,
    baseline: int,
    years: tuple[int, int],
    own: AgreementRules,
) -> pd.DataFrame:
    """Return forecasts by sector with the trade of the first and of a later year in the nearest codes.

    Parameters
    ----------
    forecasts, tables, domestic : DataFrame
        `forecasts`; `sector_exports_annual` and `sector_imports_annual` by flow; `sector_exports_domestic`.
    baseline : int
        Year that changes from before the agreement are counted from.
    years : tuple of int
        Two later years, the evaluation year first; each, or the last complete one before it.

    Returns
    -------
    DataFrame, a row a declared sector with a forecast: key, label, flow, study, said_in (year), low, high (percent
    forecast), usd_low, usd_high (USD billion), first_year, first, year, outcome (USD billion; NaN where no year is
    complete), change (percent, first year to it), the same for the second later year (late_year, late, late_change),
    elsewhere (percent change to all other partners, of a sector of the Commission), commission (whether it is one),
    note (what the trade holds).
    """
    rows = []
    for rule in own.sector:
        about = forecasts[(forecasts["kind"] == EX_ANTE) & (forecasts["sector"] == rule.sector)]
        about = about[about["metric"].str.contains(_VERBS[rule.flow], regex=False)]
        if about.empty:
            continue
        trade, others = _trade(tables[rule.flow], rule, partner), pd.Series(dtype=float)
        if rule.commission:
            trade, others = _printed(domestic, rule.commission, partner, baseline)
        first, then, late = (_at(trade, year) for year in (None, *years))
        outcome = {
            "first_year": first[0],
            "first": first[1],
            "year": then[0],
            "outcome": then[1],
            "change": _percent(first, then),
            "late_year": late[0],
            "late": late[1],
            "late_change": _percent(first, late),
            "elsewhere": _percent(*((year, others.get(year, math.nan)) for year in (first[0], then[0]))),
        }
        rows.append({**_forecast(rule, about), **outcome, "commission": bool(rule.commission), "note": rule.note})
    return pd.DataFrame(rows, columns=None if rows else ["change"])


def _forecast(rule: SectorRule, about: pd.DataFrame) -> dict[str, object]:
    """Return the columns of a row about the sector and its forecast, percent and USD billion."""
    said: dict[str, object] = {"key": rule.key, "label": rule.label, "flow": rule.flow}
    said |= {"study": about["study"].iloc[0], "said_in": int(about["year"].iloc[0])}
    # Of a unit that the study doesn't give, NaN.
    ends = about.groupby("unit")[["low", "high"]].first().reindex(["percent", "USD mn"]).astype(float)
    usd = ends.loc["USD mn"].add_prefix("usd_") / MN_PER_BN
    return {**said, **ends.loc["percent"], **usd}


def _printed(
    domestic: pd.DataFrame, sector: str, partner: str, baseline: int
) -> tuple[pd.Series[float], pd.Series[float]]:
    """Return the domestic exports that the Commission prints from the baseline year on: to the partner, to all others.

    Those to the partner are empty where the baseline year is not printed.
    """
    trade, world = (domestic_exports(domestic, sector, code).loc[baseline:] for code in (partner, WORLD))
    trade = trade if baseline in trade.index else trade.iloc[:0]
    return trade, (world - trade).dropna()


def _trade(table: pd.DataFrame, rule: SectorRule, partner: str) -> pd.Series[float]:
    """Return the trade in the codes of a rule by complete year, USD billion."""
    own = table[table["partner"] == partner]
    months = own.groupby("year")["months"].min()
    full = months.index[months == MONTHS_A_YEAR]
    rows = own[own["year"].isin(full) & own["code"].isin(rule.codes)]
    return rows.groupby("year")["value_usd"].sum().sort_index() / USD_PER_BN


def _at(trade: pd.Series[float], until: int | None) -> tuple[int, float]:
    """Return the first year (None), or the last until a year, and its trade; (0, NaN) where there is none."""
    rows = trade if until is None else trade[trade.index <= until]
    place = 0 if until is None else -1
    return (int(rows.index[place]), float(rows.iloc[place])) if len(rows) else (0, math.nan)


def _percent(first: tuple[int, float], later: tuple[int, float]) -> float:
    return 100 * (later[1] / first[1] - 1) if later[0] > first[0] else math.nan
