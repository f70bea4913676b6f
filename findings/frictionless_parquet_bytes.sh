#!/usr/bin/env bash
# frictionless 5.21.0 with its parquet extra, seen 2026-11-29.
# Guess: a data package whose resources state the right size in `bytes`, as the standard has it, is valid whatever the
# format; and what `infer` writes about a file can be put into the descriptor.
# Behaviour: a Parquet resource is read past the counter. The right `bytes` makes the package invalid ("actual is None");
# without it the same file is valid. `infer(stats=True)` gives no `bytes`, and the text "sha256:None" as the hash. The
# same table as CSV is counted and hashed.
# For whoever deposits tables as Parquet in a data package: state sizes and hashes elsewhere, or check them yourself.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check "frictionless[parquet]==5.21.0" pandas==2.3.3 pyarrow==22.0.0
cd "$room"
cat >look.py <<'PY'
import json
from pathlib import Path

import pandas as pd
from frictionless import Resource, validate

table = pd.DataFrame({"year": [2011, 2016], "exports": [43.5, 42.3]})
table.to_csv("t.csv", index=False)
table.to_parquet("t.parquet")
FIELDS = [{"name": "year", "type": "integer"}, {"name": "exports", "type": "number"}]


def checked(name, **stated):
    resource = {"name": "t", "path": name, "schema": {"fields": FIELDS}, **stated}
    Path("datapackage.json").write_text(json.dumps({"name": "p", "resources": [resource]}))
    report = validate("datapackage.json")
    notes = [error.note for task in report.tasks for error in task.errors]
    return report.valid, notes


seen = {}
for name in ("t.csv", "t.parquet"):
    size = Path(name).stat().st_size
    inferred = Resource(path=name)
    inferred.infer(stats=True)
    with_size, notes = checked(name, bytes=size)
    without, _ = checked(name)
    print(f"{name}: {size} bytes; with `bytes` {with_size} {notes}; without {without};"
          f" inferred bytes {inferred.bytes}, hash {inferred.hash}")
    seen[name] = (with_size, without, inferred.bytes == size, inferred.hash == "sha256:None")
expected = {"t.csv": (True, True, True, False), "t.parquet": (False, True, False, True)}
raise SystemExit("the behaviour has changed" if seen != expected else 0)
PY
"$room/venv/bin/python" look.py
