"""Forecasts of the flows as percentages, one row a study and flow."""

from __future__ import annotations

import pandas as pd

from korus_research.chapters.forecasts.rules import AgreementRules, Rules
from korus_research.methods.series import FLOWS, MN_PER_BN

COLUMNS = ["study", "year", "flow", "low", "high", "usd_low", "usd_high", "base_year", "source"]
ALL_GOODS = "all"
EX_ANTE = "ex_ante"
_BN = {"USD bn": 1.0, "USD mn": 1 / MN_PER_BN}


def expected_flows(
    forecasts: pd.DataFrame, published: pd.DataFrame, annual: pd.DataFrame, *, rules: Rules, own: AgreementRules
) -> pd.DataFrame:
    """Return what studies expected of the two flows, the reference study first, then by year, newest first.

    A figure that stands in `forecasts` and in `published_estimates` is taken from the second, which names its table.
    `annual` is goods trade with the partner by complete year, columns exports and imports, USD million (Census basis).

    Returns
    -------
    DataFrame with study, year (of publication), flow, low, high (percent), usd_low, usd_high (USD billion, NaN where
    the study gives none), base_year (of dollars turned into percent, 0 for percentages as printed), source. Dollars
    without a declared base, or whose base year is not in `annual`, give no row.
    """
    repeats = tuple(word for rule in rules.rule if rule.marked for word in rule.methods)
    ante = published[
        (published["kind"] == EX_ANTE) & ~published["method"].map(lambda m: any(w in m for w in repeats)).astype(bool)
    ]
    ends = ante.groupby(["study", "year", "outcome", "unit", "source_address"], sort=False)["estimate"]
    listed = ends.agg(["min", "max"]).reset_index().set_axis(
        ["study", "year", "metric", "unit", "where", "low", "high"], axis=1
    )  # fmt: skip
    totals = forecasts[(forecasts["kind"] == EX_ANTE) & (forecasts["sector"] == ALL_GOODS)]
    years = {base.study: base.year for base in own.base}
    rows = []
    for row in pd.concat([totals[list(listed.columns)], listed], ignore_index=True).to_dict("records"):
        flow, study = own.flow(row["metric"]), str(row["study"])
        if flow is None:
            continue
        about = {"study": study, "year": int(row["year"]), "flow": flow, "source": row["where"]}
        if row["unit"] == "percent":
            rows.append({**about, "low": row["low"], "high": row["high"], "base_year": 0})
        elif row["unit"] in _BN and years.get(study) in annual.index:
            low, high = (row[end] * _BN[row["unit"]] for end in ("low", "high"))
            level = float(annual[flow].loc[years[study]]) / MN_PER_BN
            percent = {"low": 100 * low / level, "high": 100 * high / level}
            rows.append({**about, **percent, "usd_low": low, "usd_high": high, "base_year": years[study]})
    table = pd.DataFrame(rows, columns=COLUMNS)
    table = table.loc[~_again(table)]
    table["first"] = table["study"] == own.reference
    order = table.assign(at=table["flow"].map(list(FLOWS).index)).sort_values(
        ["at", "first", "year", "study"], ascending=[True, False, False, True]
    )
    return order[COLUMNS].reset_index(drop=True)


def _again(table: pd.DataFrame) -> pd.Series[bool]:
    """Mark rows of a study that stands further down under another name: same publication number and flow."""
    number = table["study"].str.extract(r"Pub\.? (\d+)")[0].fillna(table["study"])
    return pd.Series(pd.DataFrame({"study": number, "flow": table["flow"]}).duplicated(keep="last"), index=table.index)
