"""A chapter in JupyterLab, as an analyst meets it: opened, run from top to bottom, looked at."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from in_jupyterlab import READY
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

pytestmark = pytest.mark.browser

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


def asked(lab: str, path: str) -> tuple[int, str, str]:
    """Return status, media type and beginning of what the server answers."""
    import urllib.error
    import urllib.request
    from http.cookiejar import CookieJar

    jar = CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    opener.open(f"{lab}/lab", timeout=60).close()  # as JupyterLab does, which shows its cookie with what it asks
    (cookie,) = (one.value for one in jar if one.name == "_xsrf")
    try:
        with opener.open(f"{lab}{path}?_xsrf={cookie}", timeout=20) as answer:
            return answer.status, answer.headers.get_content_type(), answer.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        return error.code, error.headers.get_content_type(), error.read().decode("utf-8", "replace")


def test_the_export_menu_offers_what_the_server_can_export(lab: str) -> None:
    """Its addresses take letters, digits and "_" only."""
    offered = json.loads(asked(lab, "/api/nbconvert")[2])
    assert {"korus_html", "korus_pdf"} <= offered.keys()
    assert not [name for name in offered if "korus" in name and not name.isidentifier()]


@pytest.mark.parametrize(("format", "media"), [("html", "text/html"), ("pdf", "application/pdf")])
def test_the_server_exports_what_has_run_and_says_what_has_not(
    lab_folder: Path, lab: str, format: str, media: str
) -> None:
    source = [new_markdown_cell("# Mine\n\n*What?*"), new_code_cell("1 / 0")]
    nbformat.write(new_notebook(cells=source), lab_folder / "waiting.ipynb")
    nbformat.write(new_notebook(cells=source[:1]), lab_folder / "words.ipynb")
    failing = new_code_cell("1 / 0", execution_count=1, outputs=[new_output("error", ename="Z", evalue="by zero")])
    nbformat.write(new_notebook(cells=[source[0], failing]), lab_folder / "failed.ipynb")
    status, kind, text = asked(lab, f"/nbconvert/korus_{format}/words.ipynb")
    assert (status, kind) == (200, media), text[:500]
    for name, said in (("waiting", "has not run"), ("failed", "it failed with Z: by zero")):
        status, _, text = asked(lab, f"/nbconvert/korus_{format}/{name}.ipynb")
        assert status == 500
        assert said in text
