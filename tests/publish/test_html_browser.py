"""The page in a browser: no violation that axe knows, nothing wider than the window, nothing fetched."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sample
from publishing import publish

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no system Chromium")]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder: Path = tmp_path_factory.mktemp("browser")
    publish(sample.report(), sample.META, ("html",), folder, provenance=sample.provenance)
    return (folder / "report.html").as_uri()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_nothing(browser, address, width, scheme):
    from axe_playwright_python.sync_playwright import Axe

    # axe is a script, which the page's own policy forbids.
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto(address)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    found = Axe().run(page).response
    context.close()
    assert [(v["id"], v["nodes"][0]["html"][:120]) for v in found["violations"]] == []
    assert len(found["passes"]) > 20, "axe has looked at the page"


@pytest.mark.parametrize("width", [360, 600, 768, 1030, 1600])
def test_the_page_is_never_wider_than_the_window(browser, address, width):
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(address)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    page.close()
    assert wide == 0


def test_nothing_is_fetched_and_korean_is_drawn(browser, address):
    asked: list[str] = []
    page = browser.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.wait_for_load_state("networkidle")
    loaded = page.evaluate("document.fonts.ready.then(() => [...document.fonts].map(f => f.status))")
    page.close()
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert loaded == ["loaded"]
