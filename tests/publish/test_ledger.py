"""The ledger in the page: every claim there without a script, one script named by its hash, rows set in the PDF."""

from __future__ import annotations

import base64
import hashlib
import re

import ledger_sample
import pytest
from lxml import html

from korus_research.publish.blocks import typst
from korus_research.publish.context import RenderContext
from korus_research.publish.report import read_report


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return ledger_sample.published(tmp_path_factory.mktemp("ledger"), "html", "pdf")


@pytest.fixture(scope="module")
def page(folder):
    return html.fromstring((folder / "report.html").read_text("utf-8"))


def text(element) -> str:
    return " ".join(element.text_content().split())


def test_every_claim_is_there_and_rows_open_by_themselves(page):
    shown = page.xpath("//*[contains(concat(' ', @class, ' '), ' card ')]")
    assert [e.tag for e in shown] == ["article"] * 2 + ["details"] * 6
    for element, card in zip(shown, ledger_sample.cards(), strict=True):
        said = text(element)
        for part in (card["number"], card["said"], card["verdict"], "$42.3 billion", card["basis"], card["source"]):
            assert part in said
        assert "<b>Not markup</b>" in said
        assert element.get("hidden") is None
        assert (element.get("data-speaker"), element.get("data-verdict")) == (card["speaker"], card["verdict"])
    rows = page.xpath("//details[contains(@class, 'compact')]")
    assert all(row.xpath("./summary") for row in rows)
    # What a reader sees of a closed row: number, claim, who and when, verdict in words.
    assert all(card["who"] in text(row.find("summary")) for row, card in zip(rows, ledger_sample.cards()[2:], strict=True))  # fmt: skip


def test_controls_are_hidden_until_the_script_shows_them(page):
    (controls,) = page.xpath("//div[@class='filter']")
    assert controls.get("hidden") is not None
    for field in controls.xpath(".//input | .//select"):
        assert controls.xpath(f".//label[@for='{field.get('id')}']")
    lists = {s.get("data-key"): [o.get("value") for o in s] for s in controls.xpath(".//select")}
    assert lists["speaker"] == ["", *ledger_sample.SPEAKERS]
    assert lists["verdict"][0] == ""
    assert len(lists["verdict"]) == 5


def test_one_script_runs_and_the_policy_names_it(page, folder):
    (script,) = page.xpath("//script")
    assert not script.attrib
    digest = base64.b64encode(hashlib.sha256(script.text.encode()).digest()).decode()
    (policy,) = page.xpath("//meta[@http-equiv]/@content")
    assert f"script-src 'sha256-{digest}'" in policy
    assert not re.search(r"\b(fetch|XMLHttpRequest|import\(|eval|innerHTML)\b", script.text)


def test_a_ledger_of_cards_alone_has_no_filter(tmp_path):
    ledger_sample.published(tmp_path, "html", shown=ledger_sample.cards()[:2])
    page = html.fromstring((tmp_path / "report.html").read_text("utf-8"))
    assert not page.xpath("//*[@class='filter']")


def test_the_pdf_sets_cards_and_rows(folder):
    assert (folder / "report.pdf").read_bytes().startswith(b"%PDF")  # made, and accepted as PDF/UA
    report = read_report([ledger_sample.chapter()])
    block = next(b for b in report.blocks if b.kind == "cards")
    set_ = typst.cards(block, RenderContext(report, "typst"))
    assert (set_.count("#claim("), set_.count("#claim-row("), set_.count("#claims-head()")) == (2, 6, 1)
    for card in ledger_sample.cards():
        assert all(part in set_ for part in (card["said"], card["verdict"], card["basis"]))
    rows = set_[set_.index("#claims-head()") :]
    assert all(card["who"] in rows for card in ledger_sample.cards()[2:])
