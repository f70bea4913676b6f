"""A chapter in JupyterLab, as an analyst meets it: opened, run from top to bottom, looked at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

READY = """() => {
  const panel = window.jupyterapp && window.jupyterapp.shell.currentWidget;
  const session = panel && panel.sessionContext;
  return Boolean(session && session.isReady && session.session?.kernel?.status === 'idle' && panel.content?.model);
}"""
# The model, not the page: JupyterLab draws only the cells near the window.
CELLS = """() => Array.from(window.jupyterapp.shell.currentWidget.content.model.cells)
  .filter(cell => cell.type === 'code')
  .map(cell => ({source: cell.sharedModel.getSource(), count: cell.executionCount,
                 outputs: cell.outputs.toJSON().map(o => ({type: o.output_type, text: o.evalue || '',
                                                          kinds: Object.keys(o.data || {})}))}))"""
DONE = f"""() => {{
  const cells = ({CELLS})();
  const status = window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status;
  return cells.some(c => c.outputs.some(o => o.type === 'error')) || (status === 'idle' && cells.every(c => c.count));
}}"""


def test_a_chapter_opens_and_runs(
    chromium: str, lab: str, browse: Callable[..., Any], screenshot: Callable[..., Path]
) -> None:
    visit = browse(f"{lab}/lab/tree/01_flows.ipynb?reset")
    page = visit.page
    page.wait_for_function(READY, timeout=60_000)
    assert not any(cell["outputs"] for cell in page.evaluate(CELLS)), "the chapter came with outputs"

    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.wait_for_function(DONE, timeout=90_000, polling=250)

    cells = page.evaluate(CELLS)
    errors = [(cell["source"], out["text"]) for cell in cells for out in cell["outputs"] if out["type"] == "error"]
    assert not errors
    assert [cell["count"] for cell in cells] == list(range(1, len(cells) + 1))
    assert not [out for cell in cells for out in cell["outputs"] if out["type"] == "stream"], "a chapter prints nothing"

    notebook = page.locator(".jp-NotebookPanel:visible .jp-WindowedPanel-outer")
    seen = {"figure img": 0, "table": 0}
    for step in range(200):
        for what in seen:
            shown = notebook.locator(f".jp-OutputArea-output {what}:visible")
            if shown.count() and not seen[what]:
                shown.first.scroll_into_view_if_needed()
                box = shown.first.bounding_box()
                assert box is not None
                assert min(box["width"], box["height"]) > 40, f"{what} is {box}"
                screenshot(page, f"lab-{what.split()[0]}")
                seen[what] = shown.count()
        if all(seen.values()):
            break
        notebook.evaluate("(panel, step) => panel.scrollTo(0, step * 400)", step)
        page.wait_for_timeout(50)
    assert all(seen.values()), f"seen on the way down: {seen}"
    outside = [url for url in visit.requests if not url.startswith((lab, "data:", "blob:"))]
    assert not outside
