"""Gravity estimates others have printed, row by row: the Advanced Guide's tables, and Stata's on WIOD.

The Guide's coefficients are printed with four decimals, so half of the last one is the tolerance; its errors with four,
and they differ in the last by the packages' own rounding. The rows are those of `gravity_validation_targets.csv` about
OLS and PPML; its general-equilibrium rows are tested with the equilibrium, the others with the counterfactual.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd
import pytest
from targets import FOLDER, printed_sum, target, targets, tolerance

from korus_research.methods.poisson.cube import Cube, cube_of
from korus_research.methods.poisson.ppml import Model
from tests.support.by_pyfixest import PyfixestFit, fit_pyfixest

SECTION = "Gravity: published estimates"
BORDERS = [f"border_{year}" for year in (1986, 1990, 1994, 1998, 2002)]
LAGS = ["rta_lag4", "rta_lag8", "rta_lag12"]
COUNTRY = ["ld", "cntg", "lang", "clny", "rta"]


@cache
def guide() -> pd.DataFrame:
    """The Guide's panel in its years, with the columns its formulas use."""
    data = pd.read_parquet(FOLDER / "gravity_agtpa_1986_2006.parquet")
    data = data[data["year"].isin(range(1986, 2007, 4))].copy()
    home = data["exporter"] == data["importer"]
    data["ld"], data["lt"] = np.log(data["dist"]), np.log(data["trade"].where(data["trade"] > 0))
    year = data["year"].astype(str)
    data["ey"], data["iy"] = data["exporter"] + year, data["importer"] + year
    data["home"] = home
    data["one_home"] = data["pair_id"].where(~home, -1)
    data["own_home"] = data["exporter"].where(home, "abroad")
    for border in BORDERS:
        data[border] = (~home & (data["year"] == int(border[-4:]))).astype(float)
    # Pairs that never trade are dropped by hand, as the Guide does.
    data["ever"] = data.groupby("pair_id")["trade"].transform("sum") > 0
    return data


def _fit(rows: pd.DataFrame, regressors: list[str], effects: tuple[str, ...], **options: str) -> PyfixestFit:
    outcome = options.pop("outcome", "trade")
    return fit_pyfixest(rows, outcome=outcome, regressors=regressors, effects=effects, cluster="pair_id", **options)  # type: ignore[arg-type]


def _abroad() -> pd.DataFrame:
    return guide()[~guide()["home"]]


def _three_way(regressors: list[str], pair: str = "pair_id") -> PyfixestFit:
    return _fit(guide()[guide()["ever"]], regressors, ("ey", "iy", pair))


MODELS: dict[str, tuple[Callable[[], PyfixestFit], int]] = {
    "agtpa_ols": (
        lambda: _fit(_abroad()[_abroad()["trade"] > 0], COUNTRY, ("ey", "iy"), outcome="lt", method="ols"),
        25_689,
    ),
    "agtpa_ppml": (lambda: _fit(_abroad(), COUNTRY, ("ey", "iy")), 28_152),
    "agtpa_pairfe": (lambda: _three_way(["rta"]), 28_482),
    "agtpa_lead": (lambda: _three_way(["rta", "rta_lead4"]), 28_482),
    "agtpa_phase": (lambda: _three_way(["rta", *LAGS]), 28_482),
    "agtpa_glob": (lambda: _three_way(["rta", *LAGS, *BORDERS]), 28_482),
    "agtpa_intra": (lambda: _fit(guide(), COUNTRY, ("ey", "iy", "own_home")), 28_566),
    "agtpa_nafta_stage1": (lambda: _three_way(["rta"], "one_home"), 28_482),
}
ROWS = [row for row in targets() if row["id"] in MODELS]
UNCONVERGED = (
    "R fixest 0.12.2 and pyfixest 0.60.0, as collected (the e-book's 0.5916 comes from a solver that had not converged)"
)


@cache
def fitted(model: str) -> PyfixestFit:
    return MODELS[model][0]()


def name(row: dict[str, str]) -> str:
    return f"{row['id']} {row['parameter']}"


@pytest.mark.parametrize("row", ROWS, ids=name)
def test_published_estimate(row, record):
    fit = fitted(row["id"])
    where = row["source"] if row["id"] != "agtpa_intra" else UNCONVERGED
    assert fit.observations == MODELS[row["id"]][1]
    within = tolerance(row, "coef")
    ours = float(fit.coefficients[row["parameter"]])
    form = ".7f" if within < 1e-5 else ".5f"
    published = float(row["published"])
    record.against(SECTION, name(row), ours, published, tolerance=within, source=where, form=form)
    if row["published_se"]:
        what, error = f"{name(row)}, standard error", fit.error(row["parameter"])
        record.against(SECTION, what, error, float(row["published_se"]), tolerance=tolerance(row, "se"), source=where)


@pytest.mark.parametrize("model", ["agtpa_phase", "agtpa_glob"])
def test_published_sum_of_coefficients(model, raw_folder, record):
    fit, names, row = fitted(model), ["rta", *LAGS], target(model, "rta")
    source, (total, error) = row["source"], printed_sum(row)
    ours = float(fit.coefficients[names].sum())
    what = f"{model} sum of RTA coefficients"
    record.against(SECTION, what, ours, total, tolerance=tolerance(row, "coef"), source=source)
    spread = float(np.sqrt(fit.covariance.loc[names, names].to_numpy().sum()))
    what = f"{model} sum, standard error"
    record.against(SECTION, what, spread, error, tolerance=tolerance(row, "se"), source=source)


def test_our_solver_on_stata_partial(raw_folder, record):
    """Our own solver and errors on WIOD, against the effect that Stata's ge_gravity example carries."""
    row = target("gegravity_stata_partial", "eu_enlargement")
    within = tolerance(row)
    flows = pd.read_parquet(raw_folder / row["data_file"])
    flows = flows[flows["exporter"] != flows["importer"]]
    cube = Cube.from_frame(flows, "trade")
    dummies = np.array([cube_of(flows, c, cube.countries, cube.years) for c in ("eu_enlargement", "other_fta")])
    model = Model(cube, dummies)
    fit = model.fit()
    assert cube.observations == 7_568
    ours, source = float(fit.coefficients[0]), row["source"]
    record.against(SECTION, name(row), ours, float(row["published"]), tolerance=within, source=source, form=".6f")
    # The collected error is clustered by directed pair, ours by symmetric pair: pyfixest stands in for it.
    keyed = flows.assign(
        p=flows["exporter"] + flows["importer"],
        ey=flows["exporter"] + flows["year"].astype(str),
        iy=flows["importer"] + flows["year"].astype(str),
    )
    again = fit_pyfixest(
        keyed, outcome="trade", regressors=("eu_enlargement", "other_fta"), effects=("ey", "iy", "p"), cluster="p"
    )
    what, by = f"{name(row)}, standard error by directed pair", "pyfixest 0.60.0, as collected"
    error = again.error("eu_enlargement")
    record.against(SECTION, what, error, float(row["reproduced_se"]), tolerance=within, source=by, form=".6f")
