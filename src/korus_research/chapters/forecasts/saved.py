"""The duty that an agreement saved, as a study published it, beside our two readings for the same year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from korus_research.chapters.forecasts.rules import AgreementRules
from korus_research.chapters.tariffs.measures import Tariffs
from korus_research.methods.series import USD_PER_BN
from korus_research.show.declared import Result, Value

# Of `tariffs`: the partner's own earlier rate, the rates of partners without an agreement.
READINGS = ("base", "matched")


@dataclass(frozen=True)
class Saved(Result):
    """A published figure of the duty saved in a year (USD billion), by whom and how, and ours by reading."""

    FINDINGS = "saved"

    names: Mapping[str, str]
    method: str
    year: str
    published: float
    ours: Mapping[str, float]


def saved_beside(published: pd.DataFrame, tariffs: Tariffs, own: AgreementRules) -> Saved | None:
    """Return a figure of `published_estimates` of the duty saved in a year beside ours; None without one of both."""
    annual = tariffs.savings.annual.dropna(subset=["matched_usd"])
    rows = published[(published["outcome"] == own.savings) & (published["unit"] == "USD bn")]
    rows = rows[rows["window"].isin(annual.index.astype(str))]
    if rows.empty:
        return None
    row = rows.sort_values("year").iloc[-1]
    year = str(row["window"])
    ours = {key: float(annual[f"{key}_usd"].loc[int(year)]) / USD_PER_BN for key in READINGS}
    called = {key: str(tariffs.names[key]) for key in ("agreement", "partner")}
    called |= {"savings_by": own.savings_said, "savings_year": year}
    return Saved(called, str(row["method"]), year, float(row["estimate"]), ours)


def values(saved: Saved) -> Iterator[Value]:
    """Yield the published figure, ours, and ours less it in percent."""
    yield Value("saved.published", saved.published, saved.year, basis=saved.method)
    for key, ours in saved.ours.items():
        yield Value(f"saved.{key}", ours, saved.year)
        yield Value(f"saved.{key}_gap", 100 * (ours / saved.published - 1), saved.year)
