#!/usr/bin/env bash
# scpi_pkg 4.0.0 (pandas 2.2.3, numpy 2.4.6, Python 3.11), seen 2026-11-29.
# Guess: the bounds that scpi() returns by a method, less the errors of the weights, are what that method adds for later
# years: bounds["ls"] goes with CI_all_ls as bounds["subgaussian"] does with CI_all_gaussian.
# Behaviour: the upper end of bounds["ls"] has the lower bound of later years added to it (scpi.py line 1148 adds e_lb_ls
# to both ends), so that the whole location-scale bound is too low, on any input; the interval CI_all_ls is right, and so are
# the two other methods' bounds. scplotMulti draws its band for "ls" from these bounds.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check scpi_pkg==4.0.0 pandas==2.2.3 numpy==2.4.6 cvxpy==1.9.3 ecos==2.0.14 statsmodels==0.15.0
cat >"$room/bounds.py" <<'PY'
import warnings

import numpy as np
import pandas as pd
from scpi_pkg.scdata import scdata
from scpi_pkg.scpi import scpi

warnings.filterwarnings("ignore")
draw = np.random.default_rng(1)
units, years = ["t", *"abcdefgh"], range(1990, 2010)
paths = draw.normal(size=(len(years), len(units))).cumsum(axis=0) * 0.1 + 5
paths[:, 0] = 0.5 * paths[:, 1] + 0.5 * paths[:, 2] + 0.1 * draw.normal(size=len(years))
table = pd.DataFrame(paths, index=years, columns=units).rename_axis("year").reset_index().melt("year", var_name="unit", value_name="y")
data = scdata(
    df=table, id_var="unit", time_var="year", outcome_var="y", period_pre=np.arange(1990, 2005),
    period_post=np.arange(2005, 2010), unit_tr="t", unit_co=units[1:], constant=True, cointegrated_data=False,
)
np.random.seed(1)
found = scpi(data, sims=100, w_constr={"name": "simplex"}, u_order=0, u_lags=0, e_order=0, e_lags=0, e_method="all", verbose=False)
inner = np.asarray(found.bounds["insample"], dtype=float)
whole = {"subgaussian": found.CI_all_gaussian, "ls": found.CI_all_ls, "qreg": found.CI_all_qreg}
fitted = np.asarray(found.Y_post_fit, dtype=float).ravel()
wrong = {}
for name, interval in whole.items():
    told = np.asarray(found.bounds[name], dtype=float)
    meant = np.asarray(interval, dtype=float)[:, :2] - fitted[:, None]
    wrong[name] = float(np.abs(told - meant)[:, 1].max())
    print(f"{name:12} bounds {told[0].round(3)}, interval less the path {meant[0].round(3)}, upper ends apart by {wrong[name]:.3f}")
lower = np.asarray(found.bounds["ls"], dtype=float)[:, 0] - inner[:, 0]
same = np.allclose(np.asarray(found.bounds["ls"], dtype=float)[:, 1] - inner[:, 1], lower)
print("what 'ls' adds to the upper end is what it adds to the lower one:", same)
raise SystemExit(0 if same and wrong["ls"] > 0.01 and max(wrong["subgaussian"], wrong["qreg"]) < 1e-6 else 1)
PY
OPENBLAS_NUM_THREADS=1 "$room/venv/bin/python" "$room/bounds.py" || { echo "the behaviour has changed"; exit 1; }
