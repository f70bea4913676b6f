"""The duty that an agreement saved, as a study published it, beside our two readings for the same year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from korus_research.methods.series import USD_PER_BN
from korus_research.show.declared import Result, Value

if TYPE_CHECKING:
    import pandas as pd

    from korus_research.chapters.forecasts.rules import AgreementRules
    from korus_research.chapters.tariffs.measures import Tariffs

READINGS = (
    "base",
    "matched",
)  # of `tariffs`: the partner's own earlier rate, the rates of partners without an agreement


@dataclass(frozen=True)
class Saved(Result):
    """A published figure of the duty saved in a year (USD billion), by whom and how, and ours by reading."""

    FINDINGS = "saved"

    agreement: str
    partner: str
    study: str
    method: str
    year: int
    published: float
    ours: Mapping[str, float]


def saved_beside(published: pd.DataFrame, tariffs: Tariffs, own: AgreementRules) -> Saved | None:
    """Return a published figure of the duty saved in a year beside ours; None where there is none, or none of ours.

    Parameters
    ----------
    published : DataFrame
        `published_estimates`, as known by the edition's month.
    """
    rows = published[(published["outcome"] == own.savings) & (published["unit"] == "USD bn")]
    rows = rows[rows["window"].str.fullmatch(r"\d{4}")]
    annual = tariffs.savings.annual
    rows = rows[rows["window"].astype(int).isin(annual.dropna(subset=["matched_usd"]).index)]
    if rows.empty:
        return None
    row = rows.sort_values("year").iloc[-1]
    year = int(row["window"])
    return Saved(
        agreement=str(tariffs.names["agreement"]),
        partner=str(tariffs.names["partner"]),
        study=str(row["study"]),
        method=str(row["method"]),
        year=year,
        published=float(row["estimate"]),
        ours={key: float(annual[f"{key}_usd"].loc[year]) / USD_PER_BN for key in READINGS},
    )


def names(saved: Saved) -> Mapping[str, str]:
    """Return the names that sentences about it use; what each is stands in findings.toml."""
    return {
        "agreement": saved.agreement,
        "partner": saved.partner,
        "savings_by": saved.study.split(",")[0],
        "savings_year": str(saved.year),
    }


def values(saved: Saved) -> Iterator[Value]:
    """Yield the published figure, ours, and ours less it in percent."""
    period = str(saved.year)
    yield Value("saved.published", saved.published, period, basis=saved.method)
    for key, ours in saved.ours.items():
        yield Value(f"saved.{key}", ours, period)
        yield Value(f"saved.{key}_gap", 100 * (ours / saved.published - 1), period)
