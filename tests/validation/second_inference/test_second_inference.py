"""Prediction intervals and the leave-two-out test: against the authors' own numbers, and in simulated panels."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from korus_research.chapters.study import open_study
from korus_research.methods.synthetic.estimators import Ridges, fit
from korus_research.methods.synthetic.leave_two_out import counted, leave_two_out
from korus_research.methods.synthetic.prediction import BOUNDS, Prediction, predict
from korus_research.methods.synthetic.simplex import LowRank, simplex_weights

SECTION = "Counterfactual: a second inference"
RIDGES = Ridges(sc=1e-4, time=1e-6)
PRE, POST, EFFECT, LEVEL = np.arange(11), np.arange(13, 20), 0.15, 0.9
HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def authors() -> pd.DataFrame:
    """What the authors' package gives, by seed and year (scpi_prop99.source.md)."""
    return pd.read_csv(HERE / "scpi_prop99.csv")


def california(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Packs a head, California first, and the columns before 1989."""
    wide = pd.read_csv(folder / "scm_prop99.csv").pivot(index="State", columns="Year", values="PacksPerCapita")
    order = ["California", *(state for state in wide.index if state != "California")]
    return wide.loc[order].to_numpy(), np.flatnonzero(wide.columns.to_numpy() < 1989)


@pytest.fixture(scope="module")
def ours(raw_folder, large) -> tuple[Prediction, np.ndarray, list[int], int]:
    """Our intervals of these years, the synthetic path, the years and the draws; small: three years."""
    values, pre = california(raw_folder)
    places = range(19, 31) if large else (19, 25, 30)
    weights = fit(values, pre, np.arange(19, 31), estimator="sc", ridges=Ridges(1e-9, 1e-6), placebos=False).weights
    draws = 5000 if large else 400
    posts = [np.array([place]) for place in places]
    found = predict(values, pre, posts, weights[0, 1:], level=LEVEL, draws=draws, seed=1)
    path = values[0, list(places)] - found.effect
    return found, path, [1970 + place for place in places], draws


def test_intervals_of_weights_are_the_authors(ours, authors, record) -> None:
    found, path, years, draws = ours
    by_year = authors.groupby("year")[["synthetic", "in_low", "in_high"]]
    theirs = by_year.mean().loc[years]
    record.against(
        SECTION,
        "Proposition 99, synthetic path with a constant, largest difference over years",
        float(np.abs(path - theirs["synthetic"]).max()),
        0.0,
        tolerance=1e-3,  # their solver stops at 1e-6 of the loss
        source="scpi_pkg 4.0.0, the authors' package",
    )
    # Both are quantiles of draws: their three runs of 2,000 say how far such a quantile scatters.
    scatter = float(np.sqrt((by_year.std()[["in_low", "in_high"]] ** 2).mean().mean()))
    apart = np.abs(found.fitted - theirs[["in_low", "in_high"]].to_numpy()).max()
    record.against(
        SECTION,
        "Proposition 99, interval of weights and level, largest difference over years and ends (packs)",
        float(apart),
        0.0,
        tolerance=round(4 * scatter * math.sqrt(2000 / draws + 1 / 3), 2),
        source="scpi_pkg 4.0.0, the authors' package; widths of 10 to 23 packs",
    )


@pytest.mark.parametrize("bound", BOUNDS)
def test_bounds_of_later_years_are_the_authors(ours, authors, record, bound) -> None:
    name = bound.replace("-", "_")
    theirs = authors[[f"{name}_low", f"{name}_high"]].mean().to_numpy()
    record.against(
        SECTION,
        f"Proposition 99, bound of later years, {bound}, larger difference of both ends (packs)",
        float(np.abs(np.array(ours[0].later[bound]) - theirs).max()),
        0.0,
        tolerance=1e-3,  # their quartiles come from an iterated quantile regression
        source="scpi_pkg 4.0.0, the authors' package",
    )


@pytest.mark.parametrize(
    ("case", "file", "keys", "unit", "before", "published"),
    [
        ("Proposition 99", "scm_prop99.csv", ("State", "Year", "PacksPerCapita"), "California", 1989, 73 / 703),
        (
            "Basque Country",
            "scm_basque.csv",
            ("regionname", "year", "gdpcap"),
            "Basque Country (Pais Vasco)",
            1971,
            83 / 120,
        ),
    ],
)
def test_leave_two_out_is_the_authors(raw_folder, record, case, file, keys, unit, before, published) -> None:
    """On levels, as theirs: three fits a pair by our solver, the ratio of squared gaps after over before."""
    table = pd.read_csv(raw_folder / file)
    wide = table.pivot(index=keys[0], columns=keys[1], values=keys[2]).drop(index="Spain (Espana)", errors="ignore")
    values = wide.loc[[unit, *(name for name in wide.index if name != unit)]].to_numpy()
    pre = np.flatnonzero(wide.columns < before)
    post = np.flatnonzero(wide.columns >= before)
    pairs = np.array(list(itertools.combinations(range(1, len(values)), 2)))
    rows = np.concatenate([np.zeros(len(pairs), int), pairs[:, 0], pairs[:, 1]])
    allowed = np.ones((len(rows), len(values)), bool)
    allowed[:, 0] = False
    for column in pairs.T:
        allowed[np.arange(len(rows)), np.tile(column, 3)] = False
    X = values[:, pre]
    ridge = np.full(len(rows), 1e-9 * float((X**2).mean()))
    weights, _ = simplex_weights(LowRank(X, ridge), (X @ X.T)[rows], allowed)
    gaps = (values[rows] - weights @ values) ** 2
    ratios = (gaps[:, post].mean(axis=1) / gaps[:, pre].mean(axis=1)).reshape(3, -1)
    found = counted(ratios, np.ones(len(pairs), bool), units=len(values))
    record.against(
        SECTION,
        f"{case}, leave-two-out p-value",
        found.p_value,
        published,
        tolerance=0.5 / len(pairs),  # a count of pairs: not one may differ
        source="mlsynth, reference run of the authors' pair loop with LowRankQP",
    )


def panels(kind: str, rng: np.random.Generator, units: int = 28) -> np.ndarray:
    """Logarithms of a panel without any effect, the treated unit first; what `kind` says of it.

    "alike": the treated unit is a mean of donors plus noise that is alike in all years. "trade": as in the simulations
    of the placebo test, with factors of unequal loadings and shocks that last. "volatile": "trade", the treated unit
    with shocks twice the usual size.
    """
    years = 20
    factors = rng.normal(size=(2, years)).cumsum(axis=1) * 0.05
    values = rng.normal(1.0, 0.5, size=(units, 2)) @ factors
    spread = np.exp(rng.normal(math.log(0.05), 0.6, size=(units, 1)))
    if kind == "alike":
        values += 0.05 * rng.normal(size=values.shape)
        values[0] = rng.dirichlet(np.full(5, 2.0)) @ values[1:6] + 0.05 * rng.normal(size=years)
        return values
    if kind == "volatile":
        spread[0] = 0.1
    shocks = rng.normal(size=(units, years)) * spread
    for t in range(1, years):
        shocks[:, t] += 0.5 * shocks[:, t - 1]
    return values + shocks


@pytest.mark.parametrize(
    ("kind", "least"),
    [
        pytest.param("alike", 0.9, id="alike"),
        # Shocks that last break the assumption that years are alike: the interval promises nothing, and holds nearly.
        pytest.param("trade", 0.85, id="trade"),
        pytest.param("volatile", 0.85, id="volatile"),
    ],
)
def test_coverage_of_prediction_intervals(record, large, kind, least) -> None:
    replications = 1000 if large else 30
    rng = np.random.default_rng(20120315)
    covered = []
    for _ in range(replications):
        values = panels(kind, rng)
        values[0, 11:] += EFFECT
        weights = fit(values, PRE, POST, estimator="sc", ridges=RIDGES, placebos=False).weights[0, 1:]
        found = predict(values, PRE, [POST], weights, level=LEVEL, draws=100, seed=1)
        low, high = found.interval("sub-gaussian")[0]
        covered.append(low <= EFFECT <= high)
    share = float(np.mean(covered))
    slack = 3 * math.sqrt(least * (1 - least) / replications)
    record.measured(
        SECTION,
        f"{kind}: coverage of the 90 percent prediction interval of a mean over seven years",
        f"{share:.3f} ({replications} panels)" if large else f"{share:.3f}",
        bound=f"at least {least:.2f} less simulation error",
        source="planted",
        holds=share >= least - slack,
    )


@pytest.mark.parametrize("kind", ["trade", "volatile"])
def test_size_of_the_leave_two_out_test(record, large, kind) -> None:
    """The bound is for a treated unit that might have been any; a volatile one is not, which standardising answers."""
    replications = 2000 if large else 80
    rng = np.random.default_rng(20120316)
    tests = [leave_two_out(panels(kind, rng), PRE, POST, estimator="sc", ridges=RIDGES) for _ in range(replications)]
    for level in (0.05, 0.10):
        share, promised = float(np.mean([test.p_value <= level for test in tests])), tests[0].size(level)
        slack = 3 * math.sqrt(promised * (1 - promised) / replications)
        record.measured(
            SECTION,
            f"{kind}: how often leave-two-out rejects at {level:.2f} without an effect",
            f"{share:.3f} ({replications} panels)" if large else f"{share:.3f}",
            bound=f"at most {promised:.3f} plus simulation error",
            source="planted; bound by counting trios",
            holds=share <= promised + slack,
        )


@pytest.mark.parametrize("flow", ["exports", "imports"])
def test_how_many_donors_have_a_range_that_holds_zero(record, large, flow) -> None:
    """On the report's own data: donors had no agreement, so that nine in ten of their ranges should hold zero."""
    found = open_study("korus").counterfactual().main[flow]
    pre, post = found.spec.places(found.spec.pre[0])
    held = []
    for unit in np.flatnonzero(found.kept)[1:]:
        order = [unit, *(other for other in range(len(found.outcome)) if other != unit)]
        weights = found.fits.weights[unit, order[1:]]
        draws = 400 if large else 60
        made = predict(found.outcome[order], pre, [post], weights, level=LEVEL, draws=draws, seed=1)
        low, high = made.interval("sub-gaussian")[0]
        held.append(low <= 0 <= high)
    record.measured(
        SECTION,
        f"{flow}: share of donors whose 90 percent prediction interval holds zero",
        f"{np.mean(held):.2f} ({sum(held)} of {len(held)})",
        bound="near 0.90; at least half",
        source="the report's data; donors had no agreement",
        holds=float(np.mean(held)) >= 0.5,
    )
