"""The report and the list of editions as a browser shows them: reachable for all, at every width, on their own."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from axe_playwright_python.sync_playwright import Axe

from korus_research.editions.index import write_index

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]

WIDTHS = [360, 768, 1440, 1600]
# What is read on the page: scripts add controls to it (a search, buttons below exhibits), and those only.
TEXT = """() => {
  const read = document.body.cloneNode(true);
  read.querySelectorAll('script, template, .tools, .find, .filter, #says, #pop').forEach(part => part.remove());
  return read.textContent.replace(/\\s+/g, ' ').trim();
}"""
OPEN_ALL = "document.querySelectorAll('details').forEach(d => d.open = true)"
# axe needs minutes for thousands of rows and of strokes: of parts of the page with the same elements and classes, in
# places of the same kind, it is shown one; of a drawing its title.
THIN_OUT = """() => {
  const look = e => `${e.tagName}.${e.className}[${[...new Set([...e.children].map(look))].join(' ')}]`;
  for (const kind of ['details.trust', 'article, details.card', 'figure', 'tr', 'dl > div, p, li, .headed']) {
    const seen = new Set();
    for (const part of document.querySelectorAll(`main :is(${kind})`)) {
      const mine = `${part.closest('[class]:not(tr, td, th)')?.parentElement.className} ${part.parentElement.className} ${look(part)}`;
      seen.has(mine) ? part.remove() : seen.add(mine);
    }
  }
  document.querySelectorAll('svg > :not(title):not(desc)').forEach(part => part.remove());
}"""


@pytest.fixture(scope="module")
def changes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of changes between the two newest of the published editions, as the list of editions links it."""
    folder = tmp_path_factory.mktemp("published")
    shutil.copytree(ROOT / "reports", folder, dirs_exist_ok=True)
    write_index(folder)
    return max((folder / "changes").glob("*.html"))


@pytest.fixture(params=["report", "annex", "index", "changes"])
def address(request: pytest.FixtureRequest, editions: Path, newest: Path) -> str:
    """The address of the report, of the annex, of the page that lists the editions, and of one of changes."""
    if request.param == "changes":
        path: Path = request.getfixturevalue("changes")
    else:
        path = editions / "index.html" if request.param == "index" else newest / f"{request.param}.html"
    return path.as_uri()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_nothing(address: str, width: int, scheme: str, browse: Callable[..., Any]) -> None:
    visit = browse(address, width=width, scheme=scheme)
    visit.page.evaluate(OPEN_ALL)  # what is folded away must be as readable as the rest
    visit.page.evaluate(THIN_OUT)
    rules = {"target-size": {"enabled": True}}
    results = Axe().run(visit.page, options={"resultTypes": ["violations", "passes"], "rules": rules})
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
    folder = address.rsplit("/", 2 if "/changes/" in address else 1)[0]
    shows = "index" in address or "/changes/" in address
    pictures = [url for url in asked[1:] if url.startswith(folder) and url.endswith(".svg") and shows]
    assert asked[:1] == [address]
    assert asked[1:] == pictures, "only the list of editions and pages of changes show pictures of the editions"


def test_reads_the_same_without_scripts(address: str, browse: Callable[..., Any]) -> None:
    plain = browse(address, script=False).page
    assert plain.locator("script[src]").count() == 0
    # Controls that would do nothing are not shown.
    assert plain.locator(".filter:visible, .find:visible, .tools button:visible").count() == 0
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


def test_every_picture_is_drawn_once_at_every_width(newest: Path, browse: Callable[..., Any]) -> None:
    files = [path for path in (newest / "figures").glob("*.svg") if not path.stem.endswith("-narrow")]
    for width in (360, 1440):
        drawn = 0
        for name in ("report", "annex"):
            page = browse((newest / f"{name}.html").as_uri(), width=width).page
            sizes = page.eval_on_selector_all(
                "figure svg.drawn",
                "all => all.map(x => { const r = x.getBoundingClientRect(); return [r.width, r.height]; })",
            )
            drawn += len([size for size in sizes if min(size) > 100])
        assert drawn == len(files)


def test_letters_of_pictures_can_be_read_on_a_phone(newest: Path, browse: Callable[..., Any]) -> None:
    for name in ("report", "annex"):
        page = browse((newest / f"{name}.html").as_uri(), width=360).page
        heights = page.eval_on_selector_all(
            "svg.drawn text",
            """all => all.map(text => {
              const picture = text.ownerSVGElement, shown = picture.getBoundingClientRect().width;
              return [picture.id, parseFloat(getComputedStyle(text).fontSize) * shown / picture.viewBox.baseVal.width];
            }).filter(([, size]) => size > 0 && size < 10.9)""",
        )
        assert heights == []


@pytest.mark.parametrize(("name", "most"), [("report", 60), ("annex", 160)])
def test_on_paper(newest: Path, name: str, most: int, browse: Callable[..., Any]) -> None:
    page = browse((newest / f"{name}.html").as_uri()).page
    with pikepdf.open(io.BytesIO(page.pdf(prefer_css_page_size=True))) as printed:
        assert len(printed.pages) < most
    page.emulate_media(media="print")
    assert page.locator(".behind:visible, #numbers:visible, .contents:visible, .tools:visible").count() == 0
    folded = page.locator("details.card:not([open])").count()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details.card:not([open])").count() == 0
    assert folded == 0 or name == "annex"


@pytest.mark.parametrize("name", ["report", "annex"])
def test_the_first_screen_is_there_in_a_second_on_a_slow_phone(
    newest: Path, name: str, browse: Callable[..., Any]
) -> None:
    page = browse("about:blank", width=360, height=740).page
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 4})
    shown = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
    times = []
    for _ in range(3):  # the machine may be busy: the fastest counts
        page.goto((newest / f"{name}.html").as_uri())
        page.wait_for_function(shown)
        times.append(page.evaluate(shown))
    assert min(times) < 1000
    assert (newest / f"{name}.html").stat().st_size < 3_000_000
