#!/usr/bin/env bash
# pandas 3.0.0 and 3.1.1 with country_converter 1.3.2 (Python 3.11), seen 2026-11-29.
# Guess: read_csv(..., converters={"code": str}) keeps a country code as it is written, as it always did; a minor release of
# pandas doesn't change that, and a package that asks for pandas>=1.0 works with it.
# Behaviour: since 3.1 what a converter returns is searched for missing values, so Namibia's code NA becomes NaN (the Python
# engine did so before; in the release notes, pandas issue 13302). country_converter reads its own list that way and
# can't convert any country with pandas 3.1: its first call is a TypeError. keep_default_na=False brings the code back.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
cat >"$room/codes.py" <<'PY'
import io
import sys

import pandas as pd

text = "code,name\nNA,Namibia\nKR,Korea\n"
kept = pd.read_csv(io.StringIO(text), converters={"code": str})["code"].tolist()
asked = pd.read_csv(io.StringIO(text), converters={"code": str}, keep_default_na=False)["code"].tolist()
try:
    import country_converter

    found = country_converter.convert(["Korea, South", "Namibia"], to="ISO2")
except TypeError as error:
    found = f"TypeError: {error}"
print(f"pandas {pd.__version__}: converter {kept}, with keep_default_na=False {asked}, country_converter {found}")
if sys.argv[1] == "before":
    seen = kept == ["NA", "KR"] and found == ["KR", "NA"]
else:
    seen = pd.isna(kept[0]) and asked == ["NA", "KR"] and str(found).startswith("TypeError")
raise SystemExit(0 if seen else 1)
PY
for pair in before=3.0.0 since=3.1.1; do
  python3 -m venv "$room/${pair%=*}"
  "$room/${pair%=*}/bin/pip" install --quiet --disable-pip-version-check "pandas==${pair#*=}" country_converter==1.3.2
  "$room/${pair%=*}/bin/python" "$room/codes.py" "${pair%=*}" || { echo "the behaviour has changed"; exit 1; }
done
