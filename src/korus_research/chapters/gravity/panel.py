"""What a gravity panel must be before anything is estimated on it: each fault is one error that names it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from korus_research.errors import InvalidPanel, MissingPartner, NotIdentified

COLUMNS = ("year", "exporter", "importer", "trade_usd_mn", "in_force", "agreement")
KEY = ["exporter", "importer", "year"]
_DO = "Correct the panel; `korus data show gravity_panel` describes the embedded one"


def check_panel(panel: pd.DataFrame, *, reporter: str, partner: str, entry_year: int) -> None:
    """Raise where the panel is no panel, or does not hold the pair before and after its agreement.

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
