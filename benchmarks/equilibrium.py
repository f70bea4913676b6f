"""How long the equilibrium takes: one solution beside gegravity's on the same baseline, and ten thousand draws.

    OMP_NUM_THREADS=1 python benchmarks/equilibrium.py [--skip-gegravity]

Both engines take 44 economies of 2014 and 0.1 logs off the flows between the United States and Korea. gegravity's time
is that of its baseline, experiment and simulation; it holds the shares of output and spending at the baseline's
(tests/validation/test_equilibrium_wiod.py shows how far that goes), ours is the full equilibrium.
"""

from __future__ import annotations

import argparse
import time
import warnings

import numpy as np
import pandas as pd

from korus_research.data import open_catalog
from korus_research.methods.equilibrium.baseline import Baseline
from korus_research.methods.equilibrium.solve import shocked, solve_equilibrium

EFFECT, THETA = -0.1, 4.0
PAIRS = (("USA", "KOR"), ("KOR", "USA"))
RUNS, DRAWS, CHUNK = 50, 10_000, 250


def ours(baseline: Baseline) -> tuple[float, float, float]:
    """Return the median seconds of one solution, its residual, and Korea's real GDP in percent."""
    factor = float(np.exp(EFFECT)) ** (-1 / THETA)
    costs = shocked(baseline, [(*pair, factor) for pair in PAIRS])
    spent = []
    for _ in range(RUNS):
        start = time.perf_counter()
        new = solve_equilibrium(baseline, costs=costs, elasticity=THETA, deficits="multiplicative")
        spent.append(time.perf_counter() - start)
    return float(np.median(spent)), new.residual, 100 * float(new.real_gdp[baseline.place("KOR")] - 1)


def draws(baseline: Baseline) -> tuple[float, float]:
    """Return the seconds of ten thousand draws of both flows' effects, with all results, and the worst residual."""
    normal = np.random.default_rng(0).normal(0.05, 0.1, (2, DRAWS))
    places = [(baseline.place(a), baseline.place(b)) for a, b in PAIRS]
    worst = 0.0
    start = time.perf_counter()
    for first in range(0, DRAWS, CHUNK):
        part = normal[:, first : first + CHUNK]
        costs = np.ones((part.shape[1], *baseline.flows.shape))
        for (i, j), effect in zip(places, part, strict=True):
            costs[:, i, j] = np.exp(effect) ** (1 / THETA)
        new = solve_equilibrium(baseline, costs=costs, elasticity=THETA)
        np.stack([new.real_income, new.real_gdp, new.exports, new.imports])
        worst = max(worst, new.residual)
    return time.perf_counter() - start, worst


def theirs(flows: pd.DataFrame) -> tuple[float, float]:
    """Return the seconds of gegravity, and Korea's real GDP in percent."""
    import gegravity

    data = flows.rename(columns={"value_usd_mn": "trade"})
    data["year"] = data["year"].astype(str)
    data["Y"] = data.groupby("exporter")["trade"].transform("sum")
    data["E"] = data.groupby("importer")["trade"].transform("sum")
    data["fitted"] = np.log(data["trade"] * data["trade"].sum() / (data["Y"] * data["E"]))
    data["shock"] = 0.0
    names = {"imp_var_name": "importer", "exp_var_name": "exporter", "year_var_name": "year", "trade_var_name": "trade"}
    values = pd.DataFrame({"var": ["fitted", "shock"], "coeff": [1.0, 1.0], "ste": [0.0, 0.0]})
    start = time.perf_counter()
    model = gegravity.OneSectorGE(
        gegravity.BaselineData(data, expend_var_name="E", output_var_name="Y", **names),
        year="2014",
        reference_importer="DEU",
        sigma=THETA + 1,
        cost_variables=["fitted", "shock"],
        cost_coeff_values=gegravity.CostCoeffs(values, identifier_col="var", coeff_col="coeff", stderr_col="ste"),
        quiet=True,
    )
    model.build_baseline()
    changed = model.baseline_data.copy()
    for exporter, importer in PAIRS:
        changed.loc[(changed["exporter"] == exporter) & (changed["importer"] == importer), "shock"] = EFFECT
    model.define_experiment(changed)
    model.simulate()
    return time.perf_counter() - start, float(model.country_results.loc["KOR", "GDP change (percent)"])


def measure(*, skip_gegravity: bool = False) -> None:
    """Measure and print."""
    flows = open_catalog().load("wiod_baseline_2014")
    baseline = Baseline.from_frame(flows)
    seconds, residual, gdp = ours(baseline)
    print(f"  one solution, 44 economies: {1000 * seconds:.2f} ms (residual {residual:.0e}; KOR real GDP {gdp:.5f} %)")
    seconds, residual = draws(baseline)
    print(f"  {DRAWS:,} draws: {seconds:.2f} s (worst residual {residual:.0e})")
    if not skip_gegravity:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            seconds, gdp = theirs(flows)
        print(f"  gegravity, same baseline: {seconds:.1f} s (KOR real GDP {gdp:.5f} %, shares held)")


def main() -> None:
    """Measure from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--skip-gegravity", action="store_true")
    measure(skip_gegravity=parser.parse_args().skip_gegravity)


if __name__ == "__main__":
    main()
