#!/usr/bin/env bash
# nbconvert 7.17.2 (nbformat 5.11.1), seen 2026-11-29.
# Guess: an output that holds a widget and a picture of it as HTML shows the picture where the widget can't be shown.
# Behaviour: once the notebook has the widgets' state, as every notebook has that nbclient or papermill executed, the page holds the
# widget alone: the HTML beside it is not in the page, and the scripts that draw the widget are loaded from other hosts
# when the page is read. Offline nothing is seen. Without the state the HTML is there.
# For whoever gives a widget a static picture for readers without a kernel.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check nbconvert==7.17.2 nbformat==5.11.1
cd "$room"
cat >look.py <<'PY'
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook, new_output

VIEW, STATE = (f"application/vnd.jupyter.widget-{kind}+json" for kind in ("view", "state"))
shown = {VIEW: {"model_id": "abc", "version_major": 2, "version_minor": 0}, "text/html": "<p>the picture</p>"}
cell = new_code_cell("widget", outputs=[new_output("display_data", shown)])
model = {"model_name": "LayoutModel", "model_module": "@jupyter-widgets/base", "model_module_version": "2.0.0", "state": {}}
state = {"version_major": 2, "version_minor": 0, "state": {"abc": model}}


def page(**metadata):
    return HTMLExporter().from_notebook_node(new_notebook(cells=[cell], metadata=metadata))[0]


seen = []
for what, made in (("without state", page()), ("with state", page(widgets={STATE: state}))):
    seen.append(("the picture" in made, "https://unpkg.com" in made))
    print(f"{what}: the HTML is {'there' if seen[-1][0] else 'not there'}")
    print(f"    scripts of widgets from another host: {'yes' if seen[-1][1] else 'no'}")
raise SystemExit("the behaviour has changed" if [there for there, _ in seen] != [True, False] else 0)
PY
"$room/venv/bin/python" look.py
