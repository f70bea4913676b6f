"""What the page offers beside reading, by keyboard and by pointer, on a phone, and with scripts off."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import two_pages
from axe_playwright_python.sync_playwright import Axe
from PIL import Image

pytestmark = pytest.mark.browser
FOCUSED = "document.activeElement.id || document.activeElement.textContent.trim()"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return two_pages.published(tmp_path_factory.mktemp("pages"))


@pytest.fixture
def report(folder: Path) -> str:
    return (folder / "report.html").as_uri()


@pytest.fixture
def annex(folder: Path) -> str:
    return (folder / "annex.html").as_uri()


@pytest.fixture(params=[1440, 360])
def page(request: pytest.FixtureRequest, report: str, browse: Callable[..., Any]) -> Iterator[Any]:
    """The report, wide and on a phone; an error of a script fails the test."""
    shown = browse(report, width=request.param).page
    failed: list[str] = []
    shown.on("pageerror", lambda error: failed.append(str(error)))
    shown.on("console", lambda line: failed.append(line.text) if line.type == "error" else None)
    shown.reload()
    yield shown
    assert not failed


def searched(page: Any, text: str) -> list[str]:
    page.keyboard.press("/")
    assert page.evaluate(FOCUSED) == "find"
    page.locator("#find").fill(text)
    page.wait_for_function("() => document.getElementById('found').textContent !== ''")
    return list(page.locator("#hits a").all_inner_texts())


def test_search_finds_letters_of_a_picture_and_goes_there(page: Any) -> None:
    (hit,) = searched(page, two_pages.WORD.lower())
    assert "What happened to toys?" in hit
    assert "Figure\xa01" in hit
    assert two_pages.WORD in hit
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUSED) == "fig-flows-levels"
    assert page.url.endswith("#fig-flows-levels")
    assert page.evaluate("document.getElementById('contents').matches(':popover-open')") is False
    box = page.locator("#fig-flows-levels svg:visible").bounding_box()
    assert 0 <= box["y"] < 900


def test_search_finds_titles_of_the_other_page(page: Any) -> None:
    (hit,) = searched(page, "copper KETTLES")
    assert hit.startswith("Figure\xa0A1")
    page.keyboard.press("Enter")
    page.wait_for_url("**/annex.html#fig-flows-more")


def test_search_says_when_there_is_nothing_and_esc_takes_it_back(page: Any) -> None:
    assert searched(page, "zeppelin") == []
    assert page.locator("#found").inner_text() == "Nothing found"
    page.keyboard.press("Escape")
    assert page.locator("#find").input_value() == ""
    assert page.locator("#found").inner_text() == ""


def test_arrows_go_through_what_was_found_and_back(page: Any) -> None:
    assert len(searched(page, "toy")) > 2
    page.keyboard.press("ArrowDown")
    first = page.evaluate(FOCUSED)
    page.keyboard.press("ArrowDown")
    assert page.evaluate(FOCUSED) != first
    page.keyboard.press("ArrowUp")
    assert page.evaluate(FOCUSED) == first
    page.keyboard.press("ArrowUp")
    assert page.evaluate(FOCUSED) == "find"


def test_a_slash_in_a_field_is_a_slash(annex: str, browse: Callable[..., Any]) -> None:
    page = browse(annex).page
    page.keyboard.press("/")
    page.keyboard.type("a/b")
    assert page.locator("#find").input_value() == "a/b"


def test_a_number_is_told_beside_it_and_esc_goes_back(page: Any) -> None:
    link = page.locator(".f a").first
    link.focus()
    page.keyboard.press("Enter")
    told = page.locator("#pop")
    assert told.is_visible()
    for fact in (
        "$42.3 billion",
        "40.00 to 44.50, 90 percent range",
        "toy measure flows.end",
        "Toy basis",
        "Toy toy_trade",
    ):
        assert fact in told.inner_text()
    box = told.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= page.viewport_size["width"]
    assert page.evaluate(FOCUSED) == "pop"
    page.keyboard.press("Escape")
    assert not told.is_visible()
    assert page.evaluate(FOCUSED) == "$42.3 billion"
    link.click()
    page.mouse.click(5, 5)
    assert not told.is_visible(), "a click beside it closes it"


def test_without_scripts_a_number_leads_to_the_list_in_the_annex(report: str, browse: Callable[..., Any]) -> None:
    page = browse(report, script=False).page
    page.locator(".f a").first.click()
    assert page.url.endswith("annex.html#f-flows.end")
    assert page.locator("tr:target").inner_text().startswith("$42.3 billion")


def test_a_browser_without_pop_overs_follows_the_link(report: str, browse: Callable[..., Any]) -> None:
    page = browse(report).page
    failed: list[str] = []
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.add_init_script("delete HTMLElement.prototype.showPopover; delete HTMLElement.prototype.hidePopover")
    page.reload()
    assert page.evaluate("'showPopover' in HTMLElement.prototype") is False
    page.locator(".places a").nth(1).click()
    page.locator(".f a").first.click()
    page.wait_for_url("**/annex.html#f-flows.end")
    assert not failed


def test_contents_say_where_one_is(report: str, browse: Callable[..., Any]) -> None:
    page = browse(report).page
    for place in ("sec-trade", "sec-said"):
        page.evaluate("id => document.getElementById(id).scrollIntoView()", place)
        page.wait_for_function(
            "id => document.querySelector('.places [aria-current]')?.hash === '#' + id", arg=place, timeout=3000
        )
    assert page.locator(".places [aria-current]").count() == 1


@pytest.mark.parametrize("script", [True, False])
def test_contents_of_a_phone_open_with_rows_for_thumbs(report: str, script: bool, browse: Callable[..., Any]) -> None:
    page = browse(report, width=360, script=script).page
    assert not page.locator("#contents").is_visible()
    page.get_by_role("button", name="Contents").click()
    rows = page.locator("#contents .places a")
    assert min(rows.nth(i).bounding_box()["height"] for i in range(rows.count())) >= 44
    assert page.locator("#find").is_visible() is script
    rows.nth(2).click()
    assert page.url.endswith("#sec-said")
    if script:
        assert not page.locator("#contents").is_visible()


def test_what_is_copied_of_an_exhibit(page: Any) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    read = "navigator.clipboard.readText()"
    page.locator("#tbl-flows-grid [data-does=copy]").click()
    page.wait_for_function(f"() => {read}.then(text => text.startsWith('Column 0'))")
    lines = page.evaluate(read).split("\n")
    assert [line.count("\t") for line in lines] == [8] * 4
    page.locator("#fig-flows-levels [data-does=copy]").click()
    page.wait_for_function(f"() => {read}.then(text => text === 'month\\tvalue\\n2026-07\\t1.5')")
    page.wait_for_function("() => document.getElementById('says').textContent === 'Data copied'")
    page.locator("#fig-flows-levels [data-does=cite]").click()
    page.wait_for_function(f"() => {read}.then(text => text.includes('Did the toy agreement deliver?'))")
    assert "Figure\xa01" in page.evaluate(read) or "Figure 1" in page.evaluate(read)
    assert page.evaluate(read) == page.locator("#pop p").inner_text()
    page.keyboard.press("Escape")
    page.locator(".headed .anchor").first.click()
    page.wait_for_function(f"() => {read}.then(text => text.includes('report.html#'))")


def test_a_figure_is_shown_as_a_table_and_back(page: Any) -> None:
    figure = page.locator("#fig-flows-levels")
    button = figure.get_by_role("button", name="Table")
    for _ in range(2):
        button.click()
        assert not figure.locator("svg:visible").count()
        cells = figure.locator(".asked").locator("th, td")
        assert cells.all_inner_texts() == ["month", "value", "2026-07", "1.5"]
        assert button.get_attribute("aria-pressed") == "true"
        button.click()
        assert figure.locator("svg:visible").count() == 1
        assert not figure.locator(".asked").is_visible()
    button.click()
    page.emulate_media(media="print")
    assert figure.locator("svg:visible").count() == 1, "on paper a figure is a figure"


def test_a_figure_becomes_a_picture_with_its_title(page: Any) -> None:
    with page.expect_download() as waiting:
        page.locator("#fig-flows-levels [data-does=picture]").click()
    assert waiting.value.suggested_filename == "fig-flows-levels.png"
    with Image.open(io.BytesIO(Path(waiting.value.path()).read_bytes())) as picture:
        grey = picture.convert("L")
        above = grey.crop((0, 0, grey.width, 90)).histogram()
    assert grey.width > 600
    assert sum(above[:100]) > 200, "the title is written above"


def test_only_what_scrolls_can_be_reached_by_keyboard(report: str, browse: Callable[..., Any]) -> None:
    state = "[...document.querySelectorAll('.scroll')].map(e => [e.id, e.scrollWidth > e.clientWidth + 1, e.tabIndex === 0])"
    for width in (360, 1440):
        page = browse(report, width=width).page
        page.wait_for_timeout(200)
        regions = page.evaluate(state)
        assert all(scrolls is reached for _, scrolls, reached in regions)
        assert any(scrolls for _, scrolls, _ in regions) is (width == 360)
    assert all(reached for *_, reached in browse(report, script=False).page.evaluate(state))


def test_the_first_column_of_a_wide_table_stays(report: str, browse: Callable[..., Any]) -> None:
    page = browse(report, width=360).page
    region = page.locator("#tbl-flows-grid .scroll")
    head = region.locator("tbody th").first
    before = head.bounding_box()["x"]
    region.evaluate("e => e.scrollTo(300, 0)")
    assert head.bounding_box()["x"] == pytest.approx(before, abs=1)


@pytest.mark.parametrize("name", ["report", "annex"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_nothing(folder: Path, name: str, width: int, scheme: str, browse: Callable[..., Any]) -> None:
    page = browse((folder / f"{name}.html").as_uri(), width=width, scheme=scheme).page
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    if width == 360:
        page.get_by_role("button", name="Contents").click()
    rules = {"target-size": {"enabled": True}}
    found = Axe().run(page, options={"resultTypes": ["violations", "passes"], "rules": rules})
    assert found.violations_count == 0, found.generate_report()
    assert "target-size" in {rule["id"] for rule in found.response["passes"]}


def test_a_page_enlarged_four_times_or_with_wider_text_loses_nothing(page: Any) -> None:
    page.set_viewport_size({"width": 320, "height": 256})
    spaced = "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }"
    for style in ("", spaced):
        page.evaluate(
            "text => document.head.append(Object.assign(document.createElement('style'), {textContent: text}))", style
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        clipped = page.evaluate(
            "[...document.querySelectorAll('main p, main h2, main h3, .tools, .turn')]"
            ".filter(e => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflow !== 'visible').length"
        )
        assert clipped == 0


def test_forced_colors_and_reduced_motion_change_nothing_that_matters(report: str, browse: Callable[..., Any]) -> None:
    page = browse(report).page
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    page.locator(".f a").first.click()
    assert page.evaluate("getComputedStyle(document.getElementById('pop')).borderTopWidth") != "0px"
    assert page.evaluate("document.getAnimations().length") == 0
    page.keyboard.press("Escape")
    page.evaluate("document.getElementById('sec-said').scrollIntoView()")
    page.wait_for_function("() => document.querySelector('.places [aria-current]')")
    mark = "getComputedStyle(document.querySelector('.places [aria-current]')).borderLeftStyle"
    assert page.evaluate(mark) == "solid", "where one is is not told by colour alone"


def test_print_leaves_out_what_is_pressed(annex: str, browse: Callable[..., Any]) -> None:
    page = browse(annex).page
    page.emulate_media(media="print")
    for name in (".contents", ".behind", "#numbers", ".turn", ".files", ".opens"):
        assert page.locator(f"{name}:visible").count() == 0, name
    assert page.locator("figure.picture:visible").count() == 1
