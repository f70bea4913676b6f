"""How long gravity takes: the randomisation, one general equilibrium beside gegravity's, a PPML on a million rows.

    OMP_NUM_THREADS=1 python -m benchmarks.gravity [--rows 1000000] [--skip-million] [--skip-gegravity]

Each engine fits the million rows in a process of its own, so that the peak memory is its own (simulating and keying
the rows included, which is the same for both). The
randomisation runs on the embedded panel, and pyfixest refits some of the same models beside it in the same run. The
equilibrium is that of `benchmarks/equilibrium.py`.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time

import numpy as np
import pandas as pd

from benchmarks.equilibrium import measure as measure_equilibrium
from korus_research.chapters.gravity.choices import GravitySpec
from korus_research.data import open_catalog
from korus_research.methods.poisson.cube import Cube, agreements_of, cube_of
from korus_research.methods.poisson.placebo import comparable_pairs
from korus_research.methods.poisson.ppml import Model
from tests.support.by_pyfixest import fit_pyfixest

YEARS = 8
REFITS = 5
ENGINES = ("pyfixest", "ours")


def simulated(rows: int) -> pd.DataFrame:
    """Return a panel of about `rows` rows: countries x countries x 8 years, a tenth of the flows zero, rta 0.3."""
    rng = np.random.default_rng(1)
    n = 1 + round((rows / YEARS) ** 0.5)
    size = rng.normal(0, 1, (2, YEARS, n)).cumsum(1) * 0.3
    start = rng.integers(1, 2 * YEARS, (n, n))
    rta = np.arange(YEARS)[:, None, None] >= np.maximum(start, start.T)
    logs = size[0][:, :, None] + size[1][:, None, :] + rng.normal(0, 1.5, (n, n)) + 0.3 * rta
    flows = np.exp(logs + rng.normal(0, 0.5, logs.shape)) * (rng.random(logs.shape) > 0.1)
    year, exporter, importer = np.nonzero(np.broadcast_to(~np.eye(n, dtype=bool), logs.shape))
    names = np.array([f"{k:03d}" for k in range(n)])
    return pd.DataFrame(
        {
            "year": year,
            "exporter": names[exporter],
            "importer": names[importer],
            "trade_usd_mn": flows[year, exporter, importer],
            "rta": rta[year, exporter, importer].astype(float),
        }
    )


def keyed(panel: pd.DataFrame) -> pd.DataFrame:
    """Return the panel with its effects and clusters as columns of whole numbers."""
    cells = {"ey": ["exporter", "year"], "iy": ["importer", "year"], "p": ["exporter", "importer"]}
    codes = {name: panel.groupby(columns).ngroup() for name, columns in cells.items()}
    low, high = np.minimum(panel["exporter"], panel["importer"]), np.maximum(panel["exporter"], panel["importer"])
    return panel.assign(**codes, pair=pd.factorize(low + high)[0])


def one_fit(engine: str, rows: int) -> None:
    """Fit the simulated panel by one engine in this process and print what it took."""
    panel = simulated(rows)
    if engine == "pyfixest":
        small = keyed(simulated(2_000))
        options = {"outcome": "trade_usd_mn", "regressors": ("rta",), "effects": ("ey", "iy", "p"), "cluster": "pair"}
        fit_pyfixest(small, **options)  # type: ignore[arg-type]  # its imports are no part of the fit
        data = keyed(panel)
        start = time.perf_counter()
        fit = fit_pyfixest(data, **options)  # type: ignore[arg-type]
        seconds, b = time.perf_counter() - start, float(fit.coefficients["rta"])
        error, used = fit.error("rta"), fit.observations
    else:
        start = time.perf_counter()
        cube = Cube.from_frame(panel)
        model = Model(cube, cube_of(panel, "rta", cube.countries, cube.years)[None])
        found = model.fit()
        covariance = model.covariance(found, np.zeros((0, *cube.flows.shape)))
        seconds, b = time.perf_counter() - start, float(found.coefficients[0])
        error, used = float(np.sqrt(covariance[0, 0])), cube.observations
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    print(json.dumps({"seconds": seconds, "peak_mib": peak, "rows": len(panel), "used": used, "b": b, "error": error}))


def million(rows: int) -> None:
    """Fit the simulated panel by both engines, each in its own process, and print how they compare."""
    print(f"three-way PPML with clustered errors, {rows:,} rows, one thread")
    found = {}
    for engine in ENGINES:
        command = [sys.executable, "-m", "benchmarks.gravity", "--engine", engine, "--rows", str(rows)]
        one = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
        found[engine] = one
        print(f"  {engine:9} {one['rows']:9,} rows ({one['used']:,} used): {one['seconds']:6.1f} s, "
              f"peak {one['peak_mib']:6,.0f} MiB; rta {one['b']:.6f} ({one['error']:.6f})")  # fmt: skip
    theirs, ours = (found[engine] for engine in ENGINES)
    print(f"  ours / pyfixest: {ours['seconds'] / theirs['seconds']:.3f} of the time, "
          f"{ours['peak_mib'] / theirs['peak_mib']:.2f} of the memory; difference of the coefficient "
          f"{abs(ours['b'] - theirs['b']):.1e}, of its error {abs(ours['error'] - theirs['error']):.1e}")  # fmt: skip


def randomisation() -> None:
    """Re-estimate the embedded panel's model for every comparable pair, and some of them with pyfixest."""
    panel = open_catalog().load("gravity_panel").assign(rta=lambda p: p["in_force"].astype(float))
    cube = Cube.from_frame(panel)
    spec = GravitySpec.declared("USA", "KOR", 2012, {})
    in_force = cube_of(panel, "rta", cube.countries, cube.years)
    out = cube.place("USA", "KOR")
    labels = (np.array(cube.years) >= 2012).astype(np.int64)
    regimes = {out: labels, out[::-1]: labels}
    pairs = comparable_pairs(cube, agreements_of(panel, cube, spec.renamed), out, share=spec.share, most=spec.most)
    others = in_force.copy()
    others[:, *out] = others[:, *out[::-1]] = 0
    model = Model(cube, others[None])
    start = time.perf_counter()
    main = model.fit(regimes)
    first = time.perf_counter() - start
    hessian = model.hessian(main, regimes)
    start = time.perf_counter()
    fits = [model.fit({**regimes, (i, j): labels, (j, i): labels}, near=main, hessian=hessian) for i, j in pairs]
    whole = time.perf_counter() - start
    each = whole / len(pairs)
    print(f"randomisation on the embedded panel, {cube.observations:,} observations, {len(pairs)} pairs, one thread")
    print(f"  ours      main fit {1e3 * first:6.0f} ms; a re-estimation {1e3 * each:6.1f} ms; "
          f"the run of {len(pairs)}: {whole:.2f} s, {2 * len(pairs)} placebo flows")  # fmt: skip

    data = keyed(panel)
    names = cube.countries

    def dummy(i: int, j: int) -> pd.Series:
        there = (data["exporter"] == names[i]) & (data["importer"] == names[j]) & (data["year"] >= 2012)
        return there.astype(float)

    own = {"x": dummy(*out), "m": dummy(*out[::-1])}
    data["rta"] = data["rta"].mask(data["pair"] == data.loc[own["x"] == 1, "pair"].iloc[0], 0.0)
    seconds, gap = [], 0.0
    for (i, j), fit in zip(pairs[: REFITS + 1], fits, strict=False):
        table = data.assign(**own, one=dummy(i, j), two=dummy(j, i))
        start = time.perf_counter()
        found = fit_pyfixest(
            table, outcome="trade_usd_mn", regressors=("rta", "x", "m", "one", "two"), effects=("ey", "iy", "p"),
            cluster="pair",
        )  # fmt: skip
        seconds.append(time.perf_counter() - start)
        gap = max(gap, *(abs(fit.effects[place][1] - found.coefficients[name]) for place, name in
                         (((i, j), "one"), ((j, i), "two"))))  # fmt: skip
    refit = float(np.median(seconds[1:]))  # the first also pays for its imports
    print(f"  pyfixest  a refit {1e3 * refit:6.0f} ms (median of {REFITS}): {refit / each:.0f} times as long; "
          f"largest difference of an effect {gap:.1e} in logs")  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--skip-million", action="store_true", help="not the million rows")
    parser.add_argument("--skip-gegravity", action="store_true", help="not gegravity, which takes a while")
    parser.add_argument("--engine", choices=ENGINES, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.engine:
        one_fit(chosen.engine, chosen.rows)
        return
    randomisation()
    print("general equilibrium, one thread")
    measure_equilibrium(skip_gegravity=chosen.skip_gegravity)
    if not chosen.skip_million:
        million(chosen.rows)


if __name__ == "__main__":
    main()
