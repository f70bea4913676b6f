"""What JupyterLab saves never breaks the checkout: opened, run, saved, then `git status`, a plan and a report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.browser

OPENED = """() => {
  const panel = window.jupyterapp && window.jupyterapp.shell.currentWidget;
  return Boolean(panel && panel.sessionContext && panel.sessionContext.isReady && panel.content?.model);
}"""
RUN_AND_SAVE = """async () => {
  const {commands, shell} = window.jupyterapp;
  await commands.execute('notebook:run-all-cells');
  await commands.execute('docmanager:save');
  const code = Array.from(shell.currentWidget.content.model.cells).filter(cell => cell.type === 'code');
  return {ran: code.every(cell => cell.executionCount),
          outputs: code.flatMap(cell => cell.outputs.toJSON()).map(one => one.output_type)};
}"""


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of what is committed."""
    folder = tmp_path_factory.mktemp("checkout") / "korus"
    made = subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=False)
    if made.returncode:
        pytest.skip("this is no git checkout")
    return folder


def of_clone(clone: Path) -> dict[str, str]:
    """The environment in which the clone's package is the one that is imported."""
    return {**os.environ, "PYTHONPATH": str(clone / "src")}


def korus(clone: Path, *words: str) -> str:
    """Return what the clone's command prints; it must succeed."""
    command = [sys.executable, "-m", "korus_research", *words]
    ran = subprocess.run(
        command, cwd=clone, env=of_clone(clone), capture_output=True, text=True, timeout=300, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def status(clone: Path) -> str:
    """What git finds changed or new."""
    return subprocess.run(
        ["git", "status", "--porcelain"], cwd=clone, capture_output=True, text=True, check=True
    ).stdout


@pytest.mark.parametrize(("words", "folder"), [([], "korus-chapters"), (["notebooks"], "notebooks")])
def test_what_is_saved_leaves_the_checkout_clean(
    words: list[str],
    folder: str,
    chromium: str,
    clone: Path,
    serve: Callable[..., AbstractContextManager[str]],
    browse: Callable[..., Any],
    tmp_path: Path,
) -> None:
    """Copies keep what their cells show; the chapters themselves are saved without it."""
    command = [sys.executable, "-m", "korus_research", "lab", *words, "--"]
    with serve(command, home=tmp_path, cwd=clone, env=of_clone(clone)) as address:
        page = browse(f"{address}/lab/tree/01_flows.ipynb?reset").page
        page.wait_for_function(OPENED, timeout=60_000)
        shown = page.evaluate(RUN_AND_SAVE)
        assert shown["ran"]
        assert shown["outputs"]
        assert "error" not in shown["outputs"]
    saved = json.loads((clone / folder / "01_flows.ipynb").read_text(encoding="utf-8"))
    outputs = [one for cell in saved["cells"] for one in cell.get("outputs", ())]
    assert bool(outputs) == (folder != "notebooks")
    assert status(clone) == ""


def test_a_plan_and_a_report_are_made_afterwards(clone: Path) -> None:
    """With outputs in the chapters themselves too, as any other JupyterLab saves them."""
    path = clone / "notebooks" / "01_flows.ipynb"
    written = path.read_bytes()
    notebook = json.loads(written)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "shown"}]
            cell["execution_count"] = 3
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert "01_flows" in korus(clone, "explain")
    korus(clone, "report", "--format", "html", "--out", "made")
    path.write_bytes(written)
    assert status(clone) == "?? made/\n"
