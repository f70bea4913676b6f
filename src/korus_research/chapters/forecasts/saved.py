"""The duty that an agreement saved, as a study published it, beside our two readings for the same year."""

from __future__ import annotations

import pandas as pd

from korus_research.chapters.forecasts.rules import AgreementRules
from korus_research.chapters.tariffs.measures import Tariffs
from korus_research.show.finding import Findings
from korus_research.show.making import Maker

USD_PER_BN = 1e9
OURS = ("realised_duties_monthly", "sector_imports_annual", "sector_duties_annual")
READINGS = {
    "base": "duty not levied on the actual imports against the partner's own earlier rate",
    "matched": "duty not levied on the actual imports against the rates of partners without an agreement",
}


def saved_beside(published: pd.DataFrame, tariffs: Tariffs, own: AgreementRules) -> Findings | None:
    """Return `forecasts.saved.*`: a published figure of the duty saved in a year, ours, and ours less it in percent.

    Parameters
    ----------
    published : DataFrame
        `published_estimates`, as known by the edition's month.

    Returns
    -------
    Findings, or None where no such figure was published by then, or the duty of its year is not held. Names: savings_by
    (the study) and savings_year.
    """
    rows = published[(published["outcome"] == own.savings) & (published["unit"] == "USD bn")]
    rows = rows[rows["window"].str.fullmatch(r"\d{4}")]
    annual = tariffs.savings.annual
    rows = rows[rows["window"].astype(int).isin(annual.dropna(subset=["matched_usd"]).index)]
    if rows.empty:
        return None
    row = rows.sort_values("year").iloc[-1]
    year, theirs = str(row["window"]), float(row["estimate"])
    maker = Maker(
        "forecasts.saved", "imports for consumption, nominal", OURS, year, decimals={"usd_bn": 3, "percent": 0}
    )
    label = f"the duty that the agreement saved in {year}, as published"
    maker.add("published", label, theirs, "usd_bn", basis=str(row["method"]), datasets=("published_estimates",))
    for key, noun in READINGS.items():
        ours = float(annual[f"{key}_usd"].loc[int(year)]) / USD_PER_BN
        maker.add(key, f"{noun} in {year}", ours, "usd_bn")
        both = (*OURS, "published_estimates")
        maker.add(
            f"{key}_gap",
            f"{noun} in {year}, less the published figure",
            100 * (ours / theirs - 1),
            "percent",
            datasets=both,
        )
    return maker.findings({**tariffs.names, "savings_by": str(row["study"]).split(",")[0], "savings_year": year})
