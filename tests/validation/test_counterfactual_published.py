"""Synthetic control, SDID and DiD held against published numbers and second engines."""

from __future__ import annotations

import warnings

import clarabel
import numpy as np
import pandas as pd
import pytest
from scipy import optimize, sparse
from targets import target, tolerance

from korus_research.methods.synthetic.estimators import Ridges, fit
from korus_research.methods.synthetic.simplex import LowRank, simplex_weights

SECTION = "Counterfactual: published numbers and second engines"
RIDGES = Ridges(sc=1e-4, time=1e-6)


@pytest.fixture(scope="module")
def california(raw_folder) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Packs per head, California first; columns before and from 1989."""
    table = pd.read_csv(raw_folder / "scm_prop99.csv").pivot(index="State", columns="Year", values="PacksPerCapita")
    order = ["California", *(s for s in table.index if s != "California")]
    years = table.columns.to_numpy()
    return table.loc[order].to_numpy(), np.flatnonzero(years < 1989), np.flatnonzero(years >= 1989)


def published(estimator: str) -> float:
    """The reference value of Proposition 99."""
    return float(target("sdid_prop99", estimator)["published"])


def test_proposition_99_sdid(california, record) -> None:
    values, pre, post = california
    found = fit(values, pre, post, estimator="sdid", ridges=RIDGES, placebos=False)
    # R's synthdid stops its Frank-Wolfe steps early: the exact optimum lies 0.0016 away. The targets' 1e-4 is for a
    # package that repeats these steps; 0.01 is what methods.md states.
    record.against(
        SECTION,
        "Proposition 99, SDID",
        float(found.effect[0]),
        published("SDID"),
        tolerance=0.01,
        source="R synthdid, reference value",
    )


def test_proposition_99_did(california, record) -> None:
    values, pre, post = california
    found = fit(values, pre, post, estimator="did", ridges=RIDGES, placebos=False)
    record.against(
        SECTION,
        "Proposition 99, DiD",
        float(found.effect[0]),
        published("DID"),
        tolerance=tolerance(target("sdid_prop99", "DID"), "DID"),
        source="R synthdid, reference value",
    )


def test_proposition_99_synthetic_control(california, record) -> None:
    """The level version (no demeaning) of the published figure, by our solver."""
    values, pre, post = california
    before = values[:, pre]
    noise = np.diff(before[1:], axis=1).std(ddof=1)
    donors = before[1:]
    ridge = np.array([1e-12 * noise**2 * len(pre)])
    weights, _ = simplex_weights(LowRank(donors, ridge), (donors @ before[0])[None], np.ones((1, len(donors)), bool))
    effect = float((values[0, post] - weights[0] @ values[1:, post]).mean())
    # R stops early here too; converged solvers give -19.514 (column `reproduced` of the targets).
    record.against(
        SECTION,
        "Proposition 99, SC",
        effect,
        published("SC"),
        tolerance=tolerance(target("sdid_prop99", "SC"), "SC"),
        source="R synthdid, reference value",
    )


@pytest.fixture(scope="module")
def basque(raw_folder) -> dict[str, float]:
    """Abadie and Gardeazabal (2003): predictor weights by Nelder-Mead, donor weights by our solver inside."""
    table = pd.read_csv(raw_folder / "scm_basque.csv")
    own, names = "Basque Country (Pais Vasco)", list(dict.fromkeys(table["regionname"]))
    years = table.set_index(["regionname", "year"])
    school = ["school.illit", "school.prim", "school.med", "school.high", "school.post.high", "invest"]
    sectors = [c for c in table.columns if c.startswith("sec.")]
    predictors = pd.concat(
        [
            table[table["year"].between(1964, 1969)].groupby("regionname")[school].mean(),
            table[table["year"].between(1960, 1969)].groupby("regionname")[["gdpcap"]].mean(),
            table[table["year"].isin(range(1961, 1970, 2))].groupby("regionname")[sectors].mean(),
            table[table["year"] == 1969].groupby("regionname")[["popdens"]].mean(),
        ],
        axis=1,
    )
    scaled = predictors / predictors.std(ddof=1)
    donors = [n for n in names if n != own]
    X0, X1 = scaled.loc[donors].to_numpy(), scaled.loc[own].to_numpy()
    path = years["gdpcap"].unstack().loc[[own, *donors], range(1960, 1970)].to_numpy()
    everyone = np.ones((1, len(donors)), bool)

    def weights(v: np.ndarray) -> np.ndarray:
        root = np.sqrt(np.abs(v) / np.abs(v).sum())
        F = X0 * root
        # Predictors' squares are of order 10: the ridge is relative to that.
        return simplex_weights(LowRank(F, np.array([1e-8])), (F @ (X1 * root))[None], everyone)[0][0]

    def loss(v: np.ndarray) -> float:
        return float(((path[0] - weights(v) @ path[1:]) ** 2).mean())

    start = np.full(X0.shape[1], 1 / X0.shape[1])
    best = optimize.minimize(loss, start, method="Nelder-Mead", options={"maxiter": 1000})
    return dict(zip(donors, weights(best.x), strict=True))


@pytest.mark.parametrize(
    ("parameter", "region", "called"),
    [
        pytest.param("weight Cataluna", "Cataluna", "Catalonia", id="weight Cataluna"),
        pytest.param("weight Madrid", "Madrid (Comunidad De)", "Madrid", id="weight Madrid"),
    ],
)
def test_basque_country(basque, record, parameter, region, called) -> None:
    row = target("scm_basque", parameter)
    record.against(
        SECTION,
        f"Basque Country, weight of {called}",
        basque[region],
        float(row["published"]),
        tolerance=tolerance(row),
        source="pysyncon example, which reproduces the paper",
        form=".4f",
    )


def test_county_employment_by_groups(raw_folder, record) -> None:
    """Callaway and Sant'Anna's simple ATT is a mean of differences-in-differences, each ours."""
    table = pd.read_csv(raw_folder / "did_mpdta.csv")
    wide = table.pivot(index="countyreal", columns="year", values="lemp")
    group = table.groupby("countyreal")["first.treat"].first().reindex(wide.index)
    never = wide[group == 0].to_numpy()
    columns = {year: k for k, year in enumerate(wide.columns)}
    total, weight = 0.0, 0
    for first in sorted(set(group) - {0}):
        own = wide[group == first].to_numpy()
        values = np.vstack([own.mean(axis=0), never])
        for year in (y for y in wide.columns if y >= first):
            pre, post = np.array([columns[first - 1]]), np.array([columns[year]])
            found = fit(values, pre, post, estimator="did", ridges=RIDGES, placebos=False)
            total += len(own) * float(found.effect[0])
            weight += len(own)
    row = target("did_mpdta_cs", "ATT")
    record.against(
        SECTION,
        "County employment, simple ATT",
        total / weight,
        float(row["reproduced"]),
        tolerance=tolerance(row),
        form=".7f",
        source="diff-diff, csdid and differences, which agree (published: -0.04)",
    )


@pytest.mark.parametrize("flow", ["exports", "imports"])
def test_sdid_by_another_package(study, record, flow) -> None:
    """diff-diff on the same panel of logs, the same donors and years."""
    from diff_diff import SyntheticDiD

    effects = study.counterfactual()
    main = effects.main[flow]
    logs = np.log(main.pool.values)
    long = logs.reset_index(names="year").melt("year", var_name="unit", value_name="y")
    keep = [*main.spec.pre_years, *main.spec.post_years]
    long = long[long["year"].isin(keep)].assign(treated=lambda t: (t["unit"] == main.pool.treated).astype(int))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = SyntheticDiD(variance_method="jackknife").fit(
            long, "y", "treated", "unit", "year", post_periods=main.spec.post_years
        )
    values = logs[[main.pool.treated, *main.pool.donors]].loc[keep].to_numpy().T
    pre, post = np.arange(len(main.spec.pre_years)), np.arange(len(main.spec.pre_years), len(keep))
    ours = fit(values, pre, post, estimator="sdid", ridges=RIDGES, placebos=False)
    # diff-diff stops its steps at 1e-5 of the noise level, as R does.
    record.against(
        SECTION,
        f"KORUS {flow}, SDID, log points",
        float(ours.effect[0]),
        float(theirs.att),
        tolerance=2e-3,
        source="diff-diff",
    )


@pytest.mark.parametrize("flow", ["exports", "imports"])
def test_quarterly_sdid_by_another_package(study, record, flow) -> None:
    """diff-diff on quarters of the raw months, each less the unit's mean of that quarter before, in plain pandas."""
    from diff_diff import SyntheticDiD

    main = study.counterfactual().methods[flow, "sdid-quarterly"]
    trade = study.load("goods_trade_monthly")
    units = [main.pool.treated, *main.pool.donors]
    rows = trade[(trade["flow"] == flow) & trade["partner"].isin(units)]
    quarter = pd.PeriodIndex(rows["month"], freq="M").asfreq("Q").rename("quarter")
    logs = np.log(rows.groupby([quarter, "partner"])["value_usd_mn"].sum().unstack())
    before = logs.loc[str(main.spec.pre[0]) : str(main.spec.pre[1])]
    after = logs.loc[str(main.spec.post[0]) : str(main.spec.post[1])]
    seasons = before.groupby(before.index.quarter).mean()
    moved = pd.concat([before, after])
    moved = moved - seasons.loc[moved.index.quarter].to_numpy()
    moved.index = pd.RangeIndex(len(moved), name="quarter")
    long = moved.reset_index().melt("quarter", var_name="unit", value_name="y")
    long = long.assign(treated=(long["unit"] == main.pool.treated).astype(int))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = SyntheticDiD(variance_method="jackknife").fit(
            long, "y", "treated", "unit", "quarter", post_periods=list(range(len(before), len(moved)))
        )
    record.against(
        SECTION,
        f"KORUS {flow}, SDID by quarter, log points",
        main.effect_log,
        float(theirs.att),
        tolerance=2e-3,  # diff-diff stops its steps at 1e-5 of the noise level, as R does
        source="diff-diff",
    )


@pytest.mark.parametrize("flow", ["exports", "imports"])
def test_synthetic_control_by_a_general_solver(study, record, flow) -> None:
    """The same quadratic programme given to Clarabel, a conic solver."""
    main = study.counterfactual().main[flow]
    logs = np.log(main.pool.values.loc[main.spec.pre_years]).to_numpy().T
    centred = logs - logs.mean(axis=1, keepdims=True)
    ridge = RIDGES.sc * (centred**2).sum() / len(centred)
    donors = centred[1:]
    n = len(donors)
    quadratic = donors @ donors.T + ridge * np.eye(n)
    options = clarabel.DefaultSettings()
    options.verbose = False
    options.tol_gap_abs = options.tol_gap_rel = options.tol_feas = 1e-13
    A = sparse.csc_matrix(np.vstack([np.ones(n), -np.eye(n)]))
    cones = [clarabel.ZeroConeT(1), clarabel.NonnegativeConeT(n)]
    solver = clarabel.DefaultSolver(
        sparse.triu(sparse.csc_matrix(quadratic), format="csc"), -donors @ centred[0], A,
        np.concatenate([[1.0], np.zeros(n)]), cones, options,
    )  # fmt: skip
    theirs = np.array(solver.solve().x)
    difference = float(np.abs(main.fits.weights[0, 1:] - theirs).max())
    record.measured(
        SECTION,
        f"KORUS {flow}, SC, largest difference of a weight",
        f"{difference:.1e}",
        bound="at most 1e-4",
        source="Clarabel",
        holds=difference <= 1e-4,
    )
    record.measured(
        SECTION,
        f"KORUS {flow}, SC, KKT residual of all fits",
        f"{main.kkt:.1e}",
        bound="at most 1e-6",
        source="optimality conditions",
        holds=main.kkt <= 1e-6,
    )
