#!/usr/bin/env bash
# papermill 2.7.0 with ipykernel 7.1.0, seen 2026-11-29.
# Guess: a notebook that declares `hs_code = "0201"` (beef) or `hs_code = "85E0"` keeps a text when `-p hs_code ...` gives
# another: papermill reads the declared type, and `--help-notebook` prints it as `str`.
# Behaviour: the declared type is not used. A value of digits becomes a whole number, so that the chapter 02 of the
# Harmonized System arrives as 2 and heading 0207 as 207; a national code such as "84E1" becomes 840.0. No warning is
# given, and the injected cell is the only place where it shows. `-r` keeps the text.
# For whoever passes product, country or industry codes to a notebook: use `-r`, or refuse numbers in the notebook.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check papermill==2.7.0 ipykernel==7.1.0 nbformat==5.10.4
cd "$room"
"$room/venv/bin/python" - <<'PY'
import nbformat

cell = nbformat.v4.new_code_cell('hs_code: str = "0201"', id="parameters", metadata={"tags": ["parameters"]})
about = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata=about), "in.ipynb")
PY
export JUPYTER_PLATFORM_DIRS=1
papermill="$room/venv/bin/papermill"
declared=$("$papermill" in.ipynb --help-notebook 2>/dev/null | grep -o "hs_code: [a-z]*")
injected() {
  "$papermill" in.ipynb out.ipynb --prepare-only "$1" hs_code "$2" >/dev/null 2>&1
  "$room/venv/bin/python" - <<'PY'
import nbformat

cells = nbformat.read("out.ipynb", as_version=4).cells
print(next(c.source.splitlines()[-1] for c in cells if "injected-parameters" in c.metadata.get("tags", [])))
PY
}
echo "declared: $declared"
seen="$declared"
for given in "-p 0207" "-p 02" "-p 84E1" "-p 8703.10" "-r 0207"; do
  line=$(injected ${given% *} "${given#* }")
  echo "$given: $line"
  seen="$seen|$line"
done
expected='hs_code: str|hs_code = 207|hs_code = 2|hs_code = 840.0|hs_code = 8703.1|hs_code = "0207"'
[ "$seen" = "$expected" ] || { echo "the behaviour has changed"; exit 1; }
