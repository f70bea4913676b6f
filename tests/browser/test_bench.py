"""The bench in JupyterLab, its controls moved in Chromium as an analyst moves them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from in_jupyterlab import READY
from nbformat.v4 import new_code_cell, new_notebook

pytestmark = pytest.mark.browser

OUTPUTS = """() => Array.from(window.jupyterapp.shell.currentWidget.content.model.cells)
  .filter(cell => cell.type === 'code').map(cell => cell.outputs.toJSON())"""


@pytest.fixture(scope="module")
def notebook(lab_folder: Path) -> str:
    cells = [
        new_code_cell("import korus_research as kr\nstudy = kr.open_study()\nbench = kr.bench(study)\nbench"),
        new_code_cell("import json; print(json.dumps([bench.code, bench.estimate.found.effect_log, len(bench.kept)]))"),
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}  # or it is asked for
    nbformat.write(new_notebook(cells=cells, metadata=kernel), lab_folder / "mine.ipynb")
    return "mine.ipynb"


@pytest.fixture
def page(chromium: str, lab: str, notebook: str, browse: Callable[..., Any]) -> Iterator[Any]:
    page = browse(f"{lab}/lab/tree/{notebook}?reset", height=1100).page
    page.wait_for_function(READY, timeout=60_000)
    page.locator(".jp-Notebook .jp-CodeCell").first.click()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Enter")
    page.locator(".korus-bench img").wait_for(timeout=60_000)
    return page


def title(page: Any) -> str:
    return str(page.locator(".korus-bench figure strong").first.text_content())


def redrawn(page: Any, before: str) -> float:
    """Wait until the picture has another title, and return how long that took, in seconds."""
    start = time.perf_counter()
    page.wait_for_function(
        "before => document.querySelector('.korus-bench figure strong')?.textContent !== before", arg=before,
        timeout=20_000, polling=20,
    )  # fmt: skip
    return time.perf_counter() - start


def control(page: Any, label: str) -> Any:
    return page.locator(".korus-bench .jupyter-widgets").filter(
        has=page.locator("label.widget-label", has_text=label)
    ).last  # fmt: skip


def name_a_donor(page: Any, name: str) -> None:
    """Type a name among the tags, whose field is hidden until one clicks there, and leave it."""
    page.locator(".korus-bench .jupyter-widget-tagsinput").evaluate("tags => tags.click()")
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.locator(".korus-bench .jupyter-widget-tag", has_text=name).wait_for()


def test_moving_the_controls_redraws_says_what_cant_be_and_keeps_a_cell(
    page: Any, screenshot: Callable[..., Path]
) -> None:
    assert "US exports to Korea" in title(page)
    screenshot(page, "bench")
    took = []

    before = title(page)
    control(page, "Flow").locator("select").select_option("Imports")
    took.append(redrawn(page, before))
    assert "US imports from Korea" in title(page)

    before = title(page)
    partner = control(page, "Partner").locator("input")
    partner.fill("Vietnam")
    partner.press("Enter")
    took.append(redrawn(page, before))
    assert "US imports from Vietnam" in title(page)

    before = title(page)
    year = control(page, "From year").locator(".widget-readout")
    year.fill("2015")
    year.press("Enter")
    took.append(redrawn(page, before))
    assert "from 2015 on" in title(page)

    before = title(page)
    control(page, "Estimator").locator("select").select_option("difference-in-differences")
    took.append(redrawn(page, before))

    name_a_donor(page, "Japan")
    line = page.locator(".korus-bench [role=alert]")
    line.wait_for()
    assert "1 donor named" in str(line.text_content())
    assert not page.locator(".korus-bench img").count()
    for name in ("France", "Italy", "Germany", "Brazil"):
        name_a_donor(page, name)
    page.locator(".korus-bench img").wait_for()
    assert not line.count()
    screenshot(page, "bench-own-donors")

    page.get_by_role("button", name="Keep this").click()
    kept = page.locator(".korus-bench textarea")
    kept.wait_for()
    code = kept.input_value()
    assert '"Brazil"' in code

    page.locator(".jp-Notebook .jp-CodeCell").nth(1).locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    page.wait_for_function(f"() => ({OUTPUTS})()[1].length", timeout=20_000)
    output = page.evaluate(OUTPUTS)[1]
    in_kernel, effect, count = json.loads(str(output[0].get("text")))
    assert in_kernel == code
    assert count == 1
    names: dict[str, Any] = {}
    exec(code, names)
    assert names["mine"].found.effect_log == effect
    print(f"redrawn in {', '.join(f'{each:.2f}' for each in took)} s")
    assert sorted(took)[len(took) // 2] < 2, "half a second on a machine that does nothing else"


def test_what_was_saved_shows_a_picture_without_widgets(page: Any) -> None:
    outputs = page.evaluate(OUTPUTS)[0]
    (shown,) = outputs
    assert {"text/html", "image/png", "application/vnd.korus.figure+json"} <= set(shown["data"])


def test_a_chapter_reads_as_the_report_does(chromium: str, lab: str, browse: Callable[..., Any]) -> None:
    page = browse(f"{lab}/lab/tree/01_flows.ipynb?reset", height=1100).page
    page.wait_for_function(READY, timeout=60_000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.locator(".jp-OutputArea-output figure small").first.wait_for(timeout=90_000)
    notebook = page.locator(".jp-NotebookPanel:visible")
    assert notebook.locator(".jp-Placeholder-contentContainer, .jp-InputPlaceholder").count() > 3, "inputs are folded"
    shown = notebook.locator(".jp-OutputArea-output")
    number = shown.locator("p span[title]").first
    assert " · " in str(number.get_attribute("title"))
    name = str(shown.locator("figure small").first.text_content())
    assert shown.locator("p a", has_text=name).count(), f"no sentence refers to {name}"
    words = " ".join(shown.locator("p").all_text_contents())
    assert "[@" not in words
    assert "**" not in words
    assert "(Figure)" not in words
