#!/usr/bin/env bash
# Installs a wheel or sdist alone, as a user would: in an empty environment that holds what requirements.lock names, in a
# folder that has nothing to do with the project, with an empty home. Then makes a report, verifies the data, copies the
# chapters, executes one, and exports it.
#   tools/try_alone.sh WHEEL-OR-SDIST [PYTHON]
set -euo pipefail
artifact=$(realpath "$1")
python=${2:-python3}
root=$(realpath "$(dirname "${BASH_SOURCE[0]}")/..")
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
cd "$room"
mkdir home elsewhere

attempt() { # attempt STEP COMMAND...: what it prints is shown where it fails
  local step=$1 begin=$SECONDS
  shift
  "$@" >"$room/log" 2>&1 || { tail -n 60 "$room/log"; echo "FAILED: $step"; exit 1; }
  echo "$step: $((SECONDS - begin)) s"
}
"$python" --version
"$python" -m venv venv
# An sdist is built with the backend that the lock holds; nothing else is built.
pip=(venv/bin/python -m pip --disable-pip-version-check)
uv=$root/.venv/bin/uv # where it is there: pip takes minutes
if [ -x "$uv" ]; then
  attempt "requirements.lock" env VIRTUAL_ENV="$PWD/venv" "$uv" pip sync --require-hashes --no-build "$root/requirements.lock"
else
  attempt "requirements.lock" "${pip[@]}" install --require-hashes --no-deps --only-binary :all: -r "$root/requirements.lock"
fi
attempt "$(basename "$artifact")" "${pip[@]}" install --no-deps --no-build-isolation "$artifact"
attempt "pip check" "${pip[@]}" check
for tool in pytest hypothesis mypy distributed uv pyfixest scipy; do
  ! venv/bin/python -c "import $tool" 2>/dev/null || { echo "$tool is there, which no user has"; exit 1; }
done
du -sm venv | sed 's/\t.*/ MB installed/'

cd elsewhere
alone() {
  local step=$1
  shift
  attempt "$step" env -u VIRTUAL_ENV -u PYTHONPATH -u PYTHONHOME -u KORUS_CACHE \
    HOME="$room/home" XDG_CACHE_HOME="$room/home/.cache" "$@"
}
bin=../venv/bin
alone "korus data verify" $bin/korus data verify
alone "korus report" $bin/korus report --out made
alone "korus report, nothing changed" $bin/korus report --out made
alone "korus lab" $bin/korus lab chapters --no-start
alone "papermill" $bin/papermill chapters/01_flows.ipynb ran.ipynb -p as_of 2016-12
alone "nbconvert, a page" $bin/jupyter nbconvert --to korus-html ran.ipynb
alone "nbconvert, a PDF" $bin/jupyter nbconvert --to korus-pdf ran.ipynb
for name in made/korus/*/report.html made/korus/*/report.pdf made/korus/*/brief.pdf ran.html ran.pdf; do
  [ -s "$name" ] || { echo "FAILED: $name is not there"; exit 1; }
done
echo "all of it works"
