#!/usr/bin/env bash
# statsmodels 0.15.0, linearmodels 7.1, pyfixest 0.60.0 (pandas 2.3.3, Python 3.11), seen 2026-11-29.
# Guess: the same regression with errors clustered by the same eight groups has the same standard error and p-value in all
# three, up to rounding.
# Behaviour: statsmodels and pyfixest agree on the standard error, but statsmodels takes the p-value from the normal
# distribution as soon as errors are robust, pyfixest (like R's fixest and Stata) from Student's t with seven degrees of
# freedom. linearmodels leaves the factor G/(G-1) out of the variance unless group_debias is set, and takes t with N-k degrees.
# With few clusters a result can be significant in one package and not in another. Each choice is documented on its own
# (use_t, group_debias, ssc); that the defaults differ is not.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check statsmodels==0.15.0 linearmodels==7.1 pyfixest==0.60.0 pandas==2.3.3
cat >"$room/clusters.py" <<'PY'
import warnings

import numpy as np
import pandas as pd
import pyfixest
import statsmodels.formula.api as smf
from linearmodels import PooledOLS
from scipy import stats

warnings.filterwarnings("ignore")
draw = np.random.default_rng(4)
groups, years = 8, 10
group = np.repeat(np.arange(groups), years)
x = draw.normal(size=groups * years) + draw.normal(size=groups)[group]
y = 0.5 * x + draw.normal(size=groups * years) + draw.normal(size=groups)[group]
table = pd.DataFrame({"y": y, "x": x, "one": 1.0, "group": group, "year": np.tile(np.arange(years), groups)})

a = smf.ols("y ~ x", table).fit(cov_type="cluster", cov_kwds={"groups": table["group"]})
b = pyfixest.feols("y ~ x", table, vcov={"CRV1": "group"})
c = PooledOLS(table.set_index(["group", "year"])["y"], table.set_index(["group", "year"])[["one", "x"]]).fit(
    cov_type="clustered", cluster_entity=True
)
found = {
    "statsmodels": (float(a.bse["x"]), float(a.pvalues["x"])),
    "pyfixest": (float(b.se()["x"]), float(b.pvalue()["x"])),
    "linearmodels": (float(c.std_errors["x"]), float(c.pvalues["x"])),
}
for name, (error, p) in found.items():
    print(f"{name:13} standard error {error:.4f}, p-value {p:.4f}")
ratio = float(a.params["x"] / a.bse["x"])
normal, student = 2 * stats.norm.sf(abs(ratio)), 2 * stats.t.sf(abs(ratio), groups - 1)
n, k = len(table), 2
factor = np.sqrt(groups / (groups - 1) * (n - 1) / n)
print(f"normal {normal:.4f}, t with {groups - 1} degrees {student:.4f}; errors of pyfixest over linearmodels {factor:.4f}")
seen = (
    np.isclose(found["statsmodels"][0], found["pyfixest"][0])
    and np.isclose(found["statsmodels"][1], normal)
    and np.isclose(found["pyfixest"][1], student)
    and np.isclose(found["pyfixest"][0] / found["linearmodels"][0], factor)
)
raise SystemExit(0 if seen else 1)
PY
"$room/venv/bin/python" "$room/clusters.py" || { echo "the behaviour has changed"; exit 1; }
