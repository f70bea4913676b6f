#!/usr/bin/env bash
# pandas 3.1.1 (Python 3.11), seen 2026-11-29.
# Guess: a column of months as the statistical services write them, 201203 (UN Comtrade) or 2012-M03 (Eurostat, OECD), is
# either read as months by parse_dates and to_datetime or refused.
# Behaviour: 201203 is read as 20 December 2003, that is as day, month and year, and the next month falls a year later. A
# warning says that no format could be inferred, not that months were lost. 199512 is refused, so the fault appears only in
# files that begin in 2001 or later. 2012-M03 is read as three seconds after midnight on 1 January 2012, so that all months of
# a year fall on one day. Period(text, freq="M") reads the first kind right and the second kind as January. Right for both: an
# explicit format ("%Y%m", "%Y-M%m").
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check pandas==3.1.1
cat >"$room/months.py" <<'PY'
import io
import warnings

import pandas as pd

with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    comtrade = pd.read_csv(io.StringIO("period,value\n201203,1\n201204,2\n201205,3\n"), parse_dates=["period"])
warnings.filterwarnings("ignore")
print("parse_dates on 201203, 201204, 201205:", *comtrade["period"].dt.date)
dashed = pd.to_datetime(pd.Series(["2012-M03", "2012-M04"]))
print("to_datetime on 2012-M03, 2012-M04:    ", *dashed)
print("Period(freq='M') on 201203, 2012-M03: ", pd.Period("201203", freq="M"), pd.Period("2012-M03", freq="M"))
try:
    early = str(pd.to_datetime("199512").date())
except ValueError as error:
    early = f"refused ({error})"
print("to_datetime on 199512:                ", early)
print("told:                                 ", *(str(warning.message).split(",")[0] for warning in told))
right = pd.to_datetime("201203", format="%Y%m"), pd.to_datetime("2012-M03", format="%Y-M%m")
print("with an explicit format:              ", *(month.date() for month in right))
march = pd.Timestamp("2012-03-01")
seen = (
    [str(day) for day in comtrade["period"].dt.date] == ["2003-12-20", "2004-12-20", "2005-12-20"]
    and str(dashed[0]) == "2012-01-01 00:00:03"
    and str(pd.Period("201203", freq="M")) == "2012-03"
    and str(pd.Period("2012-M03", freq="M")) == "2012-01"
    and early.startswith("refused")
    and right == (march, march)
)
raise SystemExit(0 if seen else 1)
PY
"$room/venv/bin/python" "$room/months.py" || { echo "the behaviour has changed"; exit 1; }
