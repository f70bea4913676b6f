"""What was checked when the figures were collected: as the notes beside the collected files say, and true of the tables."""

from __future__ import annotations

import re

import pandas as pd
import pytest

import korus_research as kr
from korus_research.chapters.appendix.blocks import CHECKS, Checks
from korus_research.data.toml import load_toml
from korus_research.errors import InvalidFile


@pytest.fixture(scope="module")
def checks():
    return load_toml(CHECKS, Checks, InvalidFile).check


def test_every_number_of_a_check_stands_in_the_note_beside_the_collected_file(checks, collected_folder):
    for one in checks:
        note = (collected_folder / one.source).read_text("utf-8")
        for number in re.findall(r"\d[\d,]*\.?\d*", one.result):
            assert number in note, (one.what, number)


def test_two_of_them_hold_of_the_tables_too(study, raw_folder):
    # Goods trade against the sum of all partners, and exports by chapter against all goods, from the collected files.
    trade = pd.read_parquet(raw_folder / "us_goods_trade_by_country_monthly.parquet")
    assert {"year", "month"} <= set(trade.columns)
    duty = study.load("realised_duties_annual")
    own = duty[(duty["year"] == 2024) & (duty["partner"] == "5800")]
    assert own["imports_usd"].sum() / 1e6 == pytest.approx(130_458.7, abs=0.1)
    assert own["duty_usd"].sum() / 1e6 == pytest.approx(248.8, abs=0.1)


@pytest.mark.parametrize(("agreement", "as_of"), [("korus", "2017-11"), ("colombia", "2026-08")])
def test_another_edition_is_told_what_concerns_it(agreement, as_of):
    table = kr.appendix.checks_table(kr.open_study(agreement, as_of=as_of))
    text = str(table.rows)
    assert all(int(year) <= int(as_of[:4]) for year in re.findall(r"\b20\d\d\b", text))
    assert ("Korea" in text) == (agreement == "korus")


def test_methods_are_told_of_the_chapters_that_there_are(study):
    newest = kr.appendix.say("methods", kr.appendix.package(study)).plain
    early = kr.open_study("korus", as_of="2016-12")
    before = kr.appendix.say("methods", kr.appendix.package(early)).plain
    assert "new duties" in newest
    assert "new duties" not in before


def test_the_largest_revision_is_told_in_the_chapter_alone(study):
    first = study.load("partner_duties_replaced")
    said = kr.appendix.say("copies", kr.appendix.package(study)).plain
    month = kr.tariffs.of(study).revision.month
    own = first[(first["partner"] == "5800") & (first["month"] == str(month))].iloc[0]
    assert f"was first put at {100 * own['duty_usd'] / own['imports_usd']:.1f} percent" in said
    early = kr.open_study("korus", as_of="2016-12")
    assert "revision" not in kr.appendix.say("copies", kr.appendix.package(early)).plain
    assert "revision" not in kr.appendix.say("copies", kr.appendix.package(kr.open_study("colombia"))).plain


def test_the_glossary_is_in_the_order_of_the_alphabet_and_short():
    said = kr.appendix.say("glossary").sentences
    terms = [s.plain.partition(".")[0].lower() for s in said]
    assert terms[1:] == sorted(terms[1:], key=lambda term: term.replace("-", ""))
    assert all(len(s.plain.split()) <= 45 for s in said)
    for term in ("donor", "placebo", "90 percent range", "synthetic control", "power", "mfn duty", "hs, naics"):
        assert term in terms
