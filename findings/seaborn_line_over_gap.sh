#!/usr/bin/env bash
# seaborn 0.13.2 with matplotlib 3.11.2 (pandas 2.3.3, Python 3.11), seen 2026-11-29.
# Guess: a series with missing years is drawn with a gap, as matplotlib and pandas draw it, at least when no estimator is asked
# for and nothing is to be averaged.
# Behaviour: lineplot and objects.Line leave the missing points out and draw a straight line over the gap, with
# estimator=None and in wide form too, so that years nobody measured look measured (seaborn issue 1552, open since 2018).
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check seaborn==0.13.2 matplotlib==3.11.2 pandas==2.3.3
cat >"$room/gap.py" <<'PY'
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
import seaborn.objects as so

table = pd.DataFrame({"year": range(2010, 2018), "value": [1, 2, 3, np.nan, np.nan, 6, 7, 8]})


def drawn(draw):
    axes = plt.figure().subplots()
    draw(axes)
    return axes.lines[0].get_xydata()


lines = {
    "pandas": drawn(lambda axes: table.plot(x="year", y="value", ax=axes)),
    "seaborn": drawn(lambda axes: sns.lineplot(table, x="year", y="value", errorbar=None, ax=axes)),
    "seaborn, estimator=None": drawn(lambda axes: sns.lineplot(table, x="year", y="value", estimator=None, ax=axes)),
    "seaborn, wide form": drawn(lambda axes: sns.lineplot(table.set_index("year"), ax=axes)),
    "seaborn.objects": drawn(lambda axes: so.Plot(table, x="year", y="value").add(so.Line()).on(axes).plot()),
}
for name, points in lines.items():
    print(f"{name:24} {len(points)} points, gap kept: {bool(np.isnan(points).any())}")
gaps = [bool(np.isnan(points).any()) for points in lines.values()]
raise SystemExit(0 if gaps == [True, False, False, False, False] and all(len(line) == 6 for line in list(lines.values())[1:]) else 1)
PY
"$room/venv/bin/python" "$room/gap.py" || { echo "the behaviour has changed"; exit 1; }
