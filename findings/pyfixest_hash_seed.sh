#!/usr/bin/env bash
# pyfixest 0.60.0 (numpy 2.4.6, pandas 3.1.1, Python 3.11), seen 2026-11-29.
# Guess: one thread, fixed data and a fixed formula give the same digits in every process.
# Behaviour: the fixed effects of a formula pass through a Python set of strings, whose order follows the hash seed of the
# process. Three-way effects are absorbed in that order, so that a Poisson fit's standard error differs from about the
# ninth digit on between two runs of one script, unless PYTHONHASHSEED is set. Estimates differ in the last few digits.
# For whoever compares published digits, or remembers results by content, that is a difference without a change.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check pyfixest==0.60.0 numpy==2.4.6 pandas==3.1.1
cat >"$room/fit.py" <<'PY'
import warnings

import numpy as np
import pandas as pd
import pyfixest as pf

warnings.filterwarnings("ignore")
draw, n = np.random.default_rng(1), 12
rows = [(i, j, t) for i in range(n) for j in range(n) if i != j for t in range(6)]
flows = pd.DataFrame(rows, columns=["i", "j", "t"])
flows["agreement"] = ((flows.i + flows.j + flows.t) % 5 == 0).astype(float)
mean = np.exp(0.2 * flows.agreement + 0.1 * flows.i - 0.05 * flows.j + 0.3 * draw.normal(size=len(flows)))
flows["trade"] = draw.poisson(mean).astype(float)
for name, a, b in (("it", "i", "t"), ("jt", "j", "t"), ("ij", "i", "j")):
    flows[name] = flows[a].astype(str) + "_" + flows[b].astype(str)
fit = pf.fepois("trade ~ agreement | it + jt + ij", flows, vcov={"CRV1": "ij"})
print(repr(float(fit.coef().iloc[0])), repr(float(fit.se().iloc[0])))
PY
export RAYON_NUM_THREADS=1 OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 NUMBA_NUM_THREADS=1
for seed in 0 0 1 2 3; do
  echo "seed $seed: $(PYTHONHASHSEED=$seed "$room/venv/bin/python" "$room/fit.py")" | tee -a "$room/seen"
done
same=$(grep '^seed 0' "$room/seen" | sort -u | wc -l)
all=$(sed 's/^seed [0-9]: //' "$room/seen" | sort -u | wc -l)
near=$(sed 's/.* //' "$room/seen" | cut -c1-9 | sort -u | wc -l)
echo "one seed: $same result; four seeds: $all results, equal to seven digits: $([ "$near" = 1 ] && echo yes || echo no)"
[ "$same" = 1 ] && [ "$all" -gt 1 ] && [ "$near" = 1 ] || { echo "the behaviour has changed"; exit 1; }
