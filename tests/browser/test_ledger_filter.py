"""The filter of the ledger in a browser, with scripts and without: nothing is lost, a link to a claim arrives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ledger_sample
import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser
VISIBLE = "[...document.querySelectorAll('.card')].filter(c => c.offsetParent !== null).length"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a page with eight claims."""
    return (ledger_sample.published(tmp_path_factory.mktemp("page")) / "report.html").as_uri()


def test_without_scripts_every_claim_is_shown_and_rows_open(address: str, browse: Callable[..., Any]) -> None:
    page = browse(address, script=False).page
    assert page.locator(".card:visible").count() == 8
    assert page.locator(".filter:visible").count() == 0
    row = page.locator("details.card").first
    assert not row.locator(".body").is_visible()
    row.locator("summary").click()
    assert row.locator(".body").is_visible()


def test_words_speaker_and_verdict_narrow_the_list_together(address: str, browse: Callable[..., Any]) -> None:
    page = browse(address).page
    assert page.locator(".filter").is_visible()
    assert page.evaluate(VISIBLE) == 8
    page.locator("input[data-key=words]").fill("apples")
    assert page.evaluate(VISIBLE) == 2
    page.locator("input[data-key=words]").fill("PEARS apples")
    assert page.evaluate(VISIBLE) == 1
    assert page.locator(".found").inner_text() == "1 of 8 claims"
    page.locator("input[data-key=words]").fill("")
    page.get_by_label("Who spoke").select_option("Lobby & friends")
    said = {c["said"] for c in ledger_sample.cards() if c["speaker"] == "Lobby & friends"}
    assert {t.split("\n")[0] for t in page.locator(".card:visible .said").all_inner_texts()} <= said
    assert page.evaluate(VISIBLE) == len(said)
    page.get_by_label("Verdict").select_option("Holds")
    both = [c for c in ledger_sample.cards() if c["speaker"] == "Lobby & friends" and c["verdict"] == "Holds"]
    assert page.evaluate(VISIBLE) == len(both)
    page.get_by_label("Who spoke").select_option("")
    page.get_by_label("Verdict").select_option("")
    page.get_by_label("Topic").select_option("Cars")
    assert page.evaluate(VISIBLE) == 4
    page.get_by_label("Topic").select_option("")
    assert page.evaluate(VISIBLE) == 8, "nothing is lost when the choices are taken back"


def test_nothing_that_fits_is_said_and_not_shown_as_an_empty_page(address: str, browse: Callable[..., Any]) -> None:
    page = browse(address).page
    page.locator("input[data-key=words]").fill("zeppelin")
    assert page.evaluate(VISIBLE) == 0
    assert page.locator(".found").inner_text() == "0 of 8 claims"
    assert page.locator(".nothing").is_visible()
    page.get_by_role("button", name="Show all claims").click()
    assert page.evaluate(VISIBLE) == 8
    assert not page.locator(".nothing").is_visible()
    assert page.evaluate("document.activeElement.type") == "search"


def test_what_is_chosen_stands_in_the_address_and_can_be_sent_on(address: str, browse: Callable[..., Any]) -> None:
    page = browse(address).page
    page.get_by_label("Who spoke").select_option("Lobby & friends")
    page.get_by_label("Topic").select_option("Jobs & wages")
    page.locator("input[data-key=words]").fill("quinces")
    sent = page.url
    assert "#claims?" in sent
    shown = page.evaluate(VISIBLE)
    assert shown == 1
    other = browse(sent).page
    assert other.evaluate(VISIBLE) == shown
    assert other.get_by_label("Who spoke").input_value() == "Lobby & friends"
    assert other.get_by_label("Topic").input_value() == "Jobs & wages"
    assert other.locator(".filter").bounding_box()["y"] < 900
    page.get_by_label("Who spoke").select_option("")
    page.get_by_label("Topic").select_option("")
    page.locator("input[data-key=words]").fill("")
    assert "?" not in page.url
    page.evaluate("location.hash = '#claims?speaker=' + encodeURIComponent('Press')")
    page.wait_for_function("() => document.querySelector('.found').textContent.startsWith('3')")
    page.evaluate("location.hash = '#claims?speaker=Nobody'")
    page.wait_for_function("() => document.querySelector('.found').textContent.startsWith('8')")


def test_a_word_in_the_folded_part_opens_it_and_folds_it_again(address: str, browse: Callable[..., Any]) -> None:
    page = browse(address).page
    row = page.locator("details.card").first
    page.locator("input[data-key=words]").fill("admits plums")
    assert page.evaluate(VISIBLE) == 1
    assert row.locator(".body").is_visible()
    page.locator("input[data-key=words]").fill("")
    assert not row.locator(".body").is_visible()
    row.locator("summary").click()
    page.locator("input[data-key=words]").fill("plums")
    page.locator("input[data-key=words]").fill("")
    assert row.locator(".body").is_visible(), "what a reader opened stays open"


def test_a_link_to_a_hidden_or_folded_claim_arrives(address: str, browse: Callable[..., Any]) -> None:
    page = browse(address).page
    page.locator("input[data-key=words]").fill("apples")
    target = f"claim-{ledger_sample.cards()[6]['id']}"
    page.evaluate("id => { location.hash = id }", target)
    page.wait_for_function("id => document.getElementById(id).open", arg=target)
    assert page.locator(f"#{target} .body").is_visible()
    assert page.evaluate(VISIBLE) == 8


def test_a_page_opened_at_a_claim_opens_it(address: str, browse: Callable[..., Any]) -> None:
    target = f"claim-{ledger_sample.cards()[3]['id']}"
    page = browse(f"{address}#{target}").page
    assert page.locator(f"#{target} .body").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_nothing_and_nothing_sticks_out(
    address: str, width: int, scheme: str, browse: Callable[..., Any]
) -> None:
    visit = browse(address, width=width, scheme=scheme)
    visit.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    rules = {"target-size": {"enabled": True}}
    found = Axe().run(visit.page, options={"resultTypes": ["violations", "passes"], "rules": rules})
    assert found.violations_count == 0, found.generate_report()
    assert len(found.response["passes"]) > 15
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
    assert [url for url in visit.requests if not url.startswith("data:")] == [address]


def test_the_script_runs_under_the_pages_own_policy_and_no_other_does(address: str, browse: Callable[..., Any]) -> None:
    page = browse(address).page
    page.evaluate(
        "const s = document.createElement('script'); s.textContent = 'document.title = \"taken\"'; document.body.append(s)"
    )
    assert page.title() != "taken"
    assert page.locator(".filter").is_visible()
