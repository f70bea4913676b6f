#!/usr/bin/env bash
# pyfixest 0.60.0 (pandas 2.3.3, Python 3.11), seen 2026-11-29.
# Guess: fepois(..., separation_check=["ir"]) looks for observations that a regressor separates (zeros which it predicts
# perfectly, so that no estimate exists), whatever the formula, or says that it can't.
# Behaviour: without fixed effects in the formula the argument is silently without effect: the fit "converges" to a
# coefficient near -18 with a standard error of several hundred, and all observations are counted. With fixed effects the same
# call drops them and says so. By default the regressors are not looked at in either case.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check pyfixest==0.60.0 pandas==2.3.3
cat >"$room/separation.py" <<'PY'
import warnings

import numpy as np
import pandas as pd
import pyfixest

draw = np.random.default_rng(1)
table = pd.DataFrame({"pair": np.repeat(range(20), 10), "x": draw.normal(size=200)})
table["never"] = (draw.uniform(size=200) < 0.06).astype(int)
table["trade"] = np.where(table["never"] == 1, 0, draw.poisson(np.exp(0.5 * table["x"] + 0.3)))
print("observations:", len(table), "of which never trade:", int(table["never"].sum()))


def fit(formula, **options):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        model = pyfixest.fepois(formula, table, **options)
    said = any("separation" in str(warning.message) for warning in told)
    coefficient = {str(name): round(float(value), 2) for name, value in model.coef().items()}
    print(f"{formula:22} {options}: {model._N} observations, {coefficient}, separation told: {said}")
    return model._N, coefficient.get("never"), said


plain = fit("trade ~ x + never", separation_check=["ir"])
paired = fit("trade ~ x + never | pair", separation_check=["ir"])
default = fit("trade ~ x + never | pair")
seen = (
    plain[0] == 200 and plain[1] < -15 and not plain[2]
    and paired[0] == 200 - int(table["never"].sum()) and paired[1] is None and paired[2]
    and default[0] == 200 and default[1] < -15
)
raise SystemExit(0 if seen else 1)
PY
"$room/venv/bin/python" "$room/separation.py" || { echo "the behaviour has changed"; exit 1; }
