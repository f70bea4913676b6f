"""The report and the list of editions as a browser shows them: reachable for all, at every width, on their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser

WIDTHS = [360, 768, 1440, 1600]
# Text of the page without what only a screen shows differently (case, spacing by style).
TEXT = "document.body.textContent.replace(/\\s+/g, ' ').trim()"
OPEN_ALL = "document.querySelectorAll('details').forEach(d => d.open = true)"
# axe needs minutes for thousands of rows and of strokes: of rows with the same elements and classes it is shown one, of a
# drawing its title and description (its text is drawn as outlines, which axe can't read).
THIN_OUT = """() => {
  const look = e => `${e.tagName}.${e.className}[${[...e.children].map(look).join(' ')}]`;
  for (const body of document.querySelectorAll('tbody')) {
    const seen = new Set();
    for (const row of [...body.rows]) seen.has(look(row)) ? row.remove() : seen.add(look(row));
  }
  document.querySelectorAll('svg > :not(title):not(desc)').forEach(part => part.remove());
}"""


@pytest.fixture(params=["report", "index"])
def address(request: pytest.FixtureRequest, editions: Path, newest: Path) -> str:
    """The address of the report, then of the page that lists the editions."""
    path = newest / "report.html" if request.param == "report" else editions / "index.html"
    return path.as_uri()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(address: str, scheme: str, browse: Callable[..., Any]) -> None:
    visit = browse(address, scheme=scheme)
    visit.page.evaluate(OPEN_ALL)  # what is folded away must be as readable as the rest
    visit.page.evaluate(THIN_OUT)
    results = Axe().run(visit.page, options={"resultTypes": ["violations", "passes"]})
    assert len(results.response["passes"]) > 15, "axe looked at next to nothing"
    assert results.violations_count == 0, results.generate_report()


def test_dark_is_dark(address: str, browse: Callable[..., Any]) -> None:
    def lightness(scheme: str) -> float:
        page = browse(address, scheme=scheme).page
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/[\\d.]+/g).map(Number)")
        return float(sum(colour[:3]) / 3)

    assert lightness("light") > 230
    assert lightness("dark") < 50


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_sticks_out(
    address: str, width: int, browse: Callable[..., Any], screenshot: Callable[..., Path]
) -> None:
    visit = browse(address, width=width)
    page = visit.page
    screenshot(page, f"top-{width}")
    page.evaluate(OPEN_ALL)
    wide, there = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert there == width, "a page in headless Chromium has no scroll bar that takes room"
    assert wide <= there, f"the page is {wide} px wide in a window of {there}"
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight * 0.4)")
    screenshot(page, f"middle-{width}")


def test_asks_for_nothing_but_itself(address: str, browse: Callable[..., Any]) -> None:
    visit = browse(address)
    visit.page.evaluate(OPEN_ALL)
    visit.page.wait_for_load_state("networkidle")
    asked = [url for url in visit.requests if not url.startswith("data:")]
    assert asked == [address]


def test_reads_the_same_without_scripts(address: str, browse: Callable[..., Any]) -> None:
    plain = browse(address, script=False).page
    assert plain.locator("script[src]").count() == 0
    assert plain.locator(".filter:visible").count() == 0  # controls that would do nothing are not shown
    assert plain.locator("h1").first.is_visible()
    text = plain.evaluate(TEXT)
    assert text == browse(address).page.evaluate(TEXT)
    assert len(text) > 200


def test_every_link_arrives(address: str, browse: Callable[..., Any]) -> None:
    page = browse(address).page
    links = page.eval_on_selector_all("a[href]", "links => links.map(a => [a.getAttribute('href'), a.href])")
    assert links
    missing = []
    for written, url in links:
        if written.startswith("#"):
            if not page.evaluate("id => document.getElementById(id) !== null", written[1:]):
                missing.append(written)
        elif (
            url.startswith("file:")
            and not Path(page.evaluate("u => decodeURIComponent(new URL(u).pathname)", url)).exists()
        ):
            missing.append(written)
    assert not missing


def test_every_picture_is_drawn(newest: Path, browse: Callable[..., Any]) -> None:
    page = browse((newest / "report.html").as_uri()).page
    sizes = page.eval_on_selector_all(
        "figure svg, figure img",
        "all => all.map(x => { const r = x.getBoundingClientRect(); return [r.width, r.height]; })",
    )
    drawn = [size for size in sizes if min(size) > 100]
    assert len(drawn) == len(list((newest / "figures").glob("*.svg")))
