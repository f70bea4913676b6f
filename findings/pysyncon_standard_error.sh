#!/usr/bin/env bash
# pysyncon 1.7.0 (pandas 2.3.3, Python 3.11), seen 2026-11-29.
# Guess: the standard error that Synth.att() returns beside the effect says how uncertain the effect is, so that an effect of
# many standard errors is one.
# Behaviour: it is the spread of the yearly gaps after treatment, divided by the root of their number. It holds no error of the
# counterfactual: where nothing happened to any unit the effect is more than two standard errors from zero for most units, not
# for one in twenty. And an effect that grows from year to year has a larger one than an effect that doesn't.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check pysyncon==1.7.0 pandas==2.3.3
cat >"$room/error.py" <<'PY'
import warnings

import numpy as np
import pandas as pd
from pysyncon import Dataprep, Synth

warnings.filterwarnings("ignore")
draw = np.random.default_rng(0)
units, years, first = list("abcdefghijklmnop"), range(1990, 2020), 2010
common = draw.normal(size=(len(years), 2)).cumsum(axis=0)
paths = 5 + common @ draw.dirichlet([1, 1], size=len(units)).T + 0.1 * draw.normal(size=(len(years), len(units))).cumsum(axis=0)
wide = pd.DataFrame(paths, index=years, columns=units)


def effect(treated, added=0.0):
    changed = wide.copy()
    changed.loc[first:, treated] += added
    long = changed.rename_axis("year").reset_index().melt("year", var_name="unit", value_name="y")
    prepared = Dataprep(
        foo=long, predictors=["y"], predictors_op="mean", dependent="y", unit_variable="unit", time_variable="year",
        treatment_identifier=treated, controls_identifier=[unit for unit in units if unit != treated],
        time_predictors_prior=range(1990, first), time_optimize_ssr=range(1990, first),
        special_predictors=[("y", [year], "mean") for year in range(1990, first, 3)],
    )
    method = Synth()
    method.fit(prepared)
    answer = method.att(time_period=range(first, 2020))
    return answer["att"], answer["se"]


found = {unit: effect(unit) for unit in units}
ratios = {unit: att / se for unit, (att, se) in found.items()}
beyond = sum(abs(ratio) > 2 for ratio in ratios.values())
print(f"no unit was treated; effects more than two standard errors from zero: {beyond} of {len(units)}")
print("ratios:", *(f"{ratio:.1f}" for ratio in ratios.values()))
steady, growing = effect("a", 3.0), effect("a", np.linspace(0, 6, 10))
print(f"standard error of unit a: untreated {found['a'][1]:.4f}, treated by 3 a year {steady[1]:.4f}, by 0 to 6 {growing[1]:.4f}")
seen = beyond >= len(units) / 2 and np.isclose(steady[1], found["a"][1]) and growing[1] > 5 * steady[1]
raise SystemExit(0 if seen else 1)
PY
OPENBLAS_NUM_THREADS=1 "$room/venv/bin/python" "$room/error.py" || { echo "the behaviour has changed"; exit 1; }
