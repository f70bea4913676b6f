#!/usr/bin/env bash
# Makes the environment: a venv, uv at the version of the lock, the locked packages (hashes checked), this project.
#   tools/setup.sh PYTHON VENV
set -euo pipefail
python=$1
venv=$2

if ! "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; then
  found=$("$python" --version 2>&1 || true)
  echo "setup: found ${found:-no '$python'}; expected Python 3.11, 3.12 or 3.13." >&2
  echo "       Name another one, for example: make report PYTHON=python3.12" >&2
  exit 1
fi

echo "setup: $("$python" --version) -> $venv (once; needs the package index)"
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv" || {
  echo "setup: could not make a virtual environment; on Debian and Ubuntu install python3-venv." >&2
  exit 1
}
venv=$(cd "$venv" && pwd) # VENV may be named from here or from the root
# uv itself by the lock's hashes; nothing is built from source, so that no unlocked build requirement ever runs
uv_pin=$(mktemp)
trap 'rm -f "$uv_pin"' EXIT
sed -n '/^uv==/,/[^\\]$/p' requirements.lock >"$uv_pin"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary :all: -r "$uv_pin"
echo "setup: installing $(grep -cE '^[a-z0-9]' requirements.lock) locked packages"
VIRTUAL_ENV="$venv" "$venv/bin/uv" pip sync --require-hashes --no-build --compile-bytecode requirements.lock
VIRTUAL_ENV="$venv" "$venv/bin/uv" pip install --quiet --no-deps --no-build-isolation --editable .
echo "setup: done"
