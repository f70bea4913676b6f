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

# MathJax takes what stands between two dollar signs for a formula, also in "$43.5 billion in 2011, $42.3 billion".
MISREAD = """() => Array.from(document.querySelectorAll('.jp-RenderedHTMLCommon:not(.jp-RenderedMarkdown)'))
  .filter(x => x.querySelector('mjx-container')).map(x => x.textContent.trim().slice(0, 120))"""


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
    unasked = [cell["source"] for cell in cells if len(cell["outputs"]) > 1]
    assert not unasked, "a cell shows one thing; a second output is matplotlib's, shown unasked"

    notebook = page.locator(".jp-NotebookPanel:visible .jp-WindowedPanel-outer")
    height = notebook.evaluate("panel => panel.scrollHeight")
    seen = {"figure img": 0, "table": 0}
    misread: set[str] = set()
    for top in range(0, int(height) + 4000, 400):  # the height is a guess of JupyterLab's until all has been drawn
        for what, count in seen.items():
            shown = notebook.locator(f".jp-OutputArea-output {what}:visible")
            if shown.count() and not count:
                shown.first.scroll_into_view_if_needed()
                box = shown.first.bounding_box()
                assert box is not None
                assert min(box["width"], box["height"]) > 40, f"{what} is {box}"
                screenshot(page, f"lab-{what.split()[0]}")
                seen[what] = shown.count()
        misread.update(page.evaluate(MISREAD))
        notebook.evaluate("(panel, top) => panel.scrollTo(0, top)", top)
        page.wait_for_timeout(60)
    assert all(seen.values()), f"seen on the way down: {seen}"
    assert not misread, "text set as a formula"
    outside = [url for url in visit.requests if not url.startswith((lab, "data:", "blob:"))]
    assert not outside
