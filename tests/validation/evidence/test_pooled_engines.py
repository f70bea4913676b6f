"""Several agreements together by other packages: the ten of the report, and eight on one panel by staggered designs."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from korus_research.chapters.counterfactual.estimates.specifications import calendar_of, main_specification
from korus_research.chapters.study import open_study
from korus_research.errors import KorusError
from korus_research.methods.series import FLOWS
from korus_research.methods.synthetic.estimators import Ridges, fit

SECTION = "Evidence: agreements together by other packages"
HERE = Path(__file__).parent
RIDGES = Ridges(sc=1e-9, time=1e-6)  # these packages have no ridge but SDID's
TOLD = (2, 8)  # years after adoption that an effect is the mean of, see mlsynth.source.md


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    return pd.read_csv(HERE / "panel.csv", dtype={"unit": str}).set_index(["flow", "unit"])


@pytest.fixture(scope="module")
def theirs() -> pd.DataFrame:
    """What mlsynth gives (mlsynth.source.md)."""
    return pd.read_csv(HERE / "mlsynth.csv").set_index(["flow", "engine"])


def parts(panel: pd.DataFrame, flow: str) -> tuple[pd.DataFrame, pd.Series, np.ndarray, np.ndarray]:
    """Agreements' logarithms and years of adoption, those of donors, and the years."""
    table = panel.loc[flow]
    adopt, logs = table["adopt"], table.drop(columns="adopt")
    never = adopt.isna()
    return logs[~never], adopt[~never], logs[never].to_numpy(), logs.columns.astype(int).to_numpy()


def windows(years: np.ndarray, adopt: float) -> Iterator[np.ndarray]:
    """Places before adoption, from it on, and of the years that are told."""
    yield np.flatnonzero(years < adopt)
    yield np.flatnonzero(years >= adopt)
    yield np.flatnonzero((years >= adopt + TOLD[0]) & (years <= adopt + TOLD[1]))


@pytest.mark.parametrize("flow", FLOWS)
def test_ten_agreements_pooled_by_another_package(record, flow) -> None:
    """diff-diff for each agreement on the report's panel, growth and weights in plain pandas."""
    from diff_diff import SyntheticDiD

    study = open_study("korus")
    effects = study.counterfactual()
    logs, growths = [], []
    for agreement in (effects.agreement, *effects.others):
        spec = main_specification(flow, calendar_of(effects.panel, agreement), effects.choices)
        try:
            found = effects.estimate(replace(spec, estimator="sdid"), treated=agreement.partner.census_code)
        except KorusError:
            continue
        table = np.log(found.pool.values)
        growths.append(table[found.pool.treated].loc[spec.pre[0] : spec.pre[1]].diff().std())
        long = table.loc[[*spec.pre_years, *spec.post_years]].reset_index(names="year").melt("year", var_name="unit")
        long = long.assign(treated=(long["unit"] == found.pool.treated).astype(int))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fitted = SyntheticDiD(variance_method="jackknife").fit(
                long, "value", "treated", "unit", "year", post_periods=spec.post_years
            )
        logs.append(float(fitted.att))
    weights = 1 / np.array(growths)
    pooled = study.evidence().pool(flow, "scaled", method="sdid")
    assert pooled["count"] == len(logs)
    record.against(
        SECTION,
        f"{len(logs)} agreements, {flow}, SDID pooled by own growth, log points",
        math.log1p(pooled["effect"] / 100),
        float(weights @ logs / weights.sum()),
        tolerance=2e-3,  # diff-diff stops its steps at 1e-5 of the noise level, as R does
        source="diff-diff, agreement by agreement",
    )


@pytest.mark.parametrize("flow", FLOWS)
def test_staggered_sdid_is_that_of_another_package(panel, theirs, record, flow) -> None:
    logs, adopt, never, years = parts(panel, flow)
    known = theirs.loc[(flow, "SDID")].set_index("adopt")["effect"]
    apart = {}
    for year, own in logs.groupby(adopt):
        pre, post, told = windows(years, year)
        values = np.vstack([own.mean(), never])
        found = fit(values, pre, post, estimator="sdid", ridges=RIDGES, placebos=False)
        apart[year] = abs(float(found.gap[0, told].mean()) - known[year])
    assert len(apart) == len(known)
    record.measured(
        SECTION,
        f"Eight agreements, {flow}, staggered SDID, largest difference of a year's agreements (log points)",
        f"{max(apart.values()):.1e}",
        bound="at most 1e-6",
        source="mlsynth 1.0.0",
        holds=max(apart.values()) <= 1e-6,
    )


@pytest.mark.parametrize("flow", FLOWS)
def test_separate_synthetic_controls_are_those_of_another_package(panel, theirs, record, flow) -> None:
    logs, adopt, never, years = parts(panel, flow)
    gaps = []
    for unit, own in logs.iterrows():
        pre, post, told = windows(years, adopt[unit])
        found = fit(np.vstack([own, never]), pre, post, estimator="sc", ridges=RIDGES, placebos=False)
        gaps.append(float(found.gap[0, told].mean()))
    engines = theirs.loc[flow]["effect"]
    partly = engines[[name for name in engines.index if name.startswith("PPSCM") and not name.endswith("0.000")]]
    record.against(
        SECTION,
        f"Eight agreements, {flow}, synthetic control for each, mean (log points)",
        float(np.mean(gaps)),
        float(engines["PPSCM, nu 0.000"]),
        tolerance=1e-5,  # their solver stops at 1e-8 of the loss, and we have a ridge
        source="mlsynth 1.0.0, multisynth with nu of zero",
    )
    # Another definition: the average path is made to fit too. What it moves is told, and that it stays small.
    record.against(
        SECTION,
        f"Eight agreements, {flow}, the same against partial pooling, another definition (log points)",
        float(np.mean(gaps)),
        float(partly.iloc[0]),
        tolerance=0.03,
        source=f"mlsynth 1.0.0, multisynth with {partly.index[0].split(', ')[1]}, which it chose",
    )


@pytest.mark.parametrize("flow", FLOWS)
def test_difference_in_differences_is_callaway_and_santanna(panel, record, flow) -> None:
    """Their comparison is with the last year before and donors that never adopt; ours with that year as pre-period."""
    from diff_diff import CallawaySantAnna

    logs, adopt, never, years = parts(panel, flow)
    ours = []
    for unit, own in logs.iterrows():
        pre, _, told = windows(years, adopt[unit])
        found = fit(np.vstack([own, never]), pre[-1:], told, estimator="did", ridges=RIDGES, placebos=False)
        ours.append(float(found.effect[0]))
    table = panel.loc[flow].reset_index()
    long = table.melt(["unit", "adopt"], var_name="year", value_name="y").astype({"year": int})
    long["first"] = (long["adopt"] + TOLD[0]).fillna(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = CallawaySantAnna(anticipation=TOLD[0], base_period="universal").fit(
            long, "y", "unit", "year", "first", aggregate="event_study"
        )
    events = [fitted.event_study_effects[k]["effect"] for k in range(TOLD[1] - TOLD[0] + 1)]
    record.against(
        SECTION,
        f"Eight agreements, {flow}, difference-in-differences from the last year before, mean (log points)",
        float(np.mean(ours)),
        float(np.mean(events)),
        tolerance=1e-9,
        source="diff-diff, Callaway and Sant'Anna with two years of anticipation",
    )
