"""The gravity panel: its checks before estimation, and its coverage of Census figures."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from korus_research.errors import InvalidPanel, MissingPartner, NotIdentified

COLUMNS = ("year", "exporter", "importer", "trade_usd_mn", "in_force", "agreement")
KEY = ["exporter", "importer", "year"]
_DO = "Correct the panel; `korus data show gravity_panel` describes the embedded one"


def check_panel(panel: pd.DataFrame, *, reporter: str, partner: str, entry_year: int) -> None:
    """Check that the panel is sound and holds the pair before and after its agreement.

    Raises
    ------
    InvalidPanel
        A column is missing, a flow is no number or negative, a row stands twice, a country trades with itself.
    MissingPartner
        The pair is not in the panel.
    NotIdentified
        No year of the pair from entry into force on, or none before.
    """
    _check_rows(panel)
    for exporter, importer in ((reporter, partner), (partner, reporter)):
        years = panel.loc[(panel["exporter"] == exporter) & (panel["importer"] == importer), "year"]
        if years.empty:
            raise MissingPartner(
                f"The gravity panel has no exports from {exporter} to {importer}",
                expected=f"two of its {panel['exporter'].nunique()} countries (ISO 3166 codes)",
                do="See `korus data show gravity_panel`",
            )
        if years.max() < entry_year or years.min() >= entry_year:
            side = "from entry into force on" if years.max() < entry_year else "before entry into force"
            raise NotIdentified(
                f"The gravity panel has no year of {exporter} to {importer} {side} ({entry_year})",
                expected="years before and after",
                do="Choose a later month of data, or an agreement that the panel spans",
            )


def _check_rows(panel: pd.DataFrame) -> None:
    if missing := [name for name in COLUMNS if name not in panel]:
        raise InvalidPanel(f"The gravity panel has no column {', '.join(missing)}", expected=", ".join(COLUMNS), do=_DO)
    value = pd.to_numeric(panel["trade_usd_mn"], errors="coerce").to_numpy(dtype=float)
    faults = (
        (
            panel[[*KEY, "in_force"]].isna().any(axis=1).to_numpy(),
            "a row without its pair, year or flag",
            "all of them",
        ),
        (~np.isfinite(value), "a flow that is no number", "a value of zero or more in every row"),
        (value < 0, "a negative flow", "a value of zero or more in every row"),
        (panel.duplicated(KEY).to_numpy(), "two rows of one flow", "one row an exporter, importer and year"),
        (
            (panel["exporter"] == panel["importer"]).to_numpy(),
            "sales of a country to itself",
            "trade between countries",
        ),
    )
    for rows, found, expected in faults:
        if rows.any():
            exporter, importer, year = panel.loc[rows, KEY].iloc[0]
            raise InvalidPanel(
                f"The gravity panel has {found}: {exporter} to {importer} in {year}", expected=expected, do=_DO
            )


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
        reported = panel[panel[own] == reporter].rename(columns={other: "iso3"})[["year", "iso3", "trade_usd_mn"]]
        both = reported.merge(census[census["flow"] == flow], on=["year", "iso3"])
        always = both["iso3"].map(both["iso3"].value_counts()) == both["year"].nunique()
        both = both[always | (both["iso3"] == partner)]
        for year, part in both.groupby("year"):
            mine = part["iso3"] == partner
            sums = [part.loc[which, ["trade_usd_mn", "value_usd_mn"]].sum() for which in (mine, ~mine)]
            if all(s["value_usd_mn"] > 0 for s in sums):
                shares = [float(s["trade_usd_mn"] / s["value_usd_mn"]) for s in sums]
                rows.append({"year": int(str(year)), "flow": flow, "partner": shares[0], "others": shares[1]})
    return pd.DataFrame(rows, columns=["year", "flow", "partner", "others"])
