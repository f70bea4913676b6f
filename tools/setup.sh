#!/usr/bin/env bash
# Makes the environment: a venv, the locked packages (hashes checked), this project.
#   tools/setup.sh [PYTHON [VENV [KIND]]]
# PYTHON: default the first of python3, python3.13, python3.12, python3.11 that will do; VENV: default .venv.
# What each lock is for: decision 125.
# KIND: "run" (default) for what a report and JupyterLab need, "dev" for what tests and checks need too.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
asked=${1:-}
venv=${2:-.venv}
kind=${3:-run}
log=$(mktemp)
uv_pin=$(mktemp)
trap 'rm -f "$log" "$uv_pin"' EXIT

fail() { # fail FOUND DO: one line each
  [ ! -s "$log" ] || grep -v '^[[:space:]]*$' "$log" | tail -n 2 | sed 's/^/       /' >&2
  printf 'setup: %s\n       %s\n' "$1" "$2" >&2
  exit 1
}
fits() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; }
first_that_fits() {
  local name
  for name in python3 python3.13 python3.12 python3.11; do
    if fits "$name"; then echo "$name"; return; fi
  done
}

# An environment that is there has its Python; another one is made only in a new place.
python=$asked
if [ -z "$python" ] && [ -x "$venv/bin/python" ]; then python=$venv/bin/python; fi
[ -n "$python" ] || python=$(first_that_fits)
if [ -z "$python" ] || ! fits "$python"; then
  other=$(first_that_fits)
  found=$("${python:-python3}" --version 2>/dev/null || echo "no ${python:-Python}")
  if [ -n "$other" ]; then
    fail "found $found; expected Python 3.11, 3.12 or 3.13." "$("$other" --version) is here: add PYTHON=$other."
  fi
  fail "found $found; expected Python 3.11, 3.12 or 3.13." \
    "Install one (Debian, Ubuntu: apt-get install python3 python3-venv), or name its path: PYTHON=/path/to/python3.12."
fi

minor() { "$1" -c 'import sys; print("Python %d.%d" % sys.version_info[:2])'; }
if [ -x "$venv/bin/python" ] && [ "$(minor "$venv/bin/python")" != "$(minor "$python")" ]; then
  fail "$venv is made with $(minor "$venv/bin/python"), not with $(minor "$python")." "Remove it first: make clean."
fi

case $kind in
  run) lock=requirements.lock ;;
  dev) lock=requirements-dev.lock ;;
  *) fail "found the kind '$kind'; expected run or dev." "See the head of tools/setup.sh." ;;
esac

echo "setup: $("$python" --version) -> $venv (for $kind; needs the package index, once)"
if ! { [ -x "$venv/bin/python" ] && "$venv/bin/python" -m pip --version >/dev/null 2>&1; }; then
  new=1
  [ ! -d "$venv" ] || rm -rf "$venv" # half made: by a Python without ensurepip, or one that is gone
  "$python" -m venv "$venv" >"$log" 2>&1 || {
    rm -rf "$venv"
    fail "$("$python" --version) can't make a virtual environment." "On Debian and Ubuntu: apt-get install python3-venv."
  }
fi
venv=$(cd "$venv" && pwd) # VENV may be named from here or from the root
export VIRTUAL_ENV=$venv
offline="Is there a network, and a proxy or index that pip knows? What is installed already stays; run it again."

# uv itself by the lock's hashes; nothing is built from source, so that no unlocked build requirement ever runs
sed -n '/^uv==/,/[^\\]$/p' requirements-dev.lock >"$uv_pin"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --retries 2 --require-hashes --no-deps --only-binary :all: \
  -r "$uv_pin" >"$log" 2>&1 || fail "the installer (uv) can't be had from the package index." "$offline"
echo "setup: installing $(grep -cE '^[a-z0-9]' "$lock") locked packages"
if [ "$kind" = dev ]; then
  how=(sync --compile-bytecode) # tests start hundreds of processes
elif [ -n "${new:-}" ] || [ ! -e "$venv/installed-dev" ]; then
  how=(sync)
else
  how=(install --no-deps -r) # what the tests need stays
fi
"$venv/bin/uv" pip "${how[@]}" "$lock" --quiet --require-hashes --no-build >"$log" 2>&1 ||
  fail "the packages of $lock can't be installed." "$offline"
"$venv/bin/uv" pip install --quiet --no-deps --no-build-isolation --editable . >"$log" 2>&1 ||
  fail "this project can't be installed." "What the installer said stands above."
if [ "$kind" = run ]; then
  if [ ! -e "$venv/installed-dev" ]; then # 70 MB that a report has no use for; Python 3.11 alone brings setuptools
    "$venv/bin/python" -m pip uninstall -qq --yes --disable-pip-version-check uv setuptools
  fi
  # Compiles what a report imports, a quarter of what there is.
  env -u PYTHONDONTWRITEBYTECODE "$venv/bin/python" -W ignore -c "import korus_research.run.preload, jupyterlab.labapp, nbconvert.exporters, papermill, pikepdf, typst"
fi
echo "setup: done"
